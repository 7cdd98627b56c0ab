"""The register of purposes (PIPL articles 6 and 17): which personal field is kept where, what for, until when."""

from __future__ import annotations

from typing import NamedTuple


class Purpose(NamedTuple):
    """One personal field."""

    field: str
    field_zh: str
    kept: str
    kept_zh: str
    purpose_zh: str
    purpose_en: str
    until_zh: str
    until_en: str


_ERASED = ("客户被删除", "the customer is erased")
PURPOSES = (
    Purpose("customer.ref, name, phone, member, email", "客户的姓名、手机、会员号、邮箱", "sealed record", "加密的客户记录",
            "认出客户并回访", "to know and call back the customer", *_ERASED),
    Purpose("customer.id", "客户编号", "keyed digest", "带密钥的摘要",
            "把同一客户的联络连起来", "to link one customer's contacts", *_ERASED),
    Purpose("customer.segment, tier", "客群、等级", "record", "客户记录", "按客群看趋势", "trends by segment", *_ERASED),
    Purpose("contact.text", "联络的内容", "masked text", "脱敏后的文字", "找出根因并处理", "to find and remove causes", *_ERASED),
    Purpose("contact original", "联络的原文", "sealed apart", "另外加密存放",
            "经授权核实原文", "to check the words, by permission", *_ERASED),
    Purpose("contact.order, bill, external_id", "订单号、账单号、外部编号", "masked reference", "脱敏后的编号",
            "关联同一订单的联络，避免重复记录", "to link and not to take twice", *_ERASED),
    Purpose("export.customer", "导出文件里的客户", "second keyed digest, in files handed out", "第二个带密钥的摘要，在给出去的文件里",
            "数同一客户的重复", "to count repeats in exports", "客户被删除后的下一次导出", "the first export after the customer is erased"),
    Purpose("promise.what, note", "答应客户的事", "masked words", "脱敏后的文字",
            "兑现对客户的承诺", "to keep what the customer was promised", "文字随客户删除", "the words go with the customer"),
    Purpose("case.history", "工单的经过", "masked words", "脱敏后的文字",
            "说明谁做了什么", "to show who did what", "文字随客户删除", "the words go with the customer"),
    Purpose("reading log", "查阅记录", "who, when, why", "谁、何时、为什么",
            "查明谁看过原文、谁导出过", "to show who read or exported what", "长期", "kept for good"),
)  # fmt: skip
