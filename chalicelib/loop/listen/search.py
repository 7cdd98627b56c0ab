"""Find contacts by what was said: terms inside running Chinese text, and where they stand in it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from chalicelib.loop.context import Loop
from chalicelib.model.contact import Contact
from chalicelib.model.errors import Invalid
from chalicelib.model.people import Caller
from chalicelib.ports import Page
from chalicelib.privacy.text import clean_text, fold

LONGEST, MOST_TERMS = 100, 8
"""Characters of a query, and terms in it."""
READ_AT_ONCE, MOST_PAGES = 200, 10
"""Contacts looked at together for a lead, most of whose finds belong to others; how often before a short page."""

Span = tuple[int, int]
"""From where up to before where, in code points of the text."""


class Hit(NamedTuple):
    """A contact and where the terms stand in its masked text."""

    contact: Contact
    spans: list[Span]


def terms_of(query: str) -> list[str]:
    """The terms of a query, separated by blanks. Raises Invalid for an empty or an excessive one."""
    terms = list(dict.fromkeys(clean_text(query, where="q", limit=LONGEST).split()))
    if len(terms) > MOST_TERMS:
        raise Invalid(
            "search.many",
            f"最多 {MOST_TERMS} 个词，请减少",
            f"at most {MOST_TERMS} terms; use fewer",
            "q",
        )
    return terms


def spans(text: str, terms: Sequence[str]) -> list[Span]:
    """Where the terms stand, in order; what overlaps or touches is one span."""
    folded = fold(text)
    merged: list[Span] = []
    for start, end in sorted(span for term in terms for span in _places(folded, fold(term))):
        if merged and start <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((start, end))
    return merged


def _places(folded: str, term: str) -> Iterator[Span]:
    start = folded.find(term)
    while start >= 0:
        yield start, start + len(term)
        start = folded.find(term, start + 1)


def search(
    loop: Loop, caller: Caller, query: str, cursor: str = "", limit: int = 50
) -> tuple[list[Hit], str]:
    """A page of the contacts that hold every term, newest first, and the cursor of the next page ("" at the end;
    a page may be short, even empty, before it).

    A lead is shown those that concern its departments.
    """
    terms = terms_of(query)
    found: list[Contact] = []
    for _ in range(MOST_PAGES):
        need = limit - len(found)
        asked = need if caller.only is None else max(need, READ_AT_ONCE)
        page, fits = _look(loop, caller, terms, cursor, asked)
        if len(fits) > need:  # stop right behind the last one that is wanted
            upto = page.keys.index(fits[need - 1].id) + 1
            page, fits = _look(loop, caller, terms, cursor, upto)
        found += fits
        short = len(page.keys) < asked
        cursor = page.next
        if not cursor or len(found) >= limit or short:
            break
    return [Hit(contact, spans(contact.text, terms)) for contact in found], cursor


def _look(
    loop: Loop, caller: Caller, terms: Sequence[str], after: str, limit: int
) -> tuple[Page, list[Contact]]:
    """One page of the store, and those of it that the caller may see."""
    page = loop.store.search(Contact, terms, limit=limit, after=after)
    have = loop.store.get(Contact, page.keys)
    return page, [have[key] for key in page.keys if key in have and caller.sees(have[key].departments)]
