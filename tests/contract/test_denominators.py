"""A week is counted by its days or as a whole, never both, also when the two come at the same moment."""

from __future__ import annotations

import pytest

from chalicelib.loop.context import Loop
from chalicelib.loop.measure.denominators import NewDenominator, save
from chalicelib.model.checked import checked
from chalicelib.model.cycle import Denominator
from chalicelib.model.errors import Conflict
from tests.loop.making import Mute

WEEK, DAY = "2026-W47", "2026-11-17"


def new(period: str) -> NewDenominator:
    return checked(NewDenominator, {"denominator": "parcels", "period": period, "value": 7})


@pytest.mark.parametrize(("mine", "theirs"), [(WEEK, DAY), (DAY, WEEK)])
def test_a_week_and_a_day_of_it_at_once(mine, theirs, store, vault, clock):
    loop = Loop(store, vault, lambda taxonomy: Mute(), clock)

    class Racing(Loop):
        """Somebody else gives the other one between this one's reading and saving."""

        def change(self, decide):
            def slowly(unit):
                result = decide(unit)
                save(loop, new(theirs))
                return result

            return super().change(slowly)

    with pytest.raises(Conflict, match=r"denominator\.twice"):
        save(Racing(store, vault, loop.analyser, clock), new(mine))
    assert [one.period for one in store.scan(Denominator)] == [theirs]


def test_all_days_of_a_week_and_corrections(store, vault, clock):
    loop = Loop(store, vault, lambda taxonomy: Mute(), clock)
    for day in (DAY, "2026-11-18", DAY):
        save(loop, new(day))
    assert sorted(one.period for one in store.scan(Denominator)) == [DAY, "2026-11-18"]
