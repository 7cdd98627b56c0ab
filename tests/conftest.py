"""A whole loop in memory, with a clock that tests turn, and the app in front of it."""

from __future__ import annotations

import gc
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from moto import mock_aws

import app as chalice_app
from chalicelib.adapters.tokens import OwnTokens
from chalicelib.adapters.vault import KeyVault
from chalicelib.api.routing import DOOR
from chalicelib.host import Gateway
from chalicelib.loop.context import Loop
from chalicelib.loop.signin import caller_of
from chalicelib.model.people import Caller, Role, User
from chalicelib.nlp.taggers import phrase_warnings
from chalicelib.ports import Store
from chalicelib.wiring import analyser_for
from tests.stores import dynamo_store, moto_client, sqlite_store

# A busy machine fails no property, and every run draws the same examples.
settings.register_profile(
    "same", deadline=None, derandomize=True, database=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("same")

WEDNESDAY = datetime(2026, 11, 18, 2, 0, tzinfo=UTC)
"""2026-11-18 10:00 in Shanghai, an ordinary working day of week 2026-W47."""


def pytest_collection_finish() -> None:
    """All tests and all they import stay to the end: the garbage collector need not look through them again and
    again while moto copies its tables."""
    gc.collect()
    gc.freeze()


class Clock:
    """Time that stands still until a test moves it."""

    def __init__(self, now: datetime = WEDNESDAY) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **delta: float) -> datetime:
        """Move on, by what timedelta takes."""
        self.now += timedelta(**delta)
        return self.now


USERS = {
    "agent": (Role.AGENT, ()),
    "lead.logistics": (Role.LEAD, ("logistics",)),
    "lead.quality": (Role.LEAD, ("quality",)),
    "lead.service": (Role.LEAD, ("service", "aftersales")),
    "exec": (Role.EXECUTIVE, ()),
    "admin": (Role.ADMIN, ()),
}


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def vault() -> KeyVault:
    return KeyVault(b"k" * 32)


@pytest.fixture
def store(request: pytest.FixtureRequest) -> Iterator[Store]:
    """SQLite in memory, or what the test names by `parametrize("store", [...], indirect=True)`."""
    if getattr(request, "param", "sqlite") == "sqlite":
        with sqlite_store() as empty:
            yield empty
    else:
        with mock_aws(), dynamo_store(moto_client()) as empty:
            yield empty


@pytest.fixture
def loop(clock: Clock, vault: KeyVault, store: Store) -> Loop:
    """A store, the real analyser, users of each role."""
    loop = Loop(store, vault, analyser_for, clock, phrase_warnings=phrase_warnings)

    def people(unit: Any) -> None:
        for name, (role, departments) in USERS.items():
            unit.put(User(name=name, role=role, departments=departments))

    loop.change(people)
    return loop


@pytest.fixture
def people() -> dict[str, Caller]:
    return {name: Caller(name, role, departments) for name, (role, departments) in USERS.items()}


@dataclass
class Answer:
    """What came back over HTTP."""

    status: int
    headers: dict[str, str]
    raw: bytes

    @property
    def text(self) -> str:
        return self.raw.decode(errors="replace")

    @property
    def json(self) -> Any:
        return json.loads(self.text)


class Api:
    """Calls the app as the embedded host does, token included."""

    def __init__(self, loop: Loop, tokens: OwnTokens) -> None:
        self._loop, self._tokens = loop, tokens
        self._gateway = Gateway(chalice_app.app, lambda: b"home")

    def token(self, name: str) -> str:
        """A token for one of USERS."""
        role, departments = USERS[name]
        return self._tokens.issue(name, role, departments, self._loop.clock())[0]

    def __call__(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        user: str | None = "admin",
        headers: dict[str, str] | None = None,
    ) -> Answer:
        raw = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        bare, _, query = path.partition("?")
        environ: dict[str, Any] = {
            "REQUEST_METHOD": method,
            "PATH_INFO": bare.encode().decode("latin-1"),
            "QUERY_STRING": query,
            "CONTENT_LENGTH": str(len(raw)),
            "CONTENT_TYPE": "application/json",
            "wsgi.input": BytesIO(raw),
        }
        if user:
            environ["HTTP_AUTHORIZATION"] = f"Bearer {self.token(user)}"
        for name, value in (headers or {}).items():
            environ["HTTP_" + name.upper().replace("-", "_")] = value
        seen: list[Any] = []
        body_out = b"".join(self._gateway(environ, lambda status, pairs: seen.append((status, pairs))))
        status, pairs = seen[0]
        return Answer(int(status.split()[0]), dict(pairs), body_out)


@pytest.fixture
def api(loop: Loop, vault: KeyVault) -> Iterator[Api]:
    """The app on `loop`; tokens are checked for real."""
    tokens = OwnTokens(vault.token_key)

    def verify(loop: Loop, token: str) -> Caller:
        said = tokens.verify(token, now=loop.clock())
        return caller_of(loop, said.name, said.issued)

    def issue(caller: Caller) -> tuple[str, datetime]:
        return tokens.issue(caller.name, caller.role, caller.departments, loop.clock())

    failures: list[BaseException] = []
    DOOR.loop, DOOR.verify, DOOR.issue = lambda: loop, verify, issue
    DOOR.report = lambda route, error: failures.append(error)
    yield Api(loop, tokens)
    for name in ("loop", "verify", "issue", "report"):
        delattr(DOOR, name)
    assert not failures, f"a route broke: {failures[0]!r}"


Call = Callable[..., Answer]
