"""The spaCy pipeline: a blank Chinese one with jieba, whose steps are pure functions over a Doc."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, cast

from chalicelib.nlp.segment import segmenter

if TYPE_CHECKING:
    from spacy.lang.zh import ChineseTokenizer
    from spacy.language import Language
    from spacy.tokens import Doc

Step = Callable[["Doc"], "Doc"]
Maker = Callable[["Language", str], Step]


def blank_chinese(makers: Mapping[str, Maker]) -> Language:
    """A blank Chinese pipeline cut by jieba, with our own components in the order given.

    `makers` are spaCy factories, (nlp, name) -> component: every pipeline gets components of its own.
    """
    jieba = segmenter()
    from spacy.lang.zh import Chinese
    from spacy.language import Language

    nlp = Chinese.from_config(
        {"nlp": {"tokenizer": {"@tokenizers": "spacy.zh.ChineseTokenizer", "segmenter": "jieba"}}}
    )
    cast("ChineseTokenizer", nlp.tokenizer).jieba_seg = jieba
    # A contact is cut off long before this at intake; here nothing is refused.
    nlp.max_length = 10**9
    for name, maker in makers.items():
        Language.factory(name, func=maker)
        nlp.add_pipe(name)
    return nlp
