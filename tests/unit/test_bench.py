"""The bench: what it feeds both sides, in which order, and when it fails. The peer is handed in."""

from __future__ import annotations

import json
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from chalicelib.adapters.sqlite import SqliteStore
from chalicelib.bench.child import PeerUnavailable
from chalicelib.bench.helpdesk_peer import PRAGMAS, read
from chalicelib.bench.loop import (
    PERIOD,
    Job,
    Report,
    compare,
    contacts,
    helpdesk,
    measure,
    p95,
    spread,
)
from chalicelib.cli.__main__ import main
from chalicelib.cli.bench import outcome, show
from chalicelib.loop.listen.arriving import NewContact
from chalicelib.model.checked import checked

NOW = datetime(2026, 11, 18, 2, 0, tzinfo=UTC)


def ours(seconds: float = 2.0, differences: int = 0, uncounted: int = 0) -> dict[str, Any]:
    times = dict.fromkeys(("seconds", "cpu_seconds", "listen_seconds"), seconds)
    single = {"single_take_p95_ms": 1.0, "single_p95_ms": 5.0, "singles": 3, "with_case": 15}
    wrong = {"differences": differences, "uncounted": uncounted}
    return {"contacts": 30, "start_seconds": 1.0, **times, **single, **wrong}


def peer(seconds: float = 1.0) -> dict[str, Any]:
    times = dict.fromkeys(("seconds", "cpu_seconds", "lean_seconds"), seconds)
    return {"tickets": 30, "start_seconds": 3.0, "versions": {"django-helpdesk": "2.6.1"}, **times}


def test_thirty_contacts_go_all_the_way_and_a_recount_agrees():
    def fake_peer(job: Job) -> dict[str, Any]:
        assert len(list(read(job.file, job.count))) == 30
        return peer()

    report = compare(30, 1, measure, fake_peer, core=None)
    (found,) = report.ours
    assert (found["contacts"], found["singles"], found["uncounted"], found["differences"]) == (30, 3, 0, 0)
    assert 5 <= found["with_case"] <= 28
    assert found["seconds"] >= found["listen_seconds"] > 0
    assert found["single_p95_ms"] > found["single_take_p95_ms"] > 0
    assert outcome(report, None, "")[0] == 0


def test_the_sides_take_turns_over_one_file_each_in_a_fresh_folder():
    seen: list[tuple[str, str, Path]] = []

    def side(name: str, numbers: dict[str, Any]):
        def run(job: Job) -> dict[str, Any]:
            assert list(job.folder.iterdir()) == []
            seen.append((name, job.file.read_text("utf-8"), job.folder))
            return numbers

        return run

    report = compare(30, 3, side("ours", ours()), side("peer", peer()), core=None)
    assert [name for name, _, _ in seen] == ["ours", "peer"] * 3
    assert len({text for _, text, _ in seen}) == 1
    assert len({folder for _, _, folder in seen}) == 6
    assert not any(folder.exists() for _, _, folder in seen)
    assert report.ratios() == [0.5] * 3


def test_the_contacts_are_as_described():
    rows = contacts(300, NOW)
    taken = [checked(NewContact, json.loads(json.dumps(row))) for row in rows]
    assert rows == contacts(300, NOW)
    assert len({new.external_id for new in taken}) == 300
    assert 60 <= len({new.customer for new in taken}) <= 100
    assert all(new.time and NOW - PERIOD <= new.time + timedelta(seconds=1) <= NOW for new in taken)
    assert 110 <= sum(bool(new.order) for new in taken) <= 190


@pytest.mark.parametrize(
    ("differences", "uncounted", "code"), [(0, 0, 0), (1, 0, 1), (0, 1, 1)], ids=["right", "wrong", "lost"]
)
def test_a_wrong_number_fails_the_bench(differences: int, uncounted: int, code: int):
    report = Report([ours(), ours(2.0, differences, uncounted)], [peer(), peer()])
    got, numbers = outcome(report, 1, "")
    assert (got, numbers["differences"], numbers["uncounted"]) == (code, differences, uncounted)


def test_the_figures_are_medians_and_the_ratio_is_of_the_same_round():
    report = Report([ours(1.0), ours(2.0), ours(3.0)], [peer(1.0), peer(1.0), peer(3.0)])
    _, numbers = outcome(report, 1, "")
    assert numbers["contacts_per_second"] == 15
    assert numbers["peer_tickets_per_second"] == 30
    assert report.ratios() == [1.0, 0.5, 1.0]
    assert numbers["ratio"] == 1.0


def test_without_a_peer_ours_stands_alone(capsys: pytest.CaptureFixture[str]):
    report = Report([ours()], [])
    code, numbers = outcome(report, None, "no network")
    assert code == 0
    assert (numbers["peer"], numbers["ratio"], numbers["peer_reason"]) == (None, None, "no network")
    show(report, None, "no network")
    assert "no network" in capsys.readouterr().out


def test_the_table_says_what_noise_did(capsys: pytest.CaptureFixture[str]):
    show(Report([ours(1.0), ours(2.0)], [peer(), peer()]), 1, "")
    out = capsys.readouterr().out
    assert "rounds differ by 67%, 0%" in out
    assert "both on core 1" in out
    assert "recount: 0 differences" in out
    assert "core was shared" not in out
    show(Report([ours() | {"cpu_seconds": 1.5}], [peer()]), 1, "")
    assert "core was shared" in capsys.readouterr().out


def test_an_environment_that_cannot_be_made_is_a_reason_and_no_crash(tmp_path: Path):
    (tmp_path / "bench-helpdesk").mkdir()
    (tmp_path / "bench-helpdesk" / "letter.txt").write_text("somebody else's")
    with pytest.raises(PeerUnavailable, match=r"letter|voc did not make"):
        helpdesk(tmp_path)


def test_the_peers_sqlite_is_set_up_as_ours(tmp_path: Path):
    def settings(db: sqlite3.Connection) -> list[Any]:
        return [
            db.execute(f"pragma {name}").fetchone() for name in ("journal_mode", "synchronous", "cache_size")
        ]

    theirs = sqlite3.connect(tmp_path / "theirs.db")
    for command in PRAGMAS.split(";"):
        theirs.execute(command)
    store = SqliteStore(str(tmp_path / "ours.db"))
    assert settings(theirs) == settings(store._writer)
    theirs.close()
    store.close()


@pytest.mark.parametrize(
    ("values", "expected"), [([], 0), ([7], 7), (range(1, 21), 19), (range(1, 101), 95), ([3, 1, 2], 3)]
)
def test_p95(values: list[float], expected: float):
    assert p95(list(values)) == expected


def test_spread():
    assert spread([90, 100, 120]) == pytest.approx(0.3)
    assert spread([]) == 0


@pytest.mark.parametrize("argument", ["--contacts=19", "--rounds=0"])
def test_too_little_to_measure_is_refused(argument: str, capsys: pytest.CaptureFixture[str]):
    assert main(["bench", "loop", argument]) == 2
    assert argument.partition("=")[0] in capsys.readouterr().err
