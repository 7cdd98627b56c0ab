"""What is stored: an entity with a key, a version, the next step to be done with it, and where it is listed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, ClassVar, NamedTuple

from pydantic import BaseModel, ConfigDict

KINDS: dict[str, type[Entity]] = {}


class Entry(NamedTuple):
    """One line of a listing (index): entities of one `partition` are read in the order of `sort`."""

    listing: str
    partition: str
    sort: str


class Searched(NamedTuple):
    """What `search` looks through: a text, and the one of the entity's entries that says when it was.

    The sort of that entry is a `stamp`, and the partitions of its listing follow each other in time.
    """

    entry: Entry
    text: str


class Fact(BaseModel):
    """A small value inside an entity, and the base of every model of ours.

    What checks a model is built when it is first used: a start would pay for two hundred of them and use ten.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)


class Given(Fact):
    """A small value that people send: a misspelt name is refused, not dropped."""

    model_config = ConfigDict(extra="forbid")


class Entity(Fact):
    """Base of everything stored. `version` 0 means not stored yet; the unit of work counts it up.

    `pending` names the next step the worker owes this entity: work is state, saved with the entity itself,
    so that no crash can come between a change and the message that sets off what follows.
    `wake` is when the schedule must look at it again (a clock runs out, a window passes).
    `demo` marks what belongs to the demo company.
    """

    kind: ClassVar[str] = ""

    version: int = 0
    pending: str = ""
    wake: datetime | None = None
    demo: bool = False

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        if cls.kind:
            KINDS[cls.kind] = cls

    @property
    def key(self) -> str:
        """The natural key within its kind."""
        raise AssertionError(f"{type(self).__name__} has no key")

    def entries(self) -> Iterable[Entry]:
        """Where this entity is listed; `adapters/keys.py` has the table of access patterns."""
        return ()

    def searched(self) -> Searched | None:
        """The text it is found by; None when it is not to be found by one."""
        return None


class Event(Fact):
    """Something that happened, named in the past tense; kept inside the thing it happened to."""

    at: datetime
    name: str
    actor: str
    data: dict[str, Any] = {}


class Told(Fact):
    """A number that somebody gave and that was corrected since."""

    value: int
    by: str = ""
    at: datetime | None = None


REMEMBERED = 20
"""How many corrections of one number are kept."""


def stamp(t: datetime) -> str:
    """A time as sort text: milliseconds since 1970, 15 digits, so that text order is time order."""
    return f"{int(t.timestamp() * 1000):015d}"


def utc_now() -> datetime:
    """The time now, aware, UTC."""
    return datetime.now(UTC)
