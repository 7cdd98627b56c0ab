"""Commands on a data folder of their own, empty or with a small store."""

from __future__ import annotations

import io
import os
import shutil
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest

from chalicelib.cli.__main__ import main
from chalicelib.environment import environment
from chalicelib.loop.admin import save_user
from chalicelib.model.people import Role
from chalicelib.wiring import build
from tests.cli.commands import CONTACTS, Done, Voc, checked, table

USERS = {
    "lead": {"role": Role.LEAD, "departments": ["logistics"]},
    "boss": {"role": Role.ADMIN},
    "anna": {"role": Role.AGENT},
    "exec": {"role": Role.EXECUTIVE},
}


@pytest.fixture
def voc(tmp_path, capsys, monkeypatch) -> Voc:
    """Runs one command in this process on a data folder of its own."""
    for name in [n for n in os.environ if n.startswith("VOC_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)

    def run(*words: object, expect: int | None = 0) -> Done:
        capsys.readouterr()
        code = main([str(w) for w in words] + ["--data", str(tmp_path / "data")])
        return checked(Done(code, *capsys.readouterr()), expect)

    return run


@pytest.fixture(scope="session")
def prepared(tmp_path_factory) -> Path:
    """A data folder with three contacts and three users."""
    folder = tmp_path_factory.mktemp("prepared")
    file = table(folder / "contacts.csv", CONTACTS)
    with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
        assert main(["import", str(file), "--data", str(folder / "data")]) == 0
    system = build(environment({}, folder / "data"))
    for name, user in USERS.items():
        save_user(system.loop, name, **user)
    system.close()
    return folder / "data"


@pytest.fixture
def shop(voc, tmp_path, prepared) -> Voc:
    """A small store: three contacts, a lead, an admin, an agent."""
    shutil.copytree(prepared, tmp_path / "data")
    return voc
