"""Cells of CSV: nothing a spreadsheet would run, and everything can be read back."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.loop.export.columns import Column
from chalicelib.loop.export.table import RISKY, cell, cells, head, line

TEXTS = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\x00"))


@pytest.mark.parametrize(
    "text", ["=1+1", "+86", "-1", "@sum", "\tx", "\rx", "＝1", "'", "'=1", " =1", "\u3000@a"]
)
def test_what_a_spreadsheet_would_run_gets_an_apostrophe(text):
    assert cell(text) == "'" + text


@pytest.mark.parametrize(
    ("value", "shown"),
    [(True, "true"), (False, "false"), (None, ""), (-5, "-5"), (0.5, "0.5"), ("好", "好"), ([], "")],
)
def test_other_values_stay_as_they_are(value, shown):
    assert cell(value) == shown


def test_lists_are_joined_and_guarded_as_a_whole():
    assert cell(["a", "b"]) == "a;b"
    assert cell(["=a", "b;c"]) == "'=a;b；c"


@given(st.lists(TEXTS, min_size=1))
def test_any_texts_come_back_and_none_begins_like_a_formula(texts):
    (read,) = csv.reader(io.StringIO(cells(texts), newline=""), strict=True)
    assert [one.removeprefix("'") for one in read] == texts
    assert not any(one.startswith(tuple(set(RISKY) - {"'"})) for one in read)


def test_the_head_says_the_encoding_and_the_names():
    columns = [Column("a", "varchar", "", ""), Column("b", "bigint", "", "")]
    assert head(columns) == "\ufeffa,b\r\n"
    assert line({"b": 1, "a": 'x"\ny', "c": 2}, columns) == '"x""\ny",1\r\n'
