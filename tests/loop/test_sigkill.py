"""An import that is killed again and again, on a real file: nothing is lost, nothing counted twice."""

from __future__ import annotations

import csv
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from chalicelib.adapters.sqlite import SqliteStore
from chalicelib.loop.context import Loop
from chalicelib.model.case import Case
from chalicelib.model.contact import Contact
from tests.loop.making import numbers

ROOT = Path(__file__).parents[2]
GOOD, AGAIN, BAD, KILLS = 600, 10, 10, 20
LEASE = 10
"""Seconds for which the killed process's claims keep others away."""
SAID = ("快递三天了还没到", "账单看不懂", "说好的优惠没给", "退款一直没到账", "客服没人理", "谢谢，很满意")


def _rows() -> list[dict[str, str]]:
    good = [
        {
            "工单编号": f"G{n}",
            "内容": f"{SAID[n % len(SAID)]}，第 {n} 次",
            "渠道": ("电话", "微信", "邮件")[n % 3],
            "手机号": f"138{n % 90:08d}",
            "来电时间": f"2026-03-{1 + n // 40:02d} {8 + n % 12:02d}:{n % 60:02d}",
            "处理时长": str(n % 500),
        }
        for n in range(GOOD)
    ]
    bad = [{**good[n], "工单编号": f"B{n}", "内容": ""} for n in range(BAD)]
    rows = [*good, *good[:AGAIN], *bad]
    random.Random(7).shuffle(rows)
    return rows


@pytest.fixture
def file(tmp_path) -> Path:
    rows = _rows()
    path = tmp_path / "工单.csv"
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def _command(*words: str) -> subprocess.Popen[str]:
    env = {k: v for k, v in os.environ.items() if not k.startswith("VOC_")}
    return subprocess.Popen(
        [sys.executable, "-m", "chalicelib.cli", *words, "--json"],
        cwd=ROOT,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def _finished(*words: str) -> tuple[int, dict[str, Any]]:
    process = _command(*words)
    out, error = process.communicate(timeout=600)
    assert "Traceback" not in error
    return process.returncode, json.loads(out.splitlines()[-1])


def _seen(database: Path) -> tuple[int, int]:
    """(contacts, how many of them wait) by a reader of its own; (0, 0) before there is a store."""
    try:
        with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as db:
            row = db.execute("select count(*), count(nullif(pending, '')) from items where kind = 'contact'")
            return tuple(row.fetchone())
    except sqlite3.OperationalError:
        return 0, 0


def _kill_one(luck: random.Random, file: Path, data: Path, watching: bool) -> tuple[int, int]:
    """Start an import and kill it, early or (watching) right after it has stored something more."""
    database = data / "huisheng.db"
    before, process = _seen(database), _command("import", str(file), "--data", str(data))
    latest = time.monotonic() + (LEASE + 60 if watching else luck.uniform(0.05, 1.6))
    while time.monotonic() < latest and process.poll() is None:
        if watching and _seen(database) != before:
            time.sleep(luck.uniform(0, 0.1))
            break
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    return _seen(database)


@pytest.mark.slow
def test_an_import_killed_twenty_times_counts_every_row_once(file, tmp_path, vault, clock):
    data = tmp_path / "data"
    luck = random.Random(20)
    seen = [_kill_one(luck, file, data, watching=n % 4 == 2) for n in range(KILLS)]
    assert any(0 < waiting < GOOD for _, waiting in seen), "some kills came in the middle of the work"

    code, report = _finished("import", str(file), "--data", str(data))
    assert code == 1, "rows without text are refused"
    assert report["refused"] == BAD
    assert report["taken"] + report["known"] == GOOD + AGAIN
    refused = Path(report["refused_file"]).read_text("utf-8-sig")
    assert len(list(csv.DictReader(refused.splitlines()))) == BAD

    code, status = _finished("status", "--data", str(data))
    assert (code, status["waiting"], status["dead_letters"]) == (0, 0, 0)
    code, check = _finished("rebuild", "--check", "--data", str(data))
    assert (code, check["differences"]) == (0, 0)
    _count(Loop(SqliteStore(str(data / "huisheng.db")), vault, lambda taxonomy: None, clock))


def _count(loop: Loop) -> None:
    """Each row is one contact, counted once, in at most one case that knows of it."""
    with closing(loop.store):
        contacts = list(loop.store.scan(Contact))
        members = Counter(c.case for c in contacts if c.case)
        assert sorted(c.external_id for c in contacts) == sorted(f"G{n}" for n in range(GOOD))
        counted = numbers(loop)
        assert sum(n for (family, _, field), n in counted.items() if (family, field) == ("week", "n")) == GOOD
        assert {k.id: k.contacts for k in loop.store.scan(Case)} == members
