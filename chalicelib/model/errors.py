"""What can go wrong, as types. HTTP statuses and exit codes are chosen elsewhere, in one place each."""

from __future__ import annotations

import traceback
from collections.abc import Sequence


class LoopError(Exception):
    """A refusal a person can act on: a stable code, where it was, and what to do, in both languages.

    Never put personal data or a contact's text into `zh`, `en` or `where`: errors are logged.
    """

    def __init__(self, code: str, zh: str, en: str, where: str = "") -> None:
        super().__init__(f"{code}: {en}" + (f" ({where})" if where else ""))
        self.code, self.zh, self.en, self.where = code, zh, en, where
        self.faults: tuple[LoopError, ...] = (self,)
        """What it consists of, where several things are wrong at once."""

    def as_dict(self) -> dict[str, str]:
        """The refusal as every interface shows it."""
        return {"code": self.code, "zh": self.zh, "en": self.en, "where": self.where}


class Invalid(LoopError):
    """The input cannot be taken as it is."""


class Misformed(ValueError):
    """What is wrong with the form of a text, in both languages; as text it is the English."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh, self.en = zh, en


MOST_TOLD = 6
"""Faults that one refusal tells in words."""


def together(faults: Sequence[LoopError]) -> LoopError:
    """All that is wrong as one refusal: under the code and the place of the first, with the words of each."""
    every = [fault for several in faults for fault in several.faults]
    first = every[0]
    if len(every) == 1:
        return first
    told, more = every[:MOST_TOLD], len(every) - MOST_TOLD
    zh = "；".join(f.zh if f.zh.startswith(f.where) else f"{f.where} {f.zh}" for f in told)
    en = "; ".join(f.en if f.en.startswith(f.where) else f"{f.where}: {f.en}" for f in told)
    if more > 0:
        zh, en = f"{zh}；还有 {more} 处", f"{en}; and {more} more"
    one = type(first)(first.code, zh, en, first.where)
    one.faults = tuple(every)
    return one


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


def describe(error: Exception) -> str:
    """Type and place of an error: enough to find it, nothing of the data it met."""
    frames = traceback.extract_tb(error.__traceback__)
    inside = [f for f in frames if "chalicelib" in f.filename] or frames
    place = f" at {inside[-1].name}:{inside[-1].lineno}" if inside else ""
    code = getattr(error, "code", "") or getattr(error, "sqlite_errorname", "")
    return f"{type(error).__name__}{f'[{code}]' if code else ''}{place}"
