"""Minutes on paper and as a table: two pages whatever they hold, nothing lost without a word."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from io import BytesIO

import pytest
from pypdf import PdfReader

from chalicelib.loop.listen.arriving import CHANNEL_ZH
from chalicelib.loop.repeat.agenda import PARTS
from chalicelib.loop.repeat.cycles import LONGEST_REASON, MOST_DECISIONS
from chalicelib.model.cycle import LAPSED, Cycle, Decision, Item, Outcome
from chalicelib.paper.minutes_csv import COLUMNS, csv_of, guarded
from chalicelib.paper.minutes_pdf import pdf_of, share
from chalicelib.paper.pdf import HELVETICA

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
NAMES = {"": "青禾生活", "logistics": "物流部", "delivery.late": "东西送得太慢", "P-1": "换承运商"}


def decision(n: int = 1, reason: str = "一直在涨") -> Decision:
    return Decision(
        id=f"D-{n}", what="start_project", about="delivery.late", reason=reason, by="exec", at=NOW,
        department="logistics", result="project_started", made="P-1",
    )  # fmt: skip


def item(part: str, n: int) -> Item:
    numbers = {
        "contacts": 1200 + n,
        "cost": 123_456,
        "reach": 0.5,
        "priority": 61_728.25,
        "irritation": 0.725139,
    }
    return Item(
        part=part, code=f"c{n}", label=f"原因{n}", department="logistics", numbers=numbers, since="2026-W46"
    )


def cycle(rows: int = 2, decisions: int = 1, reason: str = "一直在涨") -> Cycle:
    made = tuple(decision(n, reason) for n in range(decisions))
    return Cycle(
        week="2026-W48", state="closed", opened=NOW, prepared=NOW, closed=NOW, closed_by="exec", names=NAMES,
        agenda=tuple(item(part, n) for part in PARTS for n in range(rows)), decisions=made, carried=made,
        outcomes=tuple(Outcome(decision=d, state="project_live", detail="P-1 washing_in") for d in made),
        left_out={"focus": 16}, snoozed={"cases": 2},
    )  # fmt: skip


def pages(minutes: Cycle) -> list[str]:
    return [page.extract_text() for page in PdfReader(BytesIO(pdf_of(minutes)), strict=True).pages]


def rows_of(minutes: Cycle) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(csv_of(minutes).removeprefix("\ufeff"))))


def table(minutes: Cycle) -> dict[str, dict[str, str]]:
    """The last row of each sort: its cells, and its figures by their headings."""
    return {row["行 row"]: row | _figures(row["数字 figures"]) for row in rows_of(minutes)}


def _figures(cell: str) -> dict[str, str]:
    return dict(figure.split("=") for figure in cell.split("；") if "=" in figure)


def test_two_pages_say_what_was_decided():
    agenda, decided = pages(cycle())
    for told in ("青禾生活 周期会议纪要 Cycle minutes 2026-W48", "2026-11-23 – 2026-11-29", "聚焦清单 Focus list", "物流部",
                 "联络\n", "contacts", "1,200", "成本\n", "cost", "¥1,234.56", "覆盖", "reach", "50%", "优先级", "priority",
                 "¥617.28", "自 2026-W46", "另有 16 项 and 16 more", "暂缓 2 项 put off 2",
                 "本周过完之前关闭 closed before its week was over 2026-11-23 09:00（exec）"):  # fmt: skip
        assert told in agenda, told
    for told in ("立项 start a project　东西送得太慢　物流部　exec 11-23 09:00",
                 "项目进行中 project live（换承运商 P-1 磨合期）", "项目已开始 project started 换承运商 P-1　一直在涨",
                 f"尚未决定 {2 * len(PARTS)} 项"):  # fmt: skip
        assert told in decided, told


@pytest.mark.parametrize("rows", [0, 1, 7, 20, 100])
@pytest.mark.parametrize("decisions", [0, 3, MOST_DECISIONS])
@pytest.mark.parametrize("reason", ["好", "理由" * (LONGEST_REASON // 2)])
def test_always_two_pages_and_every_row_is_shown_or_counted(rows, decisions, reason):
    minutes = cycle(rows, decisions, reason)
    agenda, decided = pages(minutes)
    hidden = sum(int(line.split("另有 ")[1].split()[0]) for line in agenda.splitlines() if "另有" in line)
    assert agenda.count("自 2026-W46") + hidden == len(minutes.agenda) + 16
    hidden = sum(int(line.split("另有 ")[1].split()[0]) for line in decided.splitlines() if "另有" in line)
    assert sum(line.startswith("· ") for line in decided.splitlines()) + hidden == 2 * decisions


@pytest.mark.parametrize(("rows", "decisions"), [(100, MOST_DECISIONS), (20, 20), (0, 1)])
def test_nothing_is_written_outside_the_page(rows, decisions):
    """Measured with what the reader says of each piece of text and where it stands."""
    outside = []

    def visit(text: str, cm: list[float], tm: list[float], font: object, size: float) -> None:
        wide = sum(HELVETICA.get(sign, 1_000) for sign in text.strip("\n")) * size / 1_000
        if text.strip() and not (tm[4] >= 40 and tm[4] + wide <= 560 and 20 <= tm[5] <= 810):
            outside.append((text, tm[4:], wide))

    for page in PdfReader(BytesIO(pdf_of(cycle(rows, decisions, "很长的理由" * 100)))).pages:
        page.extract_text(visitor_text=visit)
    assert outside == []


def test_the_same_minutes_give_the_same_bytes():
    assert pdf_of(cycle()) == pdf_of(Cycle.model_validate_json(cycle().model_dump_json()))


def test_an_empty_cycle_reads_sensibly():
    empty = Cycle(week="2026-W48", opened=NOW)
    agenda, decided = pages(empty)
    assert agenda.count("无 none") == len(PARTS)
    assert "周一" in agenda
    assert decided.count("无 none") == 2
    assert [row["行 row"] for row in rows_of(empty)] == ["周期 cycle"]


def test_the_verdict_of_a_project_is_not_cut_off():
    numbers = {
        "word": "NO_CHANGE_SHOWN",
        "ratio": 0.873,
        "at_weeks": 26,
        "week": "2026-W47",
        "cause": "delivery.late",
    }
    looked = item("verdicts", 0).model_copy(update={"code": "P-12", "numbers": numbers})
    (agenda, _) = pages(cycle().model_copy(update={"agenda": (looked,)}))
    for told in ("结论\n", "verdict", "没有看到变化", "0.87", "26", "2026-W47", "东西送得太慢"):
        assert told in agenda, told


def test_a_long_name_is_wrapped_and_stands_whole_in_the_table():
    """Beside the widest figures there is little room for the name of a cause."""
    name = "商品页面上写的尺寸颜色和收到的实物不一样而且客服说不能退换"
    numbers = {"word": "NO_CHANGE_SHOWN", "ratio": 0.873, "at_weeks": 26, "week": "2026-W47", "cause": "a.b"}
    looked = item("verdicts", 0).model_copy(update={"code": "P-12", "label": name, "numbers": numbers})
    minutes = cycle().model_copy(update={"agenda": (looked,), "names": {**NAMES, "a.b": name}})
    shown = pages(minutes)[0]
    assert "不一样而且客服说不能退换 P-12" in shown, "the second line of the first column"
    assert "的尺寸颜色" in shown, "the second line of the last one"
    assert table(minutes)["议程 agenda"]["原因 cause"] == name


def test_names_stand_for_codes():
    """What is not listed any more is called as it was called then; what people know by its number keeps that."""
    proposal = decision().model_copy(
        update={
            "what": "refuse_proposal",
            "about": "N-1",
            "result": "proposal_refused",
            "made": "",
            "reason": "太少",
        }
    )
    gap = decision().model_copy(
        update={"what": "other", "about": "gaps/phone", "result": "noted", "made": ""}
    )
    names = {**NAMES, "N-1": "资格码", "phone": "电话"}
    minutes = cycle().model_copy(
        update={"decisions": (proposal, gap), "outcomes": (), "agenda": (), "names": names}
    )
    decided = pages(minutes)[1]
    assert "否决提议 refuse a proposal　资格码 N-1　物流部" in decided
    assert "已否决 refused　太少" in decided
    assert "其他 other　电话　物流部" in decided
    channel = Item(part="gaps", code="phone", label="电话", department="service", numbers={"missing": 6})
    shown = pages(minutes.model_copy(update={"agenda": (channel,)}))[0]
    assert "phone" not in shown


def test_a_channel_is_called_by_its_name():
    assert {"phone": "电话", "wecom": "企业微信", "12315": "投诉平台"}.items() <= CHANNEL_ZH.items()


def test_a_cycle_that_closed_itself_says_so():
    lapsed = cycle(0, 0).model_copy(update={"closed_by": LAPSED})
    assert "closed by itself without decisions" in pages(lapsed)[0]
    assert "当周服务未运行" in pages(lapsed.model_copy(update={"missed": True}))[0]


@pytest.mark.parametrize(
    ("wanted", "room", "given"),
    [([5, 5], 10, [5, 5]), ([1, 20, 20], 11, [1, 5, 5]), ([3], 0, [0]), ([], 5, []), ([20, 2], 10, [8, 2])],
)
def test_short_blocks_are_shown_whole_and_long_ones_share(wanted, room, given):
    assert share(room, [[1] * n for n in wanted]) == given


def test_tall_rows_take_their_room():
    assert share(5, [[1, 2, 1], [2, 1]]) == [2, 1]


def test_the_table_has_one_row_each_and_excel_reads_it():
    minutes = cycle(rows=1)
    assert csv_of(minutes).encode().startswith(b"\xef\xbb\xbf")
    rows = rows_of(minutes)
    assert tuple(rows[0]) == tuple(COLUMNS.values())
    assert all(not heading.isascii() and heading.split()[-1].isascii() for heading in COLUMNS.values())
    assert {row["周 week"] for row in rows} == {"2026-W48"}
    assert [row["行 row"].split()[0] for row in rows] == [
        "周期", *["议程"] * len(PARTS), "没有列出的项数", "暂缓的项数", "本期决定", "上期决定的结果",
    ]  # fmt: skip
    assert (rows[1]["编号 id"], rows[1]["部分 part"], rows[1]["部门 department"]) == (
        "focus/c0", "聚焦清单 Focus list", "物流部"
    )  # fmt: skip
    assert _figures(rows[1]["数字 figures"]) == {
        "联络 contacts": "1,200", "成本 cost（元 yuan）": "1234.56", "覆盖 reach": "50%",
        "优先级 priority（元 yuan）": "617.28", "恼怒 irritation": "0.73",
    }  # fmt: skip
    assert (rows[-2]["做了什么 done"], rows[-2]["何时 at"]) == (
        "项目已开始 project started 换承运商 P-1", "2026-11-23 09:00:00"
    )  # fmt: skip
    assert rows[-1]["结果 became"] == "项目进行中 project live（换承运商 P-1 磨合期）"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t=", " =", "　=", "＝", "\r"])
def test_no_cell_is_run_as_a_formula(start):
    reason = f'{start}HYPERLINK("http://x")'
    assert guarded(reason).startswith("'")
    rows = rows_of(cycle(1, 1, reason))
    assert rows[-1]["理由 reason"] == f"'{reason}"
    assert guarded("普通-文字") == "普通-文字"
