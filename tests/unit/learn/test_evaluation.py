"""Figures worked out by hand."""

from __future__ import annotations

import pytest

from chalicelib.learn.evaluation import by_code, calibration_by_chance, calibration_error, evaluate
from chalicelib.learn.gold import Gold, gold_line, read_lines
from chalicelib.model.analysis import Analysis, Tag
from chalicelib.model.errors import Invalid


def gold(causes: list[str], disputed: tuple[str, ...] = (), **more: object) -> Gold:
    return Gold("1", "送得太慢，还骂人", tuple(causes), frozenset(disputed), **more)  # type: ignore[arg-type]


def said(*codes: str, spans: tuple[tuple[int, int], ...] = (), **more: object) -> Analysis:
    tags = tuple(Tag(code=code, confidence=0.9, evidence=spans) for code in codes)
    return Analysis(causes=tags, version="v", **more)  # type: ignore[arg-type]


def test_counts_leave_out_what_is_disputed() -> None:
    report = evaluate(
        [gold(["a", "b"]), gold(["a"], ("c",)), gold([]), gold(["b"])],
        [said("a"), said("a", "c"), said("b"), said()],
    )
    # a: 2 right; b: 0 right, 1 wrong, 2 missed; c: disputed.
    assert report.micro.value == pytest.approx(2 * 2 / (2 * 2 + 1 + 2))
    assert (report.precision.hits, report.precision.n) == (2, 3)
    assert (report.recall.hits, report.recall.n) == (2, 4)
    assert by_code(report)["a"].f1 == 1
    assert (by_code(report)["b"].wrong, by_code(report)["b"].missed) == (1, 2)
    assert (report.none_where_none.hits, report.none_where_none.n) == (0, 1)
    low, high = report.micro.low, report.micro.high
    assert low is not None
    assert high is not None
    assert low <= report.micro.value <= high
    assert report.macro == (None, None, None), "no cause has five labels"


def test_what_nobody_labelled_and_nobody_gave_has_no_f1() -> None:
    report = evaluate([gold([])], [said()])
    assert (report.micro, report.macro) == ((None, None, None), (None, None, None))
    assert evaluate([gold(["a"])] * 5, [said()] * 5).macro == (0, 0, 0), "known, and bad"


def test_kind_severity_and_evidence() -> None:
    golds = [
        gold(["a"], kinds=frozenset({"complaint"}), severity=(2, 2), evidence={"a": ("太慢",)}),
        gold(["a"], kinds=frozenset({"inquiry", "request"}), severity=(0, 1), evidence={"a": ("骂人",)}),
        gold(["a"]),
    ]
    found = [
        said("a", spans=((2, 4),), kind="complaint", severity=1),
        said("a", spans=((0, 3),), kind="praise", severity=3),
        said("a"),
    ]
    report = evaluate(golds, found)
    assert (report.kind.hits, report.kind.n) == (1, 2)
    assert (report.severity_within_one.hits, report.severity_within_one.n) == (1, 2)
    assert (report.evidence_overlap.hits, report.evidence_overlap.n) == (1, 2)


def test_calibration_error_of_what_is_known() -> None:
    assert calibration_error([], []) is None
    assert calibration_error([0.9] * 10, [True] * 9 + [False]) == pytest.approx(0.08, abs=0.11)
    assert calibration_error([1.0] * 20, [True] * 20) == 0
    assert calibration_error([1.0] * 20, [False] * 20) == 1


def test_calibration_error_by_chance() -> None:
    assert calibration_by_chance([], 1) is None
    assert calibration_by_chance([1.0] * 20, 1) == 0
    assert calibration_by_chance([0.5] * 10, 1) == 0.5, "each is alone in its bin: half off whatever happens"
    # Of a bin of n, the share right is off by sqrt(2 / pi) standard deviations on average.
    few = (2 / 3.1416 * 0.8 * 0.2 / 10) ** 0.5
    assert calibration_by_chance([0.8] * 100, 1) == pytest.approx(few, abs=0.01)
    assert calibration_by_chance([0.8] * 10_000, 1) == pytest.approx(few / 10, abs=0.002)


@pytest.mark.parametrize(
    ("line", "where"),
    [
        ("{", ""),
        ("[]", ""),
        ('{"id": "", "text": "好", "causes": []}', "id"),
        ('{"id": "1", "text": 3, "causes": []}', "text"),
        ('{"id": "1", "text": "好"}', "causes"),
        ('{"id": "1", "text": "好", "causes": ["a"], "kind": "anger"}', "kind"),
        ('{"id": "1", "text": "好", "causes": ["a"], "severity": 4}', "severity"),
        ('{"id": "1", "text": "好", "causes": ["a"], "evidence": ["a"]}', "evidence"),
    ],
)
def test_a_bad_line_is_refused_by_number_and_field(line: str, where: str) -> None:
    refused: list[tuple[int, Invalid]] = []
    good = '{"id": 7, "text": "好", "causes": []}'
    found = list(read_lines([good, "", line, good], gold_line, lambda n, e: refused.append((n, e))))
    assert [one.id for one in found] == ["7", "7"]
    assert [(number, error.where) for number, error in refused] == [(3, where)]
