"""The command line from outside: help, exit codes, wrong use."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from chalicelib.cli.__main__ import main, parser
from tests.cli.commands import ROOT

COMMANDS = {
    "data": [
        "run",
        "import",
        "work",
        "rebuild",
        "retag",
        "demo",
        "status",
        "dead",
        "bench",
        "pictures",
        "package",
        "deploy",
        "destroy",
        "e2e",
        "test",
    ],
    "looking": [
        "queue",
        "case",
        "focus",
        "metrics",
        "trend",
        "verdict",
        "contacts",
        "callbacks",
        "projects",
        "project",
        "why",
        "cycle",
        "find",
        "quality",
        "chart",
        "ledger",
        "dispute",
    ],
    "watching": ["overview", "alarms", "skyline", "split", "completeness", "baseline"],
    "tagging": ["tag", "evaluate", "learn", "discover", "proposals"],
    "acting": ["log", "do", "user", "taxonomy", "settings", "customer"],
    "handing on": ["export", "sql"],
    "keeping": ["backup", "restore"],
}
ALL = [command for group in COMMANDS.values() for command in group]


# Help and exit codes


def test_help_names_every_command(capsys):
    with pytest.raises(SystemExit) as left:
        main(["--help"])
    out = capsys.readouterr().out
    assert left.value.code == 0
    assert [c for c in ALL if not re.search(rf"^ {{4}}{c}\b", out, re.MULTILINE)] == []
    offered = next(a for a in parser()._actions if a.dest == "command").choices
    assert set(offered) == set(ALL), "a new command is to be tested here"


@pytest.mark.parametrize("command", ALL)
def test_every_command_has_help_in_both_languages(command, capsys):
    with pytest.raises(SystemExit) as left:
        main([command, "--help"])
    out = capsys.readouterr().out
    assert left.value.code == 0
    assert any("\u4e00" <= letter <= "\u9fff" for letter in out)
    assert "--data" in out
    assert "--json" in out


@pytest.mark.parametrize(
    "words",
    [[], ["nonsense"], ["import"], ["queue", "--limit", "x"], ["queue", "--limit", "0"], ["focus", "--limit", "501"],
     ["run", "--port", "0"], ["run", "--port", "65536"], ["queue", "--state", "gone"], ["user", "add", "x", "--role", "king"]],
)  # fmt: skip
def test_wrong_use_is_2(words, capsys):
    with pytest.raises(SystemExit) as left:
        main(words)
    assert left.value.code == 2
    assert "Traceback" not in capsys.readouterr().err


@pytest.mark.parametrize(
    "words",
    [
        ["import", "missing.csv"],
        ["case", "K-NOBODY"],
        ["queue", "--as", "nobody"],
        ["metrics", "--last", "yesterday"],
        ["trend", "nps"],
        ["log", ""],
        ["log", "快递慢", "--channel", "pigeon"],
        ["log", "快递慢", "--cause", "no.such"],
        ["do", "no_such_operation"],
        ["do", "accept_case"],
        ["do", "accept_case", "id=K-NOBODY"],
        ["do", "accept_case", "id"],
        ["do", "accept_case", "id=K-NOBODY", "--body", "{"],
        ["settings", "nonsense=1"],
        ["settings", "task=soon"],
        ["customer", "show", "13900000000"],
        ["customer", "erase", "13800138000"],
        ["user", "add", "no spaces", "--role", "agent"],
        ["user", "block"],
        ["user", "set", "nobody"],
        ["taxonomy", "load"],
        ["taxonomy", "load", "--causes", "missing.csv", "--departments", "missing.csv"],
        ["contacts", "--as", "lead", "--department", "finance"],
    ],
)
def test_wrong_input_is_2_with_both_languages(shop, words):
    done = shop(*words, "--json", expect=2)
    zh, en, *_ = done.error.splitlines()
    assert any("\u4e00" <= letter <= "\u9fff" for letter in zh)
    assert en.isascii() or "、" not in en
    assert set(done.last) == {"error"}
    assert {"code", "zh", "en"} <= set(done.last["error"])


def test_a_missing_file_in_a_process_of_its_own(tmp_path):
    words = ["import", "missing.csv", "--data", str(tmp_path / "d")]
    done = subprocess.run(
        [sys.executable, "-m", "chalicelib.cli", *words], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 2
    assert "找不到文件" in done.stderr
    assert "No such file" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "words",
    [
        ["rebuild", "--check"],
        ["backup", "--out", "b.zip"],
        ["backup", "--receipts", "--out", "r.jsonl"],
        ["status"],
        ["export", "--out", "a.csv"],
        ["metrics"],
        ["work"],
    ],
)
def test_a_mistyped_folder_is_refused_and_not_made(voc, tmp_path, words):
    done = voc(*words, expect=2)
    assert "那里没有数据" in done.error
    assert str(tmp_path / "data") in done.error
    assert not list(tmp_path.iterdir()), "no folder, no database, no key, no file"


def test_erasing_again_needs_a_store(voc, shop, tmp_path):
    receipts = tmp_path / "r.jsonl"
    shop("backup", "--receipts", "--out", receipts)
    (tmp_path / "data").rename(tmp_path / "elsewhere")
    done = voc("restore", "--erased", receipts, "--taken", "2026-11-22T08:00:00+08:00", expect=2)
    assert "no data there" in done.error
    assert not (tmp_path / "data").exists()


def test_a_table_without_a_region_says_what_to_check(tmp_path):
    env = {"PATH": "", "HOME": str(tmp_path), "VOC_TABLE": "x", "VOC_SECRET": "0" * 64}
    command = [sys.executable, "-m", "chalicelib.cli", "status", "--data", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True)
    assert done.returncode == 3
    assert "AWS_DEFAULT_REGION" in done.stderr
    assert "NoRegionError" in done.stderr
    assert "disk" not in done.stderr
