"""A customer is first seen when the first contact was, in whatever order contacts come in."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chalicelib.loop.customers import NewCustomer, save_customer
from chalicelib.model.customer import Customer
from tests.loop.making import ADMIN, contact


@pytest.mark.parametrize("store", ["sqlite", "dynamo"], indirect=True)
@pytest.mark.parametrize("days", [(9, 3), (3, 9), (3, 9, 5)])
def test_imported_contacts_say_when_the_customer_was_first_seen(store, loop, clock, days):
    for ago in days:
        contact(loop, clock.now - timedelta(days=ago))
    (customer,) = loop.store.scan(Customer)
    assert customer.first_seen == clock.now - timedelta(days=9)


def test_a_record_made_before_its_contacts_too(loop, clock):
    save_customer(loop, ADMIN, NewCustomer(customer="u1"))
    contact(loop, clock.now - timedelta(days=2))
    (customer,) = loop.store.scan(Customer)
    assert customer.first_seen == clock.now - timedelta(days=2)
    contact(loop, clock.now + timedelta(minutes=1), customer="u2")
    assert max(c.first_seen for c in loop.store.scan(Customer)) == clock.now, "another clock is ahead"
