"""The shipped tagger, as tables of sentences."""

from __future__ import annotations

import csv
import re
import time
from functools import cache

import pytest

from chalicelib.model.analysis import Analysis, Tag
from chalicelib.nlp import clauses
from chalicelib.nlp.analyser import Tagger
from chalicelib.nlp.lexicon import DATA, CauseWords, word_classes
from chalicelib.nlp.phrases import compile_phrase, literals
from chalicelib.nlp.reading import ASKED
from chalicelib.nlp.tagger_file import shipped_model


@cache
def default() -> Tagger:
    """One analyser for the whole file: building it takes a second."""
    with (DATA / "causes.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return build([CauseWords(row["code"], row["label_zh"], row["definition_zh"]) for row in rows])


def build(causes: list[CauseWords]) -> Tagger:
    return Tagger(causes, shipped_model())


def analyse(text: str) -> Analysis:
    return default()([text])[0]


def codes(text: str) -> list[str]:
    return [tag.code for tag in analyse(text).causes]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("点了外卖一个多小时才送到，太慢了", "delivery.late"),
        ("显示已签收，可我根本没收到", "delivery.lost"),
        ("打开一看盒子压扁了，里面的汤全洒了", "delivery.damaged"),
        ("我要的是黑色，你们发错了颜色", "delivery.wrong_item"),
        ("快递员态度恶劣，还把包裹扔在门口", "delivery.courier"),
        ("请问我的订单什么时候发货", "delivery.no_tracking"),
        ("物流信息好几天没更新", "delivery.no_tracking"),
        ("洗衣机用了两个月就坏了，显示故障", "product.defect"),
        ("实物和图片完全不一样", "product.not_as_described"),
        ("感觉是假货，防伪码查不到", "product.counterfeit"),
        ("孩子吃了以后拉肚子", "product.safety"),
        ("菜太咸了，真难吃", "product.disappointing"),
        ("付款以后说没货，把我的订单取消了", "product.out_of_stock"),
        ("说明书看不懂，不会安装", "product.hard_to_use"),
        ("价格太贵，性价比低", "price.too_high"),
        ("刚买第二天就降价一百块", "price.dropped"),
        ("说好的优惠券不能用", "promo.not_honoured"),
        ("我的积分怎么清零了", "membership.benefit"),
        ("这个月话费账单看不懂", "billing.unclear"),
        ("停车场重复扣款，多收了二十块", "billing.overcharged"),
        ("退款半个月了还没到账", "billing.refund_slow"),
        ("发票怎么开", "billing.invoice"),
        ("信用卡支付失败，一直付不了款", "billing.payment_failed"),
        ("商家拒绝退货，还要我自己出运费", "aftersales.return_refused"),
        ("这件衣服怎么退", "aftersales.return_refused"),
        ("空调修了三次还是修不好", "aftersales.repair"),
        ("约好今天装宽带，师傅没来安装", "aftersales.install"),
        ("承诺三天内回电，到现在没人联系我", "aftersales.promise_broken"),
        ("客服态度很差，还骂人", "service.attitude"),
        ("客服电话一直打不通", "service.unreachable"),
        ("两个客服前后说法不一，答非所问", "service.wrong_answer"),
        ("银行网点排队等了两个小时", "store.wait"),
        ("酒店前台态度冷淡", "store.staff"),
        ("房间隔音很差，有霉味", "store.environment"),
        ("宾馆设施陈旧，没有热水", "store.facility"),
        ("APP一打开就闪退", "digital.bug"),
        ("账号被封了，登录不了", "digital.account"),
        ("找了半天找不到入口，步骤太繁琐", "digital.hard_to_find"),
        ("健身卡不给退，解约还要违约金", "contract.cancel"),
        ("没告诉我就自动续费，还默认勾选", "contract.hidden_terms"),
        ("我的手机号被泄露了，天天接到骚扰电话", "privacy.leak"),
    ],
)
def test_finds_the_cause(text: str, expected: str) -> None:
    assert expected in codes(text)


@pytest.mark.parametrize(
    "text",
    [
        "今天天气不错",
        "东西收到了，没有破损，很满意",
        "检查过了，不是质量问题",
        "价格不贵，味道很好，推荐",
        "送餐一点也不慢，骑手态度很好",
        "漏水的问题已经解决了，谢谢",
        "一直担心会摔坏，结果很完美",
        "不知道好不好，先买来试试",
        "裙子不错，掉色不掉色还不知道",
        "店里没人态度差，挺好",
        "差不多就是这样",
        "？？？",
        "   ",
        "",
    ],
)
def test_finds_no_cause_where_there_is_none(text: str) -> None:
    assert codes(text) == []


def test_what_is_granted_counts_less() -> None:
    def surest(text: str) -> float:
        hits = default().reader.read(text).hits
        return max((hit.weight for hit in hits if hit.rule.code == "delivery.late"), default=0.0)

    assert 0 < surest("虽然送得太慢，但是味道更难吃") <= surest("送得太慢，味道更难吃") / 2
    granted, plain = (analyse(text).causes for text in ("虽然价格太贵，但是非常满意", "价格太贵"))
    assert sum(tag.confidence for tag in granted) < plain[0].confidence


@pytest.mark.parametrize(
    ("written", "same"),
    [
        ("送貨太慢了，客服電話一直打不通", "送货太慢了，客服电话一直打不通"),
        ("ＡＰＰ閃退", "app闪退"),
    ],
)
def test_traditional_and_full_width_are_the_same(written: str, same: str) -> None:
    assert analyse(written) == analyse(same)
    assert codes(written)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("垃圾商家，东西是坏的", "complaint"),
        ("请问几天能到货？", "inquiry"),
        ("麻烦帮我修改一下收货地址", "request"),
        ("建议增加夜间配送", "suggestion"),
        ("味道很好，非常满意", "praise"),
        ("不错的酒店，早餐可以，大堂很漂亮，呵呵", "praise"),
        ("嗯", "other"),
        ("停车场也满了，绕了三圈", "complaint"),  # no cause, no word of blame, and none of praise
    ],
)
def test_kind(text: str, kind: str) -> None:
    assert analyse(text).kind == kind


@pytest.mark.parametrize(
    ("text", "severity"),
    [
        ("味道很好，非常满意", 0),
        ("菜有点咸", 1),
        ("重复扣款，骗子！", 2),
        ("行驶中刹车失灵", 3),
        ("全家吃完食物中毒住院了", 3),
        ("没有食物中毒，就是菜有点咸", 1),
        ("一看里面烂了，谢谢", 2),
        ("空调漏电差点把我电死，太危险了", 3),
    ],
)
def test_severity(text: str, severity: int) -> None:
    assert analyse(text).severity == severity


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("再不处理我就打12315，还要找律师起诉", ["authority"]),
        ("不退钱我就发抖音曝光你们", ["media"]),
        ("插座漏电，差点触电", ["health"]),
        ("送得有点慢", []),
    ],
)
def test_triggers(text: str, expected: list[str]) -> None:
    assert [tag.code for tag in analyse(text).triggers] == expected


def test_doubt_is_where_rules_and_learner_disagree() -> None:
    agreed, apart = analyse("今天天气不错"), analyse("客服态度非常差，骂人")
    assert 0 <= agreed.doubt < 0.2
    assert 0 <= apart.doubt <= 1
    assert agreed.doubt != apart.doubt


def test_unsure_is_a_complaint_that_no_cause_explains() -> None:
    assert analyse("太过分了，气死我了").unsure
    assert not analyse("发票开错了").unsure
    assert not analyse("今天天气不错").unsure


def test_evidence_fits_the_text() -> None:
    text = "😀 您好，訂單顯示已簽收，但我沒收到；客服電話打不通！"
    found = {tag.code: [text[start:end] for start, end in tag.evidence] for tag in analyse(text).causes}
    assert found["service.unreachable"] == ["客服電話打不通"]
    assert all(part for parts in found.values() for part in parts)


def test_at_most_four_causes_strongest_first() -> None:
    text = "送得太慢，包装破损，客服态度差，不给退货，发票没开，价格太贵，味道难吃"
    found = analyse(text).causes
    assert len(found) == 4
    assert min(tag.confidence for tag in found) >= 0.45


def test_own_taxonomy() -> None:
    own = build(
        [
            CauseWords("lift.stuck", "电梯困人", "电梯停运、困人", ("电梯困人", "电梯停了")),
            CauseWords("parking.taken", "车位被占", "车位被占；乱停车、堵门"),
        ]
    )
    texts = ["昨晚电梯停了半小时", "楼下乱停车，没人管", "电梯没有困人", "菜太咸了"]
    found = [[tag.code for tag in analysis.causes] for analysis in own(texts)]
    assert found == [["lift.stuck"], ["parking.taken"], [], []]
    assert own.version != default().version


def test_two_analysers_do_not_share_their_rules() -> None:
    first = build([CauseWords("a", "红灯", "", ("红灯不亮",))])
    second = build([CauseWords("b", "绿灯", "", ("绿灯不亮",))])
    text = "红灯不亮，绿灯不亮"
    assert [[tag.code for tag in one([text])[0].causes] for one in (first, second)] == [["a"], ["b"]]


def test_batches_keep_order_and_may_be_empty() -> None:
    assert default()([]) == []
    texts = ["发票没开", "嗯", "客服电话打不通"] * 100
    assert default()(texts) == [analyse(text) for text in texts[:3]] * 100


def test_reading_time_grows_with_the_text_and_not_with_its_square() -> None:
    text = ("这个东西送得太慢包装也破了没有人理我" * 1200)[:20_000]
    default()([text[:100]])
    short = min(_seconds(text[:5_000]) for _ in range(3))
    assert (
        min(_seconds(text) for _ in range(3)) < 10 * short
    )  # four times as long; its square would be sixteen times
    found = default()([text])[0]
    assert all(end <= len(text) for tag in found.causes for _, end in tag.evidence)


def _seconds(text: str) -> float:
    start = time.process_time()
    default()([text])
    return time.process_time() - start


def test_every_lexicon_row_can_be_used() -> None:
    with (DATA / "causes.csv").open(encoding="utf-8") as file:
        known = {row["code"] for row in csv.DictReader(file)}
    with (DATA / "lexicon.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert {row["code"] for row in rows} == known
    for row in rows:
        assert compile_phrase(row["phrase"], word_classes()).needs
        assert 0 < float(row["weight"]) < 1
    said = " ".join(f"{row['phrase']} {row['needs']} {row['not']}" for row in rows)
    words = [word for some in word_classes().values() for word in some]
    used = set(re.findall(r"[^\s@|()?*]+", " ".join([said, *words])))
    assert set(word_classes()) - used - set(ASKED) == set()
    assert [name for name, some in word_classes().items() if len(set(some)) < len(some)] == []


@pytest.mark.parametrize(
    ("phrase", "text", "matches"),
    [
        ("送 慢|晚", "送得也太晚", True),
        ("送 慢|晚", "送东西的人走得实在太晚", False),
        ("(很|太)?贵", "贵", True),
        ("(很|太)*差评", "很太差评", True),
        ("@水果 坏", "苹果都坏", True),
    ],
)
def test_phrase_notation(phrase: str, text: str, matches: bool) -> None:
    compiled = compile_phrase(phrase, {"水果": ("苹果", "梨")})
    assert bool(compiled.pattern().search(text)) is matches
    if matches:
        assert all(any(word in text for word in words) for words in compiled.needs)


@pytest.mark.parametrize(
    "phrase", ["", "(很|太", "很)", "@没有这类", "很?", "很+贵", "((很|太)*)*贵", "(慢*)*晚"]
)
def test_bad_phrases_are_refused(phrase: str) -> None:
    with pytest.raises(ValueError, match=r"phrase|brackets|class|word|repeat"):
        compile_phrase(phrase, {})


def test_class_words_are_spelt_out() -> None:
    assert literals(["态度(很|太)?差", "凶"]) == {"态度差", "态度很差", "态度太差", "凶"}


def test_clauses() -> None:
    text = "菜好，但是慢。3.5元 贵"
    assert [text[start:end] for start, end in clauses.split(text)] == ["菜好", "但是慢", "3.5元", "贵"]


@pytest.mark.parametrize("span", [(3, 3), (4, 2), (-1, 2)])
def test_evidence_must_be_a_span(span: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="evidence"):
        Tag(code="a", confidence=0.5, evidence=(span,))


@pytest.mark.parametrize("text", ["。", "👍。", "……！？"])
def test_signs_alone_say_nothing(text: str) -> None:
    assert analyse(text).causes == ()
