"""A backup that is not whole, or not understood to the last line, is refused as a whole and says where; nothing is
ever overwritten."""

from __future__ import annotations

import json
import resource
import stat
from dataclasses import replace
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

import pytest

from chalicelib.backup.checking import MOST_ATTEMPTS, opened
from chalicelib.backup.form import DEAD, MANIFEST, Dead
from chalicelib.backup.making import make
from chalicelib.backup.restoring import restore
from chalicelib.backup.unpacking import LARGEST_MANIFEST
from chalicelib.loop.context import Loop
from chalicelib.model.errors import Conflict, Invalid, LoopError
from chalicelib.model.keycheck import WORD, KeyCheck
from chalicelib.model.people import User
from tests.backups import Killed, Mortal, backed_up, brought_back, parts_of, quiet, repacked
from tests.exporting import made
from tests.stores import sqlite_store

CONTACTS = "entities/contact.jsonl"


@pytest.fixture
def loop(store) -> Loop:
    return made(store)


@pytest.fixture
def file(loop, tmp_path) -> Path:
    return backed_up(loop, tmp_path / "a.zip")


def refused(loop: Loop, file: Path, code: str, *told: str) -> str:
    """What the refusal says; nothing has been written, and nothing of the data is told."""
    with sqlite_store() as empty:
        with pytest.raises(Invalid) as caught:
            brought_back(replace(loop, store=empty), file)
        assert empty.families() == []
    said = f"{caught.value.zh} {caught.value.en} {caught.value.where}"
    assert caught.value.code == code
    assert all(word in said for word in told), said
    assert "很好" not in said
    return said


def read(file: Path, name: str = CONTACTS) -> bytes:
    with ZipFile(file) as zip:
        return zip.read(name)


def test_the_file_is_the_owners_alone_and_explains_itself(loop, file):
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [p.name for p in file.parent.glob(".*")] == []
    manifest = json.loads(read(file, MANIFEST))
    assert manifest["format"] == "huisheng-backup"
    assert "JSON Schema" in read(file, "README.txt").decode()
    schema = json.loads(read(file, "schema.json"))
    for part in manifest["parts"]:
        if part["entity"]:
            first = json.loads(read(file, part["name"]).splitlines()[0])
            assert set(first) <= set(schema[part["entity"]]["properties"]), part["name"]


def test_a_file_that_is_there_is_not_replaced(loop, file):
    before = file.read_bytes()
    with pytest.raises(Invalid, match=r"backup\.exists"):
        make(loop, "sqlite", "0", file, quiet)
    assert file.read_bytes() == before


def test_a_place_that_cannot_be_written_is_said(loop, tmp_path):
    with pytest.raises(Invalid, match=r"backup\.write"):
        make(loop, "sqlite", "0", tmp_path / "none" / "a.zip", quiet)


def test_a_full_disk_leaves_nothing_behind(loop, tmp_path):
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (3_000, before[1]))  # Python is told of it, not killed
    try:
        with pytest.raises(Invalid, match=r"backup\.write") as caught:
            make(loop, "sqlite", "0", tmp_path / "a.zip", quiet)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert "空间" in caught.value.zh
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("share", [0.0, 0.3, 0.9, 0.999])
def test_cut_off_anywhere(loop, file, share):
    raw = file.read_bytes()
    file.write_bytes(raw[: int(len(raw) * share)])
    refused(loop, file, "backup.damaged", "a.zip")


def code_of(loop: Loop, file: Path) -> str:
    """The code a restore is refused with, "" when it went well."""
    try:
        brought_back(loop, file)
    except Invalid as error:
        return error.code
    return ""


def test_every_flipped_byte_is_noticed(loop, file, tmp_path):
    raw, right = file.read_bytes(), parts_of(file)
    for at in range(0, len(raw), len(raw) // 60):
        file.write_bytes(raw[:at] + bytes([raw[at] ^ 0x10]) + raw[at + 1 :])
        with sqlite_store() as empty:
            other = replace(loop, store=empty)
            if code := code_of(other, file):
                assert code in ("backup.damaged", "backup.foreign"), at
                assert empty.families() == []
            else:  # a time or an attribute of the zip, which nobody reads
                assert parts_of(backed_up(other, tmp_path / f"{at}.zip")) == right


def test_what_is_no_zip_or_another_zip_or_not_there(loop, file, tmp_path):
    (tmp_path / "text.zip").write_text("你好")
    refused(loop, tmp_path / "text.zip", "backup.damaged", "text.zip")
    with ZipFile(tmp_path / "photos.zip", "w") as zip:
        zip.writestr("1.jpg", b"x")
    refused(loop, tmp_path / "photos.zip", "backup.foreign", MANIFEST)
    refused(loop, tmp_path / "none.zip", "backup.none")
    refused(loop, tmp_path, "backup.damaged")


def test_a_line_that_is_not_what_it_should_be_is_named(loop, file, tmp_path):
    lines = read(file).splitlines(keepends=True)
    for odd in (b"\n", b"[]\n", b"{\n", b'{"id":"x"}\n', lines[2].replace(b'"severity":', b'"severity":"!"')):
        broken = b"".join([*lines[:2], odd, *lines[3:]])
        refused(
            loop, repacked(file, tmp_path / "b.zip", {CONTACTS: broken}), "backup.damaged", f"{CONTACTS}:3"
        )
    cut = b"".join(lines)[:-1]
    refused(loop, repacked(file, tmp_path / "b.zip", {CONTACTS: cut}), "backup.damaged", f"{CONTACTS}:5")


def test_lines_that_are_missing_or_changed_are_noticed(loop, file, tmp_path):
    with ZipFile(file) as zip, ZipFile(tmp_path / "b.zip", "w") as other:
        for info in zip.infolist():
            raw = zip.read(info)
            other.writestr(info, raw.replace(b'"phone"', b'"store"') if info.filename == CONTACTS else raw)
    refused(loop, tmp_path / "b.zip", "backup.damaged", CONTACTS, "SHA-256")


def test_a_newer_format_says_what_to_do(loop, file, tmp_path):
    said = refused(loop, repacked(file, tmp_path / "b.zip", version=2), "backup.newer", "update the program")
    assert "格式 2" in said


def test_a_record_that_is_there_twice_is_refused(loop, file, tmp_path):
    lines = read(file).splitlines(keepends=True)
    changed = lines[0].replace(b'"severity":', b'"severity": ')
    for again in (lines[0], changed):
        twice = repacked(file, tmp_path / "b.zip", {CONTACTS: b"".join([*lines, again])})
        refused(loop, twice, "backup.damaged", f"{CONTACTS}:{len(lines) + 1}")


@pytest.mark.parametrize("version", [-1, 0, (1 << 53) + 1, 10**30])
def test_a_version_that_cannot_be_is_refused(loop, file, tmp_path, version):
    first, *others = read(file).splitlines(keepends=True)
    odd = json.dumps(json.loads(first) | {"version": version}, ensure_ascii=False).encode() + b"\n"
    broken = repacked(file, tmp_path / "b.zip", {CONTACTS: b"".join([odd, *others])})
    refused(loop, broken, "backup.damaged", f"{CONTACTS}:1")


def test_the_mark_of_another_key_is_refused(loop, file, tmp_path):
    for digest, right in ((loop.vault.digest(WORD), True), ("0" * 64, False)):
        mark = KeyCheck(version=1, digest=digest).model_dump_json().encode() + b"\n"
        marked = repacked(file, tmp_path / "b.zip", {"entities/key_check.jsonl": mark})
        if right:
            with sqlite_store() as empty:
                brought_back(replace(loop, store=empty), marked)
        else:
            refused(loop, marked, "backup.damaged", "key_check.jsonl:1")


@pytest.mark.parametrize(
    ("letters", "attempts"), [(2, 0), (MOST_ATTEMPTS // 900, 1_000), (MOST_ATTEMPTS // 900, 5)]
)
def test_steps_given_up_twice_or_more_often_than_can_be_are_refused(loop, file, tmp_path, letters, attempts):
    lines = [
        Dead(kind="contact", key=f"x{n if attempts else 0}", step="tag", attempts=attempts or 1, error="e")
        for n in range(letters)
    ]
    raw = b"".join(line.model_dump_json().encode() + b"\n" for line in lines)
    odd = repacked(file, tmp_path / "b.zip", {DEAD: raw})
    with opened(odd) as backup:
        assert len(list(backup.dead())) == letters
        if attempts == 5:
            backup.verify(quiet)
            return
    refused(loop, odd, "backup.damaged", DEAD)


def test_what_wrote_a_backup_is_told_without_what_moves_a_terminal(loop, file, tmp_path):
    for product in ("\x1b[31mEVIL", "a\u202eb", "x" * 5_000):
        said = refused(loop, repacked(file, tmp_path / "b.zip", product=product), "backup.damaged", "product")
        newer = refused(loop, repacked(file, tmp_path / "b.zip", product=product, version=2), "backup.newer")
        assert (said + newer).isprintable()
        assert len(newer) < 500
    for version in (True, 0, -1):
        refused(loop, repacked(file, tmp_path / "b.zip", version=version), "backup.foreign")


def test_kinds_and_fields_of_a_newer_version_are_refused_unless_given_up(loop, file, tmp_path):
    newer = repacked(file, tmp_path / "b.zip", {"entities/hologram.jsonl": b'{"id":"1"}\n'})
    refused(loop, newer, "backup.kinds", "hologram")
    lines = read(file).splitlines(keepends=True)
    more = json.loads(lines[1]) | {"mood": "fine"}
    charges = json.loads(lines[2])
    for odd, field in (
        (more, "mood"),
        (charges | {"charges": [{**charges["charges"][0], "tax": 3}]}, "charges.tax"),
    ):
        changed = b"".join([lines[0], json.dumps(odd).encode() + b"\n", *lines[3:]])
        newer = repacked(file, tmp_path / "b.zip", {CONTACTS: changed})
        refused(loop, newer, "backup.fields", field, f"{CONTACTS}:2")
        with sqlite_store() as empty:
            brought_back(replace(loop, store=empty), newer, drop=True)


@pytest.mark.parametrize(
    "name",
    [
        "../evil.jsonl",
        "/etc/passwd",
        "entities/../../x.jsonl",
        "models/abcdef01/../x",
        "C:\\x",
        "models/x/y",
        "more.txt",
    ],
)
def test_names_that_lead_elsewhere_are_refused(loop, file, tmp_path, name):
    refused(loop, repacked(file, tmp_path / "b.zip", {name: b"x\n"}), "backup.damaged")


def test_a_part_under_the_name_of_another_is_refused(loop, file, tmp_path):
    with ZipFile(file) as zip:
        manifest = json.loads(zip.read(MANIFEST))
    for part in manifest["parts"]:
        part["entity"] = {"contact": "case", "case": "contact"}.get(part["entity"], part["entity"])
    refused(loop, repacked(file, tmp_path / "b.zip", parts=manifest["parts"]), "backup.damaged", "entities/")


def test_what_the_manifest_does_not_name_is_refused(loop, file):
    with ZipFile(file, "a") as zip:
        zip.writestr("extra.txt", b"x")
    refused(loop, file, "backup.damaged", "extra.txt")


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_the_same_name_twice_is_refused(loop, file):
    with ZipFile(file, "a") as zip:
        zip.writestr(CONTACTS, b"")
    refused(loop, file, "backup.damaged")


def test_a_bomb_is_found_at_its_first_line(loop, file, tmp_path):
    bomb = b"{" + b" " * 70_000_000 + b"}\n"
    refused(loop, repacked(file, tmp_path / "b.zip", {CONTACTS: bomb}), "backup.damaged", f"{CONTACTS}:1")
    huge = tmp_path / "c.zip"
    with ZipFile(huge, "w", ZIP_DEFLATED) as zip:
        zip.writestr(MANIFEST, b" " * (LARGEST_MANIFEST + 1))
    refused(loop, huge, "backup.foreign")


def test_a_stored_zip_that_somebody_packed_again_is_as_good(loop, file, tmp_path):
    with ZipFile(file) as zip, ZipFile(tmp_path / "b.zip", "w", ZIP_STORED) as other:
        for name in zip.namelist():
            other.writestr(name, zip.read(name))
    with sqlite_store() as empty:
        again = replace(loop, store=empty)
        brought_back(again, tmp_path / "b.zip")
        assert parts_of(backed_up(again, tmp_path / "c.zip")) == parts_of(file)
    with opened(tmp_path / "b.zip") as backup:
        assert backup.lines == sum(backup.manifest.counts.values()) > 10


def test_nothing_is_overwritten(loop, tmp_path):
    file = backed_up(loop, tmp_path / "a.zip")
    before = parts_of(file)
    with pytest.raises(Conflict, match=r"restore\.not_empty"):
        brought_back(loop, file)
    assert parts_of(backed_up(loop, tmp_path / "b.zip")) == before
    with sqlite_store() as empty:
        other = replace(loop, store=empty)
        brought_back(other, file)
        with pytest.raises(Conflict, match=r"restore\.not_empty"):
            brought_back(other, file)


def test_a_store_with_part_of_another_backup_is_not_filled_up(loop, tmp_path):
    file = backed_up(loop, tmp_path / "a.zip")
    loop.change(lambda unit: unit.put(User(name="new", role="agent")))
    newer = backed_up(loop, tmp_path / "b.zip")
    with sqlite_store() as empty:
        other = replace(loop, store=empty)
        with pytest.raises(Killed):
            brought_back(replace(other, store=Mortal(empty, 4)), file)
        with pytest.raises(Conflict, match=r"restore\.not_empty"):
            brought_back(other, newer)


def test_another_key_is_refused_before_anything_is_written(loop, tmp_path):
    file = backed_up(loop, tmp_path / "a.zip")
    with sqlite_store() as empty:
        stranger = replace(replace(loop, store=empty), vault=type(loop.vault)(b"x" * 32))
        with opened(file) as backup, pytest.raises(LoopError, match=r"restore\.other_key"):
            restore(stranger, backup, quiet)
        assert empty.families() == []
