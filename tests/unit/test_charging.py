"""What a contact books: the sum is its cost and closed months stay, whatever happened in between."""

from __future__ import annotations

import random
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.loop.measure.charging import bearers, book, wanted
from chalicelib.loop.measure.ledger.disputes import ruled
from chalicelib.loop.measure.tally import charged
from chalicelib.model.contact import Contact
from chalicelib.model.errors import Invalid
from chalicelib.model.ledger import SUSPENSE, UNALLOCATED, Charge, Dispute, DisputeState, yuan
from chalicelib.model.months import month_of, month_shift, month_start, parse_month

NOW = datetime(2026, 9, 10, tzinfo=UTC)
A, B = ("north", "late"), ("south", "bill")


def told(charges: tuple[Charge, ...]) -> list[tuple[str, str, str, int, str, str]]:
    return [(c.month, c.account, c.cause, c.fen, c.why, c.of) for c in charges]


def a_contact(**fields: object) -> Contact:
    base = {"id": "c", "channel": "phone", "fingerprint": "f", "text": "t", "time": NOW, "received": NOW}
    return Contact.model_validate({**base, "taken_by": "agent", **fields})


# --- one contact ---


def test_the_cost_is_shared_among_causes_to_the_fen():
    one = a_contact(causes=("late", "bill", "lost"), owners=("north", "south", "north"))
    assert wanted(100, bearers(one)) == {("south", "bill"): 34, ("north", "late"): 33, ("north", "lost"): 33}


def test_without_a_cause_nobody_is_charged_but_the_account_for_that():
    assert wanted(7, bearers(a_contact())) == {(UNALLOCATED, "-"): 7}


def test_in_an_open_month_a_correction_just_moves():
    once = book((), {A: 100}, "2026-09", "")
    assert told(book(once, {B: 90}, "2026-09", "2026-09")) == [("2026-09", *B, 90, "charge", "")]


def test_after_closing_a_correction_is_booked_in_the_open_month_with_what_it_reverses():
    once = book((), {A: 100}, "2026-09", "")
    assert told(book(once, {B: 90}, "2026-09", "2026-10")) == [
        ("2026-09", *A, 100, "charge", ""),
        ("2026-10", *A, -100, "reversal", "2026-09"),
        ("2026-10", *B, 90, "reversal", "2026-09"),
    ]


def test_a_correction_taken_back_before_the_next_closing_leaves_nothing():
    once = book((), {A: 100}, "2026-09", "")
    assert book(book(once, {B: 90}, "2026-09", "2026-10"), {A: 100}, "2026-09", "2026-10") == once


def test_a_late_contact_says_which_month_it_is_from():
    late = book((), {A: 100}, "2026-08", "2026-10")
    assert told(late) == [("2026-10", *A, 100, "late", "2026-08")]
    assert told(book(late, {B: 100}, "2026-08", "2026-11"))[1:] == [
        ("2026-11", *A, -100, "reversal", "2026-10"),
        ("2026-11", *B, 100, "reversal", "2026-10"),
    ]


def test_a_reversal_names_the_newest_closed_month_of_that_line():
    charges = book((), {A: 100}, "2026-07", "")
    charges = book(charges, {B: 100}, "2026-07", "2026-08")
    charges = book(charges, {A: 60, B: 40}, "2026-07", "2026-09")
    assert told(charges)[3:] == [
        ("2026-09", *A, 60, "reversal", "2026-08"),
        ("2026-09", *B, -60, "reversal", "2026-08"),
    ]


AMOUNTS = st.dictionaries(st.tuples(st.sampled_from("abc"), st.sampled_from("xyz")), st.integers(0, 999))
STEPS = st.lists(st.tuples(AMOUNTS, st.integers(0, 2)), max_size=12)


@given(st.integers(0, 4), STEPS)
def test_any_history_sums_to_what_is_wanted_and_leaves_closed_months_alone(dated, steps):
    first_open, charges = "2026-01", ()
    for amounts, closed in steps:
        before = [c for c in charges if c.month < first_open]
        charges = book(charges, amounts, month_shift("2026-01", dated), first_open)
        sums: Counter[tuple[str, str]] = Counter()
        for c in charges:
            sums[c.account, c.cause] += c.fen
        assert {k: n for k, n in sums.items() if n} == {k: n for k, n in amounts.items() if n}
        assert [c for c in charges if c.month < first_open] == before
        assert book(charges, amounts, month_shift("2026-01", dated), first_open) == charges
        first_open = month_shift(first_open, closed)


# --- 20,000 bookings ---

CAUSES = {"late": "north", "lost": "north", "bill": "south", "rude": "service", "wait": "service"}
DEPARTMENTS = ("north", "south", "service")


class Office:
    """A ledger over the pure functions alone, its stored numbers kept as the unit of work keeps them."""

    def __init__(self, seed: int) -> None:
        self.random, self.owners, self.first_open = random.Random(seed), dict(CAUSES), "2025-01"
        self.made = 0
        """Bookings; in an open month the next correction replaces them."""
        self.contacts: list[Contact] = []
        self.stated: dict[str, Counter[tuple[str, str]]] = {}
        self.disputes: list[tuple[int, Dispute]] = []

    def save(self, index: int, after: Contact) -> None:
        amounts = wanted(after.cost, bearers(after))
        charges = book(after.charges, amounts, month_of(after.time), self.first_open)
        self.made += sum(charge not in after.charges for charge in charges)
        after = after.model_copy(update={"charges": charges})
        assert not after.uncharged
        self.contacts[index : index + 1] = [after]

    def take(self) -> None:
        """A contact of this month or of one that may be closed."""
        back = self.random.choice((0, 0, 0, 1, 5))
        time = month_start(month_shift(self.first_open, -back)) + timedelta(days=self.random.randrange(27))
        self.save(len(self.contacts), self._about(a_contact(time=time)))

    def correct(self) -> None:
        """Other causes, another cost; owners as the taxonomy has them by now."""
        index = self.random.randrange(len(self.contacts))
        self.save(index, self._about(self.contacts[index]))

    def _about(self, contact: Contact) -> Contact:
        causes = tuple(self.random.sample(sorted(self.owners), self.random.choice((0, 1, 3, 4, 5, 5))))
        owners = tuple(self.owners[cause] for cause in causes)
        cost = self.random.choice((0, 1, 2, 599, 700, 701, 12_345, 99_999))
        return contact.model_copy(update={"causes": causes, "owners": owners, "cost": cost})

    def split_or_merge(self) -> None:
        """Causes change hands and come anew."""
        self.owners[self.random.choice(sorted(self.owners))] = self.random.choice(DEPARTMENTS)
        if len(self.owners) < 12:
            self.owners[f"new{len(self.owners)}"] = self.random.choice(DEPARTMENTS)

    def dispute(self) -> None:
        """One share into suspense."""
        index = self.random.randrange(len(self.contacts))
        contact = self.contacts[index]
        if contact.causes:
            one = Dispute(
                id=f"Q{len(self.disputes)}", department=contact.owners[0], cause=contact.causes[0],
                contact=contact.id, reason="r", by="lead", opened=NOW, fen=1, due=NOW, limit="10d",
            )  # fmt: skip
            self.disputes.append((index, one))
            self.save(index, ruled(contact, one))

    def decide(self) -> None:
        """One dispute is decided, one way or the other."""
        if self.disputes:
            index, one = self.disputes.pop(self.random.randrange(len(self.disputes)))
            state = self.random.choice((DisputeState.UPHELD, DisputeState.REFUSED))
            decided = one.model_copy(update={"state": state, "to": self.random.choice(DEPARTMENTS)})
            self.save(index, ruled(self.contacts[index], decided))

    def close(self) -> None:
        """The month closes; its numbers are noted."""
        self.stated[self.first_open] = self.lines(self.first_open)
        self.first_open = month_shift(self.first_open, 1)

    def lines(self, month: str = "") -> Counter[tuple[str, str]]:
        """(account, cause) -> fen, of one month or of all."""
        out: Counter[tuple[str, str]] = Counter()
        for contact in self.contacts:
            for c in contact.charges:
                if month in ("", c.month):
                    out[c.account, c.cause] += c.fen
        return Counter({place: fen for place, fen in out.items() if fen})


def test_charged_is_cost_over_twenty_thousand_bookings():
    office = Office(4)
    work = [office.take] * 30 + [office.correct] * 40 + [office.dispute] * 8 + [office.decide] * 6
    for _ in range(12):
        for _ in range(700):
            office.random.choice(work)() if office.contacts else office.take()
        office.split_or_merge()
        assert office.lines().total() == sum(c.cost for c in office.contacts)
        office.close()
    whys = Counter(c.why for contact in office.contacts for c in contact.charges)
    accounts: Counter[str] = Counter()
    for (account, _), fen in office.lines().items():
        accounts[account.partition(":")[0]] += fen
    assert office.made >= 20_000
    assert min(whys["late"], whys["reversal"], accounts[UNALLOCATED], accounts[SUSPENSE[:-1]]) > 200
    assert all(office.lines(month) == lines for month, lines in office.stated.items())
    cells: Counter[tuple[str, str, str]] = Counter()
    for contact in office.contacts:
        cells.update(charged(contact))
    for month, lines in office.stated.items():
        told = {(a, c): cells["charge", f"{month}/{a}", f"fen.{c}"] for a, c in lines}
        assert told == lines
        assert cells["charge.month", month, "fen"] == lines.total()
    cost = sum(n for (family, _, field), n in cells.items() if (family, field) == ("charge.month", "cost"))
    assert cost == office.lines().total()


# --- months and yuan ---


@pytest.mark.parametrize(
    ("moment", "month"),
    [
        (datetime(2026, 9, 30, 15, 59, 59, tzinfo=UTC), "2026-09"),
        (datetime(2026, 9, 30, 16, tzinfo=UTC), "2026-10"),
        (datetime(2026, 12, 31, 16, tzinfo=UTC), "2027-01"),
    ],
)
def test_months_are_those_of_shanghai(moment, month):
    assert month_of(moment) == month
    assert month_start(month) <= moment < month_start(month_shift(month, 1))


@pytest.mark.parametrize("text", ["2026-09", "2026-9", "2026/9", " 2026年9月 "])
def test_a_month_as_people_write_it(text):
    assert parse_month(text) == "2026-09"


@pytest.mark.parametrize("text", ["2026-13", "2026-00", "1999-12", "2026-W09", "09-2026", "", "２０２６-09"])
def test_what_is_no_month_is_refused(text):
    with pytest.raises(Invalid, match="2026-09"):
        parse_month(text)


@pytest.mark.parametrize(
    ("fen", "text"),
    [(0, "0.00"), (5, "0.05"), (-5, "-0.05"), (-12_345, "-123.45"), (123_456_789, "1,234,567.89")],
)
def test_yuan_from_integer_fen(fen, text):
    assert yuan(fen) == text
