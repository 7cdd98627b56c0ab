"""The value-irritant matrix: departments score blind, the quadrant is derived and never typed."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Any

from chalicelib.loop.context import Loop, LoopUnit
from chalicelib.loop.listen.take import check_causes
from chalicelib.model.cycle import Score
from chalicelib.model.people import Caller, Role
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
    """A department's scores of a cause in the running cycle; the last word of the cycle counts, and says so when
    it was changed after others had scored the cause."""

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
        if known is None:
            return unit.put(fresh)
        if (known.customer_value, known.company_value) == (customer_value, company_value):
            return known
        return unit.put(fresh.model_copy(update={"revised": known.revised or _others(unit, fresh)}))

    return loop.change(decide)


def _others(unit: LoopUnit, mine: Score) -> bool:
    """Whether another department has scored the cause, so that the scorer can have seen it."""
    given = unit.find(Score, "score.cycle", mine.cycle, low=f"{mine.cause}/", high=f"{mine.cause}/~")
    return any(one.department != mine.department for one in given)


def matrix(loop: Loop, caller: Caller, week: str) -> list[dict[str, Any]]:
    """The causes scored in a cycle with their quadrant.

    Blind: a lead does not see what others gave a cause in the running cycle before each of its own departments has
    scored it.
    """
    return place(_shown_and_hidden(loop, caller, week)[0])


def hidden(loop: Loop, caller: Caller, week: str) -> int:
    """How many causes were scored in a cycle that the caller is not shown yet, being to score them blind."""
    return len({s.cause for s in _shown_and_hidden(loop, caller, week)[1]})


def _shown_and_hidden(loop: Loop, caller: Caller, week: str) -> tuple[list[Score], list[Score]]:
    scores = loop.unit().find(Score, "score.cycle", week)
    if week != week_of(loop.clock()) or caller.role is not Role.LEAD:
        return scores, []
    own = {cause: n for cause, n in _own(caller, scores).items() if n == len(caller.departments)}
    return [s for s in scores if s.cause in own], [s for s in scores if s.cause not in own]


def _own(caller: Caller, scores: Iterable[Score]) -> Counter[str]:
    """Cause -> how many of the caller's departments have scored it."""
    return Counter(s.cause for s in scores if s.department in caller.departments)


def ballot(loop: Loop, caller: Caller, week: str) -> dict[str, Any]:
    """What the caller's departments gave in a cycle, and how far each department is: never what others gave."""
    unit = loop.unit()
    scores = unit.find(Score, "score.cycle", week)
    own = [s for s in scores if s.department in caller.departments]
    shown = {"cause", "department", "by", "customer_value", "company_value", "at", "revised"}
    return {
        "own": [s.model_dump(mode="json", include=shown) for s in own],
        "scored": dict(sorted(Counter(s.department for s in scores).items())),
        "to_score": sum(cause.active for cause in unit.taxonomy.causes),
    }


def place(scores: Iterable[Score]) -> list[dict[str, Any]]:
    """Mean scores of each cause, how far apart they are, and the quadrant they fall into; the middle counts as
    valuable."""
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
                "scores": [_shown(s) for s in sorted(given, key=lambda s: s.department)],
                "spread": {
                    "customer": _spread(s.customer_value for s in given),
                    "company": _spread(s.company_value for s in given),
                },
                "quadrant": QUADRANTS[customer >= MIDDLE, company >= MIDDLE],
            }
        )
    return rows


def _shown(one: Score) -> dict[str, Any]:
    names = {"department", "customer_value", "company_value", "revised"}
    return one.model_dump(mode="json", include=names)


def _spread(values: Iterable[int]) -> tuple[int, int]:
    ordered = sorted(values)
    return ordered[0], ordered[-1]
