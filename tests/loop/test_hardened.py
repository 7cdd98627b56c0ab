"""What attacks found, kept from coming back."""

from __future__ import annotations

import os
import shutil
from datetime import timedelta

import pytest

from chalicelib.cli.__main__ import start
from chalicelib.environment import Environment
from chalicelib.loop import rebuild
from chalicelib.loop.focus import drill
from chalicelib.loop.listen.take import take
from chalicelib.loop.worker import drain
from chalicelib.model.errors import Conflict, Invalid
from chalicelib.model.people import SYSTEM
from chalicelib.model.weeks import week_of
from chalicelib.wiring import build


def test_a_store_refuses_another_key(tmp_path):
    build(Environment(data=tmp_path)).close()
    build(Environment(data=tmp_path)).close()
    (tmp_path / "vault.key").write_bytes(os.urandom(32))
    with pytest.raises(Invalid, match=r"vault\.foreign"):
        build(Environment(data=tmp_path))


def test_a_filled_store_without_its_key_is_refused_and_gets_no_new_one(tmp_path):
    build(Environment(data=tmp_path)).close()
    copy = tmp_path / "copy"
    copy.mkdir()
    shutil.copy(tmp_path / "huisheng.db", copy)
    with pytest.raises(Invalid, match=r"vault\.foreign"):
        build(Environment(data=copy))
    assert not (copy / "vault.key").exists()


def test_one_rebuild_at_a_time(loop, clock):
    take(loop, SYSTEM, [{"text": "快递太慢了", "channel": "phone"}])
    drain(loop)
    loop.store.save([], {("week", week_of(clock.now), "n"): 5})
    found = rebuild.recount(loop)
    assert found.differences == 1
    loop.change(rebuild._take_turn)
    with pytest.raises(Conflict, match=r"rebuild\.busy"):
        rebuild.put_right(loop, found)
    clock.forward(minutes=31)  # the other one was killed
    rebuild.put_right(loop, found)
    rebuild.put_right(loop, found)  # a second one with the same old finding makes no new error
    assert rebuild.recount(loop).differences == 0


def test_equal_words_about_another_order_are_another_contact(loop):
    note = {"text": "退款太慢", "channel": "phone"}
    rows = [{**note, "order": "A1"}, {**note, "order": "B2"}, {**note, "order": "A1"}]
    assert [o.status for o in take(loop, SYSTEM, rows)] == ["taken", "taken", "known"]


def test_a_filter_nothing_passes_gives_short_pages_not_a_long_wait(loop, clock):
    rows = [
        {
            "text": f"第{n}条",
            "channel": "phone",
            "time": clock.now - timedelta(minutes=n),
            "segment": "老客" if n == 290 else "",
        }
        for n in range(300)
    ]
    take(loop, SYSTEM, rows)
    drain(loop)
    week = week_of(clock.now)
    wanted = drill.Wanted(week, week, segment="老客")
    found, cursor = drill.contacts(loop, SYSTEM, wanted, limit=10, most=200)
    assert (found, bool(cursor)) == ([], True)
    found, cursor = drill.contacts(loop, SYSTEM, wanted, cursor, 10)
    assert [c.text for c in found] == ["第290条"]


def test_pages_follow_each_other_without_gap_or_repeat(loop, clock):
    rows = [
        {
            "text": f"第{n}条",
            "channel": "phone" if n % 3 else "chat",
            "time": clock.now - timedelta(minutes=n),
        }
        for n in range(60)
    ]
    take(loop, SYSTEM, rows)
    drain(loop)
    week = week_of(clock.now)
    seen, cursor = [], ""
    while True:
        found, cursor = drill.contacts(loop, SYSTEM, drill.Wanted(week, week, channel="chat"), cursor, 7)
        seen += [c.text for c in found]
        if not cursor:
            break
    assert seen == [f"第{n}条" for n in range(0, 60, 3)]


def test_a_damaged_database_is_told_apart_from_differences(tmp_path, capsys):
    build(Environment(data=tmp_path)).close()
    (tmp_path / "huisheng.db").write_bytes(b"not a database at all" * 500)
    assert start(["status", "--data", str(tmp_path)]) == 3
    assert "没有做成" in capsys.readouterr().err
