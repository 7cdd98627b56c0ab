"""A group of words and contacts, told to a person: name, definition, examples, numbers, nearest cause."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np

from chalicelib.nlp.discovery.corpus import Corpus, pairs
from chalicelib.nlp.discovery.finding import Finding, Known, Member, Word
from chalicelib.nlp.discovery.grow import Contrast, Group
from chalicelib.nlp.discovery.words import cut, sound
from chalicelib.privacy.text import fold

TYPICAL, BORDER = 5, 3
LONGEST_NAME, PIECES, COMMON = 8, 4, 0.4
"""Characters and segments of a name at most; the share of members that say a phrase worth being the name."""
QUOTED, SAME = (2, 3), 0.5
"""Clauses or words a definition quotes; the share of a clause that may stand in another one."""
SEVERAL, OFTEN = 3, 0.0005
"""Contacts, and share of all, that must say each part of a clause for it to be quoted."""
_PLAIN = re.compile(r"[\u4e00-\u9fff]{4,14}")


def finding(contrast: Contrast, group: Group, causes: Sequence[Known]) -> Finding:
    """The finding a group stands for."""
    corpus = contrast.corpus
    keys = [corpus.documents[row].key for row, _ in group.members]
    words = _words(contrast, group)
    name = _name(corpus, group)
    trend = _trend(corpus, group)
    return Finding(
        name,
        _definition(corpus, group, name),
        contrast.new,
        words,
        tuple(keys[:TYPICAL]),
        tuple(keys[TYPICAL:][-BORDER:]),
        tuple(Member(key, score) for key, (_, score) in zip(keys, group.members, strict=True)),
        group.purity,
        round(len(keys) * (group.purity if contrast.new else 1.0) / contrast.weeks, 1),
        trend,
        _nearest((name, *(word.word for word in words)), causes),
    )


def _words(contrast: Contrast, group: Group) -> tuple[Word, ...]:
    here, there = (side.incidence for side in (contrast.here, contrast.there))
    current, baseline = here.counts(np.ones(here.shape[0])), there.counts(np.ones(there.shape[0]))
    names = contrast.corpus.words
    return tuple(
        Word(names[word], int(current[word]), int(baseline[word]), round(z, 2))
        for word, z in zip(group.words, group.z, strict=True)
    )


def _clauses(corpus: Corpus, group: Group) -> Iterator[tuple[int, str]]:
    """Unexplained clauses of members that hold the leading word, surest members first."""
    leader = corpus.words[group.words[0]]
    for row, _ in group.members:
        yield from ((row, clause.strip()) for clause in corpus.clauses[row] if leader in clause)


def _name(corpus: Corpus, group: Group) -> str:
    """The longest phrase around the leading word that many members say, or else that word."""
    leader = corpus.words[group.words[0]]
    said: dict[str, set[int]] = {}
    for row, clause in _clauses(corpus, group):
        for phrase in _phrases(clause, leader):
            said.setdefault(phrase, set()).add(row)
    least = max(3.0, COMMON * len(group.members))
    fit = [phrase for phrase, rows in said.items() if len(rows) >= least]
    return min(fit, key=lambda phrase: (-len(said[phrase]) * (len(phrase) - 1), phrase), default=leader)


def _phrases(clause: str, leader: str) -> Iterator[str]:
    for run in cut(clause):
        for start in range(len(run)):
            for end in range(start + 1, min(len(run), start + PIECES) + 1):
                phrase = "".join(run[start:end])
                if leader in phrase and len(phrase) <= LONGEST_NAME and sound(phrase):
                    yield phrase


def _definition(corpus: Corpus, group: Group, name: str) -> str:
    """What customers say, in their words; numbers stand beside it, so that it stays true when it has become a cause."""
    said = _typical(corpus, group)
    for word in (name, *(corpus.words[word] for word in group.words)):
        if len(said) < QUOTED[0] and not any(word in phrase or phrase in word for phrase in said):
            said.append(word)
    return f"客户说：{''.join(f'“{phrase}”' for phrase in said)}。"


def _typical(corpus: Corpus, group: Group) -> list[str]:
    """Short clauses of members that are put together of what most members say, none much like one before it."""
    words = [corpus.words[word] for word in group.words]
    clauses = sorted({one for _, one in _clauses(corpus, group) if _quotable(one, words)})
    told = Counter(pair for row, _ in group.members for pair in pairs(corpus.documents[row].text))
    fit = {clause: sum(map(told.__getitem__, pairs(clause))) / (len(clause) + 3) for clause in clauses}
    chosen: list[str] = []
    for clause in sorted(clauses, key=lambda clause: (-fit[clause], clause)):
        alike = any(len(pairs(clause) & pairs(one)) > SAME * len(pairs(clause)) for one in chosen)
        if len(chosen) < QUOTED[1] and not alike and _impersonal(corpus, clause):
            chosen.append(clause)
    return chosen


def _quotable(clause: str, words: Sequence[str]) -> bool:
    """Characters only, no digits, Latin or masks, and more than the words themselves."""
    return bool(_PLAIN.fullmatch(clause)) and clause not in words and any(word in clause for word in words)


def _impersonal(corpus: Corpus, clause: str) -> bool:
    """True when every two neighbouring characters are said by others too: so no name or place of one person is."""
    least = max(SEVERAL, len(corpus.documents) * OFTEN)
    return all(corpus.pairs[pair] >= least for pair in pairs(clause))


def _trend(corpus: Corpus, group: Group) -> tuple[tuple[int, int], ...]:
    """(week, contacts that hold one of the words where nothing explains them), each week there is."""
    wanted = np.zeros(len(corpus.words))
    wanted[list(group.words)] = 1
    hits = corpus.open.totals(wanted) > 0
    counts = Counter(corpus.weeks[hits].tolist())
    return tuple((week, counts[week]) for week in range(int(corpus.weeks.min()), int(corpus.weeks.max()) + 1))


def _nearest(words: Sequence[str], causes: Sequence[Known]) -> str | None:
    """The cause that shares most words, earlier ones counting more; None when none shares any."""
    best: tuple[float, str] = (0.0, "")
    for code, label, definition, own in sorted(causes, key=lambda cause: cause[0]):
        text = fold(" ".join((label, definition, *own)))
        shared = sum(1 / (rank + 1) for rank, word in enumerate(dict.fromkeys(words)) if word in text)
        best = max(best, (shared, code), key=lambda pair: pair[0])
    return best[1] or None
