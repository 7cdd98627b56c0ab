"""Looking at tags over HTTP: the queue, the one-call confirmation, the blind look, published quality, corrections."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from chalicelib.loop.context import Loop
from chalicelib.loop.schedule import tick
from chalicelib.model.people import User
from tests.conftest import USERS
from tests.loop.saying import Saying, say

LATE, BILL = "delivery.late", "billing.unclear"
LOOK = {"causes": [LATE], "contact_kind": "complaint", "severity": 1}


@pytest.fixture
def loop(clock, vault, store) -> Loop:
    """A loop whose analyser says what the text asks for."""
    loop = Loop(store, vault, lambda taxonomy: Saying(), clock)
    people = [User(name=name, role=role, departments=own) for name, (role, own) in USERS.items()]
    loop.change(lambda unit: [unit.put(user) for user in people])
    return loop


@pytest.fixture
def before(loop, clock) -> Any:
    """Takes a contact of so many hours ago."""
    return lambda hours, text: say(loop, clock.now - timedelta(hours=hours), text).id


def asked(api: Any, user: str, path: str = "/review") -> list[str]:
    said = api("GET", path, user=user)
    assert said.status == 200, said.text
    rows = said.json["contacts"]
    return [row["contact"]["id"] if isinstance(row["contact"], dict) else row["contact"] for row in rows]


def test_the_queue_is_handed_out_and_a_confirmation_is_one_call(api, before, clock):
    one, two = before(1, f"{LATE}:.6"), before(2, f"{LATE}:.4")
    said = api("GET", "/review?limit=1", user="agent").json
    (row,) = said["contacts"]
    assert (row["contact"]["id"], row["doubt"], said["answered"], said["left"]) == (two, 0.6, 0, 20)
    assert (row["teaches"], row["disagreement"], row["new_words"]) == (0.6, 0.0, 0.0)
    assert "fingerprint" not in row["contact"]
    assert asked(api, "admin") == [one]
    clock.forward(minutes=1)
    done = api("POST", f"/contacts/{two}/confirm", {"version": row["contact"]["version"]}, user="agent")
    assert (done.status, done.json["correction"]["causes"], done.json["unsure"]) == (200, [LATE], False)
    assert done.json["correction"]["by"] == "agent"
    assert asked(api, "agent") == []
    assert api("GET", "/review", user="agent").json["answered"] == 1


def test_a_correction_answers_too(api, before, clock):
    key = before(1, f"{LATE}:.6")
    clock.forward(minutes=1)
    api("POST", f"/contacts/{key}/correction", {**LOOK, "causes": [BILL]}, user="agent")
    said = api("GET", "/review", user="agent").json
    assert (said["contacts"], said["answered"], said["left"]) == ([], 1, 19)
    refused = api("POST", f"/contacts/{key}/confirm", {}, user="agent")
    assert (refused.status, refused.json["error"]["code"]) == (409, "review.corrected")
    clock.forward(minutes=1)
    again = api("POST", f"/contacts/{key}/correction", {**LOOK, "causes": [LATE]}, user="admin").json
    history = [(said["by"], said["causes"]) for said in (*again["earlier"], again["correction"])]
    assert history == [("agent", [BILL]), ("admin", [LATE])]
    assert api("GET", f"/contacts/{key}").json["earlier"] == again["earlier"]


def test_an_answer_can_be_taken_back_by_who_gave_it_while_nobody_said_more(api, before, clock):
    key = before(1, f"{LATE}:.6")
    clock.forward(minutes=1)
    path = f"/contacts/{key}/withdraw"
    assert api("POST", path, {"version": 1}, user="agent").status == 404
    said = api("POST", f"/contacts/{key}/correction", {**LOOK, "causes": [BILL]}, user="agent").json
    assert asked(api, "agent") == []
    back = api("POST", path, {"version": said["version"]}, user="agent")
    assert (back.status, back.json["causes"], back.json["correction"]["causes"]) == (200, [LATE], None)
    assert [one["causes"] for one in back.json["earlier"]] == [[BILL]]
    assert asked(api, "agent") == [key]
    assert api("POST", path, {"version": said["version"]}, user="agent").status == 409
    again = api("POST", f"/contacts/{key}/correction", {**LOOK, "causes": [BILL]}, user="agent").json
    more = api("POST", f"/contacts/{key}/correction", {**LOOK, "version": again["version"]}, user="admin")
    refused = api("POST", path, {"version": more.json["version"]}, user="agent")
    assert (refused.status, refused.json["error"]["code"]) == (409, "correction.overtaken")


def test_a_lead_is_asked_about_and_confirms_its_own_departments_only(api, before):
    late, bill = before(1, f"{LATE}:.6"), before(2, f"{BILL}:.6")
    assert asked(api, "lead.logistics") == [late]
    assert asked(api, "lead.quality") == []
    assert api("POST", f"/contacts/{bill}/confirm", {}, user="lead.logistics").status == 404
    assert api("POST", f"/contacts/{late}/confirm", {}, user="lead.logistics").status == 200


def test_the_blind_look_says_nothing_of_tags_and_takes_a_whole_answer(api, loop, before):
    key = before(24, f"{LATE}:.9")
    tick(loop)
    said = api("GET", "/blind", user="agent")
    assert [set(row) for row in said.json["contacts"]] == [{"contact", "channel", "time", "text"}]
    for lacking in LOOK:
        body = {name: value for name, value in LOOK.items() if name != lacking}
        refused = api("POST", f"/blind/{key}", body, user="agent")
        assert (refused.status, refused.json["error"]["where"]) == (422, lacking)
    for _ in range(2):
        done = api("POST", f"/blind/{key}", LOOK, user="agent")
        assert (done.status, set(done.json)) == (201, {"contact", "by", "at"})
    assert api("POST", f"/blind/{key}", LOOK, user="admin").status == 409
    assert asked(api, "admin", "/blind") == []
    assert api("GET", f"/contacts/{key}").json["correction"] is None


@pytest.mark.parametrize("user", ["lead.logistics", "exec"])
def test_who_may_not_judge_blind(user, api, loop, before):
    key = before(24, f"{LATE}:.9")
    tick(loop)
    assert api("GET", "/blind", user=user).status == 403
    assert api("POST", f"/blind/{key}", LOOK, user=user).status == 403


def test_label_quality_is_published(api, loop, before):
    key = before(24, f"{LATE}:.9")
    tick(loop)
    api("POST", f"/blind/{key}", {**LOOK, "causes": [BILL]}, user="agent")
    assert api("GET", "/label-quality", user="agent").status == 403
    found = api("GET", "/label-quality?first=2026-W47", user="exec").json
    assert (found["first"], found["last"], found["n"]) == ("2026-W47", "2026-W47", 1)
    assert {row["code"] for row in found["causes"]} == {LATE, BILL}
    assert found["precision"] | {"state": "not_yet_known", "n": 1, "unknown": 9} == found["precision"]
    own = api("GET", "/label-quality", user="lead.logistics").json
    assert [row["code"] for row in own["causes"]] == [LATE]


@pytest.mark.parametrize("path", [f"/series?by=cause&part={LATE}", f"/trend?cause={LATE}"])
def test_a_trend_is_shown_corrected_only_on_request_and_beside_the_raw_one(path, api, before):
    before(1, f"{LATE}:.9")
    raw, both = api("GET", path).json, api("GET", f"{path}&corrected=1").json
    assert "label_error" not in raw
    weeks = [{name: value for name, value in week.items() if name != "corrected"} for week in both["weeks"]]
    assert weeks == raw["weeks"]
    assert both["weeks"][-1]["corrected"]["value"] is None
    assert both["label_error"]["missing_with_cause"] == 20
    assert api("GET", f"{path}&corrected=1", user="lead.quality").status == 404


@pytest.mark.parametrize(
    "path",
    ["/series?by=cause", "/series?by=channel&part=phone", "/trend", f"/trend?metric=cost&cause={LATE}"],
)
def test_what_cannot_be_corrected_is_refused(path, api):
    said = api("GET", f"{path}{'&' if '?' in path else '?'}corrected=1")
    assert (said.status, said.json["error"]["where"]) == (422, "corrected")
