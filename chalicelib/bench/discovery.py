"""`voc bench discovery`: are causes found that nobody has named? Topics of public sets are hidden in turn.

In all parts the labels of the set say which contacts of the window carry the hidden topic. What known causes
explain is decided without them in parts 1 and 2: a linear tagger that has never seen a text with the hidden topic
tags window and baseline, and the clauses that speak for its tags are the evidence.

1. Car opinions. Window: 2,000 posts, 3 % of them with the hidden topic (alone or beside others). Baseline: up to
   4,000 posts without it, over 8 weeks. The others without it, at least 1,200, train the tagger. Found: one of the
   new findings, ten at most, has the topic in at least half of its 20 surest members; missing members count as
   wrong. Precision at 20 is of the best finding, found or not; 0 without findings.
2. A stream. Window: 10,000 shopping reviews, 50, 100 and 200 of three hidden kinds of goods; baseline: 10,000 of the
   other kinds. Proposed: a new finding of the one run has the topic in at least 80 % of all its members. The same
   once more with 22,000 reviews and the car posts as one pool, from all of whose topics the three are drawn.
3. Cosmetics reviews. The gold words of every category but the hidden one explain their clauses. Window: all reviews
   of one half that carry the hidden category and another one too, and a third of those without it; baseline: the
   other two thirds. Named: the first five words of the new findings, in order, hold the category's name or a word
   that stands for it in the other half: in at least 3 of its clauses, and in them at least 60 % of the time.
   A category with fewer than 10 such reviews is left out.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import numpy as np

from chalicelib.nlp.clauses import split
from chalicelib.nlp.discovery.discover import discover
from chalicelib.nlp.discovery.finding import Document, Finding
from chalicelib.nlp.discovery.words import finder, words_of
from chalicelib.privacy.text import fold

CARS, SHOPPING, COSMETICS = "car_opinions", "shopping_reviews", "cosmetics_reviews"
WEEKS = 8
WINDOW, BASELINE, SHARE, TRAINING = 2_000, 4_000, 0.03, 1_200
STREAM, GOODS, LEARNT, HIDDEN_SHARES = 10_000, 22_000, 5_000, (0.005, 0.01, 0.02)
FEWEST, SPOKEN, MEANT, TOP = 10, 3, 0.6, 5
AT, HALF, PURE = 20, 0.5, 0.8
Step = Callable[[str], None]
Spans = tuple[tuple[int, int], ...]


class SetsMissing(Exception):
    """The public sets are not here; the text names the file."""


class Example(NamedTuple):
    """A labelled text; `spans` are (topic, words that show it) where the set has them."""

    text: str
    topics: frozenset[str]
    spans: tuple[tuple[str, str], ...] = ()


class Case(NamedTuple):
    """Documents for one run, and the keys of those that carry each hidden topic."""

    documents: list[Document]
    hidden: dict[str, set[str]]


def read(folder: Path, name: str) -> list[Example]:
    """A set of the folder. Raises SetsMissing."""
    file = folder / f"{name}.train.jsonl"
    if not file.is_file():
        raise SetsMissing(str(file))
    with file.open(encoding="utf-8") as lines:
        return [_example(json.loads(line)) for line in lines]


def _example(row: dict[str, Any]) -> Example:
    aspects = row.get("aspects") or [[row["category"]]]
    spans = tuple((one[0], fold(one[2])) for one in aspects if len(one) > 2 and one[2] != "_")
    return Example(fold(row["text"]), frozenset(one[0] for one in aspects), spans)


def measure(folder: Path, draws: int, step: Step = lambda label: None) -> dict[str, Any]:
    """All figures, a list with one entry a draw."""
    cars, shopping, reviews = (read(folder, name) for name in (CARS, SHOPPING, COSMETICS))
    report: dict[str, list[Any]] = {"cars": [], "stream": [], "mixed": [], "cosmetics": []}
    for draw in range(draws):
        for topic in sorted({topic for one in cars for topic in one.topics}):
            step(f"汽车 cars {draw + 1} {topic}")
            report["cars"].append({"draw": draw, **_precision(hide(cars, topic, draw), topic)})
        step(f"大流量 stream {draw + 1}")
        report["stream"].append({"draw": draw, **_purities(stream(shopping, draw))})
        pool = [*cars, *Random(f"goods {draw}").sample(shopping, GOODS)]
        report["mixed"].append({"draw": draw, **_purities(stream(pool, draw))})
        step(f"化妆品 cosmetics {draw + 1}")
        report["cosmetics"] += ({"draw": draw, **one} for one in _named(reviews, draw))
    return report


def hide(examples: Sequence[Example], topic: str, draw: int) -> Case:
    """Part 1: the window with the hidden topic, the baseline without it."""
    rng = Random(f"{topic} {draw}")
    hidden, others = _apart(examples, {topic}, rng)
    many = round(SHARE * WINDOW)
    window, rest = [*hidden[:many], *others[: WINDOW - many]], others[WINDOW - many :]
    baseline = max(0, min(BASELINE, len(rest) - TRAINING))
    return _case(window, rest[:baseline], Tagger(rest[baseline:]), [topic], rng)


def stream(examples: Sequence[Example], draw: int) -> Case:
    """Part 2: three hidden topics of different size among ten thousand contacts."""
    rng = Random(f"stream {draw}")
    topics = rng.sample(sorted({topic for one in examples for topic in one.topics}), len(HIDDEN_SHARES))
    hidden, others = _apart(examples, set(topics), rng)
    window: list[Example] = []
    for topic, share in zip(topics, HIDDEN_SHARES, strict=True):
        alone = [one for one in hidden if one.topics & set(topics) == {topic}]
        window += alone[: round(share * STREAM)]
    fill = STREAM - len(window)
    training = others[fill + STREAM :][:LEARNT]
    return _case([*window, *others[:fill]], others[fill:][:STREAM], Tagger(training), topics, rng)


def _apart(examples: Sequence[Example], topics: set[str], rng: Random) -> tuple[list[Example], list[Example]]:
    """Those that carry one of the topics and those that carry none, shuffled."""
    shuffled = rng.sample(examples, len(examples))
    return [one for one in shuffled if one.topics & topics], [
        one for one in shuffled if not one.topics & topics
    ]


def _case(
    window: Sequence[Example], baseline: Sequence[Example], tagger: Tagger, topics: Sequence[str], rng: Random
) -> Case:
    examples = [*window, *baseline]
    return _documents(examples, len(window), tagger.evidence([one.text for one in examples]), topics, rng)


def _documents(
    examples: Sequence[Example], window: int, explained: Iterable[Spans], topics: Iterable[str], rng: Random
) -> Case:
    """Keys are drawn, so that no order of the sets shows in them."""
    keys = [f"{number:06d}" for number in rng.sample(range(len(examples)), len(examples))]
    weeks = [WEEKS if at < window else rng.randrange(WEEKS) for at in range(len(examples))]
    rows = zip(keys, examples, weeks, explained, strict=True)
    documents = [Document(key, one.text, week, spans) for key, one, week, spans in rows]
    pairs = list(zip(keys, examples, strict=True))[:window]
    return Case(documents, {topic: {key for key, one in pairs if topic in one.topics} for topic in topics})


def _precision(case: Case, topic: str) -> dict[str, Any]:
    right = case.hidden[topic]
    found, seconds = _run(case)
    shares = [sum(one.key in right for one in finding.members[:AT]) / AT for finding in found]
    best = max(range(len(found)), key=lambda at: shares[at], default=None)
    return {
        "topic": topic,
        "precision": 0.0 if best is None else shares[best],
        "found": best is not None and shares[best] >= HALF,
        "name": "" if best is None else found[best].name,
        "rank": None if best is None else best + 1,
        "findings": len(found),
        "seconds": seconds,
    }


def _purities(case: Case) -> dict[str, Any]:
    found, seconds = _run(case)
    topics: dict[str, dict[str, Any]] = {}
    for topic, right in case.hidden.items():
        purities = [(sum(m.key in right for m in one.members) / len(one.members), one) for one in found]
        purity, best = max(purities, key=lambda pair: pair[0], default=(0.0, None))
        members = len(best.members) if best else 0
        topics[topic] = {"purity": purity, "name": best.name if best else "", "members": members}
    proposed = sum(one["purity"] >= PURE for one in topics.values())
    return {"topics": topics, "proposed": proposed, "findings": len(found), "seconds": seconds}


def _run(case: Case) -> tuple[list[Finding], float]:
    start = time.perf_counter()
    found = discover(case.documents)
    return [one for one in found if one.new], time.perf_counter() - start


def _named(reviews: Sequence[Example], draw: int) -> Iterator[dict[str, Any]]:
    """Part 3: every category that is large enough."""
    rng = Random(f"cosmetics {draw}")
    shuffled = rng.sample(reviews, len(reviews))
    training, measured = shuffled[: len(shuffled) // 2], shuffled[len(shuffled) // 2 :]
    for topic in sorted({topic for one in reviews for topic in one.topics}):
        hidden = [one for one in measured if topic in one.topics and len(one.topics) > 1]
        if len(hidden) < FEWEST:
            continue
        others = [one for one in measured if topic not in one.topics]
        examples = [*hidden, *others]
        window = len(hidden) + len(others) // 3
        explained = [_gold(one, topic) for one in examples]
        found, _ = _run(_documents(examples, window, explained, [topic], rng))
        words = list(dict.fromkeys(word.word for one in found for word in one.words))[:TOP]
        accepted = _accepted(training, topic)
        yield {
            "topic": topic,
            "words": words,
            "accepted": len(accepted),
            "named": bool(accepted & set(words)),
        }


def _gold(example: Example, hidden: str) -> Spans:
    """Where the words of the known categories first stand."""
    shown = ((example.text.find(words), words) for topic, words in example.spans if topic != hidden)
    return tuple((start, start + len(words)) for start, words in shown if start >= 0)


def _accepted(training: Sequence[Example], topic: str) -> set[str]:
    """The category's name, and words that are mostly said in its clauses."""
    clauses = [(one, one.text[start:end]) for one in training for start, end in split(one.text)]
    own = [any(t == topic and words in clause for t, words in one.spans) for one, clause in clauses]
    words = words_of(([clause] for _, clause in clauses), SPOKEN)
    find = finder(words)
    said: Counter[str] = Counter()
    meant: Counter[str] = Counter()
    for (_, clause), mine in zip(clauses, own, strict=True):
        here = [words[at] for at in find([clause])]
        said.update(here)
        meant.update(here if mine else ())
    return {topic} | {
        word for word, count in meant.items() if count >= SPOKEN and count >= MEANT * said[word]
    }


class Tagger:
    """Logistic regression a topic on the characters of a text, one to two at a time, scaled by naive Bayes."""

    STEPS, RATE, PENALTY, LEAST = 60, 0.02, 27.0, 3

    def __init__(self, examples: Sequence[Example]) -> None:
        counts = Counter(gram for one in examples for gram in _grams(one.text))
        self._grams = {
            gram: at for at, gram in enumerate(sorted(g for g, n in counts.items() if n >= self.LEAST))
        }
        names = sorted({topic for one in examples for topic in one.topics})
        rows, columns = self._bags([one.text for one in examples])
        fits = [
            self._fit(rows, columns, np.array([name in one.topics for one in examples])) for name in names
        ]
        self._weights, self._biases = np.array([w for w, _ in fits]), np.array([b for _, b in fits])

    def _fit(self, rows: Any, columns: Any, wanted: Any) -> tuple[Any, float]:
        many, width = len(wanted), len(self._grams)
        inside = np.bincount(columns, wanted[rows], width) + 1
        outside = np.bincount(columns, ~wanted[rows], width) + 1
        scale = np.log(inside / (wanted.sum() + 2)) - np.log(outside / ((~wanted).sum() + 2))
        values, weights = scale[columns], np.zeros(width + 1)  # the last one is the bias
        mean, square = np.zeros(width + 1), np.zeros(width + 1)
        for at in range(1, self.STEPS + 1):  # Adam (Kingma, Ba 2015)
            margins = np.bincount(rows, values * weights[columns], many) + weights[-1]
            wrong = 1 / (1 + np.exp(-margins)) - wanted
            slope = np.append(np.bincount(columns, values * wrong[rows], width), wrong.sum())
            slope[:-1] += self.PENALTY * weights[:-1]
            mean, square = 0.9 * mean + 0.1 * slope, 0.99 * square + 0.01 * slope**2
            weights -= self.RATE * mean / (1 - 0.9**at) / (np.sqrt(square / (1 - 0.99**at)) + 1e-8)
        return weights[:-1] * scale, float(weights[-1])

    def _bags(self, texts: Sequence[str]) -> tuple[Any, Any]:
        pairs = [
            (at, self._grams[g])
            for at, text in enumerate(texts)
            for g in sorted(_grams(text))
            if g in self._grams
        ]
        both = np.array(pairs, np.int64).reshape(-1, 2)
        return both[:, 0], both[:, 1]

    def _margins(self, texts: Sequence[str]) -> Any:
        rows, columns = self._bags(texts)
        return np.stack([np.bincount(rows, w[columns], len(texts)) for w in self._weights], 1) + self._biases

    def evidence(self, texts: Sequence[str]) -> list[Spans]:
        """For each text, the clauses that speak for the topics it is tagged with: the best one, and any sure one."""
        spans = [split(text) for text in texts]
        tagged = self._margins(texts) > 0
        clauses = self._margins([text[a:b] for text, some in zip(texts, spans, strict=True) for a, b in some])
        ends = np.cumsum([len(some) for some in spans])
        parts = np.split(clauses, ends[:-1])
        return [self._chosen(*one) for one in zip(spans, tagged, parts, strict=True)]

    @staticmethod
    def _chosen(spans: Sequence[tuple[int, int]], tagged: Any, margins: Any) -> Spans:
        if not tagged.any() or not len(spans):
            return ()
        mine = margins[:, tagged]
        keep = (mine > 0).any(1)
        keep[mine.argmax(0)] = True
        return tuple((start, end) for (start, end), kept in zip(spans, keep, strict=True) if kept)


def _grams(text: str) -> set[str]:
    return {*text, *(text[at : at + 2] for at in range(len(text) - 1))}
