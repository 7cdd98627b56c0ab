"""Whatever happened in a company: its backup restored and backed up again is the same, number for number."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.loop.rebuild import recount
from tests.backups import backed_up, brought_back, parts_of
from tests.property.test_exact import RELAXED, anyhow, streams
from tests.stores import sqlite_store


@settings(RELAXED, max_examples=8)
@given(streams(), st.randoms(use_true_random=False))
def test_backup_restore_backup_changes_nothing(stream, luck):
    here = anyhow(stream, luck)
    with closing(here.loop.store) as store, sqlite_store() as empty, TemporaryDirectory() as folder:
        first = backed_up(here.loop, Path(folder) / "1.zip")
        again = replace(here.loop, store=empty)
        brought_back(again, first)
        assert parts_of(backed_up(again, Path(folder) / "2.zip")) == parts_of(first)
        assert {f: empty.cells(f) for f in empty.families()} == {f: store.cells(f) for f in empty.families()}
        assert {f for f in store.families() if store.cells(f)} <= set(empty.families())
        assert recount(again).differences == 0
