"""What turns a statement round, and which phrases give way, as tables of sentences read by the lexicon alone."""

from __future__ import annotations

import csv
from functools import cache

import pytest

from chalicelib.nlp.lexicon import DATA, CauseWords, rules_for
from chalicelib.nlp.reading import ENOUGH, Reader
from chalicelib.privacy.text import fold


@cache
def reader() -> Reader:
    """One reader for the whole file."""
    with (DATA / "causes.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return Reader(rules_for([CauseWords(row["code"], row["label_zh"], row["definition_zh"]) for row in rows]))


def codes(text: str) -> set[str]:
    """The causes that the phrases of a text are enough for."""
    return {hit.rule.code for hit in reader().read(fold(text)).hits if hit.weight >= ENOUGH}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("主要是肉太少了", "product.disappointing"),  # 要是 is no condition here
        ("外放的声音特别刺耳", "product.disappointing"),  # nor is 别 a ban
        ("骑手晚到了四十分钟", "delivery.late"),
        ("面都坨了没法吃", "product.disappointing"),
        ("房间里一股霉味，根本睡不着", "store.environment"),
        ("酒店的早餐品种很少", "store.facility"),
        ("标着一斤，实际上缺斤少两", "product.not_as_described"),
        ("前台的小伙子板着脸，房间还行", "store.staff"),
        ("备注写了免葱，送来还是一层葱", "delivery.wrong_item"),
        ("客服说跟他们没关系", "service.attitude"),
        ("骑手不愿意爬五楼，喊我下去拿", "delivery.courier"),
        ("筷子勺子全被汤泡了", "delivery.damaged"),
        ("包裹好几天没动了，单号也查不到", "delivery.no_tracking"),
        ("要的是热拿铁，给我的冰拿铁", "delivery.wrong_item"),
        ("够不上四星的标准，酒店太旧", "store.facility"),
        ("喝粥喝到沙子，硌了牙", "product.safety"),
        ("楼下超市还便宜两块", "price.too_high"),
        ("前厅很气派，不过隔音差", "store.environment"),  # 不过 denies nothing
        ("酒店只有没有空调的房间", "store.facility"),  # this 有没有 asks nothing
        ("十一点下的单，13：15送达", "delivery.late"),  # a time is not two clauses
    ],
)
def test_is_said(text: str, expected: str) -> None:
    assert expected in codes(text)


@pytest.mark.parametrize(
    "text",
    [
        "音质不比大牌差",
        "这个价位的做工不输给大牌",
        "价格和超市差不多",
        "要是送得太慢就退掉",
        "没有异味，也不掉色",
        "酒店离地铁站不远",
        "洗完脸上很干净",  # 干 goes on to say the opposite
        "味道淡淡的",
        "擦了三天，脸上不过敏",
        "请问房间里有没有异味",
    ],
)
def test_is_not_said(text: str) -> None:
    assert codes(text) == set()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("点了两份凉皮，只送了一份过来", "delivery.wrong_item"),
        ("我订的是豪华大床房，到了却给个标间", "delivery.wrong_item"),
        ("问了客服好几次，到现在也没结果", "aftersales.promise_broken"),
    ],
)
def test_is_said_in_two_clauses(text: str, expected: str) -> None:
    assert expected in codes(text)


def test_a_phrase_reaches_no_further_than_the_next_clause() -> None:
    assert "delivery.wrong_item" not in codes("点了两份凉皮，味道好，下午刚送到家")


def test_what_a_chat_only_touches_on_yields_to_its_point() -> None:
    passing = "你好 发票是电子的"
    assert codes(passing) == {"billing.invoice"}
    point = "充电器坏了 保修期多久 可以维修吗 怎么报修 维修要多久 维修地址在哪 维修点远吗 能上门维修吗"
    assert "billing.invoice" not in codes(f"{passing} {point}")
    assert "aftersales.repair" in codes(f"{passing} {point}")


def test_faint_phrases_give_way_to_a_surer_cause() -> None:
    assert codes("很失望") == {"product.disappointing"}
    assert codes("送了三个小时才到，很失望") == {"delivery.late"}


def test_what_gives_way_counts_once_however_often_it_is_said() -> None:
    hits = reader().read(fold("送了三个小时才到，垃圾，真是垃圾，垃圾店")).hits
    assert [hit.rule.code for hit in hits].count("product.disappointing") == 1
    assert [hit.rule.code for hit in reader().read(fold("垃圾，真是垃圾")).hits].count(
        "product.disappointing"
    ) > 1


def test_what_installing_costs_is_no_price_of_the_thing() -> None:
    assert codes("安装师傅来过了，就是安装太贵了") == {"aftersales.install"}
    assert codes("热水器太贵了") == {"price.too_high"}
