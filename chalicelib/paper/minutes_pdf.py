"""The minutes of a cycle on two pages of A4: the agenda, then what was decided and what became of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, timedelta
from itertools import groupby
from typing import NamedTuple

from chalicelib.loop.repeat import wording
from chalicelib.loop.repeat.agenda import PARTS
from chalicelib.model.cycle import COMPANY, LAPSED, Cycle, Decision, Item, Outcome
from chalicelib.model.weeks import local, week_start
from chalicelib.paper import pdf
from chalicelib.paper.pdf import HEIGHT, WIDTH, Line, Rule, fit

LEFT, TOP, BOTTOM = 42, HEIGHT - 48, 46
RIGHT = WIDTH - LEFT
TITLE, HEAD, BODY = 15, 9.5, 8
PITCH = 11.5
"""From one line to the next."""
GREY = 0.35
COLUMNS = (LEFT, LEFT + 8, LEFT + 152, LEFT + 204, RIGHT - 50)
"""Where heading, label, department, figures and the first week begin."""
LONGEST = 10
"""Lines of a reason where there is room."""


class Block(NamedTuple):
    """A heading with rows; the lines of a row have y = 0, -1, -2 ...; `hidden` rows were left out before."""

    heading: str
    rows: Sequence[Sequence[Line]]
    hidden: int = 0
    note: str = ""


def pdf_of(cycle: Cycle) -> bytes:
    """The PDF: always two pages, always the same bytes for the same cycle."""
    title = f"{cycle.names.get(COMPANY, '') or '回声'} 周期会议纪要 Cycle minutes {cycle.week}"
    moment = (cycle.closed or cycle.prepared or cycle.opened).astimezone(UTC)
    pages = [
        _page(cycle, title, 1, "议程 Agenda", _agenda(cycle)),
        _page(cycle, title, 2, "决定 Decisions", _roomy(cycle)),
    ]
    return pdf.document(pages, title, f"{moment:%Y%m%d%H%M%S}")


def _page(cycle: Cycle, title: str, number: int, name: str, blocks: Sequence[Block]) -> list[Line | Rule]:
    begins = week_start(cycle.week)
    days = f"{begins:%Y-%m-%d} – {begins + timedelta(days=6):%Y-%m-%d}"
    out: list[Line | Rule] = [
        Line(LEFT, TOP, TITLE, fit(title, TITLE, RIGHT - LEFT)),
        Line(LEFT, TOP - 17, BODY, fit(f"{name}　{days}　{_state(cycle)}", BODY, RIGHT - LEFT), GREY),
        Rule(LEFT, TOP - 23, RIGHT),
    ]
    out += _set(blocks, TOP - 40)
    foot = f"第 {number} 页，共 2 页 page {number} of 2　不含个人信息 no personal data"
    return [*out, Rule(LEFT, BOTTOM - 10, RIGHT), Line(LEFT, BOTTOM - 20, BODY - 1, foot, GREY)]


def _state(cycle: Cycle) -> str:
    said = wording.state(cycle)
    if cycle.closed is None or cycle.closed_by == LAPSED:
        return said
    return f"{said} {local(cycle.closed):%Y-%m-%d %H:%M}（{cycle.closed_by}）"


ROOM = int((TOP - 40 - BOTTOM) / PITCH)
"""Lines of a page."""


def _free(blocks: Sequence[Block]) -> int:
    """Lines that are left for rows when every block has its heading and the space after it."""
    return ROOM - 2 * len(blocks)


def _tall(row: Sequence[Line]) -> int:
    return 1 + max(round(-line.y) for line in row)


def _set(blocks: Sequence[Block], top: float) -> Iterable[Line]:
    """The blocks one below the other, each with as many rows as there is room for."""
    tall = max((_tall(row) for block in blocks for row in block.rows), default=1)
    whole = sum(_tall(row) for block in blocks for row in block.rows) <= _free(blocks)
    wanted = [len(block.rows) for block in blocks]
    y = top
    for block, n in zip(blocks, wanted if whole else share(_free(blocks) // tall, wanted), strict=True):
        yield Line(LEFT, y, HEAD, fit(_heading(block, len(block.rows) - n), HEAD, RIGHT - LEFT))
        y -= PITCH * 1.2
        for row in block.rows[:n]:
            yield from (line._replace(y=y + line.y * PITCH) for line in row)
            y -= PITCH * _tall(row)
        y -= PITCH * 0.6


def _heading(block: Block, cut: int) -> str:
    more = cut + block.hidden
    said = [f"另有 {more} 项 and {more} more"] if more else []
    said += ["无 none"] if not block.rows and not more else []
    return "　".join([block.heading, *said, *([block.note] if block.note else [])])


def share(room: int, wanted: Sequence[int]) -> list[int]:
    """How many of its rows each block may show: all of a short one, the rest shared evenly."""
    given = [0] * len(wanted)
    while room > 0 and given != list(wanted):
        for i, wish in enumerate(wanted):
            if given[i] < wish and room > 0:
                given[i], room = given[i] + 1, room - 1
    return given


def _agenda(cycle: Cycle) -> list[Block]:
    rows = {name: list(found) for name, found in groupby(cycle.agenda, lambda item: item.part)}
    names = [*PARTS, *(name for name in rows if name not in PARTS)]
    return [
        Block(
            wording.part(name),
            [_item(item, cycle.names) for item in rows.get(name, ())],
            cycle.left_out.get(name, 0),
            f"暂缓 {n} 项 put off {n}" if (n := cycle.snoozed.get(name, 0)) else "",
        )
        for name in names
    ]


def _item(item: Item, names: dict[str, str]) -> list[Line]:
    whose = names.get(item.department, item.department)
    cells = (
        whose if item.label == whose else f"{item.label}　{item.code}",
        whose if item.label != whose else "",
        wording.figures(item, names),
        f"自 {item.since}" if item.since else "",
    )
    ends = (*COLUMNS[2:4], COLUMNS[4] if item.since else RIGHT + 6, RIGHT + 6)
    return [
        Line(x, 0, BODY, fit(text, BODY, end - x - 6))
        for x, end, text in zip(COLUMNS[1:], ends, cells, strict=True)
        if text
    ]


def _roomy(cycle: Cycle) -> list[Block]:
    """The decisions with their whole reasons, or, where there is no room for that, with a line of each."""
    blocks = _decided(cycle, LONGEST)
    tall = sum(_tall(row) for block in blocks for row in block.rows)
    return blocks if tall <= _free(blocks) else _decided(cycle, 1)


def _decided(cycle: Cycle, most: int) -> list[Block]:
    left = len(cycle.undecided())
    note = f"议程中尚未决定 {left} 项，带到下期 {left} undecided rows go on to the next cycle" if left else ""
    return [
        Block(
            "上期决定与结果 What became of the last decisions",
            [_outcome(o, cycle.names, most) for o in cycle.outcomes],
        ),
        Block(
            "本期决定 Decisions of this cycle",
            [_decision(d, cycle.names, most) for d in cycle.decisions],
            0,
            note,
        ),
    ]


def _outcome(outcome: Outcome, names: dict[str, str], most: int) -> list[Line]:
    made = outcome.decision
    return _row(_told(made, names), f"→ {wording.became(outcome)}　{made.reason}", most)


def _decision(made: Decision, names: dict[str, str], most: int) -> list[Line]:
    came = wording.both(wording.RESULT, made.result) + (f" {made.made}" if made.made else "")
    until = f" → {made.until}" if made.until else ""
    return _row(_told(made, names), f"→ {came}{until}　{made.reason}", most)


def _told(made: Decision, names: dict[str, str]) -> str:
    about = f"{made.about}（{names[made.about]}）" if made.about in names else made.about
    whose = names.get(made.department, made.department) or "全部 all"
    who = f"{made.by} {local(made.at):%m-%d %H:%M}"
    return f"{made.id}　{wording.both(wording.WHAT, made.what)}　{about}　{whose}　{who}"


def _row(first: str, rest: str, most: int) -> list[Line]:
    """A line, and below it at most so many; y counts the lines downwards."""
    room = RIGHT - COLUMNS[1]
    below = pdf.wrap(rest, BODY, room - 10, most)
    return [
        Line(COLUMNS[1], 0, BODY, fit(first, BODY, room)),
        *(Line(COLUMNS[1] + 10, -n, BODY, text, GREY) for n, text in enumerate(below, start=1)),
    ]
