"""`voc quality`: how good the labels are."""

from __future__ import annotations

from typing import Any

from chalicelib.cli import figures
from chalicelib.cli.context import Run
from chalicelib.cli.output import say, table
from chalicelib.loop.measure.label_quality import CauseQuality, LabelQuality, label_quality

USUAL_WEEKS = 13
CAUSE_COLUMNS = [
    ("label", "原因 cause"),
    ("machine", "机器 machine"),
    ("person", "盲评 second look"),
    ("precision", "精确率 precision"),
    ("recall", "召回率 recall"),
    ("kappa", "κ kappa"),
    ("prevalence", "占比 prevalence"),
]


def label_errors(run: Run) -> tuple[int, dict[str, Any]]:
    """Precision, recall, kappa and prevalence by blind second looks, over all and by cause."""
    run.may("read_label_quality")
    first, last = figures.span(run, USUAL_WEEKS)
    found = label_quality(run.loop, run.caller, first, last)
    say(f"盲评 second looks {first}–{last}：{found.n} 条")
    table(
        "总体 over all",
        _overall(found),
        [("name", ""), ("value", "值 value（95 % 区间 interval）"), ("n", "n")],
    )
    table("各原因 by cause", [_cause(one) for one in found.causes], CAUSE_COLUMNS)
    return 0, {"first": first, "last": last, **found.model_dump(mode="json")}


def _overall(found: LabelQuality) -> list[dict[str, Any]]:
    named = {
        "精确率 precision": found.precision,
        "召回率 recall": found.recall,
        "类型一致 kind the same": found.contact_kind,
        "严重程度相差不过 1 severity within 1": found.severity,
    }
    rows = [{"name": name, "value": figures.in_words(value), "n": value.n} for name, value in named.items()]
    kappa = figures.in_words(found.kind_kappa, ".2f")
    return [*rows, {"name": "类型 κ kind kappa", "value": kappa, "n": found.n}]


def _cause(one: CauseQuality) -> dict[str, Any]:
    shares = {name: figures.in_words(getattr(one, name)) for name in ("precision", "recall", "prevalence")}
    row = {"label": one.label, "machine": one.machine, "person": one.person}
    return {**row, **shares, "kappa": figures.in_words(one.kappa, ".2f")}
