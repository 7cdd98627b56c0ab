"""Learning from what people said: train a version without the held-out contacts, compare, put it live or not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from chalicelib.loop.context import Loop, LoopUnit, Workshop
from chalicelib.loop.listen.clearing import clear_old
from chalicelib.loop.listen.comparing import compare, objections
from chalicelib.loop.listen.labels import labels, parted
from chalicelib.loop.listen.turn import RENEWED, Turn, turn
from chalicelib.loop.listen.versions import live_tagger, same_model, versions
from chalicelib.model.contact import Contact
from chalicelib.model.errors import Invalid, LoopError
from chalicelib.model.tagger import Comparison, Learning, Reason, TaggerVersion
from chalicelib.model.taxonomy import Taxonomy
from chalicelib.ports import Candidate, Label, Trainer

FEWEST, FEWEST_HELD_OUT = 50, 20
PARTS = ("collect", "train", "test", "save")
Tell = Callable[[str], None]
"""Told which of the parts begins."""


class Lesson(NamedTuple):
    """What came of learning: a version, and whether it is a new one."""

    version: TaggerVersion
    fresh: bool


class _Parts(NamedTuple):
    """What one learning works with; `live` is the number of the version that was live when it began."""

    taxonomy: Taxonomy
    taught: list[Label]
    held: list[Label]
    live: int


def all_labels(loop: Loop, taxonomy: Taxonomy) -> list[Label]:
    """Everything people said. Reads every contact: not for a request."""
    return labels(loop.store.scan(Contact), taxonomy)


def shortage(known: Sequence[Label]) -> Invalid | None:
    """The refusal when there is too little to learn from and to test on."""
    _, held = parted(known)
    if len(known) >= FEWEST and len(held) >= FEWEST_HELD_OUT:
        return None
    return Invalid(
        "learn.few",
        f"人工纠正还不够：现有 {len(known)} 条（其中留作检验 {len(held)} 条），至少要 {FEWEST} 条和 {FEWEST_HELD_OUT} 条；"
        "请继续纠正，什么也没有改变",
        f"not enough corrections yet: {len(known)} ({len(held)} of them held out for testing) where {FEWEST} and "
        f"{FEWEST_HELD_OUT} are needed; go on correcting, nothing was changed",
        "labels",
    )


def workshop_of(loop: Loop) -> tuple[Workshop, Trainer]:
    """What is needed to train. Raises Invalid where it is not to be had."""
    if loop.workshop is None or loop.workshop.trainer is None:
        raise Invalid(
            "learn.unavailable",
            "这里不能训练（没有 scikit-learn）；请在装有它的机器上运行 ./voc learn",
            "nothing can be trained here (no scikit-learn); run ./voc learn on a machine that has it",
            "learn",
        )
    return loop.workshop, loop.workshop.trainer


def learn(loop: Loop, by: str, tell: Tell = lambda part: None, every: float = RENEWED) -> Lesson:
    """Train, compare, keep, and put live if it is not worse.

    Raises Invalid when there is too little to learn from or nothing to train with, Conflict while another
    learning is under way. The files are kept before the version is stored and the version goes live in the
    same save: whenever this ends, the old version is live or the new one is, whole; doing it again is safe.
    The turn is renewed `every` so many seconds.
    """
    workshop, trainer = workshop_of(loop)
    with turn(loop, by, every) as held:
        try:
            lesson = _learn(loop, held, workshop, trainer, by, tell)
            held.outcome = _told(loop, lesson)
            clear_old(loop, workshop.files)
            return lesson
        except LoopError as error:
            held.outcome = Reason(code=error.code, zh=error.zh, en=error.en)
            raise
        except Exception as error:
            held.outcome = Reason(
                code="learn.failed",
                zh=f"学习没有做成：{type(error).__name__}",
                en=f"learning did not work: {type(error).__name__}",
            )
            raise


def _learn(loop: Loop, held: Turn, workshop: Workshop, trainer: Trainer, by: str, tell: Tell) -> Lesson:
    tell("collect")
    unit = loop.unit()
    known = all_labels(loop, unit.taxonomy)
    if lacking := shortage(known):
        raise lacking
    loop.change(_note_try)
    parts = _Parts(unit.taxonomy, *parted(known), live_tagger(unit).number)
    tell("train")
    candidate = trainer.train(parts.taught, parts.taxonomy)
    if same := same_model(loop.unit(), candidate.digest):
        workshop.files.put(candidate.digest, candidate.files)  # if they were lost, here they are again
        return Lesson(loop.change(lambda unit: _there_again(unit, same)), False)
    tell("test")
    compared = _compared(workshop, parts, live_tagger(unit).digest, candidate)
    tell("save")
    workshop.files.put(candidate.digest, candidate.files)
    return Lesson(loop.change(lambda unit: _keep(unit, held, parts, candidate, compared, by)), True)


def _compared(workshop: Workshop, parts: _Parts, live: str, candidate: Candidate) -> Comparison:
    """Beside the live version; beside the shipped one, which tags then, when the live one cannot be read."""
    texts, against = [label.text for label in parts.held], parts.live
    try:
        before = workshop.tagger(parts.taxonomy, live)
    except Invalid:
        against, before = 0, workshop.tagger(parts.taxonomy, "")
    # `suggest` reads the same without spaCy, for which a function that trains has no room.
    return compare(parts.held, before.suggest(texts), candidate.analyser.suggest(texts), against)


def _keep(
    unit: LoopUnit, held: Turn, parts: _Parts, candidate: Candidate, compared: Comparison, by: str
) -> TaggerVersion:
    held.mine(unit)
    live, known = live_tagger(unit), versions(unit, limit=1)
    reasons = objections(compared) + ((_switched(),) if live.number != parts.live else ())
    version = unit.put(
        TaggerVersion(
            number=1 + (known[0].number if known else 0),
            digest=candidate.digest,
            taxonomy=parts.taxonomy.number,
            made=unit.now,
            by=by,
            learnt=len(parts.taught),
            tested=len(parts.held),
            comparison=compared,
            refused=reasons,
        )
    )
    if reasons:
        return version
    unit.put(live.switched(version, unit.now, by))
    return unit.put(version.model_copy(update={"went_live": unit.now}))


def _there_again(unit: LoopUnit, version: TaggerVersion) -> TaggerVersion:
    known = unit.get(TaggerVersion, version.key) or version
    return unit.put(known.model_copy(update={"cleared": None}))


def _switched() -> Reason:
    return Reason(
        code="learn.switched",
        zh="训练期间换了现行版本，没有与它比较；请再学一次",
        en="another version went live meanwhile and was not compared with; learn again",
    )


def _told(loop: Loop, lesson: Lesson) -> Reason:
    """What became of it, for those who did not wait."""
    number, live = lesson.version.number, live_tagger(loop.unit()).number
    if not lesson.fresh:
        return Reason(
            code="learn.nothing_new",
            zh=f"没有新东西可学：与第 {number} 版相同",
            en=f"nothing new to learn: the same as version {number}",
        )
    if lesson.version.refused:
        return Reason(
            code="learn.refused",
            zh=f"第 {number} 版没有启用，现行第 {live} 版",
            en=f"version {number} was refused; version {live} stays live",
        )
    return Reason(code="learn.live", zh=f"第 {number} 版已启用", en=f"version {number} is live")


def _note_try(unit: LoopUnit) -> None:
    if known := unit.get(Learning, "learning"):
        unit.put(known.model_copy(update={"tried": unit.now}))
