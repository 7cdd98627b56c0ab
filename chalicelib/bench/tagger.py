"""`voc bench tagger`: texts a second on one core, start-up, memory and size, beside three usual ways.

Every side runs in a fresh process on the same core, in turn; what is compared is CPU time.
Peers: scikit-learn (TF-IDF of the same characters + LinearSVC), spaCy's own `textcat_multilabel`, and
SnowNLP's sentiment. They are trained on the same authored contacts; their figures are of speed alone.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random
from statistics import median
from typing import Any

from chalicelib.bench.child import ROOT, Numbers, PeerUnavailable, cache_folder, child, one_core

SHORT, LONG = 45, 335
"""Characters of a text."""
COUNTS = {SHORT: 3_000, LONG: 600}
PIECE, SECONDS = 256, 3.0
SINGLES = 300
SNOWNLP = ("snownlp==0.12.3",)
TRAINED_ON = 1_500
Predict = Callable[[Sequence[str]], object]


def texts(length: int, count: int) -> list[str]:
    """Authored contacts put together and cut to one length."""
    from chalicelib.learn.corpus import read_corpus

    pieces = [one.example.text for one in read_corpus()]
    random = Random(length)
    found = []
    for _ in range(count):
        text = ""
        while len(text) < length:
            text += random.choice(pieces) + "，"
        found.append(text[:length])
    return found


def full() -> Predict:
    """The whole spaCy pipeline: causes, spans, kind, severity."""
    from chalicelib.nlp.tagger_file import shipped

    return shipped()


def suggest() -> Predict:
    """The same without spaCy, as for an agent who is typing."""
    from chalicelib.nlp.tagger_file import shipped

    return shipped().suggest


def scikit() -> Predict:
    """scikit-learn: TF-IDF of characters and one LinearSVC a cause."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.multiclass import OneVsRestClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.svm import LinearSVC

    known, labels, _ = _training()
    grams = TfidfVectorizer(analyzer="char", ngram_range=(1, 3), sublinear_tf=True)
    model = make_pipeline(grams, OneVsRestClassifier(LinearSVC(random_state=0)))
    model.fit(known, labels)
    return lambda some: model.predict(list(some))


def textcat() -> Predict:
    """spaCy's `textcat_multilabel`, bag of words, over jieba's words."""
    from spacy.training import Example

    from chalicelib.nlp.pipeline import blank_chinese

    known, labels, names = _training()
    nlp = blank_chinese({})
    bag = {"exclusive_classes": False, "ngram_size": 1, "no_output_layer": False}
    nlp.add_pipe("textcat_multilabel", config={"model": {"@architectures": "spacy.TextCatBOW.v3", **bag}})
    examples = [
        Example.from_dict(nlp.make_doc(text), {"cats": dict(zip(names, map(float, row), strict=True))})
        for text, row in zip(known, labels, strict=True)
    ]
    nlp.initialize(lambda: examples)
    nlp.update(examples[:200])
    return lambda some: list(nlp.pipe(some))


def snownlp() -> Predict:
    """SnowNLP's sentiment: one number a text."""
    from snownlp import SnowNLP

    return lambda some: [SnowNLP(text).sentiments for text in some]


def _training() -> tuple[list[str], Any, list[str]]:
    import numpy as np

    from chalicelib.learn.corpus import read_corpus

    some = Random(0).sample(read_corpus(), TRAINED_ON)
    names = sorted({code for one in some for code in one.example.causes})
    labels = np.array([[name in one.example.causes for name in names] for one in some], int)
    return [one.example.text for one in some], labels, names


SIDES: dict[str, Callable[[], Predict]] = {
    "full": full,
    "suggest": suggest,
    "scikit": scikit,
    "textcat": textcat,
    "snownlp": snownlp,
}
OURS = ("full", "suggest")


def measure(name: str) -> Numbers:
    """One side, in this process: the first answer, then short and long texts, then one by one."""
    predict = SIDES[name]()
    predict(["快递三天没动静，客服也不理人"])
    found: Numbers = {
        "first_cpu_seconds": time.process_time(),
        "memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }
    for length, label in ((SHORT, "short"), (LONG, "long")):
        found[f"{label}_per_second"] = _rate(predict, texts(length, COUNTS[length]))
    singles = []
    for text in texts(SHORT, SINGLES):
        began = time.perf_counter()
        predict([text])
        singles.append(1000 * (time.perf_counter() - began))
    return {**found, "single_ms": median(singles), "single_p95_ms": sorted(singles)[int(0.95 * SINGLES)]}


def _rate(predict: Predict, some: Sequence[str]) -> float:
    """Texts a CPU second, warm: after a first pass over the same ones, as long as SECONDS allow."""
    pieces = [some[start : start + PIECE] for start in range(0, len(some), PIECE)]
    began, warm = time.process_time(), 0
    while warm < len(pieces) and time.process_time() - began < SECONDS:
        predict(pieces[warm])
        warm += 1
    began = time.process_time()
    for piece in pieces[:warm]:
        predict(piece)
    return PIECE * warm / (time.process_time() - began)


def run(name: str, core: int | None, env: dict[str, str]) -> Numbers:
    """One side in a fresh process. Raises Invalid when it does not finish."""
    command = [sys.executable, "-P", "-m", "chalicelib.bench.tagger", name, "" if core is None else str(core)]
    return child(command, env, name)


def spacy_alone(core: int | None, env: dict[str, str]) -> float:
    """CPU seconds of a process that only imports spaCy."""
    code = "import time, spacy; print(time.process_time())"
    command = [sys.executable, "-P", "-W", "ignore", "-c", code]
    done = subprocess.run(command, stdout=subprocess.PIPE, env=env, encoding="utf-8", check=True)
    return float(done.stdout)


def compare(rounds: int, tell: Callable[[str], None]) -> dict[str, Any]:
    """All sides, round after round; medians and all rounds."""
    from compileall import compile_dir

    core, (env, reason) = one_core(), _environment()
    compile_dir(ROOT / "chalicelib", quiet=2)  # as a deployed program is: what is measured is no compiler
    names = [name for name in SIDES if name != "snownlp" or not reason]
    found: dict[str, list[Numbers]] = {name: [] for name in names}
    alone = []
    for number in range(1, rounds + 1):
        for name in names:
            tell(f"第 {number} 轮 round {number}: {name}")
            found[name].append(run(name, core, env))
        alone.append(spacy_alone(core, env))
    sides = {name: {key: median(one[key] for one in some) for key in some[0]} for name, some in found.items()}
    return {
        "sides": sides,
        "rounds": found,
        "import_spacy_cpu_seconds": median(alone),
        "model_bytes": _model_bytes(),
        "peer_reason": reason,
        "core": core,
    }


def _model_bytes() -> int:
    from chalicelib.nlp.tagger_file import SHIPPED

    return sum(file.stat().st_size for file in SHIPPED.iterdir())


def _environment() -> tuple[dict[str, str], str]:
    """The environment of every side, and why SnowNLP is missing from it ("" when it is not)."""
    env = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    try:
        folder = snownlp_folder(cache_folder(os.environ))
    except PeerUnavailable as error:
        return env, str(error)
    return {**env, "PYTHONPATH": f"{ROOT}{os.pathsep}{folder}"}, ""


def snownlp_folder(cache: Path) -> Path:
    """SnowNLP in a folder of its own, fetched at first use. Raises PeerUnavailable."""
    folder = cache / "bench-snownlp"
    if not (folder / "snownlp").is_dir():
        command = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--retries", "1", "--target"]
        done = subprocess.run([*command, str(folder), *SNOWNLP], capture_output=True, check=False)
        if done.returncode:
            raise PeerUnavailable("装不上 SnowNLP，没有这一项对照 SnowNLP could not be installed: left out")
    return folder


def main(arguments: Sequence[str]) -> None:
    """One side; one JSON line on standard output."""
    name, core = arguments
    if core:
        os.sched_setaffinity(0, {int(core)})
    sys.stdout.write(json.dumps(measure(name)) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
