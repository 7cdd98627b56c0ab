"""Files from outside: every encoding, shape and damage we know of."""

from __future__ import annotations

import datetime
import json
import os
import struct
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.intake.encoding import detect
from chalicelib.intake.records import LONGEST_LINE, MAX_FIELD
from chalicelib.intake.rows import Row
from chalicelib.intake.tables import count_rows, headers, read_rows, sheets
from chalicelib.intake.workbook import MAX_UNPACKED
from chalicelib.model.errors import Invalid

TABLE = "编号,内容\n1,宽带又断了\n2,账单多收了两元\n"


def wrote(folder: Path, content: str | bytes, name: str = "来电.csv") -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def read(folder: Path, content: str | bytes, name: str = "来电.csv") -> list[Row]:
    return list(read_rows(wrote(folder, content, name)))


def book(path: Path, rows: list[list[object]], merge: tuple[str, ...] = ()) -> Path:
    workbook = openpyxl.Workbook()
    for row in rows:
        workbook.active.append(row)
    for area in merge:
        workbook.active.merge_cells(area)
    workbook.create_sheet("第二页").append(["另一列"])
    workbook.save(path)
    return path


def code(row: Row) -> str:
    return row.problem.code if row.problem else "ok"


def refusal(path: Path, sheet: str | None = None) -> Invalid:
    with pytest.raises(Invalid) as caught:
        list(read_rows(path, sheet))
    assert caught.value.zh
    assert caught.value.en
    return caught.value


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (TABLE.encode(), "utf-8"),
        (b"id,text\n1,plain\n", "utf-8"),
        (TABLE.encode("utf-8-sig"), "utf-8-sig"),
        (TABLE.encode("gb18030"), "gb18030"),
        ("内容\n𠮷祥如意\n".encode("gb18030"), "gb18030"),
        ("客户,是否解决\n1,女\n".encode("gb18030"), "gb18030"),  # the last line alone is also UTF-8
        (TABLE.encode("utf-16"), "utf-16"),
        (b"\xfe\xff" + TABLE.encode("utf-16-be"), "utf-16"),
        (TABLE.encode() + b"3,\xff\xff\n", "utf-8"),
        (TABLE.encode("gb18030") + b"3,\xff\n", "gb18030"),
        (b"id,text\n1,caf\xe9, again\n", "utf-8"),
        (b"id\n\xe4\xa1", "gb18030"),  # ends like the beginning of a UTF-8 character
    ],
)
def test_encoding_is_found(tmp_path: Path, content: bytes, expected: str) -> None:
    assert detect(wrote(tmp_path, content)) == expected


def test_one_damaged_byte_does_not_turn_utf8_into_nonsense(tmp_path: Path) -> None:
    damaged = "内容\n账单\n".encode() + b"\xb0\xa1\n"
    assert damaged.decode("gb18030")  # the trap: all of it is also strict GB18030
    rows = read(tmp_path, damaged)
    assert [row.cells for row in rows] == [{"内容": "账单"}, None]
    assert code(rows[1]) == "row.encoding"


def test_the_whole_file_decides_not_its_beginning(tmp_path: Path) -> None:
    content = b"id,text\n" + b"1,plain\n" * 150_000 + "2,断网\n".encode("gb18030")
    assert len(content) > 1 << 20
    assert detect(wrote(tmp_path, content)) == "gb18030"


def test_a_character_across_two_chunks_is_still_utf8(tmp_path: Path) -> None:
    assert detect(wrote(tmp_path, b"x" * ((1 << 20) - 1) + "好\n".encode())) == "utf-8"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_csv_in_every_dress(tmp_path: Path, encoding: str, delimiter: str, end: str) -> None:
    text = TABLE.replace(",", delimiter).replace("\n", end)
    assert read(tmp_path, text.encode(encoding)) == [
        Row(2, {"编号": "1", "内容": "宽带又断了"}),
        Row(3, {"编号": "2", "内容": "账单多收了两元"}),
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_rows_that_cannot_be_decoded_are_refused_alone(tmp_path: Path, encoding: str) -> None:
    rows = read(tmp_path, TABLE.encode(encoding) + b"3,\xff\n4,ok\n")
    assert [(row.line, code(row)) for row in rows] == [(2, "ok"), (3, "ok"), (4, "row.encoding"), (5, "ok")]
    assert rows[2].original == {"编号": "3", "内容": "\udcff"}


def test_quoted_newlines_and_the_line_a_record_begins_on(tmp_path: Path) -> None:
    rows = read(tmp_path, 'id,text\n\n1,"一\n二\n""三"""\n  ,\n2,四\n')
    assert rows == [Row(3, {"id": "1", "text": '一\n二\n"三"'}), Row(7, {"id": "2", "text": "四"})]


@pytest.mark.parametrize(
    ("bad", "expected"),
    [
        ("1", "row.ragged"),
        ("1,2,3", "row.ragged"),
        ('1,"a"b', "row.quotes"),
        ('1,"never closed', "row.quotes"),
        ("1,a\x00b", "row.encoding"),
        ("1,2,,", "ok"),
        ('1,他说"不用了"', "ok"),
    ],
)
def test_a_bad_row_is_a_problem_and_its_neighbours_are_rows(tmp_path: Path, bad: str, expected: str) -> None:
    rows = read(tmp_path, f'id,text\n0,前\n{bad}\n9,"后"\n')
    assert [(row.line, code(row)) for row in rows] == [(2, "ok"), (3, expected), (4, "ok")]
    assert (rows[1].cells is None) == (expected != "ok")
    assert rows[2].cells == {"id": "9", "text": "后"}


def test_a_problem_says_where_and_never_what(tmp_path: Path) -> None:
    row = read(tmp_path, "id,text\n13800138000,投诉,多\n")[0]
    assert row.problem is not None
    assert row.problem.where == "来电.csv:2"
    assert row.original == {"id": "13800138000", "text": "投诉", "column 3": "多"}
    assert "13800138000" not in str(row.problem) + row.problem.zh
    assert "投诉" not in str(row.problem) + row.problem.zh


@pytest.mark.parametrize(("size", "expected"), [(MAX_FIELD, "ok"), (MAX_FIELD + 1, "row.quotes")])
def test_cells_up_to_a_megabyte(tmp_path: Path, size: int, expected: str) -> None:
    rows = read(tmp_path, f'text\n"{"x" * size}"\nlast\n')
    assert [code(row) for row in rows] == [expected, "ok"]


@pytest.mark.parametrize(("name", "first"), [("a.csv", "text"), ("a.jsonl", '{"text": "0"}')])
def test_an_endless_line_is_refused_and_counted(tmp_path: Path, name: str, first: str) -> None:
    last = "后" if name == "a.csv" else '{"text": "后"}'
    rows = read(tmp_path, f"{first}\n{'x' * (LONGEST_LINE + 5)}\n{last}\n", name)
    assert [(row.line, code(row) == "ok") for row in rows][-2:] == [(2, False), (3, True)]
    assert rows[-1].cells == {"text": "后"}


@pytest.mark.parametrize(
    ("header", "expected", "where"),
    [
        ("a,b,a", "header.duplicate", "来电.csv:1"),
        ("\n a ,a", "header.duplicate", "来电.csv:2"),
        ("x" * 65, "header.missing", "来电.csv:1"),
        ("a,b\x00", "header.missing", "来电.csv:1"),
    ],
)
def test_headers_that_cannot_be_used(tmp_path: Path, header: str, expected: str, where: str) -> None:
    error = refusal(wrote(tmp_path, f"{header}\n1,2,3\n"))
    assert (error.code, error.where) == (expected, where)


def test_columns_without_a_name(tmp_path: Path) -> None:
    path = wrote(tmp_path, ",text, ,\n0,好,9,\n")
    assert headers(path) == ("column 1", "text")
    assert [code(row) for row in read_rows(path)] == ["row.ragged"]
    assert headers(wrote(tmp_path, ",text\n0,好\n")) == ("column 1", "text")


def test_utf16_without_a_mark_is_not_read_as_nonsense(tmp_path: Path) -> None:
    assert refusal(wrote(tmp_path, "id,text\n1,a\n".encode("utf-16-le"))).code == "header.missing"


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.text(max_size=8), st.text('a,;"\n\r\t中', max_size=8)), max_size=5),
    st.sampled_from(["utf-8", "utf-8-sig", "gb18030", "utf-16"]),
)
def test_what_was_written_is_read(tmp_path_factory: pytest.TempPathFactory, rows, encoding: str) -> None:
    kept = [row for row in rows if "\x00" not in row[0] and any(cell.strip() for cell in row)]
    quoted = (",".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in [("甲", "乙"), *kept])
    path = wrote(tmp_path_factory.mktemp("t"), "\r\n".join(quoted).encode(encoding))
    assert [row.cells for row in read_rows(path)] == [{"甲": a, "乙": b} for a, b in kept]


@settings(max_examples=40, deadline=None)
@given(st.binary(max_size=200), st.sampled_from(["a.csv", "a.jsonl", "a.json", "a.xlsx", "a.txt"]))
def test_no_bytes_give_a_traceback(tmp_path_factory: pytest.TempPathFactory, junk: bytes, name: str) -> None:
    path = wrote(tmp_path_factory.mktemp("t"), junk, name)
    try:
        rows = list(read_rows(path))
    except Invalid:
        return
    assert all((row.cells is None) != (row.problem is None) for row in rows)


def test_json_lines(tmp_path: Path) -> None:
    lines = (
        '{"text": "好", "n": 1.5, "turns": ["a|||b"], "x": {"y": [null]}}\n\n{"text": \n[1]\n'
        '{"text": NaN}\n{"text": "\\udc80"}\n{"text": 1, "x": [{"\\u0000": 1}]}\n'
        '{"text": "\\ud83d\\ude00"}\n' + "[" * 100_000 + "\n7\n"
    )
    rows = read(tmp_path, lines, "a.jsonl")
    assert [(row.line, code(row)) for row in rows] == [
        (1, "ok"),
        (3, "row.json"),
        (4, "row.json"),
        (5, "ok"),
        (6, "row.encoding"),
        (7, "row.encoding"),
        (8, "ok"),
        (9, "row.json"),
        (10, "row.json"),
    ]
    assert rows[0].cells == {"text": "好", "n": 1.5, "turns": ["a|||b"], "x": {"y": [None]}}
    assert rows[1].original == {"raw": '{"text": '}
    assert rows[3].cells == {"text": None}
    assert rows[6].cells == {"text": "😀"}


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ('[{"a": 1},\n {"a": 2}]\n', [(1, "ok"), (2, "ok")]),
        ('\n[\n{"a":\n1}\n,3, {"a": 2}\n]', [(3, "ok"), (5, "row.json"), (5, "ok")]),
        ('[{"a": 1},\n {"a": ]', [(1, "ok"), (2, "row.json")]),
        ('[{"a": 1}\n', [(1, "ok"), (2, "row.json")]),
        ('[{"a": 1}]\n[{"a": 2}]', [(1, "ok"), (2, "row.json")]),
        ('{\n "a": 1\n}\n', [(1, "ok")]),
        ("[]", []),
    ],
)
def test_json_arrays(tmp_path: Path, content: str, expected: list[tuple[int, str]]) -> None:
    assert [(row.line, code(row)) for row in read(tmp_path, content, "a.json")] == expected


@pytest.mark.parametrize("name", ["a.csv", "a.txt", "a.jsonl", "a.json", "a.xlsx", "a.xls", "a"])
@pytest.mark.parametrize("content", ['{"text": "好"}\n', '[{"text": "好"}]', "text\n好\n", b"xlsx"])
def test_the_content_counts_when_the_extension_lies(tmp_path: Path, name: str, content: str | bytes) -> None:
    if content == b"xlsx":
        content = book(tmp_path / "real.xlsx", [["text"], ["好"]]).read_bytes()
    path = wrote(tmp_path, content, name)
    assert headers(path) == ("text",)
    assert [row.cells for row in read_rows(path)] == [{"text": "好"}]


def test_xlsx_values_keep_their_types(tmp_path: Path) -> None:
    when = datetime.datetime(2026, 3, 2, 9, 30)
    path = book(
        tmp_path / "a.xlsx",
        [
            ["时间", "内容", "时长", "电话"],
            [when, "断网_x000D_\n了", 12.5, 1.38e10],
            [None] * 4,
            [None, "", "  "],
            ["x", True, 0],
            ["a", "b", "c", "d", "多"],
        ],
    )
    rows = list(read_rows(path))
    assert rows[0] == Row(2, {"时间": when, "内容": "断网\n了", "时长": 12.5, "电话": 13800000000})
    assert isinstance(rows[0].cells["电话"], int)
    assert rows[1] == Row(5, {"时间": "x", "内容": True, "时长": 0, "电话": None})
    assert [(row.line, code(row)) for row in rows[2:]] == [(6, "row.ragged")]


def test_xlsx_banners_merged_over_columns_are_skipped(tmp_path: Path) -> None:
    rows = [["三月工单"], ["a", "b"], [1, 2], ["小计"], ["只有一格"], ["竖"]]
    path = book(tmp_path / "a.xlsx", rows, ("A1:B1", "A4:B4", "A6:A7"))
    assert headers(path) == ("a", "b")
    assert [(row.line, row.cells) for row in read_rows(path)] == [
        (3, {"a": 1, "b": 2}),
        (5, {"a": "只有一格", "b": None}),
        (6, {"a": "竖", "b": None}),
    ]


def rewritten(path: Path, part: str, old: str, new: str) -> Path:
    """The same workbook with one part's XML changed."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    assert old.encode() in parts[part]
    parts[part] = parts[part].replace(old.encode(), new.encode())
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


SHEET = "xl/worksheets/sheet1.xml"


def test_xlsx_formulas_give_their_cached_value(tmp_path: Path) -> None:
    path = book(tmp_path / "a.xlsx", [["a"], ["=1+1"]])
    rewritten(path, SHEET, "<f>1+1</f><v />", "<f>1+1</f><v>2</v>")
    assert [row.cells for row in read_rows(path)] == [{"a": 2}]


def test_xlsx_with_a_wrong_dimension_is_read_whole(tmp_path: Path) -> None:
    path = rewritten(book(tmp_path / "a.xlsx", [["a", "b"], [1, 2]]), SHEET, 'ref="A1:B2"', 'ref="A1"')
    assert [row.cells for row in read_rows(path)] == [{"a": 1, "b": 2}]


def test_xlsx_warnings_stay_inside(tmp_path: Path) -> None:
    path = book(tmp_path / "a.xlsx", [["a"], [datetime.date(2026, 1, 5)]])
    rewritten(path, SHEET, "46027", "99999999999")
    assert [row.cells for row in read_rows(path)] == [{"a": "#VALUE!"}]


def test_xlsx_sheets(tmp_path: Path) -> None:
    path = book(tmp_path / "a.xlsx", [["a"], [1]])
    assert headers(path, "第二页") == ("另一列",)
    error = refusal(path, "第三页")
    assert error.code == "file.sheet"
    assert "第二页" in error.zh


OLE = bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 600


def bomb(path: Path) -> Path:
    """A workbook whose directory says that one part unpacks to more than we allow."""
    content = bytearray(book(path, [["a"], [1]]).read_bytes())
    entry = content.index(b"PK\x01\x02")
    content[entry + 24 : entry + 28] = struct.pack("<I", MAX_UNPACKED)
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "file.empty"),
        (b"\n \n\n", "file.empty"),
        (b"\xef\xbb\xbf", "file.empty"),
        (OLE + "Workbook".encode("utf-16-le"), "file.old_excel"),
        (OLE + "EncryptedPackage".encode("utf-16-le"), "file.encrypted"),
        (b"PK\x03\x04 cut off", "file.broken"),
        (b"<html><table><tr><td>a</td></tr></table></html>", "file.kind"),
        (b"%PDF-1.7", "file.kind"),
        (b"\x1f\x8b\x08", "file.kind"),
    ],
)
@pytest.mark.parametrize("name", ["a.csv", "a.xlsx", "a.json"])
def test_unreadable_files_say_what_to_do(tmp_path: Path, content: bytes, expected: str, name: str) -> None:
    assert refusal(wrote(tmp_path, content, name)).code == expected


def test_an_empty_sheet_a_bomb_and_another_zip(tmp_path: Path) -> None:
    assert refusal(book(tmp_path / "a.xlsx", [])).code == "header.missing"
    assert refusal(bomb(tmp_path / "b.xlsx")).code == "file.too_big"
    with zipfile.ZipFile(tmp_path / "c.xlsx", "w") as archive:
        archive.writestr("word/document.xml", "<w/>")
    assert refusal(tmp_path / "c.xlsx").code == "file.broken"
    broken = rewritten(book(tmp_path / "d.xlsx", [["a"], [1]]), SHEET, "</row>", "</rov>")
    assert refusal(broken).code == "file.broken"


@pytest.mark.parametrize("junk", [b"\0" * 500, bytes(range(256)) * 4, b"PK\x05\x06" + b"\0" * 18])
def test_a_broken_workbook_gets_advice_for_workbooks(tmp_path: Path, junk: bytes) -> None:
    error = refusal(wrote(tmp_path, junk, "工单.xlsx"))
    assert (error.code, error.where) == ("file.broken", "工单.xlsx")
    assert "另存为 .xlsx" in error.zh
    assert "UTF-8" not in error.zh + error.en
    empty = refusal(book(tmp_path / "empty.xlsx", []))
    assert "UTF-8" not in empty.zh + empty.en


def test_the_sheets_of_a_file(tmp_path: Path) -> None:
    assert sheets(book(tmp_path / "a.xlsx", [["a"]])) == ("Sheet", "第二页")
    assert sheets(wrote(tmp_path, TABLE)) == ()


@pytest.mark.parametrize("call", [headers, count_rows, read_rows, detect])
def test_what_is_no_file_at_all(tmp_path: Path, call) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path, expected in [
        (tmp_path / "none.csv", "file.missing"),
        (tmp_path, "file.folder"),
        (tmp_path / "pipe", "file.kind"),
        (tmp_path / "a\0b", "file.missing"),
    ]:
        with pytest.raises(Invalid) as caught:
            call(path)
        assert caught.value.code == expected


@contextmanager
def nobody() -> Iterator[None]:
    """Run as a user who may not read everything, when the tests run as one who may."""
    root = os.geteuid() == 0
    if root:
        os.seteuid(65534)
    try:
        yield
    finally:
        if root:
            os.seteuid(0)


def test_a_file_without_permission(tmp_path: Path) -> None:
    path = wrote(tmp_path, TABLE)
    path.chmod(0)
    with nobody():
        assert refusal(path).code == "file.forbidden"


@pytest.mark.parametrize(
    ("content", "name", "expected"),
    [
        (TABLE, "a.csv", 2),
        (TABLE.rstrip(), "a.csv", 2),
        ("a\n", "a.csv", 0),
        ('{"a": 1}\n{"a": 2}', "a.jsonl", 2),
        ('[{"a": 1}]', "a.json", None),
        (TABLE.replace("上", "").encode("utf-16"), "a.csv", 2),
    ],
)
def test_rows_are_counted_for_progress(
    tmp_path: Path, content: str | bytes, name: str, expected: int | None
) -> None:
    assert count_rows(wrote(tmp_path, content, name)) == expected


def test_xlsx_rows_are_counted_for_progress(tmp_path: Path) -> None:
    path = book(tmp_path / "a.xlsx", [["a"], [1], [2]])
    assert count_rows(path) == 2
    assert count_rows(rewritten(path, SHEET, '<dimension ref="A1:A3" />', "")) is None


def test_headers_of_json_are_all_keys(tmp_path: Path) -> None:
    lines = "".join(json.dumps(each) + "\n" for each in [{"a": 1}, {"b": 2, "a": 1}, [3]])
    assert headers(wrote(tmp_path, lines, "a.jsonl")) == ("a", "b")


def test_rows_stream(tmp_path: Path) -> None:
    rows = read_rows(wrote(tmp_path, "a\n1\n" + '"' + "x" * 1000))
    assert next(rows) == Row(2, {"a": "1"})
