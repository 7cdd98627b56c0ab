"""What every store promises about search: nothing is missed, nothing else is found. Runs against all adapters."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.model.entity import Entity, Entry, Searched
from chalicelib.model.errors import Conflict, Invalid
from chalicelib.ports import Change, Store
from chalicelib.privacy.text import fold

Fresh = Callable[[], AbstractContextManager[Store]]


class Note(Entity):
    """Something that was said in a week."""

    kind = "contract_note"

    id: str
    text: str | None = None
    at: int = 0
    """Milliseconds; a week has 100."""

    @property
    def key(self) -> str:
        """Its id."""
        return self.id

    def entries(self) -> Iterable[Entry]:
        """Its week."""
        return [Entry("note.week", f"{self.at // 100:03d}", f"{self.at:015d}")]

    def searched(self) -> Searched | None:
        """What was said, if anything."""
        return None if self.text is None else Searched(*self.entries(), self.text)


class Remark(Note):
    """A second kind in the same lists."""

    kind = "contract_remark"


def new(note: Note) -> Change:
    """It comes."""
    return Change(None, note.model_copy(update={"version": 1}))


def put(store: Store, *notes: Note) -> None:
    """Save new notes."""
    store.save([new(note) for note in notes], {})


def change(store: Store, key: str, **fields: object) -> None:
    """Save a note as it becomes."""
    before = store.get(Note, [key])[key]
    store.save([Change(before, before.model_copy(update={**fields, "version": before.version + 1}))], {})


def found(store: Store, *terms: str, kind: type[Note] = Note, limit: int = 100) -> list[str]:
    """All pages of a search."""
    keys: list[str] = []
    mark = ""
    while True:
        page = store.search(kind, terms, limit=limit, after=mark)
        assert len(page.keys) <= limit
        keys, mark = keys + page.keys, page.next
        if not mark:
            return keys


@pytest.mark.parametrize(
    ("text", "term"),
    [
        ("快递三天了还没送到", "快递"),
        ("快递三天了还没送到", "送到"),
        ("快递三天了还没送到", "三天了还没"),
        ("我要退款", "退款"),
        ("請盡快處理退貨", "请尽快处理"),
        ("请尽快处理退货", "請盡快處理"),
        ("订单ＱＨ２６１１２１", "qh2611"),
        ("订单qh261121，", "ＱＨ261121"),
        ("型号 iPhone15Pro", "IPHONE15"),
        ("第12345678号", "345"),
        ("打了3.5折，说好的是3折", "3.5折"),
        ("说“好的”！他说", "！他"),
        ("他说!真的", "！真"),
        ("路由器【电话】坏了", "】坏"),
        ("给\"他\"和'她'", "\"和'"),
        ("a-b_c*d^e(f){g}[h]\\i", "^e(f){g}[h]\\i"),
        ("100%_", "%_"),
        ("太棒了😀👍🏽", "😀👍"),
        ("𠮷野家的饭", "𠮷野"),
        ("家人👨\u200d👩\u200d👧都", "👨\u200d👩"),
        ("老手机\ue001\ue002", "\ue001\ue002"),
        ("坏\x00\x01了", "\x00\x01"),
        ("一", "一"),
        ("退，款", "，"),
        ("not AND or NEAR here", "NEAR"),
    ],
)
def test_a_term_is_found_inside_running_text(store: Store, text: str, term: str) -> None:
    put(store, Note(id="a", text=text), Note(id="b", text="别的事情"), Note(id="c"))
    assert found(store, term) == ["a"]


@pytest.mark.parametrize(
    ("text", "term"),
    [
        ("不用退，退款就行", "不退款"),
        ("退 款", "退款"),
        ("退\n款", "退款"),
        ("退货，款项", "退款"),
        ("1234", "12345"),
        ("", "退款"),
        ("%", "_"),
        ("abc", "a_c"),
    ],
)
def test_what_does_not_hold_the_term_is_not_found(store: Store, text: str, term: str) -> None:
    put(store, Note(id="a", text=text))
    assert found(store, term) == []


def test_all_terms_must_be_there(store: Store) -> None:
    put(store, Note(id="a", text="快递丢了要退款", at=3), Note(id="b", text="要退款", at=2))
    put(store, Note(id="c", text="退款，快递", at=1))
    assert found(store, "退款", "快递") == ["a", "c"]
    assert found(store, "快递", "丢") == ["a"]
    assert found(store, "退款", "没有") == []


def test_the_newest_comes_first_across_weeks(store: Store) -> None:
    times = {"a": 250, "b": 99, "c": 100, "d": 251, "e": 0, "f": 101}
    put(store, *(Note(id=key, text="退款", at=at) for key, at in times.items()))
    newest = ["d", "a", "f", "c", "b", "e"]
    assert found(store, "退款") == newest
    for limit in (1, 2, 6):
        assert found(store, "退款", limit=limit) == newest


def test_of_one_moment_all_are_found_once(store: Store) -> None:
    put(store, *(Note(id=f"k{n}", text="退款", at=7) for n in range(9)))
    assert sorted(found(store, "退款", limit=2)) == [f"k{n}" for n in range(9)]


def test_kinds_are_apart(store: Store) -> None:
    put(store, Note(id="a", text="退款"), Remark(id="a", text="退款"), Remark(id="b", text="退款"))
    assert found(store, "退款", limit=1) == ["a"]
    assert sorted(found(store, "退款", kind=Remark)) == ["a", "b"]


def test_the_index_follows_changes_of_the_text(store: Store) -> None:
    put(store, Note(id="a", text="电话13800138000，退款"))
    change(store, "a", text="【电话】，退款")
    assert (found(store, "138001"), found(store, "退款")) == ([], ["a"])
    change(store, "a", text=None)
    assert found(store, "退款") == []
    change(store, "a", text="又来退款")
    assert found(store, "又来") == ["a"]
    change(store, "a", at=500)
    assert found(store, "又来") == ["a"]
    store.save([Change(store.get(Note, ["a"])["a"], None)], {})
    assert found(store, "又来") == []
    put(store, Note(id="a", text="再来"))
    assert (found(store, "又来"), found(store, "再来")) == ([], ["a"])


def test_a_refused_save_leaves_the_index_alone(store: Store) -> None:
    put(store, Note(id="a", text="退款"))
    with pytest.raises(Conflict):
        store.save([new(Note(id="b", text="退款")), new(Note(id="a", text="发货"))], {})
    assert (found(store, "退款"), found(store, "发货")) == (["a"], [])


def test_scrubbing_changes_no_answer(store: Store) -> None:
    store.scrub()
    for n in range(12):
        put(store, Note(id=f"k{n}", text=f"第{n}次退款", at=n))
    change(store, "k3", text="没事了")
    for _ in range(2):
        store.scrub()
        assert found(store, "退款") == [f"k{n}" for n in range(11, -1, -1) if n != 3]
        assert found(store, "3次") == []


@pytest.mark.parametrize("mark", ["?", "甲", "====", "1.5", "9" * 19, "-" + "9" * 19, "WyJ4Iiwg", "bnVsbA=="])
def test_a_foreign_mark_is_refused(store: Store, mark: str) -> None:
    put(store, Note(id="a", text="退款"))
    with pytest.raises(Invalid) as caught:
        store.search(Note, ["退款"], after=mark)
    assert caught.value.code == "store.page"


# any texts

LETTERS = "退還还款Aaａ1１,， \n😀\u200d"
TEXTS = st.text(LETTERS, max_size=7)
NOTES = st.dictionaries(
    st.sampled_from([f"k{n}" for n in range(8)]),
    st.tuples(st.none() | TEXTS, st.integers(0, 350)),
    max_size=8,
)
TERMS = st.lists(
    st.text("".join(LETTERS.split()), min_size=1, max_size=3) | st.sampled_from(["退還", "还款", "Aa"]),
    min_size=1,
    max_size=2,
)


def brute_force(notes: dict[str, tuple[str | None, int]], terms: Sequence[str]) -> list[str]:
    """The answer by looking at every text, newest first; by key where the time is the same."""
    fits = [
        (-at, key)
        for key, (text, at) in notes.items()
        if text is not None and all(fold(term) in fold(text) for term in terms)
    ]
    return [key for _, key in sorted(fits)]


def in_order(keys: list[str], notes: dict[str, tuple[str | None, int]]) -> list[str]:
    """Sorted by key where the time is the same, as long as the times descend."""
    times = [-notes[key][1] for key in keys]
    assert times == sorted(times)
    return [key for _, key in sorted(zip(times, keys, strict=True))]


@settings(max_examples=40, deadline=None, derandomize=True, database=None)
@given(first=NOTES, then=NOTES, terms=TERMS, limit=st.integers(1, 4))
def test_any_texts_are_found_as_by_looking_at_each(
    fresh: Fresh,
    first: dict[str, tuple[str | None, int]],
    then: dict[str, tuple[str | None, int]],
    terms: list[str],
    limit: int,
) -> None:
    with fresh() as store:
        put(store, *(Note(id=key, text=text, at=at) for key, (text, at) in first.items()))
        old = store.get(Note, list(then))
        store.save([_becomes(old.get(key), key, *said) for key, said in then.items()], {})
        notes = first | then
        assert in_order(found(store, *terms, limit=limit), notes) == brute_force(notes, terms)


def _becomes(before: Note | None, key: str, text: str | None, at: int) -> Change:
    version = before.version + 1 if before else 1
    return Change(before, Note(id=key, text=text, at=at, version=version))
