"""What the lead's pages ask for besides the case itself, and orders whose answer was lost."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.api.conftest import Company

LEAD = "lead.logistics"


def test_the_queue_has_rows_counts_and_pages(api: Any, company: Company) -> None:
    first = api("GET", "/queue?state=to_accept&order=cost&limit=1", user=LEAD).json
    assert first["rows"][0]["id"] == company.ids["case"]
    assert first["counts"]["to_accept"] == first["counts"]["unverified"] == 1
    assert (first["cursor"], first["cut"]) == ("", False)
    assert api("GET", "/queue?cursor=nonsense", user=LEAD).status == 422
    assert api("GET", "/queue?department=nowhere").status == 404
    assert api("GET", "/queue?department=logistics", user="lead.quality").status == 404


def test_cases_can_be_paged(api: Any, take: Callable[..., dict[str, Any]]) -> None:
    for n in range(5):
        take(customer=f"C-{n}", external_id=f"x{n}")
    found, cursor = [], ""
    while True:
        page = api("GET", f"/cases?limit=2&cursor={cursor}").json
        found += [case["id"] for case in page["cases"]]
        if not (cursor := page["cursor"]):
            break
    assert len(found) == len(set(found)) == 5


def test_a_case_shows_its_call_backs(api: Any, company: Company) -> None:
    shown = api("GET", f"/cases/{company.ids['resolved_case']}", user=LEAD).json["callbacks"]
    assert [(one["round"], one["state"]) for one in shown] == [(1, "to_call")]


def test_similar_contacts_are_those_of_other_customers_the_most_alike_first(
    api: Any, take: Callable[..., dict[str, Any]]
) -> None:
    mine = take("快递三天没到", customer="C-0")
    take("快递又没到", customer="C-0", external_id="again")
    far = take("催了好几次", customer="C-1")
    near = take("快递五天没到", customer="C-2")
    take("杯子裂了", customer="C-3", causes=["product.defect"])
    found = api("GET", f"/cases/{mine['case']}/similar", user=LEAD).json["contacts"]
    assert [one["id"] for one in found] == [near["id"], far["id"]]
    assert found[0]["case"] == near["case"]
    assert "customer" not in found[0]
    assert api("GET", f"/cases/{mine['case']}/similar", user="lead.quality").status == 404


def test_colleagues_are_known_by_name_without_what_is_secret(api: Any) -> None:
    api("PUT", "/users/gone", {"role": "agent", "disabled": True, "password": "long enough pw"})
    found = api("GET", "/colleagues", user="agent").json["colleagues"]
    quality = {"name": "lead.quality", "display": "", "role": "lead", "departments": ["quality"]}
    assert {**quality, "disabled": False} in found
    assert [one["name"] for one in found if one["disabled"]] == ["gone"], "what they did still has their name"
    assert all(one.keys() == {*quality, "disabled"} for one in found)


def test_notices_are_read_together(api: Any, company: Company) -> None:
    keys = [one["key"] for one in api("GET", "/notices", user=LEAD).json["notices"]]
    assert len(keys) > 1
    assert api("POST", "/notices/read", {"keys": [*keys, "user:exec/x/y/z"]}, user=LEAD).status == 404
    assert api("POST", "/notices/read", {}, user=LEAD).status == 404
    assert api("POST", "/notices/read", {"keys": keys}, user=LEAD).status == 200
    assert all(one["read"] for one in api("GET", "/notices", user=LEAD).json["notices"])


@pytest.fixture
def case(api: Any, take: Callable[..., dict[str, Any]]) -> Callable[[], dict[str, Any]]:
    """A fresh case of logistics, read anew each time."""
    number = take()["case"]
    return lambda: api("GET", f"/cases/{number}").json["case"]


ORDERS = [
    ("accept", {}),
    ("tasks", {"department": "quality", "what": "查包装"}),
    ("owner", {"department": "quality", "reason": "像是质量问题"}),
    ("resolve", {"what": "已送到"}),
]


@pytest.mark.parametrize(("order", "body"), ORDERS)
def test_an_order_sent_again_because_its_answer_was_lost_is_done_once(
    api: Any, case: Callable[[], dict[str, Any]], order: str, body: dict[str, Any]
) -> None:
    if order == "resolve":
        api("POST", f"/cases/{case()['id']}/accept", {}, user=LEAD)
    path, sent = f"/cases/{case()['id']}/{order}", {**body, "version": case()["version"]}
    assert api("POST", path, sent, user=LEAD).status == 200
    after = case()
    assert api("POST", path, sent, user=LEAD).status == 200
    assert case() == after


def test_who_was_overtaken_is_told_also_when_it_comes_to_the_same(
    api: Any, case: Callable[[], dict[str, Any]]
) -> None:
    version, path = case()["version"], f"/cases/{case()['id']}/accept"
    assert api("POST", path, {"version": version}, user=LEAD).status == 200
    said = api("POST", path, {"version": version}, user="admin")
    assert (said.status, said.json["error"]["code"]) == (409, "version")


def test_an_own_change_in_between_does_not_let_another_one_pass(
    api: Any, case: Callable[[], dict[str, Any]]
) -> None:
    api("POST", f"/cases/{case()['id']}/accept", {}, user=LEAD)
    version = case()["version"]
    api("POST", f"/cases/{case()['id']}/comments", {"text": "我在看"}, user=LEAD)
    said = api("POST", f"/cases/{case()['id']}/resolve", {"what": "好了", "version": version}, user=LEAD)
    assert said.status == 409
    assert case()["state"] == "working"


def test_not_reached_sent_again_counts_once(api: Any, clock: Any, company: Company) -> None:
    path = f"/callbacks/{company.ids['resolved_case']}/answer"
    said = []
    for _ in range(2):
        said.append(api("POST", path, {"reached": False, "tries": 0}, user="agent").json)
        clock.forward(minutes=1)
    assert [(one["changed"], one["callback"]["attempts"]) for one in said] == [(True, 1), (False, 1)]
    assert api("POST", path, {"reached": False, "tries": 1}, user="agent").json["callback"]["attempts"] == 2
    assert api("POST", path, {"reached": True, "tries": 0}, user="agent").json["changed"]
