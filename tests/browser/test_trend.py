"""One cause over time: its baseline begun again and taken back, its alarm put to sleep, each with a reason."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from chalicelib.loop.context import Loop
from chalicelib.loop.track.alarms import judge_when_due
from tests.browser.conftest import SignIn
from tests.loop.making import LATE
from tests.loop.weeks_of import LAST, fill, give_x

RISEN = [100, 104, 96, 101, 99, 103, 97, 100, 105, 95, 102, 98, 101, 99, 100, 103, 160, 165, 158]


@pytest.fixture
def trend(loop: Loop, sign_in: SignIn) -> Page:
    """The trend of late parcels, which have risen, before an executive."""
    fill(loop, LATE, RISEN)
    give_x(loop, "parcels", [10_000] * len(RISEN))
    judge_when_due(loop)
    page = sign_in("exec", f"/trend?cause={LATE}")
    page.locator("svg text").filter(has_text="W46 15.80").wait_for()
    return page


def test_a_baseline_is_begun_again_with_a_reason_and_taken_back(trend: Page, api: Any) -> None:
    expect(trend.get_by_text("2026-W28 到 2026-W39 的 12 个点")).to_be_visible()
    trend.get_by_text("从某周起重设基线").click()
    trend.get_by_label("从哪一周").select_option("2026-W44")
    trend.get_by_role("button", name="重设基线").click()
    expect(trend.get_by_text("请写理由")).to_be_visible()
    expect(trend.get_by_label("理由").first).to_be_focused()
    assert api("GET", "/baselines", user="exec").json["baselines"] == []
    trend.keyboard.type("换了承运商")
    trend.get_by_role("button", name="重设基线").click()
    expect(trend.locator("svg text").filter(has_text="重设基线")).to_be_visible()
    expect(trend.get_by_text("2026-W44 起重设基线").or_(trend.get_by_text("2026-W44 起重设"))).to_be_visible()
    (row,) = api("GET", "/baselines", user="exec").json["baselines"]
    assert row["in_force"] == {"2026-W44": "换了承运商"}
    trend.get_by_label("理由").first.fill("弄错了")
    trend.get_by_role("button", name="撤销 2026-W44 的重设").click()
    expect(trend.locator("svg text").filter(has_text="重设基线")).to_have_count(0)
    (row,) = api("GET", "/baselines", user="exec").json["baselines"]
    assert row["in_force"] == {}


def test_an_alarm_is_put_to_sleep_with_a_reason_and_woken(trend: Page, api: Any) -> None:
    expect(trend.get_by_text(f"{LAST}：告警，多于平常")).to_be_visible()
    trend.get_by_text("先不通知").click()
    trend.get_by_label("到哪一周").select_option("2026-W49")
    form = trend.locator("form").filter(has=trend.get_by_label("到哪一周"))
    form.get_by_label("理由").fill("双十一之后就好")
    form.get_by_role("button", name="静音").click()
    expect(trend.get_by_text("静音到 2026-W49：双十一之后就好（exec）")).to_be_visible()
    (snooze,) = api("GET", "/alarms", user="exec").json["snoozes"]
    assert snooze["rests"][-1]["until"] == "2026-W49"
    form.get_by_label("理由").fill("还是要通知")
    form.get_by_role("button", name="恢复通知").click()
    expect(trend.get_by_text("静音到 2026-W49")).to_have_count(0)
    assert api("GET", "/alarms", user="exec").json["snoozes"] == []


def test_another_metric_and_another_cause_are_chosen(trend: Page) -> None:
    trend.get_by_label("指标").select_option("repeat_rate")
    expect(trend).to_have_url(re.compile(rf"cause={LATE}&metric=repeat_rate$"))
    expect(trend.get_by_role("heading", name="重复来电率")).to_be_visible()
    trend.get_by_label("原因").select_option("billing.invoice")
    expect(trend.get_by_role("heading", level=1)).to_have_text("发票有问题")


def test_who_may_not_decide_only_looks(loop: Loop, sign_in: SignIn) -> None:
    fill(loop, LATE, RISEN)
    give_x(loop, "parcels", [10_000] * len(RISEN))
    page = sign_in("agent", f"/trend?cause={LATE}")
    expect(page.get_by_role("heading", level=1)).to_have_text("东西送得太慢")
    expect(page.get_by_role("heading", name="基线")).to_be_visible()
    expect(page.get_by_text("从某周起重设基线")).to_have_count(0)
