"""`voc learn` from corrections: figures, refusals, the list of versions, going back."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chalicelib.cli.__main__ import parser
from chalicelib.cli.administration import status
from chalicelib.cli.context import Run
from chalicelib.cli.tagging import learn as dispatched
from chalicelib.loop.admin import save_user
from chalicelib.loop.listen.versions import live_tagger
from chalicelib.model.errors import Forbidden, Invalid, NotFound
from chalicelib.model.people import Role
from chalicelib.model.tagger import TaggerVersion
from chalicelib.wiring import System
from tests.conftest import WEDNESDAY
from tests.stores import sqlite_store
from tests.teaching import BETTER, WORSE, School, company, teach, with_school


@pytest.fixture
def school(loop):
    """A company that can learn."""
    loop = with_school(loop, BETTER)
    teach(loop, company(WEDNESDAY))
    return loop


@pytest.fixture
def voc(school, capsys):
    """Runs the command on that company: (exit code, numbers, what was printed)."""

    def run(*words: str, loop=school):
        args = parser().parse_args(["learn", *words])
        run = Run(args)
        run.system = System(loop, tokens=None, own_tokens=None, close=lambda: None)
        capsys.readouterr()
        code, found = dispatched(run)
        return code, found, capsys.readouterr().out

    return run


def test_a_better_version_goes_live_with_its_figures_shown(voc, school):
    code, found, out = voc()
    assert (code, found["fresh"], found["live"]) == (0, True, 1)
    assert found["tagger"]["state"] == "live"
    for shown in ("60", "24", "micro F1", "0.667 [", "1.000 [1.000, 1.000]", "+0.333 [+", "delivery.late",
                  "第 1 版已启用", "version 1 is live"):  # fmt: skip
        assert shown in out


def test_a_worse_version_is_refused_with_reasons_and_exit_code_1(voc, school):
    voc()
    worse = replace(school, workshop=replace(school.workshop, trainer=School(WORSE)))
    code, found, out = voc(loop=worse)
    assert (code, found["live"], found["tagger"]["state"]) == (1, 1, "refused")
    for shown in ("没有启用", "was refused", "micro F1 比现行版本低", "F1 of delivery.late fell from 1.000"):
        assert shown in out


def test_nothing_new_is_said_and_is_no_failure(voc):
    voc()
    code, found, out = voc()
    assert (code, found["fresh"]) == (0, False)
    assert "nothing new" in out


def test_too_few_labels_are_refused_in_both_languages(voc, school):
    with sqlite_store() as empty, pytest.raises(Invalid) as refused:
        voc(loop=replace(school, store=empty))
    assert refused.value.code == "learn.few"
    assert "什么也没有改变" in refused.value.zh
    assert "nothing was changed" in refused.value.en


def test_the_list_shows_every_version_and_the_last_outcome(voc, school):
    voc()
    voc(loop=replace(school, workshop=replace(school.workshop, trainer=School(WORSE))))
    code, found, out = voc("--list")
    assert code == 0
    assert [(one["number"], one["state"]) for one in found["taggers"]] == [
        (2, "refused"), (1, "live"), (0, "kept"),
    ]  # fmt: skip
    for shown in ("现行 live", "保留 kept", "未启用 refused", "自带 shipped", found["taggers"][0]["digest"][:8],
                  "version 2 was refused"):  # fmt: skip
        assert shown in out


def test_the_list_warns_of_a_live_version_that_cannot_be_read(voc, school):
    voc()
    school.workshop.files.kept.clear()
    assert "warning: the live tagger, version 1, cannot be used" in voc("--list")[2]


def test_the_status_says_that_another_version_tags_and_what_to_do(voc, school, capsys):
    voc()
    run = Run(parser().parse_args(["status"]))
    run.system = System(school, tokens=None, own_tokens=None, close=lambda: None)
    assert status(run)[1]["tagger"] == {"live": 1, "tags": 1, "fault": None}
    assert "warning" not in capsys.readouterr().out
    school.workshop.files.kept.clear()
    code, found = status(run)
    assert (code, found["tagger"]["tags"], found["tagger"]["fault"]["code"]) == (0, 0, "model.absent")
    out = capsys.readouterr().out
    for shown in (
        "现行第 1 版",
        "第 0 版打标",
        "./voc learn --revert",
        "version 1, cannot be used",
        "./voc retag --days",
    ):
        assert shown in out


def test_the_list_shows_whose_files_were_cleared_away(voc, school):
    voc()
    voc("--revert", "0")
    assert "cleared" not in voc("--list")[2]
    school.change(
        lambda unit: unit.put(unit.get(TaggerVersion, "000001").model_copy(update={"cleared": unit.now}))
    )
    out = voc("--list")[2]
    assert "已清除" in out
    assert "cleared" in out
    with pytest.raises(Invalid, match=r"tagger\.cleared"):
        voc("--revert", "1")


def test_going_back_and_forth(voc, school):
    voc()
    for number in (0, 1):
        code, found, out = voc("--revert", str(number))
        assert (code, found["live"], live_tagger(school.unit()).number) == (0, number, number)
        assert f"version {number} is live" in out
        assert "learn_nightly=false" in out
    with pytest.raises(NotFound):
        voc("--revert", "7")


@pytest.mark.parametrize("words", [(), ("--revert", "0")])
def test_only_an_admin_may(voc, school, words):
    save_user(school, "lead.x", role=Role.LEAD, departments=["logistics"])
    with pytest.raises(Forbidden):
        voc(*words, "--as", "lead.x")
    assert voc("--list", "--as", "lead.x")[0] == 0
    with pytest.raises(Forbidden):
        voc("--list", "--as", "agent")


def test_a_version_number_is_a_number(capsys):
    for text in ("-1", "x", "1.5"):
        with pytest.raises(SystemExit):
            parser().parse_args(["learn", "--revert", text])
    assert "应为" in capsys.readouterr().err
