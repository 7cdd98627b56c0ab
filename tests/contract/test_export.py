"""What leaves as CSV, as Parquet and through SQL is, row for row, what is stored; on both stores."""

from __future__ import annotations

import pytest

from chalicelib.export.exporting import export_file, export_folder
from chalicelib.export.folder import read_receipt
from chalicelib.loop.context import Loop
from chalicelib.loop.erasure import erase
from chalicelib.loop.export.rows import page_rows
from chalicelib.loop.worker import drain
from chalicelib.model.customer import Customer
from chalicelib.model.people import Caller, Role
from chalicelib.model.weeks import week_of
from chalicelib.ports import Store
from tests.exporting import LEAD, NOW, csv_of, everything, expected, made, queried, quiet, stored
from tests.loop.making import ADMIN, LATE, LOST, days, done


@pytest.fixture
def loop(store: Store) -> Loop:
    return made(store)


def test_rows_are_the_same_in_csv_parquet_sql_and_the_store(loop, tmp_path):
    wish = everything(loop, text=True, purpose="核对")
    for form in ("csv", "parquet"):
        export_folder(loop, ADMIN, wish, tmp_path / form, form, quiet)
    by_csv = list(csv_of(tmp_path / "csv"))
    by_sql = queried(tmp_path / "parquet", "select * from contacts order by time, id")
    assert len(by_csv) == 5
    assert by_sql == [{name: row[name] for name in by_sql[0]} for row in by_csv]
    for row, c in zip(by_sql, stored(loop), strict=True):
        assert {k: row[k] for k in expected(loop, c)} == expected(loop, c)
        assert (row["customer"] == "") == (c.customer == "")
        assert c.customer not in row.values() or not c.customer
    receipts = [read_receipt(tmp_path / form) or {} for form in ("csv", "parquet")]
    assert receipts[0]["sha256"] == receipts[1]["sha256"]
    assert receipts[0]["rows"]["contacts"] == 5
    assert [r["complete"] for r in receipts] == [True, True]


def test_pages_one_after_the_other_are_the_same_rows(loop, tmp_path):
    wish = everything(loop)
    export_folder(loop, ADMIN, wish, tmp_path / "x", "parquet", quiet)
    all_rows = [row["id"] for row in queried(tmp_path / "x", "select id from contacts order by time, id")]
    for limit, most in ((1, 10**7), (2, 10**7), (1000, 10**7), (1000, 1), (2, 1_000)):
        paged, cursor = [], "start"
        while cursor:
            page = page_rows(loop, None, wish, "" if cursor == "start" else cursor, limit, most)
            assert len(page.rows) <= (limit if most > 1 else 1)
            paged += [row["id"] for _, row in page.rows]
            cursor = page.next
        assert paged == all_rows


def test_sums_over_counted_rows_are_the_stored_numbers(loop, tmp_path):
    export_folder(loop, ADMIN, everything(loop), tmp_path / "x", "parquet", quiet)
    sums = queried(
        tmp_path / "x",
        """select week, count(*) n, sum(cost_fen) as cost, sum(seconds) as seconds,
           sum(severity) as severity
           from contacts where counted group by week order by week""",
    )
    stored_numbers = queried(
        tmp_path / "x",
        """select week, sum(n) filter (field = 'n') n, coalesce(sum(n) filter (field = 'cost'), 0) cost,
           coalesce(sum(n) filter (field = 'seconds'), 0) as seconds,
           coalesce(sum(n) filter (field = 'severity'), 0) severity
           from numbers where family = 'week' group by week order by week""",
    )
    assert sums == stored_numbers
    assert sum(row["n"] for row in sums) == 4


def test_a_lead_gets_the_contacts_of_its_departments_and_no_numbers(loop, tmp_path):
    export_folder(loop, LEAD, everything(loop), tmp_path / "x", "parquet", quiet)
    mine = {c.id for c in stored(loop) if "logistics" in c.departments}
    assert {row["id"] for row in queried(tmp_path / "x", "select id from contacts")} == mine != set()
    assert queried(tmp_path / "x", "select count(*) n from numbers") == [{"n": 0}]
    both = Caller("lead", Role.LEAD, ("logistics", "service"))
    written, _ = export_file(loop, both, everything(loop), tmp_path / "both.csv", "csv", quiet)
    assert written.rows == sum(bool(c.departments) for c in stored(loop))


def test_after_an_erasure_the_next_export_has_no_trace(loop, tmp_path):
    wish = everything(loop, text=True, purpose="核对")
    export_folder(loop, ADMIN, wish, tmp_path / "x", "parquet", quiet)
    gone = next(c for c in stored(loop) if c.causes == (LATE,) and c.order)
    before = queried(tmp_path / "x", f"select * from contacts where id = '{gone.id}'")[0]
    erase(loop, ADMIN, gone.customer, "本人要求")
    export_folder(loop, ADMIN, wish, tmp_path / "x", "parquet", quiet)
    after = queried(tmp_path / "x", f"select * from contacts where id = '{gone.id}'")[0]
    personal = {before["text"], before["customer"], before["order_ref"]} - {""}
    assert len(personal) == 3
    assert not personal & set(map(str, after.values()))
    assert after["erased"]
    assert after["cost_fen"] == before["cost_fen"]
    whole = b"".join(file.read_bytes() for file in (tmp_path / "x").rglob("*") if file.is_file())
    assert not any(value.encode() in whole for value in personal)
    assert loop.store.get(Customer, [gone.customer]) == {}


def test_again_replaces_the_same_weeks_and_touches_nothing_that_stayed(loop, tmp_path):
    folder, wish = tmp_path / "x", everything(loop)
    drain(loop)
    export_folder(loop, ADMIN, wish, folder, "parquet", quiet)
    before = {f: (f.stat().st_mtime_ns, f.stat().st_ino) for f in folder.glob("*/*/*")}
    done(loop, NOW - days(14.5), LOST, customer="u9")
    export_folder(loop, ADMIN, wish, folder, "parquet", quiet)
    after = {f: (f.stat().st_mtime_ns, f.stat().st_ino) for f in folder.glob("*/*/*")}
    changed = {str(f.relative_to(folder)) for f in after if before.get(f) != after[f]}
    week = week_of(NOW - days(14.5))
    assert changed == {f"contacts/week={week}/part-0.parquet", f"numbers/week={week}/part-0.parquet"}
    assert before.keys() == after.keys()
    assert queried(folder, "select count(*) n, count(distinct id) ids from contacts") == [{"n": 6, "ids": 6}]
    names = {str(f.relative_to(folder)) for f in folder.rglob("*") if f.is_file()}
    assert names == {".lock", "receipt.json", *(str(f.relative_to(folder)) for f in after)}
