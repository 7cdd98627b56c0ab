"""Refused rows are kept, safely, and can come back."""

from __future__ import annotations

import csv
import datetime
import json
import os
import stat
from pathlib import Path

import openpyxl
import pytest

from chalicelib.intake.refused import COLUMNS, JSON_COLUMN, Refused
from chalicelib.intake.tables import headers, own_columns, read_rows
from chalicelib.model.errors import Invalid

BAD = Invalid("row.bad", "不行", "No good", "a.csv:2")


def lines(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


def test_nothing_refused_leaves_nothing(tmp_path: Path) -> None:
    with Refused(tmp_path / "data") as refused:
        pass
    assert (refused.count, refused.path, list(tmp_path.iterdir())) == (0, None, [])


def test_a_row_is_written_beside_the_data_for_its_owner_only(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        with Refused(tmp_path / "new" / "data") as refused:
            refused.add(2, BAD, {"内容": "断网，\n三天", "时长": 3})
            refused.add(5, BAD, None)
    finally:
        os.umask(before)
    assert refused.path == tmp_path / "new" / "data-refused.csv"
    assert refused.count == 2
    assert stat.S_IMODE(refused.path.stat().st_mode) == 0o600
    content = refused.path.read_bytes()
    assert content.startswith("\ufeff行号 line,原因 reason (zh),reason (en),code,where,cells\r\n".encode())
    assert content.count(b"\n") == content.count(b"\r\n") == 3
    header, first, second = lines(refused.path)
    assert tuple(header) == (*COLUMNS, JSON_COLUMN)
    assert first[:5] == ["2", "不行", "No good", "row.bad", "a.csv:2"]
    assert json.loads(first[5]) == {"内容": "断网，\n三天", "时长": 3}
    assert second[5] == "{}"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "'=", "''+"])
def test_no_cell_is_a_formula_and_all_come_back(tmp_path: Path, start: str) -> None:
    evil, name = f"{start}HYPERLINK(1)", f"{start.strip() or '='}A1"
    with Refused(tmp_path / "data", ("甲", name)) as refused:
        refused.add(2, Invalid(evil, evil, evil, evil), {"甲": evil, name: 1})
    assert refused.path is not None
    header, row = lines(refused.path)
    assert (header[6], row) == (f"'{name}", ["2", *[f"'{evil}"] * 5, "1"])
    assert headers(refused.path) == ("甲", name)
    assert next(read_rows(refused.path)).cells == {"甲": evil, name: "1"}


@pytest.mark.parametrize("text", ["'90后", "'", "it's -1", "断网=没网", "\\d{4}"])
def test_harmless_cells_stay_as_they_are(tmp_path: Path, text: str) -> None:
    with Refused(tmp_path / "data", ("甲",)) as refused:
        refused.add(2, BAD, {"甲": text})
    assert refused.path is not None
    assert lines(refused.path)[1][5] == text
    assert next(read_rows(refused.path)).cells == {"甲": text}


def test_an_earlier_list_is_kept(tmp_path: Path) -> None:
    for number in range(3):
        with Refused(tmp_path / "data") as refused:
            refused.add(number, BAD, {})
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "data-refused-2.csv",
        "data-refused-3.csv",
        "data-refused.csv",
    ]


def test_a_link_laid_out_beforehand_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "data-refused.csv").symlink_to(tmp_path / "target")
    with Refused(tmp_path / "data") as refused:
        refused.add(1, BAD, {})
    assert refused.path == tmp_path / "data-refused-2.csv"
    assert not (tmp_path / "target").exists()


def test_a_place_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with Refused(tmp_path / "file" / "data") as refused, pytest.raises(Invalid, match=r"refused\.write"):
        refused.add(1, BAD, {})
    assert refused.count == 0


def test_a_full_disk_says_so() -> None:
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full here")  # only Linux has a disk that is always full
    refused = Refused(Path("unused"))
    refused._file = open("/dev/full", "w", encoding="utf-8")  # noqa: SIM115  # close() is what is tested
    refused.add(1, BAD, {})
    with pytest.raises(Invalid, match=r"refused\.write"):
        refused.close()


@pytest.mark.parametrize("name", ["data-refused", "data-refused-7", "data"])
def test_what_is_refused_again_is_numbered(tmp_path: Path, name: str) -> None:
    (tmp_path / "data-refused.csv").touch()
    with Refused(tmp_path / name, ("甲",)) as refused:
        refused.add(2, BAD, {"甲": 1})
    assert refused.path == tmp_path / "data-refused-2.csv"


def test_a_dot_in_the_name_is_kept_and_the_folder_is_the_owners(tmp_path: Path) -> None:
    with Refused(tmp_path / "new" / "来电.2026-03") as refused:
        refused.add(2, BAD, {})
    assert refused.path == tmp_path / "new" / "来电.2026-03-refused.csv"
    assert stat.S_IMODE(refused.path.parent.stat().st_mode) == 0o700


def refuse_all(source: Path, folder: Path) -> Path:
    """The list of the rows of a file that cannot be read."""
    with Refused(folder / source.stem, own_columns(source)) as refused:
        for row in read_rows(source):
            if row.problem:
                refused.add(row.line, row.problem, row.original)
    assert refused.path is not None
    return refused.path


TABLE = "编号,内容,code\n1,好,x\n2,断网,三天,多\n3,".encode() + b'\xff,y\n4\n5,"a"b,z\n'


def test_refused_rows_keep_their_columns_and_come_back_when_fixed(tmp_path: Path) -> None:
    source = tmp_path / "来电.csv"
    source.write_bytes(TABLE)
    path = refuse_all(source, tmp_path / "out")
    head, *rows = lines(path)
    assert head == [*COLUMNS, "编号", "内容", "code"]
    assert [row[5:] for row in rows] == [
        ["2", "断网", "三天", "多"],
        ["3", "\\udcff", "y"],
        ["4"],
        ["", "", "", '5,"a"b,z\n'],
    ]
    again = list(read_rows(path))
    assert [row.problem and row.problem.code for row in again] == [
        "row.ragged", "row.encoding", "row.ragged", "row.ragged",
    ]  # fmt: skip
    second = refuse_all(path, tmp_path / "out")
    assert second.name == "来电-refused-2.csv"
    assert [row[5:] for row in lines(second)] == [row[5:] for row in lines(path)], (
        "nothing lost, nothing added"
    )
    fixed = path.read_text("utf-8-sig").replace("\\udcff", "慢").replace("断网,三天,多", "断网三天,多")
    path.write_text(fixed, "utf-8")
    assert [row.cells for row in read_rows(path)] == [
        {"编号": "2", "内容": "断网三天", "code": "多"},
        {"编号": "3", "内容": "慢", "code": "y"},
        None,
        None,
    ]
    assert headers(path) == ("编号", "内容", "code")


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_a_list_saved_by_a_spreadsheet_is_read(tmp_path: Path, encoding: str) -> None:
    source = tmp_path / "a.csv"
    source.write_text("编号,内容\n1\n", "utf-8")
    path = refuse_all(source, tmp_path)
    fixed = "\n".join(";".join(row) for row in [*lines(path)[:1], [*lines(path)[1], "宽带太慢"]])
    path.write_text(fixed, encoding)
    assert [row.cells for row in read_rows(path)] == [{"编号": "1", "内容": "宽带太慢"}]
    book = openpyxl.Workbook()
    for row in fixed.splitlines():
        book.active.append(row.split(";"))
    book.save(tmp_path / "b.xlsx")
    assert [row.cells for row in read_rows(tmp_path / "b.xlsx")] == [{"编号": "1", "内容": "宽带太慢"}]


def test_refused_rows_of_json_keep_their_cells_as_json(tmp_path: Path) -> None:
    source = tmp_path / "a.jsonl"
    source.write_text('{"text": "\\udc80", "n": [1]}\n[7]\n', "utf-8")
    path = refuse_all(source, tmp_path)
    assert lines(path)[0] == [*COLUMNS, JSON_COLUMN]
    assert [row.problem and row.problem.code for row in read_rows(path)] == ["row.encoding", None]
    path.write_text(path.read_text("utf-8-sig").replace("\\udc80", "好").replace("[7]", "{}"), "utf-8")
    rows = list(read_rows(path))
    assert [row.cells for row in rows] == [{"text": "好", "n": [1]}, {"raw": "{}"}]
    assert headers(path) == ("text", "n", "raw")
    path.write_text(path.read_text("utf-8").replace('{""text""', "text"), "utf-8")
    assert [row.problem and row.problem.code for row in read_rows(path)] == ["row.json", None]


def test_values_of_a_spreadsheet_are_kept_as_text(tmp_path: Path) -> None:
    with Refused(tmp_path / "data") as refused:
        refused.add(2, BAD, {"时间": datetime.datetime(2026, 3, 2, 9, 30), "n": 1.5, "x": [None]})
    assert refused.path is not None
    assert next(read_rows(refused.path)).cells == {"时间": "2026-03-02 09:30:00", "n": 1.5, "x": [None]}
