"""Contacts per X of everything, week by week: years of it from one small row a week, read once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from chalicelib.loop.context import Loop
from chalicelib.loop.measure.exposure import Rate, only_by_segment, per_x, rate_of, whole_x
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
    def whole(self) -> dict[str, Mapping[str, int]]:
        """Week -> what is stored of all its contacts."""
        return {week: parts[""] for week, parts in self.company.items() if "" in parts}

    @property
    def running(self) -> str:
        """The week that is not over."""
        return week_of(self.now)

    def rates(self, key: Key, weeks: tuple[str, ...] = ()) -> list[Rate | None]:
        """Contacts and X of finished weeks, by default of all; None for one without its X."""
        family, part = key
        denominator, wanted = denominator_of(self.taxonomy, _scope(key)), weeks or self.weeks
        if family == "week" or denominator in self._by_segment:
            fields = ((w, self._fields(key, w, denominator), self.of_x(w, denominator)) for w in wanted)
            return [rate_of(week, counted, x, "", self.now) for week, counted, x in fields]
        name, known = f"{family}.{part}", self._known_x(denominator)
        numbers = ((self.company[week].get("", NOTHING).get(name, 0), known[week]) for week in wanted)
        return [None if x is None else Rate(n, x, 0) for n, x in numbers]

    def _known_x(self, denominator: str) -> Mapping[str, int | None]:
        """The X of each finished week, worked out once for all the causes that are counted by it."""
        if denominator not in self._x:
            self._x[denominator] = {week: whole_x(self.of_x(week, denominator)) for week in self.weeks}
        return self._x[denominator]

    @cached_property
    def _x(self) -> dict[str, dict[str, int | None]]:
        return {}

    def contacts(self, key: Key, week: str) -> int:
        """How many of these contacts a week had."""
        family, part = key
        fields = self.company[week].get("", NOTHING)
        return fields["n" if family == "week" else f"{family}.{part}"]

    def value(self, key: Key, week: str) -> Value:
        """Contacts per 1,000 X of one week, the running one too, with its interval."""
        denominator = denominator_of(self.taxonomy, _scope(key))
        fields = self._fields(key, week, denominator)
        return per_x({week: fields}, {week: self.of_x(week, denominator)}, "", self.now)

    def of_x(self, week: str, denominator: str) -> Counter[str]:
        """What is known of a denominator in a week."""
        return self.x[week].get(denominator, NOTHING)

    def parts(self, family: str) -> list[str]:
        """The causes or departments that had contacts in any of the weeks."""
        prefix = f"{family}."
        names = {f for parts in self.company.values() for f in parts.get("", ()) if f.startswith(prefix)}
        return sorted(name.removeprefix(prefix) for name in names)

    def _fields(self, key: Key, week: str, denominator: str) -> Counter[str]:
        """The contacts of a week: their number is enough, but for their days in the running one, and their segments
        where X is given by segment only."""
        family, part = key
        if family == "week":
            return self.company[week].get("", NOTHING)
        if week == self.running:
            return self._today[family][week].get(part, NOTHING)
        if denominator in self._by_segment:
            return self._full[family][week].get(part, NOTHING)
        return Counter(n=self.contacts(key, week))

    @cached_property
    def _by_segment(self) -> frozenset[str]:
        """The denominators of which some week has the segments only."""
        every = ((name, fields) for week in self.weeks for name, fields in self.x[week].items())
        return frozenset(name for name, fields in every if only_by_segment(fields))

    @cached_property
    def _full(self) -> dict[str, Weeks]:
        last = self.weeks[-1] if self.weeks else self.running
        return {f: by_week(self.loop.store, f, self.begin, last) for f in ("cause", "department")}

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
    begin = _begin(company) or running
    finished = (week for week in company if begin <= week <= until and week < running)
    return Weekly(loop, now, loop.unit().taxonomy, company, x, begin, tuple(finished))


def _begin(company: Weeks) -> str:
    """The first week that was whole: the first with contacts, if they came from Monday on, else the one after."""
    with_contacts = (week for week, parts in company.items() if parts.get("", NOTHING)["n"] > 0)
    first = next(with_contacts, "")
    if not first or company[first][""]["n.1"] > 0:
        return first
    return shift(first, 1)
