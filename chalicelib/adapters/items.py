"""What DynamoDB is sent: entities, index entries and numbers as items and as the writes of a transaction."""

from __future__ import annotations

import json
import re
import zlib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from chalicelib.adapters import keys as at
from chalicelib.adapters.keys import Item
from chalicelib.model.entity import Entity, Entry
from chalicelib.model.errors import Conflict
from chalicelib.ports import Change
from chalicelib.privacy.text import fold

Write = dict[str, dict[str, Any]]
"""One part of a transaction: {"Put": {"Item": ...}}, {"Delete": ...} or {"Update": ...}."""
Cell = tuple[str, str, str]
Rows = dict[tuple[str, str], dict[str, int]]
"""(family, sort) -> field -> how much is added."""
PACKED = 640
"""Bodies of more bytes are stored compressed: a write unit is 1 KB, keys and the like included."""


def coming(before: Entity | None, after: Entity | None) -> Iterator[Item]:
    """The index entries that one change adds."""
    old = _texts(before)
    for entry, text in _texts(after).items():
        if after and entry not in old:
            yield _entry(entry, after, text)


def entity_writes(before: Entity | None, after: Entity | None) -> Iterator[Write]:
    """The other writes of one change: the entity if its version still stands, the index entries that go, and
    those whose text is another."""
    entity = after or before
    assert entity is not None, "a change without an entity"
    condition = "#ver = :before" if before else "attribute_not_exists(#pk)"
    given: Item = {":before": {"N": str(before.version)}} if before else {}
    guard = {"ConditionExpression": condition, **fill(condition, given)}
    if Change(before, after).guards:
        yield {"ConditionCheck": {"Key": at.entity_key(entity.kind, entity.key), **guard}}
        return
    if after is None:
        yield {"Delete": {"Key": at.entity_key(entity.kind, entity.key), **guard}}
    else:
        yield {"Put": {"Item": _item(after), **guard}}
    new = _texts(after)
    for entry, text in _texts(before).items():
        if entry not in new:
            yield {"Delete": {"Key": at.entry_key(entry, entity.kind, entity.key)}}
        elif new[entry] != text:
            yield {"Put": {"Item": _entry(entry, entity, new[entry])}}


def _entry(entry: Entry, entity: Entity, text: str | None) -> Item:
    item = at.entry_key(entry, entity.kind, entity.key)
    return item if text is None else item | {"text": {"S": fold(text)}}


def _texts(entity: Entity | None) -> dict[Entry, str | None]:
    """The entity's index entries, each with the text that is searched there."""
    if entity is None:
        return {}
    texts: dict[Entry, str | None] = dict.fromkeys(entity.entries())
    if searched := entity.searched():
        texts[searched.entry] = searched.text
    return texts


def _item(entity: Entity) -> Item:
    item = at.entity_key(entity.kind, entity.key)
    item |= {"ver": {"N": str(entity.version)}, "pending": {"S": entity.pending}}
    item |= {"ready": {"N": "0"}, "tries": {"N": "0"}, "error": {"S": ""}}
    if entity.pending:
        item["wpk"] = {"S": at.todo(entity.key)}
    if entity.wake:
        item |= {"kpk": {"S": at.waker(entity.key)}, "wake": number(entity.wake.timestamp())}
    text = entity.model_dump_json()
    if len(text.encode()) > PACKED:
        return item | {"zbody": {"B": zlib.compress(text.encode(), 6)}}
    return item | {"body": {"S": text}}


def body(item: Item) -> str | bytes:
    """The JSON of an entity item."""
    return zlib.decompress(item["zbody"]["B"]) if "zbody" in item else str(item["body"]["S"])


def rows_of(cells: Mapping[Cell, int]) -> Rows:
    """Numbers to be added, by the item they are in; none is 0."""
    rows: Rows = defaultdict(dict)
    for (family, sort, field), n in sorted(cells.items()):
        if n:
            rows[family, sort][field] = n
    return dict(rows)


def row_write(row: tuple[str, str], fields: Mapping[str, int]) -> Write:
    """The write that adds to the stored numbers of one (family, sort)."""
    adds = [f"#f{i} :n{i}" for i in range(len(fields))]
    return {
        "Update": {
            "Key": at.cell_key(*row),
            "UpdateExpression": "add " + ", ".join(adds),
            "ExpressionAttributeNames": {f"#f{i}": f"f#{field}" for i, field in enumerate(fields)},
            "ExpressionAttributeValues": {f":n{i}": {"N": str(n)} for i, n in enumerate(fields.values())},
        }
    }


def packed(value: Any) -> dict[str, bytes]:
    """A value of JSON as an attribute."""
    return {"B": zlib.compress(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode(), 6)}


def unpacked(attribute: dict[str, bytes]) -> Any:
    """What was packed."""
    return json.loads(zlib.decompress(attribute["B"]))


def fill(expression: str, given: Item) -> dict[str, Any]:
    """The names and values of an expression. Every name is a placeholder: many plain words are reserved."""
    names = {f"#{name}": name for name in re.findall(r"#(\w+)", expression)}
    return {"ExpressionAttributeNames": names} | ({"ExpressionAttributeValues": given} if given else {})


def number(seconds: float) -> dict[str, str]:
    """A time as DynamoDB takes it, to the microsecond."""
    return {"N": f"{seconds:.6f}"}


def conflict(write: Write) -> Conflict:
    """The error for a write that was not let through: it names the kind, nothing else."""
    (what,) = write.values()
    pk = (what.get("Key") or what["Item"])["pk"]["S"]
    return Conflict(
        "store.conflict",
        "这条记录刚被别人改过，请刷新后再试",
        "somebody else changed this just now; read it again and repeat",
        pk.split("#")[1] if "#" in pk else pk,
    )
