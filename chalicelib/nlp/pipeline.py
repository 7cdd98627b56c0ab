"""The spaCy pipeline: a blank Chinese one with jieba, whose steps are pure functions over a Doc."""

from __future__ import annotations

import logging
import re
import warnings
from collections.abc import Callable, Mapping
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc

_COMMON = re.compile(r"^(\S+) (\d{2,}) ", re.MULTILINE)
"""Words that jieba's dictionary has seen ten times; the others are left to its model of unknown words."""
Step = Callable[["Doc"], "Doc"]
Maker = Callable[["Language", str], Step]


def blank_chinese(makers: Mapping[str, Maker]) -> Language:
    """A blank Chinese pipeline cut by jieba, with our own components in the order given.

    `makers` are spaCy factories, (nlp, name) -> component: every pipeline gets components of its own.
    """
    _ready_jieba()
    from spacy.lang.zh import Chinese
    from spacy.language import Language

    nlp = Chinese.from_config(
        {"nlp": {"tokenizer": {"@tokenizers": "spacy.zh.ChineseTokenizer", "segmenter": "jieba"}}}
    )
    # A contact is cut off long before this at intake; here nothing is refused.
    nlp.max_length = 10**9
    for name, maker in makers.items():
        Language.factory(name, func=maker)
        nlp.add_pipe(name)
    return nlp


@cache
def _ready_jieba() -> None:
    """Load jieba's common words only: much faster than its own start, and no cache file is written."""
    jieba = _quiet_jieba()
    words = _COMMON.findall((resources.files("jieba") / "dict.txt").read_text(encoding="utf-8"))
    counts = {word: int(count) for word, count in words}
    total = sum(counts.values())
    for word, _ in words:
        for end in range(2, len(word)):
            counts.setdefault(word[:end], 0)
    jieba.dt.FREQ, jieba.dt.total, jieba.dt.initialized = counts, total, True


def _quiet_jieba() -> Any:
    """Import jieba without its warnings (old regular expressions, pkg_resources) and its progress log."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import jieba
    jieba.setLogLevel(logging.WARNING)
    return jieba
