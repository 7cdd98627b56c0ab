"""What watching keeps works on every store: alarms of a week, baselines, snoozes, source counts, stored days."""

from __future__ import annotations

from chalicelib.loop.context import Loop
from chalicelib.loop.listen.source_counts import NewSourceCount, save
from chalicelib.loop.measure.completeness import completeness
from chalicelib.loop.overview import overview
from chalicelib.loop.rebuild import recount
from chalicelib.loop.schedule import tick
from chalicelib.loop.track.alarms import of_week
from chalicelib.loop.track.baselines import NewBaseline, act, listed
from chalicelib.loop.track.snoozing import NewSnooze, snooze
from chalicelib.model.checked import checked
from chalicelib.model.people import Caller, Notice, Role
from tests.loop.making import ADMIN, LATE, Mute, days, done
from tests.loop.weeks_of import LAST, fill, give_x_at_once, monday

EXEC = Caller("exec", Role.EXECUTIVE)
RISEN = [100, 104, 96, 101, 99, 103, 97, 100, 105, 95, 102, 98, 101, 99, 100, 103, 160, 165, 158]


def test_watching_on_every_store(store, vault, clock):
    loop = Loop(store, vault, lambda taxonomy: Mute(), clock)
    fill(loop, LATE, RISEN)
    for name in ("parcels", "orders"):
        give_x_at_once(loop, name, len(RISEN), 10_000)
    snooze(loop, EXEC, NewSnooze(cause=LATE, until="2026-W01", reason="早已过去"))
    for _ in range(2):
        tick(loop)
    judged = of_week(loop, LAST)
    assert [a.cause for a in judged.alarms] == [LATE]
    assert sum(n.about == "alarm_raised" for n in store.scan(Notice)) == 2
    act(loop, EXEC, NewBaseline(cause=LATE, week=LAST, reason="换了承运商"))
    assert [row["in_force"] for row in listed(loop, EXEC)] == [{LAST: "换了承运商"}]
    done(loop, monday("2026-W47") + days(1), LATE)
    save(loop, ADMIN, checked(NewSourceCount, {"channel": "phone", "day": "2026-11-17", "count": 9}))
    clock.forward(hours=13)
    tick(loop)
    assert sum(n.about == "contacts_missing" for n in store.scan(Notice)) == 3
    (row,) = completeness(loop, "2026-11-17", "2026-11-17")
    assert (row.recorded, row.reported, row.alarm) == (1, 9, True)
    assert overview(loop, EXEC)["changes"][0]["kind"] == "alarm"
    wrong = [cell for cell in recount(loop).cells if cell[0] in ("day", "source")]
    assert wrong == []
