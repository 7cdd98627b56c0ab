"""Log-odds with an informative Dirichlet prior (Monroe, Colaresi, Quinn 2008, Fightin' Words, section 3.5)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
PRIOR, FLOOR = 10.0, 2.0
"""Contacts the prior stands for, and what it gives every word besides: without that the variance of a word never
said before is so large that the newest words score lowest."""


def z_scores(here: Floats, many: float, there: Floats, others: float, background: Floats) -> Floats:
    """How many standard deviations more often each word is said here than there.

    `here` and `there` count the contacts that hold a word, of `many` and of `others`; `background` is the
    share of all contacts that hold it. Counts may be weighted. The prior is shared out as the contacts are.
    """
    prior = PRIOR * background + FLOOR
    mine, theirs = (2 * prior * part / max(1e-9, many + others) for part in (many, others))
    if not many or not others:
        return np.zeros_like(here)
    spread = 1 / (here + mine) + 1 / (there + theirs)
    return np.asarray((_odds(here, many, mine) - _odds(there, others, theirs)) / np.sqrt(spread))


def _odds(count: Floats, many: float, prior: Floats) -> Floats:
    return np.asarray(np.log((count + prior) / np.maximum(many + PRIOR - count, 0.5)))
