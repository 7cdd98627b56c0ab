"""The config of `voc verdict`: what was agreed before the start."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from chalicelib.intake.encoding import detect, open_text
from chalicelib.model.errors import Invalid

DEFAULTS: dict[str, Any] = {
    "family": "quasipoisson",
    "harmonics": 0,
    "slope_change": False,
    "robust": "newey-west",
    "direction": "down",
    "minimum_effect": 0.1,
    "wash_in": 0,
    "season_length": None,
    "fewest_before": 12,
    "fewest_after": 8,
    "least_dispersion": 1.0,
}
CHOICES = {
    "family": ("poisson", "quasipoisson"),
    "robust": ("none", "newey-west"),
    "direction": ("down", "up"),
    "slope_change": (True, False),
}
WHOLE = {
    "harmonics": (0, 6),
    "wash_in": (0, 156),
    "season_length": (2, 366),
    "fewest_before": (12, 366),
    "fewest_after": (8, 366),
}


def read_config(path: Path) -> dict[str, Any]:
    """All keys, those that are not given by their defaults. Invalid names the file and the key."""
    try:
        with open_text(path, detect(path)) as file:
            given = json.load(file, object_pairs_hook=lambda pairs: _once(path, pairs))
    except (ValueError, RecursionError) as error:
        line = getattr(error, "lineno", 1)
        raise Invalid(
            "verdict.config",
            "配置不是 JSON，请检查引号和逗号",
            "the config is not JSON; check quotes and commas",
            f"{path.name}:{line}",
        ) from error
    if not isinstance(given, dict):
        raise Invalid(
            "verdict.config",
            '配置应是一个 JSON 对象，如 {"harmonics": 0}；都用默认值就写 {}',
            'the config should be one JSON object such as {"harmonics": 0}; write {} for all defaults',
            path.name,
        )
    if unknown := ", ".join(sorted(set(given) - set(DEFAULTS))):
        raise Invalid(
            "verdict.config",
            f"配置里有不认得的键：{unknown}；可用的键：{', '.join(DEFAULTS)}",
            f"the config has unknown keys: {unknown}; the keys are {', '.join(DEFAULTS)}",
            path.name,
        )
    config = {**DEFAULTS, **given}
    for key in given:
        _check(path, key, config[key])
    return config


def _once(path: Path, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """What was agreed is written once: JSON itself would silently take the last."""
    twice = sorted({key for key, _ in pairs if [k for k, _ in pairs].count(key) > 1})
    if twice:
        raise Invalid(
            "verdict.config",
            f"写了不止一次的键：{', '.join(twice)}；每个键只写一次",
            f"keys that are there more than once: {', '.join(twice)}; write each once",
            f"{path.name}:{twice[0][:40]}",
        )
    return dict(pairs)


def _check(path: Path, key: str, value: Any) -> None:
    if key in CHOICES:
        allowed = ", ".join(json.dumps(choice) for choice in CHOICES[key])
        good = any(value is c if isinstance(c, bool) else value == c for c in CHOICES[key])
    elif key in WHOLE:
        low, high = WHOLE[key]
        allowed = f"{low}–{high}"
        good = (type(value) is int and low <= value <= high) or (value is None and DEFAULTS[key] is None)
    else:
        edge = key == "least_dispersion"
        allowed = "0 < … ≤ 1" if edge else "0 < … < 1"
        good = (type(value) in (int, float) and 0 < value < 1) or (edge and value == 1 and value is not True)
    if not good:
        raise Invalid(
            "verdict.config", f"{key} 应为 {allowed}", f"{key} should be {allowed}", f"{path.name}:{key}"
        )
