"""Keys, clocks, chats, buckets and queues."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import NamedTuple, Protocol

from chalicelib.model.letters import Letter


class Vault(Protocol):
    """Keeps what must not be readable: seals texts, and turns identifiers into digests."""

    def seal(self, text: str, about: str) -> str:
        """Encrypt; `about` is bound to the result and needed to open it."""
        ...

    def open(self, sealed: str, about: str) -> str:
        """Decrypt. Raises errors.Invalid when it was changed or belongs to something else."""
        ...

    def digest(self, value: str) -> str:
        """A keyed, irreversible, stable name of a value (26 characters, a-z2-7)."""
        ...


class Clock(Protocol):
    """Tells the time; tests and the demo company hand in their own."""

    def __call__(self) -> datetime:
        """Now, aware."""
        ...


class Sent(NamedTuple):
    """What a group chat answered: "0" is success, whatever the HTTP status; `too_often` asks for patience."""

    code: str
    too_often: bool = False

    @property
    def fine(self) -> bool:
        """Whether the message is in the chat."""
        return self.code == "0"


class Messenger(Protocol):
    """Speaks to group chats, and to no other host than the address names."""

    def send(self, platform: str, address: str, secret: str, text: str, now: datetime) -> Sent:
        """Send a text. Never raises for what the other side does: that is a code."""
        ...


class Drop(Protocol):
    """Where other systems leave files, by name. Repeating any of it changes nothing."""

    def fetch(self, name: str, path: Path) -> str:
        """Copy the file to disk; a mark of this content, "" when it is not there."""
        ...

    def read(self, name: str) -> bytes | None:
        """A small file's content; None when it is not there."""
        ...

    def put(self, name: str, content: bytes) -> None:
        """Have this content under this name."""
        ...

    def remove(self, name: str, mark: str) -> None:
        """Have it no more, unless it is another one by now."""
        ...


class Uploads(Protocol):
    """A bucket that browsers may be let at, a file at a time; there is none beside the embedded store."""

    def offer(self, name: str, most: int, seconds: int) -> tuple[str, dict[str, str]]:
        """Let somebody put one file of at most so many bytes there under this name, for a while: the address of a form
        and its fields, after which the file comes."""
        ...

    def link(self, name: str, seconds: int) -> str:
        """An address where a file can be fetched for a while."""
        ...

    def read(self, name: str) -> bytes | None:
        """A small file's content; None when it is not there."""
        ...


class Bucket(Drop, Uploads, Protocol):
    """The one bucket that is both."""


class DeadQueues(Protocol):
    """Dead-letter queues by short names; there are none beside the embedded store. Messages that are taken are hidden from others for a minute or so."""

    def counts(self) -> dict[str, int]:
        """Queue -> about how many messages lie there."""
        ...

    def sends(self, queue: str) -> bool:
        """Whether what lies there can be sent again; else it only tells of what failed."""
        ...

    def take(self, queue: str, most: int) -> list[Letter]:
        """Some of them, hidden from now on."""
        ...

    def release(self, queue: str, letters: Sequence[Letter]) -> None:
        """Show them again."""
        ...

    def again(self, queue: str, letters: Sequence[Letter]) -> list[Letter]:
        """Send them where they came from, then remove them; those that were sent. After a crash in between they are
        in both places: taking a contact twice counts it once."""
        ...

    def discard(self, queue: str, letters: Sequence[Letter]) -> list[Letter]:
        """Remove them; those that are gone."""
        ...
