"""The live tagger: which one a taxonomy and a model make, each built once, and what to do when one is broken."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from chalicelib.model.errors import Invalid
from chalicelib.model.tagger import LiveTagger
from chalicelib.model.taxonomy import Taxonomy
from chalicelib.nlp.merged import merged
from chalicelib.ports import Analyser, ModelFiles, Store

if TYPE_CHECKING:
    from collections.abc import Callable

    from chalicelib.nlp.lexicon import CauseWords
    from chalicelib.nlp.model_file import Model

LOG = logging.getLogger(__name__)
AT_HAND = 4
"""Taggers kept in memory: the live one, the one before it, two that are being compared."""
PATIENCE = 60.0
"""Seconds after which a model that could not be read is looked for again."""


def shipped() -> Model:
    """The model that comes with the product."""
    from chalicelib.nlp.tagger_file import shipped_model  # NumPy: only where something is tagged

    return shipped_model()


def phrase_warnings(taxonomy: Taxonomy) -> list[dict[str, str]]:
    """What an admin should know of the causes' own phrases: which are looked for as they stand, or never found."""
    from chalicelib.nlp.lexicon import fault_of

    return [
        {"zh": f"「{cause.label_zh}」的{fault.zh}", "en": f"{cause.code}: {fault.en}"}
        for cause in taxonomy.readable
        for phrase in cause.words
        if (fault := fault_of(phrase))
    ]


class Taggers:
    """Taggers by taxonomy and digest of the model; digest "" is the shipped model."""

    def __init__(
        self,
        files: ModelFiles | None,
        shipped: Callable[[], Model] = shipped,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._files, self._shipped, self._clock = files, shipped, clock
        self._build = lru_cache(maxsize=AT_HAND)(self._built)
        self._faults: dict[str, tuple[float, Invalid]] = {}

    def __call__(self, taxonomy: Taxonomy, digest: str = "") -> Analyser:
        """The tagger. Raises Invalid when the files of its model are missing or damaged."""
        from chalicelib.nlp.tagger_file import words_of

        until, fault = self._faults.get(digest, (0.0, None))
        if fault and self._clock() < until:
            raise fault
        try:
            return merged(self._build(tuple(words_of(taxonomy)), digest), taxonomy)
        except Invalid as fault:
            LOG.warning(
                "tagger %s cannot be used (%s): ./voc learn --list", digest[:8] or "shipped", fault.code
            )
            self._faults[digest] = self._clock() + PATIENCE, fault
            raise

    def live(self, store: Store, taxonomy: Taxonomy) -> Analyser:
        """The tagger of the version that is live, as stored; the shipped one when that cannot be used."""
        live = store.get(LiveTagger, ["live"]).get("live") or LiveTagger()
        try:
            return self(taxonomy, live.digest)
        except Invalid:
            if not live.digest:
                raise
            return self(taxonomy)

    def _built(self, causes: tuple[CauseWords, ...], digest: str) -> Analyser:
        from chalicelib.nlp.analyser import Tagger

        return Tagger(causes, self._model(digest) if digest else self._shipped())

    def _model(self, digest: str) -> Model:
        files = self._files.get(digest) if self._files else None
        if files is None:
            raise Invalid(
                "model.absent",
                "这个版本的模型文件不在了；请恢复它，或用 ./voc learn --revert 换一个版本",
                "the model files of this version are gone; restore them, or choose another version with "
                "./voc learn --revert",
                digest[:8],
            )
        return model_of(files, digest)


def model_of(files: Mapping[str, bytes], digest: str) -> Model:
    """The model that these files are. Raises Invalid when they are damaged or another model's."""
    from chalicelib.nlp.model_file import load

    with TemporaryDirectory() as folder:
        place = Path(folder) / digest[:8]
        place.mkdir()
        for name, content in files.items():
            (place / Path(name).name).write_bytes(content)
        model = load(place)
    if json.loads(files["model.json"])["digest"] != digest:
        raise Invalid(
            "model.other",
            "这是另一个模型的文件，请恢复正确的文件",
            "these are the files of another model; restore the right ones",
            digest[:8],
        )
    return model
