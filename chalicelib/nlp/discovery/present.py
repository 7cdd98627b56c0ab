"""A group of words and contacts, told to a person: name, definition, examples, numbers, nearest cause."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np

from chalicelib.nlp.discovery.corpus import Corpus
from chalicelib.nlp.discovery.finding import Finding, Known, Member, Word
from chalicelib.nlp.discovery.grow import Contrast, Group
from chalicelib.nlp.discovery.words import cut, sound
from chalicelib.privacy.text import fold

TYPICAL, BORDER = 5, 3
LONGEST_NAME, PIECES, COMMON = 8, 4, 0.4
"""Characters and segments of a name at most; the share of members that say a phrase worth being the name."""
SHORT, LONG, QUOTED = 5, 24, 2
"""Characters of a clause worth quoting; how many are."""


def finding(contrast: Contrast, group: Group, causes: Sequence[Known]) -> Finding:
    """The finding a group stands for."""
    corpus = contrast.corpus
    keys = [corpus.documents[row].key for row, _ in group.members]
    words = _words(contrast, group)
    name = _name(corpus, group)
    trend = _trend(corpus, group)
    return Finding(
        name,
        _definition(name, words, _quotes(corpus, group), contrast, len(keys)),
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


def _quotes(corpus: Corpus, group: Group) -> tuple[str, ...]:
    """Whole clauses of the surest members: short ones that hold several words of the group first."""
    words = [corpus.words[word] for word in group.words]
    found: dict[str, int] = {}
    for _, clause in _clauses(corpus, group):
        if SHORT <= len(clause) <= LONG and not any(map(str.isdigit, clause)):
            found.setdefault(clause, -sum(word in clause for word in words))
    return tuple(sorted(found, key=lambda clause: found[clause])[:QUOTED])


def _definition(
    name: str, words: Sequence[Word], quotes: Sequence[str], contrast: Contrast, many: int
) -> str:
    others = [word.word for word in words if word.word != name]
    said = f"客户说到“{name}”" + (f"，常连着说{_quoted(others)}" if others else "")
    like = f"，例如{_quoted(quotes)}" if quotes else ""
    leader = words[0]
    if contrast.new:
        baseline = contrast.corpus.weeks.max() - contrast.corpus.weeks.min() + 1 - contrast.weeks
        before = leader.baseline / max(1, int(baseline))
        count = (
            f"最近 {contrast.weeks} 周有 {leader.current} 条说到“{leader.word}”，此前平均每周 {before:.1f} 条"
        )
    else:
        count = f"{contrast.weeks} 周里一直都有，共 {many} 条，不是新近才多起来"
    return f"{said}{like}；{count}；已有的原因解释不了这些话。"


def _quoted(phrases: Sequence[str]) -> str:
    return "".join(f"“{phrase}”" for phrase in phrases)


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
