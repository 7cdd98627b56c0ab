"""A project's weeks as the verdict reads them: stored numbers only, what is left out, and why. Plain Python."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from chalicelib.loop.context import Loop
from chalicelib.loop.measure.exposure import complete
from chalicelib.loop.measure.numbers import by_week
from chalicelib.loop.track.crossing import Crossing, crossings, reshaped
from chalicelib.loop.track.left_out import told
from chalicelib.loop.track.readers import otherwise
from chalicelib.model.cycle import Denominator
from chalicelib.model.project import METHOD, Plan, Project
from chalicelib.model.reshape import Reshape
from chalicelib.model.taxonomy import OTHER, Taxonomy
from chalicelib.model.weeks import shift, week_of, weeks_between

Fields = Counter[str]
Parts = Mapping[str, Fields]
MOST_AFTER = 104
SEASON = 52
REST = "segments_others"
"""The sibling of a plan on one segment: the same cause in all others."""


@dataclass(frozen=True, slots=True)
class Counts:
    """What happened, out of how many."""

    count: int
    exposure: int


@dataclass(frozen=True)
class Judged:
    """How a metric of the registry is counted for a verdict; shares end at their exposure."""

    read: Callable[[Fields, Fields, str], Counts | None]
    waits: bool
    """Only weeks older than the repeat window are known."""
    share: bool


def _contacts(contacts: Fields, x: Fields, segment: str) -> Counts | None:
    found = complete(contacts, x, segment)
    return Counts(*found) if found and found[1] > 0 else None


def _share(good: str, bad: str, of: str) -> Callable[[Fields, Fields, str], Counts | None]:
    """(good - bad) / of, summed over the days of the week."""

    def read(contacts: Fields, x: Fields, segment: str) -> Counts | None:
        n, plus, minus = (
            sum(contacts[f"{name}.{day}"] for day in range(1, 8)) if name else 0 for name in (of, good, bad)
        )
        return Counts(plus - minus, n) if n else None

    return read


JUDGED: dict[str, Judged] = {
    "cpx": Judged(_contacts, waits=False, share=False),
    "repeat_rate": Judged(_share("repeat", "", "n"), waits=True, share=True),
    "fcr": Judged(_share("first", "again", "first"), waits=True, share=True),
}
"""Metrics a project may name: counts out of an exposure that no longer changes by what is done later."""


@dataclass(frozen=True, slots=True)
class Week:
    """One row of the table; others and siblings by name."""

    week: str
    count: int
    exposure: int
    begun: int
    season: int
    control: float | None
    others: dict[str, int]
    siblings: dict[str, int]


@dataclass(frozen=True)
class Weeks:
    """All rows of a project, and the weeks that are none."""

    plan: Plan
    rows: tuple[Week, ...]
    left_out: tuple[dict[str, str], ...]
    crossing: Crossing
    dropped: tuple[str, ...] = ()
    """Siblings whose meaning changed inside the window."""
    given_late: tuple[str, ...] = ()
    """Weeks before the start whose denominator was given, or corrected, after it."""
    reshape: Reshape | None = None
    """After the start: what was agreed on is counted no more, or with something else."""

    names: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """Causes in Chinese and English."""

    def named(self, code: str) -> tuple[str, str]:
        """A cause, or the rest of the segments, as people call it."""
        return self.names.get(code, (code, code))

    @property
    def before(self) -> list[Week]:
        """The rows before the start."""
        return [row for row in self.rows if not row.begun]

    @property
    def missing(self) -> list[str]:
        """Weeks between the first row and the last that are none."""
        there = {row.week for row in self.rows}
        spanned = weeks_between(self.rows[0].week, self.rows[-1].week) if self.rows else ()
        return [week for week in spanned if week not in there]

    @property
    def read_apart(self) -> bool:
        """Whether weeks that another tagger read are lacking for a verdict; reading them again helps."""
        apart = [row["week"] for row in self.left_out if row["why"] == "tagger"]
        after = any(week >= self.plan.counts_from for week in apart)
        return after or (bool(apart) and len(self.before) < METHOD["fewest_before"])

    @property
    def wash_in(self) -> int:
        """Weeks after the last one before the start that do not count; more where that one is missing."""
        last = self.before[-1].week if self.before else shift(self.plan.first_week, -1)
        return len(weeks_between(last, self.plan.counts_from)) - 2

    @property
    def config(self) -> dict[str, Any]:
        """What `voc verdict --config` reads."""
        known = len(self.before)
        harmonics = (known >= SEASON) + (known >= 2 * SEASON)
        return {
            "family": METHOD["family"],
            "harmonics": harmonics,
            "slope_change": METHOD["slope_change"],
            "robust": METHOD["robust"],
            "direction": self.plan.direction or "down",
            "minimum_effect": self.plan.minimum_effect,
            "wash_in": self.wash_in,
            "season_length": SEASON if harmonics else None,
            "fewest_before": METHOD["fewest_before"],
            "fewest_after": self.plan.weeks_after,
            "least_dispersion": self._least_dispersion(),
        }

    def _least_dispersion(self) -> float:
        """1, and 1 - p for a share p of the weeks before: a binomial scatter."""
        n = sum(row.exposure for row in self.before)
        if not JUDGED[self.plan.metric].share or not n:
            return 1.0
        return max(0.01, round(1 - sum(row.count for row in self.before) / n, 6))

    def until(self, week: str) -> Weeks:
        """Nothing after a week."""
        broken = self.crossing.broken
        return replace(
            self,
            rows=tuple(row for row in self.rows if row.week <= week),
            left_out=tuple(row for row in self.left_out if row["week"] <= week),
            crossing=replace(self.crossing, broken=broken if broken <= week else ""),
        )


def last_known(plan: Plan, now: datetime) -> str:
    """The last week whose figures can be known: it is over, and older than the repeat window where that counts."""
    return shift(week_of(now - wait(plan)), -1)


def wait(plan: Plan) -> timedelta:
    """How long after its end a week is known."""
    return timedelta(days=plan.window_days or 7) if JUDGED[plan.metric].waits else timedelta()


def weeks_of(loop: Loop, project: Project) -> Weeks:
    """Read a project's weeks: three families of numbers, however many contacts there are."""
    plan = project.plan
    first, start = shift(plan.first_week, -plan.weeks_before), plan.first_week
    last = min(last_known(plan, loop.clock()), plan.week(MOST_AFTER))
    own = (plan.cause, *plan.control_causes)
    crossing = crossings(loop, own, first, start, last) if first <= last else Crossing()
    moved = reshaped(loop.unit(), own, project.started)
    taxonomy = loop.unit().taxonomy
    siblings = _siblings(plan, crossing, taxonomy)
    others = _others(loop, project)
    read = {family: by_week(loop.store, family, first, last) for family in ("week", "cause", "x")}
    changed = JUDGED[plan.metric].waits and taxonomy.window(plan.cause).days != plan.window_days
    company = {week: parts.get("", Counter[str]()) for week, parts in read["week"].items()}
    apart = otherwise(company, start)
    rows, left_out = list[Week](), list[dict[str, str]]()
    for week in weeks_between(first, last):
        causes, x = read["cause"][week], read["x"][week].get(plan.denominator, Counter())
        row = _row(plan, week, causes, x, siblings, others)
        why = "window" if changed else row if isinstance(row, str) else ""
        if not company[week]["n"]:
            why = "nothing_recorded"
        elif moved:
            why = "reshaped"
        elif not crossing.meant(week):
            why = "seam"
        elif week in apart:
            why = "tagger"
        if why or isinstance(row, str):
            left_out.append(told(week, why))
        else:
            rows.append(row)
    dropped = tuple(s for s in plan.siblings if s not in siblings) if siblings else ()
    late = _given_late(loop, project, first)
    return Weeks(plan, tuple(rows), tuple(left_out), crossing, dropped, late, moved, _names(taxonomy))


def _names(taxonomy: Taxonomy) -> dict[str, tuple[str, str]]:
    known = {c.code: (c.label_zh, c.label_en or c.label_zh) for c in taxonomy.causes}
    return known | {OTHER: (taxonomy.label(OTHER), "other"), REST: ("其他客群", "the other segments")}


def _given_late(loop: Loop, project: Project, first: str) -> tuple[str, ...]:
    """What stands before the start can be moved afterwards by whoever counts X: it is said."""
    began, plan = project.started, project.plan
    if began is None or plan.metric != "cpx":
        return ()
    before = shift(plan.first_week, -1)
    found = loop.unit().find(Denominator, "denominator.name", plan.denominator, low=first, high=before)
    return tuple(sorted({x.week for x in found if x.at and x.at > began}))


def _row(
    plan: Plan, week: str, causes: Parts, x: Fields, siblings: list[str], others: dict[str, str]
) -> Week | str:
    """The row, or why there is none."""
    judged, none = JUDGED[plan.metric], Counter[str]()
    found = judged.read(causes.get(plan.cause, none), x, plan.segment)
    if found is None:
        return "no_contacts" if judged.share else "no_denominator"
    control = _control(plan, causes, found)
    if control is not None and judged.share and control < 0:
        return "no_control"
    return Week(
        week=week,
        count=found.count,
        exposure=found.exposure,
        begun=int(week >= plan.first_week),
        season=min(int(week[-2:]), SEASON),
        control=control,
        others={name: int(week >= began) for name, began in others.items()},
        siblings={name: _gone_to(plan, causes, name) for name in siblings},
    )


def _control(plan: Plan, causes: Parts, found: Counts) -> float | None:
    """Contacts of the control causes; of a share, their share on this exposure, below 0 where there is none."""
    if not plan.control_causes:
        return None
    parts: Fields = sum((causes.get(cause, Counter()) for cause in plan.control_causes), Counter())
    if not JUDGED[plan.metric].share:
        return float(parts[_n(plan)])
    theirs = JUDGED[plan.metric].read(parts, Counter(), "")
    return theirs.count / theirs.exposure * found.exposure if theirs else -1.0


def _n(plan: Plan) -> str:
    return f"segment.{plan.segment}" if plan.segment else "n"


def _siblings(plan: Plan, crossing: Crossing, taxonomy: Taxonomy) -> list[str]:
    """Where contacts may have moved to: only contacts move, rates of repeats do not.

    The causes of the plan but those that changed their meaning; what took the place of one; and causes of the
    group that were made since: a new name must not hide contacts.
    """
    if plan.metric != "cpx" or plan.direction != "down":
        return []
    asked, own = set(plan.siblings), taxonomy.takes(plan.cause)
    group = taxonomy.by_code[plan.cause].group if plan.cause in taxonomy.by_code else ""
    made = {c.code for c in taxonomy.active if group and c.group == group}
    followed = {code for cause in asked for code in taxonomy.takes(cause)}
    kept = {cause for cause in asked if cause == OTHER or cause not in crossing.changed}
    rest = [REST] if plan.segment else []
    return sorted((kept | ((followed | made) - asked)) - own) + rest


def _gone_to(plan: Plan, causes: Parts, sibling: str) -> int:
    if sibling != REST:
        return causes.get(sibling, Counter())[_n(plan)]
    own = causes.get(plan.cause, Counter())
    return own["n"] - own[_n(plan)]


def _others(loop: Loop, project: Project) -> dict[str, str]:
    """Other projects on the cause that were started -> their first week; other segments are other contacts."""
    found = loop.unit().find(Project, "project.cause", project.plan.cause)
    segment = project.plan.segment
    return {
        other.id: other.plan.first_week
        for other in found
        if other.id != project.id
        and other.started
        and not (segment and other.plan.segment and other.plan.segment != segment)
    }
