"""The tagger of the default causes: authored contacts and sayings, the house lexicon, and a company's corrections."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy import sparse

from chalicelib.learn.corpus import FOLDER, SAYINGS, Contact, read_corpus, read_sayings
from chalicelib.learn.examples import Example, Marks, marks
from chalicelib.learn.heads import train_head
from chalicelib.learn.logistic import logistic
from chalicelib.learn.views import inverse_frequency
from chalicelib.model.analysis import ContactKind
from chalicelib.model.taxonomy import default_taxonomy
from chalicelib.nlp.compiled import NAME, write_rules
from chalicelib.nlp.features import Batch, Floats, Keys, Vocabulary, gather, lay_out
from chalicelib.nlp.fusion import Fusion, Thresholds
from chalicelib.nlp.lexicon import DATA, SOURCES, CauseWords, compile_house_rules, rules_for
from chalicelib.nlp.linear import Head, View, values
from chalicelib.nlp.model_file import Model
from chalicelib.nlp.mood import moods
from chalicelib.nlp.reading import Reader, Reading
from chalicelib.nlp.tagger_file import SHIPPED, causes_as_facts, words_of
from chalicelib.privacy.text import fold

LONGEST, LEAST, MOST_GRAMS = 4, 2, 20_000
COST = 20.0
"""C of the logistic models."""
FUSION = (0.39, 4.4, 0.44)
"""What the margin of the text, the strength of its phrases and the number of clauses that agree weigh.

The authored texts cannot tell: phrases and learner know them too well. Set on labelled real contacts that
neither was made from.
"""
BASE = -2.4
ASSIGN, SURE = 0.44, 0.8
OWN_WEIGHT = 5.0
"""A correction by the company's own people counts like so many authored texts."""


@dataclass(frozen=True)
class Label:
    """What one of the company's people said of a contact; None: nothing was said of it."""

    example: Example
    kind: ContactKind | None = None
    severity: int | None = None


Said = Callable[[str], object]


def train_default(
    causes: Sequence[CauseWords], labels: Iterable[Label] = (), said: Said = lambda _: None
) -> Model:
    """A model for these causes. The same input gives the same model, byte by byte once saved."""
    codes, labels = [cause.code for cause in causes], list(labels)
    corpus = read_corpus()
    said("读语料 reading the corpus")
    reader = Reader(rules_for(causes))
    authored = [*(one.example for one in corpus), *read_sayings()]
    examples = [*_fitting(authored, frozenset(codes)), *(one.example for one in labels)]
    readings = [reader.read(fold(one.text)) for one in examples]
    weight = np.array([one.weight for one in examples], np.float32)
    said("学原因 learning causes")
    keys, view = _pruned(*_view(readings, marks(examples, codes), weight))
    said("学类别和严重度 learning kinds and severities")
    heads = _heads(keys, reader, corpus, labels)
    facts: dict[str, Any] = {
        "sources": sources(),
        "authored": len(authored),
        "corrections": len(labels),
        "causes": causes_as_facts(causes),
    }
    many = len(codes)
    weights = np.tile(np.array(FUSION, np.float32)[:, None], (1, many))
    fusion = Fusion(weights, np.full(many, BASE, np.float32))
    thresholds = Thresholds(np.full(many, ASSIGN, np.float32), SURE)
    return Model(tuple(codes), keys, (view,), fusion, thresholds, facts, heads)


def sources() -> str:
    """Digest of the authored files that a model is made from; another one means that it has fallen behind."""
    files = [
        *sorted(FOLDER.glob("*.tsv")),
        *sorted(SAYINGS.glob("*.tsv")),
        *sorted(DATA.glob("lexicon*.csv")),
    ]
    whole = hashlib.sha256()
    for file in files:
        whole.update(f"{file.name}\n".encode() + file.read_bytes())
    return whole.hexdigest()[:16]


def _fitting(authored: Iterable[Example], codes: frozenset[str]) -> Iterator[Example]:
    """Authored texts without the causes that the taxonomy lacks; one that is only about those says nothing."""
    for one in authored:
        if one.causes <= codes:
            yield one
        elif known := one.causes & codes:
            yield replace(one, causes=known)


def _view(readings: Sequence[Reading], truth: Marks, weight: Floats) -> tuple[Keys, View]:
    """Logistic models of each cause over TF-IDF n-grams of whole texts."""
    layout = lay_out(readings)
    keys = gather(layout, LONGEST, LEAST)
    found = Batch(layout, Vocabulary(keys)).texts
    idf = inverse_frequency(found, len(keys))
    x = sparse.csr_matrix((values(found, "tfidf", idf), found.rows, found.edges), (len(readings), len(keys)))
    weights, bias = logistic(x, truth, weight, COST)
    return keys, View("text", "tfidf", weights, bias, idf)


def _pruned(keys: Keys, view: View) -> tuple[Keys, View]:
    """The n-grams of largest weight, in the precision they are stored with."""
    kept = np.sort(np.argsort(-np.abs(view.weights).max(axis=1), kind="stable")[:MOST_GRAMS])
    weights = view.weights[kept].astype(np.float16).astype(np.float32)
    return keys[kept], view._replace(weights=weights, idf=view.idf[kept])


def _heads(keys: Keys, reader: Reader, corpus: Sequence[Contact], labels: Sequence[Label]) -> dict[str, Head]:
    """Heads for kind and severity."""
    kinds = [(one.example.text, one.kind) for one in corpus]
    kinds += [(one.example.text, one.kind) for one in labels if one.kind]
    grades = [(one.example.text, str(one.severity)) for one in corpus]
    grades += [(one.example.text, str(one.severity)) for one in labels if one.severity is not None]
    return {"kind": _head(keys, reader, kinds), "severity": _head(keys, reader, grades)}


def _head(keys: Keys, reader: Reader, said: Sequence[tuple[str, str]]) -> Head:
    readings = [reader.read(fold(text)) for text, _ in said]
    return train_head(keys, readings, moods(readings), [value for _, value in said])


def main() -> None:
    """Make the shipped model again from the authored files."""
    write_rules(SHIPPED / NAME, compile_house_rules(), SOURCES)
    model = train_default(words_of(default_taxonomy()), said=lambda label: sys.stderr.write(f"{label}\n"))
    sys.stdout.write(f"{model.save(SHIPPED)}\n")


if __name__ == "__main__":
    main()
