"""`voc backup` and `voc restore` from outside."""

from __future__ import annotations

import shutil
import stat
from pathlib import Path
from threading import Event, Thread

from chalicelib.adapters.sqlite import SqliteStore
from chalicelib.environment import environment
from chalicelib.model.restored import Restored
from chalicelib.ports import Change
from chalicelib.wiring import build
from tests.loop.making import AGENT


def lose(folder: Path) -> None:
    """The data folder is gone; in the new one there is only the key, which was kept elsewhere."""
    shutil.move(folder / "data", folder / "lost")
    (folder / "data").mkdir()
    shutil.copy(folder / "lost" / "vault.key", folder / "data" / "vault.key")


def test_the_drill_of_the_readme(shop, tmp_path):
    file = tmp_path / "b.zip"
    made = shop("backup", "--out", file, "--json")
    assert made.last["counts"]["contact"] == 3
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert "vault.key" in made.out
    assert b"13800138000" not in file.read_bytes()
    before = shop("metrics", "--json").last, shop("queue", "--json").last

    lose(tmp_path)
    back = shop("restore", "--in", file, "--json")
    assert back.last["records"] == made.last["records"]
    assert "--erased" in back.out
    assert shop("rebuild", "--check", "--json").last["differences"] == 0
    assert (shop("metrics", "--json").last, shop("queue", "--json").last) == before
    assert shop("find", "快递", "--json").last["contacts"]
    again = shop("restore", "--in", file, expect=2)
    assert "--data" in again.error


def test_without_the_key_nothing_is_made(shop, voc, tmp_path):
    shop("backup", "--out", tmp_path / "b.zip")
    shutil.move(tmp_path / "data", tmp_path / "lost")
    refused = voc("restore", "--in", tmp_path / "b.zip", expect=2)
    assert "vault.key" in refused.error
    assert not (tmp_path / "data" / "vault.key").exists()
    assert not (tmp_path / "data" / "huisheng.db").exists()


def test_with_another_key_nothing_is_made(shop, voc, tmp_path):
    shop("backup", "--out", tmp_path / "b.zip")
    shutil.move(tmp_path / "data", tmp_path / "lost")
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "vault.key").write_bytes(b"x" * 32)
    assert "vault.key" in voc("restore", "--in", tmp_path / "b.zip", expect=2).error
    assert not (tmp_path / "data" / "huisheng.db").exists()


def test_part_of_a_backup_is_not_used(shop, tmp_path):
    system = build(environment({}, tmp_path / "data"))
    begun = Restored(version=1, backup="x", taken=system.loop.clock(), begun=system.loop.clock())
    system.loop.store.save([Change(None, begun)], {})
    system.close()
    assert "voc restore" in shop("status", expect=2).error


def test_who_was_erased_since_goes_again(shop, tmp_path):
    shop("backup", "--out", tmp_path / "b.zip")
    shop("customer", "erase", "13800138000", "--yes")
    receipts = tmp_path / "receipts.jsonl"
    assert shop("backup", "--receipts", "--out", receipts, "--json").last["receipts"] == 1
    lose(tmp_path)
    shop("restore", "--in", tmp_path / "b.zip")
    assert shop("customer", "show", "13800138000").out
    assert shop("restore", "--erased", receipts, "--json").last["erased"] == 1
    assert "没有" in shop("customer", "show", "13800138000", expect=2).error
    assert shop("rebuild", "--check", "--json").last["differences"] == 0


def test_receipts_of_a_store_that_was_restored_otherwise_need_a_time(shop, tmp_path):
    shop("backup", "--receipts", "--out", tmp_path / "r.jsonl")
    assert "--taken" in shop("restore", "--erased", tmp_path / "r.jsonl", expect=2).error
    shop("restore", "--erased", tmp_path / "r.jsonl", "--taken", "2026-11-22T08:00:00+08:00")


def test_receipts_that_are_none_erase_nobody(shop, tmp_path):
    (tmp_path / "r.jsonl").write_text('{"id":"R-1"}\n', "utf-8")
    assert "r.jsonl:1" in shop("restore", "--erased", tmp_path / "r.jsonl", expect=2).error
    assert shop("restore", "--erased", tmp_path / "none", expect=2).error
    assert "--in" in shop("restore", expect=2).error


def test_a_backup_is_one_moment_while_others_write(shop, tmp_path):
    system, stop = build(environment({}, tmp_path / "data")), Event()

    def write() -> None:
        from chalicelib.loop.listen.take import take
        from chalicelib.loop.worker import drain

        n = 0
        while not stop.is_set():
            take(system.loop, AGENT, [{"text": f"快递第 {n} 次没到", "channel": "phone", "customer": "u1"}])
            drain(system.loop)
            n += 1

    writer = Thread(target=write)
    writer.start()
    try:
        made = shop("backup", "--out", tmp_path / "b.zip", "--json").last
    finally:
        stop.set()
        writer.join()
        system.close()
    lose(tmp_path)
    shop("restore", "--in", tmp_path / "b.zip")
    found = SqliteStore(str(tmp_path / "data" / "huisheng.db"))
    assert (
        sum(n for (_, _, field), n in found.cells("week").items() if field == "n")
        <= made["counts"]["contact"]
    )
    found.close()
    assert shop("rebuild", "--check", "--json").last["differences"] == 0
