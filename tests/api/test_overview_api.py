"""The executive page and its parts over HTTP: who may see what, and what they are told."""

from __future__ import annotations

import pytest

from chalicelib.loop.overview import PARTS
from chalicelib.loop.track.alarms import judge_when_due
from tests.loop.making import LATE
from tests.loop.weeks_of import LAST, fill, give_x

RISEN = [100, 104, 96, 101, 99, 103, 97, 100, 105, 95, 102, 98, 101, 99, 100, 103, 160, 165, 158]
NEW = {"cause": LATE, "week": LAST, "reason": "换了承运商"}


@pytest.fixture
def risen(loop):
    """Late parcels have risen; the last week has been judged."""
    fill(loop, LATE, RISEN)
    for name in ("parcels", "orders"):
        give_x(loop, name, [10_000] * len(RISEN))
    judge_when_due(loop)


def test_the_page_is_one_answer(api, risen):
    found = api("GET", "/overview", user="exec")
    assert found.status == 200
    assert {*PARTS, "week"} <= set(found.json)
    assert found.json["changes"][0]["cause"] == LATE
    assert api("GET", "/overview", user="lead.quality").json["skyline"]["causes"] == []
    assert api("GET", "/overview", user="agent").status == 403
    earlier = api("GET", "/overview?week=2026年第40周", user="exec").json
    assert (earlier["week"], earlier["newest"], earlier["chart"]["running"]) == ("2026-W40", LAST, None)
    assert api("GET", "/overview?week=2026-W47", user="exec").json["error"]["code"] == "overview.week"


def test_an_empty_company_has_a_page(api):
    assert [c["kind"] for c in api("GET", "/overview", user="exec").json["changes"]] == [
        "not_judged", "not_enough_data"
    ]  # fmt: skip


def test_a_chart_and_a_trend_have_the_same_limits(api, risen):
    chart = api("GET", f"/chart?cause={LATE}&last={LAST}", user="lead.logistics").json
    trend = api("GET", f"/trend?cause={LATE}&first={chart['begin']}&last={LAST}", user="lead.logistics").json
    assert [w["limits"] for w in chart["weeks"]] == [w["limits"] for w in trend["weeks"]]
    assert chart["weeks"][-1]["signals"] == trend["weeks"][-1]["signals"] == ["outside"]
    assert chart["segments"][0]["locked"]
    assert api("GET", f"/chart?cause={LATE}", user="lead.quality").status == 404
    assert api("GET", "/chart?metric=nps").status == 404
    assert api("GET", f"/chart?metric=response_rate&cause={LATE}").status == 422


def test_small_charts_have_the_numbers_of_the_large_one(api, risen):
    small = api("GET", "/sparklines", user="lead.logistics").json
    chart = api("GET", f"/chart?cause={LATE}&last={LAST}", user="lead.logistics").json["weeks"][-13:]
    line = small["causes"][LATE]
    assert small["weeks"] == [w["week"] for w in chart]
    assert line["rates"] == [pytest.approx(w["value"], abs=1e-4) for w in chart]
    assert line["limits"] == [[pytest.approx(side, abs=1e-4) for side in w["limits"]] for w in chart]
    assert line["signals"][-1] == ["outside"]
    assert line["contacts"][-1] == RISEN[-1]
    assert api("GET", "/sparklines", user="lead.quality").json["causes"] == {}


def test_a_week_without_its_denominator_has_no_place_on_the_small_chart(api, loop):
    fill(loop, LATE, RISEN)
    give_x(loop, "parcels", [10_000] * (len(RISEN) - 1) + [None])
    line = api("GET", "/sparklines", user="lead.logistics").json["causes"][LATE]
    assert (line["rates"][-1], line["limits"][-1], line["signals"][-1]) == (None, None, [])
    assert line["rates"][-2] is not None


def test_alarms_lead_to_their_contacts(api, risen):
    found = api("GET", f"/alarms?week={LAST}", user="lead.logistics").json
    (alarm,) = found["alarms"]
    assert found["states"]["alarm"] == 1
    query = "&".join(f"{name}={value}" for name, value in alarm["behind"].items())
    assert api("GET", f"/contacts?{query}", user="lead.logistics").status == 200
    assert api("GET", "/alarms", user="lead.quality").json["alarms"] == []
    notices = api("GET", "/notices", user="lead.logistics").json["notices"]
    assert [n["subject"] for n in notices if n["about"] == "alarm_raised"] == [f"alarms:{LAST}"]


def test_a_baseline_is_begun_again_and_taken_back(api, risen):
    assert api("POST", "/baselines", NEW, user="lead.quality").status == 404
    assert api("POST", "/baselines", NEW, user="agent").status == 403
    assert api("POST", "/baselines", NEW, user="lead.logistics").json["in_force"] == {LAST: "换了承运商"}
    revoked = api("POST", "/baselines", {**NEW, "what": "revoke", "reason": "弄错了"}, user="exec")
    assert (revoked.status, revoked.json["in_force"]) == (200, {})
    again = api("POST", "/baselines", {**NEW, "what": "revoke", "reason": "再来"}, user="exec")
    assert (again.status, again.json["error"]["code"]) == (409, "baseline.none")
    (row,) = api("GET", "/baselines", user="exec").json["baselines"]
    assert [a["what"] for a in row["baseline"]["acts"]] == ["rebase", "revoke"]


def test_snoozing_over_http(api, risen):
    new = {"cause": LATE, "until": "2026-W48", "reason": "已知原因"}
    assert api("POST", "/alarms/snooze", new, user="lead.quality").status == 404
    assert api("POST", "/alarms/snooze", new, user="exec").json["rests"][-1]["until"] == "2026-W48"
    assert [s["cause"] for s in api("GET", "/alarms", user="exec").json["snoozes"]] == [LATE]


def test_skyline_split_and_health(api, risen):
    skyline = api("GET", "/skyline?causes=1", user="exec").json
    assert ([row["cause"] for row in skyline["causes"]], len(skyline["weeks"])) == ([LATE], 7)
    split = api("GET", "/split", user="exec").json["causes"][0]
    assert split["change"] == pytest.approx(split["volume"] + split["friction"])
    assert api("GET", "/split?first=2026-W48", user="exec").status == 422
    assert api("GET", "/health-of-loop", user="exec").json["projects"] == 0


def test_source_counts_and_completeness(api, take):
    take(time="2026-11-17 09:00")
    body = {"channel": "电话", "day": "2026-11-17", "count": 5}
    assert api("PUT", "/source-counts", body, user="agent").json["changed"] is True
    assert api("PUT", "/source-counts", body, user="agent").json["changed"] is False
    found = api("GET", "/completeness?first=2026-11-17&last=2026-11-17", user="exec").json
    (row,) = found["rows"]
    assert (row["state"], row["recorded"], row["missing"], row["alarm"]) == ("missing", 1, 4, True)
    assert (found["reported"], found["share"]) == (5, 0.8)
    assert api("GET", "/completeness", user="agent").status == 403
    assert api("GET", "/completeness?first=morgen").status == 422


def test_a_list_of_contacts_says_how_many_the_number_counted(api, take):
    both = {"causes": ["delivery.late", "product.defect"]}
    for n, fields in enumerate(({}, both, {"channel": "web", "customer": None})):
        take(f"第 {n} 个包裹送得太慢", **fields)

    def counted(query, user="exec"):
        found = api("GET", f"/contacts?{query}", user=user).json
        return found["counted"], len(found["contacts"])

    assert counted("") == (3, 3)
    assert counted("cause=product.defect") == (1, 1)
    assert counted("department=logistics") == (3, 3)
    assert counted("channel=web") == (1, 1)
    assert counted("cause=delivery.late&channel=web") == (1, 1)
    assert counted("contact_kind=complaint") == (3, 3)
    assert counted("cause=delivery.late&department=logistics") == (None, 3)
    assert counted("", "lead.quality") == (3, 1), "the number is the company's, the list a lead's own"
    assert counted("cause=delivery.late", "lead.quality") == (None, 1), "nor is a lead told others' numbers"
    page = api("GET", "/contacts?limit=1", user="exec").json
    assert page["counted"] == 3
    assert "counted" not in api("GET", f"/contacts?limit=1&cursor={page['cursor']}", user="exec").json


def test_a_lead_is_told_that_others_have_scored(api):
    def score(user, department):
        body = {"cause": LATE, "department": department, "customer_value": 2, "company_value": 2}
        assert api("PUT", "/matrix", body, user=user).status == 200

    def seen(user):
        page = api("GET", "/overview", user=user).json
        return len(page["matrix"]), page["matrix_hidden"]

    score("lead.logistics", "logistics")
    assert seen("lead.quality") == (0, 1)
    assert seen("exec") == seen("lead.logistics") == (1, 0)
    score("lead.quality", "quality")
    assert seen("lead.quality") == (1, 0)
