"""The spaCy pipeline: a blank Chinese one cut by jieba's dictionary, whose steps are pure functions over a Doc."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from itertools import pairwise
from types import ModuleType
from typing import TYPE_CHECKING

from chalicelib.nlp.segment import segmenter

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc
    from spacy.vocab import Vocab

Step = Callable[["Doc"], "Doc"]
Maker = Callable[["Language", str], Step]


class Cutter:
    """A tokenizer for spaCy; user_data["edges"] tells where words begin and end, ["text"] spares Doc.text.

    spaCy's own for jieba also looks for white space after each word, of which Chinese has none.
    """

    def __init__(self, vocab: Vocab) -> None:
        from spacy.tokens import Doc

        self._vocab, self._doc, self._segmenter = vocab, Doc, segmenter()

    def __call__(self, text: str) -> Doc:
        """A Doc of the words of a text."""
        edges = [0, *self._segmenter.ends(text)]
        words = [text[start:end] for start, end in pairwise(edges)]
        doc = self._doc(self._vocab, words, [False] * len(words))
        doc.user_data.update(text=text, edges=frozenset(edges))
        return doc


def blank_chinese(makers: Mapping[str, Maker]) -> Language:
    """A blank Chinese pipeline, with our own components in the order given.

    `makers` are spaCy factories, (nlp, name) -> component: every pipeline gets components of its own.
    """
    with _without_commands():
        from spacy.lang.zh import Chinese
        from spacy.language import Language

    nlp = Chinese()
    nlp.tokenizer = Cutter(nlp.vocab)
    # A contact is cut off long before this at intake; here nothing is refused.
    nlp.max_length = 10**9
    for name, maker in makers.items():
        Language.factory(name, func=maker)
        nlp.add_pipe(name)
    return nlp


@contextmanager
def _without_commands() -> Iterator[None]:
    """Spares the first import of spaCy its own command line, which is more than half of it: in its place stands for
    the moment an empty module. All that spaCy takes from there is the command that `spacy.info` is."""
    if "spacy" in sys.modules:
        yield
        return
    commands, info = ModuleType("spacy.cli"), ModuleType("spacy.cli.info")
    vars(info)["info"] = None
    sys.modules |= {commands.__name__: commands, info.__name__: info}
    try:
        yield
    finally:
        for name in (commands.__name__, info.__name__):
            sys.modules.pop(name, None)
