"""Phrases in one cell: where it is torn, where not, and that it comes back as it was written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.model.phrase_list import cell_of, phrases_in

CASES = [
    ("太慢|很慢", ("太慢", "很慢")),
    ("慢、晚,迟，拖", ("慢", "晚", "迟", "拖")),
    ("送 慢|晚;", ("送 慢|晚",)),
    ("送 慢|晚；没到, 还没到", ("送 慢|晚", "没到, 还没到")),
    ("(很|太)慢", ("(很|太)慢",)),
    ("（很|太）慢|((又|还)很|太)贵|差", ("（很|太）慢", "((又|还)很|太)贵", "差")),
    ("慢)|晚", ("慢)", "晚")),
    (" 慢 | |慢", ("慢",)),
    ("", ()),
]
"""The pages read cells in the same way: web/test/taxonomy.test.ts."""


@pytest.mark.parametrize(("cell", "phrases"), CASES)
def test_a_cell_is_torn_between_phrases_and_not_within(cell, phrases):
    assert phrases_in(cell) == phrases


@pytest.mark.parametrize(
    ("phrases", "cell"), [(("太慢", "很慢"), "太慢|很慢"), (("送 慢|晚", "贵"), "送 慢|晚；贵；"), ((), "")]
)
def test_a_cell_is_written_plainly_where_that_says_all(phrases, cell):
    assert cell_of(phrases) == cell


@given(st.lists(st.text("慢晚(（）)|、,， ?", min_size=1).map(str.strip).filter(bool), unique=True))
def test_what_was_written_is_read_again(phrases):
    assert phrases_in(cell_of(phrases)) == tuple(phrases)
