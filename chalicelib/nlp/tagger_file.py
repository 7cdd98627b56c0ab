"""Taggers from files: a model's folder holds all that is needed to tag, its causes and their words too."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chalicelib.model.errors import Invalid
from chalicelib.nlp.analyser import Tagger
from chalicelib.nlp.lexicon import CauseWords
from chalicelib.nlp.model_file import Model, load

if TYPE_CHECKING:
    from chalicelib.model.taxonomy import Taxonomy

SHIPPED = Path(__file__).parent.parent / "data" / "model"
"""The model trained on the authored data alone."""


@cache
def shipped_model() -> Model:
    """The model that comes with the product."""
    return load(SHIPPED)


@cache
def shipped() -> Tagger:
    """The tagger of the default causes, without the seconds that the taxonomy's checks take to import."""
    return _tagger(shipped_model(), SHIPPED)


def words_of(taxonomy: Taxonomy) -> list[CauseWords]:
    """The causes of a taxonomy that are looked for, as the tagger needs them."""
    return [CauseWords(c.code, c.label_zh, c.definition_zh, c.words) for c in taxonomy.readable]


def load_tagger(folder: Path) -> Tagger:
    """The tagger of a folder that `voc learn --out` wrote; raises Invalid for one that is broken or not ours."""
    return _tagger(load(folder), folder)


def _tagger(model: Model, folder: Path) -> Tagger:
    try:
        return Tagger([_cause(one) for one in model.facts["causes"]], model)
    except (KeyError, TypeError, ValueError) as error:
        raise Invalid(
            "model.causes",
            "模型缺少原因表，请重新训练",
            "the model lacks its causes; train again",
            folder.name,
        ) from error


def causes_as_facts(causes: Iterable[CauseWords]) -> list[dict[str, Any]]:
    """What `load_tagger` reads back."""
    return [
        {"code": one.code, "label": one.label, "definition": one.definition, "words": list(one.words)}
        for one in causes
    ]


def _cause(fact: Mapping[str, Any]) -> CauseWords:
    return CauseWords(fact["code"], fact["label"], fact["definition"], tuple(fact["words"]))
