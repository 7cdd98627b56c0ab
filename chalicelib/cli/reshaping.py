"""`voc taxonomy merge` and `voc taxonomy split`: change the causes and wait until the past has followed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chalicelib.cli.context import Run
from chalicelib.cli.moving import finish
from chalicelib.cli.output import progress, say
from chalicelib.loop.repeat.following import reshape_now
from chalicelib.loop.repeat.reshaping import Part, merge, split
from chalicelib.model.errors import Invalid
from chalicelib.model.reshape import Reshape
from chalicelib.model.taxonomy import read_parts

Lines = Callable[[Any, str], list[str]]


def reshape(run: Run, lines: Lines) -> tuple[int, dict[str, Any]]:
    """Do it, walk through the past, and do the steps that this owes."""
    run.may("merge_causes" if run.args.action == "merge" else "split_cause")
    made = _merge(run) if run.args.action == "merge" else _split(run, lines)
    with progress("以往的联络 the past") as advance:
        made = reshape_now(run.loop, made.key, lambda owed: advance(owed))
    finish(run)
    names = "、".join(made.into)
    say(
        f"分类第 {made.taxonomy} 版：{made.cause} → {names}；重算了 {made.owed} 条联络、{made.cases} 个工单 "
        f"version {made.taxonomy} of the taxonomy; {made.owed} contacts and {made.cases} cases followed"
    )
    return 0, {"change": made}


def _merge(run: Run) -> Reshape:
    a = run.args
    if not a.into:
        raise Invalid(
            "cause.into", "请用 --into 指明并入哪个原因", "name the other cause with --into", "--into"
        )
    return merge(run.loop, run.caller, _cause(run), a.into, a.reason)


def _split(run: Run, lines: Lines) -> Reshape:
    cause = _cause(run)
    parts = read_parts(Part, lines(run.args, "causes"))
    return split(run.loop, run.caller, cause, parts, run.args.reason)


def _cause(run: Run) -> str:
    if not run.args.cause:
        raise Invalid("cause.which", "请用 --cause 指明原因", "name the cause with --cause", "--cause")
    return str(run.args.cause)
