"""A real tagger, trained in a second: two causes, a few dozen short texts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from chalicelib.learn.default import Label as Said
from chalicelib.learn.examples import Example
from chalicelib.learn.heads import train_head
from chalicelib.learn.train import train
from chalicelib.model.taxonomy import Cause, Department, Taxonomy
from chalicelib.nlp.lexicon import CauseWords, rules_for
from chalicelib.nlp.model_file import Model
from chalicelib.nlp.mood import moods
from chalicelib.nlp.reading import Reader

SLOW, RUDE = "own.slow", "own.rude"
SMALL = Taxonomy(
    number=2,
    departments=(Department(code="service", name_zh="客服部"),),
    causes=(
        Cause(code=SLOW, label_zh="磨蹭", department="service", words=("磨磨蹭蹭",)),
        Cause(code=RUDE, label_zh="凶", department="service", words=("凶巴巴",)),
    ),
)
AUTHORED = {
    SLOW: ("磨磨蹭蹭的", "办事磨磨蹭蹭", "窗口磨磨蹭蹭半天"),
    RUDE: ("凶巴巴的", "说话凶巴巴", "对我凶巴巴地喊"),
    "": ("谢谢", "挺好的", "下次再来"),
}
START = ("昨天", "唉，", "说实话，", "朋友说", "", "今天去了，")


def small_model(causes: Sequence[CauseWords], labels: Sequence[Said]) -> Model:
    """A pure function, as `Make` wants it."""
    codes = [cause.code for cause in causes]
    said = [Said(_authored(cause, start + text), "complaint" if cause else "praise", int(bool(cause)))
            for cause, texts in AUTHORED.items() if cause in ("", *codes)
            for text in texts for start in START]  # fmt: skip
    said += labels
    reader = Reader(rules_for(causes))
    model = train([one.example for one in said], codes, reader.read)
    readings = [reader.read(one.example.text) for one in said]
    dense = np.asarray(moods(readings), np.float32)
    kinds, grades = [str(one.kind) for one in said], [str(one.severity) for one in said]
    heads = {
        "kind": train_head(model.keys, readings, dense, kinds),
        "severity": train_head(model.keys, readings, dense, grades),
    }
    return replace(model, heads=heads)


def _authored(cause: str, text: str) -> Example:
    return Example(f"authored {text}", text, frozenset({cause} - {""}))
