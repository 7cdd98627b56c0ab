"""A trained tagger as a directory: model.json says what it is, arrays.npz holds the numbers."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from chalicelib.model.errors import Invalid
from chalicelib.nlp.features import Batch, Floats, Keys, Vocabulary, digit_keys, lay_out
from chalicelib.nlp.fusion import INDEPENDENT, RULE_FEATURES, Fusion, Thresholds, evidence_of, rule_strength
from chalicelib.nlp.linear import Head, View
from chalicelib.nlp.network import WIDTH, Network
from chalicelib.nlp.reading import Reading
from chalicelib.nlp.spans import Wanted, spans

FORMAT = "huisheng-tagger-2"
BATCH = 256
SPARSE = 0.2
"""An array with more zeros than this is packed: weights of n-grams that only other parts of a model know."""
_EPOCH = (1980, 1, 1, 0, 0, 0)
Arrays = Mapping[str, npt.NDArray[Any]]
Spans = tuple[tuple[int, int], ...]
T = TypeVar("T")


@dataclass(frozen=True)
class Model:
    """Texts as read by the rules in, probabilities of causes and their evidence out. Keeps no contact."""

    labels: tuple[str, ...]
    keys: Keys
    views: tuple[View, ...]
    fusion: Fusion
    thresholds: Thresholds
    facts: Mapping[str, Any] = field(default_factory=dict)
    heads: Mapping[str, Head] = field(default_factory=dict)
    network: Network | None = None
    digest: str = ""
    """Of its file; empty until it was saved and loaded."""

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """Look-up of the n-grams."""
        return Vocabulary(self.keys)

    @property
    def by_labels(self) -> bool:
        """Whether labels taught it how its parts are weighed and from where on a label is given. In the shipped model
        these are constants for faults, together with what the verdict bounds besides."""
        return len(self.fusion.counts) > 0

    @cached_property
    def _numbers(self) -> dict[str, int]:
        return {label: number for number, label in enumerate(self.labels)}

    def batch(self, readings: Sequence[Reading]) -> Batch:
        """What the model knows of these readings; all else is asked of it."""
        return Batch(lay_out(readings), self.vocabulary)

    def chances(self, batch: Batch) -> tuple[Floats, Floats]:
        """(texts, labels), twice: calibrated probability that each label holds, and how sure phrases alone are."""
        rules = rule_strength(batch.layout.readings, self._numbers)
        return self.fusion.probabilities(evidence_of(batch, self.views, self.network, rules)), rules[:, 0]

    def probabilities(self, readings: Sequence[Reading]) -> Floats:
        """The chances of any number of readings."""
        none = np.zeros((0, len(self.labels)), np.float32)
        return np.concatenate([none, *(self.chances(self.batch(some))[0] for some in batches(readings))])

    def spans(self, batch: Batch, wanted: Sequence[Wanted]) -> list[Spans]:
        """Where texts say what they are tagged with, for each that is wanted; the loudest first."""
        return spans(batch, self._speaking, wanted)

    @cached_property
    def _speaking(self) -> Floats:
        """(n-grams, labels): how much each n-gram speaks for each label; the number of an order shows nothing."""
        view = self.views[0]
        weights = view.weights[:, : len(self.labels)]
        numbers = np.isin(self.keys, digit_keys(self.vocabulary.longest))
        return np.where(numbers[:, None], 0, weights * view.idf[:, None] if len(view.idf) else weights)

    def save(self, directory: Path) -> str:
        """Write the two files, the same bytes for the same model; returns the digest."""
        directory.mkdir(parents=True, exist_ok=True)
        arrays = _archive(self._arrays())
        digest = hashlib.sha256(arrays).hexdigest()
        about = {
            "format": FORMAT,
            "digest": digest,
            "labels": list(self.labels),
            "views": [[view.scope, view.weighting] for view in self.views],
            "network": self.network is not None,
            "sure": round(self.thresholds.sure, 6),
            "heads": {name: list(head.classes) for name, head in sorted(self.heads.items())},
            "facts": self.facts,
        }
        text = json.dumps(about, ensure_ascii=False, indent=1, sort_keys=True)
        (directory / "arrays.npz").write_bytes(arrays)
        (directory / "model.json").write_text(text + "\n", "utf-8")
        return digest

    def _arrays(self) -> dict[str, npt.NDArray[Any]]:
        out: dict[str, npt.NDArray[Any]] = {"keys": self.keys, "assign": self.thresholds.assign}
        out |= {"fusion.weights": self.fusion.weights, "fusion.bias": self.fusion.bias}
        if len(self.fusion.counts):
            out["fusion.counts"] = self.fusion.counts
        for number, view in enumerate(self.views):
            out[f"view{number}.weights"] = view.weights.astype(np.float16)
            out |= {f"view{number}.bias": view.bias, f"view{number}.idf": view.idf}
        if self.network:
            out |= {f"network.{name}": _stored(array) for name, array in self.network._asdict().items()}
        for name, head in self.heads.items():
            out[f"{name}.weights"] = head.weights.astype(np.float16)
            out |= {f"{name}.dense": head.dense_weights, f"{name}.bias": head.bias}
        return out


def load(directory: Path) -> Model:
    """Read a model back; raises Invalid for a directory that is broken or not ours."""
    try:
        about = json.loads((directory / "model.json").read_text("utf-8"))
        packed = (directory / "arrays.npz").read_bytes()
        known = about["format"] == FORMAT
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise _broken("model.missing", "没有可读的模型", "no readable model", directory) from error
    if not known:
        raise _broken(
            "model.format", "模型格式不认识，请重新训练", "unknown model format; train again", directory
        )
    if hashlib.sha256(packed).hexdigest() != about.get("digest"):
        raise _broken(
            "model.digest",
            "模型文件已损坏或不配套，请重新训练",
            "model files are damaged or do not belong together; train again",
            directory,
        )
    try:
        return _checked(about, dict(np.load(io.BytesIO(packed), allow_pickle=False)))
    except (ValueError, KeyError, TypeError, AttributeError, zipfile.BadZipFile) as error:
        raise _broken(
            "model.arrays", "模型数据不完整，请重新训练", "model data is incomplete; train again", directory
        ) from error


def _checked(about: Mapping[str, Any], arrays: Arrays) -> Model:
    labels, keys = tuple(about["labels"]), arrays["keys"]
    many = len(labels)
    views = tuple(_view(arrays, f"view{n}", kind, len(keys), many) for n, kind in enumerate(about["views"]))
    network = _network(arrays, many) if about.get("network") else None
    features = sum(view.features(many) for view in views) + RULE_FEATURES + (network is not None)
    counts = arrays.get("fusion.counts", INDEPENDENT)
    fusion = Fusion(
        _shaped(arrays["fusion.weights"], (features, many)),
        _shaped(arrays["fusion.bias"], (many,)),
        _shaped(counts, (counts.size,)),
    )
    thresholds = Thresholds(_shaped(arrays["assign"], (many,)), float(about["sure"]))
    heads = {name: _head(arrays, name, tuple(classes), len(keys)) for name, classes in about["heads"].items()}
    return Model(
        labels, keys, views, fusion, thresholds, about["facts"], heads, network, str(about["digest"])
    )


def _view(arrays: Arrays, name: str, kind: Any, grams: int, labels: int) -> View:
    scope, weighting = kind
    if scope not in ("text", "both") or weighting not in ("binary", "tfidf"):
        raise ValueError(name)
    columns = len(arrays[f"{name}.bias"])
    if columns not in (labels, 2 * labels + 1):
        raise ValueError(name)
    weights = _shaped(arrays[f"{name}.weights"], (grams, columns))
    idf = _shaped(arrays[f"{name}.idf"], (grams if weighting == "tfidf" else 0,))
    return View(scope, weighting, weights, _shaped(arrays[f"{name}.bias"], (columns,)), idf)


def _network(arrays: Arrays, labels: int) -> Network:
    keys, (size, filters) = arrays["network.keys"], arrays["network.filters"].shape[1:]
    return Network(
        keys,
        _shaped(arrays["network.table"], (len(keys) + 2, size)),
        _shaped(arrays["network.filters"], (WIDTH, size, filters)),
        _shaped(arrays["network.bias"], (filters,)),
        _shaped(arrays["network.weights"], (filters, labels)),
        _shaped(arrays["network.base"], (labels,)),
    )


def _head(arrays: Arrays, name: str, classes: tuple[str, ...], grams: int) -> Head:
    dense = arrays[f"{name}.dense"]
    weights = _shaped(arrays[f"{name}.weights"], (grams, len(classes)))
    dense = _shaped(dense, (len(dense), len(classes)))
    return Head(classes, weights, dense, _shaped(arrays[f"{name}.bias"], (len(classes),)))


def _shaped(array: npt.NDArray[Any], shape: tuple[int, ...]) -> Floats:
    numbers = array.astype(np.float32)
    if numbers.shape != shape or not np.isfinite(numbers).all():
        raise ValueError(f"shape {array.shape}, not {shape}")
    return numbers


def _stored(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """As stored: half precision does for what was learnt; keys are whole numbers."""
    return array.astype(np.float16) if array.dtype == np.float32 else array


def _archive(arrays: Arrays) -> bytes:
    """An npz whose bytes depend on the arrays alone."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, array in sorted(arrays.items()):
            one = io.BytesIO()
            np.lib.format.write_array(one, np.ascontiguousarray(array), allow_pickle=False)
            archive.writestr(zipfile.ZipInfo(f"{name}.npy", _EPOCH), one.getvalue(), _packing(array))
    return out.getvalue()


def _packing(array: npt.NDArray[Any]) -> int:
    """What was learnt hardly shrinks, and unpacking takes time; what is mostly empty does."""
    empty = array.size and (array == 0).mean() > SPARSE
    return zipfile.ZIP_DEFLATED if empty else zipfile.ZIP_STORED


def batches(some: Sequence[T]) -> Iterable[Sequence[T]]:
    """As many at a time as are read and judged together."""
    return (some[start : start + BATCH] for start in range(0, len(some), BATCH))


def _broken(code: str, zh: str, en: str, directory: Path) -> Invalid:
    return Invalid(code, zh, en, directory.name)
