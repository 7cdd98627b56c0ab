"""Refused rows are kept, safely, and can come back."""

from __future__ import annotations

import csv
import datetime
import json
import os
import stat
from pathlib import Path

import pytest

from chalicelib.intake.refused import COLUMNS, Refused
from chalicelib.intake.tables import headers, read_rows
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
    assert content.startswith(b"\xef\xbb\xbfline,code,reason_zh,reason_en,where,cells\r\n")
    assert content.count(b"\n") == content.count(b"\r\n") == 3
    header, first, second = lines(refused.path)
    assert tuple(header) == COLUMNS
    assert first[:5] == ["2", "row.bad", "不行", "No good", "a.csv:2"]
    assert json.loads(first[5]) == {"内容": "断网，\n三天", "时长": 3}
    assert second[5] == "{}"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_is_a_formula(tmp_path: Path, start: str) -> None:
    evil = f"{start}HYPERLINK(1)"
    with Refused(tmp_path / "data") as refused:
        refused.add(2, Invalid(evil, evil, evil, evil), {evil: evil})
    assert refused.path is not None
    row = lines(refused.path)[1]
    assert row[1:5] == [f"'{evil}"] * 4
    assert json.loads(row[5]) == {evil: evil}
    assert row[5].startswith("{")


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
        pytest.skip("no /dev/full here")
    refused = Refused(Path("unused"))
    refused._file = open("/dev/full", "w", encoding="utf-8")  # noqa: SIM115  # close() is what is tested
    refused.add(1, BAD, {})
    with pytest.raises(Invalid, match=r"refused\.write"):
        refused.close()


def test_refused_rows_come_back_when_fixed(tmp_path: Path) -> None:
    source = tmp_path / "来电.csv"
    source.write_bytes("编号,内容\n1,好\n2,断网,三天\n3,".encode() + b"\xff\n")
    with Refused(tmp_path / "data") as refused:
        for row in read_rows(source):
            if row.problem:
                refused.add(row.line, row.problem, row.original)
    assert refused.path is not None
    again = list(read_rows(refused.path))
    assert [row.cells for row in again] == [{"编号": "2", "内容": "断网", "column 3": "三天"}, None]
    assert again[1].problem is not None  # not fixed: refused again, not stored as nonsense
    assert "\\udcff" in refused.path.read_text(encoding="utf-8-sig")
    fixed = refused.path.read_text(encoding="utf-8-sig").replace("\\udcff", "慢")
    refused.path.write_text(fixed, encoding="utf-8")
    assert [row.cells for row in read_rows(refused.path)][1] == {"编号": "3", "内容": "慢"}
    assert headers(refused.path) == ("编号", "内容", "column 3")


def test_values_of_a_spreadsheet_are_kept_as_text(tmp_path: Path) -> None:
    with Refused(tmp_path / "data") as refused:
        refused.add(2, BAD, {"时间": datetime.datetime(2026, 3, 2, 9, 30), "n": 1.5, "x": [None]})
    assert refused.path is not None
    assert next(read_rows(refused.path)).cells == {"时间": "2026-03-02 09:30:00", "n": 1.5, "x": [None]}
