"""Lines that people labelled, as the commands read them: a bad line is named by its number, the others count."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar, get_args

from chalicelib.model.analysis import ContactKind
from chalicelib.model.errors import Invalid
from chalicelib.privacy.mask import mask
from chalicelib.privacy.text import clean_text

KINDS = frozenset(get_args(ContactKind))
LONGEST_CODE = 40
Refuse = Callable[[int, Invalid], None]
"""Told the number and the fault of a line that cannot be used."""
Again = Callable[[int, int], None]
"""Told the number of a line, and of the first one with the same id."""


@dataclass(frozen=True)
class Line:
    """A contact to be tagged."""

    id: str
    text: str


L = TypeVar("L", bound=Line)


@dataclass(frozen=True)
class Gold(Line):
    """What people say of a contact. Kinds and severity may leave a choice; None: nobody said."""

    causes: tuple[str, ...] = ()
    disputed: frozenset[str] = frozenset()
    """Causes the annotators differed about: neither right nor wrong."""
    evidence: Mapping[str, tuple[str, ...]] | None = None
    """Cause -> the words that show it, as they stand in the text."""
    kinds: frozenset[str] | None = None
    severity: tuple[int, int] | None = None
    """Least and most."""


def read_lines(
    lines: Iterable[str],
    make: Callable[[Mapping[str, Any]], L],
    refuse: Refuse,
    again: Again = lambda number, first: None,
) -> Iterator[L]:
    """Make one item of each JSON line; blank lines are skipped, bad ones go to `refuse` with their number, and the
    number of one whose id stood on an earlier line goes to `again`: it is made all the same."""
    first: dict[str, int] = {}
    for number, line in enumerate(lines, start=1):
        if not line.strip("\ufeff \t\r\n"):
            continue
        try:
            one = make(_object(line))
        except Invalid as error:
            refuse(number, error)
            continue
        if (before := first.setdefault(one.id, number)) != number:
            again(number, before)
        yield one


def contact_line(row: Mapping[str, Any]) -> Line:
    """{"id","text"}; raises Invalid."""
    return Line(_id(row), _text(row))


def label_line(row: Mapping[str, Any]) -> Gold:
    """{"id","text","causes":[…]}; raises Invalid."""
    return Gold(_id(row), _text(row), causes=_codes(row, "causes"))


def knowing(
    known: Collection[str], make: Callable[[Mapping[str, Any]], Gold]
) -> Callable[[Mapping[str, Any]], Gold]:
    """`make`, of lines that have no other codes than those of a taxonomy."""

    def checked(row: Mapping[str, Any]) -> Gold:
        label = make(row)
        for name, codes in (("causes", label.causes), ("disputed", sorted(label.disputed))):
            if strange := [mask(code).text[:LONGEST_CODE] for code in codes if code not in known]:
                names = "、".join(strange)
                raise Invalid(
                    "line.code",
                    f"分类表里没有这个代码：{names}，这一行没有用；请改正代码或补进分类表",
                    f"the taxonomy has no such code: {names}; the line was left out. Correct it or add the code",
                    name,
                )
        return label

    return checked


def gold_line(row: Mapping[str, Any]) -> Gold:
    """A labelled line with, where given, disputed, evidence, kind and severity; raises Invalid."""
    return Gold(
        _id(row),
        _text(row),
        causes=_codes(row, "causes"),
        disputed=frozenset(_codes(row, "disputed")) if row.get("disputed") else frozenset(),
        evidence=_evidence(row.get("evidence")),
        kinds=_kinds(row.get("kind")),
        severity=_severity(row.get("severity")),
    )


def _object(line: str) -> Mapping[str, Any]:
    try:
        value = json.loads(line.lstrip("\ufeff"))
    except (ValueError, RecursionError):
        raise Invalid("line.json", "这一行不是 JSON", "the line is not JSON") from None
    if not isinstance(value, dict):
        raise Invalid("line.object", "这一行应为 JSON 对象", "the line must be a JSON object")
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:  # half an emoji: \ud83d by itself could not be written again
        raise Invalid(
            "line.surrogate",
            "这一行有半个字符（孤立代理项）",
            "the line holds half a character (lone surrogate)",
        ) from None
    return value


def _id(row: Mapping[str, Any]) -> str:
    value = row.get("id")
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str) or not value.strip() or len(value) > 200:
        raise Invalid("line.id", "缺少 id（1 到 200 个字）", "id is missing (1 to 200 characters)", "id")
    return value


def _text(row: Mapping[str, Any]) -> str:
    """Checked, but as it was given: evidence offsets count its characters."""
    clean_text(row.get("text"))
    return str(row["text"])


def _codes(row: Mapping[str, Any], name: str) -> tuple[str, ...]:
    value = row.get(name)
    if not isinstance(value, list) or not all(isinstance(code, str) and code for code in value):
        raise Invalid("line.causes", f"{name} 应为代码的数组", f"{name} must be a list of codes", name)
    return tuple(dict.fromkeys(value))


def _evidence(value: object) -> dict[str, tuple[str, ...]] | None:
    if value is None:
        return None
    fine = isinstance(value, dict) and all(
        isinstance(found, list) and all(isinstance(one, str) for one in found) for found in value.values()
    )
    if not fine or not isinstance(value, dict):
        raise Invalid(
            "line.evidence", "evidence 应为 代码: [原文]", "evidence must be code: [words]", "evidence"
        )
    return {code: tuple(found) for code, found in value.items()}


def _kinds(value: object) -> frozenset[str] | None:
    if value is None:
        return None
    kinds = [value] if isinstance(value, str) else value
    if (
        not isinstance(kinds, list)
        or not kinds
        or not all(isinstance(kind, str) and kind in KINDS for kind in kinds)
    ):
        names = "、".join(sorted(KINDS))
        raise Invalid("line.kind", f"kind 只能是 {names}", f"kind must be one of {names}", "kind")
    return frozenset(kinds)


def _severity(value: object) -> tuple[int, int] | None:
    if value is None:
        return None
    both = [value, value] if isinstance(value, int) else value
    if (
        not isinstance(both, list)
        or len(both) != 2
        or not all(isinstance(one, int) and 0 <= one <= 3 for one in both)
    ):
        raise Invalid(
            "line.severity", "severity 应为 0 到 3", "severity must be 0 to 3, or [least, most]", "severity"
        )
    return min(both), max(both)
