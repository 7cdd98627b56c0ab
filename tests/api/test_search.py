"""Finding contacts by what was said: who finds what, where the words stand, what an erasure leaves."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib.adapters.sqlite import SqliteStore
from chalicelib.loop import erasure
from chalicelib.loop.context import Loop
from chalicelib.loop.listen.search import spans, terms_of
from chalicelib.loop.listen.take import take_one
from chalicelib.model.contact import Contact
from chalicelib.model.errors import Invalid
from chalicelib.model.people import SYSTEM

QUALITY = {"causes": ["product.defect"], "contact_kind": "complaint", "severity": 1}
BOTH = pytest.mark.parametrize("store", ["sqlite", "dynamo"], indirect=True)


def ids(said: Any) -> list[str]:
    return [hit["contact"]["id"] for hit in said.json["hits"]]


def look(api: Any, q: str, user: str = "agent", **more: Any) -> list[str]:
    return ids(api("POST", "/contacts/search", {"q": q, **more}, user=user))


@BOTH
def test_contacts_are_found_by_what_was_said_newest_first(api, take):
    old = take("包裹壓壞了，要退款", time="2026-11-02 10:00")["id"]
    new = take("订单ＱＨ-２６１１说好退款没退款", time="2026-11-16 10:00")["id"]
    take("账单看不懂", time="2026-11-17 10:00")
    assert look(api, "退款") == [new, old]
    assert look(api, "压坏") == [old]
    assert look(api, "qh-26") == [new]
    assert look(api, "退款 压坏") == look(api, " 壓壞　退款 ") == [old]
    assert look(api, "退款 看不懂") == []
    said = api("POST", "/contacts/search", {"q": "退款"}, user="agent")
    assert [hit["spans"] for hit in said.json["hits"]] == [[[11, 13], [14, 16]], [[7, 9]]]
    assert said.json["hits"][0]["contact"]["text"] == "订单ＱＨ-２６１１说好退款没退款"
    assert said.json["cursor"] == ""
    assert "fingerprint" not in said.text


@BOTH
def test_pages_follow_each_other(api, take):
    taken = [take(f"第{n}次催退款", time=f"2026-11-{n:02d} 10:00")["id"] for n in range(2, 9)]
    found, cursor = [], ""
    while True:
        said = api("POST", "/contacts/search", {"q": "退款", "limit": 3, "cursor": cursor}, user="agent")
        found, cursor = found + ids(said), said.json["cursor"]
        if not cursor:
            break
    assert found == taken[::-1]


def test_personal_data_is_masked_before_it_is_searched(api, take):
    take("请回电13912345678，王先生")
    assert look(api, "1391234") == []
    assert len(look(api, "请回电")) == 1


@pytest.mark.parametrize(
    ("user", "seen"),
    [("agent", "lq"), ("exec", "lq"), ("admin", "lq"), ("lead.logistics", "l"), ("lead.quality", "q"),
     ("lead.service", "")],
)  # fmt: skip
def test_a_lead_finds_what_concerns_its_departments(user, seen, api, take):
    known = {take("快递慢，很生气")["id"]: "l", take("锅坏了，很生气", **QUALITY)["id"]: "q"}
    assert "".join(sorted(known[i] for i in look(api, "很生气", user))) == seen


@pytest.mark.parametrize("limit", [1, 2, 3])
def test_a_lead_turns_pages_past_what_is_others(limit, api, take):
    mine = []
    for n in range(1, 13):
        fields = {"time": f"2026-11-{n:02d} 10:00", **({} if n % 3 else QUALITY)}
        key = take(f"第{n}次，很生气", **fields)["id"]
        mine += [] if n % 3 else [key]
    found, cursor = [], ""
    for _ in range(9):
        body = {"q": "很生气", "limit": limit, "cursor": cursor}
        said = api("POST", "/contacts/search", body, user="lead.quality")
        assert len(ids(said)) <= limit
        found, cursor = found + ids(said), said.json["cursor"]
        if not cursor:
            break
    assert found == mine[::-1]


@BOTH
def test_an_erasure_takes_the_words_out_of_the_search(api, take):
    gone = take("特别的词语在这里，13800138000")
    kept = take("特别的词语也在这里", customer="M-2")["id"]
    assert api("POST", f"/customers/{gone['customer']}/erase", {"purpose": "本人要求"}).status == 200
    assert look(api, "词语") == [kept]
    assert look(api, "已删除") == []


def test_an_erasure_leaves_no_part_of_a_word_on_disk(tmp_path, clock, loop):
    """Ideographs nobody uses: each pair of letters stands in the index as it is."""
    store = SqliteStore(str(tmp_path / "x.db"))
    here = Loop(store, loop.vault, loop.analyser, clock)
    row = {"channel": "web", "customer": "13800138000"}
    taken = take_one(here, SYSTEM, {"text": "龘靐齉齾在这里", **row})
    take_one(here, SYSTEM, {"text": "别人的话", **row, "customer": "M-2"})
    (contact,) = store.get(Contact, [taken.id]).values()
    erasure.erase(here, SYSTEM, contact.customer, "本人要求")
    kept = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert [letter for letter in "龘靐齉齾" if letter.encode() in kept] == []
    assert "别人的话".encode() in kept
    store.close()


def test_who_did_not_sign_in_finds_nothing(api):
    assert api("POST", "/contacts/search", {"q": "退款"}, user=None).status == 401


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ({}, "q"),
        ({"q": ""}, "q"),
        ({"q": " 　 "}, "q"),
        ({"q": "退" * 101}, "q"),
        ({"q": "一 二 三 四 五 六 七 八 九"}, "q"),
        ({"q": "退款", "limit": 201}, "limit"),
        ({"q": "退款", "cursor": "?"}, ""),
        ({"q": "退款", "week": "2026-W47"}, "week"),
    ],
)
def test_what_cannot_be_searched_for_is_refused(body, where, api):
    said = api("POST", "/contacts/search", body)
    assert (said.status, said.json["error"]["where"]) == (422, where)


@pytest.mark.parametrize(
    ("text", "query", "marked"),
    [
        ("退款退款", "退款", "[退款退款]"),
        ("哈哈哈，哈", "哈哈", "[哈哈哈]，哈"),
        ("不退款就投诉", "退款 款就投", "不[退款就投]诉"),
        ("不退款，投诉", "投诉 退款", "不[退款]，[投诉]"),
        ("退還ＡＢＣ", "退还 abc", "[退還ＡＢＣ]"),
        ("😀退款", "退款", "😀[退款]"),
        ("没有", "退款", "没有"),
    ],
)
def test_spans_say_where_the_terms_stand(text, query, marked):
    shown, at = "", 0
    for start, end in spans(text, terms_of(query)):
        shown, at = f"{shown}{text[at:start]}[{text[start:end]}]", end
    assert shown + text[at:] == marked


def test_the_terms_of_a_query_are_cleaned_like_the_texts():
    assert terms_of("退\u200b款  e\u0301t\u3000退款") == ["退款", "\u00e9t"]
    with pytest.raises(Invalid):
        terms_of("\u200d")
