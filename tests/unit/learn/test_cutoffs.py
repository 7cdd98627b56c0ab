"""Thresholds: the cut of best F1, steady where labels are few, and when a contact should not decide alone."""

from __future__ import annotations

import numpy as np
import pytest

from chalicelib.learn.cutoffs import STEADY, best_cut, calibration_error, choose, figures
from chalicelib.nlp.fusion import Thresholds, confidence

RANDOM = np.random.default_rng(1)
CHANCES = RANDOM.random((4000, 3)).astype(np.float32) ** 2
TRUTH = RANDOM.random(CHANCES.shape) < CHANCES


@pytest.mark.parametrize(
    ("scores", "truth", "cut"),
    [
        ([0.9, 0.8, 0.2, 0.1], [1, 1, 0, 0], 0.5),
        ([0.9, 0.2, 0.8, 0.1], [1, 0, 0, 1], 0.85),
        ([0.9, 0.8], [0, 0], 0.5),
        ([0.5, 0.5, 0.1], [1, 0, 0], 0.3),
    ],
)
def test_the_best_cut(scores, truth, cut):
    assert best_cut(np.array(scores), np.array(truth, bool)) == pytest.approx(cut)


def test_few_examples_keep_to_the_cut_of_all():
    few = TRUTH.copy()
    few[20:, 0] = False
    thresholds = choose(CHANCES, few, 0.95)
    everywhere = best_cut(CHANCES.ravel(), few.ravel())
    assert few[:, 0].sum() < STEADY / 10
    assert thresholds.assign[0] == pytest.approx(everywhere, abs=0.1)


@pytest.mark.parametrize("precision", [0.7, 0.8, 0.9])
def test_what_decides_alone_is_as_precise_as_wanted(precision):
    thresholds = choose(CHANCES, TRUTH, precision)
    found = figures(CHANCES, TRUTH, thresholds)
    assert found["precision_of_decided"] >= precision
    assert 0 < found["decided"] < 1


def test_a_precision_out_of_reach_leaves_all_to_people():
    wrong = np.full((50, 1), 0.9, np.float32)
    thresholds = choose(wrong, np.zeros((50, 1), bool), 0.95)
    assert not thresholds.decided(wrong).any()


def test_confidence_is_that_of_the_least_sure_decision():
    assign = np.array([0.5, 0.5], np.float32)
    shares = np.array([[0.9, 0.6], [0.1, 0.2], [0.9, 0.1]], np.float32)
    assert confidence(shares, assign).tolist() == pytest.approx([0.6, 0.8, 0.9])


def test_calibration_error():
    assert calibration_error(CHANCES, TRUTH) < 0.02
    assert calibration_error(np.full((10, 1), 0.9, np.float32), np.zeros((10, 1), bool)) == pytest.approx(0.9)


def test_figures_of_a_perfect_tagger():
    truth = np.array([[True, False], [False, False]])
    found = figures(truth.astype(np.float32), truth, Thresholds(np.full(2, 0.5, np.float32), 0.9))
    assert found == {
        "micro_f1": 1.0,
        "macro_f1": 1.0,
        "calibration_error": 0.0,
        "decided": 1.0,
        "precision_of_decided": 1.0,
    }
