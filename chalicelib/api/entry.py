"""The way in: Chalice's app, and which module answers which paths, so that a request waits for no other module.

`app.py` registers all of them, for the embedded host and for packaging. On Lambda `on_http` does as they are asked
for: a function that was just started answers its first request after importing a fifth of them.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import Any

from chalice.app import Chalice

from chalicelib.api.files import PDF
from chalicelib.api.middleware import observe
from chalicelib.api.routing import Step

PATHS = {
    "session": "session",
    "listen": "andons contacts customers imports orders readings voices",
    "imports": "imports",
    "taggers": "taggers",
    "quality": "blind contacts label-quality review",
    "promises": "promises",
    "own": "cases colleagues notices queue",
    "numbers": "causes denominators focus imports matrix metrics projects registry series trend",
    "proposals": "discoveries proposals sudden-words",
    "overview": "alarms baselines chart completeness health-of-loop imports overview skyline source-counts"
    " sparklines split",
    "export": "export.csv",
    "ledger": "disputes ledger",
    "whys": "projects",
    "repeat": "callbacks cycles imports",
    "admin": "customers dead-letters privacy receipts settings status taxonomy users",
    "company": "calendar customers demo taxonomy",
    "keys": "keys",
    "robots": "robots",
    "describe": "docs health openapi.json",
}
"""Module -> the first parts of the paths that need it; `imports` asks each kind of file's own route who may send it."""
WHOLE = ("docs", "openapi.json")
"""What tells of all routes."""

app = Chalice(app_name="huisheng")
app.api.binary_types.append(PDF)
app.register_middleware(observe, "http")


def on_http(event: dict[str, Any], context: Any) -> Any:
    """API Gateway's requests."""
    resource = event.get("requestContext", {}).get("resourcePath") or "/"
    for module in modules(resource.split("/")[1]):
        register(module)
    return app(event, context)


def modules(first: str) -> list[str]:
    """The modules that paths need which begin with this part."""
    return [name for name, parts in PATHS.items() if first in WHOLE or first in parts.split()]


@cache
def register(module: str) -> None:
    """Import a module of routes, once; its routes are the app's from then on."""
    for one in vars(import_module(f"chalicelib.api.{module}")).values():
        if isinstance(one, Step):
            app.register_blueprint(one.blueprint)
