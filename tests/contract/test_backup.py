"""A backup restored into an empty store, of either engine, is the same company: numbers, lists, owed work and all."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.adapters.model_files import FolderModels
from chalicelib.backup.erased import erase_again, keep_receipts, read_receipts
from chalicelib.loop.context import Loop, Workshop
from chalicelib.loop.customers import look_up
from chalicelib.loop.erasure import erase
from chalicelib.loop.listen.originals import original
from chalicelib.loop.rebuild import recount
from chalicelib.model.contact import Contact
from chalicelib.model.customer import Customer, Receipt
from chalicelib.model.kinds import KINDS
from chalicelib.model.people import User
from chalicelib.model.promise import Promise
from chalicelib.model.tagger import TaggerVersion
from chalicelib.ports import Store, Work
from tests.backups import Killed, Mortal, backed_up, brought_back, parts_of, quiet
from tests.contract.conftest import Fresh
from tests.exporting import NOW, made
from tests.loop.making import ADMIN, contact, days
from tests.stores import dynamo_store, sqlite_store

DIGEST = "abcdef0123456789"


@pytest.fixture
def loop(store: Store, tmp_path) -> Loop:
    """The small company of the exports, with a promise, a dead letter, a user and a tagger that was learnt."""
    loop = made(store)
    files = FolderModels(tmp_path / "models")
    files.put(DIGEST, {"weights.npz": b"\x00\x01" * 500, "meta.json": b"{}"})

    def more(unit: Any) -> None:
        unit.put(User(name="lead", role="lead", departments=("logistics",), password="$argon2id$x"))
        unit.put(TaggerVersion(number=1, digest=DIGEST))
        unit.put(
            Promise(id="W-1", customer="u1", contact="", what="回电", by="anna", created=NOW, due=NOW + days(1),
                    wake=NOW + days(1))
        )  # fmt: skip

    loop.change(more)
    given_up = contact(loop, NOW, customer="u4", text="做不成的一条")
    for _ in range(3):
        store.postpone(Work("contact", given_up, "tag", 0), "ValueError at tag", None)
    return replace(loop, workshop=Workshop(files, lambda taxonomy, digest: None, None))


def seen(loop: Loop) -> dict[str, Any]:
    """What people, the worker and the clocks see of a store."""
    store = loop.store
    later = NOW + days(400)
    contacts = sorted(store.scan(Contact), key=lambda c: c.id)
    weeks = {w: store.find(Contact, "contact.week", w).keys for w in ("2026-W44", "2026-W45", "2026-W47")}
    return {
        "numbers": {family: store.cells(family) for family in sorted(store.families())},
        "differences": recount(loop).differences,
        "contacts": contacts,
        "versions": [c.version for c in contacts],
        "lists": {w: set(keys) for w, keys in weeks.items()},
        "found": store.search(Contact, ["很好"]).keys,
        "order": store.find(Contact, "contact.order", contacts[0].order).keys,
        "dead": sorted(store.dead()),
        "waiting": store.waiting(),
        "waking": sorted(store.waking(later, 100)),
        "owed": sorted(work[:3] for work in store.due(later, 100)),
        "models": loop.workshop and loop.workshop.files.get(DIGEST),
    }


def at(loop: Loop, store: Store, models: Any) -> Loop:
    return replace(
        loop, store=store, workshop=Workshop(FolderModels(models), lambda taxonomy, digest: None, None)
    )


def test_what_is_restored_is_the_same_in_every_respect(loop, fresh: Fresh, tmp_path):
    file = backed_up(loop, tmp_path / "a.zip")
    before = seen(loop)
    assert before["differences"] == 0
    assert before["dead"][0].attempts == 3
    assert before["waiting"] == 1 == len(before["owed"])
    assert before["waking"]
    with fresh() as empty:
        other = at(loop, empty, tmp_path / "other")
        done = brought_back(other, file)
        assert done.taken == NOW == done.done
        assert parts_of(backed_up(other, tmp_path / "b.zip")) == parts_of(file)
        assert seen(other) == before
        wordy = next(c for c in before["contacts"] if "HYPERLINK" in c.text)
        assert original(other, ADMIN, wordy.id, "核对") == original(loop, ADMIN, wordy.id, "核对")


def test_it_is_the_way_from_sqlite_to_dynamodb_and_back(client, tmp_path):
    with sqlite_store() as first, dynamo_store(client) as second, sqlite_store() as third:
        loop = made(first)
        there, back = at(loop, second, tmp_path / "2"), at(loop, third, tmp_path / "3")
        brought_back(there, backed_up(loop, tmp_path / "1.zip"))
        brought_back(back, backed_up(there, tmp_path / "2.zip"))
        backed_up(back, tmp_path / "3.zip")
        one, two, three = (parts_of(tmp_path / f"{n}.zip") for n in (1, 2, 3))
        assert one == two == three
        assert len(one["entities/contact.jsonl"]) == 5
        assert seen(there)["numbers"] == seen(back)["numbers"] == seen(loop)["numbers"]


def test_a_restore_that_was_killed_goes_on_where_it_stopped(loop, fresh: Fresh, tmp_path):
    file, before = backed_up(loop, tmp_path / "a.zip"), seen(loop)
    with fresh() as empty:
        other = at(loop, empty, tmp_path / "other")
        for saves in range(2, 40):
            try:
                brought_back(replace(other, store=Mortal(empty, saves)), file)
                break
            except Killed:
                continue
        assert saves > 5
        assert seen(other) == before


def test_who_was_erased_since_is_erased_again(loop, fresh: Fresh, tmp_path):
    erase(loop, ADMIN, look_up(loop, "u2").id, "早先")
    file = backed_up(loop, tmp_path / "a.zip")
    gone = look_up(loop, "u1").id
    later = loop.at(NOW + timedelta(hours=1))
    receipt = erase(later, ADMIN, gone, "本人要求")
    assert keep_receipts(later, tmp_path / "receipts.jsonl") == 2
    assert gone not in (tmp_path / "receipts.jsonl").read_text("utf-8")
    numbers = seen(loop)["numbers"]
    with fresh() as empty:
        other = at(loop, empty, tmp_path / "other").at(NOW + days(1))
        taken = brought_back(other, file).taken
        assert empty.get(Customer, [gone]), "back with the backup"
        known = read_receipts(tmp_path / "receipts.jsonl")
        assert erase_again(other, known, taken, quiet) == (1, 1)
        assert not empty.get(Customer, [gone])
        assert not empty.find(Contact, "contact.customer", gone).keys
        assert empty.get(Receipt, [receipt.id])
        assert seen(other)["numbers"] == numbers
        assert erase_again(other, known, taken, quiet) == (0, 0), "safe to repeat"


def test_every_kind_that_is_stored_is_in_a_backup_or_left_out_on_purpose():
    from chalicelib.backup.form import PASSING, kept
    from chalicelib.model.entity import Entity

    def below(kind: type[Entity]) -> set[str]:
        return {s.kind for s in kind.__subclasses__() if s.kind and s.__module__.startswith("chalicelib")}

    assert below(Entity) == {kind for kind in kept() if not kind.startswith("contract_")} | PASSING
    assert set(kept()) <= set(KINDS)
