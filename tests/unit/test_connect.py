"""Contact records of a telephone system in the cloud to rows of contacts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from chalicelib.intake.load import Request, load
from chalicelib.loop.context import Loop
from chalicelib.loop.worker import drain
from chalicelib.model.contact import Contact
from chalicelib.model.people import SYSTEM

CALL: dict[str, Any] = {
    "AWSContactTraceRecordFormatVersion": "2017-03-10",
    "ContactId": "c-1",
    "Channel": "VOICE",
    "InitiationMethod": "INBOUND",
    "InitiationTimestamp": "2026-11-17T01:30:00Z",
    "CustomerEndpoint": {"Type": "TELEPHONE_NUMBER", "Address": "+8613800138000"},
    "Agent": {
        "Username": "wang",
        "AgentInteractionDuration": 200,
        "CustomerHoldDuration": 30,
        "AfterContactWorkDuration": 70,
    },
    "Queue": {"Name": "退款"},
    "Attributes": {"notes": "退款十天了还没到账"},
}


def loaded(loop: Loop, folder: Path, *records: object) -> Any:
    path = folder / "records.jsonl"
    path.write_text("\n".join(json.dumps(record, ensure_ascii=False) for record in records))
    return load(loop, SYSTEM, Request(path))


def test_a_call_with_notes(loop: Loop, tmp_path: Path) -> None:
    loaded(loop, tmp_path, CALL)
    drain(loop)
    (contact,) = loop.store.scan(Contact)
    assert (contact.channel, contact.seconds, contact.agent) == ("phone", 300, "wang")
    assert contact.causes == ("billing.refund_slow",)
    assert contact.customer


def test_a_call_without_notes_is_heard_and_guessed_at_by_nobody(loop: Loop, tmp_path: Path) -> None:
    loaded(loop, tmp_path, {**CALL, "Attributes": {}})
    drain(loop)
    (contact,) = loop.store.scan(Contact)
    assert "没有小结" in contact.text
    assert contact.causes == ()


def test_a_transferred_contact_is_counted_once_and_our_own_calls_apart(loop: Loop, tmp_path: Path) -> None:
    later = {**CALL, "ContactId": "c-2", "InitiationMethod": "TRANSFER", "PreviousContactId": "c-1"}
    ours = {**CALL, "ContactId": "c-3", "InitiationMethod": "OUTBOUND"}
    report = loaded(loop, tmp_path, CALL, later, ours)
    assert (report.taken, report.refused, dict(report.reasons)) == (2, 1, {"connect.leg": 1})
    assert sorted(c.channel for c in loop.store.scan(Contact)) == ["callback", "phone"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"Agent": None},
        {"Agent": "x"},
        {"Queue": []},
        {"Attributes": None},
        {"CustomerEndpoint": None},
        {"Agent": {"AgentInteractionDuration": "1"}},
    ],
)
def test_parts_that_are_missing_are_left_out(loop: Loop, tmp_path: Path, wrong: dict[str, Any]) -> None:
    assert loaded(loop, tmp_path, {**CALL, **wrong}).taken == 1


@pytest.mark.parametrize("wrong", [[], {}, [[1]], None, 5])
def test_one_record_of_wrong_types_takes_no_other_with_it(loop: Loop, tmp_path: Path, wrong: Any) -> None:
    broken = {**CALL, "ContactId": "c-9", "InitiationMethod": wrong, "Channel": wrong}
    assert loaded(loop, tmp_path, CALL, broken).taken == 1


def test_an_unknown_channel_is_refused_by_name(loop: Loop, tmp_path: Path) -> None:
    report = loaded(loop, tmp_path, CALL, {**CALL, "ContactId": "c-9", "Channel": "FAX"})
    assert (report.taken, dict(report.reasons)) == (1, {"contact.channel": 1})
