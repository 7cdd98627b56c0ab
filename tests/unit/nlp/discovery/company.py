"""Contacts of an invented maker of door locks: what is known is marked, what is new is not."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from chalicelib.nlp.discovery.finding import Document

OPENINGS = (
    "你好",
    "上周在旗舰店下的单",
    "麻烦看一下",
    "家里老人在用",
    "第二次联系了",
    "帮我处理一下",
    "买来送爸妈的",
)
CLOSINGS = ("请尽快回复", "谢谢", "等你们答复", "心里不太舒服", "希望给个说法", "周末在家", "可以打我电话")
LATE = (
    "快递走了六天还没到",
    "物流一直停在中转站",
    "说好次日达结果拖了三天",
    "催了两回快递还是没动静",
    "物流信息好几天没更新",
)
NOISE = (
    "电机转起来声音很大",
    "晚上开门噪音吵醒孩子",
    "关门时电机嗡嗡响",
    "锁舌弹出来声音刺耳",
    "噪音比旧锁大多了",
)
FINGER = (
    "指纹怎么都录不进去",
    "按了十几次指纹没反应",
    "指纹识别老是失败",
    "手一湿指纹就打不开门",
    "录好的指纹第二天全没了",
    "孩子的指纹识别不了",
)
BILL = (
    "电子发票的抬头开错了",
    "申请的发票一个月没开出来",
    "发票税号填得不对",
    "发票发到了别人邮箱",
    "要重开一张专用发票",
)
CHAT = (
    "颜色和客厅挺搭",
    "朋友推荐过来的",
    "师傅人很好",
    "装上去挺好看",
    "打算再买一把",
    "门是老式木门",
    "小区刚交房",
    "密码我自己会设",
)


def contact(rng: Random, key: int, week: int, known: Sequence[str] = (), new: Sequence[str] = ()) -> Document:
    """One contact: a known complaint is explained, everything else is not."""
    clauses = [rng.choice(OPENINGS), rng.choice(CHAT), rng.choice(CLOSINGS)]
    said = rng.choice(known) if known else ""
    clauses[1:1] = [*([said] if said else []), *([rng.choice(new)] if new else [])]
    text = "，".join(clauses) + "。"
    start = text.find(said) if said else -1
    return Document(f"{key:05d}", text, week, ((start, start + len(said)),) if said else ())


def contacts(
    seed: int,
    *,
    weeks: int = 9,
    a_week: int = 60,
    new: Sequence[Sequence[str]] = (),
    many: int = 15,
    from_week: int = 8,
    beside: bool = False,
) -> list[Document]:
    """`many` contacts a week about each of `new` from a week on, beside a known complaint or alone."""
    rng = Random(seed)
    keys = iter(rng.sample(range(100_000), 20_000))
    found = []
    for week in range(weeks):
        for _ in range(a_week):
            found.append(contact(rng, next(keys), week, rng.choice((LATE, NOISE, ()))))
        for phrases in new if week >= from_week else ():
            known = LATE if beside else ()
            found += [contact(rng, next(keys), week, known, phrases) for _ in range(many)]
    return found


def about(documents: Sequence[Document], word: str) -> set[str]:
    """Keys of the contacts that hold a word."""
    return {one.key for one in documents if word in one.text}
