"""An executive reads what changed and why it counts, follows the numbers, keeps them, prints them."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pypdf
import pytest
from playwright.sync_api import BrowserContext, Download, Page, Route, expect

from chalicelib.loop.context import Loop
from chalicelib.loop.track.alarms import judge_when_due
from chalicelib.pages import Pages
from tests.api.conftest import project_body
from tests.browser.conftest import AtRest, SignIn
from tests.loop.making import BILL, LATE
from tests.loop.weeks_of import LAST, fill, give_x

QUIET = [100, 104, 96, 101, 99, 103, 97, 100, 105, 95, 102, 98, 101, 99, 100, 103]
RISEN = [*QUIET, 160, 165, 158]
BUDGET = 280 * 1024
Told = Callable[[list[int]], None]


@pytest.fixture
def told(loop: Loop) -> Told:
    """So many contacts about late parcels by week; the last week has been judged."""

    def told(counts: list[int]) -> None:
        fill(loop, LATE, counts)
        for name in ("parcels", "orders"):
            give_x(loop, name, [10_000] * len(counts))
        judge_when_due(loop)

    return told


def _panel(page: Page, title: str) -> Any:
    return page.locator("section").filter(has=page.get_by_role("heading", name=title))


def _saved(page: Page, press: Callable[[], None]) -> bytes:
    with page.expect_download() as waiting:
        press()
    download: Download = waiting.value
    return download.path().read_bytes()


def test_an_executive_begins_with_what_changed(told: Told, sign_in: SignIn) -> None:
    told(RISEN)
    page = sign_in("exec")
    expect(page.get_by_role("heading", level=1)).to_have_text("W46：1 个原因超出平常的波动，其中 1 个是新的")
    change = page.get_by_role("listitem").filter(has_text="「东西送得太慢」多于平常（新告警）")
    expect(change).to_contain_text("没有项目在做")
    change.get_by_role("link", name="看联络").click()
    expect(page).to_have_url(re.compile(rf"#/contacts\?cause={LATE}&first=2026-W44&last={LAST}$"))


def test_a_quiet_week_has_no_news(told: Told, sign_in: SignIn) -> None:
    told([*QUIET[:-1], 112])  # more than the week before, and no signal
    page = sign_in("exec")
    expect(page.get_by_role("heading", level=1)).to_have_text("W46：没有超出偶然的变化")
    expect(page.get_by_role("listitem").filter(has_text="没有告警")).to_be_visible()
    expect(_panel(page, "全部联络").locator(".place")).to_have_accessible_name(re.compile("没有信号"))
    expect(page.locator("main")).not_to_contain_text(re.compile("改善|恶化|上升|下降"))


def test_without_denominators_nothing_is_made_up(loop: Loop, sign_in: SignIn) -> None:
    fill(loop, LATE, QUIET)
    page = sign_in("exec", "/board")
    expect(_panel(page, "全部联络").get_by_text("W46：没有分母，画不出点。")).to_be_visible()
    fact = page.locator("dl > div").filter(has_text="每千订单联络")
    expect(fact).to_contain_text("—")
    expect(fact).to_contain_text("没有分母")


def test_an_empty_company_has_a_page(sign_in: SignIn) -> None:
    page = sign_in("exec")
    expect(page.get_by_role("heading", level=1)).to_contain_text("还没有判定")
    expect(page.locator(".charts").get_by_text("还没有完整的一周。").first).to_be_visible()
    expect(_panel(page, "改进项目").get_by_text("还没有项目。")).to_be_visible()


def test_the_chart_its_table_and_its_files_say_the_same(told: Told, sign_in: SignIn) -> None:
    told(RISEN)
    page = sign_in("exec", "/board")
    panel = _panel(page, "全部联络")
    expect(panel.locator("svg text").filter(has_text="W46 15.80")).to_be_visible()
    panel.get_by_role("button", name="表格").click()
    row = panel.get_by_role("row").filter(has_text=LAST)
    expect(row).to_contain_text("15.80")
    expect(row).to_contain_text("超出控制限")
    sheet = _saved(page, panel.get_by_role("button", name="CSV").click)
    assert sheet.startswith(b"\xef\xbb\xbf")
    assert "2026-W46,158,10000,15.8," in sheet.decode("utf-8-sig")
    picture = _saved(page, panel.get_by_role("button", name="图片").click)
    assert picture.startswith(b"\x89PNG")
    assert int.from_bytes(picture[16:20], "big") > 2 * 1000  # twice as fine as the panel is wide
    row.get_by_role("link", name="158").click()
    expect(page).to_have_url(re.compile(rf"#/contacts\?first={LAST}&last={LAST}$"))


def test_a_name_in_the_skyline_leads_to_its_trend(told: Told, sign_in: SignIn) -> None:
    told(RISEN)
    page = sign_in("exec", "/board")
    _panel(page, "天际线").locator("svg text").filter(has_text="东西送得").click()
    expect(page).to_have_url(re.compile(rf"#/trend\?cause={LATE}$"))
    expect(page.get_by_role("heading", level=1)).to_have_text("东西送得太慢")


def test_an_earlier_week_is_chosen_and_kept_in_the_address(told: Told, sign_in: SignIn) -> None:
    told(RISEN)
    page = sign_in("exec", "/board")
    page.get_by_label("看哪一周").select_option("2026-W43")
    expect(page.get_by_role("heading", level=1)).to_contain_text("W43")
    expect(page).to_have_url(re.compile(r"#/board\?week=2026-W43$"))
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_contain_text("W43")
    page.get_by_role("button", name="下一周").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("W44")
    chart = _panel(page, "全部联络").locator(".place")
    expect(chart).to_have_accessible_name(re.compile("W44"))


def test_it_prints_on_two_pages_in_light_colours(
    told: Told, sign_in: SignIn, loop: Loop, api: Any, clock: Any, at_rest: AtRest
) -> None:
    told(RISEN)
    fill(loop, BILL, [40] * 19, department="finance")
    for cause in (LATE, BILL):
        body = {"cause": cause, "department": "logistics", "customer_value": 1, "company_value": 1}
        assert api("PUT", "/matrix", body, user="lead.logistics").status == 200
    body = {**project_body(clock.now), "title": "换 <b>承运商</b>"}
    assert api("POST", "/projects", body, user="lead.logistics").status == 201
    page = sign_in("exec", "/board")
    page.get_by_role("button", name="深色").click()
    page.locator(".rates svg").wait_for()
    page.locator(".ledger svg").wait_for()
    at_rest(page)
    expect(page.locator(".projects svg text").filter(has_text="<b>承运商</b>")).to_be_visible()
    paper = pypdf.PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True)))
    assert len(paper.pages) == 2
    assert [round(side / 72 * 25.4) for side in paper.pages[0].mediabox[2:]] == [297, 210]
    text = [one.extract_text() for one in paper.pages]
    assert "多于平常" in text[0]
    assert "三率" in text[1]
    page.emulate_media(media="print")
    expect(page.locator("body")).to_have_css("color", "rgb(26, 35, 48)")


def test_on_a_phone_nothing_is_wider_than_the_screen(told: Told, sign_in: SignIn) -> None:
    told(RISEN)
    page = sign_in("exec")
    page.set_viewport_size({"width": 390, "height": 844})
    heat = _panel(page, "责任部门").locator("svg text")
    expect(heat.filter(has_text="W39")).to_be_visible()
    expect(heat.filter(has_text="W38")).to_have_count(0)
    expect(page.locator("html")).to_have_js_property("scrollWidth", 390)


def test_the_page_is_light_and_says_its_news_before_the_chart_code_comes(
    told: Told, sign_in: SignIn, context: BrowserContext, pages: Pages
) -> None:
    told(RISEN)
    came: list[str] = []
    held: list[Route] = []
    context.on("request", lambda request: came.append(request.url))
    code = re.compile("assets/echarts")
    context.route(code, lambda route: held.append(route))
    with context.expect_event("request", lambda request: bool(code.search(request.url))):
        page = sign_in("exec")
    expect(page.get_by_role("heading", level=1)).to_contain_text("超出平常的波动")
    expect(page.get_by_text("正在画图…").first).to_be_visible()
    expect(page.locator(".place svg")).to_have_count(0)
    page.get_by_role("link", name="看联络").first.click(trial=True)
    (route,) = held
    route.continue_()
    expect(page.locator(".rates svg")).to_be_visible()
    paths = {urlsplit(url).path.removeprefix("/") for url in came}
    files = [found for path in paths if not path.startswith("api/") and (found := pages.find(path))]
    assert any("echarts" in path for path in paths)
    assert sum(len(one.packed) for one in files) <= BUDGET


def test_a_lead_sees_its_own(told: Told, sign_in: SignIn) -> None:
    told(RISEN)
    page = sign_in("lead.quality", "/board")
    expect(page.get_by_role("heading", level=1)).to_contain_text("W46")
    expect(page.locator("main")).not_to_contain_text("东西送得太慢")
