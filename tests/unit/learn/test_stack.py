"""Fusing evidence: it follows what tells, and learns how many labels texts have."""

from __future__ import annotations

import numpy as np
import pytest

from chalicelib.learn.stack import fit_fusion

TEXTS, LABELS = 600, 3


def texts(kind: str) -> tuple[np.ndarray, np.ndarray]:
    """Evidence (one telling feature, one of noise) and truth: every text has one label, or any number."""
    random = np.random.default_rng(3)
    truth = random.random((TEXTS, LABELS)) < 0.4
    if kind == "one":
        truth = np.eye(LABELS, dtype=bool)[random.integers(0, LABELS, TEXTS)]
    telling = truth + random.normal(size=truth.shape)
    evidence = np.stack([telling, random.normal(size=truth.shape)], axis=1)
    return evidence.astype(np.float32), truth


@pytest.mark.parametrize("kind", ["one", "any"])
def test_it_follows_the_feature_that_tells_and_is_calibrated(kind):
    evidence, truth = texts(kind)
    fusion = fit_fusion(evidence, truth, np.ones(TEXTS, np.float32))
    assert (fusion.weights[0] > 5 * np.abs(fusion.weights[1])).all()
    assert np.allclose(fusion.probabilities(evidence).mean(axis=0), truth.mean(axis=0), atol=0.02)


def test_where_every_text_has_one_label_the_chances_add_up():
    evidence, truth = texts("one")
    fusion = fit_fusion(evidence, truth, np.ones(TEXTS, np.float32))
    chances = fusion.probabilities(evidence)
    assert np.allclose(chances.sum(axis=1), 1, atol=0.1)
    alone = fusion._replace(counts=np.zeros(0, np.float32)).probabilities(evidence)
    assert np.abs(alone.sum(axis=1) - 1).max() > 0.5  # it is the counts that do it


def test_a_text_without_weight_teaches_nothing():
    evidence, truth = texts("any")
    weight = (np.arange(TEXTS) < TEXTS // 2).astype(np.float32)
    wrong = np.where(weight[:, None] > 0, truth, ~truth)
    one, two = (fit_fusion(evidence, some, weight) for some in (truth, wrong))
    assert all(np.array_equal(a, b) for a, b in zip(one, two, strict=True))
