"""Whether a new tagger may go live: a table of figures, and figures of taggers that differ in a known way."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from chalicelib.loop.listen.comparing import compare, objections
from chalicelib.model.analysis import Analysis, Tag
from chalicelib.model.tagger import CauseChange, Comparison, Figures, Interval
from chalicelib.ports import Label

AT = datetime(2026, 11, 18, tzinfo=UTC)
SOME = Interval(value=0.8, low=0.7, high=0.9)
FIGURES = Figures(micro=SOME, macro=0.7, kind=SOME, severity=SOME)
UP, EVEN, DOUBTFUL, DOWN = (
    Interval(value=v, low=low, high=high)
    for v, low, high in ((0.1, 0.02, 0.2), (0, 0, 0), (-0.05, -0.2, 0.001), (-0.1, -0.2, -0.001))
)


def comparison(difference: Interval, *causes: Interval | None) -> Comparison:
    changes = tuple(
        CauseChange(code=f"c{n}", support=12 if change else 4, before=0.8, after=0.7, change=change)
        for n, change in enumerate(causes)
    )
    return Comparison(against=0, before=FIGURES, after=FIGURES, difference=difference, causes=changes)


@pytest.mark.parametrize(
    ("found", "codes"),
    [
        (comparison(UP), []),
        (comparison(EVEN), []),
        (comparison(DOUBTFUL), []),
        (comparison(DOWN), ["learn.worse"]),
        (comparison(UP, UP, EVEN, DOUBTFUL), []),
        (comparison(UP, UP, DOWN), ["learn.worse_cause"]),
        (comparison(DOWN, DOWN, DOWN), ["learn.worse", "learn.worse_cause", "learn.worse_cause"]),
        (comparison(UP, None, None), []),
        (comparison(DOWN, None), ["learn.worse"]),
    ],
    ids=["better", "as good", "perhaps worse", "worse", "no cause worse", "one cause worse", "all worse",
         "causes with few labels", "worse, causes with few labels"],
)  # fmt: skip
def test_what_speaks_against_going_live(found, codes):
    assert [reason.code for reason in objections(found)] == codes


def test_a_reason_says_what_fell_and_how_far_in_both_languages():
    (reason,) = objections(comparison(UP, DOWN))
    for text in (reason.zh, reason.en):
        assert "c0" in text
        assert "0.800" in text
        assert "-0.100 [-0.200, -0.001]" in text


def label(n: int, *causes: str, kind: str | None = "complaint", severity: int | None = 1) -> Label:
    return Label(f"k{n}", f"第 {n} 条", frozenset(causes), kind, severity, AT)  # type: ignore[arg-type]


def said(*causes: str, kind: str = "complaint", severity: int = 1) -> Analysis:
    tags = tuple(Tag(code=code, confidence=0.9) for code in causes)
    return Analysis(causes=tags, kind=kind, severity=severity, version="v")  # type: ignore[arg-type]


def test_figures_by_hand():
    held = [label(0, "a"), label(1, "a", "b"), label(2), label(3, "b", kind=None, severity=None)]
    before = [said("a", "b", severity=3), said("a"), said(kind="praise"), said()]
    found = compare(held, before, [said("a"), said("a", "b"), said(), said("b")], against=7)
    assert found.against == 7
    assert found.before.micro.value == pytest.approx(2 * 2 / (2 * 2 + 1 + 2))
    assert found.after.micro.value == 1.0
    assert found.difference.value == pytest.approx(1 - 4 / 7)
    assert found.before.kind is not None
    assert found.before.kind.value == pytest.approx(2 / 3)
    assert found.before.severity is not None
    assert found.before.severity.value == pytest.approx(2 / 3)
    assert found.before.macro is None
    assert [(c.code, c.support, c.before, c.after, c.change) for c in found.causes] == [
        ("a", 2, 1.0, 1.0, None),
        ("b", 2, 0.0, 1.0, None),
    ]


def test_a_cause_is_judged_from_ten_labels_on_and_counts_in_macro_from_five():
    held = [label(n, "a") for n in range(10)] + [label(20 + n, "b") for n in range(9)]
    held += [label(40 + n, "c") for n in range(4)]
    perfect = [said(*one.causes) for one in held]
    found = compare(held, perfect, [said() if "c" in one.causes else said(*one.causes) for one in held], 0)
    assert {c.code: c.change is not None for c in found.causes} == {"a": True, "b": False, "c": False}
    assert (found.before.macro, found.after.macro) == (1.0, 1.0)


@pytest.mark.parametrize(
    ("lost", "refused"), [(0, False), (2, False), (12, True)], ids=["nothing", "two of 14", "twelve of 14"]
)
def test_one_cause_may_not_be_paid_for_by_another(lost, refused):
    """`rare` falls while `common` gains so much that all in all the new tagger is better."""
    held = [label(n, "common") for n in range(100)] + [label(200 + n, "rare") for n in range(14)]
    before = [said() if n < 50 else said(*one.causes) for n, one in enumerate(held)]
    after = [said() if n >= len(held) - lost else said(*one.causes) for n, one in enumerate(held)]
    found = compare(held, before, after, 0)
    assert found.difference.low > 0
    assert [r.code for r in objections(found)] == (["learn.worse_cause"] if refused else [])


def test_the_more_causes_are_judged_the_more_it_takes_to_refuse_for_one():
    """Five of twenty labels lost: more than chance explains in a cause by itself, not in one of ten."""
    alone = [label(n, "a") for n in range(20)]
    among = alone + [label(100 + n, f"c{n % 9}") for n in range(90)]

    def refused(held: list[Label]) -> bool:
        before = [said(*one.causes) for one in held]
        after = [said() if n < 5 else said(*one.causes) for n, one in enumerate(held)]
        found = compare(held, before, after, 0)
        return "learn.worse_cause" in {reason.code for reason in objections(found)}

    assert refused(alone)
    assert not refused(among)
