"""Building the web pages at set-up, with small stand-ins for node and npm that a folder on PATH holds."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest

from infra.bootstrap import prepare_pages
from infra.venv import Venv
from infra.web import LOG, SOURCES, Web, prepare_web

NPM = """#!/bin/sh
for part in "$@"; do case "$part" in --prefix=*) cd "${part#--prefix=}" || exit 1;; esac; done
echo "$1 $2" >> calls
case "$1" in
    ci) [ -e broken ] && exit 1; mkdir -p node_modules;;
    run) mkdir -p dist && cat src/main.ts > dist/index.html;;
esac
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    web = tmp_path / "checkout" / "web"
    (web / "src").mkdir(parents=True)
    (web / "public").mkdir()
    for name in SOURCES:
        if "." in name:
            (web / name).write_text(name)
    (web / "src" / "main.ts").write_text("first")
    return web.parent


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    tools = _tools(tmp_path / "tools", "v24.1.0")
    (tools / "chromium").symlink_to("/bin/true")
    return {"PATH": f"{tools}:/usr/bin:/bin"}


def _tools(folder: Path, version: str) -> Path:
    folder.mkdir()
    for name, text in (("node", f"#!/bin/sh\necho {version}\n"), ("npm", NPM)):
        (folder / name).write_text(text)
        (folder / name).chmod(0o755)
    return folder


@pytest.fixture
def venv(tmp_path: Path) -> Venv:
    return Venv(tmp_path / "venv")


def _calls(web: Web) -> list[str]:
    path = web.folder / "calls"
    return path.read_text().splitlines() if path.exists() else []


def _prepare(web: Web, venv: Venv, env: dict[str, str], tests: bool = False) -> bool:
    return prepare_web(web, venv, env, io.StringIO(), tests)


def test_built_once_and_again_when_a_source_changes(root: Path, venv: Venv, env: dict[str, str]) -> None:
    web = Web(root, venv)
    assert _prepare(web, venv, env)
    assert (web.dist / "index.html").read_text() == "first"
    assert _calls(web) == ["ci --prefix=" + str(web.folder), "run build"]
    assert _prepare(web, venv, env)
    assert len(_calls(web)) == 2
    (root / "web" / "src" / "main.ts").write_text("second")
    assert _prepare(web, venv, env)
    assert (web.dist / "index.html").read_text() == "second"
    assert _calls(web)[2:] == ["run build"]


def test_the_tests_bring_in_what_only_they_need(root: Path, venv: Venv, env: dict[str, str]) -> None:
    web = Web(root, venv)
    assert _prepare(web, venv, env)
    assert not web.has_tools(tests=True)
    assert _prepare(web, venv, env, tests=True)
    assert web.has_tools(tests=True)
    assert web.has_tools(tests=False)


def test_what_cannot_be_built_is_said_and_tried_again(root: Path, venv: Venv, env: dict[str, str]) -> None:
    web, said = Web(root, venv), io.StringIO()
    (web.folder / "broken").touch()
    assert not prepare_web(web, venv, env, said)
    assert str(venv.folder / LOG) in said.getvalue()
    (web.folder / "broken").unlink()
    assert _prepare(web, venv, env)


def test_an_old_node_does_not_do(root: Path, venv: Venv, tmp_path: Path) -> None:
    old = {"PATH": f"{_tools(tmp_path / 'old', 'v18.20.0')}:/bin"}
    web = Web(root, venv)
    assert not _prepare(web, venv, old)  # the environment has no pip to bring in another one
    assert _calls(web) == []


def test_a_checkout_that_cannot_be_written_stays_as_it_is(
    root: Path, venv: Venv, env: dict[str, str]
) -> None:
    class ReadOnly(Web):
        def __init__(self) -> None:
            super().__init__(root, venv)
            self.folder = venv.folder / "web"
            self.dist = self.folder / "dist"

    before = sorted(root.rglob("*"))
    assert _prepare(ReadOnly(), venv, env)
    assert (venv.folder / "web" / "dist" / "index.html").read_text() == "first"
    assert sorted(root.rglob("*")) == before


@pytest.mark.parametrize("arguments", [[], ["log", "x"], ["bench", "loop"], ["--help"]])
def test_only_what_shows_pages_builds_them(root: Path, venv: Venv, arguments: list[str]) -> None:
    assert prepare_pages(root, venv, arguments, dict(os.environ)) == {}
    assert not venv.folder.exists()


def test_pages_built_elsewhere_are_left_alone(root: Path, venv: Venv) -> None:
    assert prepare_pages(root, venv, ["run"], {"VOC_WEB": "/elsewhere"}) == {}
