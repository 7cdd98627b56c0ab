"""What the demo company's customers say: sentences with slots, filled so that no two are quite the same."""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from collections.abc import Mapping
from functools import cache
from importlib import resources
from random import Random

from chalicelib.demo import story, words

TYPO, EDGES = 0.03, 0.45
"""Share of texts with a typing error; with something before or after."""
_SLOT = re.compile(r"\{(\w+)\}")
_BY_PHONE, _BY_MAIL = ("客户", "来电"), ("贵司",)


@cache
def texts() -> Mapping[str, tuple[str, ...]]:
    """Cause -> its sentences; `none` for those that show no problem."""
    lines = (resources.files("chalicelib") / "data" / "demo_texts.csv").read_text("utf-8").splitlines()
    found: dict[str, list[str]] = defaultdict(list)
    for row in csv.DictReader(lines):
        found[row["cause"]].append(row["text"])
    return {cause: tuple(said) for cause, said in found.items()}


def order_number(rng: Random, day: str) -> str:
    """An order number of the company; `day` as 261121."""
    return f"QH{day}{rng.randrange(1_000_000):06d}"


def mobile(rng: Random) -> str:
    """A mobile number that is nobody's."""
    return f"{rng.choice(words.UNISSUED)}{rng.randrange(100_000_000):08d}"


def write(rng: Random, cause: str, product: str, order: str) -> str:
    """One contact about a cause."""
    said = rng.choice(texts()[cause])
    if rng.random() < EDGES and not said.startswith((*_BY_PHONE, *_BY_MAIL)):
        said = _edged(rng, said, cause)
    slots = {
        "product": product,
        "order": order,
        "mobile": mobile(rng),
        "city": rng.choice(words.CITIES),
        "days": str(rng.randint(3, 12)),
        "amount": str(rng.choice((19, 29, 36, 49, 59, 88, 99, 128, 169, 218, 299, 368, 459, 599, 899))),
    }
    filled = _SLOT.sub(lambda found: slots[found[1]], said)
    return _mistyped(rng, filled) if rng.random() < TYPO else filled


def _edged(rng: Random, said: str, cause: str) -> str:
    if rng.random() < 0.5:
        said = rng.choice(words.OPENINGS[:4] if cause == story.NOTHING_WRONG else words.OPENINGS) + said
    elif cause != story.NOTHING_WRONG:
        said = said.rstrip("。") + rng.choice(words.ENDINGS)
    return said


def _mistyped(rng: Random, text: str) -> str:
    wrong = [word for word in words.TYPOS if word in text]
    return text.replace(word := rng.choice(wrong), words.TYPOS[word], 1) if wrong else text


def channel_for(rng: Random, text: str) -> str:
    """A channel that fits how it is said: an agent's note comes from the phone, a formal letter by mail."""
    if text.startswith(_BY_PHONE):
        return "phone"
    if text.startswith(_BY_MAIL):
        return "email"
    return rng.choices(list(story.CHANNELS), list(story.CHANNELS.values()))[0]
