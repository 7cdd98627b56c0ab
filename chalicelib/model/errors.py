"""What can go wrong, as types. HTTP statuses and exit codes are chosen elsewhere, in one place each."""

from __future__ import annotations


class LoopError(Exception):
    """A refusal a person can act on: a stable code, where it was, and what to do, in both languages.

    Never put personal data or a contact's text into `zh`, `en` or `where`: errors are logged.
    """

    def __init__(self, code: str, zh: str, en: str, where: str = "") -> None:
        super().__init__(f"{code}: {en}" + (f" ({where})" if where else ""))
        self.code, self.zh, self.en, self.where = code, zh, en, where

    def as_dict(self) -> dict[str, str]:
        """The refusal as every interface shows it."""
        return {"code": self.code, "zh": self.zh, "en": self.en, "where": self.where}


class Invalid(LoopError):
    """The input cannot be taken as it is."""


class Unauthenticated(LoopError):
    """We do not know who is asking."""


class Forbidden(LoopError):
    """We know who is asking, and they may not."""


class NotFound(LoopError):
    """There is no such thing, or none this caller may know of."""


class Conflict(LoopError):
    """Somebody else changed it first, or its state does not allow this."""


class Busy(LoopError):
    """Not now; the same a little later will do."""


class TooLarge(LoopError):
    """One save cannot hold this much; the caller makes it smaller."""
