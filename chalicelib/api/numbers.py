"""Routes of steps 3, 4 and 6: focus, measure and track."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from chalicelib.api.asked import MOST_WEEKS, in_order, known_parts
from chalicelib.api.routing import ANYONE, LEADS, READERS, STAFF, Ask, Body, Step
from chalicelib.loop.focus import matrix, ranking, this_week
from chalicelib.loop.measure import denominators
from chalicelib.loop.measure.registry import REGISTRY, Scope, measure, visible_scope
from chalicelib.loop.repeat.cycles import FOCUS_WEEKS, current_week
from chalicelib.loop.track import (
    charts,
    corrected,
    foretelling,
    project_weeks,
    projects,
    series,
    sheet,
    verdicts,
)
from chalicelib.model.entity import Given
from chalicelib.model.project import Plan, Project, ProjectMove
from chalicelib.model.segment import AskedSegment
from chalicelib.model.weeks import parse_week, shift, weeks_between

focus = Step("focus")
measuring = Step("measure")
track = Step("track")


class Weeks(Given):
    """Which weeks, both included; by default those that end with the current one."""

    first: str = Field("", description="ISO week, 2026-W40")
    last: str = ""

    def span(self, ask: Ask, usual: int) -> tuple[str, str]:
        """The first and last week asked for, at most five years."""
        last = parse_week(self.last, where="last") if self.last else current_week(ask.loop.clock())
        first = parse_week(self.first, where="first") if self.first else shift(last, 1 - usual)
        return max(in_order(first, last), shift(last, 1 - MOST_WEEKS)), last


class ScopeQuery(Weeks):
    """Of what: everything, one cause or one department; perhaps one segment."""

    cause: str = ""
    department: str = ""
    segment: AskedSegment = ""

    def scope(self, ask: Ask, usual: int) -> Scope:
        """The scope, if the caller may see it: a lead sees the numbers of its own departments."""
        scope = Scope(*self.span(ask, usual), self.cause, self.department, self.segment)
        return visible_scope(ask.loop, ask.caller, scope)


class SeriesQuery(Weeks):
    """Which series; without `part` all parts as a table."""

    by: series.By = "cause"
    part: str = ""
    corrected: bool = Field(False, description="Of one cause: also corrected for label error")


class MetricQuery(ScopeQuery):
    """One metric of the registry by week."""

    metric: str = "cpx"
    corrected: bool = Field(False, description="cpx of one cause: also corrected for label error")


class ScoreBody(Body):
    """A department's blind scores of a cause."""

    cause: str
    department: str
    customer_value: int = Field(strict=True, ge=1, le=5)
    company_value: int = Field(strict=True, ge=1, le=5)


@focus.route("GET", "/focus", ANYONE, "Ranked causes with the three factors of priority", query=Weeks)
def focus_list(ask: Ask) -> Any:
    first, last = ask.query(Weeks).span(ask, FOCUS_WEEKS)
    rows = ranking.ranking(ask.loop, first, last)
    shown = [r for r in rows if ask.caller.sees([r.department])]
    return {"first": first, "last": last, "causes": shown, "pareto": ranking.pareto(shown)}


@focus.route("GET", "/causes/{code}/this-week", ANYONE, "How many people met a cause this week; its project")
def cause_this_week(ask: Ask, code: str) -> Any:
    return this_week.this_week(ask.loop, ask.caller, code)


@focus.route("GET", "/matrix", ANYONE, "Value-irritant matrix from blind scores", query=Weeks)
def value_matrix(ask: Ask) -> Any:
    week = ask.query(Weeks).span(ask, 1)[1]
    rows = matrix.matrix(ask.loop, ask.caller, week)
    return {"cycle": week, "causes": rows, **matrix.ballot(ask.loop, ask.caller, week)}


@focus.route("PUT", "/matrix", LEADS, "Score a cause for a department", body=ScoreBody)
def score_cause(ask: Ask) -> Any:
    b = ask.body(ScoreBody)
    return matrix.score(ask.loop, ask.caller, b.cause, b.department, b.customer_value, b.company_value)


@measuring.route("GET", "/registry", ANYONE, "All metrics there are, with definitions")
def metric_registry(ask: Ask) -> Any:
    shown = ("id", "zh", "en", "unit", "better", "definition_zh", "scopes")
    return {"metrics": [{name: getattr(m, name) for name in shown} for m in REGISTRY.values()]}


@measuring.route("GET", "/metrics", ANYONE, "The metrics with n and interval", query=ScopeQuery)
def metrics(ask: Ask) -> Any:
    scope = ask.query(ScopeQuery).scope(ask, FOCUS_WEEKS)
    return {"first": scope.first, "last": scope.last, "metrics": measure(ask.loop, scope)}


class DenominatorQuery(Weeks):
    """Which denominator, and of which weeks."""

    name: str = Field("", description="parcels, orders, bills ...; by default all")


@measuring.route(
    "GET", "/denominators", READERS, "What X was given, by whom and when", query=DenominatorQuery
)
def list_denominators(ask: Ask) -> Any:
    q = ask.query(DenominatorQuery)
    first, last = q.span(ask, 8)
    return {"first": first, "last": last, "denominators": denominators.listed(ask.loop, q.name, first, last)}


class DenominatorBody(denominators.NewDenominator):
    """How many X there were; a number as text is for files."""

    value: int = Field(strict=True, ge=0, le=10**12)


@measuring.route("PUT", "/denominators", READERS, "How many X there were", body=DenominatorBody)
def save_denominator(ask: Ask) -> Any:
    saved, changed = denominators.save(ask.loop, ask.body(DenominatorBody), ask.caller.name)
    return {"denominator": saved, "changed": changed}


@track.route(
    "GET", "/series", ANYONE, "Contacts by week per cause, department, channel or segment", query=SeriesQuery
)
def weekly_series(ask: Ask) -> Any:
    q = ask.query(SeriesQuery)
    first, last = q.span(ask, 26)
    marked: dict[str, Any] = {"seams": charts.marks(ask.loop, first, last)}
    if q.part:
        known_parts(
            ask,
            cause=q.part if q.by == "cause" else "",
            department=q.part if q.by == "department" else "",
            channel=q.part if q.by == "channel" else "",
        )
        marked |= _replaced(ask, q.part) if q.by == "cause" else {}
        if owner := _owner(ask, q.by, q.part):
            ask.caller.must_see([owner], q.by)
        weeks = series.contacts_by_week(ask.loop, q.by, q.part, first, last)
        if q.corrected:
            found = corrected.correct_contacts(ask.loop, q.by, q.part, weeks, first, last)
            return {"by": q.by, "part": q.part, **found, **marked}
        return {"by": q.by, "part": q.part, "weeks": weeks, **marked}
    if q.corrected:
        raise corrected.only_causes()
    parts = series.parts_by_week(ask.loop, q.by, first, last)
    owners = {part: _owner(ask, q.by, part) for part in parts}
    shown = {p: row for p, row in parts.items() if not owners[p] or ask.caller.sees([owners[p]])}
    return {"by": q.by, "weeks": weeks_between(first, last), "parts": shown, **marked}


def _owner(ask: Ask, by: series.By, part: str) -> str:
    """Whose business a part is; "" for everybody's."""
    if by == "cause":
        return ask.loop.unit().taxonomy.department_of(part)
    return part if by == "department" else ""


@track.route(
    "GET", "/trend", ANYONE, "One metric by week, each week with its n, limits and signals", query=MetricQuery
)
def metric_trend(ask: Ask) -> Any:
    q = ask.query(MetricQuery)
    scope = q.scope(ask, 26)
    weeks = charts.with_points(ask.loop, q.metric, scope, series.metric_by_week(ask.loop, q.metric, scope))
    found = corrected.correct_trend(ask.loop, q.metric, scope, weeks) if q.corrected else {"weeks": weeks}
    marked = {"seams": charts.marks(ask.loop, scope.first, scope.last), **_replaced(ask, scope.cause)}
    return {"metric": q.metric, **found, **marked}


def _replaced(ask: Ask, cause: str) -> dict[str, Any]:
    """Of a cause: what took its place, or None."""
    return {"replaced": ask.loop.unit().taxonomy.replaced(cause)} if cause else {}


class NewProject(Body):
    """A project as it is proposed."""

    title: str = Field(min_length=2, max_length=100)
    hypothesis: str = Field(min_length=2, max_length=2_000)
    owner: str = Field("", max_length=64, description="User name; default the proposer")
    department: str
    reach: float | None = Field(
        None,
        ge=0,
        le=1,
        description="Share of the cause's contacts it addresses; default the expected effect",
    )
    plan: Plan
    from_voice: str = ""


class Draft(Body):
    """A plan nobody has proposed yet."""

    department: str
    plan: Plan


class Order(Body):
    """What to do with a project."""

    order: Literal["accept", "start", "end"]
    version: int | None = None


class NewPlan(Body):
    """A changed plan, before the start."""

    plan: Plan
    version: int | None = None


def project_view(ask: Ask, project: Project) -> dict[str, Any]:
    """A project with where its verdict stands, and all its looks, taken or to come."""
    return {**verdicts.view(ask.loop, project), "schedule": foretelling.schedule(project)}


def seen(ask: Ask, id: str) -> Project:
    """The project, if the caller may know of it."""
    return projects.visible(ask.loop.unit(), ask.caller, id)


@track.route("POST", "/projects", STAFF | READERS, "Propose a project", body=NewProject, status=201)
def propose_project(ask: Ask) -> Any:
    b = ask.body(NewProject)
    fields = {name: getattr(b, name) for name in type(b).model_fields}
    return project_view(ask, projects.propose(ask.loop, ask.caller, **fields))


@track.route("POST", "/projects/preview", STAFF | READERS, "What a start would fix and could show; saves nothing", body=Draft)  # fmt: skip
def preview_project(ask: Ask) -> Any:
    b = ask.body(Draft)
    return foretelling.foretell(ask.loop, ask.caller, b.department, b.plan)


@track.route("GET", "/projects", ANYONE, "Projects, newest first")
def list_projects(ask: Ask) -> Any:
    return {"projects": verdicts.views(ask.loop, projects.listed(ask.loop, ask.caller))}


@track.route("GET", "/projects/{id}", ANYONE, "One project, its looks, and what the numbers say now")
def read_project(ask: Ask, id: str) -> Any:
    return project_view(ask, seen(ask, id))


@track.route(
    "GET", "/projects/{id}/verdict", ANYONE, "Every figure of a project's verdict, by the weeks there are"
)
def project_verdict(ask: Ask, id: str) -> Any:
    return verdicts.live(ask.loop, seen(ask, id))


@track.route(
    "GET", "/projects/{id}/table", ANYONE, "The CSV and the config that voc verdict reads, to check it"
)
def project_table(ask: Ask, id: str) -> Any:
    weeks = project_weeks.weeks_of(ask.loop, seen(ask, id))
    return {"csv": sheet.as_csv(weeks), "config": weeks.config}


@track.route("POST", "/projects/{id}/move", LEADS, "Accept, start or end a project", body=Order)
def move_project(ask: Ask, id: str) -> Any:
    b = ask.body(Order)
    return project_view(ask, projects.move(ask.loop, ask.caller, id, ProjectMove(b.order), b.version))


@track.route("PUT", "/projects/{id}/plan", LEADS, "Change the plan before the start", body=NewPlan)
def replan_project(ask: Ask, id: str) -> Any:
    b = ask.body(NewPlan)
    return project_view(ask, projects.replan(ask.loop, ask.caller, id, b.plan, b.version))
