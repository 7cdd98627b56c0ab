"""The marks between two pages: what a store gives for the next page must be its own when it comes back."""

from __future__ import annotations

from chalicelib.model.errors import Invalid


def foreign_mark() -> Invalid:
    """The refusal of a mark that this list did not give."""
    return Invalid(
        "store.page",
        "翻页标记无效，请从第一页重新开始",
        "this mark does not belong to this list; start again from the first page",
    )
