"""People who were erased after a backup was made come back with it. Their receipts, kept apart, erase them again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from pydantic import ValidationError

from chalicelib.backup.making import new_file
from chalicelib.loop.context import Loop
from chalicelib.loop.erasure import erase, erased_name
from chalicelib.model.customer import Customer, Receipt
from chalicelib.model.errors import Conflict, Invalid
from chalicelib.model.people import SYSTEM
from chalicelib.ports import Change, Store

AT_ONCE = 500
LONGEST = 10_000
"""Bytes of a line."""
Progress = Callable[[int], None]


class Again(NamedTuple):
    """`receipts` that were new to the store, and how many people were `erased`."""

    receipts: int
    erased: int


def keep_receipts(loop: Loop, path: Path) -> int:
    """Write every receipt of an erasure to a new file of JSON lines; returns how many. They name nobody."""
    n = 0
    with new_file(path) as file:
        for receipt in _receipts(loop.store):
            file.write(receipt.model_dump_json().encode() + b"\n")
            n += 1
    return n


def read_receipts(path: Path) -> list[Receipt]:
    """The receipts in such a file. Raises Invalid with the line of the first that is none: half of them would
    leave people in."""
    found = []
    try:
        with path.open("rb") as file:
            number = 0
            while line := file.readline(LONGEST):
                number += 1
                found.append(Receipt.model_validate_json(line))
    except OSError as error:
        raise Invalid(
            "erased.none",
            f"读不了回执文件：{error.strerror}",
            f"the receipts cannot be read: {error.strerror}",
            path.name,
        ) from error
    except ValidationError:
        raise Invalid(
            "erased.line",
            "这一行不是删除回执；文件应由 ./voc backup --receipts 写出。一个人也没删",
            "this line is no receipt of an erasure; the file is written by ./voc backup --receipts. Nobody was erased",
            f"{path.name}:{number}",
        ) from None
    return found


def erase_again(loop: Loop, receipts: list[Receipt], taken: datetime, progress: Progress) -> Again:
    """Erase everybody whose receipt is not older than `taken`, when the backup began: what a backup holds of them
    is from before. Their receipts stay as proof, beside the new ones. Safe to repeat."""
    due = {receipt.digest: receipt.id for receipt in receipts if receipt.at >= taken}
    erased = 0
    for n, customer in enumerate(list(_named(loop, due)), 1):
        number = due[erased_name(loop.vault, customer)]
        erase(loop, SYSTEM, customer, f"恢复备份后再次删除 erased again after a restore: {number}")
        erased = n
        progress(n)
    return Again(sum(_added(loop.store, receipt) for receipt in receipts), erased)


def _named(loop: Loop, due: dict[str, str]) -> Iterator[str]:
    return (c.id for c in loop.store.scan(Customer) if erased_name(loop.vault, c.id) in due)


def _receipts(store: Store) -> Iterator[Receipt]:
    after = ""
    while True:
        page = store.find(Receipt, "receipt.all", "all", limit=AT_ONCE, after=after)
        yield from store.get(Receipt, page.keys).values()
        if not (after := page.next):
            return


def _added(store: Store, receipt: Receipt) -> bool:
    """Whether it was not there yet."""
    if store.get(Receipt, [receipt.key]):
        return False
    try:
        store.save([Change(None, receipt)], {})
    except Conflict:  # somebody else put it there
        return False
    return True
