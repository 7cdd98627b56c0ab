"""A real browser on the real pages, in front of the whole loop: nothing between them is replaced."""

from __future__ import annotations

import os
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import waitress
from argon2 import PasswordHasher
from playwright.sync_api import Browser, BrowserContext, Page, Request, expect
from waitress import wasyncore

import app as chalice_app
from chalicelib.bench import site as bench
from chalicelib.host import Gateway
from chalicelib.loop import admin
from chalicelib.loop.context import Loop
from chalicelib.loop.worker import drain
from chalicelib.pages import Pages

PASSWORD = "test-" + "password"
PATIENCE = 30_000
"""Milliseconds a step may take on a busy machine; what works answers at once."""
expect.set_options(timeout=PATIENCE)

EXPECTED = ("401 (Unauthorized)", "404 (Not Found)", "409 (Conflict)", "422 (", "net::ERR_")
"""What the browser itself notes of an answer that the pages handle."""


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium."""
    if not bench.chromium():
        pytest.skip("chromium is missing: sudo apt-get install chromium fonts-wqy-microhei")
    with bench.browser() as started:
        yield started


@pytest.fixture(scope="session")
def pages() -> Pages:
    """The built pages."""
    folder = os.environ.get("VOC_WEB")
    if not folder:
        pytest.skip("the web pages are not built: run ./voc test, which builds them")
    return Pages(Path(folder))


@pytest.fixture(scope="session")
def hashed() -> str:
    """PASSWORD, hashed at the least cost: signing in is the beginning of every test here, not what it is about."""
    return PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)


@dataclass
class Site:
    """A running service."""

    gateway: Gateway
    loop: Loop
    port: int = 0
    server: Any = None
    serving: Any = None

    @property
    def address(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}/"

    def start(self) -> None:
        """Listen, on the same port as before."""
        self.server = waitress.create_server(
            self.gateway, host="127.0.0.1", port=self.port, threads=6, ident=None
        )
        self.port = self.server.effective_port
        self.serving = threading.Thread(target=self.server.run, daemon=True)
        self.serving.start()

    def stop(self) -> None:
        """Answer no more, on connections that are open neither."""
        self.server.trigger.pull_trigger(lambda: wasyncore.close_all(self.server._map))
        self.serving.join(10)
        self.server.task_dispatcher.shutdown()

    def work(self) -> None:
        """Do what is owed, as the worker does."""
        drain(self.loop)


@pytest.fixture
def site(api: Any, loop: Loop, pages: Pages, hashed: str) -> Iterator[Site]:
    """The app on `loop` with the built pages; everybody has PASSWORD."""
    for user in admin.users(loop):
        admin.save_user(loop, user.name, password_hash=hashed)
    running = Site(Gateway(chalice_app.app, lambda: b"", pages), loop)
    running.start()
    yield running
    running.stop()


Person = Callable[[], BrowserContext]
UnderWay = dict[Page, set[Request]]
AtRest = Callable[[Page], None]
FRAMES = "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
"""Whatever an answer leads to has been done in the page, and what is asked for next has been asked."""


@pytest.fixture
def under_way() -> UnderWay:
    """What each page has asked for and has no answer to yet."""
    return defaultdict(set)


@pytest.fixture
def at_rest(under_way: UnderWay) -> AtRest:
    """Wait until every answer has come, so that what is done next meets none of them."""

    def at_rest(page: Page) -> None:
        end, quiet = time.monotonic() + PATIENCE / 1000, 0
        while quiet < 2:
            page.evaluate(FRAMES)
            quiet = 0 if under_way[page] else quiet + 1
            assert time.monotonic() < end, f"no answer to {[one.url for one in under_way[page]]}"

    return at_rest


@pytest.fixture
def person(browser: Browser, under_way: UnderWay) -> Iterator[Person]:
    """Browsers of people in Shanghai, each with its own storage; whatever a console says is an error."""
    opened: list[BrowserContext] = []
    said: list[str] = []

    def follow(page: Page) -> None:
        asked = under_way[page]
        page.on("request", lambda one: asked.add(one))
        page.on("requestfinished", lambda one: asked.discard(one))
        page.on("requestfailed", lambda one: asked.discard(one))

    def person() -> BrowserContext:
        context = bench.person(browser)
        opened.append(context)
        context.on("page", follow)
        context.set_default_timeout(PATIENCE)
        context.on("console", lambda message: said.append(f"{message.type}: {message.text}"))
        context.on("weberror", lambda error: said.append(str(error.error)))
        return context

    yield person
    for context in opened:
        context.close()
    assert not [one for one in said if not any(word in one for word in EXPECTED)]


@pytest.fixture
def context(person: Person) -> BrowserContext:
    """The browser of one person."""
    return person()


def sign_out(page: Page) -> None:
    """Sign out where nothing unsent is asked about; the page has begun anew."""
    page.get_by_role("button", name="退出").click()
    expect(page.get_by_role("heading", name="登录")).to_be_visible()


SignIn = Callable[..., Page]
Form = Callable[[], Page]


@pytest.fixture
def sign_in(site: Site, context: BrowserContext) -> SignIn:
    """Open the pages and sign in as one of the users."""

    def sign_in(name: str, where: str = "") -> Page:
        return bench.sign_in(context, site.address, name, PASSWORD, where)

    return sign_in


@pytest.fixture
def form(sign_in: SignIn, clock: Any) -> Form:
    """Sign in as an agent at the form, at the loop's time; keys work from here on."""

    def form() -> Page:
        page = sign_in("agent")
        page.clock.set_fixed_time(clock.now)
        page.reload()
        expect(page.locator("textarea")).to_be_focused()
        return page

    return form
