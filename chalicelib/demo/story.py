"""The demo company as data: 青禾生活 sells household appliances online and in shops. Nothing here is real.

Weeks are counted from 0; in a shorter story what is planned for a week moves forward in proportion.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

from chalicelib.model.people import Role

FULL_WEEKS, FULL_CONTACTS = 26, 20_000
SEED = 19
"""With it the projects' numbers are well inside their words; of thirty seeds twenty-seven come to the same words."""
CUSTOMERS = 6_000
GROWTH = 0.003
"""Of everything, a week."""
HOLIDAY_WEEK, MISSING_DENOMINATOR = 17, "visits"
"""A week whose store visits nobody counted."""
SOURCE_DAYS = 14
"""The last days on which the channels' own systems told how many contacts they had."""
UNRECORDED, UNRECORDED_ON = 6, (5, "phone")
"""Calls that never reached the loop; days ago, and where."""


class Theme(NamedTuple):
    """A reason to contact: contacts in an ordinary week, and the share that contact again before it is solved."""

    weekly: float
    again: float


NOTHING_WRONG = "none"
THEMES: dict[str, Theme] = {
    "delivery.late": Theme(58, 0.22),
    "delivery.lost": Theme(15, 0.25),
    "delivery.damaged": Theme(84, 0.10),
    "delivery.wrong_item": Theme(25, 0.10),
    "delivery.courier": Theme(20, 0.06),
    "delivery.no_tracking": Theme(40, 0.24),
    "product.defect": Theme(52, 0.12),
    "product.not_as_described": Theme(20, 0.08),
    "product.safety": Theme(3, 0.15),
    "product.hard_to_use": Theme(22, 0.10),
    "product.out_of_stock": Theme(15, 0.08),
    "price.dropped": Theme(20, 0.14),
    "promo.not_honoured": Theme(27, 0.14),
    "membership.benefit": Theme(17, 0.12),
    "billing.overcharged": Theme(16, 0.18),
    "billing.refund_slow": Theme(46, 0.28),
    "billing.invoice": Theme(24, 0.16),
    "aftersales.return_refused": Theme(30, 0.18),
    "aftersales.repair": Theme(25, 0.24),
    "aftersales.install": Theme(22, 0.16),
    "service.attitude": Theme(9, 0.05),
    "service.unreachable": Theme(84, 0.14),
    "digital.hard_to_find": Theme(40, 0.10),
    "digital.account": Theme(15, 0.15),
    "store.wait": Theme(10, 0.03),
    "privacy.leak": Theme(6, 0.10),
    NOTHING_WRONG: Theme(92, 0.0),
}


class Shift(NamedTuple):
    """From `week` on a cause has `times` its ordinary contacts, plus `plus` of those of the cause `of`."""

    cause: str
    week: int
    times: float = 1.0
    plus: float = 0.0
    of: str = ""


SHIFTS = (
    Shift("billing.refund_slow", 20, times=2.1),
    Shift("delivery.damaged", 13, times=0.38),
    Shift("service.unreachable", 15, times=0.2),
    Shift("digital.hard_to_find", 15, plus=0.9, of="service.unreachable"),  # they only went elsewhere
)

DENOMINATORS: dict[str, int] = {
    "parcels": 46_000,
    "units": 52_000,
    "orders": 38_000,
    "members": 120_000,
    "bills": 41_000,
    "refunds": 2_300,
    "repairs": 900,
    "installs": 1_500,
    "visits": 21_000,
    "sessions": 310_000,
    "contracts": 1_800,
    "customers": 210_000,
}
"""An ordinary week; contacts and cases are counted, not planned."""

SEGMENTS = {"新客": 35, "老客": 53, "企业": 12}
TIERS = {"普通": 60, "银卡": 28, "金卡": 12}
CHANNELS = {
    "phone": 34,
    "chat": 25,
    "app": 12,
    "wechat": 10,
    "email": 5,
    "web": 4,
    "social": 4,
    "store": 3,
    "survey": 2,
    "12315": 1,
}
SECONDS = {"phone": 380, "chat": 300, "store": 420, "email": 240, "12315": 900}
"""Usual handling time."""
HOURS = (1, 0, 0, 0, 0, 0, 1, 2, 5, 9, 11, 10, 8, 7, 8, 8, 8, 7, 6, 7, 8, 7, 4, 2)
"""Contacts by hour of the day."""
DAYS = (1.22, 1.08, 1.0, 0.98, 0.98, 0.88, 0.86)
"""Contacts by day of the week, Monday first."""


class Person(NamedTuple):
    """Somebody who signs in."""

    display: str
    role: Role
    departments: tuple[str, ...] = ()


PEOPLE: dict[str, Person] = {
    "agent.wang": Person("王晓（坐席）", Role.AGENT),
    "agent.li": Person("李倩（坐席）", Role.AGENT),
    "lead.logistics": Person("周航（物流）", Role.LEAD, ("logistics",)),
    "lead.quality": Person("陈敏（品控、供应链）", Role.LEAD, ("quality", "supply")),
    "lead.finance": Person("吴岚（财务、市场、会员）", Role.LEAD, ("finance", "marketing", "membership")),
    "lead.service": Person("郑洁（客服、售后）", Role.LEAD, ("service", "aftersales")),
    "lead.store": Person("孙磊（门店）", Role.LEAD, ("operations",)),
    "lead.it": Person("何川（技术、法务）", Role.LEAD, ("it", "legal")),
    "exec": Person("林总（总经理）", Role.EXECUTIVE),
}
PACE = {"finance": 1.5, "aftersales": 1.3, "legal": 1.3, "quality": 1.1, "operations": 0.8, "service": 0.6}
"""How slowly a department works; 1 when it is not named."""


class Improvement(NamedTuple):
    """A project: proposed the week before its start. `start` None: proposed in `proposed` and no further yet."""

    title: str
    hypothesis: str
    owner: str
    department: str
    cause: str
    reach: float
    start: int | None
    proposed: int
    controls: tuple[str, ...] = ()
    watched: tuple[str, ...] = ()
    """Causes outside its group that contacts may go to."""
    voice: int | None = None
    """Which of VOICES it grew from."""


PROJECTS = (
    Improvement(
        "易碎品加固包装",
        "到货破损多出在二次分拣；换五层箱加护角后，每千包裹的破损联络会少一半",
        "lead.logistics",
        "logistics",
        "delivery.damaged",
        0.8,
        12,
        11,
        ("delivery.late", "delivery.wrong_item"),
    ),
    Improvement(
        "出厂抽检从 2% 提到 5%",
        "抽检多一倍，坏机就会少一截到客户手里",
        "lead.quality",
        "quality",
        "product.defect",
        0.5,
        13,
        12,
        ("product.not_as_described",),
    ),
    Improvement(
        "电话首页改为自助导航",
        "常见问题引到 APP 自助，打电话找不到人的抱怨就会减少",
        "lead.service",
        "service",
        "service.unreachable",
        0.7,
        14,
        13,
        watched=("digital.hard_to_find",),
    ),
    Improvement(
        "退款审核并单、当日放款",
        "退款慢卡在每周两次的人工复核；改为每日批量放款",
        "lead.finance",
        "finance",
        "billing.refund_slow",
        0.6,
        None,
        24,
        ("billing.invoice",),
        voice=4,
    ),
)


class Said(NamedTuple):
    """A voice: in which week, by whom, what, about which cause, and who supports it."""

    week: int
    author: str
    text: str
    cause: str
    supporters: tuple[str, ...]


VOICES = (
    Said(4, "agent.wang", "好多客户说破壁机的玻璃杯到货就裂，箱子里一点缓冲都没有", "delivery.damaged",
         ("agent.li", "lead.service", "lead.logistics")),
    Said(8, "agent.li", "发票入口藏在第四层，我自己都要找半天", "billing.invoice", ("agent.wang",)),
    Said(12, "agent.wang", "安装师傅爽约没有短信，客户只能打给我们", "aftersales.install",
         ("agent.li", "lead.service")),
    Said(17, "agent.li", "电话导航改了以后，客户在线上问的还是同一件事", "digital.hard_to_find",
         ("agent.wang", "lead.service", "lead.it")),
    Said(21, "agent.wang", "退款复核一周只做两次，周三以后申请的都要等到下周", "billing.refund_slow",
         ("agent.li", "lead.service", "lead.finance", "exec")),
    Said(23, "agent.li", "两天里好几个客户说暖阳取暖器冒烟，得先停售", "product.safety",
         ("agent.wang", "lead.quality")),
)  # fmt: skip


class Danger(NamedTuple):
    """A cluster of contacts about one product within two days, and the andon it sets off."""

    week: int
    cause: str
    product: str
    contacts: int
    author: str
    subject: str
    text: str
    department: str
    lead: str
    answer: Literal["stopped", "contained", "refused"]
    reason: str


DANGER = Danger(
    23,
    "product.safety",
    "暖阳N2取暖器",
    9,
    "agent.li",
    "暖阳N2取暖器：请先停售",
    "两天内多位客户反映冒烟、漏电，像是同一批次，请停售并通知已购客户",
    "quality",
    "lead.quality",
    "stopped",
    "已下架停售，召回本批次，给每位客户打电话",
)

What = Literal["start_project", "accept_proposal", "rebase", "snooze", "other"]
Decided = tuple[int, What, str, str]
DECISIONS: tuple[Decided, ...] = (
    (2, "other", "delivery.late", "先请物流列出延误最多的三条线路，下周回看"),
    (6, "snooze", "store.wait", "只有两家门店，量小，四周后再看"),
    (11, "start_project", "delivery.damaged", "破损连续两个月居首，同意加固包装"),
    (12, "start_project", "product.defect", "同意提高抽检比例，八周后看结论"),
    (13, "start_project", "service.unreachable", "同意试行自助导航，同时盯住「找不到功能」"),
    (18, "other", "digital.hard_to_find", "电话少了、线上多了，请客服与技术一起核对"),
    (22, "other", "billing.refund_slow", "退款联络连升三周，请财务说明复核排班"),
    (24, "accept_proposal", "billing.refund_slow", "原则同意每日放款，请补齐测算"),
)

SCORES: dict[str, tuple[int, int]] = {
    "delivery.late": (1, 1),
    "delivery.damaged": (1, 1),
    "delivery.no_tracking": (2, 1),
    "product.defect": (1, 2),
    "product.hard_to_use": (3, 2),
    "price.dropped": (2, 2),
    "promo.not_honoured": (2, 2),
    "billing.refund_slow": (1, 1),
    "billing.invoice": (2, 1),
    "aftersales.install": (4, 4),
    "aftersales.return_refused": (2, 4),
    "membership.benefit": (4, 4),
    "digital.hard_to_find": (3, 1),
}
"""Value to the customer and to the company around which departments score."""
