"""Where stored weeks meet the statistics. Imported when a verdict is asked for, not before: numpy takes a while."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, cast

from chalicelib.loop.track.project_weeks import Weeks
from chalicelib.loop.track.sheet import OTHER, SIBLING, columns
from chalicelib.model.reshape import Reshape
from chalicelib.model.weeks import local, shift
from chalicelib.stats.early import early
from chalicelib.stats.estimate import Promise
from chalicelib.stats.its import Series, array
from chalicelib.stats.report import shown
from chalicelib.stats.sustain import first_look, later_look, relapsed
from chalicelib.stats.verdict import Verdict, Why, Word, verdict

Row = dict[str, Any]


class Table(NamedTuple):
    """Weeks as the statistics take them."""

    series: Series
    siblings: dict[str, Any]
    promise: Promise


class Taken(NamedTuple):
    """What a look found."""

    figures: Row
    recent: Row | None
    relapsed: bool


def live(weeks: Weeks) -> Row:
    """The verdict by all the weeks there are, every figure named."""
    return _shown(_verdict(weeks), weeks)


def take(weeks: Weeks, looks: Sequence[int], then: float | None) -> Taken:
    """The look at the last of `looks` (counted weeks), by the weeks up to it; `then` is the ratio of an earlier
    improvement, which may be lost again."""
    table = _table(weeks)
    if table is None or len(looks) == 1:
        found = first_look(table.series, table.promise, table.siblings) if table else _nothing(weeks)
        return Taken(_shown(found, weeks), None, False)
    series, siblings, promise = table
    whole, recent = later_look(series, promise, looks[-2], looks[-1], siblings)
    return Taken(_shown(whole, weeks), _shown(recent, weeks), relapsed(then, recent))


def ahead(weeks: Weeks, effect: float) -> Row | None:
    """What a verdict will be able to show of an effect, by the weeks before alone."""
    table = _table(weeks)
    found = early(table.series, table.promise, effect) if table else None
    if found is None:
        return None
    date = weeks.plan.week(max(found.periods, weeks.plan.weeks_after)) if found.periods else None
    return {"effect": effect, "power": found.power, "weeks_needed": found.periods, "power_date": date}


def _table(weeks: Weeks) -> Table | None:
    if not weeks.rows:
        return None
    cells = columns(weeks)
    time = [float(_number(weeks, cast(str, week))) for week in cells.pop("time")]
    numbers = {name: [float(cell) for cell in column] for name, column in cells.items()}
    series = Series.of(
        {name.removeprefix(OTHER): c for name, c in numbers.items() if name.startswith(OTHER)},
        time=time,
        after=numbers["intervention"],
        **{name: numbers.get(name) for name in ("count", "exposure", "season", "control")},
    )
    siblings = {n.removeprefix(SIBLING): array(c) for n, c in numbers.items() if n.startswith(SIBLING)}
    return Table(series, siblings, Promise.of(weeks.config))


def _number(weeks: Weeks, week: str) -> int:
    from chalicelib.model.weeks import weeks_between

    return len(weeks_between(weeks.rows[0].week, week))


def _verdict(weeks: Weeks) -> Verdict:
    table = _table(weeks)
    return verdict(table.series, table.promise, table.siblings) if table else _nothing(weeks)


def _nothing(weeks: Weeks) -> Verdict:
    return Verdict(
        word=Word.NOT_ENOUGH_DATA_YET, why=Why.FEW, before=0, after=0, washed=0, promise=Promise.of(weeks.config),
        figures=None, effect=None, apart={}, inflation=None, moved=None, power=None, power_time=None,
    )  # fmt: skip


def _shown(found: Verdict, weeks: Weeks) -> Row:
    first = weeks.rows[0].week if weeks.rows else weeks.plan.first_week
    row = shown(found, lambda period: shift(first, period - 1), weeks.names)
    if weeks.reshape:
        return {**row, "power_date": None, "reason": _reshaped(weeks, weeks.reshape)}
    if found.word is Word.NOT_ENOUGH_DATA_YET and weeks.crossing.broken:
        return {**row, "power_date": None, "reason": _seam(weeks)}
    if found.word is Word.NOT_ENOUGH_DATA_YET and weeks.read_apart:
        return {**row, "power_date": None, "reason": _read_apart(weeks)}
    return row


def _reshaped(weeks: Weeks, one: Reshape) -> dict[str, str]:
    """What was agreed on is not counted any more: what was found before stands, nothing can be found after."""
    day = f"{local(one.at):%Y-%m-%d}"
    cause, *into = (weeks.named(code) for code in (one.cause, *one.into))
    zh, en = ("并入", "merged into") if one.what == "merge" else ("拆成", "split into")
    return {
        "code": "reshaped",
        "zh": f"{day}「{cause[0]}」{zh}「{'、'.join(name[0] for name in into)}」，全部以往一起移动：约定的口径不在了，不再下结论；此前存下的结论不变。",
        "en": f"{cause[1]} was {en} {', '.join(name[1] for name in into)} on {day} and all of its past moved: what was"
        " agreed on is not counted any"
        " more and there is no further verdict; those stored before stand.",
    }


def _seam(weeks: Weeks) -> dict[str, str]:
    """Waiting will not help: what is counted since is something else."""
    week, n = weeks.crossing.broken, sum(row.week >= weeks.plan.counts_from for row in weeks.rows)
    return {
        "code": "seam",
        "zh": f"{week} 起分类换版，这个原因不再是约定的那个；此前只有 {n} 个可算的周，下不了结论。请按新分类另立项目。",
        "en": f"From {week} on a new taxonomy counts something else under this cause; {n} weeks before that are too few"
        " for a verdict. Make another project on the new taxonomy.",
    }


def _read_apart(weeks: Weeks) -> dict[str, str]:
    """Reading again helps, waiting does not."""
    after = sum(row.week >= weeks.plan.counts_from for row in weeks.rows)
    return {
        "code": "tagger",
        "zh": f"窗口里打标换过版本，没有用同一版本读全：可比的周开始前 {len(weeks.before)} 个、开始后 {after} 个，下不了结论。"
        "请用 ./voc retag 重读这段时间的联络，重读完就能判定。",
        "en": "Another version of the tagger read part of the window: the weeks that can be compared,"
        f" {len(weeks.before)} before and {after} after the start, are too few for a verdict. Have ./voc retag read"
        " the contacts of that time again; then it can be judged.",
    }
