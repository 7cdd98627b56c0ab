"""The PDF writer, read back by a reader that knows nothing of it."""

from __future__ import annotations

from io import BytesIO

import pytest
from pypdf import PdfReader

from chalicelib.paper import pdf
from chalicelib.paper.pdf import HEIGHT, WIDTH, Line, Rule


def read(*lines: str) -> PdfReader:
    page = [Line(40, 800 - 20 * n, 10, text) for n, text in enumerate(lines)]
    return PdfReader(
        BytesIO(pdf.document([page, [Rule(40, 700, 500)]], "标题 title", "20261123000000")), strict=True
    )


@pytest.mark.parametrize(
    "text",
    [
        "回声 周期会议纪要 Cycle minutes 2026-W48",
        "每千件联络数（CPX）21.71，区间 20.98–22.46 ≥ ± × → …「引号」",
        "繁體：開龘；生僻字：𠮷",
        "brackets (a) and \\ back\\slash ¥1,234.56 95%",
        "no Chinese at all",
        "全角ＡＢＣ　１２３",
    ],
)
def test_what_is_written_can_be_read(text):
    assert read(text, "第二行").pages[0].extract_text() == f"{text}\n第二行"


def test_pages_size_title_and_date():
    reader = read("x")
    assert len(reader.pages) == 2
    assert reader.pages[1].extract_text() == ""
    assert [float(side) for side in reader.pages[0].mediabox[2:]] == [WIDTH, HEIGHT]
    assert (reader.metadata.title, f"{reader.metadata.creation_date:%Y-%m-%d}") == (
        "标题 title",
        "2026-11-23",
    )


def test_the_same_input_gives_the_same_bytes():
    pages = [[Line(40, 800, 10, "回声 a")]]
    made = pdf.document(pages, "t", "20261123000000")
    assert made == pdf.document(pages, "t", "20261123000000")
    assert made != pdf.document([[Line(40, 800, 10, "回声 b")]], "t", "20261123000000")


def test_half_a_character_does_not_break_the_file():
    assert "前" in read("前\ud83d后").pages[0].extract_text()


@pytest.mark.parametrize(("text", "wide"), [("回声", 20.0), ("AB", 13.34), ("回A", 16.67), ("", 0.0)])
def test_widths(text, wide):
    assert pdf.width(text, 10) == pytest.approx(wide)


@pytest.mark.parametrize(
    ("text", "room", "expected"),
    [
        ("回声回声", 40, "回声回声"),
        ("回声回声", 39, "回声…"),
        ("回 声\n回声", 100, "回 声 回声"),
    ],
)
def test_a_text_that_is_too_long_is_cut(text, room, expected):
    assert pdf.fit(text, 10, room) == expected


def test_lines_break_anywhere_but_not_before_a_comma():
    assert pdf.wrap("甲乙丙丁，戊己", 10, 40, 5) == ["甲乙丙", "丁，戊己"]
    assert pdf.wrap("甲乙丙丁戊己庚辛壬", 10, 40, 2) == ["甲乙丙丁", "戊己庚…"]
    assert pdf.wrap("", 10, 40, 2) == [""]
    assert pdf.wrap("甲乙丙丁", 10, 40, 2) == ["甲乙丙丁"]
