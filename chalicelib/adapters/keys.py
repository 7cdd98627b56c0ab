"""Keys of the one DynamoDB table, and beside them what each is read for.

| asked for                           | index  | partition key                | sort key                   |
| ----------------------------------- | ------ | ---------------------------- | -------------------------- |
| entities by key (`get`)             | table  | pk = `e#<kind>#<key>`        | sk = `.`                   |
| keys listed in a partition (`find`) | table  | pk = `i#<index>#<partition>` | sk = `<sort>#<kind>#<key>` |
| keys whose text holds (`search`)    | table  | the same, newest partition first, filtered by `text`      |
| partitions with texts (`search`)    | table  | pk = `s#<kind>`              | sk = `<index>#<partition>` |
| stored numbers (`cells`)            | table  | pk = `c#<family>`            | sk = `.<sort>`             |
| families with numbers (`families`)  | table  | pk = `c`                     | sk = `<family>`            |
| owed work (`due`, `waiting`)        | `work` | wpk = `todo#<shard>`         | ready, epoch seconds       |
| work given up (`dead`)              | `dead` | dpk = `dead`                 | pk                         |
| whose clock has come (`waking`)     | `wake` | kpk = `wake#<shard>`         | wake, epoch seconds        |
| numbers not yet added (`journal`)   | table  | pk = `j`                     | sk = `.<time>.<token>`     |
| saves under way (`intents`)         | table  | pk = `w`                     | sk = `.<time>.<token>`     |
| all of a kind (`scan`)              | none   | never on a request path: reads the whole table            |

Search costs no item of its own: the folded text of an entity lies in the index entry that says when it was
(`Entity.searched`), and that entry stays within one write unit up to some 300 Chinese characters. A search
reads the partitions, weeks for contacts, from the newest backwards, with a `contains` filter; a filter saves
the transfer and not the read units, hence one request reads only so much (`dynamo_search`). That a partition
holds texts is noted once.

The three global indexes are sparse: an item without the partition attribute is not in them. Owed work and
wake-ups are spread over four shards by the CRC-32 of the key, so that no single partition sets the pace.

`#` separates. It sorts below every letter, digit and common sign, therefore `<sort>#...` orders as `<sort>`
does as long as no sort holds a character at or below `#` (blank, `!`, `"`, `#`); `entry_key` refuses those.
Entity keys may hold anything: they come last. A cell's sort may be empty, a key attribute may not: hence the
leading `.`.
"""

from __future__ import annotations

import secrets
from typing import Any
from zlib import crc32

from chalicelib.model.entity import Entry

Item = dict[str, dict[str, Any]]
"""An item or a part of one as the low-level client takes it: {"pk": {"S": "..."}}."""

SHARDS = 4
WORK, DEAD, WAKE = "work", "dead", "wake"
FAMILIES, JOURNAL, INTENTS = "c", "j", "w"


def entity_key(kind: str, key: str) -> Item:
    """Where an entity lies."""
    return _pair(f"e#{kind}#{key}", ".")


def kind_prefix(kind: str) -> str:
    """How the pk of every entity of a kind begins."""
    return f"e#{kind}#"


def entity_of(item: Item) -> tuple[str, str]:
    """(kind, key) of an entity item."""
    _, kind, key = item["pk"]["S"].split("#", 2)
    return kind, key


def entry_key(entry: Entry, kind: str, key: str) -> Item:
    """Where an index entry lies. Raises ValueError for a sort that would break the order."""
    if entry.sort and min(entry.sort) <= "#":
        raise ValueError(f"the sort of {kind} in index {entry.listing} holds a character at or below '#'")
    return _pair(partition(entry.listing, entry.partition), f"{entry.sort}#{kind}#{key}")


def place(entry: Entry) -> str:
    """The partition of an entry, as it is noted."""
    return f"{entry.listing}#{entry.partition}"


def searched_key(kind: str, place: str) -> Item:
    """Where it is noted that a partition holds texts of a kind."""
    return _pair(searched(kind), place)


def searched(kind: str) -> str:
    """The pk under which the partitions with texts of a kind are noted."""
    return f"s#{kind}"


def noted(place: str) -> str:
    """The pk of a noted partition."""
    return f"i#{place}"


def partition(index: str, name: str) -> str:
    """The pk of one index partition."""
    return f"i#{index}#{name}"


def listed(sk: str) -> tuple[str, str]:
    """(kind, key) of an index entry's sk."""
    _, kind, key = sk.split("#", 2)
    return kind, key


def entry_range(low: str, high: str) -> tuple[str, str]:
    """The sks, both ends included, of entries whose sort lies in [low, high]; `$` follows `#`."""
    return f"{low}#", f"{high}$"


def cell_partition(family: str) -> str:
    """The pk of a family's stored numbers."""
    return f"c#{family}"


def cell_key(family: str, sort: str) -> Item:
    """Where the stored numbers of one sort lie."""
    return _pair(cell_partition(family), f".{sort}")


def family_key(family: str) -> Item:
    """Where it is noted that a family has numbers."""
    return _pair(FAMILIES, family)


def fold_key() -> Item:
    """Where it is counted how often the journal was folded; it sorts before all its entries."""
    return _pair(JOURNAL, "#")


def timed_key(pk: str, now: float) -> Item:
    """A new place in the journal or among the intents, in order of time."""
    return _pair(pk, f".{now:017.6f}.{secrets.token_hex(6)}")


def made(item: Item) -> float:
    """When a timed item was made, epoch seconds."""
    return float(item["sk"]["S"][1:18])


def todo(key: str) -> str:
    """The wpk of an entity that is owed a step."""
    return f"todo#{_shard(key)}"


def waker(key: str) -> str:
    """The kpk of an entity that has a wake-up time."""
    return f"wake#{_shard(key)}"


def shards(name: str) -> list[str]:
    """All partition keys of `todo` or `wake`."""
    return [f"{name}#{n}" for n in range(SHARDS)]


def _shard(key: str) -> int:
    return crc32(key.encode()) % SHARDS


def _pair(pk: str, sk: str) -> Item:
    return {"pk": {"S": pk}, "sk": {"S": sk}}
