"""Small files that unpack to millions of cells or rows are answered at once; nothing in them is lost in silence."""

from __future__ import annotations

import json
import time
import zipfile
from pathlib import Path

import openpyxl
import openpyxl.xml.constants
import pytest

from chalicelib.intake.records import MAX_COLUMNS
from chalicelib.intake.rows import MAX_NESTED
from chalicelib.intake.tables import headers, read_rows
from chalicelib.intake.upload import MOST_ROWS, Upload, look
from chalicelib.intake.workbook import MAX_STRINGS, MAX_WHOLE, MOST_EMPTY
from chalicelib.model.errors import Invalid

SHEET = "xl/worksheets/sheet1.xml"
HEAD = '<row><c t="inlineStr"><is><t>text</t></is></c></row>'
ONE = "<row><c><v>7</v></c></row>"


def workbook(path: Path, rows: str) -> Path:
    """A workbook with these rows of XML on its only sheet."""
    openpyxl.Workbook().save(path)
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    before, after = parts[SHEET].split(b"</sheetData>")
    parts[SHEET] = before + rows.encode() + b"</sheetData>" + after
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def code(path: Path) -> str:
    with pytest.raises(Invalid) as caught:
        list(read_rows(path))
    return caught.value.code


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (HEAD + '<row><c r="XFD2"/></row>' * 4_000, []),
        (HEAD + "<row/>" * 1_000_000, []),
        (HEAD + '<row r="1048576"><c r="A1048576"><v>7</v></c></row>', [{"text": "7"}]),
    ],
)
def test_a_look_at_a_hostile_workbook_is_quick(tmp_path: Path, rows: str, expected: list[object]) -> None:
    content = workbook(tmp_path / "a.xlsx", rows).read_bytes()
    begun = time.process_time()
    assert look(Upload("a.xlsx", content))["samples"] == expected
    assert time.process_time() - begun < 10


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (",".join(f"c{n}" for n in range(400_000)) + "\n1\n", "file.columns"),
        ("a\n" + "\n" * 2_000_000, "import.large"),
        ("a\r" + "\r" * 2_000_000, "import.large"),
        ("a\n" + "1\n" * (MOST_ROWS + 2), "import.large"),
    ],
)
def test_a_look_at_a_hostile_csv_is_quick(text: str, expected: str) -> None:
    begun = time.process_time()
    with pytest.raises(Invalid) as caught:
        look(Upload("a.csv", text.encode()))
    assert time.process_time() - begun < 10
    assert caught.value.code == expected
    assert expected != "import.large" or (
        "./voc import" in caught.value.zh and "./voc import" in caught.value.en
    )


@pytest.mark.parametrize(
    ("part", "size"),
    [
        ("xl/styles.xml", MAX_WHOLE),
        ("xl/workbook.xml", MAX_WHOLE),
        ("xl/theme/theme1.xml", MAX_WHOLE),
        ("docProps/core.xml", MAX_WHOLE),
        ("[Content_Types].xml", MAX_WHOLE),
        ("xl/_rels/workbook.xml.rels", MAX_WHOLE),
        ("xl/sharedStrings.xml", MAX_STRINGS),
    ],
)
def test_a_part_that_would_be_held_whole_is_not_opened_when_it_is_large(
    tmp_path: Path, part: str, size: int
) -> None:
    path = workbook(tmp_path / "a.xlsx", HEAD + ONE)
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    shared = (
        f'<Override PartName="/xl/sharedStrings.xml" ContentType="{openpyxl.xml.constants.SHARED_STRINGS}"/>'
    )
    types = "[Content_Types].xml"
    parts[types] = parts[types].replace(b"</Types>", shared.encode() + b"</Types>")
    parts["xl/sharedStrings.xml"] = (
        b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"/>'
    )

    def pack(more: int) -> Path:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in parts.items():
                archive.writestr(name, content + b" " * (more if name == part else 0))
        return path

    assert [row.cells for row in read_rows(pack(0))] == [{"text": 7}]
    pack(size)
    assert code(path) == "file.too_big"


@pytest.mark.parametrize("more", [0, 1])
@pytest.mark.parametrize("name", ["a.csv", "a.jsonl", "a.xlsx"])
def test_as_many_columns_as_allowed_and_one_more(tmp_path: Path, name: str, more: int) -> None:
    names, path = [f"c{n}" for n in range(MAX_COLUMNS + more)], tmp_path / name
    if name == "a.xlsx":
        cells = "".join(f'<c t="inlineStr"><is><t>{each}</t></is></c>' for each in names)
        workbook(path, f"<row>{cells}</row>")
    else:
        path.write_text(",".join(names) if name == "a.csv" else json.dumps(dict.fromkeys(names, 1)), "utf-8")
    if not more:
        assert headers(path) == tuple(names)
        return
    with pytest.raises(Invalid) as caught:
        headers(path)
    assert caught.value.code == "file.columns"


def test_a_value_far_to_the_right_is_not_dropped(tmp_path: Path) -> None:
    assert code(workbook(tmp_path / "a.xlsx", HEAD + '<row><c r="XFD2"><v>1</v></c></row>')) == "file.columns"


@pytest.mark.parametrize("empty", ["<row/>", '<row><c s="0"/></row>', '<row><c t="str"><v> </v></c></row>'])
@pytest.mark.parametrize("count", [MOST_EMPTY - 1, 40_000])
def test_empty_rows_end_a_sheet_only_when_nothing_is_below(tmp_path: Path, empty: str, count: int) -> None:
    path = workbook(tmp_path / "a.xlsx", HEAD + ONE + empty * count)
    assert [row.cells for row in read_rows(path)] == [{"text": 7}]
    path = workbook(tmp_path / "b.xlsx", HEAD + ONE + empty * count + ONE)
    if count < MOST_EMPTY:
        assert [row.line for row in read_rows(path)] == [2, count + 3]
    else:
        assert code(path) == "file.gap"


def test_json_nested_too_deeply_is_refused_alone(tmp_path: Path) -> None:
    deep = ["[" * depth + "]" * depth for depth in (MAX_NESTED, MAX_NESTED + 2, 900)]
    path = tmp_path / "a.jsonl"
    path.write_text("".join(f'{{"a": {each}}}\n' for each in deep), "utf-8")
    assert [row.problem and row.problem.code for row in read_rows(path)] == [None, "row.nested", "row.nested"]
