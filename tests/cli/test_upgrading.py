"""Stop, put the new version in place, start: what an early version stored is read, counted and found."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from chalicelib.environment import environment
from chalicelib.model.kinds import KINDS
from chalicelib.wiring import build
from tests.cli.commands import Voc

EARLY = Path(__file__).with_name("early_store.sql")
PLACES = (
    "$",
    "$.analysis",
    "$.analysis.causes[0]",
    "$.plan",
    "$.default_rate",
    "$.clocks.danger",
    "$.history[0]",
)
"""Where a newer version may have put a field: also in values that refuse unknown ones from people."""
KEY = "71dfe2e6c8259c882f30b00be10c622654daf7bb481ea7f473d661e371971fbd"


@pytest.fixture
def early(voc, tmp_path) -> Voc:
    """A data folder as an early version left it."""
    data = tmp_path / "data"
    data.mkdir()
    (data / "vault.key").write_bytes(bytes.fromhex(KEY))
    with closing(sqlite3.connect(data / "huisheng.db")) as db:
        db.executescript(EARLY.read_text("utf-8"))
    return voc


def test_every_record_of_an_early_version_is_read(early, tmp_path):
    system = build(environment({}, tmp_path / "data"))
    found = {name: [*system.loop.store.scan(kind)] for name, kind in KINDS.items()}
    kinds = {name for name, entities in found.items() if entities}
    assert {"contact", "case", "callback", "customer", "original", "project", "score", "settings"} <= kinds
    assert sum(map(len, found.values())) == EARLY.read_text("utf-8").count("insert into items")
    assert system.loop.unit().settings.company == "青禾"
    system.close()


def test_after_the_upgrade_its_numbers_are_put_right_and_its_contacts_found(early, tmp_path):
    early("rebuild")
    assert early("rebuild", "--check", "--json").last["differences"] == 0
    assert early("status", "--json").last["dead_letters"] == 0
    assert len(early("find", "快递", "--json").last["contacts"]) == 2
    queue = early("queue", "--json").last["cases"]
    assert {case["state"] for case in queue} >= {"to_accept"}
    assert "13900000001" in early("do", "read_original", "id=ibr2bog4p62alifceuzo", "purpose=核对").out
    early("backup", "--out", tmp_path / "b.zip")


def test_a_version_reads_what_a_newer_one_wrote(early, tmp_path):
    """While a deployment is under way both run: the older one passes over fields it does not know. It drops them
    when it saves, hence the rule in README: first a release that keeps a field, then one that fills it."""
    with closing(sqlite3.connect(tmp_path / "data" / "huisheng.db")) as db, db:
        for place in PLACES:
            how = "update items set body = json_set(body, ? || '.of_tomorrow', json('[1]'))"
            changed = db.execute(f"{how} where json_type(body, ?) = 'object'", (place, place))
            assert changed.rowcount, place
        (stored,) = db.execute("select count(*) from items").fetchone()
    system = build(environment({}, tmp_path / "data"))
    assert sum(len([*system.loop.store.scan(kind)]) for kind in KINDS.values()) == stored
    system.close()
