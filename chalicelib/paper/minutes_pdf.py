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
TITLE, HEAD, BODY, SMALL = 15, 9.5, 8, 6.5
PITCH = 11
"""From one line to the next."""
GREY = 0.35
LABEL, OWNER, FIGURES = LEFT + 8, LEFT + 152, LEFT + 204
"""Where the name of a row, its department and its figures begin."""
SINCE = 52
"""The width of the last column, where it is needed."""
GAP = 8
"""Between two columns."""
TALLEST = 3
"""Lines of a cell; the table has all of it."""
LONGEST = 10
"""Lines of a reason where there is room."""


class Block(NamedTuple):
    """A heading with rows; the lines of a row have y = 0, -1, -2 ...; `hidden` rows were left out before.
    `columns` stand beside the heading, y in lines too."""

    heading: str
    rows: Sequence[Sequence[Line]]
    hidden: int = 0
    note: str = ""
    columns: Sequence[Line] = ()

    @property
    def head(self) -> float:
        """The height of the heading, in lines."""
        return 1.9 if self.columns else 1.2

    @property
    def around(self) -> float:
        """The height of everything but the rows, with a line of what is not shown."""
        return self.head + 1 + SPACE


SPACE = 0.5
"""Below a block, in lines."""


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


def _tall(row: Sequence[Line]) -> int:
    return 1 + max(round(-line.y) for line in row)


def _fits(blocks: Sequence[Block]) -> bool:
    """Whether all rows find room."""
    spare = sum(not (block.hidden or block.note) for block in blocks)
    return sum(block.around + sum(map(_tall, block.rows)) for block in blocks) - spare <= ROOM


def _set(blocks: Sequence[Block], top: float) -> Iterable[Line]:
    """The blocks one below the other, each with as many rows as there is room for."""
    tall = [[_tall(row) for row in block.rows] for block in blocks]
    room = ROOM - sum(block.around for block in blocks)
    shown = [len(rows) for rows in tall] if _fits(blocks) else share(int(room), tall)
    y = top
    for block, n in zip(blocks, shown, strict=True):
        none = "" if block.rows or block.hidden else "　无 none"
        wide = (FIGURES if block.columns else RIGHT) - LEFT
        yield Line(LEFT, y, HEAD, fit(block.heading + none, HEAD, wide))
        yield from (line._replace(y=y + line.y * PITCH) for line in block.columns)
        y -= PITCH * block.head
        for row in block.rows[:n]:
            yield from (line._replace(y=y + line.y * PITCH) for line in row)
            y -= PITCH * _tall(row)
        if said := _not_shown(block, n):
            yield Line(LABEL, y, BODY, fit(said, BODY, RIGHT - LABEL), GREY)
            y -= PITCH
        y -= PITCH * SPACE


def _not_shown(block: Block, shown: int) -> str:
    more = len(block.rows) - shown + block.hidden
    said = f"另有 {more} 项 and {more} more" if more else ""
    return "　".join(part for part in (said, block.note) if part)


def share(room: int, tall: Sequence[Sequence[int]]) -> list[int]:
    """How many of its rows each block may show, by their heights: all of a short one, the rest shared evenly."""
    given, full = [0] * len(tall), [not rows for rows in tall]
    while not all(full):
        for i, rows in enumerate(tall):
            if full[i]:
                continue
            if rows[given[i]] <= room:
                room -= rows[given[i]]
                given[i] += 1
            else:
                full[i] = True
            full[i] = full[i] or given[i] == len(rows)
    return given


def _agenda(cycle: Cycle) -> list[Block]:
    rows = {name: list(found) for name, found in groupby(cycle.agenda, lambda item: item.part)}
    names = [*PARTS, *(name for name in rows if name not in PARTS)]
    return [_part(cycle, name, rows.get(name, [])) for name in names]


def _part(cycle: Cycle, name: str, items: Sequence[Item]) -> Block:
    """A part of the agenda as a table: the figures in columns as wide as they need."""
    shown = [n for n in dict.fromkeys(n for item in items for n in item.numbers) if n != "at_least"]
    cells = {n: [wording.figure(item, n, cycle.names) for item in items] for n in shown}
    room = RIGHT - FIGURES - (SINCE + GAP if any(item.since for item in items) else 0)
    wide = _widths(shown, cells, room)
    starts = [FIGURES + sum(wide[:n]) + GAP * n for n in range(len(wide))]
    heads = [
        Line(x, -line * 0.75, SMALL, fit(text, SMALL, w + 0.01), GREY)
        for n, x, w in zip(shown, starts, wide, strict=True)
        for line, text in enumerate(wording.NUMBER.get(n, (n, "")))
        if text
    ]
    rows = [
        _item(item, [cells[n][i] for n in shown], starts, wide, cycle.names) for i, item in enumerate(items)
    ]
    off = cycle.snoozed.get(name, 0)
    note = f"暂缓 {off} 项 put off {off}" if off else ""
    return Block(wording.part(name), rows, cycle.left_out.get(name, 0), note, heads)


def _widths(shown: Sequence[str], cells: dict[str, list[str]], room: float) -> list[float]:
    """What each column needs; where that is too much, the widest ones give way, and their cells are wrapped."""
    wide = [
        max(
            *(pdf.width(text, SMALL) for text in wording.NUMBER.get(n, (n,))),
            *(pdf.width(text, BODY) for text in cells[n]),
        )
        for n in shown
    ]
    for _ in shown:
        excess = sum(wide) + GAP * (len(wide) - 1) - room
        if excess <= 0:
            break
        widest = wide.index(max(wide))
        wide[widest] = max(40.0, wide[widest] - excess)
    return wide


def _item(
    item: Item, cells: Sequence[str], starts: Sequence[float], wide: Sequence[float], names: dict[str, str]
) -> list[Line]:
    whose = names.get(item.department, item.department)
    label = wording.called(item.code, {item.code: item.label})
    alone = item.label == whose
    texts = [
        (LABEL, (FIGURES if alone else OWNER) - GAP - LABEL, label),
        (OWNER, FIGURES - GAP - OWNER, "" if alone else whose),
        *zip(starts, wide, cells, strict=True),
        (RIGHT - SINCE, SINCE, f"自 {item.since}" if item.since else ""),
    ]
    return [
        Line(x, -n, BODY, line)
        for x, room, text in texts
        if text
        for n, line in enumerate(pdf.wrap(text, BODY, room + 0.01, TALLEST))
    ]


def _roomy(cycle: Cycle) -> list[Block]:
    """The decisions with their whole reasons, or, where there is no room for that, with a line of each."""
    blocks = _decided(cycle, LONGEST)
    return blocks if _fits(blocks) else _decided(cycle, 1)


def _decided(cycle: Cycle, most: int) -> list[Block]:
    left = len(cycle.undecided())
    note = f"议程中尚未决定 {left} 项，仍成立的带到下期 {left} undecided, going on to the next cycle where they still hold"
    return [
        Block(
            "上期决定与结果 What became of the last decisions",
            [_outcome(o, cycle.names, most) for o in cycle.outcomes],
        ),
        Block(
            "本期决定 Decisions of this cycle",
            [_decision(d, cycle.names, most) for d in cycle.decisions],
            0,
            note if left else "",
        ),
    ]


def _outcome(outcome: Outcome, names: dict[str, str], most: int) -> list[Line]:
    made = outcome.decision
    return _row(_told(made, names), f"→ {wording.became(outcome, names)}　{made.reason}", most)


def _decision(made: Decision, names: dict[str, str], most: int) -> list[Line]:
    return _row(_told(made, names), f"→ {wording.came(made, names)}　{made.reason}", most)


def _told(made: Decision, names: dict[str, str]) -> str:
    whose = names.get(made.department, made.department) if made.department else "全部 all"
    who = f"{made.by} {local(made.at):%m-%d %H:%M}"
    about = wording.about(made, names)
    parts = (wording.both(wording.WHAT, made.what), about, whose if whose != about else "", who)
    return "· " + "　".join(part for part in parts if part)


def _row(first: str, rest: str, most: int) -> list[Line]:
    """A line, and below it at most so many; y counts the lines downwards."""
    room = RIGHT - LABEL
    below = pdf.wrap(rest, BODY, room - 10, most)
    return [
        Line(LABEL, 0, BODY, fit(first, BODY, room)),
        *(Line(LABEL + 10, -n, BODY, text, GREY) for n, text in enumerate(below, start=1)),
    ]
