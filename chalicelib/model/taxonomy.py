"""Taxonomy: the causes, as customers would say them, and the departments that own them. Versioned."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from functools import cache, cached_property
from importlib import resources
from typing import Annotated, Literal, Self, TypeVar

from pydantic import BeforeValidator, Field, StringConstraints, ValidationError, model_validator

from chalicelib.model.checked import checked, refusal
from chalicelib.model.entity import Entity, Entry, Given
from chalicelib.model.errors import Invalid
from chalicelib.model.phrase_list import phrases_in

Code = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]+(\.[a-z0-9_]+)*$", max_length=64)]
T = TypeVar("T", bound=Given)


def _codes(value: object) -> object:
    """In a file codes stand in one cell, with | between them."""
    return [code for code in value.split("|") if code] if isinstance(value, str) else value


OTHER = "other"
"""The cause of a contact that shows a problem none of the causes explains."""
MANY_CAUSES = 50


class Department(Given):
    """Who can be accountable."""

    code: Code
    name_zh: str = Field(min_length=1, max_length=60)
    name_en: str = ""


class Cause(Given):
    """Why a customer contacts, with its owner, its denominator X and its repeat window."""

    code: Code
    group: str = ""
    label_zh: str = Field(min_length=1, max_length=60)
    label_en: str = ""
    department: Code
    denominator: Code = "contacts"
    definition_zh: str = ""
    words: tuple[Annotated[str, StringConstraints(min_length=1, max_length=100)], ...] = Field(
        (), max_length=500
    )
    window_days: int = Field(7, ge=1, le=90)
    active: bool = True
    merged_into: Code | Literal[""] = ""
    """Retired: its contacts are counted under that cause, past and future ones."""
    split_into: Annotated[tuple[Code, ...], BeforeValidator(_codes)] = ()
    """Retired: its contacts were read again for these; those that are none of them stay under it."""

    @property
    def successors(self) -> tuple[str, ...]:
        """What took its place."""
        return (self.merged_into,) if self.merged_into else self.split_into


class Taxonomy(Entity):
    """One version of the whole; a change makes the next version and is never applied in place."""

    kind = "taxonomy"

    number: int = 1
    since: datetime = datetime(2000, 1, 1, tzinfo=UTC)
    by: str = "default"
    service: Code = "service"
    """The department of customer service: owns what nobody else owns."""
    departments: tuple[Department, ...]
    causes: tuple[Cause, ...]

    @property
    def key(self) -> str:
        """The version number, so that versions sort."""
        return f"{self.number:06d}"

    def entries(self) -> Iterable[Entry]:
        """All versions."""
        yield Entry("taxonomy.all", "all", self.key)

    @model_validator(mode="after")
    def _fits(self) -> Self:
        owners = [d.code for d in self.departments]
        known = set(owners)
        codes = [c.code for c in self.causes]
        for what, bad in (
            ("原因代码重复 duplicate cause codes", {c for c in codes if codes.count(c) > 1}),
            ("部门代码重复 duplicate department codes", {c for c in owners if owners.count(c) > 1}),
            ("没有这个部门 unknown departments", {c.department for c in self.causes} - known),
            ("缺少客服部门 the service department is missing", {self.service} - known),
            (f"'{OTHER}' 是保留代码 is reserved", {c for c in codes if c == OTHER}),
            ("没有这个去向 unknown successors", {s for c in self.causes for s in c.successors} - set(codes)),
            ("已并出或拆分的原因不能启用 merged or split causes cannot be active",
             {c.code for c in self.causes if c.active and c.successors}),
            ("去向绕回自己 successors lead back", {c.code for c in self.causes if self._leads_back(c)}),
        ):  # fmt: skip
            if bad:
                raise ValueError(f"{what}: {', '.join(sorted(bad))}")
        return self

    def _leads_back(self, cause: Cause) -> bool:
        into, todo, seen = {c.code: c.successors for c in self.causes}, [cause.code], set[str]()
        while todo:
            fresh = set(into.get(todo.pop(), ())) - seen
            seen |= fresh
            todo += fresh
        return cause.code in seen

    @cached_property
    def by_code(self) -> Mapping[str, Cause]:
        """All causes, retired ones too."""
        return {c.code: c for c in self.causes}

    @property
    def active(self) -> list[Cause]:
        """Causes that may be given to new contacts."""
        return [c for c in self.causes if c.active]

    @cached_property
    def _current(self) -> Mapping[str, str]:
        into = {c.code: c.merged_into for c in self.causes if c.merged_into}
        found = {}
        for code in into:
            end = code
            while end in into:
                end = into[end]
            found[code] = end
        return found

    def current(self, code: str) -> str:
        """The cause that a cause is counted under now: what it was merged into, else itself."""
        return self._current.get(code, code)

    def takes(self, code: str) -> frozenset[str]:
        """Every cause whose contacts belong to a case on this one: itself and all that took its place."""
        found, todo = {code}, [code]
        while todo:
            known = self.by_code.get(todo.pop())
            fresh = set(known.successors) - found if known else set()
            found |= fresh
            todo += fresh
        return frozenset(found)

    def replaced(self, code: str) -> dict[str, object] | None:
        """What took a retired cause's place, in words; None for one that nothing has."""
        cause = self.by_code.get(code)
        if cause is None or not cause.successors:
            return None
        labels = "、".join(f"「{self.label(into)}」{into}" for into in cause.successors)
        codes = ", ".join(cause.successors)
        zh, en = ("并入", "merged into") if cause.merged_into else ("拆成", "split into")
        rest = (
            ("", "")
            if cause.merged_into
            else ("读不出是哪一个的留在这里", "; what is none of them stays here")
        )
        return {
            "what": "merge" if cause.merged_into else "split",
            "into": list(cause.successors),
            "zh": f"这个原因已{zh}{labels}，它的联络（以往的也是）都算在那里{'；' + rest[0] if rest[0] else ''}。这里的 0 不是没有联络。",
            "en": f"This cause was {en} {codes}: its contacts, past ones too, are counted there{rest[1]}. A 0 here does"
            " not mean that nobody called.",
        }

    @property
    def readable(self) -> list[Cause]:
        """Causes to look for in texts: the active ones, and those merged into one, whose words are still said."""
        active = {c.code for c in self.active}
        return [c for c in self.causes if self.current(c.code) in active]

    @property
    def warnings(self) -> list[dict[str, str]]:
        """What an admin should know; more than 50 active causes cannot be told apart by people."""
        n = len(self.active)
        if n <= MANY_CAUSES:
            return []
        return [
            {
                "zh": f"有 {n} 个启用的原因，超过 {MANY_CAUSES} 个后人难以分清，请合并或停用",
                "en": f"{n} active causes; beyond {MANY_CAUSES} people cannot tell them apart: merge or retire",
            }
        ]

    def department_of(self, cause: str) -> str:
        """The accountable department of a cause; customer service when it has none. Never nobody."""
        known = self.by_code.get(cause)
        return known.department if known else self.service

    def label(self, cause: str) -> str:
        """The cause in the customer's words."""
        known = self.by_code.get(cause)
        return known.label_zh if known else {OTHER: "其他问题"}.get(cause, cause)

    def window(self, cause: str | None = None) -> timedelta:
        """The repeat window of a cause, or the default one."""
        known = self.by_code.get(cause or "")
        return timedelta(days=known.window_days if known else 7)

    @property
    def widest_window(self) -> timedelta:
        """No link reaches further than this."""
        return timedelta(days=max([7, *(c.window_days for c in self.causes)]))


def read_taxonomy(causes: Iterable[str], departments: Iterable[str], number: int = 1) -> Taxonomy:
    """A taxonomy from the lines of two CSV files. Raises Invalid naming the file's line and column."""
    rows = {
        "departments": tuple(_rows(Department, departments, "departments.csv")),
        "causes": tuple(_rows(Cause, causes, "causes.csv")),
    }
    return checked(Taxonomy, {"number": number, **rows}, "taxonomy")


def read_parts(kind: type[T], lines: Iterable[str]) -> list[T]:
    """New causes from the lines of a CSV file with the columns of causes.csv. Raises Invalid naming the cell."""
    return list(_rows(kind, lines, "causes.csv"))


def _rows(kind: type[T], lines: Iterable[str], name: str) -> Iterable[T]:
    reader = csv.DictReader(lines)
    for row in reader:
        filled = {k.strip().lstrip("\ufeff"): v.strip() for k, v in row.items() if k and v and v.strip()}
        words = filled.pop("lexicon", "") or filled.pop("words", "")
        given = {"words": phrases_in(words)} if words else {}
        try:
            yield kind.model_validate({**filled, **given})
        except ValueError as bad:
            number = reader.line_num
            column, zh, en = _fault(bad)
            raise Invalid(
                "taxonomy.row",
                f"{name} 第 {number} 行 {column} 列有误，请改正后重试{zh}",
                f"{name} line {number}, column {column} is wrong; correct it and try again{en}",
                f"{name}:{number}:{column}",
            ) from bad


def _fault(bad: ValueError) -> tuple[str, str, str]:
    """The column at fault as files name it, and why in both languages, where that is known."""
    if not isinstance(bad, ValidationError):
        return "", "", ""
    why = refusal(bad)
    column = why.where.replace("words", "lexicon", 1)
    return column, f"：{why.zh.removeprefix(f'{why.where} ')}", f": {why.en.removeprefix(f'{why.where} ')}"


@cache
def default_taxonomy() -> Taxonomy:
    """The 39 causes and 11 departments that come with the product."""
    here = resources.files("chalicelib") / "data"
    return read_taxonomy(
        (here / "causes.csv").read_text("utf-8").splitlines(),
        (here / "departments.csv").read_text("utf-8").splitlines(),
    )
