"""What kinds of file can be imported, their fields, and the column names each goes by."""

from __future__ import annotations

import re
from dataclasses import dataclass

from chalicelib.model.errors import Invalid, LoopError, together


@dataclass(frozen=True, slots=True)
class Field:
    """A field and the column names it goes by, best first; `weak` names fit, but say nothing of the kind.

    A file without a `required` field is of another kind; one without a `needed` field cannot be taken.
    """

    required: bool
    names: tuple[str, ...]
    weak: tuple[str, ...] = ()
    needed: bool = False


def _field(names: str, weak: str = "", required: bool = False, needed: bool = False) -> Field:
    known = tuple(names.split("|")), tuple(weak.split("|")) if weak else ()
    return Field(required, *known, needed=required or needed)


_SEGMENT = _field("segment|客群|分群|客户群|客户分群|客户类型|人群|customer segment|cohort")
_LEGAL_BASIS = _field("legal_basis|合法性基础|合法基础|法律依据|处理依据|lawful basis|basis")
_NOTICE = _field("notice_version|告知书版本|告知版本|隐私政策版本|隐私版本|notice|privacy notice version")
KINDS: dict[str, dict[str, Field]] = {
    "contacts": {
        "text": _field(
            "text|内容|诉求内容|问题描述|投诉内容|咨询内容|反馈内容|反馈|留言内容|留言|评价内容|评论内容"
            "|评论|评价|工单内容|工单描述|来电内容|通话内容|会话内容|聊天内容|聊天记录|对话内容|对话"
            "|消息内容|消息|诉求|诉求描述|问题内容|问题|描述|正文|原文|文本|意见|建议内容|邮件内容|弹幕"
            "|客户原话|客户之声|受理内容|通话文本|转写文本|content|body|message|comment|comments|review"
            "|review text|review body|feedback|verbatim|description|complaint|complaint text|narrative"
            "|consumer complaint narrative|transcript|turns|dialog|dialogue|conversation|messages",
            "备注|说明|主题|标题|remark|remarks|notes|subject|title|summary|sentence|query",
            required=True,
        ),
        "channel": _field(
            "channel|渠道|渠道名称|来源渠道|受理渠道|接入渠道|反馈渠道|联系渠道|来源|平台|contact channel"
            "|source channel|source|platform|medium"
        ),
        "external_id": _field(
            "external_id|工单编号|工单号|工单id|编号|流水号|会话id|会话编号|通话id|来电编号|受理编号"
            "|记录编号|投诉编号|评论id|评价id|消息id|ticket id|ticket no|ticket number|ticket|case number"
            "|contact id|conversation id|session id|call id|message id|review id|comment id|record id"
            "|reference|id|uuid|guid",
            "序号|no|index",
        ),
        "customer": _field(
            "customer|客户编号|客户号|客户id|会员号|会员编号|会员id|会员卡号|用户id|用户编号|客户|用户"
            "|会员|顾客|手机号|手机号码|手机|来电号码|主叫号码|联系电话|客户电话|电话号码|电话|联系方式"
            "|买家id|买家|openid|unionid|customer id|customer no|customer number|client id|client"
            "|member id|member no|member|user id|userid|uid|user|account|account id|buyer|buyer id|phone"
            "|phone number|mobile|mobile number|caller|caller id|tel|msisdn",
            "昵称|用户名|邮箱|email|e-mail|username|nickname|author",
        ),
        "time": _field(
            "time|来电时间|联系时间|受理时间|通话时间|创建时间|提交时间|反馈时间|投诉时间|评价时间"
            "|评论时间|留言时间|发布时间|会话时间|开始时间|进线时间|接入时间|登记时间|发生时间|时间|日期"
            "|来电日期|受理日期|创建日期|反馈日期|投诉日期|评价日期|评论日期|created at|created"
            "|create time|created time|creation date|date|datetime|date time|timestamp|contact time"
            "|call time|start time|started at|submitted at|posted at|received at|occurred at|review date"
            "|date received"
        ),
        "kind": _field(
            "kind|类型|工单类型|诉求类型|受理类型|业务类型|问题类型|来电类型|反馈类型|type|contact type"
            "|ticket type|request type"
        ),
        "segment": _SEGMENT,
        "order": _field("order|订单号|订单编号|订单id|订单|order id|order no|order number"),
        "bill": _field("bill|账单号|账单编号|账单id|账单|bill id|bill no|bill number|invoice|invoice no"),
        "product": _field(
            "product|产品|产品名称|产品型号|产品编号|商品|商品名称|商品编号|商品id|品牌型号|型号|机型"
            "|车型|套餐|套餐名称|product name|product id|product code|sku|item|item id|model",
            "品牌|车系|brand",
        ),
        "seconds": _field(
            "seconds|处理时长|处理时长(秒)|通话时长|通话时长(秒)|时长|时长(秒)|会话时长|会话时长(秒)"
            "|handling seconds|handle seconds|handle time|handling time|handling time (s)|aht|talk time"
            "|call duration|duration|duration (s)|duration seconds|duration sec"
        ),
        "concession": _field(
            "concession|赔付金额|赔付金额(元)|赔付|赔偿金额|赔偿金额(元)|补偿|补偿金额|补偿金额(元)"
            "|退款金额|退款金额(元)|concession amount|compensation|goodwill|refund|refund amount"
        ),
        "agent": _field(
            "agent|客服|坐席|座席|坐席工号|座席工号|客服工号|客服姓名|坐席姓名|受理人|接线员|处理人"
            "|agent id|agent name|operator|handled by|representative",
            "工号|assignee",
        ),
        "legal_basis": _LEGAL_BASIS,
        "notice_version": _NOTICE,
        "severity": _field("severity|严重程度"),
        # Other systems' codes and tags are not our causes: only a name that can mean nothing else is guessed.
        "causes": _field("causes|原因代码|原因编码|cause code|cause codes"),
    },
    "denominators": {
        "denominator": _field(
            "denominator|分母|分母名称|指标|指标名称|指标编码|指标代码|口径|统计口径|基数|metric"
            "|metric name|metric id|measure|denominator id|denominator name",
            required=True,
        ),
        "period": _field(
            "period|期间|周期|统计周期|统计日期|统计期间|周|周次|日期|自然周|week|iso week|date|day"
            "|week start|period start",
            "月份|时间|month|time",
            required=True,
        ),
        "value": _field(
            "value|数值|数量|数|值|指标值|总数|合计|人数|单量|次数|volume|total|amount|number",
            "count|n|x|qty|quantity",
            required=True,
        ),
        "segment": _SEGMENT,
    },
    # A list with nothing but a phone number still names its customers, hence the weak names here.
    "customers": {
        "customer": _field(
            "customer|客户编号|客户号|客户id|客户|用户id|用户编号|顾客编号|会员号|会员编号|会员id"
            "|会员卡号|customer id|customer no|customer number|client id|client|user id|userid|uid"
            "|member id|member no|account id|openid|unionid",
            "编号|id|会员|用户|account|手机号|手机号码|手机|电话|phone|mobile|邮箱|email",
            required=True,
        ),
        "name": _field("name|姓名|客户姓名|客户名称|会员姓名|名字|名称|customer name|full name|member name"),
        "phone": _field(
            "phone|手机号|手机号码|手机|电话|电话号码|联系电话|客户电话|联系方式|phone number|mobile"
            "|mobile number|mobile phone|tel|telephone|cell|msisdn"
        ),
        "member": _field(
            "member|会员号|会员编号|会员id|会员卡号|会员|卡号|member id|member no|member number"
            "|membership|membership number|loyalty id|card number"
        ),
        "email": _field("email|邮箱|电子邮箱|电子邮件|邮件地址|邮件|e-mail|mail|email address"),
        "segment": _SEGMENT,
        "tier": _field(
            "tier|等级|价值等级|客户等级|会员等级|客户级别|会员级别|级别|星级|level|customer tier"
            "|membership level|vip level|value tier|grade"
        ),
        "legal_basis": _LEGAL_BASIS,
        "notice_version": _NOTICE,
        "consent": _field("consent|同意|是否同意|授权|是否授权|用户同意|营销同意|consent given|opt in"),
    },
    "callbacks": {
        "case": _field(
            "case|案件号|案件编号|案件id|案件|工单|工单号|工单编号|工单id|回访工单|case id|case no"
            "|case number|ticket|ticket id|ticket no|ticket number",
            "编号|id",
            required=True,
        ),
        "reached": _field(
            "reached|是否接通|接通|是否联系上|联系上|是否回访成功|回访结果|接通情况|connected|contacted"
            "|is reached",
            needed=True,
        ),
        "resolved": _field(
            "resolved|是否解决|解决|问题是否解决|是否已解决|解决情况|solved|is resolved|fixed"
        ),
        "satisfaction": _field(
            "satisfaction|满意度|是否满意|满意|满意程度|满意情况|客户满意度|csat|satisfied|score|rating"
            "|satisfaction score"
        ),
        "text": _field(
            "回访内容|回访记录|回访备注|回访描述|回访留言|callback note|callback notes|callback text"
            "|callback comment|follow up note",
            "text|内容|备注|留言|意见|描述|comment|note|notes|remark|feedback|content",
        ),
        "time": _field(
            "回访时间|回访日期|callback time|callback date|called at|called back at|follow up date",
            "time|时间|日期|date|datetime|timestamp|created at|创建时间",
        ),
    },
    # What the telephone system, the chat tool ... count by themselves, to compare ours with.
    "source_counts": {
        "channel": _field(
            "channel|渠道|渠道名称|来源渠道|接入渠道|来源系统|source channel|contact channel",
            "来源|系统|source|platform",
            required=True,
        ),
        "day": _field(
            "day|日期|统计日期|统计日|date|业务日期",
            "time|时间",
            required=True,
        ),
        "count": _field(
            "count|来源条数|来源数|上报数|上报条数|系统条数|联络数|联络量|进线量|呼入量|来电量|受理量|会话量"
            "|工单量|source count|reported|reported count|contacts|calls|sessions|tickets",
            "条数|数量|数|合计|总数|total|n|value|number",
            required=True,
        ),
    },
}
_ITEM = re.compile(r"\.\d+$")
NAMES = {
    "text": "客户说了什么",
    "channel": "渠道",
    "external_id": "来源编号",
    "customer": "客户",
    "time": "时间",
    "kind": "类型",
    "contact_kind": "类型",
    "segment": "客群",
    "order": "订单号",
    "bill": "账单号",
    "product": "产品",
    "seconds": "处理时长",
    "concession": "补偿（元）",
    "agent": "客服",
    "legal_basis": "合法性基础",
    "notice_version": "告知书版本",
    "severity": "严重程度",
    "causes": "原因代码",
    "denominator": "分母名称",
    "period": "周或日期",
    "value": "数值",
    "name": "姓名",
    "phone": "手机",
    "member": "会员号",
    "email": "邮箱",
    "tier": "等级",
    "consent": "是否同意",
    "case": "工单号",
    "reached": "是否接通",
    "resolved": "是否解决",
    "satisfaction": "满意度",
    "day": "日期",
    "count": "条数",
}
"""What people call the fields: the words of the page that imports, for the lists that leave it."""


def name_of(where: str) -> str:
    """The name of the field that a fault is about; "" when it is about the row or its place in the file."""
    return NAMES.get(_ITEM.sub("", where), "")


def reasons(error: LoopError) -> tuple[str, str]:
    """Why a row was refused, in Chinese under the fields' Chinese names, and in English; both say which field."""
    zh = together([_named(fault) for fault in error.faults]).zh
    mute = name_of(error.where) and not error.en.startswith(error.where)
    return zh, f"{error.where}: {error.en}" if mute else error.en


def _named(fault: LoopError) -> LoopError:
    name = name_of(fault.where)
    zh = f"{name} {fault.zh.removeprefix(fault.where).strip()}" if name else fault.zh
    return Invalid(fault.code, zh, fault.en, name or fault.where)
