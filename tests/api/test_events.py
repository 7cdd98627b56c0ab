"""The handlers of queue, stream and schedule take raw Lambda events and run the same loop."""

from __future__ import annotations

import json

import app
from chalicelib import events
from chalicelib.adapters.items import coming, entity_writes
from chalicelib.adapters.keys import entity_key, todo
from chalicelib.events import owed, queue_messages, scheduled, stream_records, watched
from chalicelib.loop.admin import send_again
from chalicelib.loop.gauges import gauges
from chalicelib.loop.listen.source_counts import NewSourceCount, save
from chalicelib.loop.listen.take import take
from chalicelib.loop.rebuild import recount
from chalicelib.model.case import Case
from chalicelib.model.contact import Contact
from chalicelib.model.people import SYSTEM

LATE = {"text": "快递三天了还没送到，太慢了", "channel": "phone", "customer": "13800138000"}


def record(kind, key, pending, number, tries=0):
    image = {**entity_key(kind, key), "pending": {"S": pending}, "tries": {"N": str(tries)}}
    if pending:
        image["wpk"] = {"S": todo(key)}
    return {"eventID": f"e{number}", "dynamodb": {"NewImage": image, "SequenceNumber": str(number)}}


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
    images = [write["Put"]["Item"] for write in entity_writes(None, contact)] + list(coming(None, contact))
    assert len(images) > 1, "the entity and its index entries"
    event = {"Records": [{"dynamodb": {"NewImage": i}} for i in images]}
    assert stream_records(loop, event) == {"batchItemFailures": []}
    assert loop.store.get(Contact, [taken.id])[taken.id].pending == ""


class Broken(Exception):
    pass


def sick(loop, store=None):
    """The same loop with a tagger that fails at one text."""

    def analyser(taxonomy):
        def read(texts):
            if any("另一条" in t for t in texts):
                raise Broken
            return loop.analyser(taxonomy)(texts)

        return read

    return type(loop)(store or loop.store, loop.vault, analyser, loop.clock)


def two(loop):
    good, bad = take(loop, SYSTEM, [LATE, {**LATE, "text": "另一条没有送到"}])
    return (
        good.id,
        bad.id,
        {"Records": [record("contact", t.id, "tag", n) for n, t in enumerate([good, bad])]},
    )


def test_what_fails_is_put_off_and_the_stream_goes_on(loop, clock):
    good, bad, event = two(loop)
    assert stream_records(sick(loop), event) == {"batchItemFailures": []}
    assert loop.store.get(Contact, [good])[good].pending == ""
    assert owed(loop, lambda: 60) == 0, "not before its time"
    clock.forward(seconds=10)
    assert owed(loop, lambda: 10) == 0, "no time left to do it"
    assert owed(loop, lambda: 60) == 1
    assert loop.store.get(Contact, [bad])[bad].pending == ""


def test_what_fails_again_and_again_is_a_dead_letter_until_it_is_sent_again(loop, clock):
    _, bad, event = two(loop)
    stream_records(sick(loop), event)
    for _ in range(8):
        clock.forward(hours=2)
        owed(sick(loop), lambda: 60)
    (dead,) = loop.store.dead()
    assert (dead.key, dead.attempts) == (bad, 8)
    assert "另一条" not in dead.error
    send_again(loop, dead.kind, dead.key)
    assert owed(loop, lambda: 60) == 1
    assert loop.store.dead() == []


def test_the_gauges_are_a_line_that_cloudwatch_reads(loop, clock, capsys):
    _, _, event = two(loop)
    stream_records(sick(loop), event)
    watched(loop, "prod")
    said = json.loads(capsys.readouterr().out)
    assert {n: said[n] for n in ("StepsOwed", "DeadLetters", "ChannelDaysMissing")} == {
        "StepsOwed": [1.0],
        "DeadLetters": [0.0],
        "ChannelDaysMissing": [0.0],
    }
    (described,) = said["_aws"]["CloudWatchMetrics"]
    assert described["Namespace"] == "huisheng"
    assert (described["Dimensions"], said["service"]) == ([["service"]], "prod")


def test_the_gauges_know_what_was_given_up_and_what_never_came(loop, clock):
    _, _, event = two(loop)
    stream_records(sick(loop), event)
    for _ in range(8):
        clock.forward(hours=2)
        owed(sick(loop), lambda: 60)
    save(loop, SYSTEM, NewSourceCount(channel="phone", day="2026-11-17", count=40))
    assert gauges(loop) == {"StepsOwed": 0, "DeadLetters": 1, "ChannelDaysMissing": 1}


def test_only_what_could_not_be_put_off_comes_again(loop):
    _, _, event = two(loop)

    class Full:
        def __getattr__(self, name):
            return getattr(loop.store, name)

        def postpone(self, *what):
            raise OSError

    failures = stream_records(sick(loop, Full()), event)
    assert failures == {"batchItemFailures": [{"itemIdentifier": "1"}]}


def test_the_stream_leaves_alone_what_was_put_off_claimed_or_given_up(loop):
    (taken,) = take(loop, SYSTEM, [LATE])
    tried, claimed, dead = (record("contact", taken.id, "tag", n, tries=int(n == 1)) for n in (1, 2, 3))
    claimed["dynamodb"]["NewImage"]["ready"] = {"N": "1764000000.5"}
    del dead["dynamodb"]["NewImage"]["wpk"]
    assert stream_records(loop, {"Records": [tried, claimed, dead]}) == {"batchItemFailures": []}
    assert loop.store.get(Contact, [taken.id])[taken.id].pending == "tag"


def test_each_handler_is_found_by_the_name_that_lambda_is_given():
    for handler in app.app.pure_lambda_functions:
        module, name = handler.handler_string.rsplit(".", 1)
        assert module == events.__name__
        assert callable(getattr(events, name)), name
    assert len({h.handler_string for h in app.app.pure_lambda_functions}) == 6


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
