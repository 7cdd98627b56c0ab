"""The note of the first passwords names nobody who is gone."""

from __future__ import annotations

from pathlib import Path
from threading import Event
from types import SimpleNamespace
from typing import Any, cast

import pytest

from chalicelib.cli.context import Run
from chalicelib.cli.serving import NOTE, forget_removed
from chalicelib.host import Background
from chalicelib.loop.context import Loop
from chalicelib.loop.removal import remove
from chalicelib.model.demo import DemoMark
from chalicelib.model.people import Role, User


@pytest.fixture
def note(loop: Loop, tmp_path: Path) -> Path:
    """A demo company of one user beside an administrator, both in the note."""

    def decide(unit: Any) -> None:
        unit.put(DemoMark(demo=True, complete=True))
        unit.put(User(name="lead.demo", role=Role.LEAD, demo=True))
        unit.put(User(name="mine", role=Role.ADMIN))

    loop.change(decide)
    path = tmp_path / NOTE
    path.write_text("# 首次密码\nsecret\nmine\tadmin\t\nlead.demo\tlead\tlogistics\n", "utf-8")
    return path


def run_of(loop: Loop, note: Path) -> Run:
    return cast(Run, SimpleNamespace(loop=loop, environment=SimpleNamespace(data=note.parent)))


def test_who_was_removed_with_the_demo_company_goes_from_the_note(loop: Loop, note: Path) -> None:
    run, before = run_of(loop, note), note.read_bytes()
    forget_removed(run)
    assert note.read_bytes() == before, "while all are there it stays as it is"
    remove(loop, lambda kind, done, total: None)
    forget_removed(run)
    assert note.read_text("utf-8") == "# 首次密码\nsecret\nmine\tadmin\t\n"


def test_a_note_that_lists_nobody_goes_too(loop: Loop, note: Path) -> None:
    note.write_text("# 首次密码\nsecret\nlead.demo\tlead\tlogistics\n", "utf-8")
    remove(loop, lambda kind, done, total: None)
    forget_removed(run_of(loop, note))
    assert not note.exists()
    forget_removed(run_of(loop, note))


def test_the_service_looks_after_each_round_of_the_schedule(loop: Loop) -> None:
    looked = Event()
    background = Background(loop, looked.set)
    background.start()
    try:
        assert looked.wait(60)
    finally:
        background.stop()
