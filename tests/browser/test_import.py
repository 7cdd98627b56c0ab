"""A file from another system is dropped, its columns checked, its rows taken; nothing is lost and nothing comes twice."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from tests.browser.conftest import PATIENCE, SignIn, Site
from tests.browser.test_accessible import faults

CONTACTS = (
    "工单号,内容,渠道,来电时间,备用\n"
    "G1,快递三天没到,电话,2026-11-17 10:00,甲\n"
    "G2,退款没到,飞鸽,昨天,乙\n"
    "G3,账单看不懂,电话,2026-11-17 10:00,丙,多\n"
    "G4,包裹压坏了,微信,2026-11-17 11:00,丁\n"
)


def _give(page: Page, name: str, content: bytes) -> None:
    page.locator("input[type=file]").set_input_files({"name": name, "mimeType": "", "buffer": content})


def _begin(page: Page) -> None:
    page.get_by_role("button", name="开始导入").click()


def _number(page: Page, what: str) -> Any:
    return page.locator("dl div").filter(has_text=what).locator("dd")


@pytest.fixture
def texts(api: Any) -> Callable[[], list[str]]:
    """What was said in all contacts there are about a word."""

    def texts(word: str = "到") -> list[str]:
        hits = api("POST", "/contacts/search", {"q": word, "limit": 200}, user="admin").json["hits"]
        return sorted(hit["contact"]["text"] for hit in hits)

    return texts


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_file_of_any_encoding_is_recognised_and_what_is_refused_comes_back_and_goes_in_again(
    encoding: str, sign_in: SignIn, tmp_path: Path, texts: Any
) -> None:
    page = sign_in("agent", "/import")
    _give(page, "来电.csv", CONTACTS.encode(encoding))
    expect(page.get_by_label("客户说了什么")).to_have_value("c内容")
    expect(page.get_by_text("例：快递三天没到 / 退款没到")).to_be_visible()
    expect(page.get_by_text("没有用到的列：备用")).to_be_visible()
    expect(page.get_by_text("来电.csv，4 行")).to_be_visible()
    _begin(page)
    expect(page.get_by_text("导入完成")).to_be_visible()
    assert [_number(page, what).inner_text() for what in ("收下", "已有", "拒收")] == ["2", "0", "2"]
    expect(page.get_by_text("渠道 · 没有这种")).to_be_visible()
    expect(page.get_by_text("时间 · 时间无法识别")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("button", name="下载拒收清单").click()
    assert download.value.suggested_filename == "来电-refused.csv"
    path = tmp_path / "refused.csv"
    download.value.save_as(path)
    _, *rows = csv.reader(path.read_text("utf-8-sig").splitlines())
    assert [(row[0], row[5]) for row in rows] == [("3", "G2"), ("4", "G3")]
    fixed = path.read_text("utf-8-sig").replace("飞鸽", "在线").replace(",多", "")
    fixed = fixed.replace("昨天", "2026-11-17 10:00")
    page.get_by_role("button", name="导入另一个文件").click()
    _give(page, "来电-refused.csv", fixed.encode("utf-8-sig"))
    _begin(page)
    expect(page.get_by_text("导入完成")).to_be_visible()
    assert [_number(page, what).inner_text() for what in ("收下", "已有", "拒收")] == ["2", "0", "0"]
    assert texts() == ["快递三天没到", "退款没到"]


def test_a_wrong_guess_is_put_right_by_keyboard(sign_in: SignIn, api: Any) -> None:
    page = sign_in("agent", "/import")
    _give(page, "a.csv", "标题,详情,手机\n物流,快递三天没到,13800138000\n".encode())
    text = page.get_by_label("客户说了什么")
    expect(text).to_have_value("c标题")
    expect(page.get_by_text("文件里没有渠道列，先按网页计")).to_be_visible()
    text.select_option("不用")
    _begin(page)
    expect(page.get_by_text("这一项必须有")).to_be_visible()
    expect(text).to_be_focused()
    for _ in ("每行都填…", "标题", "详情"):
        page.keyboard.press("ArrowDown")
    page.get_by_label("渠道：每行都填").select_option("电话")
    page.get_by_role("button", name="开始导入").press("Enter")
    expect(page.get_by_text("导入完成")).to_be_visible()
    (hit,) = api("POST", "/contacts/search", {"q": "快递"}, user="agent").json["hits"]
    assert (hit["contact"]["text"], hit["contact"]["channel"]) == ("快递三天没到", "phone")
    assert hit["contact"]["customer"]


def _book(pages: dict[str, list[list[object]]]) -> bytes:
    workbook, out = openpyxl.Workbook(), BytesIO()
    workbook.remove(workbook.active)
    for title, lines in pages.items():
        page = workbook.create_sheet(title)
        for line in lines:
            page.append(line)
    workbook.save(out)
    return out.getvalue()


def test_a_workbook_with_the_rows_on_its_second_sheet(sign_in: SignIn, texts: Any) -> None:
    page = sign_in("agent", "/import")
    rows: list[list[object]] = [["内容", "渠道", "编号"], ["快递没到", "电话", 13800138000]]
    _give(page, "a.xlsx", _book({"说明": [["填表人"], ["甲"]], "数据": rows}))
    expect(page.get_by_role("alert")).to_contain_text("认不出必需的列")
    page.get_by_label("工作表").select_option("数据")
    expect(page.get_by_label("客户说了什么")).to_have_value("c内容")
    _begin(page)
    expect(page.get_by_text("导入完成")).to_be_visible()
    assert texts() == ["快递没到"]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.xlsx", b"PK\x03\x04 not a workbook", "不是完好的 .xlsx 文件"),
        ("a.csv", b"", "文件是空的"),
        ("a.csv", b"x" * 4_300_001, "文件超过 4 MB"),
    ],
)
def test_what_cannot_be_read_is_said_with_what_to_do(
    name: str, content: bytes, said: str, sign_in: SignIn
) -> None:
    page = sign_in("agent", "/import")
    _give(page, name, content)
    expect(page.get_by_role("alert")).to_contain_text(said)
    _give(page, "来电.csv", CONTACTS.encode())
    expect(page.get_by_label("客户说了什么")).to_have_value("c内容")


def test_a_dropped_file_is_taken_like_a_chosen_one(sign_in: SignIn) -> None:
    page = sign_in("agent", "/import")
    page.get_by_text("把文件拖到这里").wait_for()
    page.evaluate(
        """text => {
          const given = new DataTransfer()
          given.items.add(new File([text], '来电.csv'))
          document.body.dispatchEvent(new DragEvent('drop', { dataTransfer: given, bubbles: true, cancelable: true }))
        }""",
        CONTACTS,
    )
    expect(page.get_by_label("客户说了什么")).to_have_value("c内容")


def test_five_thousand_rows_go_on_behind_another_page_after_a_stop_and_after_a_lost_connection(
    sign_in: SignIn, site: Site, context: BrowserContext, api: Any
) -> None:
    lines = [json.dumps({"text": f"第{n}件没到", "channel": "web", "id": f"N{n}"}) for n in range(5_000)]
    page = sign_in("agent", "/import")
    _give(page, "a.jsonl", "\n".join(lines).encode())
    _begin(page)
    expect(page.get_by_role("progressbar")).to_be_visible()
    page.get_by_role("button", name="停下").click()
    held: list[Route] = []
    context.route("**/imports/take", lambda route: held.append(route), times=1)
    with page.expect_request("**/imports/take"):
        page.get_by_role("button", name="继续").click()
    page.get_by_role("link", name="查找").click()
    expect(page.get_by_role("searchbox")).to_be_visible()
    (lost,) = held
    lost.abort()
    page.get_by_role("link", name="导入").click()
    expect(page.get_by_text("导入完成")).to_be_visible(timeout=10 * PATIENCE)
    total = [int(_number(page, what).inner_text().replace(",", "")) for what in ("收下", "已有", "拒收")]
    assert (sum(total), total[2]) == (5_000, 0)
    expect(page.get_by_text("已处理 5,000 / 5,000 行")).to_be_visible()
    assert site.loop.store.waiting() == 5_000


def test_a_browser_closed_in_the_middle_begins_again_without_doubles(
    sign_in: SignIn, site: Site, context: BrowserContext
) -> None:
    content = "备用,渠道,内容\n" + "".join(f"{n},电话,第{n % 3}次还没到\n" for n in range(600))
    page = sign_in("agent", "/import")
    _give(page, "a.csv", content.encode())
    with page.expect_response("**/imports/take"):
        _begin(page)
    page.close()
    page = context.new_page()
    page.goto(f"{site.address}#/import")
    _give(page, "a.csv", content.encode())
    _begin(page)
    expect(page.get_by_text("导入完成")).to_be_visible()
    taken, known, refused = (int(_number(page, what).inner_text()) for what in ("收下", "已有", "拒收"))
    assert (taken + known, refused) == (600, 0)
    assert known >= 250
    assert site.loop.store.waiting() == 600


def test_checking_the_columns_and_the_result_can_be_used_by_everybody(sign_in: SignIn) -> None:
    page = sign_in("agent", "/import")
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 844})
        _give(page, "来电.csv", CONTACTS.encode())
        expect(page.get_by_label("文件内容")).to_be_focused()
        for summary in page.locator("summary").all():
            summary.click()
        assert not faults(page)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        _begin(page)
        expect(page.get_by_text("导入完成")).to_be_visible()
        assert not faults(page)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        page.get_by_role("button", name="导入另一个文件").click()


def test_who_may_not_give_denominators_is_not_offered_them(sign_in: SignIn, api: Any) -> None:
    content = "分母,周期,数值\nparcels,2026-W46,5000\n".encode()
    page = sign_in("agent", "/import")
    expect(page.get_by_text("您可以导入：联络、")).not_to_contain_text("分母")
    _give(page, "x.csv", content)
    options = page.get_by_label("文件内容").locator("option")
    options.first.wait_for(state="attached")
    kinds = options.all_inner_texts()
    assert "分母" not in kinds
    assert "联络" in kinds
    expect(page.get_by_role("button", name="开始导入")).to_have_count(0)
