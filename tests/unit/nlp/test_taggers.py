"""The live tagger: the one that is stored as live, and the shipped one whenever that cannot be used."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping

import pytest

from chalicelib.model.errors import Invalid
from chalicelib.model.tagger import LiveTagger
from chalicelib.nlp.tagger_file import words_of
from chalicelib.nlp.taggers import PATIENCE, Taggers, model_of
from chalicelib.ports import Change
from tests.small_model import SMALL, small_model
from tests.stores import sqlite_store
from tests.teaching import Shelf


@pytest.fixture(scope="module")
def saved(tmp_path_factory) -> tuple[str, dict[str, bytes]]:
    folder = tmp_path_factory.mktemp("model")
    digest = small_model(words_of(SMALL), []).save(folder)
    return digest, {file.name: file.read_bytes() for file in folder.iterdir()}


@pytest.fixture(scope="module")
def shipped():
    return small_model(words_of(SMALL)[:1], [])


@pytest.fixture
def shelf(saved) -> Shelf:
    shelf = Shelf()
    shelf.put(*saved)
    return shelf


class Minutes:
    """A clock that tests turn."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


def made_live(store, digest: str) -> None:
    before = store.get(LiveTagger, ["live"]).get("live")
    version = (before.version if before else 0) + 1
    store.save([Change(before, LiveTagger(number=1, digest=digest, version=version))], {})


def test_a_model_is_read_once_and_tags(shelf, saved, shipped):
    taggers = Taggers(shelf, lambda: shipped)
    tagger = taggers(SMALL, saved[0])
    assert tagger.version.startswith(saved[0][:8])
    (analysis,) = tagger(["办事磨磨蹭蹭"])
    assert [tag.code for tag in analysis.causes] == ["own.slow"]
    assert analysis.version == tagger.version
    shelf.kept.clear()
    assert taggers(SMALL, saved[0]) is tagger
    assert taggers(SMALL).version != tagger.version


def test_the_live_one_follows_the_store_without_a_restart(shelf, saved, shipped):
    taggers = Taggers(shelf, lambda: shipped)
    with sqlite_store() as store:
        first = taggers.live(store, SMALL)
        assert first is taggers(SMALL)
        made_live(store, saved[0])
        assert taggers.live(store, SMALL) is taggers(SMALL, saved[0])
        made_live(store, "")
        assert taggers.live(store, SMALL) is first


def cut(files: Mapping[str, bytes]) -> dict[str, bytes]:
    return {**files, "arrays.npz": files["arrays.npz"][:-100]}


DAMAGE: dict[str, tuple[Callable[[Mapping[str, bytes]], dict[str, bytes]], str]] = {
    "gone": (lambda files: {}, "model.missing"),
    "half of it": (lambda files: {"arrays.npz": files["arrays.npz"]}, "model.missing"),
    "cut short": (cut, "model.digest"),
    "not ours": (lambda files: {**files, "model.json": b"[]"}, "model.missing"),
}


@pytest.mark.parametrize("name", DAMAGE)
def test_a_damaged_live_model_is_told_and_the_shipped_one_tags(name, shelf, saved, shipped, caplog):
    damage, code = DAMAGE[name]
    shelf.put(saved[0], damage(saved[1]))
    taggers, fault = Taggers(shelf, lambda: shipped), ""
    with sqlite_store() as store, caplog.at_level(logging.WARNING):
        made_live(store, saved[0])
        for _ in range(5):
            assert taggers.live(store, SMALL) is taggers(SMALL)
        try:
            taggers(SMALL, saved[0])
        except Invalid as error:
            fault = error.code
    assert fault == code
    assert [saved[0][:8] in record.getMessage() for record in caplog.records] == [True]


def test_what_was_missing_is_looked_for_again_after_a_while(saved, shipped):
    shelf, clock = Shelf(), Minutes()
    taggers = Taggers(shelf, lambda: shipped, clock)
    with pytest.raises(Invalid, match=r"model\.absent"):
        taggers(SMALL, saved[0])
    shelf.put(*saved)
    with pytest.raises(Invalid, match=r"model\.absent"):
        taggers(SMALL, saved[0])
    clock.now += PATIENCE
    assert taggers(SMALL, saved[0]).version.startswith(saved[0][:8])


def test_files_of_another_model_are_refused(saved):
    with pytest.raises(Invalid, match=r"model\.other"):
        model_of(saved[1], "ab" * 32)


def test_without_a_shipped_model_there_is_nothing_to_fall_back_on(shelf):
    def none():
        raise Invalid("model.missing", "没有", "none", "model")

    with sqlite_store() as store, pytest.raises(Invalid, match=r"model\.missing"):
        Taggers(shelf, none).live(store, SMALL)
