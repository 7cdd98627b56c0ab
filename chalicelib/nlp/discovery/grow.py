"""Over-represented words, one group at a time, and the contacts each group chooses.

A contact counts by the share of its text that no known cause explains: what is wholly unexplained is about
twice as often about a new cause as what is half explained.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

import numpy as np

from chalicelib.nlp.discovery.corpus import WHOLLY, Corpus, Flags, Floats, Incidence, Ints
from chalicelib.nlp.discovery.odds import z_scores

FEWEST = 5
"""Contacts of the window that must hold a word for it to be looked at."""
LEADING_Z, LEAST_ALONE, STANDING_Z = 2.75, 0.7, 2.5
"""How far a word must stand out to lead a group: with a window in both looks together and among the wholly
unexplained alone, without one in each."""
FAINT_Z, CLEAR, MOST_FAINT = 2.25, 0.7, 4
"""How far a word hardly said before must stand out: a rare cause does little, but nearly all that say its words are
about it. The share of its contacts of which that is expected at least; and how many such groups a window gives."""
COMPANIONS, COMPANION_Z, TOGETHER_Z, MOSTLY = 3, 3.0, 2.0, 0.5
"""Words that may join a leader; how far each must stand out, and how far keep to the contacts with the leader;
the share of its own contacts that must hold the leader too."""
LEAST_WEIGHT, COMPANION, OVERLAPPING = 0.5, 0.7, 0.3
"""Evidence of a leading word at least; of a companion, and of one that is part of the leader or contains it."""
PURE, LEAST_PURE = 0.9, 0.4
"""Members are taken while this share of them is expected to be about the group's cause; a group
of which less is expected is none."""
ENOUGH = 20
"""Members taken before purity is asked for, and wholly unexplained contacts that allow a look at them alone."""


@dataclass(frozen=True)
class Side:
    """One side of a contrast: the words looked at in its documents and all said there, weights, strata."""

    incidence: Incidence
    said: Incidence
    weights: Floats
    stratum: Ints


@dataclass(frozen=True)
class Contrast:
    """Where something is looked for, and what it is held against. `rows` are the corpus rows of `here`.

    `new`: against the same kind of contacts of the weeks before, so that their number tells how many of the
    chosen are chosen by chance. Else against what known causes explain, which tells no such thing.
    """

    corpus: Corpus
    new: bool
    weeks: int
    here: Side
    there: Side
    rows: Ints


@dataclass(frozen=True)
class Group:
    """Words (the leader first) with their z, and the rows of the contacts they choose, surest first."""

    words: tuple[int, ...]
    z: tuple[float, ...]
    members: tuple[tuple[int, float], ...]
    purity: float


def groups(contrast: Contrast, taken: Flags, banned: Flags) -> Iterator[Group]:
    """Groups by falling z of their leader, with a window the clear ones first, then rare ones, then the others;
    contacts in `taken` and words in `banned` are left out."""
    free = ~taken[contrast.rows]
    banned = banned | (contrast.here.incidence.counts(np.ones(len(free))) < FEWEST)
    if contrast.new:
        yield from _led(contrast, free, banned, LEADING_Z, CLEAR)
        rare = _led(contrast, free.copy(), banned.copy(), FAINT_Z, CLEAR)
        yield from islice(rare, MOST_FAINT)  # what leads them may be a part of what leads the others
    yield from _led(contrast, free, banned, LEADING_Z if contrast.new else STANDING_Z, LEAST_PURE)


def _led(contrast: Contrast, free: Flags, banned: Flags, enough: float, pure: float) -> Iterator[Group]:
    """Groups that are pure enough; their contacts are no longer free and their words banned. A word that is part of
    one that stands out more and was not pure enough, or contains it, is left to that one."""
    tried, names, passed = banned.copy(), contrast.corpus.words, list[str]()
    for _ in names:
        z = _contrast_z(contrast, free)
        leader = int(np.argmax(np.where(tried, -np.inf, z))) if len(z) else -1
        if leader < 0 or tried[leader] or z[leader] < enough:
            return
        tried[leader] = True
        if any(name in names[leader] or names[leader] in name for name in passed):
            continue
        together = contrast.here.incidence.having(leader) & free
        words = (leader, *_companions(contrast, leader, z, together, free, tried))
        group = _group(contrast, words, z, free)
        if group.purity < pure:
            passed.append(names[leader])
            continue
        yield group
        tried[list(words)] = banned[list(words)] = True
        free &= ~together


def _contrast_z(contrast: Contrast, free: Flags) -> Floats:
    """Contacts by their unexplained share; where many are wholly unexplained, two looks as one z.

    The look at those alone tells a cause from chatter, which comes with known causes too. With a window it is added
    (Stouffer) to a look at all that is said, which does not depend on what was wrongly explained. Without one the
    rest is what is left of explained contacts, and each look must do: chatter is hardly ever evidence of a cause.
    """
    here, there = contrast.here, contrast.there
    z = _one_z(here.incidence, here.weights * free, there.incidence, there.weights)
    whole = (here.stratum == WHOLLY).astype(float)
    if whole.sum() < ENOUGH:
        return z
    if not contrast.new:
        return np.minimum(z, _one_z(here.incidence, whole * free, here.incidence, (1 - whole) * free))
    alone = _one_z(here.incidence, whole * free, there.incidence, (there.stratum == WHOLLY).astype(float))
    every = _one_z(here.said, free.astype(float), there.said, np.ones(len(there.weights)))
    return np.where(alone > LEAST_ALONE, (alone + every) / np.sqrt(2), 0.0)


def _one_z(here: Incidence, inside: Floats, there: Incidence, outside: Floats) -> Floats:
    every = here.counts(np.ones(here.shape[0])) + there.counts(np.ones(there.shape[0]))
    background = np.maximum(every, 1.0) / (here.shape[0] + there.shape[0])
    return z_scores(here.counts(inside), inside.sum(), there.counts(outside), outside.sum(), background)


def _companions(
    contrast: Contrast, leader: int, z: Floats, together: Flags, free: Flags, banned: Flags
) -> list[int]:
    """Words that stand out as well, and keep to the contacts that hold the leader."""
    here, there = contrast.here, contrast.there
    inside, apart = together.astype(float), (free & ~together).astype(float)
    rest = here.incidence.counts(apart) + there.incidence.counts(np.ones_like(there.weights))
    others = apart.sum() + len(there.weights)
    counts = here.incidence.counts(inside)
    background = (counts + rest) / (inside.sum() + others)
    keeps = z_scores(counts, inside.sum(), rest, others, background)
    both = np.minimum(z, keeps)
    fit = (z >= COMPANION_Z) & (keeps >= TOGETHER_Z) & ~banned
    fit &= counts >= MOSTLY * (counts + here.incidence.counts(apart))
    fit[leader] = False
    chosen = np.flatnonzero(fit)
    return [int(word) for word in chosen[np.argsort(-both[chosen], kind="stable")][:COMPANIONS]]


def _group(contrast: Contrast, words: tuple[int, ...], z: Floats, free: Flags) -> Group:
    here, there = contrast.here, contrast.there
    weights = _weights(contrast, words)
    wanted = (weights > 0).astype(float)
    hits, misses = (here.incidence.totals(wanted) > 0) & free, there.incidence.totals(wanted) > 0
    scale = len(here.weights) / max(1, len(there.weights))
    cells = []
    score = here.incidence.totals(weights)
    for stratum in range(WHOLLY + 1):
        at = here.stratum == stratum
        chance = float(scale * (misses & (there.stratum == stratum)).sum())
        score[at] += np.log(((hits & at).sum() + 2) / (chance + 2)) if contrast.new else stratum
        cells.append((hits & at, chance))
    chosen, purity = _members(cells, hits) if contrast.new else (hits, _apart(int(hits.sum()), misses))
    order = np.lexsort((np.arange(len(score)), -score))
    members = tuple((int(contrast.rows[at]), round(float(score[at]), 4)) for at in order if chosen[at])
    return Group(words, tuple(float(z[word]) for word in words), members, purity)


def _apart(many: int, explained: Flags) -> float:
    return round(many / max(1, many + int(explained.sum())), 4)


def _weights(contrast: Contrast, words: tuple[int, ...]) -> Floats:
    """Evidence of each word of the group: the log of how much more often it is said here, per contact."""
    here, there = contrast.here, contrast.there
    counts = here.incidence.counts(np.ones_like(here.weights)) + 1
    others = there.incidence.counts(np.ones_like(there.weights)) + 1
    ratio = np.log(counts / max(1, len(here.weights))) - np.log(others / max(1, len(there.weights)))
    weights = np.zeros(len(ratio))
    names, leader = contrast.corpus.words, words[0]
    weights[leader] = max(ratio[leader], LEAST_WEIGHT)
    for word in words[1:]:
        inner = names[word] in names[leader] or names[leader] in names[word]
        weights[word] = max(ratio[word], 0.0) * COMPANION * (OVERLAPPING if inner else 1.0)
    return weights


def _members(cells: list[tuple[Flags, float]], hits: Flags) -> tuple[Flags, float]:
    """The strata that keep the whole pure enough, or else the purest ones, and the purity to expect of them."""
    cells = sorted(cells, key=lambda cell: -_purity(int(cell[0].sum()), cell[1]))
    chosen, chance = np.zeros_like(hits), 0.0
    for inside, by_chance in cells:
        grown = chosen | inside
        if chosen.sum() >= ENOUGH and _purity(int(grown.sum()), chance + by_chance) < PURE:
            break
        chosen, chance = grown, chance + by_chance
    return chosen, _purity(int(chosen.sum()), chance)


def _purity(many: int, by_chance: float) -> float:
    return round(max(0.0, 1 - by_chance / many), 4) if many else 0.0
