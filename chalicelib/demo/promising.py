"""What the demo company's agents promise customers, and what becomes of it.

It draws from chance of its own: with or without promises the rest of the story is the same.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from random import Random

from chalicelib.demo import words
from chalicelib.demo.office import AGENTS, Act, Office, caller, later
from chalicelib.loop.context import Loop
from chalicelib.loop.listen.arriving import NewPromise
from chalicelib.loop.listen.promises import Outcome, promise, settle
from chalicelib.model.contact import Contact

GIVEN = 0.04
"""Share of the contacts an agent took with a promise on them."""
ENDS: dict[tuple[Outcome, float, float], float] = {
    ("kept", 0.3, 0.95): 0.84,
    ("kept", 1.1, 2.0): 0.09,
    ("broken", 1.2, 3.0): 0.04,
    ("broken", 4.0, 6.0): 0.03,
}
"""How promises end and when, least and most, in parts of the time that was promised -> the share that does."""


@dataclass
class Promising:
    """Who promises what; the ends are put on the office's agenda."""

    rng: Random
    office: Office

    def give(self, loop: Loop, keys: Iterable[str]) -> None:
        """Promise something on some of the contacts that have just come in."""
        for contact in loop.unit().many(Contact, keys).values():
            if contact.agent in AGENTS and contact.customer and self.rng.random() < GIVEN:
                self._promise(loop, contact)

    def _promise(self, loop: Loop, contact: Contact) -> None:
        what, minutes = self.rng.choice(words.PROMISES)
        new = NewPromise(what=what, due=later(loop.clock(), minutes, self.office.hours))
        made = promise(loop, caller(contact.agent), contact.id, new)
        outcome, least, most = self.rng.choices(list(ENDS), list(ENDS.values()))[0]
        moment = later(loop.clock(), minutes * self.rng.uniform(least, most), self.office.hours)
        self.office.at(moment, _settler(contact.agent, made.id, outcome))


def _settler(agent: str, promise_id: str, outcome: Outcome) -> Act:
    note = "" if outcome == "kept" else "一直没有联系上"

    def act(loop: Loop) -> None:
        settle(loop, caller(agent), promise_id, outcome, note, None)

    return act
