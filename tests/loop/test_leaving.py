"""Everything that is stored leaves in open formats with its schema; secrets do not, and the leaving is logged."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from zipfile import ZipFile

import pytest

from chalicelib.adapters.sqlite import SqliteStore
from chalicelib.backup.leaving import HIDDEN, leave
from chalicelib.backup.making import Packer
from chalicelib.loop.context import Loop
from chalicelib.model.contact import Contact, Reading
from chalicelib.model.customer import Customer
from chalicelib.model.errors import Forbidden, Invalid
from chalicelib.model.kinds import KINDS
from chalicelib.model.people import Role, User
from chalicelib.model.settings import Settings
from chalicelib.model.taxonomy import default_taxonomy
from tests.backups import brought_back, quiet
from tests.exporting import LEAD, NOW, TRICKY, made
from tests.loop.making import ADMIN, contact

OTHERS = {"blind_daily": 3}


@pytest.fixture
def loop(store) -> Loop:
    loop = made(store)
    loop.change(lambda unit: unit.put(User(name="lead", role="lead", password="$argon2id$x")))
    contact(loop, NOW, customer="u4", text="打 13800138000 找我")
    return loop


def left(loop: Loop, path: Path, originals: bool) -> dict[str, list[dict]]:
    """kind -> its records."""
    n = leave(loop, ADMIN, path, "换系统", originals, quiet)
    with ZipFile(path) as zip:
        names = [name for name in zip.namelist() if name.endswith(".jsonl")]
        found = {
            Path(name).stem: [json.loads(line) for line in zip.read(name).splitlines()] for name in names
        }
        schema = json.loads(zip.read("schema.json"))
    assert n == sum(map(len, found.values()))
    for kind, rows in found.items():
        for row in rows:
            assert set(row) <= set(schema[kind]["properties"]), kind
            assert set(schema[kind]["required"]) <= set(row), kind
    return found


def test_everything_is_there_and_opened_for_who_may_read_it(loop, tmp_path):
    found = left(loop, tmp_path / "all.zip", originals=True)
    stored = {name: [*loop.store.scan(kind)] for name, kind in KINDS.items()}
    counts = {k: len(s) for k, s in stored.items() if s} | {"taxonomy": 2, "settings": 1}
    assert {k: len(rows) for k, rows in found.items()} == counts, "with those that came with the product"
    words = {row["unsealed"]["text"] for row in found["original"]} | {row["text"] for row in found["contact"]}
    assert {TRICKY, "打 13800138000 找我"} <= words
    assert {row["unsealed"]["ref"] for row in found["customer"]} == {"u1", "u2", "u3", "u4"}
    assert all("history" in row for row in found["case"])
    assert not any(HIDDEN & set(row) for rows in found.values() for row in rows)
    assert not any("13800138000" in row["text"] for row in found["contact"])
    assert "argon2" not in json.dumps(found)


def test_the_shipped_taxonomy_and_settings_are_there_though_nobody_stored_them(loop, tmp_path):
    bare = SqliteStore(str(tmp_path / "bare.db"))
    found = left(replace(loop, store=bare), tmp_path / "all.zip", originals=False)
    bare.close()
    (taxonomy,), (settings,), shipped = found["taxonomy"], found["settings"], default_taxonomy()
    given = {c["code"]: (c["label_zh"], c["department"], c["denominator"]) for c in taxonomy["causes"]}
    assert given == {c.code: (c.label_zh, c.department, c.denominator) for c in shipped.causes}
    names = {d["code"]: d["name_zh"] for d in taxonomy["departments"]}
    assert names == {d.code: d.name_zh for d in shipped.departments}
    assert settings["blind_daily"] == Settings().blind_daily


def test_what_was_stored_comes_with_the_taxonomy_before_it_and_without_the_shipped_settings(loop, tmp_path):
    loop.change(
        lambda unit: unit.put((unit.get(Settings, "settings") or Settings()).model_copy(update=OTHERS))
    )
    found = left(loop, tmp_path / "all.zip", originals=False)
    assert {row["number"] for row in found["taxonomy"]} == {1, loop.unit().taxonomy.number}
    assert [row["blind_daily"] for row in found["settings"]] == [OTHERS["blind_daily"]]


def test_without_originals_nothing_sealed_is_opened(loop, tmp_path):
    found = left(loop, tmp_path / "all.zip", originals=False)
    assert "original" not in found
    assert not any("unsealed" in row for rows in found.values() for row in rows)
    assert len(found["contact"]) == len([*loop.store.scan(Contact)])
    assert len(found["customer"]) == len([*loop.store.scan(Customer)])


def test_it_is_logged_with_its_purpose_before_anything_is_written(loop, tmp_path):
    with pytest.raises(Invalid, match=r"backup\.write"):
        leave(loop, ADMIN, tmp_path / "none" / "all.zip", "换系统", True, quiet)
    (reading,) = loop.store.scan(Reading)
    assert (reading.by, reading.what, reading.purpose, reading.text) == (ADMIN.name, "export", "换系统", True)


def test_only_admins_and_originals_only_where_the_settings_say_so(loop, tmp_path):
    with pytest.raises(Forbidden):
        leave(loop, LEAD, tmp_path / "a.zip", "换系统", False, quiet)
    with pytest.raises(Invalid, match=r"export\.purpose"):
        leave(loop, ADMIN, tmp_path / "a.zip", " ", False, quiet)
    settings = loop.unit().settings.model_copy(update={"originals": (Role.LEAD,)})
    loop.change(lambda unit: unit.get(Settings, "settings") and unit.put(settings))
    with pytest.raises(Forbidden, match=r"export\.originals"):
        leave(loop, ADMIN, tmp_path / "a.zip", "换系统", True, quiet)
    assert [p for p in tmp_path.iterdir() if p.is_file()] == []


def test_it_is_no_backup(loop, tmp_path):
    leave(loop, ADMIN, tmp_path / "a.zip", "换系统", True, quiet)
    with pytest.raises(Invalid, match=r"backup\.foreign"):
        brought_back(loop, tmp_path / "a.zip")


def test_what_is_packed_without_lines_has_no_part(tmp_path):
    with (tmp_path / "x.zip").open("wb") as file, Packer(file, quiet) as packer:
        packer.lines("none.jsonl", iter(()))
    assert packer.parts == []
