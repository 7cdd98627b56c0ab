"""What a robot says: how often what happened, for whom, and a link. Never a word of a customer."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple
from urllib.parse import quote

from chalicelib.model.people import Notice
from chalicelib.model.robot import Trouble
from chalicelib.model.taxonomy import Taxonomy

MOST_BYTES = 2_048
"""WeCom's limit; the others take more."""
HEAD = "【回声】"
ABOUT: dict[str, tuple[str, str]] = {
    "case_opened": ("新工单", "new cases"),
    "case_came_back": ("工单又回来了", "cases came back"),
    "case_taken_over": ("工单已由别的部门接手", "taken over by another department"),
    "owner_asked": ("请接手工单", "asked to be accountable"),
    "task_asked": ("请协办", "asked to do a task"),
    "task_done": ("协办任务已完成", "tasks done"),
    "mentioned": ("有人提到", "mentioned"),
    "accept_clock_ran_out": ("接受超时", "not accepted in time"),
    "resolve_clock_ran_out": ("办结超时", "not resolved in time"),
    "task_clock_ran_out": ("协办任务超时", "tasks are late"),
    "andon_raised": ("安灯：请求停下", "andon: asked to stop"),
    "andon_answered": ("安灯有答复了", "andon answered"),
    "andon_clock_ran_out": ("安灯答复超时", "andon not answered in time"),
    "promise_overdue": ("对客户的承诺过了时间", "promises to customers overdue"),
    "alarm_raised": ("告警", "alarms"),
    "contacts_missing": ("渠道的联络没有收全", "contacts of a channel are missing"),
    "cause_proposed": ("提议了新原因", "new causes proposed"),
    "verdict_reached": ("改进项目有结论了", "verdict reached"),
    "project_relapsed": ("改进项目复发重开", "project relapsed and reopened"),
    "month_closed": ("内部结算已关账", "month of the ledger closed"),
    "dispute_opened": ("有人对结算提出争议", "a charge is disputed"),
    "dispute_decided": ("结算争议已裁定", "dispute decided"),
    "dispute_clock_ran_out": ("结算争议过了时限", "dispute overdue"),
}
ROLES = {"agent": "客服", "lead": "负责人", "executive": "管理层", "admin": "管理员"}
PAGES = {
    "case": "cases/{}",
    "project": "projects/{}",
    "andon": "andons/{}",
    "proposal": "proposals/{}",
    "cause": "trend?cause={}",
    "ledger": "ledger?month={}",
    "promise": "promises",
    "dispute": "ledger",
    "source_count": "board",
}
"""Where the web pages show what a notice speaks of."""
LISTS = {
    **{"case": "queue", "project": "projects", "andon": "andons", "proposal": "proposals"},
    **{"promise": "promises", "dispute": "ledger", "ledger": "ledger"},
}
"""Where they list several of them; the others are on the board."""


class News(NamedTuple):
    """A notice, and how often it happened since it was told last."""

    notice: Notice
    fresh: int


def text_of(news: Sequence[News], taxonomy: Taxonomy, address: str) -> str:
    """One message for all of it: a line for each receiver and matter, everything counted, nothing dropped."""
    groups: dict[tuple[str, str], list[News]] = defaultdict(list)
    for one in news:
        groups[one.notice.to, one.notice.about].append(one)
    total = sum(one.fresh for one in news)
    lines = [f"{HEAD}{total} 条通知" if total > 1 else f"{HEAD}通知"]
    lines += [_line(to, about, of, taxonomy, address) for (to, about), of in groups.items()]
    return _fitted(lines, address)


def _line(to: str, about: str, news: Sequence[News], taxonomy: Taxonomy, address: str) -> str:
    n = sum(one.fresh for one in news)
    latest = max(news, key=lambda one: one.notice.at).notice
    times = f" {n} 件" if n > 1 else ""
    link = _link(latest, address) if n == 1 else _list(latest, address)
    zh, en = ABOUT.get(about, ("通知", "news"))
    return f"{_receiver(to, taxonomy)} · {zh}{times} {en}{link}"


def _receiver(to: str, taxonomy: Taxonomy) -> str:
    kind, _, name = to.partition(":")
    if kind == "role":
        return ROLES.get(name, name)
    return next((d.name_zh for d in taxonomy.departments if d.code == name), name)


def _link(notice: Notice, address: str) -> str:
    subject = notice.subjects[-1] if notice.subjects else notice.subject
    kind, _, key = subject.partition(":")
    if kind not in PAGES:
        return f"：{address}/" if address else ""
    return f"：{address}/#/{PAGES[kind].format(quote(key, safe=''))}" if address else f"：{key}"


def _list(notice: Notice, address: str) -> str:
    kind = (notice.subjects or (notice.subject,))[-1].partition(":")[0]
    return f"：{address}/#/{LISTS.get(kind, 'board')}" if address else ""


def _fitted(lines: Sequence[str], address: str) -> str:
    """As many lines as fit; how many more there are is said, and where."""
    whole = "\n".join(lines)
    if len(whole.encode()) <= MOST_BYTES:
        return whole
    kept = list(lines)
    while kept:
        kept.pop()
        rest = f"另有 {len(lines) - len(kept)} 类，见 {address or '回声'}"
        if len("\n".join([*kept, rest]).encode()) <= MOST_BYTES:
            return "\n".join([*kept, rest])
    return HEAD


def tested(name: str) -> str:
    """The test message."""
    return f"{HEAD}测试消息：机器人“{name}”接通了。"


TROUBLE: dict[str, tuple[str, str]] = {
    "unreached": ("连不上；请检查地址和本机的网络、代理", "cannot be reached; check the address, the network and the proxy"),
    "unreadable": ("对方的回答读不懂；地址可能不是机器人的", "the answer cannot be read; perhaps this is no robot's address"),
    "45009": ("说得太频繁，过一会儿自动再发", "too often; it is sent again in a while"),
    "93000": ("企业微信不认这个地址；请重新复制", "WeCom does not know this address; copy it again"),
    "310000": (
        "钉钉的安全设置不符：密钥不对，或关键词里没有“回声”",
        "DingTalk's security settings do not match: wrong secret, or 回声 is no keyword",
    ),
    "300001": ("钉钉不认这个地址；请重新复制", "DingTalk does not know this address; copy it again"),
    "19001": ("飞书不认这个地址；请重新复制", "Feishu does not know this address; copy it again"),
    "19021": ("飞书的签名不符：密钥不对，或本机时间差了一小时以上", "Feishu's signature does not match: wrong secret, or this machine's clock"),
    "19024": ("飞书的关键词不符；请把“回声”设为关键词", "Feishu's keyword does not match; make 回声 a keyword"),
}  # fmt: skip


def trouble(code: str) -> Trouble:
    """A platform's code in words."""
    zh, en = TROUBLE.get(code, (f"对方拒绝了，代码 {code}", f"it was refused, code {code}"))
    return Trouble(code=code, zh=zh, en=en)
