"""What is done around every request: remember it for its thread, log it without a word of its content."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from aws_lambda_powertools import Logger
from chalice.app import CaseInsensitiveMapping, Request, Response

from chalicelib.api.routing import DOOR, REQUEST, SAFE_HEADERS, Route, error_body
from chalicelib.model.errors import describe
from chalicelib.wiring import system

LOG = Logger(service="huisheng")


def observe(request: Request, get_response: Callable[[Request], Any]) -> Any:
    """Chalice middleware: route pattern, status and milliseconds; never a path, body or header."""
    if not hasattr(DOOR, "loop"):
        open_door()
    if "accept" not in request.headers:  # who does not say takes anything; Chalice would send no file
        request.headers = CaseInsensitiveMapping({**request.headers, "accept": "*/*"})
    token = REQUEST.set(request)
    started = time.perf_counter()
    try:
        response = get_response(request)
    finally:
        REQUEST.reset(token)
    if isinstance(response, Response) and response.status_code == 415:  # Chalice's own, in its own shape
        zh, en = (
            "请求体应为 JSON，Content-Type 用 application/json",
            "send JSON with Content-Type application/json",
        )
        response = Response(error_body("body.type", zh, en, "Content-Type"), dict(SAFE_HEADERS), 415)
    status = response.status_code if isinstance(response, Response) else 200
    route = request.context.get("resourcePath", "")
    spent = round((time.perf_counter() - started) * 1000, 1)
    LOG.debug("request", method=request.method, route=route, status=status, ms=spent)
    return response


def open_door() -> None:
    """Give the routes this process's system."""
    parts = system()
    DOOR.loop = lambda: parts.loop
    DOOR.verify = parts.verify
    DOOR.issue = parts.issue if parts.own_tokens else None
    DOOR.report = report


def report(route: Route, error: BaseException) -> None:
    """Log an unexpected error by type and place; its message may hold data, so it stays out."""
    known = error if isinstance(error, Exception) else RuntimeError()
    LOG.error("failed", route=f"{route.method} {route.path}", error=describe(known))
