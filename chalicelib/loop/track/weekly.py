"""Contacts per X of everything, week by week: years of it from one small row a week, read once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from chalicelib.loop.context import Loop
from chalicelib.loop.measure.exposure import Rate, only_by_segment, per_x, rate_of
from chalicelib.loop.measure.numbers import by_week
from chalicelib.loop.measure.registry import Scope, Weeks, denominator_of
from chalicelib.loop.measure.value import Value
from chalicelib.model.taxonomy import Taxonomy
from chalicelib.model.weeks import shift, week_of

LONGEST = 520
"""Weeks that charts look back at most: ten years."""
Key = tuple[str, str]
"""("cause", code), ("department", code) or ("week", "") for everything."""
EVERYTHING: Key = ("week", "")
NOTHING: Counter[str] = Counter()


def key_of(scope: Scope) -> Key:
    """Of what a scope is."""
    if scope.cause:
        return "cause", scope.cause
    return ("department", scope.department) if scope.department else EVERYTHING


@dataclass(frozen=True)
class Weekly:
    """The stored weekly numbers up to now. `weeks` are the finished ones since the first that was whole."""

    loop: Loop
    now: datetime
    taxonomy: Taxonomy
    company: Weeks
    x: Weeks
    begin: str
    weeks: tuple[str, ...]

    @property
    def running(self) -> str:
        """The week that is not over."""
        return week_of(self.now)

    def rates(self, key: Key, weeks: tuple[str, ...] = ()) -> list[Rate | None]:
        """Contacts and X of each finished week; None for one without its X."""
        _, part = key
        denominator = denominator_of(self.taxonomy, _scope(key))
        wanted = weeks or self.weeks
        known = self._whole(key, denominator)
        return [
            rate_of(week, known[week].get(part, NOTHING), self.of_x(week, denominator), "", self.now)
            for week in wanted
        ]

    def contacts(self, key: Key, week: str) -> int:
        """How many of these contacts a week had."""
        family, part = key
        fields = self.company[week].get("", NOTHING)
        return fields["n" if family == "week" else f"{family}.{part}"]

    def value(self, key: Key, week: str) -> Value:
        """Contacts per 1,000 X of one week, the running one too, with its interval."""
        family, part = key
        denominator = denominator_of(self.taxonomy, _scope(key))
        known = self._running(family) if week == self.running else self._whole(key, denominator)
        return per_x(
            {week: known[week].get(part, NOTHING)}, {week: self.of_x(week, denominator)}, "", self.now
        )

    def of_x(self, week: str, denominator: str) -> Counter[str]:
        """What is known of a denominator in a week."""
        return self.x[week].get(denominator, NOTHING)

    def parts(self, family: str) -> list[str]:
        """The causes or departments that had contacts in any of the weeks."""
        prefix = f"{family}."
        names = {f for parts in self.company.values() for f in parts.get("", ()) if f.startswith(prefix)}
        return sorted(name.removeprefix(prefix) for name in names)

    def _whole(self, key: Key, denominator: str) -> Mapping[str, Mapping[str, Counter[str]]]:
        """The contacts of finished weeks. Where X is given by segment only, the contacts' segments are needed."""
        family, part = key
        if any(only_by_segment(self.of_x(week, denominator)) for week in self.weeks):
            return self._full[family]
        return {week: {part: Counter(n=self.contacts(key, week))} for week in self.weeks}

    @cached_property
    def _full(self) -> dict[str, Weeks]:
        last = self.weeks[-1] if self.weeks else self.running
        families = {f: by_week(self.loop.store, f, self.begin, last) for f in ("cause", "department")}
        return {"week": self.company, **families}

    def _running(self, family: str) -> Weeks:
        if family == "week":
            return self.company
        return self._today[family]

    @cached_property
    def _today(self) -> dict[str, Weeks]:
        week = self.running
        return {f: by_week(self.loop.store, f, week, week) for f in ("cause", "department")}


def _scope(key: Key) -> Scope:
    family, part = key
    return Scope("", "", cause=part if family == "cause" else "")


def weekly(loop: Loop, last: str = "") -> Weekly:
    """Everything up to a week (its end at the latest), by default up to now: two reads, however many contacts."""
    now = loop.clock()
    running = week_of(now)
    until = min(last or running, running)
    first = shift(until, 1 - LONGEST)
    company, x = (by_week(loop.store, family, first, until) for family in ("week", "x"))
    begin = _begin(company) or until
    finished = (week for week in company if begin <= week <= until and week < running)
    return Weekly(loop, now, loop.unit().taxonomy, company, x, begin, tuple(finished))


def _begin(company: Weeks) -> str:
    """The first week that was whole: the first with contacts, if they came from Monday on, else the one after."""
    with_contacts = (week for week, parts in company.items() if parts.get("", NOTHING)["n"] > 0)
    first = next(with_contacts, "")
    if not first or company[first][""]["n.1"] > 0:
        return first
    return shift(first, 1)
