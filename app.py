"""The Chalice app: registers blueprints and handlers, nothing more."""

from chalice import Chalice

from chalicelib.api import admin, describe, ledger, listen, numbers, own, proposals, quality, repeat, taggers
from chalicelib.api.middleware import observe
from chalicelib.events import background

app = Chalice(app_name="huisheng")
app.register_middleware(observe, "http")
for part in (
    admin.session,
    listen.step,
    taggers.step,
    quality.step,
    own.step,
    numbers.focus,
    proposals.focus,
    numbers.measuring,
    ledger.step,
    own.coordinate,
    numbers.track,
    repeat.step,
    proposals.repeat,
    admin.step,
    describe.step,
):
    app.register_blueprint(part.blueprint)
app.register_blueprint(background)
