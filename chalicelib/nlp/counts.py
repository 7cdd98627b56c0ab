"""How many labels a text has: what is said of one label bears on all others.

Each label has log odds of its own; a potential for every count of labels weighs the sets (a conditional
random field whose states are counts, as in Tarlow and others, 2012, "Fast exact inference for recursive
cardinality models"). Where every text has one label this is a softmax; without potentials labels are independent.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Wide = npt.NDArray[np.float64]


class Inferred(NamedTuple):
    """`chances` (texts, labels); `log_total` (texts,); `shares` (counts, texts): how likely each count is."""

    chances: Wide
    log_total: Wide
    shares: Wide


def infer(margins: npt.NDArray[np.floating], potentials: npt.NDArray[np.floating]) -> Inferred:
    """Exact marginals of `margins` (texts, labels); the last of the log `potentials` is for that many or more."""
    chances = (1 / (1 + np.exp(-np.clip(margins.T.astype(np.float64), -500, 500))))[:, None]
    each = np.exp(potentials.astype(np.float64))[:, None]
    before = [np.zeros((len(each), chances.shape[2]))]
    before[0][0] = 1
    for chance in chances:
        before.append(before[-1] * (1 - chance) + _one_more(before[-1]) * chance)
    total = (before[-1] * each).sum(axis=0)
    after, out = np.broadcast_to(each, before[0].shape), np.empty((len(chances), len(total)))
    for label in range(len(chances) - 1, -1, -1):
        chance, with_it = chances[label], np.concatenate([after[1:], after[-1:]])
        out[label] = (before[label] * with_it).sum(axis=0) * chance[0] / total
        after = after * (1 - chance) + with_it * chance
    return Inferred(out.T, np.log(total), before[-1] * each / total)


def _one_more(shares: Wide) -> Wide:
    """Shares of counts after one label more."""
    moved = np.concatenate([np.zeros_like(shares[:1]), shares[:-1]])
    moved[-1] += shares[-1]
    return moved
