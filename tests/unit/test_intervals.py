"""Intervals against published and independently computed values; the split of a change, exactly."""

from __future__ import annotations

import math
from fractions import Fraction
from statistics import fmean, variance

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.stats import intervals

COUNTS = st.integers(0, 100_000)
# Exact 95 % limits of a Poisson mean (Garwood 1936), computed with 40 decimal digits.
GARWOOD = [
    (0, 0.0, 3.688879),
    (1, 0.025318, 5.571643),
    (2, 0.242209, 7.224688),
    (3, 0.618672, 8.767273),
    (4, 1.089865, 10.241589),
    (5, 1.623486, 11.668332),
    (6, 2.201894, 13.059474),
    (10, 4.795389, 18.390356),
    (20, 12.216520, 30.888378),
    (50, 37.110964, 65.918767),
    (100, 81.363991, 121.626794),
    (400, 361.756297, 441.186648),
]


@pytest.mark.parametrize(
    ("successes", "n", "low", "high"),
    [
        (45, 60, 0.627679, 0.842235),
        (0, 10, 0.0, 0.277533),
        (10, 10, 0.722467, 1.0),
        (1, 2, 0.094531, 0.905469),
    ],
)
def test_wilson_gives_the_check_values(successes: int, n: int, low: float, high: float) -> None:
    assert intervals.wilson(successes, n) == pytest.approx((low, high), abs=1e-6)


@given(st.integers(1, 100_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilson_stays_around_the_share_and_inside_0_and_1(case: tuple[int, int]) -> None:
    successes, n = case
    low, high = intervals.wilson(successes, n)
    assert 0 <= low <= successes / n <= high <= 1
    mirrored = intervals.wilson(n - successes, n)
    assert (1 - high, 1 - low) == pytest.approx(mirrored, abs=1e-12)


@pytest.mark.parametrize(("count", "low", "high"), GARWOOD)
def test_poisson_limits_are_within_one_percent_of_the_exact_ones(count: int, low: float, high: float) -> None:
    assert intervals.poisson_rate(count, 1.0) == pytest.approx((low, high), rel=0.01)
    if count < 5:
        assert intervals.poisson_rate(count, 1.0) == pytest.approx((low, high), abs=2e-6)


def test_a_count_of_0_has_the_closed_upper_limit() -> None:
    assert intervals.poisson_rate(0, 250.0) == (0.0, pytest.approx(-math.log(0.025) / 250))


def test_a_wider_z_gives_a_wider_interval_at_small_and_large_counts() -> None:
    for count in (0, 3, 30):
        low, high = intervals.poisson_rate(count, 1.0)
        wide_low, wide_high = intervals.poisson_rate(count, 1.0, z=3.0)
        assert wide_low <= low
        assert wide_high > high


@given(COUNTS, st.floats(0.001, 1e9))
def test_the_rate_lies_inside_its_limits_which_scale_with_exposure(count: int, exposure: float) -> None:
    low, high = intervals.poisson_rate(count, exposure)
    assert 0 <= low <= count / exposure < high
    assert (low * exposure, high * exposure) == pytest.approx(intervals.poisson_rate(count, 1.0))


@given(COUNTS)
def test_limits_rise_with_the_count(count: int) -> None:
    (low, high), (next_low, next_high) = (intervals.poisson_rate(count + i, 1.0) for i in (0, 1))
    assert low < next_low
    assert high < next_high


@given(st.lists(st.integers(-10_000, 10_000), min_size=2, max_size=50))
def test_a_mean_from_sums_is_the_mean_of_the_values(values: list[int]) -> None:
    mean, low, high = intervals.mean_interval(len(values), sum(values), sum(v * v for v in values))
    half = 1.959963984540054 * math.sqrt(variance(values) / len(values))
    assert (mean, low, high) == pytest.approx((fmean(values), fmean(values) - half, fmean(values) + half))


def test_a_mean_far_from_zero_keeps_its_spread() -> None:
    base = 10**15
    sums = (3, 3 * base + 3, base**2 + (base + 1) ** 2 + (base + 2) ** 2)
    mean, _, high = intervals.mean_interval(*sums)
    assert mean == base + 1
    assert high - mean == pytest.approx(1.959964 / math.sqrt(3), abs=0.1)  # a float near 1e15 steps by 0.125


def test_bounds_take_all_the_missing_as_bad_and_then_as_good() -> None:
    assert intervals.bounds(good=30, known=40, missing=10) == (0.6, 0.8)
    assert intervals.bounds(good=30, known=40, missing=0) == (0.75, 0.75)
    assert intervals.bounds(good=0, known=0, missing=5) == (0.0, 1.0)


def test_the_split_of_a_change_by_hand() -> None:
    # 100 contacts per 10000 orders became 150 per 12000: 20 more by volume, 30 more by friction.
    assert intervals.split_change(100, 10_000, 150, 12_000) == (20, 30)
    assert intervals.split_change(100, 10_000, 100, 12_000) == (20, -20)


@given(COUNTS, st.integers(1, 10**9), COUNTS, st.integers(1, 10**9))
def test_volume_and_friction_add_up_to_the_change_exactly(n0: int, x0: int, n1: int, x1: int) -> None:
    volume, friction = intervals.split_change(n0, x0, n1, x1)
    assert volume + friction == n1 - n0
    assert volume == Fraction(n0, x0) * (x1 - x0)


@pytest.mark.parametrize(
    ("function", "arguments"),
    [
        (intervals.wilson, (0, 0)),
        (intervals.wilson, (3, 2)),
        (intervals.wilson, (-1, 2)),
        (intervals.poisson_rate, (1, 0.0)),
        (intervals.poisson_rate, (1, math.nan)),
        (intervals.poisson_rate, (-1, 1.0)),
        (intervals.mean_interval, (1, 3, 9)),
        (intervals.mean_interval, (2, 10, 1)),
        (intervals.bounds, (0, 0, 0)),
        (intervals.bounds, (5, 4, 1)),
        (intervals.bounds, (1, 2, -1)),
        (intervals.split_change, (1, 0, 1, 5)),
        (intervals.split_change, (1, 5, 1, 0)),
    ],
)
def test_no_denominator_is_an_error_and_never_a_number(function, arguments) -> None:
    with pytest.raises(ValueError, match="need"):
        function(*arguments)
