"""Proposals of new causes out of contacts: what is said now and was not before, and what was never explained."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from chalicelib.nlp.discovery.corpus import Corpus, Flags, corpus
from chalicelib.nlp.discovery.finding import Document, Finding, Known
from chalicelib.nlp.discovery.grow import Contrast, Group, Side, groups
from chalicelib.nlp.discovery.present import finding

LIMIT = 10


def discover(
    documents: Sequence[Document],
    causes: Sequence[Known] = (),
    current_weeks: int = 1,
    limit: int = LIMIT,
) -> list[Finding]:
    """At most `limit` proposals, new ones first, then what was always there; empty when nothing stands out.

    The last `current_weeks` weeks are the window, the others the baseline. Where the baseline is long enough
    the window is widened to two and four times that, for causes too rare to be seen in it.
    """
    read = corpus(documents)
    if not read.documents or not read.words:
        return []
    taken = np.zeros(len(read.documents), bool)
    banned = np.zeros(len(read.words), bool)
    found: list[Finding] = []
    for contrast in _contrasts(read, current_weeks):
        for group in groups(contrast, taken, banned):
            if len(found) == limit:
                return found
            found.append(finding(contrast, group, causes))
            _mark(group, contrast, taken, banned)
    return found


def _mark(group: Group, contrast: Contrast, taken: Flags, banned: Flags) -> None:
    banned[list(group.words)] = True
    taken[contrast.rows[contrast.here.incidence.having(group.words[0])]] = True


def _contrasts(read: Corpus, current_weeks: int) -> Iterator[Contrast]:
    """Window against baseline, wider and wider; then everything unexplained against everything explained."""
    length = int(read.weeks.max() - read.weeks.min()) + 1
    for weeks in (current_weeks, 2 * current_weeks, 4 * current_weeks):
        if 2 * weeks > length and weeks > current_weeks:
            break
        now = read.weeks > read.weeks.max() - weeks
        if not now.all():
            yield Contrast(read, True, weeks, _open(read, now), _open(read, ~now), np.flatnonzero(now))
    everything = np.ones(len(read.weeks), bool)
    rows = np.arange(len(read.weeks))
    yield Contrast(read, False, length, _open(read, everything), _closed(read), rows)


def _open(read: Corpus, which: Flags) -> Side:
    """What is unexplained of some documents; one that is explained throughout counts nothing."""
    return Side(read.open.only(which), read.said.only(which), read.share[which], read.stratum[which])


def _closed(read: Corpus) -> Side:
    return Side(read.closed, read.said, 1 - read.share, read.stratum)
