"""What people read on the command line: Chinese words, whose turn it is, a few lines for each operation."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest

import app  # noqa: F401  registers the routes
from chalicelib.api.routing import ROUTES
from chalicelib.cli import words
from chalicelib.cli.acting import _shapes, given
from chalicelib.cli.figures import _factors
from chalicelib.cli.grammar.cycle import WHAT as OFFERED
from chalicelib.loop.focus.ranking import Rank
from chalicelib.model.case import CallbackState, Case, CaseState, Task
from chalicelib.model.cycle import What
from chalicelib.model.people import Caller, Role
from chalicelib.model.project import ProjectState, VerdictState
from chalicelib.model.promise import PromiseState
from chalicelib.model.taxonomy import default_taxonomy
from chalicelib.model.voice import AndonState
from chalicelib.stats.verdict import Word

NOW = datetime(2026, 3, 2, 2, tzinfo=UTC)
TAXONOMY = default_taxonomy()
QUALITY = Task(id="T-1", department="quality", what="查包装", asked_by="lead", opened=NOW, due=NOW)


def a_case(state: CaseState, **more: Any) -> Case:
    times = {"opened": NOW, "accept_due": NOW, "resolve_due": NOW}
    return Case(id="K-1", cause="delivery.late", department="logistics", state=state, **times, **more)


def lead(*departments: str) -> Caller:
    return Caller("lead", Role.LEAD, departments)


OPERATOR = Caller("operator", Role.ADMIN)
TO_ACCEPT, WORKING, CAME_BACK = CaseState.TO_ACCEPT, CaseState.WORKING, CaseState.CAME_BACK


@pytest.mark.parametrize(
    ("caller", "case", "expected"),
    [
        (lead("logistics"), a_case(TO_ACCEPT), "接受 accept"),
        (lead("logistics"), a_case(CAME_BACK), "接受 accept"),
        (lead("logistics"), a_case(WORKING), "办结 resolve"),
        (lead("logistics"), a_case(WORKING, tasks=(QUALITY,)), "等 品控部"),
        (lead("quality"), a_case(WORKING, tasks=(QUALITY,)), "任务 T-1"),
        (
            lead("quality"),
            a_case(WORKING, tasks=(QUALITY.model_copy(update={"done": NOW}),)),
            "等 物流部",
        ),
        (lead("quality", "logistics"), a_case(TO_ACCEPT, tasks=(QUALITY,)), "任务 T-1；接受 accept"),
        (lead("finance"), a_case(WORKING, asked_department="finance"), "接手 accept"),
        (lead("logistics"), a_case(WORKING, asked_department="finance"), "办结 resolve"),
        (OPERATOR, a_case(TO_ACCEPT), "接受 accept"),
        (OPERATOR, a_case(WORKING), "办结 resolve"),
        (OPERATOR, a_case(WORKING, tasks=(QUALITY,)), "等 品控部"),
        (OPERATOR, a_case(CaseState.UNVERIFIED), "—"),
    ],
)
def test_whose_turn_it_is(caller, case, expected):
    assert words.to_do(case, caller, TAXONOMY) == expected


@pytest.mark.parametrize(
    ("table", "codes"),
    [
        (words.PROJECT_STATES, ProjectState),
        (words.VERDICT_STATES, VerdictState),
        (words.WORDS, Word),
        (words.CALLBACK_STATES, CallbackState),
        (words.ANDON_STATES, AndonState),
        (words.PROMISE_STATES, PromiseState),
        (words.DECISIONS, What.__args__),
        (words.CYCLE_STATES, ("open", "closed")),
        (words.ANDON_ANSWERS, ("stopped", "contained", "refused")),
    ],
)
def test_there_is_a_word_for_every_code(table, codes):
    assert {str(code) for code in codes} <= set(table)
    assert not any(word.isascii() for word in table.values())


def test_the_cycle_command_offers_every_decision():
    assert What.__args__ == OFFERED


def test_what_an_event_holds_in_words():
    data = {"department": "quality", "clock": "accept", "reached": True, "resolved": None, "text": "it"}
    assert words.event_data(data, TAXONOMY) == "部门=品控部、时限=接受、接通=是、内容=it"


def _number(text: str) -> float:
    return float(text.strip("¥").replace(",", ""))


@pytest.mark.parametrize("reach", [0.0, 0.3, 1.0])
def test_a_row_of_the_focus_list_multiplies_to_its_priority(reach):
    cost, irritation = 178_922_33, 0.654_321
    priority = round(cost * irritation * (1 - reach), 2)
    numbers = {"cost": cost, "irritation": irritation, "reach": reach, "priority": priority}
    rank = Rank(cause="delivery.late", label="慢", department="logistics", contacts=1, share=1, running=1,
                projects=(), **numbers)  # fmt: skip
    row = _factors(rank, TAXONOMY)
    product = _number(row["cost"]) * _number(row["irritation"]) * _number(row["rest"])
    assert product == pytest.approx(_number(row["priority"]), abs=0.01)
    assert row["department"] == "物流部"


def shapes(operation: str) -> dict[str, Any]:
    return _shapes(next(r for r in ROUTES if r.name == operation))


@pytest.mark.parametrize(
    ("operation", "value", "expected"),
    [
        ("raise_andon", "evidence=a,b，c、 d", ["a", "b", "c", "d"]),
        ("raise_andon", "evidence=12", ["12"]),
        ("raise_andon", 'evidence=["a","b,c"]', ["a", "b,c"]),
        ("save_user", "departments=quality,it", ["quality", "it"]),
        ("save_user", "departments=null", None),
        ("save_user", "disabled=true", True),
        ("comment_case", "text=12315", "12315"),
        ("comment_case", 'text="已补发"', "已补发"),
        ("comment_case", "text=a,b", "a,b"),
        ("accept_case", "version=3", 3),
    ],
)
def test_values_are_read_as_their_field_wants_them(operation, value, expected):
    (read,) = given([value], shapes=shapes(operation)).values()
    assert read == expected


def test_the_page_says_where_it_was_asked(api):
    def told(**headers: str) -> set[str]:
        text = api("GET", "/docs", user=None, headers=headers).text
        return set(re.findall(r"https?://[^/]+(?=/session)", text))

    assert told(Host="voc.example.com:8443") == {"http://voc.example.com:8443"}
    assert told(Host="x<script>") == {"http://127.0.0.1:8000"}
