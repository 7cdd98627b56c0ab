"""One-against-rest linear models over n-grams: NB-SVM on binary features, SVM and logistic models on TF-IDF.

NB-SVM after Wang and Manning (2012): each feature is scaled by its log-count ratio before the SVM.
"""

from __future__ import annotations

import warnings

import numpy as np
import numpy.typing as npt
from scipy import sparse
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.svm import LinearSVC

from chalicelib.learn.examples import Marks
from chalicelib.nlp.features import Bags, Floats
from chalicelib.nlp.linear import Scope, View, Weighting, values

SEED = 0
RATIO_COST, LABEL_COST, STAGE_COST = 0.005, 1.0, 5.0
"""C of the NB-SVM, of the SVM on TF-IDF, and of the logistic models of its two stages."""
NONE = np.zeros(0, np.float32)
Column = tuple[npt.NDArray[np.float64], float]


def fit(
    weighting: Weighting,
    found: Bags,
    width: int,
    truth: Marks,
    weight: Floats,
    staged: bool,
    scope: Scope = "both",
) -> View:
    """A view over bags; `truth` is (bags, labels), `weight` how much each bag counts."""
    idf = inverse_frequency(found, width) if weighting == "tfidf" else NONE
    x = sparse.csr_matrix((values(found, weighting, idf), found.rows, found.edges), (len(truth), width))
    first, second = (_ratio_svm, _ratio_svm) if weighting == "binary" else (_svm, _logistic)
    columns = [first(x, y, weight) for y in truth.T]
    if staged:
        some = np.asarray(truth.any(axis=1))
        columns += [second(x[some], y, weight[some]) for y in truth[some].T]
        columns.append(second(x, some, weight))
    weights = np.stack([w for w, _ in columns], axis=1).astype(np.float32)
    return View(scope, weighting, weights, np.array([b for _, b in columns], np.float32), idf)


def inverse_frequency(found: Bags, width: int) -> Floats:
    """Smoothed inverse document frequency of each n-gram."""
    many = len(found.edges) - 1
    return (np.log((1 + many) / (1 + np.bincount(found.rows, minlength=width))) + 1).astype(np.float32)


def log_ratio(x: sparse.csr_matrix, y: npt.NDArray[np.bool_], weight: Floats) -> npt.NDArray[np.float64]:
    """Log of how much likelier each feature is where y holds than where not, add-one smoothed."""
    yes, no = 1 + x.T @ (y * weight), 1 + x.T @ (~y * weight)
    return np.asarray(np.log(yes / yes.sum()) - np.log(no / no.sum()))


def _ratio_svm(x: sparse.csr_matrix, y: npt.NDArray[np.bool_], weight: Floats) -> Column:
    ratio = log_ratio(x, y, weight)
    scaled = sparse.csr_matrix((x.data * ratio[x.indices], x.indices, x.indptr), x.shape)
    model = LinearSVC(C=RATIO_COST, class_weight="balanced", random_state=SEED, max_iter=1000)
    weights, bias = _solved(model, scaled, y, weight)
    return weights * ratio, bias


def _svm(x: sparse.csr_matrix, y: npt.NDArray[np.bool_], weight: Floats) -> Column:
    return _solved(LinearSVC(C=LABEL_COST, random_state=SEED, max_iter=1000), x, y, weight)


def _logistic(x: sparse.csr_matrix, y: npt.NDArray[np.bool_], weight: Floats) -> Column:
    model = LogisticRegression(
        C=STAGE_COST, class_weight="balanced", solver="liblinear", dual=True, random_state=SEED
    )
    return _solved(model, x, y, weight)


def _solved(
    model: LinearSVC | LogisticRegression, x: sparse.csr_matrix, y: npt.NDArray[np.bool_], weight: Floats
) -> Column:
    """Weights and bias; a label nobody or everybody has gets a constant."""
    if y.all() or not y.any():
        return np.zeros(x.shape[1]), 1.0 if y.any() else -1.0
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore", ConvergenceWarning
        )  # close enough: what comes out is calibrated later
        model.fit(x, y, sample_weight=weight)
    return model.coef_[0], float(model.intercept_[0])
