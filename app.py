"""The Chalice app: registers blueprints and handlers, nothing more."""

from chalice import Chalice

from chalicelib.api import (
    admin,
    company,
    describe,
    export,
    imports,
    keys,
    ledger,
    letters,
    listen,
    numbers,
    overview,
    own,
    promises,
    proposals,
    quality,
    repeat,
    robots,
    taggers,
    whys,
)
from chalicelib.api.files import PDF
from chalicelib.api.middleware import observe
from chalicelib.events import background

app = Chalice(app_name="huisheng")
app.api.binary_types.append(PDF)
app.register_middleware(observe, "http")
for part in (
    admin.session,
    listen.step,
    imports.step,
    taggers.step,
    quality.step,
    promises.step,
    own.step,
    numbers.focus,
    proposals.focus,
    numbers.measuring,
    overview.measuring,
    export.step,
    ledger.step,
    own.coordinate,
    numbers.track,
    whys.track,
    overview.track,
    repeat.step,
    proposals.repeat,
    admin.step,
    letters.step,
    company.step,
    keys.step,
    robots.step,
    describe.step,
):
    app.register_blueprint(part.blueprint)
app.register_blueprint(background)
