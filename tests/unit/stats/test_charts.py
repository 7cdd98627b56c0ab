"""Control charts: the check values of the requirement, locked baselines, seams, small counts."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from chalicelib.stats.baseline import LOCKED_AFTER, Rebase, Seam, segments
from chalicelib.stats.chart import Chart, Point, Series, chart, pick
from chalicelib.stats.laney import Laney, laney
from chalicelib.stats.poisson import LIMIT_TAIL, NEAR_TAIL, count_limits
from chalicelib.stats.xmr import Xmr, xmr

NORMAL = [
    -0.56047565, -0.23017749, 1.55870831, 0.07050839, 0.12928774, 1.71506499, 0.46091621, -1.26506123, -0.68685285,
    -0.44566197, 1.22408180, 0.35981383, 0.40077145, 0.11068272, -0.55584113, 1.78691314, 0.49785048, -1.96661716,
    0.70135590, -0.47279141,
]  # fmt: skip
X = [120, 133, 118, 141, 125, 160, 129, 137, 122, 131, 127, 140]
N = [10000, 10400, 9900, 10800, 10100, 10900, 10000, 10500, 9800, 10200, 10050, 10700]
VALUES = st.lists(st.integers(-1000, 1000), min_size=13, max_size=40)
COUNTS = st.lists(st.integers(0, 400), min_size=13, max_size=30)


def points(drawn: Chart) -> list[Point]:
    return [p for p in drawn.points if p]


def test_xmr_gives_the_check_values() -> None:
    found = xmr(NORMAL)
    assert found.mean == pytest.approx(0.1416238, abs=5e-8)
    assert found.limits == (pytest.approx(-3.01138, abs=5e-6), pytest.approx(3.294627, abs=5e-7))
    whole = chart(Series(NORMAL), baseline=None)
    assert whole.points[0] is not None
    assert whole.points[0].limits == found.limits
    assert whole.parts[0].segment.locked


def test_laney_gives_the_check_values() -> None:
    u = laney("u", X, N, clamp=False)
    assert u.mean == pytest.approx(0.0128334009, abs=5e-11)
    assert u.sigma_z == pytest.approx(0.6783569269, abs=5e-11)
    low, high = u.limits(N)
    assert (low[0], high[0]) == (
        pytest.approx(0.0105279791, abs=5e-11),
        pytest.approx(0.0151388227, abs=5e-11),
    )
    assert laney("p", X, N, clamp=False).sigma_z == pytest.approx(0.6827520893, abs=5e-11)


def test_in_use_sigma_z_is_clamped_and_the_raw_one_kept() -> None:
    clamped, free = laney("u", X, N), laney("u", X, N, clamp=False)
    assert (clamped.sigma_z, clamped.sigma_z_raw) == (1.0, free.sigma_z)
    assert clamped.limits(N)[0][0] < free.limits(N)[0][0]
    wild = laney("u", [50, 200] * 6, N)
    assert wild.sigma_z == wild.sigma_z_raw > 3


def test_a_wild_moving_range_is_screened_out_once() -> None:
    found = xmr([10, 11, 10, 11, 10, 11, 40, 11, 10, 11, 10, 11, 10])
    assert found.dropped == (5, 6)
    assert found.mean_range == 1
    assert found.first_range == pytest.approx((10 + 29 + 29) / 12)
    assert found.limits == (pytest.approx(found.mean - 2.66), pytest.approx(found.mean + 2.66))
    assert found.near_limits[1] - found.mean == pytest.approx(2.66 * 2 / 3)


def test_where_nothing_varies_the_limits_are_the_mean() -> None:
    assert xmr([7.0] * 12).limits == (7, 7)


@pytest.mark.parametrize("values", [[], [1.0], [1.0, math.nan], [1.0, math.inf]])
def test_xmr_needs_two_numbers(values: list[float]) -> None:
    with pytest.raises(ValueError, match="two finite values"):
        xmr(values)


@pytest.mark.parametrize(
    ("kind", "x", "n"),
    [("u", [1], [10]), ("u", [1, 2], [10, 0]), ("u", [-1, 2], [5, 5]), ("p", [1, 6], [5, 5])],
)
def test_rates_need_denominators(kind, x, n) -> None:
    with pytest.raises(ValueError, match="needs"):
        laney(kind, x, n)


# Quantiles computed with 40 decimal digits.
@pytest.mark.parametrize(
    ("mean", "low", "high"), [(0, 0, 0), (0.01, 0, 1), (0.3, 0, 3), (1, 0, 5), (2.5, 0, 8), (4.99, 0, 13), (20, 8, 35), (150, 115, 188)]
)  # fmt: skip
def test_exact_poisson_limits(mean: float, low: int, high: int) -> None:
    found = count_limits(mean)
    assert (found[0][0], found[1][0]) == (low, high)


@given(st.floats(0.001, 60), st.sampled_from([LIMIT_TAIL, NEAR_TAIL]))
def test_outside_exact_limits_there_is_no_more_than_the_tail(mean: float, tail: float) -> None:
    (low,), (high,) = count_limits(mean, tail)
    chance = [math.exp(k * math.log(mean) - mean - math.lgamma(k + 1)) for k in range(int(high) + 1)]
    assert sum(chance[: int(low)]) < tail
    assert 1 - sum(chance) <= tail * (1 + 1e-9)
    assert high == 0 or 1 - sum(chance[:-1]) > tail * (1 - 1e-9)


def test_expected_counts_below_five_have_exact_limits() -> None:
    drawn = chart(Series(counts=[2, 1, 3, 0, 2, 4, 1, 2, 3, 2, 1, 3, 9, 2], exposures=[1000] * 13 + [3000]))
    last, large = points(drawn)[12:]
    assert (last.by, last.expected, last.limits) == ("poisson", 2.0, (0.0, 7 / 1000))
    assert last.signals == ("outside",)
    figures = drawn.parts[0].figures
    assert isinstance(figures, Laney)
    assert large.by == "laney"
    assert large.expected == 6
    assert large.limits == (0.0, pytest.approx(0.002 + 3 * figures.sigma_z * math.sqrt(0.002 / 3000)))


def test_the_kind_fits_the_series() -> None:
    assert pick(Series([1.0])) == "xmr"
    assert pick(Series(counts=[1], exposures=[2])) == "u"
    assert pick(Series(counts=[1], exposures=[2], share=True)) == "p"
    shares = points(chart(Series(counts=[99, 98] * 8, exposures=[100] * 16, share=True)))
    assert all(p.limits and p.limits[1] == 1 for p in shares)
    with pytest.raises(ValueError, match="counts <= exposure"):
        chart(Series(counts=[9] * 12 + [11], exposures=[10] * 13, share=True))


def test_fewer_than_twelve_points_are_on_trial() -> None:
    (part,) = chart(Series(NORMAL[:11])).parts
    assert not part.segment.locked
    assert part.baseline_points == 11
    (part,) = chart(Series(NORMAL[:12])).parts
    assert part.segment.locked
    single = points(chart(Series([3.0])))
    assert [(p.limits, p.by) for p in single] == [(None, "none")]
    assert chart(Series()).points == ()


@settings(max_examples=30, deadline=None)
@given(VALUES, st.randoms())
def test_later_points_in_any_order_leave_locked_limits_alone(values: list[int], random) -> None:
    later = values[LOCKED_AFTER:]
    random.shuffle(later)
    moved = chart(Series([*values[:LOCKED_AFTER], *later]))
    assert points(moved)[-1].limits == points(chart(Series(values)))[-1].limits
    assert moved.parts[0].figures == chart(Series(values[:LOCKED_AFTER])).parts[0].figures


@settings(max_examples=30, deadline=None)
@given(VALUES, st.sampled_from([0.25, 2.0, 1024.0]), st.integers(-50, 50))
def test_another_unit_moves_the_limits_and_no_signal(values: list[int], scale: float, shift: int) -> None:
    plain, other = chart(Series(values)), chart(Series([scale * v + shift for v in values]))
    for here, there in zip(points(plain), points(other), strict=True):
        assert here.limits is not None
        assert there.limits == pytest.approx([scale * end + shift for end in here.limits], abs=1e-6 * scale)
    # Whole numbers: a mean may land on a point, where rounding decides its side.
    assume(not any(abs(p.value - p.mean) < 1e-9 for p in points(plain)))
    assert [set(p.signals) for p in points(plain)] == [set(p.signals) for p in points(other)]


@settings(max_examples=30, deadline=None)
@given(COUNTS, st.sampled_from([0.5, 8.0, 1000.0]))
def test_per_thousand_or_per_one_a_rate_chart_says_the_same(counts: list[int], scale: float) -> None:
    n = [200 + 10 * (i % 7) for i in range(len(counts))]
    plain = chart(Series(counts=counts, exposures=n))
    other = chart(Series(counts=counts, exposures=[x * scale for x in n]))
    assert [p.signals for p in points(plain)] == [p.signals for p in points(other)]
    assert [p.value for p in points(plain)] == pytest.approx([p.value * scale for p in points(other)])
    for p, q in zip(points(plain), points(other), strict=True):
        assert p.limits == pytest.approx([end * scale for end in q.limits or ()])


def test_a_week_without_denominator_is_no_point_and_no_zero() -> None:
    counts, exposures = [*X[:5], 77, *X[5:], None], [*N[:5], None, *N[5:], 10000]
    drawn = chart(Series(counts=counts, exposures=exposures))
    assert drawn.points[5] is None
    assert drawn.points[13] is None
    figures = drawn.parts[0].figures
    assert isinstance(figures, Laney)
    assert figures == laney("u", X, N)
    assert drawn.parts[0].segment[:3] == (0, 13, 13)
    zero = chart(Series(counts=counts, exposures=[n or 0 for n in exposures]))
    assert zero == drawn


def test_a_seam_splits_the_baseline_and_no_run_crosses_it() -> None:
    values = [10.0, 11, 9, 10, 12, 10, 11, 9, 10, 11, 10, 9, 20, 21, 22, 23, 24, 25, 26]
    plain = points(chart(Series(values)))
    assert all("side" in p.signals and "trend" in p.signals for p in plain[12:])
    split = chart(Series(values), seams=[Seam(15, "v3")])
    assert [p.segment for p in points(split)] == [0] * 15 + [1] * 4
    assert not any({"side", "trend"} & set(p.signals) for p in points(split))
    later = split.parts[1]
    assert isinstance(later.figures, Xmr)
    assert later.figures.mean == 24.5
    assert (later.segment.why, later.segment.reason, later.segment.locked) == ("seam", "v3", False)


def test_a_rebase_is_explicit_and_has_a_reason() -> None:
    drawn = chart(Series(NORMAL * 2), [Rebase(20, "新承运商")])
    assert [(p.segment.why, p.segment.reason, p.segment.baseline_end) for p in drawn.parts] == [
        ("start", "", 12),
        ("rebase", "新承运商", 32),
    ]
    with pytest.raises(ValueError, match="reason"):
        chart(Series(NORMAL), [Rebase(3, " ")])
    assert len(chart(Series([*NORMAL, None]), [Rebase(20, "没有点")]).parts) == 1


@pytest.mark.parametrize("cuts", [[Rebase(20, "x")], [Rebase(-1, "x")]])
def test_segments_need_a_point_to_begin_with(cuts) -> None:
    with pytest.raises(ValueError, match="need a point"):
        segments(20, cuts)


def test_fifty_causes_by_two_years_are_quick() -> None:
    rng = np.random.default_rng(1)
    counts = rng.poisson(rng.uniform(3, 300, (50, 1)), (50, 104)).tolist()
    drawn = [chart(Series(counts=row, exposures=[10_000] * 104)) for row in counts]
    assert sum(len(d.points) for d in drawn) == 5_200


@pytest.mark.parametrize("share", [False, True])
@pytest.mark.parametrize(("weeks", "limit"), [(2, 3), (12, 1), (60, 1)])
def test_after_none_at_all_the_first_contact_is_no_signal(weeks: int, limit: int, share: bool) -> None:
    counts, exposures = [0] * weeks + [1, limit, limit + 1], [10_000] * (weeks + 3)
    drawn = chart(Series(counts=counts, exposures=exposures, share=share), baseline=weeks)
    *_, one, most, more = drawn.points
    assert all((one, most, more))
    assert (one.mean, one.expected, one.by) == (0, 0, "poisson")
    assert most.limits == (0, pytest.approx(limit / 10_000))
    assert ["outside" in point.signals for point in (one, most, more)] == [False, False, True]
