"""What the tests of the loop's inside share: an analyser that knows nothing, and short ways to do things."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from chalicelib.loop.context import Loop
from chalicelib.loop.listen.take import take
from chalicelib.loop.worker import drain
from chalicelib.model.analysis import Analysis
from chalicelib.model.case import Case
from chalicelib.model.contact import Contact
from chalicelib.model.people import Caller, Role
from chalicelib.model.taxonomy import Cause, Department, Taxonomy
from chalicelib.ports import Cells

AGENT = Caller("agent", Role.AGENT)
ADMIN = Caller("boss", Role.ADMIN)
LATE, LOST, BILL = "delivery.late", "delivery.lost", "billing.unclear"


class Mute:
    """An analyser that never finds a cause: agents choose them."""

    version = "mute"

    def __call__(self, texts: Sequence[str]) -> list[Analysis]:
        """Nothing, for every text."""
        return [Analysis(version=self.version) for _ in texts]


def contact(loop: Loop, time: datetime, *causes: str, **more: Any) -> str:
    """Take one contact at that time with the causes an agent chose; not yet worked on."""
    row = {"text": f"第 {time.isoformat()} 条", "channel": "phone", "customer": "u1", "time": time}
    (outcome,) = take(loop, AGENT, [{**row, "causes": causes, **more}])
    if outcome.error:
        raise outcome.error
    return outcome.id


def done(loop: Loop, time: datetime, *causes: str, **more: Any) -> Contact:
    """Take one contact and do all its steps."""
    key = contact(loop, time, *causes, **more)
    drain(loop)
    return stored(loop, key)


def stored(loop: Loop, key: str) -> Contact:
    """A contact as it stands."""
    return loop.store.get(Contact, [key])[key]


def case_of(loop: Loop, of: Contact | str) -> Case:
    """The case of a contact as it stands."""
    key = stored(loop, of if isinstance(of, str) else of.id).case
    return loop.store.get(Case, [key])[key]


def marks(loop: Loop, *keys: str) -> list[tuple[bool, bool]]:
    """(repeats, repeated) of each."""
    return [(c.repeats, c.repeated) for c in (stored(loop, key) for key in keys)]


def numbers(loop: Loop) -> Cells:
    """All stored numbers."""
    return {cell: n for family in loop.store.families() for cell, n in loop.store.cells(family).items()}


def use_taxonomy(loop: Loop, windows: dict[str, int], **departments: str) -> Taxonomy:
    """Put a small taxonomy in force: cause -> repeat window in days; owners as cause-with-_-for-dot=department."""
    owner = {cause: departments.get(cause.replace(".", "_"), "service") for cause in windows}
    names = sorted({"service", *owner.values()})
    taxonomy = Taxonomy(
        number=2,
        departments=tuple(Department(code=name, name_zh=name) for name in names),
        causes=tuple(
            Cause(code=cause, label_zh=cause, department=owner[cause], window_days=days)
            for cause, days in windows.items()
        ),
    )
    return loop.change(lambda unit: unit.put(taxonomy))


def days(n: float) -> timedelta:
    """Short for timedelta(days=n)."""
    return timedelta(days=n)
