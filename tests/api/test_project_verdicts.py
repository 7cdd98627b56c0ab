"""Verdicts and reasons of projects over HTTP: who sees what, and that the figures are there."""

from __future__ import annotations

import csv
import io

import pytest

from chalicelib.loop.track.verdicts import look_when_due
from chalicelib.model.seal import seal
from chalicelib.model.weeks import week_start
from tests.loop.judged import CAUSE, START, at_week, contacts, parcels, write

WEEKS = range(-26, 14)
LEAD = {"user": "lead.logistics"}
FIGURES = {"word", "reason", "rate_ratio", "ci", "power_date", "displacement", "n_before", "n_after"}


@pytest.fixture
def path(api, loop, clock) -> str:
    """A project whose eight weeks are over."""
    rates = {CAUSE: lambda n: 100 if n < 0 else 55, "other": lambda n: 20}
    write(loop, contacts(rates, WEEKS), parcels(WEEKS))
    plan = {"metric": "cpx", "cause": CAUSE, "weeks_before": 26, "starts": week_start(START).isoformat()}
    words = {"title": "加固包装", "hypothesis": "换箱子", "department": "logistics", "plan": plan}
    path = f"/projects/{api('POST', '/projects', words, **LEAD).json['project']['id']}"
    accepted = api("POST", f"{path}/move", {"order": "accept"}, **LEAD).json
    assert accepted["verdict"]["outlook"]["zh"]
    assert accepted["project"]["history"][-1]["data"]["minimum"]["effect"] == 0.1
    at_week(clock, 0)
    assert api("POST", f"{path}/move", {"order": "start"}, **LEAD).status == 200
    at_week(clock, 9)
    look_when_due(loop)
    return path


def test_a_project_shows_its_look_and_what_the_numbers_say_now(api, path):
    shown = api("GET", path, **LEAD).json["verdict"]
    assert set(shown) >= FIGURES
    assert (shown["word"], shown["state"], len(shown["looks"])) == ("IMPROVED", "judged", 1)
    assert shown["live"]["line"][-1].keys() == {"time", "count", "expected", "low", "high"}
    assert {"zh", "en"} <= shown["reason"].keys()
    (row,) = api("GET", "/projects", **LEAD).json["projects"]
    assert set(row["verdict"]) >= FIGURES
    assert row["verdict"]["rate_ratio"] == shown["rate_ratio"]


def test_all_figures_the_table_and_the_seal(api, path):
    found = api("GET", f"{path}/verdict", user="agent").json
    assert found["stamp"] == seal(found["sealed"]) == api("GET", path).json["project"]["seal"]
    table = api("GET", f"{path}/table", user="exec").json
    rows = list(csv.DictReader(io.StringIO(table["csv"])))
    assert table["config"] == found["config"]
    assert len(rows) == 26 + 9
    assert sum(int(row["count"]) for row in rows if row["intervention"] == "1") == sum(
        line["count"] for line in found["line"][-8:]
    ) + int(rows[26]["count"])


def test_reasons_over_http(api, path):
    said = api("POST", f"{path}/why", {"text": "箱子太薄", "assumption": True, "share": 60}, **LEAD)
    assert said.status == 201
    thin = said.json["because"][0]["id"]
    assert api("POST", f"{path}/why", {"text": "分拣摔箱", "share": 10}, **LEAD).status == 422
    more = {"text": "分拣摔箱", "assumption": True, "share": 41}
    assert api("POST", f"{path}/why", more, **LEAD).status == 409
    changed = {"text": "箱子太薄", "assumption": True, "share": 59, "version": 1}
    assert api("PUT", f"{path}/why/{thin}", changed, **LEAD).json["version"] == 2
    assert api("PUT", f"{path}/why/{thin}", {**changed, "share": 58}, **LEAD).status == 409
    assert api("POST", f"{path}/why", more, user="agent").status == 201
    assert api("POST", f"{path}/why/{thin}/withdraw", {}, **LEAD).json["explained"] == 41
    assert api("GET", f"{path}/why", user="lead.quality").status == 404


def test_a_plan_can_be_looked_at_before_anybody_proposes_it(api, path):
    plan = api("GET", path, **LEAD).json["project"]["plan"]
    again = {**plan, "starts": week_start("2027-W10").isoformat(), "denominator": "", "siblings": []}
    told = api("POST", "/projects/preview", {"department": "logistics", "plan": again}, **LEAD).json
    assert (told["plan"]["denominator"], told["plan"]["siblings"]) == ("parcels", plan["siblings"])
    assert told["seal"] == seal(told["sealed"])
    assert told["outlook"]["minimum"]["effect"] == 0.1
    assert [look["weeks"] for look in told["schedule"]] == [8, 13, 26]
    assert not any(look["taken"] for look in told["schedule"])
    assert len(api("GET", "/projects", **LEAD).json["projects"]) == 1
    wrong = {"department": "quality", "plan": again}
    assert api("POST", "/projects/preview", wrong, **LEAD).json["error"]["code"] == "project.department"
    metric = {"department": "logistics", "plan": {**again, "metric": "cost"}}
    assert api("POST", "/projects/preview", metric, **LEAD).json["error"]["code"] == "project.metric"


def test_a_project_says_when_it_is_looked_at(api, path):
    schedule = api("GET", path, **LEAD).json["schedule"]
    assert [(look["weeks"], look["taken"]) for look in schedule] == [(8, True), (13, False), (26, False)]
    assert schedule[0]["week"] == api("GET", path).json["verdict"]["looks"][0]["look"]["week"]
