"""What people are told: who did what, about which cause, once; nothing a customer said and nothing foreign."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib.loop import notices
from chalicelib.loop.notices import notify
from chalicelib.model.entity import stamp
from chalicelib.model.people import Caller, Notice, Role
from chalicelib.model.weeks import day_start

LEAD = "lead.logistics"


@pytest.fixture
def case(take: Any) -> dict[str, Any]:
    """A fresh contact of logistics, with its case."""
    found: dict[str, Any] = take()
    return found


@pytest.fixture
def inbox(api: Any) -> Any:
    """Notices of a user about something."""

    def inbox(user: str, about: str) -> list[dict[str, Any]]:
        found = api("GET", "/notices", user=user).json["notices"]
        return [one for one in found if one["about"] == about]

    return inbox


def say(api: Any, case: dict[str, Any], text: str, user: str = LEAD) -> None:
    assert api("POST", f"/cases/{case['case']}/comments", {"text": text}, user=user).status == 200


def test_a_mention_says_who_wrote_what_on_which_cause(api, case, inbox):
    say(api, case, "@agent 请打13812345678问客户\n要不要补发" + "好" * 80)
    (one,) = inbox("agent", "mentioned")
    (matter,) = one["matters"]
    assert (matter["subject"], matter["cause"], matter["by"]) == (
        f"case:{case['case']}",
        "delivery.late",
        LEAD,
    )
    assert matter["words"].startswith("@agent 请打")
    assert "13812345678" not in matter["words"]
    assert len(matter["words"]) == 60
    assert "\n" not in matter["words"]


def test_a_second_mention_on_a_day_is_news_again_and_says_the_newest(api, case, inbox):
    say(api, case, "@agent 第一次")
    (one,) = inbox("agent", "mentioned")
    api("POST", "/notices/read", {"keys": [one["key"]]}, user="agent")
    say(api, case, "@agent 第二次")
    say(api, case, "@agent 第二次")
    (again,) = inbox("agent", "mentioned")
    assert (again["count"], again["read"], len(again["matters"])) == (2, False, 1)
    assert again["matters"][0]["words"] == "@agent 第二次"


def test_nobody_is_told_of_what_they_did_themselves(api, case, inbox):
    say(api, case, f"@{LEAD} 记一下")
    assert inbox(LEAD, "mentioned") == []
    task = {"department": "logistics", "what": "查监控"}
    for user, told in ((LEAD, 0), ("admin", 1)):
        body = {**task, "what": f"{task['what']} {user}"}
        assert api("POST", f"/cases/{case['case']}/tasks", body, user=user).status == 200
        assert len(inbox(LEAD, "task_asked")) == told
    (one,) = inbox(LEAD, "task_asked")
    assert (one["matters"][0]["by"], one["matters"][0]["words"]) == ("admin", "查监控 admin")


def test_what_reaches_a_person_by_two_ways_is_told_once(loop, api, inbox):
    for to in ("department:service", "department:aftersales", "user:lead.service"):
        loop.change(lambda unit, to=to: notify(unit, to, "verdict_reached", "project:P-1"))
    loop.change(lambda unit: notify(unit, "department:service", "case_opened", "case:K-1", digest="cases"))
    loop.change(lambda unit: notify(unit, "department:aftersales", "case_opened", "case:K-2", digest="cases"))
    assert len(inbox("lead.service", "verdict_reached")) == 1
    assert len(inbox("lead.service", "case_opened")) == 2, "they speak of different cases"


def test_a_mention_on_a_foreign_case_has_its_words_and_no_way_in(api, case, inbox):
    say(api, case, "@lead.quality 你们见过这批吗")
    (one,) = inbox("lead.quality", "mentioned")
    assert (one["matters"][0]["subject"], one["matters"][0]["words"]) == ("", "@lead.quality 你们见过这批吗")


def test_an_andon_says_who_raised_it_and_how_it_was_answered(api, take, inbox):
    evidence = [take(f"第{n}个漏电", external_id=f"E-{n}")["id"] for n in range(2)]
    body = {"subject": "N2取暖器", "text": "像同一批次", "department": "logistics", "evidence": evidence}
    andon = api("POST", "/andons", body, user="agent").json["id"]
    (one,) = inbox(LEAD, "andon_raised")
    assert one["matters"] == [
        {
            "subject": f"andon:{andon}",
            "cause": "",
            "title": "N2取暖器",
            "by": "agent",
            "words": "像同一批次",
            "word": "",
        }
    ]
    api("POST", f"/andons/{andon}/answer", {"answer": "stopped", "text": "已停售"}, user=LEAD)
    (one,) = inbox("agent", "andon_answered")
    assert [one["matters"][0][name] for name in ("by", "word", "words")] == [LEAD, "stopped", "已停售"]


def test_what_was_erased_is_in_no_notice(api, case, inbox):
    say(api, case, "@agent 张女士住三单元")
    assert api("POST", f"/customers/{case['customer']}/erase", {"purpose": "本人要求"}).status == 200
    (one,) = inbox("agent", "mentioned")
    assert "三单元" not in str(one)


def test_a_task_that_the_loop_asked_for_says_what_for(take, inbox):
    take("又晚又碎", external_id="TWO", causes=["delivery.late", "product.defect"])
    (one,) = inbox("lead.quality", "task_asked")
    assert (one["matters"][0]["by"], one["matters"][0]["words"][:5]) == ("", "一并处理：")


@pytest.mark.parametrize("store", ["sqlite", "dynamo"], indirect=True)
def test_the_newest_come_first_however_many_a_day_has(store, loop, clock):
    """Told again on its day a notice is the newest, and is still listed once."""
    caller = Caller("agent", Role.AGENT)
    for n in (3, 1, 4, 0, 2, 1, 9, 3, 5, 9, 4):
        clock.forward(hours=3)
        loop.change(lambda unit, n=n: notify(unit, "user:agent", "mentioned", f"case:K-{n}", anew=True))
    every = sorted(loop.store.scan(Notice), key=lambda one: one.at, reverse=True)
    assert len(every) == 10, "one was told again on its day"
    for limit in range(1, 12):
        assert notices.inbox(loop, caller, limit) == every[:limit]
    listed = [loop.store.find(Notice, "notice.to", "user:agent", low=d, high=d).keys for d in days(every)]
    assert sorted(key for keys in listed for key in keys) == sorted(one.key for one in every)


def days(told: list[Notice]) -> list[str]:
    return sorted({stamp(day_start(one.at)) for one in told})
