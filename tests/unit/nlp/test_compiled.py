"""The compiled lexicon says what the lexicon says, and is not believed when it does not belong to it."""

from __future__ import annotations

import gzip

import pytest

from chalicelib.nlp.compiled import NAME, read_rules, write_rules
from chalicelib.nlp.lexicon import DATA, SOURCES, compile_house_rules


@pytest.fixture(scope="module")
def rules():
    return compile_house_rules()


def test_the_shipped_rules_are_the_lexicons(rules):
    assert read_rules(DATA / "model" / NAME, SOURCES) == rules


def test_the_same_rules_are_the_same_bytes(rules, tmp_path):
    for name in ("a", "b"):
        write_rules(tmp_path / name, rules, SOURCES)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


@pytest.mark.parametrize(
    "damage",
    [
        lambda file: file.unlink(),
        lambda file: file.write_bytes(file.read_bytes()[:1000]),
        lambda file: file.write_bytes(b""),
        lambda file: file.write_bytes(file.read_bytes()[:40] + b"\xff" * 40 + file.read_bytes()[80:]),
        lambda file: file.write_bytes(gzip.compress(b"[" * 200_000)),
        lambda file: file.write_bytes(gzip.compress(b"[]")),
        lambda file: file.write_bytes(gzip.compress(b'{"sources": "another"}')),
    ],
    ids=["missing", "cut off", "empty", "bits flipped", "too deep", "not ours", "of other sources"],
)
def test_what_does_not_belong_is_compiled_anew(damage, rules, tmp_path):
    file = tmp_path / NAME
    write_rules(file, rules[:20], SOURCES)
    assert read_rules(file, SOURCES) == rules[:20]
    damage(file)
    assert read_rules(file, SOURCES) is None
