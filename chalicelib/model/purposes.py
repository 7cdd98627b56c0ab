"""The register of purposes (PIPL articles 6 and 17): which personal field is kept where, what for, until when."""

from __future__ import annotations

from typing import NamedTuple


class Purpose(NamedTuple):
    """One personal field."""

    field: str
    kept: str
    purpose_zh: str
    purpose_en: str
    until_zh: str


PURPOSES = (
    Purpose("customer.ref, name, phone, member, email", "sealed record", "认出客户并回访", "to know and call back the customer", "客户被删除"),
    Purpose("customer.id", "keyed digest", "把同一客户的联络连起来", "to link one customer's contacts", "客户被删除"),
    Purpose("customer.segment, tier", "record", "按客群看趋势", "trends by segment", "客户被删除"),
    Purpose("contact.text", "masked text", "找出根因并处理", "to find and remove causes", "客户被删除"),
    Purpose("contact original", "sealed apart", "经授权核实原文", "to check the words, by permission", "客户被删除"),
    Purpose("contact.order, bill, external_id", "masked reference", "关联同一订单的联络，避免重复记录", "to link and not to take twice", "客户被删除"),
    Purpose("export.customer", "second keyed digest, in files handed out", "数同一客户的重复", "to count repeats in exports", "客户被删除后的下一次导出"),
    Purpose("promise.what, note", "masked words", "兑现对客户的承诺", "to keep what the customer was promised", "文字随客户删除"),
    Purpose("case.history", "masked words", "说明谁做了什么", "to show who did what", "文字随客户删除"),
    Purpose("reading log", "who, when, why", "查明谁看过原文、谁导出过", "to show who read or exported what", "长期"),
)  # fmt: skip
