"""What is in a backup: one zip of JSON lines, described by the manifest in it. README.txt in each file says it too.

In it: every entity as the store keeps it (versions, owed steps and wake-ups are fields of the entity), the dead
letters, the files of trained taggers. Not in it, because it follows from the entities and is made anew by a
restore: index entries, search, stored numbers, and how often an owed step was tried. Never in it: the vault's key.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final, Literal

from pydantic import Field

from chalicelib.loop.rebuild import Turn
from chalicelib.model.entity import Entity, Fact, Given
from chalicelib.model.errors import Invalid
from chalicelib.model.kinds import KINDS
from chalicelib.model.restored import Restored

FORMAT: Final = "huisheng-backup"
VERSION = 1
MANIFEST, README, SCHEMA, DEAD = "manifest.json", "README.txt", "schema.json", "dead.jsonl"
PLAIN = re.compile(
    rf"{README}|{SCHEMA}|{DEAD}|entities/[a-z_]+\.jsonl|models/[0-9a-f]{{8,64}}/\w[\w.-]*", re.A
)
"""The names a part may have. None is ever used as a path on disk."""
PASSING = {Turn.kind, Restored.kind}
"""Kinds that speak of a store and not of the company: who holds a turn, what the store was restored from."""
LONGEST_LINE = 64_000_000
"""Bytes; the longest entity known is far below a megabyte."""
LARGEST_WHOLE = 256_000_000
"""Bytes of what is read in one piece: a tagger's file."""

Engine = Literal["sqlite", "dynamodb"]


class Part(Fact):
    """One file in the zip. `lines` and `entity` (the kind) of JSON lines only."""

    name: str
    bytes: int = Field(ge=0)
    sha256: str
    lines: int | None = None
    entity: str = ""


class Manifest(Fact):
    """What the file holds. SQLite: as it was at one moment after `began`. DynamoDB: each entity whole, each as it
    was at some moment between `began` and `ended`."""

    format: Literal["huisheng-backup"] = FORMAT
    version: int = VERSION
    product: str = Field(max_length=80, pattern=r"^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]*$")
    began: datetime
    ended: datetime
    store: Engine
    key: str
    """A digest that only the same vault key gives; says nothing about the key."""
    parts: tuple[Part, ...]

    @property
    def counts(self) -> dict[str, int]:
        """How many entities of each kind."""
        return {part.entity: part.lines or 0 for part in self.parts if part.entity}


class Dead(Given):
    """A line of dead.jsonl: a step that was given up."""

    kind: str
    key: str
    step: str
    attempts: int = Field(ge=1, le=1_000)
    error: str


def kept() -> dict[str, type[Entity]]:
    """The kinds a backup holds, in their order."""
    return {kind: KINDS[kind] for kind in sorted(KINDS) if kind not in PASSING}


def damaged(where: str, zh: str, en: str) -> Invalid:
    """The refusal of a file that is not whole; nothing of it has been written."""
    return Invalid(
        "backup.damaged",
        f"备份文件损坏：{zh}；什么也没写。请换一份备份",
        f"the backup is damaged: {en}; nothing was written. Use another backup",
        where,
    )


TEXT = """\
回声 Huisheng 备份，{began} – {ended}

一个 zip，文本都是 UTF-8。manifest.json 列出每一部分的字节数、行数和 SHA-256。
entities/<种类>.jsonl 每行一个 JSON 对象，就是存着的一条记录；字段见 schema.json（JSON Schema）。
时间是 ISO 8601，金额是整数分。version 是改过几次，pending 是还欠的步骤，wake 是定时要看它的时间。
sealed 是 AES-256-GCM 加密的（base64，前 12 字节是随机数），密钥不在这里：
  secret 是 vault.key 的 32 字节（或 VOC_SECRET 的十六进制），钥匙 = HMAC-SHA256(secret, "huisheng seal")，
  附加数据：original 和 customer 是它的 id，robot 是 "robot " 加它的 id。解开是 JSON。
dead.jsonl 是放弃了的步骤。models/<摘要>/ 是学到的打标模型。
恢复：./voc restore --in 这个文件。含有客户说过的话（已脱敏）和密码的哈希，请当作机密保管。

Backup of Huisheng. A zip; all text is UTF-8. manifest.json lists each part with bytes, lines and SHA-256.
entities/<kind>.jsonl: one JSON object a line, a stored record as it is; fields: schema.json (JSON Schema).
Times are ISO 8601, money integer fen. version counts changes, pending is the owed step, wake when the schedule
looks at it. sealed is AES-256-GCM (base64, nonce first, 12 bytes); the key is not in here:
  secret = the 32 bytes of vault.key (or VOC_SECRET in hex), key = HMAC-SHA256(secret, "huisheng seal"),
  additional data: the id of an original or a customer, "robot " and the id of a robot. It opens to JSON.
dead.jsonl: steps that were given up. models/<digest>/: trained taggers.
Restore: ./voc restore --in FILE. Holds (masked) words of customers and password hashes: keep it confidential.
"""
