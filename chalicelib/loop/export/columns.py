"""The table of contacts that leaves the system: its columns, and a contact as one of its rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any, Literal, NamedTuple

from chalicelib.model.contact import Channel, Contact
from chalicelib.model.taxonomy import Taxonomy
from chalicelib.model.weeks import local, week_of

SCHEMA = 1
"""Counts up when columns change: folders written before then have to be exported anew."""
Type = Literal["varchar", "varchar[]", "integer", "bigint", "boolean", "timestamp", "date"]
Value = str | int | bool | None | list[str]
Row = dict[str, Value]
"""Column -> value that JSON knows; times are UTC to the millisecond, "2026-11-18T02:00:00.000Z"."""


class Column(NamedTuple):
    """One column: SQL type, and what it holds."""

    name: str
    type: Type
    zh: str
    en: str


WEEK = Column("week", "varchar", "ISO 周（上海），分区列", "ISO week in Shanghai; the partition column")
TEXT = Column("text", "varchar", "脱敏后的内容", "masked text")
COLUMNS = (
    Column("id", "varchar", "联络编号", "contact"),
    Column("time", "timestamp", "发生时间，UTC", "when it happened, UTC"),
    Column("day", "date", "发生日期，上海", "date in Shanghai"),
    Column("received", "timestamp", "记录时间，UTC", "when it was taken, UTC"),
    Column("channel", "varchar", "渠道；callback 是我们的回访", "channel, callback is our own call"),
    Column("kind", "varchar", "类别", "complaint, inquiry, request, ..."),
    Column("causes", "varchar[]", "原因代码", "cause codes"),
    Column("cause_labels", "varchar[]", "原因名称，与 causes 同序", "labels, in the order of causes"),
    Column("department", "varchar", "责任部门", "accountable department"),
    Column("departments", "varchar[]", "各原因的部门，责任部门在前", "owners of all causes"),
    Column(
        "severity",
        "integer",
        "严重程度：0 无、1 轻、2 明显、3 危险",
        "severity: 0 none, 1 mild, 2 clear, 3 danger",
    ),
    Column("unsure", "boolean", "机器拿不准", "the machine was unsure"),
    Column("corrected", "boolean", "原因由人说定", "a person said the causes"),
    Column("counted", "boolean", "计入数字：已打标且不是回访", "counted in the numbers"),
    Column("cost_fen", "bigint", "成本，分", "cost in fen"),
    Column("concession_fen", "bigint", "其中赔付，分", "concession in fen, part of the cost"),
    Column("seconds", "integer", "处理秒数，0 为未知", "handling seconds, 0 unknown"),
    Column("case_id", "varchar", "工单", "case"),
    Column("case_state", "varchar", "工单状态，导出时", "state of the case when exported"),
    Column("repeats", "boolean", "重复了更早的联络", "repeats an earlier contact"),
    Column("repeated", "boolean", "后来又重复", "a later contact repeats it"),
    Column(
        "repeat_known", "timestamp", "在此之前 repeated 尚未可知", "before this, repeated is not yet known"
    ),
    Column("order_ref", "varchar", "订单（脱敏或摘要）", "order, masked or digest"),
    Column("bill_ref", "varchar", "账单（脱敏或摘要）", "bill, masked or digest"),
    Column("product", "varchar", "产品", "product"),
    Column("segment", "varchar", "客群", "segment"),
    Column("customer", "varchar", "客户的导出代号", "pseudonym of the customer in exports"),
    Column("taxonomy", "integer", "分类版本，0 为还没打标", "taxonomy version, 0 not tagged yet"),
    Column("tagger", "varchar", "打标版本", "tagger version"),
    Column("erased", "boolean", "客户已删除", "the person was erased"),
    Column("demo", "boolean", "演示公司的", "of the demo company"),
)


class Numbered(NamedTuple):
    """What beside the contact itself its row is made from."""

    taxonomy: Taxonomy
    states: Mapping[str, str]
    """Case -> its state."""
    digest: Callable[[str], str]
    """A keyed digest (the vault's)."""


def columns(text: bool) -> tuple[Column, ...]:
    """The columns of a row beside its week."""
    return (*COLUMNS, TEXT) if text else COLUMNS


def row(c: Contact, known: Numbered, text: bool = False) -> Row:
    """A contact as one row, in the order of `columns`."""
    said: Row = {
        "id": c.id,
        "time": moment(c.time),
        "day": _day(c.time).isoformat(),
        "received": moment(c.received),
        "channel": str(c.channel),
        "kind": c.contact_kind,
        "causes": list(c.causes),
        "cause_labels": [known.taxonomy.label(code) for code in c.causes],
        "department": c.department,
        "departments": list(c.departments),
        "severity": c.severity,
        "unsure": c.unsure,
        "corrected": c.said,
        "counted": c.tagged and c.channel is not Channel.CALLBACK,
        "cost_fen": c.cost,
        "concession_fen": c.concession,
        "seconds": c.seconds,
    }
    return said | _links(c, known) | ({"text": c.text} if text else {})


def _links(c: Contact, known: Numbered) -> Row:
    return {
        "case_id": c.case,
        "case_state": known.states.get(c.case, ""),
        "repeats": c.repeats,
        "repeated": c.repeated,
        "repeat_known": moment(c.time + _reach(c, known.taxonomy)),
        "order_ref": c.order,
        "bill_ref": c.bill,
        "product": c.product,
        "segment": c.segment,
        "customer": pseudonym(c.customer, known.digest),
        "taxonomy": c.taxonomy,
        "tagger": c.analysis.version if c.analysis else "",
        "erased": c.erased,
        "demo": c.demo,
    }


def pseudonym(customer: str, digest: Callable[[str], str]) -> str:
    """The customer's name in exports: the same in each of them, so that repeats can be counted, but not the id
    by which a screen could show who it is."""
    return digest(f"export\n{customer}")[:20] if customer else ""


def _reach(c: Contact, taxonomy: Taxonomy) -> timedelta:
    return max(taxonomy.window(code) for code in (None, *c.causes))


def moment(t: datetime) -> str:
    """UTC to the millisecond, as Athena keeps times."""
    return t.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _day(t: datetime) -> date:
    return local(t).date()


def week(c: Contact) -> str:
    """The partition a contact's row belongs to."""
    return week_of(c.time)


def described(text: bool) -> list[dict[str, Any]]:
    """The columns for people and programs."""
    return [c._asdict() for c in (WEEK, *columns(text))]


NUMBERS = (
    Column("family", "varchar", "数字的家族，见 tally.py", "family of stored numbers, see tally.py"),
    Column(
        "name", "varchar", "部门、原因或分母，全公司为空", "department, cause or denominator, empty for all"
    ),
    Column("field", "varchar", "数的是什么", "what is counted"),
    Column("n", "bigint", "数", "the number"),
)
FAMILIES = ("week", "cause", "department", "case", "case.cause", "callback", "x")
"""The families that are kept by week."""
