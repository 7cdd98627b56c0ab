"""The set-up behind `voc`, without a network: a small environment without pip stands for the real one."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path

import pytest

from infra.bootstrap import APP, ROOT, TESTS, plan, program_environment
from infra.install import build_tools, pip_environment, set_up
from infra.venv import LOG, STATE, SetupFailed, Venv, choose_venv, digest


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    root = tmp_path / "checkout"
    (root / "tests").mkdir(parents=True)
    (root / APP).write_text("six==1.17.0\n")
    (root / TESTS).write_text("pytest==9.2.0\n")
    return root


@pytest.fixture
def ready(checkout: Path) -> Venv:
    """A checkout's environment in which the program's requirements are in."""
    venv = Venv(checkout / ".venv")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(venv.folder)], check=True)
    venv.write_state({"venv": venv.identity(), APP: digest((checkout / APP).read_bytes())})
    return venv


@pytest.mark.parametrize(
    ("arguments", "files", "command"),
    [
        ([], [APP], ["chalicelib.cli"]),
        (["--help"], [APP], ["chalicelib.cli", "--help"]),
        (["load", "test"], [APP], ["chalicelib.cli", "load", "test"]),
        (["bench", "loop"], [APP], ["chalicelib.cli", "bench", "loop"]),
        (["bench", "web"], [APP, TESTS], ["chalicelib.cli", "bench", "web"]),
        (["pictures"], [APP, TESTS], ["chalicelib.cli", "pictures"]),
        (["test", "-k", "x"], [APP, TESTS], ["chalicelib.cli.checks", "-k", "x"]),
    ],
)
def test_only_what_tests_or_opens_a_browser_needs_the_tools_of_the_checks(
    arguments: list[str], files: list[str], command: list[str]
):
    assert plan(arguments) == (files, command)


def test_a_ready_environment_needs_nothing_but_what_the_checks_add(checkout: Path, ready: Venv):
    assert ready.missing(checkout, [APP]) == []
    assert ready.missing(checkout, [APP, TESTS]) == [TESTS]


def test_a_changed_pin_is_missing(checkout: Path, ready: Venv):
    (checkout / APP).write_text("six==1.16.0\n")
    assert ready.missing(checkout, [APP]) == [APP]
    assert ready.is_sound()


@pytest.mark.parametrize("state", ["{}", "", "[1]", '{"venv": "of another place"}'])
def test_a_half_made_environment_is_not_sound(checkout: Path, ready: Venv, state: str):
    (ready.folder / STATE).write_text(state)
    assert not ready.is_sound()
    assert ready.missing(checkout, [APP]) == [APP]


def test_a_moved_checkout_is_noticed(checkout: Path, ready: Venv):
    moved = checkout.rename(checkout.with_name("moved"))
    assert not Venv(moved / ".venv").is_sound()


def test_an_interpreter_that_went_away_is_noticed(ready: Venv):
    ready.python.unlink()
    ready.python.symlink_to("/nonexistent/python3.11")
    assert not ready.is_sound()


def test_a_set_up_after_another_one_did_it_changes_nothing(checkout: Path, ready: Venv):
    before = (ready.folder / STATE).read_bytes()
    set_up(ready, checkout, [APP], {}, io.StringIO())
    assert (ready.folder / STATE).read_bytes() == before
    assert not (ready.folder / LOG).exists()


def test_a_failing_pip_shows_the_log_and_keeps_what_was_ready(checkout: Path, ready: Venv):
    with pytest.raises(SetupFailed, match=r"No module named pip[\s\S]*" + LOG):
        set_up(ready, checkout, [APP, TESTS], {}, io.StringIO())
    assert ready.missing(checkout, [APP]) == []


def test_an_environment_behind_a_link_is_left_alone(checkout: Path, ready: Venv, tmp_path: Path):
    link = tmp_path / "link"
    link.symlink_to(ready.folder)
    before = sorted(ready.folder.rglob("*"))
    with pytest.raises(SetupFailed, match="VOC_VENV"):
        set_up(Venv(link), checkout, [APP], {}, io.StringIO())
    assert sorted(ready.folder.rglob("*")) == before


def test_files_of_somebody_else_are_left_alone(checkout: Path, tmp_path: Path):
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    (theirs / "letter.txt").write_text("dear")
    with pytest.raises(SetupFailed, match="VOC_VENV"):
        set_up(Venv(theirs), checkout, [APP], {}, io.StringIO())
    assert [child.name for child in theirs.iterdir()] == ["letter.txt"]


def test_clearing_keeps_only_our_own_files(ready: Venv):
    ready.clear()
    assert [child.name for child in ready.folder.iterdir()] == [STATE]
    assert ready.state() == {}


def test_the_environment_lies_in_the_checkout_unless_told_otherwise(checkout: Path, tmp_path: Path):
    assert choose_venv(checkout, [APP], {}).folder == checkout / ".venv"
    elsewhere = tmp_path / "elsewhere"
    assert choose_venv(checkout, [APP], {"VOC_VENV": str(elsewhere)}).folder == elsewhere


def test_without_a_place_in_the_checkout_the_cache_is_used(checkout: Path, tmp_path: Path):
    (checkout / ".venv").write_text("a file, so no folder can be made there")
    folder = choose_venv(checkout, [APP], {"XDG_CACHE_HOME": str(tmp_path)}).folder
    assert folder.parent == tmp_path / "huisheng"


def test_the_program_imports_from_the_checkout_only(checkout: Path, ready: Venv):
    own = program_environment(
        checkout, ready, {"PYTHONPATH": "/theirs", "PYTHONHOME": "/theirs", "LANG": "C"}
    )
    assert own == {"PYTHONPATH": str(checkout), "LANG": "C"}


def test_pip_keeps_the_callers_index_and_loses_what_leads_elsewhere():
    own = pip_environment(
        {"PIP_INDEX_URL": "https://index.example", "PIP_TARGET": "/theirs", "PIP_USER": "1"}
    )
    assert own["PIP_INDEX_URL"] == "https://index.example"
    assert "PIP_TARGET" not in own
    assert own["PIP_USER"] == "0"


def test_the_pinned_files_agree_and_name_the_build_tools():
    assert [pin.partition("==")[0] for pin in build_tools(ROOT / APP)] == ["pip", "setuptools", "wheel"]
    app, tests = (_versions(ROOT / name) for name in (APP, TESTS))
    shared = app.keys() & tests.keys()
    assert "boto3" in shared
    assert {name: app[name] for name in shared} == {name: tests[name] for name in shared}


def _versions(requirements: Path) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for line in requirements.read_text(encoding="utf-8").splitlines():
        name, pinned, rest = line.partition("==")
        if pinned and not line.startswith("#"):
            found.setdefault(name, set()).add(rest.partition(" ;")[0])
    return found
