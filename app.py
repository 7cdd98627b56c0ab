"""The Chalice app: registers blueprints and handlers, nothing more."""

from chalicelib.api import entry
from chalicelib.events import background

app = entry.app
for module in entry.PATHS:
    entry.register(module)
app.register_blueprint(background)
