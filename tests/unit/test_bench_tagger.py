"""What `bench tagger` measures with, and shows."""

from __future__ import annotations

import subprocess
import sys

import pytest

from chalicelib.bench.child import ROOT
from chalicelib.bench.tagger import LONG, SHORT, suggest, texts
from chalicelib.cli.bench_tagger import show


@pytest.mark.parametrize("length", [SHORT, LONG])
def test_texts_have_the_length_and_are_the_same_each_time(length: int) -> None:
    found = texts(length, 20)
    assert {len(text) for text in found} == {length}
    assert found == texts(length, 20)
    assert len(set(found)) == 20


def test_the_suggestion_path_says_the_same_as_the_pipeline() -> None:
    from chalicelib.nlp.tagger_file import shipped

    some = texts(SHORT, 60) + texts(LONG, 10) + ["", "嗯", "？？"]
    assert suggest()(some) == shipped()(some)


def test_what_is_timed_is_not_the_bench() -> None:
    code = "import sys, chalicelib.bench.tagger; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert not {"numpy", "pydantic", "spacy", "chalicelib.loop"} & set(done.stdout.split())


def test_the_report_names_every_side(capsys: pytest.CaptureFixture[str]) -> None:
    side = dict.fromkeys(
        ("short_per_second", "long_per_second", "single_ms", "first_cpu_seconds", "memory_mb"), 2.0
    )
    names = ("full", "suggest", "scikit", "textcat")
    show(
        {
            "sides": dict.fromkeys(names, side),
            "rounds": {"full": [side]},
            "import_spacy_cpu_seconds": 0.7,
            "model_bytes": 2_000_000,
            "peer_reason": "没有 SnowNLP",
        }
    )
    out = capsys.readouterr().out
    assert all(word in out for word in ("textcat_multilabel", "LinearSVC", "没有 SnowNLP", "2.00 MB"))
