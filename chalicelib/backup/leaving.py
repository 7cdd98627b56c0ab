"""For those who go to another product: everything in open formats, and opened for whoever may read originals.

The same zip of JSON lines as a backup, with what only this product has use for left out: hashes, keys, versions,
owed steps. It cannot be restored; a backup can.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

from chalicelib.backup.form import MANIFEST, README, SCHEMA, kept
from chalicelib.backup.making import Packer, Progress, new_file, schema
from chalicelib.loop.context import Loop, LoopUnit
from chalicelib.loop.export.permission import SHORTEST_PURPOSE
from chalicelib.model.contact import Original, Reading
from chalicelib.model.customer import Customer
from chalicelib.model.entity import Entity
from chalicelib.model.errors import Forbidden, Invalid
from chalicelib.model.intake_key import IntakeKey
from chalicelib.model.keycheck import KeyCheck
from chalicelib.model.people import Caller, Role
from chalicelib.model.settings import Settings
from chalicelib.model.taxonomy import Taxonomy, default_taxonomy
from chalicelib.ports import Store
from chalicelib.privacy.mask import mask

FORMAT = "huisheng-export"
OWN = {KeyCheck.kind, IntakeKey.kind}
"""Kinds that are nothing without this product."""
HIDDEN = {
    *("version", "pending", "wake", "fingerprint"),
    *("sealed", "password", "tokens_from", "failures", "locked_until"),
}
UNSEALED = "unsealed"
"""Where the sealed content of originals and customers stands."""
TEXT = """\
回声 Huisheng 全部数据，{now}。每行一个 JSON 对象：entities/<种类>.jsonl，字段见 schema.json（JSON Schema）。
UTF-8；时间是 ISO 8601，金额是整数分；位置是字符下标，含头不含尾。
contact 联络（earlier、correction 是人说过的标注），original 原文（{opened}），customer 客户，case 工单及经过，
callback 回访，promise 承诺，project 项目，look 项目的结论，why 5-Why，cycle 周期和决定，taxonomy 分类的各版
（原因、部门的名字和各原因的分母），settings 设置，
proposal 新原因的提议，second_look 盲评，score 价值打分，denominator 分母，statement 结算单，dispute 争议，
voice 心声，andon 安灯，alarm_week 告警，baseline 重设的基线，receipt 删除回执，reading 谁看过谁的原文，user 用户。

Everything Huisheng holds, one JSON object a line in entities/<kind>.jsonl, described by schema.json (JSON Schema).
UTF-8, ISO 8601 times, integer fen, spans in code points with exclusive ends. Sealed content: {opened_en}.
"""


def leave(loop: Loop, caller: Caller, path: Path, purpose: str, originals: bool, progress: Progress) -> int:
    """Write everything to a new file; returns how many records. `originals` opens what is sealed. Admins only;
    it goes into the reading log first: what cannot be logged cannot be taken."""
    loop.change(lambda unit: _logged(unit, caller, purpose, originals))
    kinds = {name: kind for name, kind in kept().items() if name not in OWN}
    with new_file(path) as file, loop.store.frozen() as still, Packer(file, progress) as packer:
        for name, kind in kinds.items():
            entities = chain(still.scan(kind), _shipped(still, kind))
            rows = (row for entity in entities if (row := _row(loop, entity, originals)))
            packer.lines(f"entities/{name}.jsonl", map(_line, rows), name)
        packer.put(SCHEMA, _schema(kinds))
        words = ("已打开，在 unsealed 里", "in `unsealed`") if originals else ("没有要", "left out")
        packer.put(README, TEXT.format(now=loop.clock(), opened=words[0], opened_en=words[1]).encode())
        parts = [part.model_dump() for part in packer.parts]
        packer.put(MANIFEST, json.dumps({"format": FORMAT, "version": 1, "parts": parts}, indent=1).encode())
    return sum(part["lines"] or 0 for part in parts)


def _logged(unit: LoopUnit, caller: Caller, purpose: str, originals: bool) -> None:
    caller.must_be(Role.ADMIN)
    if originals and caller.role not in unit.settings.originals:
        raise Forbidden(
            "export.originals",
            "管理员不能看原文（设置 originals）；去掉 --originals 可以导出",
            "admins may not read originals (setting originals); without --originals it can be exported",
            "--originals",
        )
    if len(purpose.strip()) < SHORTEST_PURPOSE:
        raise Invalid(
            "export.purpose",
            "全部导出要用 --purpose 说明用途，会记入查阅记录",
            "say with --purpose what everything is exported for; it goes into the reading log",
            "--purpose",
        )
    said = mask(purpose.strip()).text
    reading = Reading(
        contact="", customer="", by=caller.name, at=unit.now, purpose=said, what="export", text=originals
    )
    unit.get(Reading, reading.key)
    unit.put(reading)


def _shipped(store: Store, kind: type[Entity]) -> Iterator[Entity]:
    """The taxonomy and the settings that come with the product, where nobody has stored others: records speak of
    causes and departments by their codes."""
    if kind is Taxonomy and not any(
        taxonomy.number == default_taxonomy().number for taxonomy in store.scan(Taxonomy)
    ):
        yield default_taxonomy()
    if kind is Settings and not any(store.scan(Settings)):
        yield Settings()


def _row(loop: Loop, entity: Entity, originals: bool) -> dict[str, Any]:
    """A record for others; empty for an original that is not opened."""
    row = entity.model_dump(mode="json", exclude=HIDDEN & set(type(entity).model_fields))
    if isinstance(entity, Original | Customer) and originals and entity.sealed:
        return row | {UNSEALED: json.loads(loop.vault.open(entity.sealed, entity.id))}
    return {} if isinstance(entity, Original) else row


def _line(row: dict[str, Any]) -> str:
    return json.dumps(row, ensure_ascii=False, separators=(",", ":"))


def _schema(kinds: dict[str, type[Entity]]) -> bytes:
    described = json.loads(schema(kinds))
    for name, one in described.items():
        properties = one["properties"]
        one["properties"] = {field: said for field, said in properties.items() if field not in HIDDEN}
        one["required"] = [field for field in one.get("required", ()) if field not in HIDDEN]
        if name in (Original.kind, Customer.kind):
            one["properties"][UNSEALED] = {"type": "object", "description": "What is sealed here, opened"}
    return json.dumps(described, ensure_ascii=False, indent=1).encode()
