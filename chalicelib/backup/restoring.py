"""A backup into an empty store. Each save adds an entity with what it contributes to the stored numbers, and only
where it is not yet: so numbers are right at any moment, and what was killed on the way simply goes on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import islice

from chalicelib.backup.checking import Backup
from chalicelib.backup.form import kept
from chalicelib.loop.context import Loop
from chalicelib.loop.measure.tally import tally
from chalicelib.loop.unit import contribution
from chalicelib.model.contact import Contact
from chalicelib.model.entity import Entity
from chalicelib.model.errors import Conflict, Invalid, TooLarge
from chalicelib.model.keycheck import WORD, KeyCheck
from chalicelib.model.people import User
from chalicelib.model.restored import Restored
from chalicelib.ports import Change, Store, Vault, Work

AT_ONCE, WRITES_EACH = 500, 10
"""Entities a save at the most, and how many writes one causes about; what is too large is halved."""
MOST_DEAD = 1_000_000
Progress = Callable[[int], None]
"""Told how many entities are there."""


def check_key(vault: Vault, backup: Backup) -> None:
    """Raises Invalid for a vault whose key is not that of the backup."""
    if vault.digest(WORD) != backup.manifest.key:
        raise Invalid(
            "restore.other_key",
            "这里的密钥不是备份那时的：原文打不开，客户认不出。请换上备份那时的 vault.key（或 VOC_SECRET）",
            "the key here is not the one of the backup: no original would open, no customer be known again. Put"
            " the vault.key (or VOC_SECRET) of that time there",
            "vault.key",
        )


def restore(loop: Loop, backup: Backup, progress: Progress) -> Restored:
    """Write a verified backup into an empty store, or go on with it. Raises Conflict where the store holds
    something else; then nothing is changed."""
    check_key(loop.vault, backup)
    mark = _begun(loop, backup)
    done, size = 0, max(1, min(AT_ONCE, loop.store.capacity // WRITES_EACH))
    for part in backup.entity_parts:
        entities = backup.entities(part)
        while some := list(islice(entities, size)):
            _put(loop.store, kept()[part.entity], some)
            done += len(some)
            progress(done)
            loop.store.settle(everything=False)
    if loop.workshop:
        for digest, files in backup.models():
            loop.workshop.files.put(digest, files)
    _give_up(loop.store, backup)
    whole = mark.model_copy(update={"version": mark.version + 1, "done": loop.clock()})
    loop.store.save([Change(mark, whole)], {})
    return whole


def _begun(loop: Loop, backup: Backup) -> Restored:
    """The mark that keeps everybody else out until the restore is whole."""
    known = loop.store.get(Restored, ["restored"]).get("restored")
    if known and known.done is None and known.backup == backup.digest:
        return known
    if known and known.done is None:
        raise _not_empty("另一个备份的一部分", "part of another backup")
    if known or (held := _held(loop.store)):
        what = "以前恢复的" if known else held
        raise _not_empty(what, "what was restored before" if known else held)
    mark = Restored(version=1, backup=backup.digest, taken=backup.manifest.began, begun=loop.clock())
    loop.store.save([Change(None, mark)], {})
    return mark


def _held(store: Store) -> str:
    """What is in the store: the name of a kind, "" for nothing."""
    kinds = [name for name in kept() if name != KeyCheck.kind]
    # On a full table, others may be found only by reading all of it.
    for name in sorted(kinds, key=lambda name: name not in (Contact.kind, User.kind)):
        if any(islice(store.scan(kept()[name]), 1)):
            return name
    return ""


def _not_empty(zh: str, en: str) -> Conflict:
    return Conflict(
        "restore.not_empty",
        f"这里不是空的（有 {zh}），恢复从不覆盖；请用新的数据目录（--data）或新建的空表（VOC_TABLE）",
        f"the store is not empty (there is {en}) and a restore overwrites nothing: name a new data folder (--data)"
        " or a new empty table (VOC_TABLE)",
        "restore",
    )


def _put(store: Store, kind: type[Entity], entities: Sequence[Entity]) -> None:
    """Save those that are not there yet; in halves where one save does not hold them."""
    there = store.get(kind, [entity.key for entity in entities])
    for entity in entities:
        if entity.key in there and there[entity.key] != entity:
            raise _not_empty(f"别的 {kind.kind}", f"another {kind.kind}")
    changes = [Change(None, entity) for entity in entities if entity.key not in there]
    try:
        if changes:
            store.save(changes, contribution(changes, tally))
    except TooLarge:
        if len(changes) == 1:
            raise
        half = len(entities) // 2
        _put(store, kind, entities[:half])
        _put(store, kind, entities[half:])


def _give_up(store: Store, backup: Backup) -> None:
    """Dead letters die again, with as many tries as they had."""
    have = {(letter.kind, letter.key): letter.attempts for letter in store.dead(limit=MOST_DEAD)}
    for letter in backup.dead():
        for _ in range(letter.attempts - have.get((letter.kind, letter.key), 0)):
            work = Work(letter.kind, letter.key, letter.step, letter.attempts)
            store.postpone(work, letter.error, None)
