"""How a route is declared, and the one place where requests become calls and errors become statuses."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar
from urllib.parse import unquote

from chalice.app import Blueprint, Request, Response
from pydantic import BaseModel

from chalicelib.loop import intake_keys
from chalicelib.loop.context import Loop
from chalicelib.model.checked import checked
from chalicelib.model.entity import Given
from chalicelib.model.errors import (
    Busy,
    Conflict,
    Forbidden,
    Invalid,
    LoopError,
    NotFound,
    Unauthenticated,
)
from chalicelib.model.people import Caller, Role, bad_token

B = TypeVar("B", bound=BaseModel)
Roles = frozenset[Role]

SOURCE, AGENT, LEAD, EXECUTIVE, ADMIN = (frozenset({role}) for role in Role)
STAFF = AGENT | LEAD | ADMIN
"""Those who work with contacts and cases."""
LEADS = LEAD | ADMIN
READERS = LEAD | EXECUTIVE | ADMIN
"""Those who look at numbers."""
ANYONE = STAFF | EXECUTIVE
"""Anybody who signed in."""
PUBLIC: Roles = frozenset()
"""Needs no token; a wrong one is refused all the same."""

STATUS: list[tuple[type[LoopError], int]] = [
    (Unauthenticated, 401),
    (Forbidden, 403),
    (NotFound, 404),
    (Conflict, 409),
    (Invalid, 422),
    (Busy, 429),
]
SAFE_HEADERS: dict[str, str | list[str]] = {
    "Content-Type": "application/json; charset=utf-8",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
}
TAKEN = ["application/json", "text/plain", "application/x-www-form-urlencoded"]
"""Bodies are JSON whatever they are called: curl calls them a form."""
LARGEST_BODY = 6_000_000
"""What API Gateway and Lambda let through."""

REQUEST: ContextVar[Request] = ContextVar("REQUEST")
"""The request of this thread: Chalice's own `current_request` is one for all threads."""


@dataclass(frozen=True)
class Route:
    """What is known of a route: enough to serve, document and test it."""

    method: str
    path: str
    roles: Roles
    summary: str
    name: str
    step: str
    body: type[BaseModel] | None
    query: type[BaseModel] | None
    status: int
    html: bool
    media: str
    """What it answers when that is not JSON; empty for JSON and pages."""
    view: Callable[..., Any] = field(repr=False, compare=False)


ROUTES: list[Route] = []


@dataclass(frozen=True)
class Ask:
    """One request, checked: who asks, and what."""

    loop: Loop
    caller: Caller
    body_: BaseModel | None
    query_: BaseModel | None

    def body(self, kind: type[B]) -> B:
        """The request's body as the route declared it."""
        assert isinstance(self.body_, kind)
        return self.body_

    def query(self, kind: type[B]) -> B:
        """The request's query as the route declared it."""
        assert isinstance(self.query_, kind)
        return self.query_


class Door:
    """Where requests get their loop and their caller; `wiring` fills it before the first request."""

    loop: Callable[[], Loop]
    verify: Callable[[Loop, str], Caller]
    issue: Callable[[Caller], tuple[str, datetime]] | None = None
    """Makes a token; None when an outside issuer does."""
    report: Callable[[Route, BaseException], None] = staticmethod(lambda route, error: None)


DOOR = Door()


class Step:
    """Declares the routes of one step of the loop on one blueprint."""

    def __init__(self, name: str) -> None:
        self.name, self.blueprint = name, Blueprint(__name__)

    def route(
        self,
        method: str,
        path: str,
        roles: Roles,
        summary: str,
        *,
        body: type[BaseModel] | None = None,
        query: type[BaseModel] | None = None,
        status: int = 200,
        html: bool = False,
        media: str = "",
    ) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Register a view. `roles` says who may call it; a view gets an `Ask` and its path parameters."""

        def register(view: Callable[..., Any]) -> Callable[..., Any]:
            known = Route(
                method, path, roles, summary, view.__name__, self.name, body, query, status, html, media, view
            )
            ROUTES.append(known)

            def handle(**params: str) -> Response:
                return answer(known, params)

            handle.__name__ = view.__name__
            self.blueprint.route(path, methods=[method], name=view.__name__, content_types=TAKEN)(handle)
            return view

        return register


def answer(route: Route, params: Mapping[str, str]) -> Response:
    """Check who asks, then what is asked, call the view, and turn what comes back into a response."""
    try:
        request = REQUEST.get()
        loop = DOOR.loop()
        caller = _caller(route, loop, request.headers.get("authorization", ""))
        may(route, caller)
        path = {name: unquote(value) for name, value in params.items()}
        result = perform(route, loop, caller, path, _query(request), _body(request) if route.body else {})
    except LoopError as error:
        return refuse(error)
    except Exception as error:
        DOOR.report(route, error)
        return _internal()
    return result if isinstance(result, Response) else respond(result, route.status)


def perform(
    route: Route,
    loop: Loop,
    caller: Caller,
    path: Mapping[str, str],
    query: Mapping[str, Any],
    body: Mapping[str, Any],
) -> Any:
    """Do what a route does for a known caller; the command line comes in here too."""
    may(route, caller)
    ask = Ask(
        loop,
        caller,
        checked(route.body, body) if route.body else None,
        checked(route.query or Nothing, query, "query"),
    )
    return route.view(ask, **path)


class Body(Given):
    """Base of request bodies: unknown fields are refused."""


class Nothing(Given):
    """The query of routes that take none."""


def may(route: Route, caller: Caller) -> None:
    """Forbidden unless the caller's role may call the route; asked before anything else is looked at."""
    if route.roles and caller.role not in route.roles:
        raise Forbidden("role", "您的角色不能这样做", "your role may not do this", "role")


NOBODY = Caller("", Role.AGENT)


def _caller(route: Route, loop: Loop, header: str) -> Caller:
    if not header and not route.roles:
        return NOBODY
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise bad_token()
    token = token.strip()
    return (
        intake_keys.caller_of(loop, token)
        if token.startswith(intake_keys.PREFIX)
        else DOOR.verify(loop, token)
    )


def _body(request: Request) -> dict[str, Any]:
    raw = request.raw_body
    if len(raw) > LARGEST_BODY:
        raise Invalid(
            "body.large", "请求太大，请分批发送", "the request is too large; send it in parts", "body"
        )
    try:
        data = json.loads(raw or b"{}")
    except (ValueError, RecursionError):
        raise Invalid(
            "body.json", "请求体不是有效的 JSON（UTF-8）", "the body is not valid JSON in UTF-8", "body"
        ) from None
    if b"\\u" in raw and (where := _half_character(data)) is not None:
        raise Invalid(
            "body.text",
            "文字里有半个字符，请检查编码",
            "half a character; check the encoding",
            where or "body",
        )
    if not isinstance(data, dict):
        raise Invalid("body.object", "请求体应为 JSON 对象", "the body must be a JSON object", "body")
    return data


def _half_character(data: Any, path: str = "") -> str | None:
    """Where a text cannot be stored because it holds a lone surrogate; None when there is none."""
    if isinstance(data, str):
        return path if any("\ud800" <= c <= "\udfff" for c in data) else None
    named = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for name, value in named:
        known = str(name) if str(name).isidentifier() and str(name).isascii() else "…"
        if _half_character(str(name)) is not None:
            return path
        if (found := _half_character(value, f"{path}.{known}".lstrip("."))) is not None:
            return found
    return None


def _query(request: Request) -> dict[str, Any]:
    given = request.query_params
    return {name: given.getlist(name)[-1] for name in given} if given else {}


def respond(result: Any, status: int = 200) -> Response:
    """Any model, list of models or plain value as JSON."""
    return Response(json.dumps(plain(result), ensure_ascii=False, default=str), dict(SAFE_HEADERS), status)


HIDDEN = {
    "password",
    "sealed",
    "fingerprint",
    "aliases",
    "pending",
    "wake",
    "tokens_from",
    "failures",
    "locked_until",
}
"""Fields that no response carries."""


def plain(result: Any) -> Any:
    """Models as dictionaries without what only the store needs; moments in one form wherever they stand."""
    if isinstance(result, BaseModel):
        hidden = HIDDEN & set(type(result).model_fields)
        return result.model_dump(mode="json", exclude=hidden)
    if isinstance(result, datetime):
        return result.isoformat().replace("+00:00", "Z")
    if isinstance(result, Mapping):
        return {key: plain(value) for key, value in result.items()}
    if isinstance(result, (list, tuple)) and not hasattr(result, "_asdict"):
        return [plain(value) for value in result]
    return plain(result._asdict()) if hasattr(result, "_asdict") else result


def refuse(error: LoopError) -> Response:
    """The one place where an error's type becomes a status."""
    status = next((s for kind, s in STATUS if isinstance(error, kind)), 400)
    headers = dict(SAFE_HEADERS)
    if status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return Response(error_body(error.code, error.zh, error.en, error.where), headers, status)


def error_body(code: str, zh: str, en: str, where: str = "") -> str:
    """The JSON of a refusal."""
    return json.dumps({"error": {"code": code, "zh": zh, "en": en, "where": where}}, ensure_ascii=False)


def _internal() -> Response:
    zh, en = "系统出错，已记录；请稍后再试", "something broke and was recorded; try again later"
    return Response(error_body("internal", zh, en), dict(SAFE_HEADERS), 500)
