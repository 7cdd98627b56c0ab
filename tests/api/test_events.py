"""The handlers of queue, stream and schedule take raw Lambda events and run the same loop."""

from __future__ import annotations

import json

from chalicelib.adapters.items import entity_writes
from chalicelib.adapters.keys import entity_key
from chalicelib.events import queue_messages, scheduled, stream_records
from chalicelib.loop.listen.take import take
from chalicelib.loop.rebuild import recount
from chalicelib.model.case import Case
from chalicelib.model.contact import Contact
from chalicelib.model.people import SYSTEM

LATE = {"text": "快递三天了还没送到，太慢了", "channel": "phone", "customer": "13800138000"}


def record(kind, key, pending, number):
    image = {**entity_key(kind, key), "pending": {"S": pending}}
    return {"eventID": str(number), "dynamodb": {"NewImage": image}}


def test_a_stored_contact_is_taken_through_its_steps_whatever_else_the_stream_brings(loop):
    (taken,) = take(loop, SYSTEM, [LATE])
    event = {
        "Records": [
            record("contact", taken.id, "tag", 1),
            record("contact", taken.id, "tag", 2),  # delivered twice
            record("contact", "gone", "tag", 3),
            record("case", "K-1", "", 4),
            {"eventID": "5", "eventName": "REMOVE", "dynamodb": {}},
        ]
    }
    assert stream_records(loop, event) == {"batchItemFailures": []}
    assert stream_records(loop, event) == {"batchItemFailures": []}, "the same event again"
    (contact,) = loop.store.scan(Contact)
    assert (contact.pending, contact.causes[0]) == ("", "delivery.late")
    assert [case.contacts for case in loop.store.scan(Case)] == [1]
    assert recount(loop).differences == 0


def test_the_image_the_store_writes_is_the_one_the_handler_reads(loop):
    (taken,) = take(loop, SYSTEM, [LATE])
    (contact,) = loop.store.scan(Contact)
    images = [write["Put"]["Item"] for write in entity_writes(None, contact)]
    assert len(images) > 1, "the entity and its index entries"
    event = {"Records": [{"eventID": str(n), "dynamodb": {"NewImage": i}} for n, i in enumerate(images)]}
    assert stream_records(loop, event) == {"batchItemFailures": []}
    assert loop.store.get(Contact, [taken.id])[taken.id].pending == ""


def test_only_the_records_that_failed_come_again(loop):
    good, bad = take(loop, SYSTEM, [LATE, {**LATE, "text": "另一条没有送到"}])

    class Broken(Exception):
        pass

    def analyser(taxonomy):
        def read(texts):
            if any("另一条" in t for t in texts):
                raise Broken
            return loop.analyser(taxonomy)(texts)

        return read

    sick = type(loop)(loop.store, loop.vault, analyser, loop.clock)
    event = {"Records": [record("contact", good.id, "tag", 1), record("contact", bad.id, "tag", 2)]}
    assert stream_records(sick, event) == {"batchItemFailures": [{"itemIdentifier": "2"}]}
    assert loop.store.get(Contact, [good.id])[good.id].pending == ""


def test_a_queue_message_is_a_contact_and_a_bad_one_stays_in_the_queue(loop):
    bodies = [json.dumps(LATE), "{", "[]", json.dumps({**LATE, "text": ""}), json.dumps(LATE)]
    event = {"Records": [{"messageId": f"m{n}", "body": body} for n, body in enumerate(bodies)]}
    assert queue_messages(loop, event) == {
        "batchItemFailures": [{"itemIdentifier": f"m{n}"} for n in (1, 2, 3)]
    }
    assert len(list(loop.store.scan(Contact))) == 1


def test_the_schedule_looks_at_what_is_due(loop, clock):
    take(loop, SYSTEM, [LATE])
    (contact,) = loop.store.scan(Contact)
    stream_records(loop, {"Records": [record("contact", contact.id, "tag", 1)]})
    assert scheduled(loop) == 0
    clock.forward(days=30)
    assert scheduled(loop) > 0
    assert scheduled(loop) == 0
