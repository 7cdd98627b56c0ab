"""Contacts stored before orders were looked up by are listed under them by a rebuild; on both stores."""

from __future__ import annotations

import pytest

from chalicelib.adapters.vault import KeyVault
from chalicelib.loop.context import Loop
from chalicelib.loop.rebuild import recount
from chalicelib.loop.reindex import index_orders
from chalicelib.model.contact import Contact
from chalicelib.ports import Change
from tests.conftest import Clock
from tests.loop.making import LATE, Mute, done, stored


@pytest.fixture
def loop(store) -> Loop:
    return Loop(store, KeyVault(b"k" * 32), lambda taxonomy: Mute(), Clock())


def unlisted(loop: Loop, contact: Contact) -> None:
    """As an older version of the product left it: with an order, listed under none."""
    gone = contact.model_copy(update={"order": "", "version": contact.version + 1})
    loop.store.save([Change(contact, gone)], {})
    loop.store.save(
        [
            Change(
                contact.model_copy(update={"version": gone.version}),
                contact.model_copy(update={"version": gone.version + 1}),
            )
        ],
        {},
    )


def test_older_contacts_are_found_by_their_order(loop):
    told = [
        done(loop, loop.clock(), LATE, order="QH261101000001", external_id=f"X-{n}", customer=f"u{n}")
        for n in range(3)
    ]
    order = told[0].order
    for contact in told[:2]:
        unlisted(loop, contact)
    assert loop.store.find(Contact, "contact.order", order).keys == [told[2].id]
    assert index_orders(loop) == 2
    assert sorted(loop.store.find(Contact, "contact.order", order).keys) == sorted(c.id for c in told)
    assert index_orders(loop) == 0, "safe to repeat"
    for contact in told:
        now = stored(loop, contact.id)
        assert now.model_copy(update={"version": 0}) == contact.model_copy(update={"version": 0})
    assert recount(loop).differences == 0
