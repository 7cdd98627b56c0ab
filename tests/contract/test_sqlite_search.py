"""What only the embedded store's search can get wrong: older files, what is left behind, how much is read."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings

from chalicelib.adapters import sqlite_search
from chalicelib.adapters.sqlite import SqliteStore
from chalicelib.ports import Change
from tests.contract.test_search import NOTES, TERMS, Note, Remark, brute_force, found, in_order, put


def older(path: Path, notes: int) -> None:
    """A file from before there was a search."""
    store = SqliteStore(str(path))
    for i in range(0, notes, 400):
        put(store, *(Note(id=f"k{n:04d}", text=f"第{n}次退款", at=n) for n in range(i, min(i + 400, notes))))
    put(store, Note(id="silent"), Remark(id="k0000", text="退款"))
    store._writer.executescript("drop table pairs; drop table texts; pragma user_version = 0")
    store.close()


def test_an_older_file_is_indexed_once_when_it_is_opened(tmp_path: Path) -> None:
    older(tmp_path / "x.db", 1_200)
    told: list[tuple[int, int]] = []
    store = SqliteStore(str(tmp_path / "x.db"), progress=lambda done, total: told.append((done, total)))
    assert len(found(store, "退款")) == 1_200
    assert found(store, "119次") == ["k1119", "k0119"]
    assert found(store, "退款", kind=Remark) == ["k0000"]
    assert told == [(500, 1_202), (1_000, 1_202), (1_201, 1_202), (1_202, 1_202)]
    store.close()
    told.clear()
    SqliteStore(str(tmp_path / "x.db"), progress=lambda *_: told.append((0, 0))).close()
    assert told == []


def test_indexing_that_was_killed_goes_on_and_takes_nothing_twice(tmp_path: Path) -> None:
    class Killed(Exception):
        pass

    def kill(done: int, total: int) -> None:
        raise Killed

    older(tmp_path / "x.db", 1_200)
    with pytest.raises(Killed):
        SqliteStore(str(tmp_path / "x.db"), progress=kill)
    store = SqliteStore(str(tmp_path / "x.db"))
    assert len(found(store, "退款")) == 1_200
    assert store._writer.execute("select count(*) from texts").fetchone() == (1_201,)


def test_an_entity_that_is_not_indexed_yet_can_change_and_go(tmp_path: Path) -> None:
    older(tmp_path / "x.db", 2)
    store = SqliteStore(str(tmp_path / "x.db"))
    store._writer.execute("delete from texts where key = 'k0000'")
    before = store.get(Note, ["k0000"])["k0000"]
    store.save([Change(before, before.model_copy(update={"text": "发货", "version": 2}))], {})
    assert found(store, "发货") == ["k0000"]
    store.save([Change(store.get(Note, ["k0000"])["k0000"], None)], {})
    assert found(store, "发货") == []


def test_nothing_of_a_removed_text_is_left_after_scrubbing(tmp_path: Path) -> None:
    """Ideographs nobody uses, in texts of several segments of the index, so that only merging gets rid of them."""
    store = SqliteStore(str(tmp_path / "x.db"))
    for n in range(9):
        put(store, Note(id=f"k{n}", text=f"第{n}次退款龘靐"))
    for key, note in store.get(Note, [f"k{n}" for n in range(9)]).items():
        store.save([Change(note, note.model_copy(update={"text": None, "version": 2}))], {})
        assert found(store, "龘靐").count(key) == 0
    put(store, Note(id="new", text="别的"))
    store.scrub()
    kept = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"pairs" in kept
    assert not [word for word in ("龘", "靐") if word.encode() in kept]
    assert found(store, "别的") == ["new"]
    store.close()


def test_scrubbing_does_not_wait_for_somebody_who_reads(tmp_path: Path) -> None:
    store = SqliteStore(str(tmp_path / "x.db"))
    put(store, Note(id="a", text="退款"))
    with store.frozen() as still:
        assert found(still, "退款") == ["a"]
        put(store, Note(id="b", text="退款"))
        store.scrub()
        assert found(still, "退款") == ["a"]
    assert found(store, "退款") == ["b", "a"]
    store.close()


def test_one_call_reads_only_so_much_and_the_search_goes_on() -> None:
    rows = [(at, f"k{at}", int(at in (10, 25_000, 90_000))) for at in range(100_000, 0, -1)]

    def pages(limit: int) -> list[list[str]]:
        out, mark = [], ""
        while not out or mark:
            left = (row for row in rows if not mark or row[0] < int(mark))
            keys, mark = sqlite_search.page(left, limit, 40_000)
            out.append(keys)
        return out

    assert pages(5) == [["k90000"], ["k25000"], ["k10"]]
    assert pages(1) == [["k90000"], ["k25000"], ["k10"]]


def test_a_term_of_one_letter_is_looked_for_in_parts() -> None:
    store = SqliteStore(":memory:")
    store._writer.execute(
        "with recursive n (i) as (select 1 union all select i + 1 from n where i < 25000)"
        " insert into texts select i, 'contract_note', i, iif(i in (3, 4, 20000), '鱼', '肉') from n"
    )
    pages = [store.search(Note, ["鱼"], limit=1)]
    while pages[-1].next:
        pages.append(store.search(Note, ["鱼"], limit=1, after=pages[-1].next))
    assert [page.keys for page in pages] == [["20000"], [], ["4"], ["3"]]
    assert store.search(Note, ["肉"], limit=2).keys == ["25000", "24999"]
    store.close()


@pytest.mark.parametrize("at", [-62_135_596_800_000, -1, 0, 253_402_300_799_999])
def test_any_time_has_a_row(at: int) -> None:
    store = SqliteStore(":memory:")
    put(store, Note(id="now", text="退款", at=1_795_000_000_000), Note(id="then", text="退款", at=at))
    keys = found(store, "退款", limit=1)
    assert keys == (["then", "now"] if at > 1_795_000_000_000 else ["now", "then"])
    store.close()


@settings(max_examples=400, deadline=None, derandomize=True, database=None)
@given(notes=NOTES, terms=TERMS)
def test_many_texts_are_found_as_by_looking_at_each(
    notes: dict[str, tuple[str | None, int]], terms: Sequence[str]
) -> None:
    store = SqliteStore(":memory:")
    put(store, *(Note(id=key, text=text, at=at) for key, (text, at) in notes.items()))
    assert in_order(found(store, *terms, limit=3), notes) == brute_force(notes, terms)
    store.close()
