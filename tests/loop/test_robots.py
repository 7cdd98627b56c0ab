"""Group robots: within their budget, as digests, without loss, and without a word about a customer."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, get_args

import pytest

from chalicelib.loop.admin import save_settings
from chalicelib.loop.context import Loop
from chalicelib.loop.notices import notify
from chalicelib.loop.robots import robots
from chalicelib.loop.robots.telling import tell_when_due
from chalicelib.loop.robots.wording import ABOUT, MOST_BYTES
from chalicelib.model.errors import Busy, Conflict, Invalid, NotFound
from chalicelib.model.people import About
from chalicelib.model.robot import A_MINUTE, Platform, Robot
from chalicelib.ports import Sent
from tests.loop.making import ADMIN

ADDRESS = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=very-secret-key"
TO = "department:logistics"


class Memo:
    """A messenger that writes down what it is given."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.codes: list[Sent] = []

    def send(self, platform: str, address: str, secret: str, text: str, now: datetime) -> Sent:
        assert address == ADDRESS
        answer = self.codes.pop(0) if self.codes else Sent("0")
        self.texts += [text] if answer.fine else []
        return answer


@pytest.fixture
def memo() -> Memo:
    return Memo()


@pytest.fixture
def talking(loop: Loop, memo: Memo) -> Loop:
    """The loop with that messenger and a web address."""
    save_settings(loop, {"address": "https://voc.example.com/"}, None)
    return replace(loop, messenger=memo)


@pytest.fixture
def robot(talking: Loop) -> Robot:
    return robots.make(talking, ADMIN, "物流群", Platform.WECOM, [TO, "role:executive"], ADDRESS)


def happen(
    loop: Loop, n: int = 1, about: str = "case_opened", to: str = TO, digest: str = "cases", first: int = 0
) -> None:
    for i in range(first, first + n):
        loop.change(lambda unit, i=i: notify(unit, to, about, f"case:K-{i}", digest=digest))


def state(loop: Loop) -> Robot:
    (one,) = robots.listed(loop)
    return one


@pytest.mark.parametrize("store", ["sqlite", "dynamo"], indirect=True)
def test_what_happens_is_told_once_with_a_link(store, talking, robot, memo, clock):
    happen(talking)
    assert tell_when_due(talking) == 1
    assert memo.texts == ["【回声】通知\n物流部 · 新工单 new cases：https://voc.example.com/#/cases/K-0"]
    clock.forward(seconds=20)
    assert tell_when_due(talking) == 0
    happen(talking, 2, first=1)
    clock.forward(seconds=20)
    assert tell_when_due(talking) == 1
    assert "物流部 · 新工单 2 件" in memo.texts[1]


@pytest.mark.parametrize("about", get_args(About))
def test_every_notice_there_can_be_has_words_a_count_and_a_link(talking, robot, memo, about):
    zh, en = ABOUT[about]
    assert all((zh, en))
    happen(talking, 2, about)
    assert tell_when_due(talking) == 1
    assert memo.texts == [f"【回声】2 条通知\n物流部 · {zh} 2 件 {en}：https://voc.example.com/#/queue"]


@pytest.mark.parametrize(
    ("subject", "page"),
    [
        ("dispute:D-7", "ledger"),
        ("promise:7", "promises"),
        ("cause:delivery.late", "trend?cause=delivery.late"),
        ("ledger:2026-11", "ledger?month=2026-11"),
        ("source_count:phone/2026-11-17", "board"),
    ],
)
def test_what_is_told_links_to_its_page(talking, robot, memo, subject, page):
    talking.change(lambda unit: notify(unit, TO, "dispute_opened", subject))
    assert tell_when_due(talking) == 1
    assert memo.texts[0].endswith(f"：https://voc.example.com/#/{page}")


def test_the_pages_have_words_for_every_notice_too():
    words = (Path(__file__).parents[2] / "web/src/notices/words.ts").read_text("utf-8")
    assert [about for about in get_args(About) if f"about_{about}:" not in words] == []


def test_many_are_one_digest_in_which_all_are_counted(talking, robot, memo):
    happen(talking, 30)
    happen(talking, 3, "andon_raised", digest="")
    happen(talking, 1, "alarm_raised", "role:executive")
    assert tell_when_due(talking) == 1
    (text,) = memo.texts
    assert "【回声】34 条通知" in text
    assert "物流部 · 新工单 30 件 new cases：https://voc.example.com/#/queue" in text
    assert "物流部 · 安灯：请求停下 3 件" in text
    assert "管理层 · 告警" in text


def test_a_message_that_did_not_go_is_not_lost(talking, robot, memo, clock):
    memo.codes = [Sent("unreached"), Sent("45009", True)]
    happen(talking)
    assert tell_when_due(talking) == 0
    assert state(talking).trouble.code == "unreached"
    assert tell_when_due(talking) == 0, "it waits before it tries again"
    happen(talking, 1, first=1)
    clock.forward(seconds=20)
    assert tell_when_due(talking) == 0
    clock.forward(seconds=61)
    assert tell_when_due(talking) == 1
    assert "新工单 2 件" in memo.texts[0]
    assert (state(talking).trouble, state(talking).failures) == (None, 0)


def test_dingtalk_that_was_told_too_often_is_left_alone_for_ten_minutes(talking, memo, clock):
    robots.make(talking, ADMIN, "群", Platform.DINGTALK, [TO], ADDRESS)
    memo.codes = [Sent("130101", True)]
    happen(talking)
    tell_when_due(talking)
    clock.forward(minutes=9)
    assert tell_when_due(talking) == 0
    clock.forward(minutes=1)
    assert tell_when_due(talking) == 1


def test_days_without_an_answer_lose_nothing(talking, robot, memo, clock):
    for day in range(5):
        happen(talking, 2, first=2 * day)
        memo.codes = [Sent("unreached")]
        tell_when_due(talking)
        clock.forward(days=1)
    assert tell_when_due(talking) == 1
    assert "新工单 10 件" in memo.texts[0]


def test_a_busy_day_does_not_hold_back_what_comes_after_it(talking, robot, memo, clock):
    """Each look reads the day of the last one again, and tells only what is new in it."""
    happen(talking, 40, "andon_raised", digest="")
    assert tell_when_due(talking) == 1
    clock.forward(hours=1)
    assert tell_when_due(talking) == 0
    happen(talking, 1, first=40, about="andon_raised", digest="")
    happen(talking, 1)
    clock.forward(days=1)
    happen(talking, 1)
    assert tell_when_due(talking) == 1
    assert "【回声】3 条通知" in memo.texts[1]


def test_a_new_receiver_is_told_what_happens_from_now_on(talking, robot, memo, clock):
    happen(talking, to="department:it")
    clock.forward(hours=1)
    happen(talking)
    assert tell_when_due(talking) == 1
    clock.forward(minutes=1)
    robots.change(talking, ADMIN, robot.id, receivers=[TO, "department:it"])
    assert tell_when_due(talking) == 0
    happen(talking, 1, first=1, to="department:it")
    assert tell_when_due(talking) == 1


def test_the_budget_of_a_minute_holds_for_tests_and_notices_together(talking, robot, memo, clock):
    for _ in range(A_MINUTE):
        robots.test(talking, ADMIN, robot.id)
    with pytest.raises(Busy):
        robots.test(talking, ADMIN, robot.id)
    happen(talking)
    assert tell_when_due(talking) == 0
    clock.forward(seconds=61)
    assert tell_when_due(talking) == 1
    assert len(memo.texts) == A_MINUTE + 1


def test_two_processes_do_not_say_it_twice(talking, robot, memo):
    class Twice(Memo):
        def send(self, *given: Any) -> Sent:
            assert tell_when_due(talking) == 0, "the other one is at it"
            return memo.send(*given)

    happen(talking)
    assert tell_when_due(replace(talking, messenger=Twice())) == 1
    assert len(memo.texts) == 1


def test_one_that_was_killed_while_sending_says_it_again(talking, robot, memo, clock):
    class Killed(Memo):
        def send(self, *given: Any) -> Sent:
            raise KeyboardInterrupt

    happen(talking)
    with pytest.raises(KeyboardInterrupt):
        tell_when_due(replace(talking, messenger=Killed()))
    assert tell_when_due(talking) == 0
    clock.forward(seconds=61)
    assert tell_when_due(talking) == 1


def test_what_happened_before_it_was_there_or_while_it_was_off_is_old_news(talking, memo, clock):
    happen(talking)
    clock.forward(seconds=1)
    robot = robots.make(talking, ADMIN, "群", Platform.WECOM, [TO], ADDRESS)
    robots.change(talking, ADMIN, robot.id, active=False)
    happen(talking, 1, "andon_raised", digest="")
    clock.forward(seconds=1)
    assert tell_when_due(talking) == 0
    robots.change(talking, ADMIN, robot.id, active=True)
    assert tell_when_due(talking) == 0
    happen(talking, 1, "task_asked", digest="")
    assert tell_when_due(talking) == 1
    assert "请协办" in memo.texts[0]
    assert "安灯" not in memo.texts[0]


def test_a_message_fits_however_much_there_is(talking, memo):
    departments = [f"department:{d.code}" for d in talking.unit().taxonomy.departments]
    robots.make(talking, ADMIN, "群", Platform.WECOM, departments, ADDRESS)
    for to in departments:
        for about in (
            "case_opened",
            "task_asked",
            "accept_clock_ran_out",
            "resolve_clock_ran_out",
            "andon_raised",
        ):
            happen(talking, 2, about, to, digest="")
    assert tell_when_due(talking) == 1
    (text,) = memo.texts
    assert len(text.encode()) <= MOST_BYTES
    assert "【回声】110 条通知" in text
    assert "另有" in text


@pytest.mark.parametrize(
    "address",
    [
        "http://qyapi.weixin.qq.com/x",
        "ftp://example.com",
        "file:///etc/passwd",
        "https://",
        "https://user@example.com/",
        "https://example.com/a b",
        "https://example.com:x/",
        "qyapi.weixin.qq.com",
        "",
    ],
)
def test_only_an_https_address_is_taken(talking, address):
    with pytest.raises(Invalid, match=r"robot\.address"):
        robots.make(talking, ADMIN, "群", Platform.WECOM, [TO], address)


def test_it_speaks_to_known_receivers_only(talking, robot):
    for receivers in ([], ["department:nobody"], ["user:agent"], ["role:source"]):
        with pytest.raises(Invalid, match=r"robot\.receivers"):
            robots.change(talking, ADMIN, robot.id, receivers=receivers)


def test_the_second_of_two_admins_is_told(talking, robot):
    robots.change(talking, ADMIN, robot.id, name="甲", version=robot.version)
    with pytest.raises(Conflict):
        robots.change(talking, ADMIN, robot.id, name="乙", version=robot.version)


def test_removed_it_is_gone_with_its_address(talking, robot):
    robots.remove(talking, ADMIN, robot.id)
    assert robots.listed(talking) == []
    with pytest.raises(NotFound):
        robots.test(talking, ADMIN, robot.id)
