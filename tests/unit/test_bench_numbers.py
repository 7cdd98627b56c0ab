"""The bench of the numbers: its contacts are whole, a wrong number is found, the peer counts the same."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from chalicelib.bench import numbers
from chalicelib.bench.filling import fill
from chalicelib.bench.numbers_peer import insert, looks
from chalicelib.cli.__main__ import main
from chalicelib.cli.bench_numbers import outcome, show
from chalicelib.loop.context import Loop
from chalicelib.loop.rebuild import put_right, recount
from chalicelib.model.case import Callback, Case
from chalicelib.model.contact import Contact
from chalicelib.model.cycle import Denominator
from chalicelib.wiring import analyser_for
from tests.stores import sqlite_store

NOW = datetime(2026, 11, 18, 2, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def filled() -> Iterator[Loop]:
    """A store of the bench's contacts."""
    from chalicelib.adapters.vault import KeyVault

    with sqlite_store() as store:
        loop = Loop(store, KeyVault(b"n" * 32), analyser_for, lambda: NOW)
        fill(loop, 400)
        yield loop


def test_what_is_filled_in_is_as_the_loop_would_have_left_it(filled):
    found = recount(filled)
    assert found.differences == 0
    counts = {
        kind: sum(1 for _ in filled.store.scan(kind)) for kind in (Contact, Case, Callback, Denominator)
    }
    assert counts[Contact] == 400
    assert all(counts.values())
    assert found.entities == sum(counts.values())
    contacts = list(filled.store.scan(Contact))
    assert any(c.repeats for c in contacts)
    assert any(c.repeated for c in contacts)


def test_spoilt_numbers_are_all_found_and_put_right(filled):
    right = numbers._stored(filled)
    spoilt = numbers.spoil(filled, 40)
    found = recount(filled)
    assert found.differences == spoilt == 41
    assert numbers._stored(filled) != right
    put_right(filled, found)
    assert numbers._stored(filled) == right


def test_the_peer_counts_the_same(filled, tmp_path):
    found = looks(filled, tmp_path / "peer.db")
    assert found["looks_agree"]
    assert found["look_ms"] > 0 < found["peer_look_ms"]
    filled.store.save([], {("cause", "2026-W40/delivery.late", "n"): 1})
    assert not looks(filled, tmp_path / "peer.db")["looks_agree"]
    put_right(filled, recount(filled))


def test_the_rates_are_those_of_whole_contacts(tmp_path):
    found = numbers.rates(tmp_path, 1, count=60)
    assert found["cells_each"] > 10
    assert found["updates_per_second"] < found["computed_per_second"]
    assert found["cells_per_second"] == pytest.approx(found["cells_each"] * found["updates_per_second"])
    insert(tmp_path / "again.db", [])


def test_a_rebuild_in_a_process_of_its_own_tells_its_memory(tmp_path):
    from chalicelib.environment import Environment
    from chalicelib.wiring import build

    system = build(Environment(data=Path(tmp_path)))
    fill(system.loop, 60)
    system.close()
    found = numbers._apart("rebuild", str(tmp_path), 1, None)
    assert found["identical"]
    assert found["found"] == found["spoilt"] > 1
    assert found["start_megabytes"] < found["peak_megabytes"] < 1_000


REPORT = {
    "contacts": 10, "core": None, "updates_per_second": 5.0, "cells_per_second": 100.0, "cells_each": 20.0,
    "computed_per_second": 9.0, "changes_per_second": 4.0, "peer_inserts_per_second": 50.0, "peer": "sqlite3",
    "spread": 0.1, "busy": 0.9, "look_ms": 1.0, "peer_look_ms": 2.0, "looks_agree": True, "looks_to_make_up": 7.0,
    "entities": 12, "recount_seconds": 1.0, "rebuild_seconds": 2.0, "peak_megabytes": 80.0, "start_megabytes": 40.0,
    "spoilt": 3, "found": 3, "identical": True, "charts_ms": 50.0, "charts_cpu_ms": 40.0, "updates_per_cpu_second": 6.0, "peer_inserts_per_cpu_second": 60.0, "causes": 50, "weeks": 104,
}  # fmt: skip


@pytest.mark.parametrize(
    ("wrong", "code"),
    [({}, 0), ({"identical": False}, 1), ({"found": 2}, 1), ({"looks_agree": False}, 1), ({"looks_to_make_up": None}, 0)],
)  # fmt: skip
def test_fast_but_wrong_is_a_failure(wrong, code, capsys):
    report = {**REPORT, **wrong}
    show(report)
    assert outcome(report) == code
    out = capsys.readouterr().out
    assert "NOT THE SAME" in out or report["identical"]
    assert all(
        word in out
        for word in ("updates", "GROUP BY", "peak memory", "50 × 104", "met", "rounds differ by 10%")
    )


def test_too_few_contacts_are_refused(tmp_path, capsys):
    assert main(["bench", "numbers", "--contacts", "5", "--data", str(tmp_path)]) == 2
    assert "--contacts" in capsys.readouterr().err
