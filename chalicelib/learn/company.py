"""The company's own tagger: the authored data, and what the company's own people said of its contacts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from chalicelib.learn.apart import apart
from chalicelib.model.taxonomy import Taxonomy
from chalicelib.ports import Candidate, Label

if TYPE_CHECKING:
    from chalicelib.learn.default import Label as Said
    from chalicelib.nlp.lexicon import CauseWords
    from chalicelib.nlp.model_file import Model

Make = Callable[["Sequence[CauseWords]", "Sequence[Said]"], "Model"]
Files = dict[str, bytes]
Run = Callable[..., Any]


def from_authored_data(causes: Sequence[CauseWords], labels: Sequence[Said]) -> Model:
    """As the shipped model is made, with the labels besides."""
    from chalicelib.learn.default import train_default

    return train_default(causes, labels)


class CompanyTrainer:
    """The `Trainer` port. scikit-learn is imported where something is trained, in a process of its own."""

    def __init__(self, make: Make = from_authored_data, run: Run = apart) -> None:
        self._make, self._run = make, run

    def train(self, labels: Sequence[Label], taxonomy: Taxonomy) -> Candidate:
        """A tagger for the taxonomy's active causes; the same labels in any order give the same digest."""
        from chalicelib.nlp.analyser import Tagger
        from chalicelib.nlp.merged import merged
        from chalicelib.nlp.tagger_file import words_of
        from chalicelib.nlp.taggers import model_of

        causes = words_of(taxonomy)
        in_order = sorted(labels, key=lambda label: label.contact)
        digest, files = self._run(_trained, self._make, causes, in_order)
        # Read back: what is tested is what will be used.
        return Candidate(digest, files, merged(Tagger(causes, model_of(files, digest)), taxonomy))


def _trained(make: Make, causes: Sequence[CauseWords], labels: Sequence[Label]) -> tuple[str, Files]:
    """The digest and the files of the model."""
    model = make(causes, [_said(label) for label in labels])
    with TemporaryDirectory() as folder:
        place = Path(folder)
        digest = model.save(place)
        return digest, {file.name: file.read_bytes() for file in sorted(place.iterdir())}


def _said(label: Label) -> Said:
    from chalicelib.learn.default import OWN_WEIGHT
    from chalicelib.learn.default import Label as Said
    from chalicelib.learn.examples import Example

    example = Example(label.contact, label.text, label.causes, weight=OWN_WEIGHT)
    return Said(example, label.kind, label.severity)
