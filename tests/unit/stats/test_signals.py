"""The four rules, each at its edge."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.stats.signals import Rule, named, signals

LIMITS, NEAR = (-3.0, 3.0), (-2.0, 2.0)


def flagged(rule: Rule, values: list[float]) -> list[int]:
    found = signals(values, 0.0, LIMITS, NEAR)[rule]
    return [i for i, on in enumerate(found) if on]


@pytest.mark.parametrize(
    ("rule", "values", "expected"),
    [
        ("outside", [3.0, 3.01, -3.0, -3.01], [1, 3]),
        ("side", [1.0] * 6 + [-1], []),
        ("side", [-1.0, *[0.5] * 7, -1], [1, 2, 3, 4, 5, 6, 7]),
        ("side", [0.5] * 3 + [0.0] + [0.5] * 3, []),
        ("side", [-0.1] * 9, list(range(9))),
        ("side", [9.0] * 7, list(range(7))),
        ("trend", [1, 2, 3, 4, 5, 6], []),
        ("trend", [1, 2, 3, 4, 5, 6, 7], list(range(7))),
        ("trend", [9, 7, 6, 5, 4, 3, 2, 1, 8], list(range(8))),
        ("trend", [1, 2, 3, 3, 4, 5, 6, 7], []),
        ("near", [2.5, 0, 2.5], [0, 2]),
        ("near", [2.5, 2.6, 0], [0, 1]),
        ("near", [2.5, -1, 2.5], [0, 2]),
        ("near", [2.5, 0, 0, 2.5], []),
        ("near", [2.5, -2.5, 0], []),
        ("near", [2.5, 3.5, 0], []),
        ("near", [2.0, 3.0, 2.1], [1, 2]),
        ("near", [-2.5, 0, -3.0], [0, 2]),
        ("outside", [], []),
    ],
)
def test_rules(rule: Rule, values: list[float], expected: list[int]) -> None:
    assert flagged(rule, values) == expected


def test_a_point_has_all_its_rules_by_name() -> None:
    assert named(signals([3.5, 1, 1, 1, 1, 2.5, 2.5], 0.0, LIMITS, NEAR)) == [
        ("outside", "side"), ("side",), ("side",), ("side",), ("side",), ("side", "near"), ("side", "near"),
    ]  # fmt: skip


@given(st.lists(st.floats(-4, 4), max_size=30))
def test_upside_down_and_backwards_the_same_points_are_flagged(values: list[float]) -> None:
    plain = signals(values, 0.0, LIMITS, NEAR)
    turned = signals([-v for v in values][::-1], 0.0, LIMITS, NEAR)
    for rule, flags in plain.items():
        assert flags.tolist() == turned[rule].tolist()[::-1]
