"""Exports on the embedded store: what Athena reads, who may take what, what is logged."""

from __future__ import annotations

import json
import re
import time
from datetime import UTC, datetime

import pytest

from chalicelib.adapters.vault import KeyVault
from chalicelib.export.ddl import ATHENA, statements
from chalicelib.export.exporting import export_file, export_folder
from chalicelib.export.folder import agreed, read_receipt, writing
from chalicelib.export.query import answering
from chalicelib.loop.context import Loop
from chalicelib.loop.export.columns import COLUMNS, NUMBERS
from chalicelib.loop.export.permission import permit
from chalicelib.loop.export.rows import first_week, last_week
from chalicelib.loop.listen.originals import reading_log
from chalicelib.loop.worker import drain
from chalicelib.model.contact import Contact
from chalicelib.model.errors import Busy, Invalid, LoopError
from chalicelib.model.people import Caller, Role
from chalicelib.model.weeks import week_of
from chalicelib.ports import Store
from tests.exporting import LEAD, NOW, everything, made, queried, quiet, stored
from tests.loop.making import ADMIN, LATE, Mute, contact, days


@pytest.fixture
def loop(store: Store) -> Loop:
    return made(store)


def test_athena_is_told_the_columns_that_are_in_the_files(loop, tmp_path):
    export_folder(loop, ADMIN, everything(loop), tmp_path / "x", "parquet", quiet)
    said = statements("s3://b/x/")
    for table, shown in (("contacts", COLUMNS), ("numbers", NUMBERS)):
        create = re.search(rf"EXISTS {table} \((.*?)\n\)", said, re.S)
        assert create
        told = re.findall(r"^  `(\w+)` (\S+) COMMENT '[^';]*',?$", create[1], re.M)
        assert len(told) == len(create[1].strip().splitlines()) == len(shown)
        described = queried(tmp_path / "x", f"describe {table}")
        held = [(row["column_name"], ATHENA[row["column_type"].lower()]) for row in described]
        assert held == [*told, ("week", "string")]
        assert f"LOCATION 's3://b/x/{table}/'" in said
    assert said.count("PARTITIONED BY (`week` string)\nSTORED AS PARQUET") == 2
    assert len([one for one in said.split(";") if one.strip()]) == 4


def test_parquet_files_hold_the_plain_types_that_athena_reads(loop, tmp_path):
    import duckdb

    export_folder(loop, ADMIN, everything(loop), tmp_path / "x", "parquet", quiet)
    file = next((tmp_path / "x").glob("contacts/week=*/part-0.parquet"))
    rows = duckdb.execute("select name, type, converted_type from parquet_schema(?)", [str(file)]).fetchall()
    assert {kind for _, kind, _ in rows} - {None} == {"BYTE_ARRAY", "INT32", "INT64", "BOOLEAN"}
    logical = {name: converted for name, _, converted in rows}
    assert logical["time"] == "TIMESTAMP_MICROS"
    assert (logical["day"], logical["severity"], logical["cost_fen"]) == ("DATE", "INT_32", "INT_64")
    assert logical["causes"] == "LIST"
    assert (
        "week" not in logical
    )  # the partition's name says it; twice would be one column too many for Athena


def test_the_first_week_is_found_whether_or_not_all_is_counted(loop):
    last = last_week(loop)
    contact(loop, datetime(2026, 1, 5, tzinfo=UTC), LATE, customer="u8")
    assert first_week(loop, last) == "2026-W02"
    drain(loop)
    assert first_week(loop, last) == "2026-W02"
    assert first_week(loop, "2026-W01") == "2026-W01"


def test_an_empty_company_exports_nothing_sensibly(store, tmp_path):
    loop = Loop(store, KeyVault(b"k" * 32), lambda _: Mute(), lambda: NOW)
    receipt = export_folder(loop, ADMIN, everything(loop), tmp_path / "x", "parquet", quiet)
    assert receipt["written"] == 0
    assert receipt["rows"] == {"contacts": 0, "numbers": 0}
    assert queried(tmp_path / "x", "select count(*) n, sum(cost_fen) c from contacts") == [
        {"n": 0, "c": None}
    ]
    assert json.loads((tmp_path / "x" / "receipt.json").read_text("utf-8"))["complete"] is True


AGENT = Caller("agent", Role.AGENT)
EXECUTIVE = Caller("exec", Role.EXECUTIVE)


@pytest.mark.parametrize(
    ("caller", "more", "code"),
    [
        (AGENT, {}, "export.role"),
        (EXECUTIVE, {"text": True, "purpose": "看看"}, "export.text"),
        (ADMIN, {"text": True}, "export.purpose"),
        (ADMIN, {"text": True, "purpose": " x "}, "export.purpose"),
        (LEAD, {"department": "service"}, "department.not_found"),
        (ADMIN, {"department": "nowhere"}, "department.not_found"),
    ],
)
def test_who_may_not_take_what(caller, more, code, loop, tmp_path):
    with pytest.raises(LoopError) as refused:
        export_folder(loop, caller, everything(loop, **more), tmp_path / "x", "csv", quiet)
    assert refused.value.code == code
    assert not (tmp_path / "x").exists()
    assert reading_log(loop) == []


@pytest.mark.parametrize(
    ("caller", "more", "only"),
    [
        (ADMIN, {}, None),
        (EXECUTIVE, {}, None),
        (LEAD, {}, ("logistics",)),
        (LEAD, {"text": True, "purpose": "核对"}, ("logistics",)),
        (ADMIN, {"department": "logistics"}, ("logistics",)),
    ],
)
def test_who_may(caller, more, only, loop):
    assert permit(loop, caller, everything(loop, **more)) == only


def test_every_export_is_in_the_reading_log(loop, tmp_path):
    wish = everything(loop, text=True, purpose="给 13800138000 核对")
    export_folder(loop, LEAD, wish, tmp_path / "x", "csv", quiet)
    export_file(loop, ADMIN, everything(loop), tmp_path / "x.parquet", "parquet", quiet)
    log = {r.by: r for r in reading_log(loop)}
    told = log["lead"]
    assert (told.what, told.weeks, told.rows, told.text) == ("table", "2026-W43/2026-W47", 2, True)
    assert "13800138000" not in told.purpose
    assert (log[ADMIN.name].rows, log[ADMIN.name].text) == (5, False)
    export_file(loop, ADMIN, everything(loop), tmp_path / "x.csv", "csv", quiet)
    assert len(reading_log(loop)) == 3  # in the same millisecond by the same person: still its own line


def test_an_export_that_broke_off_is_logged_without_its_number_of_rows(loop, tmp_path):
    def break_off(rows: int) -> None:
        raise KeyboardInterrupt

    many = [NOW - days(n / 100) for n in range(600)]
    for moment in many:
        contact(loop, moment, customer=f"c{moment.minute}")
    with pytest.raises(KeyboardInterrupt):
        export_folder(loop, ADMIN, everything(loop), tmp_path / "x", "parquet", break_off)
    assert [r.rows for r in reading_log(loop)] == [None]
    receipt = read_receipt(tmp_path / "x") or {}
    assert receipt["complete"] is False
    kept = {w["file"] for w in receipt["tables"].get("contacts", {}).values()}
    assert {str(f.relative_to(tmp_path / "x")) for f in (tmp_path / "x").glob("contacts/*/*")} == kept
    done_again = export_folder(loop, ADMIN, everything(loop), tmp_path / "x", "parquet", quiet)
    assert done_again["written"] == 605
    assert queried(tmp_path / "x", "select count(*) as n from contacts") == [{"n": 605}]


@pytest.mark.parametrize(
    ("caller", "more", "form", "says"),
    [
        (LEAD, {}, "csv", "departments"),
        (ADMIN, {"text": True, "purpose": "核对"}, "csv", "text"),
        (ADMIN, {}, "parquet", "format"),
    ],
)
def test_exports_of_different_kinds_do_not_mix(caller, more, form, says, loop, tmp_path):
    export_folder(loop, ADMIN, everything(loop), tmp_path / "x", "csv", quiet)
    before = {f: f.read_bytes() for f in (tmp_path / "x").rglob("*") if f.is_file()}
    with pytest.raises(Invalid) as refused:
        export_folder(loop, caller, everything(loop, **more), tmp_path / "x", form, quiet)
    assert says in refused.value.zh
    assert {f: f.read_bytes() for f in (tmp_path / "x").rglob("*") if f.is_file()} == before


def test_a_folder_with_other_things_is_left_alone(loop, tmp_path):
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / "letter.txt").write_text("mine")
    with pytest.raises(Invalid, match=r"export\.folder"):
        export_folder(loop, ADMIN, everything(loop), tmp_path / "x", "csv", quiet)
    assert (tmp_path / "x" / "letter.txt").read_text() == "mine"


def test_one_export_at_a_time_writes_a_folder(loop, tmp_path):
    agreement = agreed("csv", None, False)
    with writing(tmp_path / "x", "csv", agreement), pytest.raises(Busy):
        export_folder(loop, ADMIN, everything(loop), tmp_path / "x", "csv", quiet)


def test_a_week_whose_contacts_went_has_no_file_any_more(loop, tmp_path):
    export_folder(loop, ADMIN, everything(loop), tmp_path / "x", "parquet", quiet)
    gone = [c for c in stored(loop) if week_of(c.time) == "2026-W45"]
    assert gone
    loop.change(lambda unit: [unit.delete(c) for c in unit.many(Contact, (g.id for g in gone)).values()])
    receipt = export_folder(loop, ADMIN, everything(loop), tmp_path / "x", "parquet", quiet)
    assert "2026-W45" not in receipt["tables"]["contacts"]
    assert not (tmp_path / "x/contacts/week=2026-W45").exists()


@pytest.mark.parametrize(
    ("sql", "code"),
    [
        ("selec 1", "sql.wrong"),
        ("select nothing from contacts", "sql.wrong"),
        ("", "sql.select"),
        ("select 1; select 2", "sql.select"),
        ("copy contacts to '/tmp/never'", "sql.select"),
        ("create table t as select 1", "sql.select"),
        ("set memory_limit = '9GB'", "sql.select"),
        ("install httpfs", "sql.select"),
        ("explain analyze select 1", "sql.select"),
        ("select * from read_text('/etc/passwd')", "sql.outside"),
        ("select * from '/etc/passwd'", "sql.wrong"),
        ("select * from read_csv('https://example.invalid/x.csv')", "sql.outside"),
        ("select * from glob('/etc/*')", "sql.outside"),
        ("select segment::int from contacts", "sql.failed"),
    ],
)
def test_sql_reads_the_export_and_nothing_else(sql, code, loop, tmp_path):
    export_folder(loop, ADMIN, everything(loop), tmp_path / "x", "parquet", quiet)
    with pytest.raises(Invalid) as refused:
        queried(tmp_path / "x", sql)
    assert refused.value.code == code
    assert "unknown" not in refused.value.zh + refused.value.en  # the value that could not be cast


def test_sql_keeps_within_its_memory(loop, tmp_path):
    export_folder(loop, ADMIN, everything(loop), tmp_path / "x", "parquet", quiet)
    with pytest.raises(Invalid, match=r"sql\.large"):
        queried(tmp_path / "x", "select len(string_agg(repeat('x', 1000000), '')) from range(3000)")


@pytest.mark.parametrize(
    "sql",
    [
        "select count(*) from range(100000) a, range(100000) b, range(1000) c",
        "select * from range(1000000000000)",
    ],
)
def test_sql_ends_in_time(sql, loop, tmp_path):
    export_folder(loop, ADMIN, everything(loop), tmp_path / "x", "parquet", quiet)
    start = time.monotonic()
    with pytest.raises(Invalid, match=r"sql\.slow"), answering(tmp_path / "x", sql, seconds=0.3) as answer:
        for _ in answer.rows:
            pass
    assert time.monotonic() - start < 60  # of hours


def test_sql_in_time_is_not_disturbed(loop, tmp_path):
    export_folder(loop, ADMIN, everything(loop), tmp_path / "x", "parquet", quiet)
    with answering(tmp_path / "x", "select count(*) from contacts", seconds=30) as answer:
        assert len(list(answer.rows)) == 1
