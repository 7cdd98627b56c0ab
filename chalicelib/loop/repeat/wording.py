"""The cycle's codes in words, Chinese and English, for everything that shows it: terminal, PDF, CSV."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from chalicelib.loop.repeat.agenda import PARTS
from chalicelib.model.cycle import LAPSED, Cycle, Decision, Figure, Item, Outcome

Words = tuple[str, str]

WHAT: dict[str, Words] = {
    "start_project": ("立项", "start a project"),
    "accept_proposal": ("采纳提议", "accept a proposal"),
    "rebase": ("调整基线", "re-base"),
    "snooze": ("暂缓", "snooze"),
    "other": ("其他", "other"),
    "merge_proposal": ("并入提议", "merge a proposal"),
    "refuse_proposal": ("否决提议", "refuse a proposal"),
    "reshape": ("改分类", "change the causes"),
}
RESULT: dict[str, Words] = {
    "noted": ("已记录", "noted"),
    "snoozed": ("已暂缓", "put off"),
    "rebased": ("基线已调整", "re-based"),
    "project_proposed": ("已提出项目，待部门接受", "project proposed, to be accepted"),
    "project_waits": ("已有项目待接受", "a project waits to be accepted"),
    "project_accepted": ("项目已接受", "project accepted"),
    "project_started": ("项目已开始", "project started"),
    "project_runs": ("已有项目在进行", "a project runs already"),
    "proposal_accepted": ("已成为新原因", "became a cause"),
    "proposal_merged": ("已并入原因", "merged into a cause"),
    "proposal_refused": ("已否决", "refused"),
    "cause_merged": ("原因已并入", "cause merged"),
    "cause_split": ("原因已拆分", "cause split"),
}
STATE: dict[str, Words] = {
    "project_proposed": ("项目待接受", "project proposed"),
    "project_accepted": ("项目已接受、未开始", "project accepted, not started"),
    "project_live": ("项目进行中", "project live"),
    "project_reopened": ("项目因反弹重开", "project reopened"),
    "project_ended": ("项目已结束", "project ended"),
    "proposal_open": ("提议待定", "proposal open"),
    "proposal_accepted": ("已是原因", "now a cause"),
    "proposal_merged": ("已并入原因", "merged into a cause"),
    "proposal_refused": ("提议已否决", "proposal refused"),
    "asleep": ("仍在暂缓", "still put off"),
    "returned": ("暂缓已到期", "snooze over"),
    "rebased": ("基线已调整", "re-based"),
    "rebase_revoked": ("基线调整已撤销", "re-base revoked"),
    "cause_retired": ("成为原因后已停用", "became a cause, retired since"),
    "cause_merged": ("原因已并入", "cause merged"),
    "cause_split": ("原因已拆分", "cause split"),
    "still_listed": ("仍在议程上", "still on the agenda"),
    "not_listed": ("已不在议程上", "no longer on the agenda"),
    "noted": ("尚未可知", "not yet known"),
    "only_noted": ("只作记录，无从跟踪", "a note only, nothing to follow"),
    "gone": ("已不存在", "no longer there"),
}
NUMBER: dict[str, Words] = {
    "contacts": ("联络", "contacts"),
    "cost": ("成本", "cost"),
    "irritation": ("恼怒", "irritation"),
    "reach": ("覆盖", "reach"),
    "priority": ("优先级", "priority"),
    "weekly": ("每周", "a week"),
    "found": ("发现于", "found"),
    "overdue": ("超时", "overdue"),
    "oldest": ("最早到期", "oldest due"),
    "at_least": ("至少", "at least"),
    "raised": ("提出", "raised"),
    "due": ("到期", "due"),
    "evidence": ("证据", "evidence"),
    "cause": ("原因", "cause"),
    "state": ("状态", "state"),
    "proposed": ("提出", "proposed"),
    "starts": ("开始", "starts"),
    "observed": ("三周联络", "in three weeks"),
    "expected": ("三周平常", "usual in three"),
    "ratio_usual": ("平常的倍数", "times the usual"),
    "missing": ("缺", "missing"),
    "days": ("天数", "days"),
    "word": ("结论", "verdict"),
    "at_weeks": ("开始后周数", "weeks in"),
    "week": ("看到", "up to"),
    "ratio": ("不改进时的倍数", "times without it"),
}
CODE: dict[str, Words] = {
    "proposed": ("待接受", "proposed"),
    "accepted": ("已接受", "accepted"),
    "not_started": ("结论未开始", "verdict not started"),
    "waiting_to_start": ("等待开始", "waiting to start"),
    "washing_in": ("磨合期", "washing in"),
    "not_enough_data_yet": ("数据还不够", "not enough data yet"),
    "due": ("可以下结论", "verdict due"),
    "judged": ("已下结论", "judged"),
    "reopened": ("因反弹重开", "reopened"),
    "IMPROVED": ("有改进", "improved"),
    "WORSENED": ("更差了", "worsened"),
    "NO_CHANGE_SHOWN": ("没有看到变化", "no change shown"),
    "NOT_ENOUGH_DATA_YET": ("数据还不够", "not enough data yet"),
    "MOVED": ("挪到了别处", "moved"),
    "NOT_SEPARABLE": ("分不开", "not separable"),
}
"""Codes among the numbers and the details."""
MONEY = ("cost", "priority")
NUMBERED = ("P-", "N-", "A-")
"""How the numbers begin that people use."""
SHARES = ("reach",)


def both(table: dict[str, Words], code: str) -> str:
    """A code in both languages; one without words as it is."""
    return " ".join(table[code]) if code in table else code


def part(name: str) -> str:
    """The name of a part of the agenda in both languages."""
    known = PARTS.get(name)
    return f"{known.zh} {known.en}" if known else name


def figures(item: Item, names: dict[str, str]) -> str:
    """The numbers of a row in one line; Chinese names suffice, the headings have both."""
    shown = (name for name in item.numbers if name != "at_least")
    return "　".join(f"{NUMBER.get(name, (name,))[0]} {figure(item, name, names)}" for name in shown)


def figure(item: Item, name: str, names: dict[str, str]) -> str:
    """One number of a row as people read it; empty for one that the row does not have."""
    if name not in item.numbers:
        return ""
    least = "至少 at least " if name == "overdue" and item.numbers.get("at_least") else ""
    return least + _figure(name, item.numbers[name], names)


def _figure(name: str, value: Figure, names: dict[str, str]) -> str:
    if value is None:
        return "尚未可知 not yet known"
    if isinstance(value, str):
        return names.get(value) or CODE.get(value, (value, value))[0]
    if name in MONEY:
        return f"¥{rounded(value / 100):,}"
    if name in SHARES:
        return f"{rounded(100 * value, 0)}%"
    return f"{rounded(value):,}".rstrip("0").rstrip(".") if isinstance(value, float) else f"{value:,}"


def rounded(value: float, digits: int = 2) -> Decimal:
    """A half is rounded up, as the pages do it."""
    return Decimal(value).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)


def about(made: Decision, names: dict[str, str]) -> str:
    """What a decision is about, by its name; what people know by its number keeps that too."""
    return called(made.matter, names) if made.matter in names else made.about


def called(code: str, names: dict[str, str]) -> str:
    """The name of what has one; the number of a project or a proposal beside it."""
    name = names.get(code, code)
    return f"{name} {code}" if code.startswith(NUMBERED) and name != code else name


def came(made: Decision, names: dict[str, str]) -> str:
    """What a decision did, in both languages, with what it made and until when it holds."""
    named = called(made.made, names) if made.made not in ("", made.matter) else ""
    until = f"到 until {made.until}" if made.until else ""
    return " ".join(part for part in (both(RESULT, made.result), named, until) if part)


def became(outcome: Outcome, names: dict[str, str]) -> str:
    """What became of a decision, with its detail, in both languages."""
    known = {code: zh for code, (zh, _) in CODE.items()} | names
    detail = " ".join(called(word, known) for word in outcome.detail.split())
    return both(STATE, outcome.state) + (f"（{detail}）" if detail else "")


def state(cycle: Cycle) -> str:
    """How a cycle stands in both languages."""
    if cycle.state == "open":
        return "进行中 open" if cycle.prepared else "进行中，议程在周一生成 open, its agenda comes on Monday"
    if cycle.missed:
        return "当周服务未运行，未开会 missed: the service did not run that week"
    if cycle.closed_by != LAPSED:
        return "本周过完之前关闭 closed before its week was over" if cycle.early else "已关闭 closed"
    if cycle.decisions:
        return "当周没有人关闭，已自动关闭 closed by itself"
    return "当周没有决定，已自动关闭 closed by itself without decisions"
