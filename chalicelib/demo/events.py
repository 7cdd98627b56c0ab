"""What happens in the demo company by date: denominators, projects, voices, scores, decisions, the andon."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

from chalicelib.demo import story, words
from chalicelib.demo.office import Act, Office, caller, later, lead
from chalicelib.loop.context import Loop
from chalicelib.loop.focus.matrix import score
from chalicelib.loop.listen.source_counts import NewSourceCount
from chalicelib.loop.listen.source_counts import save as save_count
from chalicelib.loop.listen.voices import answer_andon, post_voice, raise_andon, support
from chalicelib.loop.measure.completeness import counts
from chalicelib.loop.measure.denominators import NewDenominator, save
from chalicelib.loop.repeat.cycles import close, record
from chalicelib.loop.track.projects import move, propose
from chalicelib.model.case import Case
from chalicelib.model.contact import Channel, Contact
from chalicelib.model.entity import stamp
from chalicelib.model.people import SYSTEM
from chalicelib.model.project import Plan, ProjectMove
from chalicelib.model.weeks import local, shift, week_of, week_start
from chalicelib.model.workdays import Hours

ALL = 1_000_000
SCORED = 3
"""How many cycles at the end departments score causes in."""


def plan(office: Office, danger: list[str], hours: Hours, now: datetime) -> None:
    """Put everything that has a date on the office's agenda."""
    arrivals = office.arrivals
    voices: dict[int, str] = {}
    for week in range(arrivals.weeks):
        begins = arrivals.first + timedelta(weeks=week)
        counted = week != min(arrivals.planned(story.HOLIDAY_WEEK), arrivals.weeks - 2)
        values = _values(office.rng, week, arrivals.contacts / story.FULL_CONTACTS, counted)
        if week < arrivals.weeks - 1:
            office.at(begins + timedelta(days=4, hours=16.5), _closer(week_of(begins)))
            counts_at = _in_the_morning(begins + timedelta(days=7, hours=8), now)
            office.at(counts_at, _counter(week_of(begins), values))
        if week >= arrivals.weeks - SCORED:
            office.at(begins + timedelta(days=2, hours=15), _scorer(office.rng))
    _this_week(office, now)
    for ago in range(1, story.SOURCE_DAYS + 1):
        day = local(now).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=ago)
        office.at(_in_the_morning(day + timedelta(hours=31), now), _sources(day, ago))
    for number, voice in enumerate(story.VOICES):
        moment = later(_begin(office, voice.week) + timedelta(days=3, hours=10), number * 7, hours)
        office.at(moment, _poster(voice, number, voices))
    for project in story.PROJECTS:
        _plan_project(office, project, voices)
    for planned, what, about, reason in story.DECISIONS:
        office.at(_begin(office, planned) + timedelta(days=2, hours=14), _decider(what, about, reason))
    # The cluster comes on Tuesday and Wednesday; agents see it before any number does.
    raised = _begin(office, story.DANGER.week) + timedelta(days=2, hours=16)
    office.at(raised, lambda loop: _andon(office, loop, danger, hours))


def _in_the_morning(moment: datetime, now: datetime) -> datetime:
    """When what is over is counted: the morning after, or at once where the story ends before that morning."""
    return min(moment, now)


def _begin(office: Office, week: int) -> datetime:
    return office.arrivals.first + timedelta(weeks=office.arrivals.planned(week))


def _closer(week: str) -> Act:
    def act(loop: Loop) -> None:
        close(loop, caller("exec"), week)

    return act


def _values(rng: Random, week: int, size: float, counted: bool) -> dict[str, int]:
    grown = size * (1 + story.GROWTH) ** week
    values = {name: round(n * grown * rng.gauss(1, 0.015)) for name, n in story.DENOMINATORS.items()}
    if not counted:
        del values[story.MISSING_DENOMINATOR]
    return values


def _counter(week: str, values: dict[str, int]) -> Act:
    def act(loop: Loop) -> None:
        counted = _contacts_and_cases(loop, week_start(week), week_start(shift(week, 1)))
        for name, value in {**values, **counted}.items():
            save(loop, NewDenominator(denominator=name, period=week, value=value))

    return act


def _contacts_and_cases(loop: Loop, begins: datetime, ends: datetime) -> dict[str, int]:
    """What the company knows by itself: its contacts and cases of that time."""
    unit, low, high = loop.unit(), stamp(begins), stamp(ends - timedelta(milliseconds=1))
    near = unit.find(Contact, "contact.week", week_of(begins), low=low, high=high, limit=ALL)
    causes = (c.code for c in unit.taxonomy.causes)
    cases = (unit.find(Case, "case.cause", cause, low=low, high=high, limit=ALL) for cause in causes)
    contacts = sum(c.channel is not Channel.CALLBACK for c in near)
    return {"contacts": contacts, "cases": sum(map(len, cases))}


def _this_week(office: Office, now: datetime) -> None:
    """The running week is counted day by day, as far as it has come."""
    week = office.arrivals.weeks - 1
    begins = office.arrivals.first + timedelta(weeks=week)
    values = _values(office.rng, week, office.arrivals.contacts / story.FULL_CONTACTS, counted=True)
    for day in range((now - begins).days):
        date = begins + timedelta(days=day)
        counts_at = _in_the_morning(date + timedelta(hours=32), now)
        office.at(counts_at, _day_counter(date, values, story.DAYS[day]))


def _day_counter(date: datetime, values: dict[str, int], weight: float) -> Act:
    def act(loop: Loop) -> None:
        counted = _contacts_and_cases(loop, date, date + timedelta(days=1))
        for name, value in ({n: round(v * weight / 7) for n, v in values.items()} | counted).items():
            save(loop, NewDenominator(denominator=name, period=f"{date:%Y-%m-%d}", value=value))

    return act


def _sources(day: datetime, ago: int) -> Act:
    """What the channels' own systems counted on a day; once, some of it never reached the loop."""

    def act(loop: Loop) -> None:
        date = f"{day:%Y-%m-%d}"
        for (_, channel), recorded in sorted(counts(loop.store, date, date).recorded.items()):
            lost = story.UNRECORDED if (ago, channel) == story.UNRECORDED_ON else 0
            new = NewSourceCount(channel=Channel(channel), day=date, count=recorded + lost)
            save_count(loop, SYSTEM, new)

    return act


def _scorer(rng: Random) -> Act:
    def act(loop: Loop) -> None:
        for cause, means in story.SCORES.items():
            for department in rng.sample(sorted(words.TASKS), 4):
                customer, company = (min(5, max(1, mean + rng.choice((-1, 0, 0, 1)))) for mean in means)
                score(loop, lead(department), cause, department, customer, company)

    return act


def _poster(voice: story.Said, number: int, ids: dict[int, str]) -> Act:
    def act(loop: Loop) -> None:
        posted = post_voice(loop, caller(voice.author), voice.text, voice.cause)
        ids[number] = posted.id
        for name in voice.supporters:
            support(loop, caller(name), posted.id)

    return act


def _decider(what: story.What, about: str, reason: str) -> Act:
    def act(loop: Loop) -> None:
        came = {"department": loop.unit().taxonomy.department_of(about)}
        loop.change(lambda unit: record(unit, caller("exec"), what, about, reason, **came))

    return act


def _plan_project(office: Office, project: story.Improvement, voices: dict[int, str]) -> None:
    proposed = _begin(office, project.proposed)
    begins = _begin(office, project.start if project.start is not None else project.proposed + 1)
    named: list[str] = []

    def order(which: ProjectMove) -> Act:
        return lambda loop: _move(loop, project, named[0], which)

    office.at(
        proposed + timedelta(days=3, hours=11),
        lambda loop: named.append(_propose(loop, project, begins, voices)),
    )
    if project.start is not None:
        office.at(accepted := proposed + timedelta(days=4, hours=15), order(ProjectMove.ACCEPT))
        office.at(max(begins, accepted) + timedelta(hours=9), order(ProjectMove.START))


def _propose(loop: Loop, project: story.Improvement, begins: datetime, voices: dict[int, str]) -> str:
    plan = Plan(
        metric="cpx",
        cause=project.cause,
        minimum_effect=0.1,
        expected_effect=0.3,
        control_causes=project.controls,
        siblings=project.watched,
        starts=begins,
    )
    return propose(
        loop,
        caller("exec" if project.watched else project.owner),  # a lead names no cause of another department
        title=project.title,
        hypothesis=project.hypothesis,
        owner=project.owner,
        department=project.department,
        plan=plan,
        reach=project.reach,
        from_voice=voices.get(project.voice, "") if project.voice is not None else "",
    ).id


def _move(loop: Loop, project: story.Improvement, number: str, which: ProjectMove) -> None:
    move(loop, caller(project.owner), number, which, None)


def _andon(office: Office, loop: Loop, evidence: list[str], hours: Hours) -> None:
    danger = story.DANGER
    if len(set(evidence)) < 2:
        return
    andon = raise_andon(loop, caller(danger.author), danger.subject, danger.text, danger.department, evidence)
    answered = later(loop.clock(), 70, hours)
    office.at(answered, lambda loop: _answer(loop, andon.id))


def _answer(loop: Loop, andon: str) -> None:
    danger = story.DANGER
    answer_andon(loop, caller(danger.lead), andon, danger.answer, danger.reason)
