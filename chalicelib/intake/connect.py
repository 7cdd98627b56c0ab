"""Contact records of Amazon Connect to rows of contacts.

The record's fields are those of its data model, version 2017-03-10: one record a leg of a contact, written when the
leg has ended. It holds no words of the customer unless the contact flow puts them into its attributes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chalicelib.model.errors import Invalid

CHANNELS = {"VOICE": "phone", "CHAT": "chat", "EMAIL": "email", "TASK": "web"}
OURS = frozenset({"OUTBOUND", "EXTERNAL_OUTBOUND", "CALLBACK"})
"""Begun by us: counted apart, as our own calls to customers are."""
LATER_LEG = frozenset({"TRANSFER", "QUEUE_TRANSFER"})
NOTES = ("text", "notes", "note", "summary", "小结", "备注", "内容")
"""Attributes that hold what was said, the first one that is there."""
_NO_NOTES = {
    "phone": "（电话，没有小结 a call without notes）",
    "chat": "（聊天，没有小结 a chat without notes）",
}


def is_record(row: Mapping[str, object]) -> bool:
    """Whether a JSON object is such a record."""
    return "ContactId" in row and "InitiationMethod" in row and "Channel" in row


def contact_of(record: Mapping[str, Any]) -> dict[str, object]:
    """The fields of the contact. Raises Invalid for a later leg of one that is counted by its first."""
    begun = str(record["InitiationMethod"])
    if begun in LATER_LEG and record.get("PreviousContactId"):
        raise Invalid(
            "connect.leg",
            "转接的后一段，已按第一段计一次",
            "a later leg of a transferred contact, which is counted by its first",
            "InitiationMethod",
        )
    channel = CHANNELS.get(str(record["Channel"]), str(record["Channel"]))
    ours = begun in OURS
    agent = _part(record, "Agent")
    return {
        "channel": "callback" if ours else channel,
        "external_id": record["ContactId"],
        "customer": _part(record, "CustomerEndpoint").get("Address") or "",
        "time": record.get("InitiationTimestamp"),
        "text": _words(record, channel),
        "seconds": sum(_seconds(agent, name) for name in _HANDLING),
        "agent": agent.get("Username") or "",
    }


FIELDS = ("channel", "external_id", "customer", "time", "text", "seconds", "agent")
_HANDLING = ("AgentInteractionDuration", "CustomerHoldDuration", "AfterContactWorkDuration")


def _words(record: Mapping[str, Any], channel: str) -> str:
    attributes = _part(record, "Attributes")
    for name in NOTES:
        if isinstance(said := attributes.get(name), str) and said.strip():
            return said
    queue = _part(record, "Queue").get("Name")
    return _NO_NOTES.get(channel, "（没有小结 without notes）") + (f" {queue}" if queue else "")


def _part(record: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = record.get(name)
    return part if isinstance(part, Mapping) else {}


def _seconds(agent: Mapping[str, Any], name: str) -> int:
    value = agent.get(name)
    return value if isinstance(value, int) and value > 0 else 0
