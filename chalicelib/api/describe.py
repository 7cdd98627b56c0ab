"""The API describes itself: OpenAPI 3.1, and the same as a page for people."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from html import escape
from typing import Any

from chalice.app import Response
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from chalicelib.api.routing import PUBLIC, REQUEST, ROUTES, SAFE_HEADERS, Ask, Route, Step
from chalicelib.model.people import Role

VERSION = "0.1.0"
step = Step("about")
STEPS = ("sign-in", "listen", "own", "focus", "measure", "coordinate", "track", "repeat", "admin", "about")
REF = "#/components/schemas/{model}"
ERROR = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["code", "zh", "en", "where"],
            "properties": {name: {"type": "string"} for name in ("code", "zh", "en", "where")},
        }
    },
}
REFUSALS = {
    "401": "No token, or not a valid one",
    "403": "The role may not do this",
    "404": "There is no such thing, or none this caller may know of",
    "409": "Somebody else was faster, or the state does not allow it",
    "422": "The input cannot be taken as it is",
}


def openapi() -> dict[str, Any]:
    """The OpenAPI 3.1 document of all routes."""
    models = [m for r in ROUTES for m in (r.body, r.query) if m]
    unique: list[type[BaseModel]] = list(dict.fromkeys(models))
    _, schemas = models_json_schema([(m, "validation") for m in unique], ref_template=REF)
    paths: dict[str, dict[str, Any]] = {}
    for route in ROUTES:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "回声 Huisheng",
            "version": VERSION,
            "summary": "The voice-of-customer feedback loop",
        },
        "servers": [{"url": "/"}],
        "tags": [{"name": name} for name in STEPS],
        "paths": dict(sorted(paths.items())),
        "components": {
            "schemas": {**schemas.get("$defs", {}), "Error": ERROR},
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
        },
    }


def _operation(route: Route) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": route.name,
        "summary": route.summary,
        "tags": [route.step],
        "description": _who(route),
        "parameters": [*_path_parameters(route), *_query_parameters(route)],
        "responses": _responses(route),
        "security": [] if route.roles == PUBLIC else [{"token": []}],
    }
    if route.body:
        schema = {"$ref": REF.format(model=route.body.__name__)}
        operation["requestBody"] = {"required": True, "content": {"application/json": {"schema": schema}}}
    return operation


def _who(route: Route) -> str:
    return "Roles: " + (", ".join(r for r in Role if r in route.roles) or "anybody")


def _path_parameters(route: Route) -> Iterable[dict[str, Any]]:
    for name in re.findall(r"{(\w+)}", route.path):
        yield {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}


def _query_parameters(route: Route) -> Iterable[dict[str, Any]]:
    if route.query:
        shape = route.query.model_json_schema(ref_template=REF)
        for name, schema in shape["properties"].items():
            yield {
                "name": name,
                "in": "query",
                "required": name in shape.get("required", ()),
                "schema": schema,
            }


def _responses(route: Route) -> dict[str, Any]:
    kind = "text/html" if route.html else route.media or "application/json"
    good = {
        "description": "Done",
        "content": {kind: {"schema": {"type": "object" if kind == "application/json" else "string"}}},
    }
    error = {"application/json": {"schema": {"$ref": REF.format(model="Error")}}}
    bad = {status: {"description": text, "content": error} for status, text in REFUSALS.items()}
    return {str(route.status): good, **bad}


@step.route("GET", "/openapi.json", PUBLIC, "This API as OpenAPI 3.1")
def openapi_document(ask: Ask) -> Any:
    return openapi()


@step.route("GET", "/docs", PUBLIC, "This API as a page for people", html=True)
def readable_page(ask: Ask) -> Any:
    return html(page(_origin()))


@step.route("GET", "/health", PUBLIC, "Whether the service answers")
def health(ask: Ask) -> Any:
    return {"ok": True, "version": VERSION}


STYLE = (
    "body{font:14px/1.6 'PingFang SC','Microsoft YaHei','Noto Sans CJK SC',sans-serif;max-width:60rem;"
    "margin:2rem auto;padding:0 1rem;color:#1c2430;background:#fff}"
    "h2{margin-top:2rem;border-bottom:1px solid #c9d1da}code,pre{font:13px/1.5 monospace;background:#f3f5f8}"
    "pre{padding:.5rem;overflow:auto}summary{cursor:pointer}details{margin:.4rem 0}"
    ".m{display:inline-block;min-width:4.5rem;font-weight:600;color:#1f4f96}"
)


def html(text: str) -> Response:
    """A page under a policy that allows nothing but its own style."""
    policy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    headers = {**SAFE_HEADERS, "Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": policy}
    return Response(text, headers, 200)


HERE = "http://127.0.0.1:8000"
_HOST = re.compile(r"(?:[A-Za-z0-9.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?")


def _origin() -> str:
    """Where this request came in, when its headers name a plain host."""
    request = REQUEST.get(None)
    headers = request.headers if request else {}
    host = headers.get("host", "")
    if not _HOST.fullmatch(host):
        return HERE
    return f"{'https' if headers.get('x-forwarded-proto') == 'https' else 'http'}://{host}"


def page(origin: str = HERE) -> str:
    """All routes by step, each with who may call it, what it takes and a line to try it."""
    parts = [
        f"<!doctype html><html lang=zh-CN><meta charset=utf-8><title>回声 API</title><style>{STYLE}</style>"
    ]
    parts.append(
        "<h1>回声 Huisheng API</h1><p>机器可读 machine-readable: <a href=openapi.json>openapi.json</a></p>"
    )
    parts.append("<p>先取令牌 get a token first:</p>" + _try("POST", f"{origin}/session", SIGN_IN, False))
    for name in STEPS:
        routes = [r for r in ROUTES if r.step == name]
        parts.append(f"<h2>{escape(name)}</h2>" + "".join(_section(r, origin) for r in routes))
    return "\n".join(parts)


SIGN_IN = '{"name": "NAME", "password": "PASSWORD"}'


def _section(route: Route, origin: str) -> str:
    shapes = "".join(_shape(label, m) for label, m in (("query", route.query), ("body", route.body)) if m)
    line = _try(route.method, origin + route.path, _sample(route), route.roles != PUBLIC)
    head = f"<span class=m>{route.method}</span> <code>{escape(route.path)}</code> {escape(route.summary)}"
    return f"<details><summary>{head}</summary><p>{escape(_who(route))}</p>{shapes}{line}</details>"


def _sample(route: Route) -> str:
    """A body to start from: what is required; for signing in, which requires nothing in form, both fields."""
    if route.path == "/session" and route.method == "POST":
        return SIGN_IN
    return json.dumps(dict.fromkeys(_needed(route.body), "…"), ensure_ascii=False) if route.body else ""


def _needed(model: type[BaseModel] | None) -> list[str]:
    return [n for n, f in model.model_fields.items() if f.is_required()] if model else []


def _shape(label: str, model: type[BaseModel]) -> str:
    rows = []
    for name, field in model.model_fields.items():
        need = "必填 required" if field.is_required() else "可选 optional"
        said = f" — {field.description}" if field.description else ""
        rows.append(f"<li><code>{escape(name)}</code> {need}{escape(said)}</li>")
    return f"<p>{label}: {escape(model.__doc__ or '')}</p><ul>{''.join(rows)}</ul>"


def _try(method: str, address: str, body: str, token: bool) -> str:
    parts = ["curl", "-X", method, address]
    parts += ["-H 'Authorization: Bearer TOKEN'"] if token else []
    parts += [f"-H 'Content-Type: application/json' -d '{body}'"] if body else []
    return f"<pre>{escape(' '.join(parts))}</pre>"
