"""Commands that show the loop's work: queue, case, contacts, callbacks, projects."""

from __future__ import annotations

from shlex import quote
from typing import Any

from chalicelib.cli import figures, words
from chalicelib.cli.context import Run
from chalicelib.cli.output import say, table
from chalicelib.loop.context import LoopUnit
from chalicelib.loop.coordinate.together import waited_for
from chalicelib.loop.focus.drill import Wanted, contacts
from chalicelib.loop.listen.arriving import CHANNELS
from chalicelib.loop.measure.registry import Scope, visible_scope
from chalicelib.loop.own import cases
from chalicelib.loop.own.queue import Asked
from chalicelib.loop.own.queue import queue as own_queue
from chalicelib.loop.repeat import callbacks, cycles
from chalicelib.model.case import Callback, Case, CaseState
from chalicelib.model.contact import Channel, Contact
from chalicelib.model.customer import Customer
from chalicelib.model.people import Caller, not_found
from chalicelib.model.weeks import local, week_of

Result = tuple[int, dict[str, Any]]
MOST_COUNTED = 5_000
"""Contacts that are counted for the total; beyond them it is "more than"."""

CASE_COLUMNS = [
    ("id", "工单 case"),
    ("cause", "原因 cause"),
    ("department", "部门 department"),
    ("state", "状态 state"),
    ("to_do", "我要做 to do"),
    ("severity", "严重 severity"),
    ("contacts", "联络 contacts"),
    ("due", "时限 due"),
]


def _case_row(case: Case, label: str) -> dict[str, Any]:
    return {
        "id": case.id,
        "cause": label,
        "department": case.department,
        "state": str(case.state),
        "severity": case.severity,
        "contacts": case.contacts,
        "due": words.minute(case.due),
    }


def _case_shown(case: Case, caller: Caller, unit: LoopUnit) -> dict[str, Any]:
    return {
        **_case_row(case, unit.taxonomy.label(case.cause)),
        "department": words.department(unit.taxonomy, case.department),
        "state": words.state(case),
        "to_do": words.to_do(case, caller, unit.taxonomy),
    }


def queue(run: Run) -> Result:
    """Open cases by clock, the most urgent first."""
    state = CaseState(run.args.state) if run.args.state else None
    caller, unit = run.caller, run.loop.unit()
    week = week_of(unit.now)
    visible_scope(run.loop, caller, Scope(week, week, department=run.args.department or ""))
    asked = Asked(run.args.department or "", state, limit=run.args.limit)
    found = own_queue(run.loop, caller, asked).cases
    table("工单队列 queue", [_case_shown(c, caller, unit) for c in found], CASE_COLUMNS)
    return 0, {"cases": [_case_row(c, unit.taxonomy.label(c.cause)) for c in found]}


def case(run: Run) -> Result:
    """One case: its tasks, history, contacts, who is waited for, and the arithmetic of its clocks."""
    caller, unit = run.caller, run.loop.unit()
    found = cases.visible_case(unit, caller, run.args.id)
    table(found.id, [_case_shown(found, caller, unit)], CASE_COLUMNS)
    waited = waited_for(found, unit.now, unit.settings.worktime)
    _waited(waited, unit)
    _tasks(found, unit)
    clocks = cases.explain_clocks(run.loop, caller, found.id)["clocks"]
    for name, clock in clocks.items():
        say(f"{words.MOVES[name]} {name} {clock['limit']} → {local(clock['due']):%Y-%m-%d %H:%M}")
        for line in clock["lines"]:
            say(f"    {line['zh']} / {line['en']}")
    _history(found, unit)
    members = cases.contacts_of(run.loop, caller, found.id)
    rows = [{"time": words.minute(c.time), "channel": str(c.channel), "text": c.text} for c in members]
    table("联络 contacts", rows, [("time", "时间"), ("channel", "渠道"), ("text", "内容 text")])
    return 0, {"case": found, "waited_for": waited, "clocks": clocks}


def _waited(waited: list[dict[str, Any]], unit: LoopUnit) -> None:
    rows = [
        {
            "department": words.department(unit.taxonomy, w["department"]),
            "for": words.MOVES.get(w["for"], f"任务 {w['for']}"),
            "minutes": w["minutes"],
            "late": words.yes_no(w["late"]),
        }
        for w in waited
    ]
    names = [("department", "部门"), ("for", "做什么 for"), ("minutes", "已等工作分钟 minutes")]
    table("在等谁 waited for", rows, [*names, ("late", "超时 late")])


def _tasks(found: Case, unit: LoopUnit) -> None:
    rows = [
        {
            "id": t.id,
            "department": words.department(unit.taxonomy, t.department),
            "what": t.what,
            "due": words.minute(t.due),
            "done": f"{words.minute(t.done)} {words.actor(t.done_by)}" if t.done else "否",
        }
        for t in found.tasks
    ]
    names = [("id", "任务"), ("department", "部门"), ("what", "内容 what"), ("due", "时限 due")]
    table("任务 tasks", rows, [*names, ("done", "完成 done")])


def _history(found: Case, unit: LoopUnit) -> None:
    rows = [
        {
            "at": words.minute(e.at),
            "name": words.CASE_EVENTS.get(e.name, e.name),
            "actor": words.actor(e.actor),
            "data": words.event_data(e.data, unit.taxonomy),
        }
        for e in found.history
    ]
    table("经过 history", rows, [("at", "时间"), ("name", "事件"), ("actor", "谁"), ("data", "详情")])


def behind(run: Run) -> Result:
    """The contacts behind a number, newest first, with how many there are."""
    first, last = figures.span(run, cycles.FOCUS_WEEKS)
    a, caller = run.args, run.caller
    visible_scope(run.loop, caller, Scope(first, last, a.cause or "", a.department or ""))
    channel = CHANNELS.get((a.channel or "").lower(), a.channel or "")
    if channel and channel not in set(Channel):
        raise not_found("channel")
    wanted = Wanted(first, last, a.cause or "", a.department or "", channel, a.segment or "")
    found, cursor = contacts(run.loop, caller, wanted, a.cursor, a.limit)
    while cursor and len(found) < a.limit:  # a page may be short where few contacts fit
        rest, cursor = contacts(run.loop, caller, wanted, cursor, a.limit - len(found))
        found += rest
    total = _total(run, caller, wanted)
    more = bool(cursor) and bool(contacts(run.loop, caller, wanted, cursor, 1)[0])
    rows = [_contact_row(c) for c in found]
    names = [("id", "编号"), ("time", "时间"), ("channel", "渠道"), ("causes", "原因"), ("text", "内容")]
    table(f"联络 contacts {first}–{last}", rows, names)
    of = f"{total}" if total is not None else f"{MOST_COUNTED:,} 以上 or more"
    say(f"共 {of} 条 in all，显示 {len(found)} 条 shown")
    if more:
        say(f"还有更多 there are more: --limit（最多 500）或接着看 or go on with --cursor {quote(cursor)}")
    return 0, {"contacts": rows, "total": total, "cursor": cursor if more else ""}


def _contact_row(c: Contact) -> dict[str, Any]:
    text = c.text.replace("\n", " ")[:80]
    row = {"id": c.id, "time": words.minute(c.time), "channel": str(c.channel)}
    return {**row, "causes": c.causes, "text": text}


def _total(run: Run, caller: Caller, wanted: Wanted) -> int | None:
    """How many contacts there are; None for more than are counted."""
    total, cursor = 0, ""
    while total < MOST_COUNTED:
        page, cursor = contacts(run.loop, caller, wanted, cursor, 500)
        total += len(page)
        if not cursor:
            return total
    return None


CALLBACK_COLUMNS = [
    ("case", "工单"),
    ("shown", "客户 customer"),
    ("label", "原因"),
    ("due", "时限"),
    ("attempts", "已拨 attempts"),
    ("customer", "客户编号 customer id"),
]


def call_list(run: Run) -> Result:
    """Who is to be called back next."""
    run.may("list_callbacks")
    found, unit = callbacks.to_call(run.loop, run.caller, run.args.limit), run.loop.unit()
    people = unit.many(Customer, (b.customer for b in found))
    rows = [_callback_row(b, people.get(b.customer), unit) for b in found]
    table("回访 call-backs", rows, CALLBACK_COLUMNS)
    if rows:
        say(
            "看号码 the number: ./voc do reveal_customer id=客户编号 purpose=回访（留下记录 is logged）；"
            "记结果 the result: ./voc do answer_callback case=工单 reached=true resolved=true"
        )
    return 0, {"callbacks": rows}


def _callback_row(b: Callback, person: Customer | None, unit: LoopUnit) -> dict[str, Any]:
    row = {"case": b.case, "cause": b.cause, "label": unit.taxonomy.label(b.cause), "attempts": b.attempts}
    who = {"customer": b.customer, "shown": person.shown if person else ""}
    return {**row, **who, "due": words.minute(b.due)}
