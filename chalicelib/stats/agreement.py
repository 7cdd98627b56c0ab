"""Agreement of two people, or of a machine and a person, and counts corrected for the error it shows. Pure Python."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from chalicelib.stats.f1 import Estimate
from chalicelib.stats.intervals import Z95, wilson


class Table(NamedTuple):
    """How often a label was given by both, by the first only, by the second only, by neither."""

    both: int
    first: int
    second: int
    neither: int

    @property
    def n(self) -> int:
        """Things that both looked at."""
        return sum(self)


def cohen_kappa(table: Sequence[Sequence[int]], z: float = Z95) -> Estimate:
    """Agreement beyond chance (Cohen 1960) of a square table of counts, with its large-sample interval.

    Standard error of Fleiss, Cohen & Everitt (1969), also in Fleiss, Levin & Paik (2003), chapter 18: the
    table 31 12 / 4 58 gives 0.6757 (0.5317 .. 0.8196). Where nobody disagreed that error is 0, which would be
    certainty: there the lower end is kappa at Wilson's lower limit of the agreement. Raises ValueError where chance alone explains all: both gave one label always.
    """
    n = sum(map(sum, table))
    places = range(len(table))
    rows = [sum(row) / n if n else 0.0 for row in table]
    columns = [sum(row[j] for row in table) / n if n else 0.0 for j in places]
    agreed = sum(table[i][i] for i in places)
    chance = sum(rows[i] * columns[i] for i in places)
    if not n or 1 - chance < 1e-12:
        raise ValueError("kappa needs two labels that were given")
    kappa = (agreed / n - chance) / (1 - chance)
    if agreed == n:
        return Estimate(kappa, (wilson(n, n, z)[0] - chance) / (1 - chance), 1.0)
    hit = sum(table[i][i] / n * (1 - (rows[i] + columns[i]) * (1 - kappa)) ** 2 for i in places)
    miss = sum(
        table[i][j] / n * ((columns[i] + rows[j]) * (1 - kappa)) ** 2
        for i in places
        for j in places
        if i != j
    )
    spread = max(0.0, hit + miss - (kappa - chance * (1 - kappa)) ** 2)
    half = z * math.sqrt(spread / n) / (1 - chance)
    return Estimate(kappa, max(-1.0, kappa - half), min(1.0, kappa + half))


def rogan_gladen(positive: int, n: int, errors: Table, z: float = Z95) -> Estimate:
    """The true share behind positive / n labels whose errors a second look showed (`first` the label, `second`
    the truth): (apparent + specificity - 1) / (sensitivity + specificity - 1), clipped to 0 .. 1 (Rogan &
    Gladen 1978); 23 of 150 at 96 % and 89 % is 0.0510.

    Interval: delta method on counts to which a little of both outcomes is added (Lang & Reiczigel 2014), so
    that a sensitivity or specificity seen as 100 % is not taken for certain. Raises ValueError when the label
    is no better than chance, or one side of the second look is empty: then nothing can be corrected.
    """
    true, false = errors.both + errors.second, errors.first + errors.neither
    if not 0 <= positive <= n or not n or not true or not false:
        raise ValueError(
            "a corrected share needs 0 <= positive <= n and second looks with and without the cause"
        )
    better = errors.both / true + errors.neither / false - 1
    if better <= 0:
        raise ValueError("labels no better than chance cannot be corrected")
    value = _clipped((positive / n - errors.first / false) / better)
    low, high = _lang_reiczigel((positive, n), (errors.both, true), (errors.neither, false), z)
    return Estimate(value, min(low, value), max(high, value))


def _lang_reiczigel(
    seen: tuple[int, int], right: tuple[int, int], clean: tuple[int, int], z: float
) -> tuple[float, float]:
    """Limits from (positive, n), (found, with the cause) and (left alone, without it)."""
    n, true, false = seen[1] + z * z, right[1] + 2, clean[1] + 2
    apparent = (seen[0] + z * z / 2) / n
    sensitivity, specificity = (right[0] + 1) / true, (clean[0] + 1) / false
    better = sensitivity + specificity - 1
    if better <= 0:
        return 0.0, 1.0
    share = (apparent + specificity - 1) / better
    missed, added = sensitivity * (1 - sensitivity) / true, specificity * (1 - specificity) / false
    centre = share + 2 * z * z * (share * missed - (1 - share) * added)
    spread = apparent * (1 - apparent) / n + share**2 * missed + (1 - share) ** 2 * added
    half = z * math.sqrt(spread) / better
    return _clipped(centre - half), _clipped(centre + half)


def _clipped(share: float) -> float:
    return min(1.0, max(0.0, share))
