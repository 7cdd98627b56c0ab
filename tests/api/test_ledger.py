"""The ledger over HTTP: who sees which lines, closing, disputes from opening to decision."""

from __future__ import annotations

import pytest

LEAD = {"user": "lead.logistics"}
MONTH = "2026-11"


@pytest.fixture
def charged(take):
    """600 fen for late delivery and 600 for a defect, this month."""
    late = take(external_id="L")
    broken = take(external_id="D", causes=["product.defect"])
    return late, broken


def rows(answer):
    return {row["account"]: (row["contacts"], row["fen_yuan"]) for row in answer.json["lines"]}


def test_a_month_by_department(api, charged):
    seen = api("GET", f"/ledger?month={MONTH}", user="exec")
    assert rows(seen) == {"logistics": (1, "6.00"), "quality": (1, "6.00")}
    assert (seen.json["state"], seen.json["total"]) == ("open", {"fen": 1_200, "yuan": "12.00"})
    assert seen.json["check"]["balanced"]
    assert rows(api("GET", "/ledger", **LEAD)) == {"logistics": (1, "6.00")}
    assert api("GET", "/ledger", user="agent").status == 403
    assert api("GET", "/ledger?month=11").json["error"]["code"] == "bad_month"


def test_a_month_tells_its_causes_and_which_months_there_are(api, clock, charged):
    seen = api("GET", "/ledger", user="exec").json
    assert [(row["account"], row["cause"], row["fen"]) for row in seen["causes"]] == [
        ("logistics", "delivery.late", 600),
        ("quality", "product.defect", 600),
    ]
    assert [row["account"] for row in api("GET", "/ledger", **LEAD).json["causes"]] == ["logistics"]
    assert seen["months"] == [{"month": MONTH, "state": "open"}]
    clock.forward(days=30)
    api("POST", f"/ledger/{MONTH}/close", user="exec")
    assert api("GET", f"/ledger?month={MONTH}", **LEAD).json["months"] == [
        {"month": "2026-12", "state": "open"},
        {"month": MONTH, "state": "closed"},
    ]


def test_from_an_account_to_its_causes_to_their_contacts(api, charged):
    late, _ = charged
    (cause,) = api("GET", f"/ledger/{MONTH}/lines?account=logistics", **LEAD).json["causes"]
    assert (cause["cause"], cause["fen"]) == ("delivery.late", 600)
    path = f"/ledger/{MONTH}/lines?account=logistics&cause=delivery.late"
    first = api("GET", path, **LEAD).json
    (row,) = first["contacts"]
    assert (row["contact"], row["fen"], row["yuan"]) == (late["id"], 600, "6.00")
    assert api("GET", row["href"], **LEAD).status == 200
    assert "text" not in row
    rest = api("GET", f"{path}&cursor={first['cursor']}", **LEAD).json
    assert (rest["contacts"], rest["cursor"]) == ([], "")
    assert api("GET", f"/ledger/{MONTH}/lines?account=quality", **LEAD).status == 404
    assert api("GET", f"/ledger/{MONTH}/lines").json["error"]["code"] == "ledger.account"
    assert api("GET", f"{path}&cursor=9:x", **LEAD).json["error"]["code"] == "cursor"


def test_closing_is_for_executives_and_safe_to_repeat(api, clock, charged):
    assert api("POST", f"/ledger/{MONTH}/close", user="exec").json["error"]["code"] == "ledger.not_over"
    clock.forward(days=15)
    assert api("POST", f"/ledger/{MONTH}/close", **LEAD).status == 403
    made = api("POST", f"/ledger/{MONTH}/close", user="exec")
    assert (made.status, made.json["fen"], made.json["contacts"]) == (200, 1_200, 2)
    assert api("POST", f"/ledger/{MONTH}/close").json == made.json
    seen = api("GET", f"/ledger?month={MONTH}", user="exec").json
    assert (seen["state"], seen["statement"]["digest"]) == ("closed", made.json["digest"])


def test_a_dispute_from_opening_to_decision(api, clock, charged):
    body = {"cause": "delivery.late", "month": MONTH, "to": "quality", "reason": "包装的事，电话13800138000"}
    made = api("POST", "/disputes", body, **LEAD)
    assert made.status == 201
    assert (made.json["state"], made.json["yuan"], made.json["shares"]["fen"]) == ("open", "6.00", 600)
    assert "13800138000" not in made.text
    assert made.json["clock"][-1]["zh"].startswith("往后第 10 个工作日")
    assert api("POST", "/disputes", body, **LEAD).json == made.json
    assert rows(api("GET", "/ledger", user="exec")) == {
        "@suspense:logistics": (1, "6.00"),
        "quality": (1, "6.00"),
    }
    for user in ("lead.logistics", "lead.quality", "exec"):
        assert [d["id"] for d in api("GET", "/disputes?state=open", user=user).json["disputes"]] == [
            made.json["id"]
        ]
    assert api("GET", "/disputes", user="lead.service").json == {"disputes": []}
    ruling = {"decision": "upheld", "reason": "是包装"}
    path = f"/disputes/{made.json['id']}/decide"
    assert api("POST", path, ruling, user="lead.service").status == 404
    assert api("POST", path, ruling, **LEAD).json["error"]["code"] == "dispute.decide"
    done = api("POST", path, ruling, user="lead.quality")
    assert (done.status, done.json["state"], done.json["decided_by"]) == (200, "upheld", "lead.quality")
    assert rows(api("GET", "/ledger", user="exec")) == {"quality": (2, "12.00")}
    assert (
        api("POST", path, {**ruling, "decision": "refused"}, user="exec").json["error"]["code"]
        == "dispute.decided"
    )


def test_an_overdue_dispute_says_so_and_a_single_contact_can_be_disputed(api, clock, charged):
    late, _ = charged
    body = {"cause": "delivery.late", "contact": late["id"], "reason": "不是我们的"}
    made = api("POST", "/disputes", body, **LEAD).json
    assert (made["late"], made["contact"], made["month"]) == (False, late["id"], "")
    clock.forward(days=30)
    (seen,) = api("GET", "/disputes", user="exec").json["disputes"]
    assert (seen["late"], seen["shares"]["fen"]) == (True, 600)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"cause": "delivery.late", "reason": "不是我们的"}, "dispute.share"),
        ({"cause": "delivery.late", "month": "2026-99", "reason": "不是我们的"}, "bad_month"),
        ({"cause": "product.defect", "month": MONTH, "reason": "不是我们的"}, "dispute.nothing"),
        ({"cause": "delivery.late", "month": MONTH, "reason": ""}, "invalid"),
    ],
)
def test_what_cannot_be_disputed_is_refused(api, charged, body, code):
    said = api("POST", "/disputes", body, **LEAD)
    assert (said.status, said.json["error"]["code"]) == (422, code)
    assert said.json["error"]["zh"]


def test_the_clock_of_a_closing_is_explained(api, clock):
    told = api("GET", f"/ledger?month={MONTH}", user="exec").json["closes"]
    assert told["at"].startswith("2026-12-08")
    assert told["lines"][-1]["zh"].startswith("往后第 5 个工作日")


def test_history_from_before_the_ledger_began_closes_with_its_first_month(api, charged):
    asked = [api("GET", f"/ledger?month={month}", user="exec").json for month in ("2026-09", MONTH)]
    assert asked[0]["closes"] == asked[1]["closes"]
