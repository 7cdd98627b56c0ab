"""A contact as it arrives: what is accepted, and the pure decisions about it."""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from chalicelib.model.analysis import ContactKind
from chalicelib.model.checked import Whole
from chalicelib.model.contact import Channel
from chalicelib.model.customer import LegalBasis
from chalicelib.model.entity import Given
from chalicelib.model.errors import Invalid
from chalicelib.model.segment import Segment
from chalicelib.model.weeks import parse_time
from chalicelib.privacy.text import LONGEST, clean_text

CHANNEL_WORDS = {
    "phone": "phone 电话 热线 呼叫中心 来电 call hotline tel 客服电话",
    "chat": "chat 在线 在线客服 聊天 im webchat 会话 在线聊天",
    "email": "email e-mail mail 邮件 邮箱 电子邮件",
    "web": "web 网页 网站 表单 官网 webform form website 网页表单",
    "wechat": "wechat 微信 公众号 小程序 weixin",
    "wecom": "wecom 企业微信 企微 wework",
    "store": "store 门店 线下 现场 柜台 shop branch",
    "app": "app 应用 客户端 手机应用 移动端",
    "social": "social 社交 微博 抖音 小红书 论坛 评论 评价 weibo review 社交媒体",
    "survey": "survey 调查 问卷 满意度调查 nps csat",
    "12315": "12315 12345 投诉平台 监管 政府热线",
    "callback": "callback 回访",
}
CHANNELS = {word: Channel(code) for code, words in CHANNEL_WORDS.items() for word in words.split()}
CHANNEL_ZH = {
    code: next((w for w in words.split()[1:] if not w.isascii()), code)
    for code, words in CHANNEL_WORDS.items()
}
"""Each channel in Chinese."""
KIND_WORDS = {
    "complaint": "complaint 投诉 抱怨 差评 申诉",
    "inquiry": "inquiry 咨询 问询 查询 enquiry question",
    "request": "request 请求 求助 申请 办理 报修",
    "suggestion": "suggestion 建议 意见",
    "praise": "praise 表扬 好评 感谢",
    "other": "other 其他 其它",
}
KINDS = {word: kind for kind, words in KIND_WORDS.items() for word in words.split()}
NOBODY = frozenset(
    [
        "匿名",
        "匿名用户",
        "无",
        "无名",
        "未知",
        "空",
        "-",
        "--",
        "0",
        "n/a",
        "na",
        "none",
        "null",
        "nan",
        "unknown",
        "anonymous",
        "guest",
        "游客",
    ]
)
LONGEST_REF, LONGEST_TEXT = 128, LONGEST
NOT_YET = 300
"""Seconds a contact may lie in the future: clocks differ."""


def _from_words(words: dict[str, Any], where: str, zh: str, en: str) -> Any:
    """One of these words in any case and width; anything else is refused with the words people know."""

    def read(value: object) -> object:
        if value is None or value in words.values():
            return value
        word = unicodedata.normalize("NFKC", str(value)).strip().lower()
        if isinstance(value, (str, int)) and word in words:
            return words[word]
        raise Invalid(f"contact.{where}", f"没有这种；可用：{zh}", f"no such value; known: {en}", where)

    return BeforeValidator(read)


CHANNEL = _from_words(
    CHANNELS,
    "channel",
    "电话、在线、邮件、网页、微信、企业微信、门店、APP、社交、问卷、12315",
    ", ".join(code for code in CHANNEL_WORDS if code != "callback"),
)
KIND = _from_words(KINDS, "contact_kind", "投诉、咨询、请求、建议、表扬、其他", ", ".join(KIND_WORDS))


def _ref(value: object) -> object:
    """Numbers from spreadsheets become text; width is unified so that equal references are equal."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str):
        return value
    if any("\ud800" <= c <= "\udfff" for c in value):
        raise ValueError("半个字符，请检查编码 half a character; check the encoding")
    return unicodedata.normalize("NFKC", value).strip()


def _time(value: object) -> object:
    if value is None or isinstance(value, (str, datetime, int, float)):
        return parse_time(value, where="time") if value not in (None, "") else None
    return value


def _text(value: object) -> str:
    return clean_text(value, where="text")


Words = Annotated[str, BeforeValidator(_text)]
Ref = Annotated[str, BeforeValidator(_ref), Field(max_length=LONGEST_REF)]


class NewPromise(Given):
    """What was promised to a customer, until when."""

    what: str = Field(min_length=1, max_length=200, description="The next step, such as a call")
    due: Annotated[datetime, BeforeValidator(lambda t: parse_time(t, where="promise.due"))] = Field(
        description="Until when; without a zone Asia/Shanghai"
    )


class NewContact(Given):
    """One contact as a caller or file sends it. Only `text` and `channel` are needed."""

    text: Words = Field(description="What the customer said, or the agent's note")
    channel: Annotated[Channel, CHANNEL]
    external_id: Ref = Field(
        "", description="The source's own number; with the channel it is the natural key"
    )
    customer: Ref = Field("", description="Phone, member or user number; kept only as a digest and sealed")
    time: Annotated[datetime | None, BeforeValidator(_time)] = Field(
        None, description="When it happened; without a zone Asia/Shanghai; default now"
    )
    contact_kind: Annotated[ContactKind | None, KIND] = None
    severity: Whole | None = Field(None, ge=0, le=3)
    causes: tuple[str, ...] = Field((), max_length=5, description="Causes the agent chose; otherwise found")
    segment: Segment = ""
    order: Ref = ""
    bill: Ref = ""
    product: Annotated[str, BeforeValidator(_ref), Field(max_length=LONGEST_REF)] = ""
    seconds: Whole = Field(0, ge=0, le=86_400, description="Handling time")
    concession: Whole = Field(0, ge=0, le=10**12, description="Fen given to the customer")
    agent: str = Field("", max_length=64)
    legal_basis: LegalBasis | None = None
    notice_version: str = Field("", max_length=40)
    customer_of: str = Field(
        "",
        max_length=64,
        description="Id of an earlier contact of the same customer, where no reference is at hand",
    )
    promise: NewPromise | None = Field(None, description="What the caller promised the customer with it")


_PHONE = re.compile(r"^(?:\+|00)?86[- ]?(?=1\d)|[-\s]")


def customer_ref(raw: str) -> str:
    """The reference in one form, so that +86 138-0013-8000 and 13800138000 are one customer; "" for nobody."""
    plain = raw.strip().casefold()
    if plain in NOBODY:
        return ""
    bare = _PHONE.sub("", plain)
    return bare if bare.isdigit() else plain


def natural_key(new: NewContact, time: datetime, ordinal: int = 0) -> str:
    """Channel and external id; otherwise content (words, order, bill, product), customer and minute.

    A source without times cannot tell equal texts apart by the minute: there the `ordinal` (how many equal
    ones came before in the same file) does, so that the same file read again gives the same keys.
    """
    if new.external_id:
        return f"id\n{new.channel}\n{new.external_id}"
    minute = f"#{ordinal}" if new.time is None and ordinal else f"{time:%Y%m%d%H%M}"
    content = "\n".join((new.text, new.order, new.bill, new.product))
    return f"hash\n{new.channel}\n{content}\n{customer_ref(new.customer)}\n{minute}"


def not_in_future(time: datetime, now: datetime) -> datetime:
    """Refuse a contact from the future; five minutes of clock difference are forgiven."""
    if (time - now).total_seconds() > NOT_YET:
        raise Invalid(
            "contact.future",
            "时间在未来，请检查时间和时区",
            "the time lies in the future; check the time and its zone",
            "time",
        )
    return time
