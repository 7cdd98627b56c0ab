"""Trends corrected for label error, beside the raw numbers and never instead of them.

The error of the labels that are counted comes from the second looks at contacts of the same weeks. It is taken
to be the same in each of them, so that it moves all weeks together: the corrected intervals say how many
contacts there were, not whether two weeks differ.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple

from chalicelib.loop.context import Loop
from chalicelib.loop.measure.exposure import per_x
from chalicelib.loop.measure.label_quality import counted, pairs, table
from chalicelib.loop.measure.numbers import by_week
from chalicelib.loop.measure.registry import Scope, Source, denominator_of, source_for
from chalicelib.loop.measure.value import State, Value, missing, share
from chalicelib.loop.track.weekly import EVERYTHING, Weekly
from chalicelib.model.errors import Invalid
from chalicelib.stats.agreement import Table, rogan_gladen

LEAST = 20
"""Second looks with the cause, and as many without it, below which nothing is corrected."""
Row = dict[str, Any]


class LabelError(NamedTuple):
    """How the counted labels of one cause (`first`) compare with the second looks (`second`)."""

    table: Table

    @property
    def present(self) -> int:
        """Second looks that found the cause."""
        return self.table.both + self.table.second

    @property
    def absent(self) -> int:
        """Second looks that did not."""
        return self.table.first + self.table.neither

    @property
    def lacking(self) -> int:
        """How many more it takes, with and without the cause together."""
        return max(0, LEAST - self.present) + max(0, LEAST - self.absent)

    def shown(self) -> Row:
        """As interfaces show it."""
        return {
            "looks": self.table.n,
            "with_cause": self.present,
            "missing_with_cause": max(0, LEAST - self.present),
            "missing_without_cause": max(0, LEAST - self.absent),
            "sensitivity": share(self.table.both, self.present),
            "specificity": share(self.table.neither, self.absent),
        }

    def corrected(self, count: int, n: int) -> Value:
        """`count` of `n` contacts put right; not yet known (`unknown`: looks still missing) without enough looks,
        or where labels are no better than chance."""
        if not n:
            return missing(State.NO_DATA)
        if self.lacking:
            return missing(State.NOT_YET_KNOWN, n=n, count=count, unknown=self.lacking)
        try:
            part = rogan_gladen(count, n, self.table)
        except ValueError:
            return missing(State.NOT_YET_KNOWN, n=n, count=count)
        return Value(
            state=State.KNOWN,
            value=n * part.value,
            low=n * part.low,
            high=n * part.high,
            n=n,
            count=count,
        )


def label_error(loop: Loop, cause: str, first: str, last: str) -> LabelError:
    """The error of a cause's labels by the second looks at contacts of these weeks."""
    return LabelError(table(pairs(loop, first, last), cause, counted))


def correct_contacts(loop: Loop, by: str, part: str, weeks: list[Row], first: str, last: str) -> Row:
    """The rows of a cause's series with `corrected` contacts in each, out of all contacts of the week."""
    if by != "cause":
        raise only_causes()
    error = label_error(loop, part, first, last)
    everything = by_week(loop.store, "week", first, last)
    rows = [
        {**row, "corrected": error.corrected(row["contacts"], everything[row["week"]][""]["n"])}
        for row in weeks
    ]
    return {"weeks": rows, "label_error": error.shown()}


def correct_trend(loop: Loop, metric: str, scope: Scope, weeks: list[Row]) -> Row:
    """The rows of a cause's contacts per X with the `corrected` rate in each."""
    if metric != "cpx" or not scope.cause:
        raise only_causes()
    error, source = label_error(loop, scope.cause, scope.first, scope.last), source_for(loop, scope)
    rows = [{**row, "corrected": _rate(error, source, row)} for row in weeks]
    return {"weeks": rows, "label_error": error.shown()}


def _rate(error: LabelError, source: Source, row: Row) -> Value:
    """Per 1,000 X, over the same days of the week as the raw rate."""
    if row["state"] != State.KNOWN:
        return missing(row["state"], unknown=row["unknown"])
    week, denominator = row["week"], denominator_of(source.taxonomy, source.scope)
    all_contacts = {week: source.store_weeks("week")[week].get("", Counter())}
    x = {week: source.store_weeks("x")[week].get(denominator, Counter())}
    whole = per_x(all_contacts, x, source.scope.segment, source.now)
    if whole.n != row["n"]:  # X is not in for every segment: all contacts cannot be told for the same days
        return missing(State.NO_DENOMINATOR, count=row["count"])
    return _scaled(error.corrected(row["count"], whole.count), whole.n)


def corrected_rates(numbers: Weekly, causes: Sequence[str], weeks: Sequence[str]) -> list[Row]:
    """Of these causes those with enough second looks at contacts of these weeks: raw and corrected rate of each week."""
    if not weeks or not causes:
        return []
    found = pairs(numbers.loop, weeks[0], weeks[-1])
    errors = {cause: LabelError(table(found, cause, counted)) for cause in causes}
    return [
        {
            "cause": cause,
            "label": numbers.taxonomy.label(cause),
            "label_error": error.shown(),
            "weeks": [_both(numbers, error, cause, week) for week in weeks],
        }
        for cause, error in errors.items()
        if not error.lacking
    ]


def _both(numbers: Weekly, error: LabelError, cause: str, week: str) -> Row:
    raw = numbers.value(("cause", cause), week)
    if raw.state is not State.KNOWN:
        return {"week": week, "raw": raw, "corrected": missing(raw.state, unknown=raw.unknown)}
    value = error.corrected(raw.count, numbers.contacts(EVERYTHING, week))
    return {"week": week, "raw": raw, "corrected": _scaled(value, raw.n)}


def _scaled(value: Value, x: int) -> Value:
    ends = {name: end for name in ("value", "low", "high") if (end := getattr(value, name)) is not None}
    return value.model_copy(update={**{name: 1000 * end / x for name, end in ends.items()}, "n": x})


def only_causes() -> Invalid:
    """What is asked for cannot be corrected."""
    return Invalid(
        "corrected.scope",
        "只有单个原因的联络数和每千件联络数（cpx）可以更正标注误差，请指定一个原因",
        "only contacts and contacts per X (cpx) of one cause can be corrected for label error; name a cause",
        "corrected",
    )
