"""The word of a verdict, its reason, when it is due, and where contacts went."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.model.seal import seal
from chalicelib.stats.counterfactual import avoided, line
from chalicelib.stats.early import early
from chalicelib.stats.estimate import Promise, Ratio
from chalicelib.stats.its import Model, Series, design
from chalicelib.stats.power import enough, extended, outlook, power
from chalicelib.stats.reasons import TEXTS, reason
from chalicelib.stats.report import shown
from chalicelib.stats.sustain import looks
from chalicelib.stats.verdict import Why, Word, decide, verdict

PROMISE = Promise()


def series(before: int, after: int, ratio: float, mean: float = 100, seed: int = 5, **more: object) -> Series:
    """Poisson counts with a change of level."""
    time = np.arange(1.0, before + after + 1)
    begun = (time > before).astype(float)
    counts = np.random.default_rng(seed).poisson(mean * np.where(begun == 1, ratio, 1)).astype(float)
    return Series(time, counts, np.full(len(time), 1000.0), begun, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("low", "high", "direction", "word", "why"),
    [
        (0.70, 0.85, "down", Word.IMPROVED, Why.GOOD),
        (0.80, 0.95, "down", Word.IMPROVED, Why.GOOD),
        (0.92, 0.98, "down", Word.NO_CHANGE_SHOWN, Why.TOO_SMALL),
        (0.92, 1.05, "down", Word.NO_CHANGE_SHOWN, Why.SMALL),
        (0.85, 1.05, "down", Word.NOT_ENOUGH_DATA_YET, Why.OPEN),
        (1.01, 1.05, "down", Word.WORSENED, Why.BAD),
        (0.30, 3.00, "down", Word.NOT_ENOUGH_DATA_YET, Why.OPEN),
        (1.05, 1.30, "up", Word.IMPROVED, Why.GOOD),
        (1.02, 1.08, "up", Word.NO_CHANGE_SHOWN, Why.TOO_SMALL),
        (0.95, 1.05, "up", Word.NO_CHANGE_SHOWN, Why.SMALL),
        (0.95, 1.15, "up", Word.NOT_ENOUGH_DATA_YET, Why.OPEN),
        (0.80, 0.95, "up", Word.WORSENED, Why.BAD),
    ],
)
def test_the_word_of_an_interval(low, high, direction, word, why):
    assert decide(Ratio((low * high) ** 0.5, low, high), Promise(direction=direction)) == (word, why)


@given(st.floats(0.05, 20), st.floats(1.001, 10), st.floats(0.01, 0.9))
def test_up_is_down_turned_round(value, width, effect):
    down = Promise(minimum_effect=effect)
    up = Promise(direction="up", minimum_effect=1 / (1 - effect) - 1)
    ratio = Ratio(value, value / width, value * width)
    assert decide(ratio, down) == decide(Ratio(1 / value, 1 / ratio.high, 1 / ratio.low), up)


@pytest.mark.parametrize(
    ("before", "after", "ratio", "mean", "word", "why"),
    [
        (26, 26, 0.6, 100, Word.IMPROVED, Why.GOOD),
        (26, 26, 1.5, 100, Word.WORSENED, Why.BAD),
        (26, 26, 1.0, 4000, Word.NO_CHANGE_SHOWN, Why.SMALL),
        (26, 8, 1.0, 20, Word.NOT_ENOUGH_DATA_YET, Why.OPEN),
        (26, 7, 0.4, 400, Word.NOT_ENOUGH_DATA_YET, Why.FEW),
        (11, 20, 0.4, 400, Word.NOT_ENOUGH_DATA_YET, Why.FEW),
        (26, 0, 1.0, 100, Word.NOT_ENOUGH_DATA_YET, Why.FEW),
        (26, 1, 0.5, 100, Word.NOT_ENOUGH_DATA_YET, Why.FEW),
        (1, 1, 0.5, 100, Word.NOT_ENOUGH_DATA_YET, Why.FEW),
        (26, 26, 0.0, 20, Word.IMPROVED, Why.GOOD),
        (26, 26, 1.0, 0, Word.NOT_ENOUGH_DATA_YET, Why.NOTHING),
    ],
)
def test_the_word_of_a_series(before, after, ratio, mean, word, why):
    found = verdict(series(before, after, ratio, mean), PROMISE)
    assert (found.word, found.why) == (word, why)
    assert all(reason(found)[language] for language in ("zh", "en"))
    assert (found.before, found.after) == (before, after)


def test_what_cannot_be_fitted_is_not_called_too_little():
    """A season that hardly ever changes says nothing that the level does not say."""
    plain = series(26, 26, 0.5)
    flat = replace(plain, season=np.array([1.0] * 51 + [99.0]))
    found = verdict(flat, replace(PROMISE, model=Model(harmonics=2)))
    assert (found.word, found.why) == (Word.NOT_ENOUGH_DATA_YET, Why.UNFITTED)
    assert "harmonics" in reason(found)["zh"]


def test_a_table_without_periods_before_the_start_says_so():
    found = verdict(series(0, 26, 0.5), PROMISE)
    assert (found.word, found.why, found.before) == (Word.NOT_ENOUGH_DATA_YET, Why.FEW, 0)


def test_every_reason_has_its_words():
    assert set(TEXTS) == set(Why)


def test_the_wash_in_does_not_count_towards_the_fewest_periods():
    found = verdict(series(26, 10, 0.5), replace(PROMISE, model=Model(wash_in=3)))
    assert (found.word, found.after, found.washed) == (Word.NOT_ENOUGH_DATA_YET, 7, 3)


def test_the_stamp_is_of_what_is_meant_not_of_how_it_is_written():
    inputs = {"metric": "cpx", "window": [26, 26], "T0": "2026-W40", "原因": "delivery.late"}
    assert seal(inputs) == seal(dict(reversed(inputs.items())))
    # by sha256sum of {"T0":"2026-W40","metric":"cpx","window":[26,26],"原因":"delivery.late"}
    assert seal(inputs) == "7a284331cdb6bc7ce9ab646fa81b5d520819c6ffbbc2d59c4979860695c0ab02"
    assert seal(inputs) != seal({**inputs, "T0": "2026-W41"})
    with pytest.raises(ValueError, match="JSON"):
        seal({"effect": float("nan")})


def test_the_power_date_is_the_first_period_with_the_power():
    found = verdict(series(40, 3, 1.0, 60), replace(PROMISE, minimum_effect=0.25))
    assert found.word is Word.NOT_ENOUGH_DATA_YET
    view = _view(found)
    periods = enough(view)
    assert periods is not None
    assert power(view, periods) >= 0.8
    assert found.power_time == 40 + max(periods, 8)
    assert f"第 {found.power_time} 期" in reason(found, lambda n: f"第 {n} 期")["zh"]


def _view(found):
    figures = found.figures
    return outlook(figures.plan, PROMISE.model, figures.fit, figures.white, found.promise.target)


def test_power_grows_with_the_effect_and_the_counts():
    views = [
        _view(verdict(series(40, 10, 1.0, mean), Promise(minimum_effect=effect)))
        for mean, effect in ((20, 0.1), (20, 0.3), (1000, 0.3))
    ]
    powers = [power(view, 20) for view in views]
    assert powers == sorted(powers)
    assert powers[-1] > 0.99
    assert enough(views[0]) is None


def test_what_cannot_be_seen_in_four_years_is_said_so():
    found = verdict(series(12, 8, 1.0, 5), PROMISE)
    assert found.power_time is None
    assert "四年" in reason(found)["zh"]


def test_later_periods_follow_the_seasons():
    time = np.arange(1.0, 21)
    one = series(14, 6, 1.0, season=(time + 6) % 12 + 1, others={"P-2": (time > 3).astype(float)})
    longer = extended(one, 12, Model())
    assert longer.season.tolist() == [(t + 6) % 12 + 1 for t in range(1, 27)]
    assert longer.others["P-2"][-1] == longer.after[-1] == 1
    assert extended(one, 2, Model()).time.tolist() == list(range(1, 17))


@pytest.mark.parametrize("robust", ["none", "newey-west"])
def test_the_line_and_what_was_avoided_agree_with_the_ratio(robust):
    found = verdict(series(26, 26, 0.6), replace(PROMISE, robust=robust))
    figures = found.figures
    drawn = line(figures.plan, figures.fit, figures.white)
    after = figures.plan.series.after == 1
    came = figures.plan.series.count[after].sum()
    assert came == pytest.approx(found.effect.value * drawn.expected[after].sum())
    missing, least, most = avoided(came, found.effect.value, found.effect.low, found.effect.high)
    assert missing == pytest.approx(drawn.expected[after].sum() - came)
    assert least < missing < most
    assert np.all((drawn.low <= drawn.expected) & (drawn.expected <= drawn.high))
    assert np.mean(figures.plan.series.count[after] < drawn.low[after]) > 0.8


def test_contacts_that_came_back_under_another_cause_have_moved():
    time, rng = np.arange(1.0, 53), np.random.default_rng(8)
    begun = time > 26
    chat = rng.poisson(np.where(begun, 140, 100)).astype(float)
    other = rng.poisson(300, 52).astype(float)
    one = series(26, 26, 0.6)
    found = verdict(one, PROMISE, {"chat": chat, "other": other})
    assert (found.word, found.why) == (Word.MOVED, Why.ELSEWHERE)
    assert found.moved.share > 0.5
    assert found.moved.siblings["chat"].rose
    assert not found.moved.siblings["other"].rose
    assert "chat" in reason(found)["en"]
    assert "other" not in reason(found)["en"].split("under")[1]
    still = verdict(one, PROMISE, {"other": other, "web": rng.poisson(100, 52).astype(float)})
    assert still.word is Word.IMPROVED
    assert still.moved.gained == 0
    partly = verdict(series(26, 26, 0.2, 1000), PROMISE, {"chat": chat})
    assert partly.word is Word.IMPROVED
    assert 0 < partly.moved.share < 0.5


def test_contacts_that_trickle_into_many_siblings_have_moved_too():
    time, rng = np.arange(1.0, 53), np.random.default_rng(9)
    mean = np.where(time > 26, 108, 100)
    siblings = {f"s{n}": rng.poisson(mean).astype(float) for n in range(12)}
    assert verdict(series(26, 26, 0.1), PROMISE, siblings).word is Word.MOVED


@pytest.mark.parametrize(
    ("starts", "word"),
    [(26, Word.NOT_SEPARABLE), (30, Word.NOT_SEPARABLE), (12, Word.IMPROVED), (40, Word.IMPROVED)],
)
def test_two_projects_on_one_metric(starts, word):
    time = np.arange(1.0, 53)
    mean = 400 * np.where(time > 26, 0.5, 1) * np.where(time > starts, 0.8, 1)
    counts = np.random.default_rng(4).poisson(mean).astype(float)
    one = replace(series(26, 26, 1.0), count=counts, others={"P-2": (time > starts).astype(float)})
    found = verdict(one, PROMISE)
    assert found.word is word
    assert "P-2" in reason(found)["zh"] or word is Word.IMPROVED
    if word is Word.IMPROVED:
        both = shown(found)
        assert both["rate_ratio"] == pytest.approx(0.5, rel=0.15)
        assert both["other_projects"]["P-2"]["rate_ratio"] == pytest.approx(0.8, rel=0.15)
        assert both["joint"] == {
            "periods_apart": {"P-2": abs(starts - 26)},
            "variance_inflation": found.inflation,
        }


@pytest.mark.parametrize(("later", "relapses"), [(0.6, [False, False]), (1.0, [False, True])])
def test_a_relapse_is_found_at_the_next_look(later, relapses):
    time = np.arange(1.0, 79)
    mean = 300 * np.where(time > 52, np.where(time > 65, later, 0.6), 1)
    counts = np.random.default_rng(2).poisson(mean).astype(float)
    one = replace(series(52, 26, 1.0), count=counts)
    found = looks(one, PROMISE)
    assert [look.periods for look in found] == [13, 26]
    assert [look.relapsed for look in found] == relapses
    assert len(looks(one.at(time <= 52 + 12), PROMISE)) == 0
    assert len(looks(one.at(time <= 52 + 13), PROMISE)) == 1


def test_every_figure_is_named_and_plain():
    import json

    found = shown(verdict(series(26, 26, 0.8, season=np.arange(52.0) % 4 + 1), Promise(model=Model(1, True))))
    assert json.loads(json.dumps(found)) == found
    asked = {"rate_ratio", "ci", "dispersion", "slope_ratio", "slope_ci", "autocorrelation", "verdict", "reason",
             "power_date"}  # fmt: skip
    assert asked <= set(found)
    assert set(found["coefficients"]) == {"intercept", "trend", "level", "slope_change", "sin1", "cos1"}
    assert len(found["line"]) == 52
    early = shown(verdict(series(26, 0, 0.8), PROMISE))
    assert asked <= set(early)
    assert early["rate_ratio"] is None


def test_a_design_without_the_project():
    plan = design(series(14, 10, 1.0), Model(slope_change=True))
    assert plan.without()[:, plan.names.index("level")].sum() == 0
    assert plan.matrix[:, plan.names.index("level")].sum() == 10
    assert plan.contrast()[plan.names.index("slope_change")] == 5.5


def test_a_share_scatters_less_than_contacts_and_is_seen_sooner():
    rng = np.random.default_rng(4)
    time = np.arange(1.0, 53)
    begun = (time > 26).astype(float)
    asked = np.full(52, 100.0)
    solved = rng.binomial(100, np.where(begun == 1, 0.88, 0.8)).astype(float)
    one = Series(time, solved, asked, begun)
    counts, share = (
        verdict(one, Promise(direction="up", minimum_effect=0.05, least_dispersion=least))
        for least in (1.0, 0.2)
    )
    assert share.effect.high - share.effect.low < 0.6 * (counts.effect.high - counts.effect.low)
    assert (counts.word, share.word) == (Word.NOT_ENOUGH_DATA_YET, Word.IMPROVED)


def test_before_the_start_it_is_known_how_long_it_will_take():
    one = series(26, 20, 0.5, 60)
    many, few = (early(series(52, 5, 1.0, mean), PROMISE, 0.3) for mean in (400, 20))
    assert many.periods <= 3 < 10 < few.periods < 26
    assert many.power > few.power
    assert early(one, PROMISE, 0.3) == early(one.at(one.after == 0), PROMISE, 0.3), (
        "what came after says nothing"
    )
    assert early(series(2, 0, 1.0), PROMISE, 0.3) is None


def test_a_promise_and_a_series_from_plain_values():
    config = {
        "direction": "up", "minimum_effect": 0.2, "harmonics": 1, "slope_change": True, "wash_in": 2,
        "season_length": 52, "family": "poisson", "robust": "none", "fewest_before": 13, "fewest_after": 9,
        "least_dispersion": 0.5,
    }  # fmt: skip
    assert Promise.of(config) == Promise("up", 0.2, Model(1, True, 2, 52), "poisson", "none", 13, 9, 0.5)
    plain = Series.of({"P-2": [0, 1]}, time=[1, 2], count=[3, 4], exposure=[5, 5], after=[0, 1], control=None)
    assert plain.control is None
    assert plain.others["P-2"].tolist() == [0.0, 1.0]
