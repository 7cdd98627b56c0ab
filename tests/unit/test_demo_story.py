"""The demo company's story comes to the same words whenever it is told: counted straight from its plan."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cache
from random import Random

import pytest

from chalicelib.demo import events, story
from chalicelib.demo.arrivals import Arrival, Arrivals
from chalicelib.loop.track import judging
from chalicelib.loop.track.crossing import Crossing
from chalicelib.loop.track.project_weeks import Week, Weeks
from chalicelib.model.project import Plan
from chalicelib.model.taxonomy import OTHER, default_taxonomy
from chalicelib.model.weeks import shift, week_of, week_start

STARTS = ("2026-11-21T20:00+08:00", "2027-01-04T00:05+08:00", "2027-02-14T23:55+08:00")
"""A Saturday; the first minutes of a week and year; the end of a week of the Spring Festival."""
TAXONOMY = default_taxonomy()
WEEKS = range(story.FULL_WEEKS - 1)
"""Those that are over."""


@cache
def told(now: datetime) -> tuple[datetime, list[Arrival]]:
    """Its first Monday, and everybody who contacts it until now; what comes of work on their cases apart."""
    first = week_start(shift(week_of(now), 1 - story.FULL_WEEKS))
    arrivals = Arrivals(story.SEED, first, story.FULL_WEEKS, story.FULL_CONTACTS)
    for day in range(7 * story.FULL_WEEKS):
        arrivals.draw(first + timedelta(days=day))
    return first, arrivals.until(now)


def by_week(first: datetime, came: list[Arrival]) -> Mapping[int, Counter[str]]:
    """Contacts by week of the story and by the cause they are about."""
    counted: defaultdict[int, Counter[str]] = defaultdict(Counter)
    for one in came:
        counted[(one.time - first).days // 7].update((one.cause, "contacts"))
    return counted


def weeks_of(project: story.Improvement, first: datetime, counted: Mapping[int, Counter[str]]) -> Weeks:
    """A project's table as the loop would make it of these contacts."""
    assert project.start is not None
    cause, rng = TAXONOMY.by_code[project.cause], Random(story.SEED)
    x = [
        events._values(rng, week, 1.0, counted=True) | {"contacts": counted[week]["contacts"]}
        for week in WEEKS
    ]
    siblings = {c.code for c in TAXONOMY.active if c.group == cause.group} | {*project.watched, OTHER}
    siblings.remove(project.cause)
    plan = Plan(metric="cpx", cause=project.cause, starts=first + timedelta(weeks=project.start),
                denominator=cause.denominator, direction="down", control_causes=project.controls,
                siblings=tuple(sorted(siblings)))  # fmt: skip
    rows = (
        Week(week=week_of(first + timedelta(weeks=week)), count=counted[week][project.cause],
             exposure=x[week][cause.denominator], begun=int(week >= project.start), season=1, others={},
             control=float(sum(counted[week][c] for c in project.controls)) if project.controls else None,
             siblings={name: counted[week][name] for name in plan.siblings})
        for week in range(project.start - plan.weeks_before, len(WEEKS))
    )  # fmt: skip
    return Weeks(plan, tuple(rows), (), Crossing())


@pytest.mark.parametrize("start", STARTS)
def test_each_project_comes_to_its_word_at_every_start(start: str) -> None:
    first, came = told(datetime.fromisoformat(start))
    counted = by_week(first, came)
    running = [project for project in story.PROJECTS if project.start is not None]
    judged = [weeks_of(project, first, counted) for project in running]
    looks = [judging.take(weeks.until(weeks.plan.week(8)), (8,), None).figures["verdict"] for weeks in judged]
    assert looks == ["IMPROVED", "NOT_ENOUGH_DATA_YET", "MOVED"]
    assert [judging.live(weeks)["verdict"] for weeks in judged] == looks


def test_the_weeks_that_are_over_are_the_same_at_every_start() -> None:
    stories = set()
    for start in STARTS:
        first, came = told(datetime.fromisoformat(start))
        over = (one for one in came if one.time < first + timedelta(weeks=len(WEEKS)))
        said = ((one.time - first, one.cause, re.sub(r"QH\d+", "QH", one.sent["text"])) for one in over)
        stories.add(tuple(said))
    assert len(stories) == 1
    assert len(*stories) > 0.85 * story.FULL_CONTACTS
