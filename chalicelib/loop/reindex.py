"""Contacts that were stored before orders were looked up by: listed under their order now.

A contact is put into an index when it changes into it, so one that never changes again would never be found.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from chalicelib.loop.context import ATTEMPTS, Loop
from chalicelib.model.contact import Contact
from chalicelib.model.errors import Conflict
from chalicelib.ports import Change

AT_ONCE = 500


def index_orders(loop: Loop) -> int:
    """List every contact under its order that is not; returns how many. Safe to repeat, and beside others."""
    named = (contact for contact in loop.store.scan(Contact) if contact.order)
    done = 0
    while page := list(islice(named, AT_ONCE)):
        listed = {key for order in {c.order for c in page} for key in _listed(loop, order)}
        done += sum(_list(loop, contact.id) for contact in page if contact.id not in listed)
    return done


def _listed(loop: Loop, order: str) -> Iterator[str]:
    after = ""
    while True:
        page = loop.store.find(Contact, "contact.order", order, limit=AT_ONCE, after=after)
        yield from page.keys
        if not (after := page.next):
            return


def _list(loop: Loop, key: str) -> bool:
    """Save it as one that has just got its order; whatever else it is listed under stays as it is."""
    for _ in range(ATTEMPTS):
        contact = loop.store.get(Contact, [key]).get(key)
        if contact is None or not contact.order:
            return False
        before = contact.model_copy(update={"order": ""})
        after = contact.model_copy(update={"version": contact.version + 1})
        try:
            loop.store.save([Change(before, after)], {})
        except Conflict as conflict:
            if conflict.code != "store.conflict":
                raise
        else:
            return True
    return False
