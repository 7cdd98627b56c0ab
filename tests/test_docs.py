"""README keeps up with the program: every route, command, setting, variable, metric and step is in it."""

from __future__ import annotations

import argparse
import dataclasses
import re
from pathlib import Path

import pytest

import app as chalice_app
from chalicelib.api.routing import ROUTES
from chalicelib.cli.__main__ import parser
from chalicelib.environment import Environment
from chalicelib.intake.columns import known_columns
from chalicelib.loop.listen.learning import FEWEST, FEWEST_HELD_OUT
from chalicelib.loop.measure.registry import REGISTRY
from chalicelib.model.entity import Entity
from chalicelib.model.phrase_list import phrases_in
from chalicelib.model.settings import Settings
from chalicelib.model.taxonomy import default_taxonomy
from chalicelib.nlp.lexicon import fault_of

README = (Path(__file__).parents[1] / "README.md").read_text("utf-8")


def commands() -> dict[str, argparse.ArgumentParser]:
    (action,) = (a for a in parser()._actions if isinstance(a, argparse._SubParsersAction))
    return dict(action.choices)


@pytest.mark.parametrize("route", ROUTES, ids=lambda r: f"{r.method} {r.path}")
def test_every_route_is_in_the_readme_with_its_roles(route):
    rows = [r for r in README.splitlines() if r.startswith(f"| {route.step} | `{route.method} {route.path}`")]
    (row,) = rows
    assert route.summary in row
    for role in route.roles:
        assert role in row or "全部 all" in row


def test_the_readme_names_no_route_that_is_gone():
    written = set(re.findall(r"^\| [a-z-]+ \| `([A-Z]+ /\S*)`", README, re.M))
    assert written == {f"{r.method} {r.path}" for r in ROUTES}
    assert {r.path for r in ROUTES} == set(chalice_app.app.routes)


@pytest.mark.parametrize("name", commands())
def test_every_command_is_in_the_readme_and_in_help(name):
    assert f"./voc {name}" in README
    assert name in parser().format_help()


@pytest.mark.parametrize("name", commands())
def test_every_command_takes_data_and_json(name):
    options = {o for a in commands()[name]._actions for o in a.option_strings}
    assert {"--data", "--json"} <= options


@pytest.mark.parametrize("name", sorted(set(Settings.model_fields) - set(Entity.model_fields)))
def test_every_setting_is_in_the_readme(name):
    assert f"`{name}`" in README


@pytest.mark.parametrize("name", [f.name for f in dataclasses.fields(Environment)])
def test_every_variable_is_in_the_readme(name):
    source = (Path(__file__).parents[1] / "chalicelib" / "environment.py").read_text("utf-8")
    (variable,) = re.findall(rf'^    {name}: .*\n    """(VOC_[A-Z_]+)', source, re.M)
    assert f"`{variable}`" in README


@pytest.mark.parametrize("name", REGISTRY)
def test_every_metric_is_in_the_readme(name):
    assert f"`{name}`" in README


@pytest.mark.parametrize("row", known_columns(), ids=lambda r: f"{r[0]}.{r[1]}")
def test_every_column_of_a_file_is_in_the_readme(row):
    kind, field, _, names = row
    assert any(f" {kind} | `{field}`" in line and names[0] in line for line in README.splitlines())


def test_the_readme_ends_with_decisions():
    assert re.findall(r"^## .*", README, re.M)[-1] == "## Decisions"


def test_the_readme_says_how_many_corrections_learning_needs():
    (line,) = [line for line in README.splitlines() if line.startswith("- **越纠正越准**")]
    assert f"至少要 {FEWEST} 条纠正" in line
    assert f"至少 {FEWEST_HELD_OUT} 条" in line


def test_the_readmes_phrase_can_be_copied_into_a_cell_as_printed():
    (cell,) = re.findall(r"说法可用词典记号：`([^`]+)`", README)
    (phrase,) = phrases_in(cell)
    assert "|" in phrase
    assert fault_of(phrase) is None


def test_the_readmes_log_names_the_department_as_the_command_does():
    (name,) = re.findall(r"^原因 causes: .*  部门 department: (\S+)  工单", README, re.M)
    assert name in {department.name_zh for department in default_taxonomy().departments}
