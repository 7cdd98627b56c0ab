"""A stand-alone tagger for a company's own causes: its labels, its words, and nothing of ours but the moods."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from chalicelib.learn.examples import Example
from chalicelib.learn.gold import Gold
from chalicelib.learn.heads import with_heads_of
from chalicelib.learn.train import train
from chalicelib.model.errors import Invalid
from chalicelib.nlp.lexicon import CauseWords, rules_for
from chalicelib.nlp.model_file import Model
from chalicelib.nlp.reading import Reader, Reading
from chalicelib.nlp.tagger_file import causes_as_facts, shipped_model
from chalicelib.privacy.text import fold


def train_own(
    causes: Sequence[CauseWords],
    labels: Sequence[Gold],
    unlabelled: Sequence[str] = (),
    said: Callable[[str], None] = lambda _: None,
) -> Model:
    """A model for these causes. The same input gives the same model, byte by byte once saved.

    Kind and severity, which such labels do not name, are judged as the shipped tagger judges them; causes that no
    label names, by their phrases alone. Raises Invalid where there is nothing to learn.
    """
    reader = Reader(rules_for(causes))

    def read(text: str) -> Reading:
        return reader.read(fold(text))

    said(f"训练 {len(labels)} 条 training")
    examples = [Example(one.id, one.text, frozenset(one.causes)) for one in labels]
    named = {code for one in examples for code in one.causes}
    if not named:
        raise Invalid(
            "learn.no_cause",
            "标注里没有一条写了原因，学不到东西；请先标几条有原因的联络",
            "no label names a cause, so there is nothing to learn: label some contacts that have one",
        )
    facts = {"causes": causes_as_facts(causes)}
    model = train(examples, [one.code for one in causes if one.code in named], read, unlabelled, facts)
    return with_heads_of(model, shipped_model())
