"""`ledger` and `dispute`: a month's charges, closing it, and disputed shares."""

from __future__ import annotations

from typing import Any

from chalicelib.cli import words
from chalicelib.cli.context import Run
from chalicelib.cli.output import say, table
from chalicelib.loop.measure.ledger import closing, disputed, disputes, lines
from chalicelib.loop.measure.ledger.shares import Share
from chalicelib.model.errors import Invalid
from chalicelib.model.ledger import Dispute, DisputeState, yuan
from chalicelib.model.months import month_of, month_shift, parse_month

Result = tuple[int, dict[str, Any]]
AMOUNTS = [
    ("contacts", "联络 contacts"),
    ("fen_yuan", "金额 ¥ amount"),
    ("late_yuan", "其中补记 late"),
    ("reversed_yuan", "其中冲正 reversed"),
    ("reversals", "冲正笔数 reversals"),
    ("disputed_yuan", "本月转入暂挂 into suspense"),
]
STATES = {"open": "未关账", "closing": "正在关账", "closed": "已关账"}
DISPUTES = {"open": "待裁定", "upheld": "成立", "refused": "不成立"}


def ledger(run: Run) -> Result:
    """A month by department, a department by cause, a cause by contact; or close a month."""
    a = run.args
    now = month_of(run.loop.clock())
    if a.action == "close":
        return _close(run, parse_month(a.month, where="--month") if a.month else month_shift(now, -1))
    month = parse_month(a.month, where="--month") if a.month else now
    if not a.department:
        return _month(run, month)
    run.may("ledger_lines")
    return _contacts(run, month) if a.cause else _causes(run, month)


def _close(run: Run, month: str) -> Result:
    run.may("close_month")
    made = closing.close(run.loop, run.caller, month)
    say(f"{month} 已关账 closed：{made.contacts} 条联络 contacts，¥{yuan(made.fen)}")
    say(f"校验 digest {made.digest}")
    return 0, {"statement": made}


def _month(run: Run, month: str) -> Result:
    run.may("read_ledger")
    view = lines.month_view(run.loop, run.caller, month)
    title = f"{month} 内部结算（{STATES[view['state']]} {view['state']}）"
    table(title, view["lines"], [("name", "账户 account"), ("account", "代码 code"), *AMOUNTS])
    say(f"合计 total ¥{view['total']['yuan']}")
    say(f"{view['counted']['zh']}\n{view['counted']['en']}")
    balanced = view["check"]["balanced"]
    say("账目相符 balanced" if balanced else "账目不符，请运行 ./voc rebuild --check not balanced")
    if view["state"] == "open":
        say(f"自动关账 closes by itself: {view['closes']['lines'][-1]['zh']}")
    return int(not balanced), view


def _causes(run: Run, month: str) -> Result:
    view = lines.causes_view(run.loop, run.caller, month, run.args.department)
    name = lines.account_name(run.args.department, run.loop.unit().taxonomy)
    columns = [("label", "原因 cause"), ("cause", "代码 code"), *AMOUNTS]
    table(f"{month} {name}（{STATES[view['state']]} {view['state']}）", view["causes"], columns)
    say(f"{view['counted']['zh']}\n{view['counted']['en']}")
    return 0, view


def _contacts(run: Run, month: str) -> Result:
    a = run.args
    view = lines.contacts_view(run.loop, run.caller, month, a.department, a.cause, a.cursor, a.limit)
    rows = [{**row, "time": words.minute(row["time"]), "why": _why(row)} for row in view["contacts"]]
    columns = [("contact", "联络 contact"), ("time", "时间 time"), ("channel", "渠道 channel")]
    table(
        f"{month} {a.department} {a.cause}", rows, [*columns, ("yuan", "金额 ¥ amount"), ("why", "说明 why")]
    )
    if view["cursor"]:
        say(f"还有 more: --cursor {view['cursor']}")
    return 0, view


def _why(row: dict[str, Any]) -> list[str]:
    told = {"charge": "记账", "late": "{} 的联络补记", "reversal": "冲正 {}"}
    return [told[one["why"]].format(one["of"]) for one in row["bookings"]]


def dispute(run: Run) -> Result:
    """List disputes, open one, or decide one."""
    if run.args.action == "list":
        return _list(run)
    if not run.args.reason:
        raise Invalid("dispute.reason", "请用 --reason 说明理由", "give the reason with --reason", "--reason")
    return _open(run) if run.args.action == "open" else _decide(run)


def _list(run: Run) -> Result:
    run.may("list_disputes")
    state = DisputeState(run.args.state) if run.args.state else None
    found = disputed.listed(run.loop, run.caller, state)
    table("结算争议 disputes", [_row(run, one) for one in found], COLUMNS)
    return 0, {"disputes": found}


COLUMNS = [
    ("id", "争议 dispute"),
    ("state", "状态 state"),
    ("department", "提出 by"),
    ("share", "争议的账 share"),
    ("yuan", "金额 ¥ amount"),
    ("to", "应由谁承担 to"),
    ("due", "时限 due"),
    ("reason", "理由 reason"),
]


def _row(run: Run, one: dict[str, Any]) -> dict[str, Any]:
    taxonomy = run.loop.unit().taxonomy
    late = "，已超时 late" if one["late"] else ""
    return {
        **one,
        "state": f"{DISPUTES[one['state']]}{late}",
        "department": words.department(taxonomy, one["department"]),
        "share": f"{one['month'] or one['contact']} {one['label']}",
        "to": words.department(taxonomy, one["to"]),
        "due": str(one["due"])[:16],
    }


def _open(run: Run) -> Result:
    run.may("open_dispute")
    a = run.args
    month = parse_month(a.month, where="--month") if a.month else ""
    share = Share(a.cause, month, a.contact)
    return _told(run, disputes.dispute(run.loop, run.caller, share, a.reason, a.department, a.to))


def _decide(run: Run) -> Result:
    run.may("decide_dispute")
    a = run.args
    if not a.id:
        raise Invalid(
            "dispute.id",
            "请给出争议编号，./voc dispute 列出",
            "name the dispute; ./voc dispute lists them",
            "id",
        )
    word: disputes.Word = "upheld" if a.action == "uphold" else "refused"
    return _told(run, disputes.decide(run.loop, run.caller, a.id, word, a.reason, a.to))


def _told(run: Run, made: Dispute) -> Result:
    if made.moving:
        made = disputes.move(run.loop, made.id)
    view = disputed.view(run.loop, made)
    table(f"{made.id}", [_row(run, view)], COLUMNS)
    for line in view["clock"] if made.state is DisputeState.OPEN else ():
        say(f"{line['zh']}\n{line['en']}")
    return 0, {"dispute": view}
