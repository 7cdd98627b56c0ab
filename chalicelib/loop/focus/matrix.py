"""The value-irritant matrix: departments score blind, the quadrant is derived and never typed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from chalicelib.loop.context import Loop, LoopUnit
from chalicelib.loop.listen.take import check_causes
from chalicelib.model.cycle import Score
from chalicelib.model.people import Caller
from chalicelib.model.weeks import week_of

MIDDLE = 3.0
QUADRANTS = {
    (False, False): "eliminate",
    (False, True): "simplify",
    (True, False): "automate",
    (True, True): "leverage",
}
"""(valuable to the customer, valuable to the company) -> what to do."""


def score(
    loop: Loop, caller: Caller, cause: str, department: str, customer_value: int, company_value: int
) -> Score:
    """A department's scores of a cause in the running cycle; the last word of the cycle counts."""

    def decide(unit: LoopUnit) -> Score:
        caller.must_lead(department)
        check_causes(unit.taxonomy, [cause])
        fresh = Score(
            cycle=week_of(unit.now),
            cause=cause,
            department=department,
            by=caller.name,
            customer_value=customer_value,
            company_value=company_value,
            at=unit.now,
        )
        known = unit.get(Score, fresh.key)
        same = known and (known.customer_value, known.company_value) == (customer_value, company_value)
        return known if known and same else unit.put(fresh)

    return loop.change(decide)


def matrix(loop: Loop, caller: Caller, week: str) -> list[dict[str, Any]]:
    """The causes scored in a cycle with their quadrant.

    Blind: who has not scored a cause in the running cycle does not see what others gave it.
    """
    scores = loop.unit().find(Score, "score.cycle", week)
    blind = week == week_of(loop.clock()) and caller.role == "lead"
    mine = {s.cause for s in scores if s.department in caller.departments}
    return place(s for s in scores if not blind or s.cause in mine)


def place(scores: Iterable[Score]) -> list[dict[str, Any]]:
    """Mean scores of each cause and the quadrant they fall into; the middle counts as valuable."""
    by_cause: dict[str, list[Score]] = defaultdict(list)
    for s in scores:
        by_cause[s.cause].append(s)
    rows = []
    for cause, given in sorted(by_cause.items()):
        customer = sum(s.customer_value for s in given) / len(given)
        company = sum(s.company_value for s in given) / len(given)
        rows.append(
            {
                "cause": cause,
                "customer_value": round(customer, 4),
                "company_value": round(company, 4),
                "departments": sorted(s.department for s in given),
                "quadrant": QUADRANTS[customer >= MIDDLE, company >= MIDDLE],
            }
        )
    return rows
