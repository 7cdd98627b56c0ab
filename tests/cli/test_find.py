"""Contacts by what was said, and output that nobody or little can be read of."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from chalicelib.adapters.sqlite import SqliteStore
from chalicelib.cli.finding import in_context
from chalicelib.loop.listen.search import Hit
from chalicelib.model.contact import Contact
from tests.cli.commands import ROOT


def test_contacts_are_found_by_what_was_said(shop):
    done = shop("find", "說好", "优惠", "--json")
    (found,) = done.last["contacts"]
    assert (found["text"], found["spans"]) == ("说好的优惠没给我", [[0, 2], [3, 5]])
    assert "«说好»的«优惠»没给我" in done.out
    assert [c["text"] for c in shop("find", "没", "--json").last["contacts"]] == [
        "说好的优惠没给我",
        "快递三天了还没送到",
    ]
    assert "none yet" in shop("find", "没有的话").out
    assert len(shop("find", "没", "--as", "lead", "--json").last["contacts"]) == 1
    assert "q" in shop("find", " ", expect=2).error


def test_what_was_found_goes_on_with_the_cursor(shop):
    first = shop("find", "没", "--limit", "1", "--json")
    assert "--cursor" in first.out
    rest = shop("find", "没", "--limit", "1", "--cursor", first.last["cursor"], "--json").last
    assert (rest["contacts"][0]["text"], rest["cursor"]) == ("快递三天了还没送到", "")


def test_an_older_store_is_found_in_too(shop, tmp_path):
    store = SqliteStore(str(tmp_path / "data" / "huisheng.db"))
    store._writer.executescript("drop table pairs; drop table texts; pragma user_version = 0")
    store.close()
    assert len(shop("find", "快递", "--json").last["contacts"]) == 1


@pytest.mark.parametrize(
    ("text", "spans", "plain"),
    [
        ("要退款", [(1, 3)], "要«退款»"),
        ("一" * 20 + "退款" + "二" * 60, [(20, 22)], "…" + "一" * 16 + "«退款»" + "二" * 54 + "…"),
        ("退\n款" + "三" * 70 + "退款", [(0, 3), (73, 75)], "«退 款»" + "三" * 69 + "…"),
        ("三" * 71 + "退款", [(0, 1), (71, 73)], "«三»" + "三" * 70 + "«退»…"),
        ("没有", [], "没有"),
    ],
)
def test_a_find_is_shown_in_its_context(text, spans, plain):
    hit = Hit(Contact.model_construct(text=text), spans)
    assert in_context(hit, styled=False).plain == plain
    assert in_context(hit, styled=True).plain == plain.replace("«", "").replace("»", "")
    assert len(in_context(hit, styled=True).spans) == plain.count("«")


def test_contacts_say_how_many_there_are_and_go_on(shop):
    week = ("--first", "2026-W10", "--last", "2026-W10", "--limit", "2", "--json")
    done = shop("contacts", *week)
    assert "共 3 条" in done.out
    assert "显示 2 条" in done.out
    rest = shop("contacts", *week, "--cursor", done.last["cursor"])
    assert (len(rest.last["contacts"]), rest.last["total"], rest.last["cursor"]) == (1, 3, "")
    assert len(shop("contacts", "--last", "2026-W13", "--json").last["contacts"]) == 3, "four weeks"


def _shell(data: Path, line: str, **env: str) -> subprocess.CompletedProcess[str]:
    known = {"PATH": os.environ["PATH"], "VOC": f"{sys.executable} -m chalicelib.cli", "VOC_DATA": str(data)}
    return subprocess.run(["sh", "-c", line], cwd=ROOT, env=known | env, capture_output=True, text=True)


@pytest.mark.parametrize("words", ["queue", "queue --json", "--help", "do accept_case id=K-NOBODY"])
def test_nobody_reading_is_no_error(shop, tmp_path, words):
    code = int(words.startswith("do")) * 2
    done = _shell(tmp_path / "data", f"{{ $VOC {words}; echo $? >{tmp_path}/code; }} 2>&1 | true")
    assert (done.stdout, done.stderr) == ("", "")
    assert (tmp_path / "code").read_text() == f"{code}\n"


def test_output_that_knows_only_ascii(shop, tmp_path):
    done = _shell(tmp_path / "data", "$VOC queue --json; $VOC case nope", PYTHONIOENCODING="ascii")
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    causes = {c["cause"] for c in json.loads(done.stdout.splitlines()[-1])["cases"]}
    assert "东西送得太慢" in causes
