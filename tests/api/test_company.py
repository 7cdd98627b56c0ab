"""What an admin is shown before a change is made, and that showing changes nothing."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib.model.taxonomy import default_taxonomy


def body(number: int = 1, **changed: dict[str, Any]) -> dict[str, Any]:
    """The taxonomy as the page sends it, with some causes changed by code."""
    known = default_taxonomy().model_dump(mode="json")
    causes = [{**c, **changed.get(c["code"].replace(".", "_"), {})} for c in known["causes"]]
    return {"departments": known["departments"], "causes": causes, "number": number}


@pytest.mark.parametrize(
    ("changed", "what", "cuts"),
    [
        ({"label_zh": "送得慢"}, ["label_zh"], False),
        ({"definition_zh": "另一种意思"}, ["definition_zh"], True),
        ({"words": ["一直没到"]}, ["words"], True),
        ({"active": False}, ["retired"], True),
        ({"denominator": "orders"}, ["denominator"], False),
        ({"department": "quality", "window_days": 14}, ["department", "window_days"], False),
    ],
)
def test_a_preview_tells_which_changes_cut_a_series(api, changed, what, cuts):
    said = api("POST", "/taxonomy/preview", body(delivery_late=changed)).json
    (row,) = said["changes"]
    assert (row["cause"], row["what"], row["cuts"]) == ("delivery.late", what, cuts)
    assert ("delivery.late" in said["causes"]) == cuts
    assert api("GET", "/taxonomy").json["taxonomy"]["number"] == 1, "nothing was stored"


def test_a_preview_names_the_projects_and_counts_the_contacts_that_are_cut(api, company):
    said = api("POST", "/taxonomy/preview", body(delivery_late={"active": False})).json
    assert [p["id"] for p in said["projects"]] == [company.ids["project"]]
    assert said["changes"][0]["contacts"] == 1


def test_a_preview_tells_from_what_to_what(api):
    api("PUT", "/taxonomy", body(delivery_late={"words": ["蜗牛", "还没到"]}))
    changed = body(2, delivery_late={"window_days": 14, "words": ["还没到", "龟速"]})
    (row,) = api("POST", "/taxonomy/preview", changed).json["changes"]
    assert row["from"] == {"window_days": 7, "words": ["蜗牛"]}
    assert row["to"] == {"window_days": 14, "words": ["龟速"]}


def test_a_preview_and_the_save_tell_which_phrases_are_not_found_as_they_were_meant(api):
    changed = body(delivery_late={"words": ["蜗牛", "(没送到", "价格还有点(贵|高)"]})
    said = api("POST", "/taxonomy/preview", changed).json["warnings"]
    assert [("(没送到" in one["zh"], "delivery.late" in one["en"]) for one in said] == [
        (True, True),
        (False, True),
    ]
    assert "价格还有点" in said[1]["zh"]
    assert api("PUT", "/taxonomy", changed).json["warnings"] == said
    retired = body(2, delivery_late={"words": ["(没送到"], "active": False})
    assert api("POST", "/taxonomy/preview", retired).json["warnings"] == []


def test_a_preview_tells_what_another_owner_takes_over_and_what_stays(api, company, take):
    changed = body(delivery_late={"department": "quality"})
    said = api("POST", "/taxonomy/preview", changed).json
    assert list(said["owners"]) == ["delivery.late"]
    stays = said["owners"]["delivery.late"]
    assert (stays["from"], stays["to"], stays["month"]) == ("logistics", "quality", "2026-11")
    assert (stays["cases"], stays["capped"]) == ({"logistics": 1}, False)
    assert [p["id"] for p in stays["projects"]] == [company.ids["project"]]
    api("PUT", "/taxonomy", changed)
    case = api("GET", f"/cases/{company.ids['case']}").json["case"]
    assert case["department"] == "logistics", "as was said"
    fresh = take("还没送到", customer="M-2")
    assert fresh["department"] == "quality"
    assert [(c["account"], c["month"]) for c in fresh["charges"]] == [("quality", "2026-11")]


def test_a_preview_on_top_of_an_older_version_is_refused_like_its_save(api):
    api("PUT", "/taxonomy", body(billing_invoice={"label_zh": "开发票"}))
    stale = body(delivery_late={"label_zh": "送得慢"})
    said = api("POST", "/taxonomy/preview", stale)
    assert (said.status, said.json) == (409, api("PUT", "/taxonomy", stale).json)
    assert said.json["error"]["code"] == "taxonomy.version"


def test_a_preview_refuses_what_could_not_be_saved(api):
    assert api("POST", "/taxonomy/preview", body(delivery_late={"department": "nobody"})).status == 422


def test_the_preview_is_what_the_version_then_cuts(api):
    changed = body(delivery_late={"definition_zh": "另一种意思"}, billing_invoice={"label_zh": "发票"})
    foreseen = api("POST", "/taxonomy/preview", changed).json
    api("PUT", "/taxonomy", changed)
    (made,) = api("GET", "/taxonomy/versions").json["versions"]
    assert (made["taxonomy"], made["by"], made["what"]) == (2, "admin", "edit")
    assert (made["causes"], made["departments"]) == (foreseen["causes"], foreseen["departments"])


def test_a_calendar_is_tried_before_it_is_saved(api):
    plain = {"hours": "09:00-18:00", "limit": "8h"}
    said = api("POST", "/calendar/try", plain).json
    assert said["due"] == "2026-11-18T10:00:00+00:00", "at closing"
    closed = api("POST", "/calendar/try", {**plain, "holidays": ["2026-11-18"]}).json
    assert closed["due"] > said["due"]
    assert any("本单位假日" in line["zh"] for line in closed["lines"])
    assert api("GET", "/settings").json["holidays"] == []


@pytest.mark.parametrize(
    "wrong", [{"hours": "9-18"}, {"hours": "09:00-18:00", "limit": "8 months"}, {"hours": "18:00-09:00"}]
)
def test_a_wrong_calendar_is_refused(api, wrong):
    assert api("POST", "/calendar/try", wrong).status == 422


def test_who_promises_is_told_when_somebody_works(api):
    said = api("GET", "/calendar/working", user="agent").json
    assert said["hours"] == "09:00-18:00"
    assert "2026-11-20" in said["days"], "a Friday"
    assert not {"2026-11-21", "2026-11-22"} & set(said["days"]), "a weekend"


def test_the_states_calendar_names_its_days(api):
    said = api("GET", "/calendar?year=2025").json
    assert said["known"]
    assert {"day": "2025-10-01", "zh": "国庆节", "en": "National Day"} in said["off"]
    assert said["worked"]
    assert api("GET", "/calendar?year=2099").json["known"] is False


def test_what_is_held_about_a_person_is_counted_before_it_is_erased(api, company):
    path = f"/customers/{company.ids['customer']}"
    held = api("GET", f"{path}/held").json
    assert (held["contacts"], held["cases"]) == (2, 2)
    receipt = api("POST", f"{path}/erase", {"purpose": "本人要求"}).json
    assert {n: receipt[n] for n in ("contacts", "cases", "callbacks")} == {
        n: held[n] for n in ("contacts", "cases", "callbacks")
    }
    assert api("GET", f"{path}/held").status == 404


def test_two_admins_at_once_do_not_overwrite_each_other(api):
    seen = {u["name"]: u["version"] for u in api("GET", "/users").json["users"]}
    assert api("PUT", "/users/agent", {"display": "一", "version": seen["agent"]}).status == 200
    second = api("PUT", "/users/agent", {"display": "二", "version": seen["agent"]})
    assert (second.status, second.json["error"]["code"]) == (409, "version")
    taken = api("PUT", "/users/agent", {"role": "agent", "version": 0})
    assert (taken.status, taken.json["error"]["code"]) == (409, "user.known")
    assert api("PUT", "/users/new.one", {"role": "agent", "version": 0}).status == 200


@pytest.mark.parametrize(
    ("path", "list_", "given", "field"),
    [
        ("/denominators", "denominators", {"denominator": "parcels", "period": "2026-W46"}, "value"),
        ("/source-counts", "source_counts", {"channel": "phone", "day": "2026-11-17"}, "count"),
    ],
)
def test_a_corrected_number_remembers_who_gave_what(api, path, list_, given, field):
    for value, user in ((10, "admin"), (10, "admin"), (12, "admin")):
        assert api("PUT", path, {**given, field: value}, user=user).status == 200
    (row,) = api("GET", path).json[list_]
    assert row[field] == 12
    assert [(e["value"], e["by"]) for e in row["earlier"]] == [(10, "admin")]
    assert row["by"] == "admin"
    assert row["at"]


def test_an_unknown_denominator_has_no_list(api):
    assert api("GET", "/denominators?name=unicorns").status == 422
