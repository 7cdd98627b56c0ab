"""`discover` and `proposals` from the command line, on the real finder and tagger."""

from __future__ import annotations

import io
import shutil
from contextlib import redirect_stderr, redirect_stdout
from datetime import timedelta
from pathlib import Path

import pytest

from chalicelib.cli.__main__ import main
from chalicelib.environment import environment
from chalicelib.loop.admin import save_user
from chalicelib.loop.listen.take import take
from chalicelib.loop.worker import drain
from chalicelib.model.entity import utc_now
from chalicelib.model.people import SYSTEM, Role
from chalicelib.model.proposal import Discovery, Proposal
from chalicelib.ports import Change
from chalicelib.wiring import build
from tests.cli.commands import Done, Voc, checked
from tests.loop.subsidy import CONTACTS

OLD = ["快递三天了还没送到", "账单看不懂", "电话打不通没人接", "退款一直没有到", "态度太差了"]


@pytest.fixture(scope="session")
def prepared(tmp_path_factory) -> Path:
    """A data folder with forty contacts about something new and fifty ordinary ones of the weeks before."""
    folder = tmp_path_factory.mktemp("discovery") / "data"
    system = build(environment({}, folder))
    now = utc_now()
    old = [(f"{OLD[n % 5]}，第{n}次", timedelta(days=21 + n)) for n in range(35)]
    new = [(text, timedelta(minutes=n)) for n, text in enumerate(CONTACTS[:40])]
    rows = [
        {"text": text, "channel": "chat", "customer": f"c{n}", "time": now - ago}
        for n, (text, ago) in enumerate(old + new)
    ]
    assert all(outcome.id for outcome in take(system.loop, SYSTEM, rows))
    drain(system.loop)
    save_user(system.loop, "lead", role=Role.LEAD, departments=["marketing"])
    save_user(system.loop, "other", role=Role.LEAD, departments=["logistics"])
    with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
        assert main(["discover", "--data", str(folder)]) == 0
    system.close()
    return folder


@pytest.fixture
def voc(tmp_path, capsys, monkeypatch, prepared) -> Voc:
    """Runs one command in this process on a copy of the prepared folder."""
    shutil.copytree(prepared, tmp_path / "data")
    monkeypatch.chdir(tmp_path)

    def run(*words: object, expect: int | None = 0) -> Done:
        capsys.readouterr()
        code = main([str(w) for w in words] + ["--data", str(tmp_path / "data")])
        return checked(Done(code, *capsys.readouterr()), expect)

    return run


@pytest.fixture
def proposal(voc) -> str:
    """The id of the proposal."""
    (one,) = [p for p in voc("proposals", "--json").last["proposals"] if "资格码" in p["name"]]
    return str(one["id"])


def test_discover_shows_what_it_found_and_again_finds_nothing_new(voc, proposal):
    again = voc("discover", "--json")
    assert (again.last["proposals"], proposal in again.last["again"]) == ([], True)
    assert proposal in again.out


def forget(folder: Path) -> None:
    """As before any look."""
    system = build(environment({}, folder))
    for kind in (Proposal, Discovery):
        known = list(system.loop.store.scan(kind))
        system.loop.store.save([Change(one, None) for one in known], {})
    system.close()


def test_the_same_data_gives_the_same_bytes(voc, tmp_path, prepared, capsys):
    lines = []
    for name in ("one", "two"):
        shutil.copytree(prepared, tmp_path / name)
        forget(tmp_path / name)
        capsys.readouterr()
        assert main(["discover", "--json", "--data", str(tmp_path / name)]) == 0
        lines.append(capsys.readouterr().out.splitlines()[-1])
    assert lines[0] == lines[1]
    assert "资格码" in lines[0]


def test_a_proposal_with_its_evidence_and_examples(voc, proposal):
    shown = voc("proposals", "show", proposal, "--json")
    assert "资格码" in shown.out
    assert len(shown.last["examples"]["typical"]) == 5
    assert "members" not in shown.last["proposal"]


def test_accepting_waits_until_the_past_has_been_read_again(voc, proposal):
    given = ("--code", "promo.subsidy_code", "--label", "补贴码领不到", "--department", "marketing")
    voc("proposals", "accept", proposal, *given, "--as", "other", expect=2)
    done = voc("proposals", "accept", proposal, *given, "--words", "资格码", "--as", "lead", "--json")
    assert (done.last["proposal"]["state"], done.last["read_again"]) == ("accepted", 40)
    behind = voc("contacts", "--cause", "promo.subsidy_code", "--json").last
    assert behind["total"] >= 35
    assert voc("rebuild", "--check", "--json").last["differences"] == 0
    assert proposal in voc("proposals", "--state", "accepted").out
    later = voc("log", "国补资格码又没有了", "--channel", "chat", "--json")
    assert "promo.subsidy_code" in later.out


def test_merging_and_refusing(voc, proposal):
    voc("proposals", "refuse", proposal, expect=2)
    assert voc("proposals", "refuse", proposal, "--reason", "是来问规则的", "--json").last["read_again"] == 0
    voc("proposals", "merge", proposal, expect=2)
    merged = voc(
        "proposals", "merge", proposal, "--into", "promo.not_honoured", "--words", "资格码,补贴码", "--json"
    )
    assert merged.last["proposal"]["cause"] == "promo.not_honoured"


@pytest.mark.parametrize(
    "words",
    [
        ("proposals", "show"),
        ("proposals", "show", "N-NOWHERE"),
        ("proposals", "accept", "N-NOWHERE"),
        ("discover", "--week", "soon"),
        ("discover", "--week", "2099-W01"),
        ("discover", "--as", "lead"),
    ],
)
def test_what_is_wrong_is_said_in_both_languages(words, voc):
    error = voc(*words, expect=2).error
    assert len(error.splitlines()) >= 2
