"""The company's trainer for real: what people say is learnt, and the same labels make the same files."""

from __future__ import annotations

import math
import os
from datetime import UTC, datetime

import pytest

from chalicelib.adapters.model_files import FolderModels
from chalicelib.learn.apart import apart
from chalicelib.learn.company import CompanyTrainer
from chalicelib.loop.context import Loop, Workshop
from chalicelib.loop.listen.labels import labels
from chalicelib.loop.listen.learning import learn
from chalicelib.loop.listen.versions import go_live
from chalicelib.loop.worker import drain
from chalicelib.model.errors import Invalid
from chalicelib.nlp.tagger_file import words_of
from chalicelib.nlp.taggers import Taggers
from chalicelib.privacy.text import clean_text
from tests.loop.making import ADMIN, contact, stored
from tests.small_model import RUDE, SLOW, SMALL, START, small_model
from tests.stores import sqlite_store
from tests.teaching import corrected, numbers, teach

AT = datetime(2026, 11, 18, 2, 0, tzinfo=UTC)
OURS = ("拖拖拉拉", "没完没了地等", "一等就是俩钟头")
"""What this company's customers say for slow, and no authored text does."""


def here(work, *given):
    """Without a process of its own."""
    return work(*given)


def corrections():
    """Slow in the customers' words, rude in the authored ones; four in five to learn from."""
    chosen = numbers(False, 64) + numbers(True, 28)
    said = [(start + text, SLOW) for text in OURS for start in START] + [(s + "凶巴巴", RUDE) for s in START]
    return [
        corrected(n, AT, said[i % len(said)][0], causes=(said[i % len(said)][1],))
        for i, n in enumerate(chosen)
    ]


@pytest.mark.slow
def test_the_same_labels_in_any_order_make_the_same_files():
    trainer, known = CompanyTrainer(small_model, here), labels(corrections(), SMALL)
    one, other = trainer.train(known, SMALL), trainer.train(known[::-1], SMALL)
    assert (one.digest, one.files) == (other.digest, other.files)
    assert one.analyser.version.startswith(one.digest[:8])
    assert trainer.train(known[1:], SMALL).digest != one.digest


@pytest.mark.slow
def test_learnt_from_people_tested_put_live_used_and_taken_back(tmp_path, vault, clock):
    shipped = small_model(words_of(SMALL), [])
    files = FolderModels(tmp_path)
    taggers = Taggers(files, lambda: shipped)
    with sqlite_store() as store:
        shop = Workshop(files, taggers, CompanyTrainer(small_model, here))
        loop = Loop(store, vault, lambda taxonomy: taggers.live(store, taxonomy), clock, workshop=shop)
        loop.change(lambda unit: unit.put(SMALL))
        teach(loop, corrections())
        lesson = learn(loop, "boss")
        found = lesson.version.comparison
        assert (lesson.fresh, lesson.version.refused) == (True, ())
        assert found.difference.low > 0
        assert found.after.micro.value > 0.95
        assert files.get(lesson.version.digest)
        assert not learn(loop, "boss").fresh
        tagged = [_tagged(loop, clock, "柜台一等就是俩钟头")]
        go_live(loop, ADMIN, 0)
        tagged.append(_tagged(loop, clock, "柜台拖拖拉拉"))
    assert [causes for causes, _ in tagged] == [[SLOW], []]
    assert [version[:8] == lesson.version.digest[:8] for _, version in tagged] == [True, False]


def _tagged(loop, clock, text: str) -> tuple[list[str], str]:
    key = contact(loop, clock(), text=text)
    drain(loop)
    analysis = stored(loop, key).analysis
    return [tag.code for tag in analysis.causes], analysis.version


# A process of its own


def test_work_is_done_elsewhere_and_comes_back():
    assert apart(os.getpid) != os.getpid()
    assert apart(math.sqrt, 4.0) == 2.0


@pytest.mark.parametrize(
    ("work", "given", "error"),
    [
        (os._exit, (9,), "learn.ended"),
        (clean_text, (13800138000,), "text.type"),
        (int, ("电话 13800138000",), "ValueError"),
    ],
    ids=["ended", "refused", "broken"],
)
def test_what_goes_wrong_elsewhere_is_told_without_a_word_of_the_data(work, given, error):
    with pytest.raises((Invalid, RuntimeError)) as told:
        apart(work, *given)
    assert error in str(told.value)
    assert "13800138000" not in str(told.value)
