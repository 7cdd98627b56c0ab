"""The embedded host: HTTP, worker and schedule in one process, feeding the very handlers Lambda runs."""

from __future__ import annotations

import base64
import threading
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any

from aws_lambda_powertools import Logger
from chalice.app import Chalice
from chalice.local import LambdaEventConverter, RouteMatcher

from chalicelib.api.routing import LARGEST_BODY, SAFE_HEADERS, error_body
from chalicelib.loop.context import Loop
from chalicelib.loop.robots.telling import tell_when_due
from chalicelib.loop.schedule import study, tick
from chalicelib.loop.worker import batch_size, work
from chalicelib.model.errors import describe
from chalicelib.pages import Pages

LOG = Logger(service="huisheng")
IDLE = 0.2
"""Seconds the worker rests when nothing is owed."""
EVERY = 20.0
"""Seconds between two looks of the schedule."""
THREADS = 8

Answer = tuple[int, dict[str, str], bytes]
StartResponse = Callable[[str, list[tuple[str, str]]], object]


class Gateway:
    """A WSGI application that turns requests into API Gateway's events and hands them to the Chalice app.

    Paths may begin with /api, as they do behind the distribution on AWS. The built web pages come from the same
    address; without them `home` is the start page.
    """

    def __init__(self, app: Chalice, home: Callable[[], bytes], pages: Pages | None = None) -> None:
        self._app, self._home, self._pages = app, home, pages
        self._convert = LambdaEventConverter(RouteMatcher(list(app.routes)))

    def __call__(self, environ: dict[str, Any], start: StartResponse) -> Iterable[bytes]:
        status, headers, body = self._answer(environ)
        start(f"{status} {HTTPStatus(status).phrase}", [*headers.items(), ("Content-Length", str(len(body)))])
        return [body]

    def _answer(self, environ: dict[str, Any]) -> Answer:
        method, path = environ["REQUEST_METHOD"], environ.get("PATH_INFO", "/").encode("latin-1")
        shown = path.decode("utf-8", "replace")
        if method in ("GET", "HEAD") and (page := self._page(shown, environ)):
            return page
        target = shown.removeprefix("/api") if shown.startswith("/api/") else shown
        if int(environ.get("CONTENT_LENGTH") or 0) > LARGEST_BODY:
            return _problem(
                413, "body.large", "请求太大，请分批发送", "the request is too large; send it in parts"
            )
        try:
            event = self._convert.create_lambda_event(
                method, _with_query(target, environ), _headers(environ), environ["wsgi.input"].read()
            )
        except ValueError:
            return _problem(
                404, "route.not_found", "没有这个地址，见 /docs", "there is no such address; see /docs"
            )
        if (
            event["requestContext"]["httpMethod"]
            not in self._app.routes[event["requestContext"]["resourcePath"]]
        ):
            return _problem(
                405,
                "route.method",
                "这个地址不支持该方法，见 /docs",
                "this address does not take that method; see /docs",
            )
        return _plain(self._app(event, None))

    def _page(self, path: str, environ: dict[str, Any]) -> Answer | None:
        if self._pages and (file := self._pages.find(path)):
            if "gzip" in environ.get("HTTP_ACCEPT_ENCODING", ""):
                return 200, {**file.headers, "Content-Encoding": "gzip"}, file.packed
            return 200, file.headers, file.body
        return (200, PAGE_HEADERS, self._home()) if path in ("/", "/index.html") else None


PAGE_HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
}


def _with_query(path: str, environ: dict[str, Any]) -> str:
    query = environ.get("QUERY_STRING", "")
    return f"{path.replace('?', '%3F')}?{query}" if query else path.replace("?", "%3F")


def _headers(environ: dict[str, Any]) -> dict[str, str]:
    named = {k[5:].replace("_", "-"): v for k, v in environ.items() if k.startswith("HTTP_")}
    return {**named, "content-type": environ.get("CONTENT_TYPE") or "application/json"}


def _plain(answer: dict[str, Any]) -> Answer:
    many = {k: v[-1] for k, v in answer.get("multiValueHeaders", {}).items()}
    body = answer.get("body") or ""
    raw = base64.b64decode(body) if answer.get("isBase64Encoded") else body.encode()
    return answer["statusCode"], {**many, **answer.get("headers", {})}, raw


def _problem(status: int, code: str, zh: str, en: str) -> Answer:
    return status, {k: str(v) for k, v in SAFE_HEADERS.items()}, error_body(code, zh, en).encode()


class Background:
    """The worker, the schedule, the study and the robots as threads; a broken round is logged and the next one goes on."""

    def __init__(self, loop: Loop, after_tick: Callable[[], None] = lambda: None) -> None:
        self._loop, self._stop, self._after_tick = loop, threading.Event(), after_tick
        rounds = (
            ("worker", self._work, IDLE),
            ("schedule", self._tick, EVERY),
            ("study", self._study, EVERY),
            ("robots", self._tell, EVERY),
        )
        self._threads = [threading.Thread(target=self._run, args=r, name=r[0], daemon=True) for r in rounds]

    def start(self) -> None:
        """Begin."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """End after the step in hand."""
        self._stop.set()
        for thread in self._threads:
            thread.join(timeout=30)

    def _run(self, name: str, do: Callable[[], bool], pause: float) -> None:
        while not self._stop.is_set():
            try:
                again = do()
            except Exception as error:
                LOG.error(f"{name} failed", error=describe(error))
                again = False
            if not again:
                self._stop.wait(pause)

    def _work(self) -> bool:
        claimed = self._loop.store.due(self._loop.clock(), batch_size(self._loop))
        if claimed:
            work(self._loop, claimed)
        return bool(claimed)

    def _tick(self) -> bool:
        tick(self._loop)
        self._after_tick()
        return False

    def _tell(self) -> bool:
        tell_when_due(self._loop)
        return False

    def _study(self) -> bool:
        study(self._loop)
        return False
