"""Putting the alarms of a cause to sleep for some weeks, with a reason: nobody is told, it is judged all the same."""

from __future__ import annotations

from pydantic import Field

from chalicelib.loop.context import Loop, LoopUnit
from chalicelib.loop.listen.take import check_causes
from chalicelib.loop.track.baselines import must_decide
from chalicelib.model.entity import Given
from chalicelib.model.errors import Invalid
from chalicelib.model.people import Caller
from chalicelib.model.taxonomy import OTHER
from chalicelib.model.watch import Rest, Snooze
from chalicelib.model.weeks import parse_week, shift, week_of
from chalicelib.privacy.mask import mask

LONGEST_REST = 26
"""Weeks."""


class NewSnooze(Given):
    """No notices of this cause's alarms up to and with the week `until`; a past week wakes it up again."""

    cause: str
    until: str
    reason: str = Field(min_length=2, max_length=1_000)


def snooze(loop: Loop, caller: Caller, new: NewSnooze) -> Snooze:
    """Log it; the same again changes nothing."""
    caller.must_see([loop.unit().taxonomy.department_of(new.cause)], "cause")
    return loop.change(lambda unit: snooze_in(unit, caller, new))


def snooze_in(unit: LoopUnit, caller: Caller, new: NewSnooze) -> Snooze:
    """Part of a larger change."""
    if new.cause != OTHER:
        check_causes(unit.taxonomy, [new.cause])
    must_decide(unit.taxonomy, caller, new.cause)
    until = parse_week(new.until, where="until")
    if until > shift(week_of(unit.now), LONGEST_REST):
        raise Invalid(
            "snooze.until",
            f"最多静音 {LONGEST_REST} 周，请选更早的周",
            f"at most {LONGEST_REST} weeks; name an earlier one",
            "until",
        )
    known = unit.get(Snooze, new.cause) or Snooze(cause=new.cause)
    made = Rest(until=until, reason=mask(new.reason).text, by=caller.name, at=unit.now)
    newest = known.rests[-1] if known.rests else None
    if newest and (newest.until, newest.reason) == (made.until, made.reason):
        return known
    return unit.put(known.model_copy(update={"rests": (*known.rests, made), "demo": False}))
