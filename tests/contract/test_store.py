"""What every store promises. Each test runs against all adapters."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.model.entity import Entity, Entry
from chalicelib.model.errors import Conflict
from chalicelib.ports import Change, DeadLetter, Store, Work

Fresh = Callable[[], AbstractContextManager[Store]]
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


class Thing(Entity):
    """Something that is listed wherever the test says."""

    kind = "contract_thing"

    id: str
    text: str = ""
    places: tuple[tuple[str, str, str], ...] = ()

    @property
    def key(self) -> str:
        """Its id."""
        return self.id

    def entries(self) -> Iterable[Entry]:
        """Its places."""
        return [Entry(*place) for place in self.places]


class Other(Thing):
    """A second kind with the same keys and lists."""

    kind = "contract_other"


def new(entity: Entity) -> Change:
    """It comes."""
    return Change(None, entity.model_copy(update={"version": 1}))


def changed(before: Entity, **fields: object) -> Change:
    """It becomes another."""
    return Change(before, before.model_copy(update={**fields, "version": before.version + 1}))


def put(store: Store, *things: Thing) -> list[Thing]:
    """Save new things; as they are stored."""
    store.save([new(thing) for thing in things], {})
    return [thing.model_copy(update={"version": 1}) for thing in things]


def listed(*sorts: str, index: str = "thing.week", partition: str = "w1") -> tuple[tuple[str, str, str], ...]:
    """Places in one partition."""
    return tuple((index, partition, sort) for sort in sorts)


def after(seconds: float) -> datetime:
    """So long after NOW."""
    return NOW + timedelta(seconds=seconds)


# entities


def test_what_was_saved_is_read_and_the_missing_left_out(store: Store) -> None:
    a, b = put(store, Thing(id="a/1", text="一"), Thing(id="b", wake=NOW, demo=True, pending="tag"))
    assert store.get(Thing, ["a/1", "没有", "b", "a/1"]) == {"a/1": a, "b": b}
    assert store.get(Thing, []) == {}


def test_the_same_key_of_another_kind_is_another_entity(store: Store) -> None:
    put(store, Thing(id="a", text="thing", places=listed("1")))
    put(store, Other(id="a", text="other", places=listed("1")), Other(id="b", places=listed("2")))
    assert store.get(Thing, ["a"])["a"].text == "thing"
    assert store.get(Other, ["a"])["a"].text == "other"
    assert store.find(Thing, "thing.week", "w1").keys == ["a"]
    assert store.find(Other, "thing.week", "w1", limit=1).keys == ["a"]
    assert [thing.text for thing in store.scan(Thing)] == ["thing"]


def test_very_many_are_read_at_once(store: Store) -> None:
    keys = [f"k{n:03d}" for n in range(130)]
    for i in range(0, 130, 65):
        put(store, *(Thing(id=key) for key in keys[i : i + 65]))
    assert sorted(store.get(Thing, [*keys, "missing"])) == keys
    assert sorted(thing.id for thing in store.scan(Thing)) == keys


@pytest.mark.parametrize(
    "text", ["", "退款还没到账😀\n\x00\"'\\", "钱" * 20_000, "".join(map(chr, range(0x4E00, 0x9E00)))]
)
def test_any_text_comes_back_unchanged(store: Store, text: str) -> None:
    put(store, Thing(id="a", text=text))
    assert store.get(Thing, ["a"])["a"].text == text
    assert [thing.text for thing in store.scan(Thing)] == [text]


def test_an_entity_can_change_and_go_and_come_again(store: Store) -> None:
    (a,) = put(store, Thing(id="a", text="1"))
    store.save([changed(a, text="2")], {})
    now = store.get(Thing, ["a"])["a"]
    assert (now.text, now.version) == ("2", 2)
    store.save([Change(now, None)], {})
    assert store.get(Thing, ["a"]) == {}
    assert list(store.scan(Thing)) == []
    put(store, Thing(id="a", text="3"))
    assert store.get(Thing, ["a"])["a"].text == "3"


def test_nothing_to_save_is_no_error(store: Store) -> None:
    store.save([], {})
    store.save([], {("cpx", "w1", "n"): 0})
    assert store.families() == []


def test_a_large_commit_is_one(store: Store) -> None:
    assert store.capacity >= 90
    things = [Thing(id=f"k{n:02d}", places=listed(f"{n:02d}")) for n in range(45)]
    cells = {("cpx", f"w{n}", field): n + 1 for n in range(4) for field in ("n", "cost")}
    store.save([new(thing) for thing in things], cells)
    assert store.find(Thing, "thing.week", "w1").keys == [thing.id for thing in things]
    assert store.cells("cpx") == cells


def test_a_frozen_store_is_read_like_the_store(shelf: Store) -> None:
    shelf.save([], {("cpx", "w1", "n"): 1})
    with shelf.frozen() as still:
        assert still.get(Thing, ["a", "x"]) == shelf.get(Thing, ["a", "x"])
        assert still.find(Thing, "thing.week", "w1").keys == ["a", "b/2", "c", "d", "e", "f"]
        assert len(list(still.scan(Thing))) == 9
        assert {family: still.cells(family) for family in still.families()} == {
            "cpx": {("cpx", "w1", "n"): 1}
        }


# all or nothing


def stale_change(a: Thing) -> Change:
    """Made from a version that is no longer stored."""
    return changed(a.model_copy(update={"version": 7}))


@pytest.mark.parametrize(
    "refused",
    [
        lambda a: new(Thing(id="a")),
        stale_change,
        lambda a: Change(a.model_copy(update={"version": 7}), None),
        lambda a: changed(Thing(id="never", version=1)),
        lambda a: Change(Thing(id="never", version=1), None),
    ],
    ids=["comes twice", "stale change", "stale removal", "change of nothing", "removal of nothing"],
)
@pytest.mark.parametrize("position", [0, 2])
def test_a_conflict_leaves_nothing_of_the_save(
    store: Store, refused: Callable[[Thing], Change], position: int
) -> None:
    a, b = put(store, Thing(id="a", text="1", places=listed("1")), Thing(id="b", places=listed("2")))
    store.save([], {("cpx", "w1", "n"): 5})
    changes = [new(Thing(id="c", places=listed("3"))), changed(b, pending="tag", places=listed("4"))]
    changes.insert(position, refused(a))
    with pytest.raises(Conflict) as caught:
        store.save(changes, {("cpx", "w1", "n"): 1, ("cost", "w1", "fen"): 1})
    assert caught.value.code == "store.conflict"
    assert store.get(Thing, ["a", "b", "c", "never"]) == {"a": a, "b": b}
    assert store.find(Thing, "thing.week", "w1").keys == ["a", "b"]
    assert store.cells("cpx") == {("cpx", "w1", "n"): 5}
    assert (store.families(), store.waiting()) == (["cpx"], 0)


def test_of_writers_racing_for_one_entity_one_wins(store: Store) -> None:
    (a,) = put(store, Thing(id="a"))
    start = Barrier(4)

    def write(n: int) -> bool:
        start.wait()
        try:
            store.save([changed(a, text=str(n))], {("cpx", "w1", "n"): 1})
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(4) as threads:
        won = list(threads.map(write, range(4)))
    assert won.count(True) == 1
    assert store.get(Thing, ["a"])["a"].text == str(won.index(True))
    assert store.cells("cpx") == {("cpx", "w1", "n"): 1}


# lists


@pytest.fixture
def shelf(store: Store) -> Store:
    """Sorts 10, 20, 20, 20, 30, 40 in one partition, and neighbours that must never show."""
    sorts = {"a": "10", "c": "20", "b/2": "20", "d": "20", "e": "30", "f": "40"}
    put(store, *(Thing(id=key, places=listed(sort)) for key, sort in sorts.items()))
    put(
        store,
        Thing(id="x", places=listed("20", partition="w2")),
        Thing(id="y", places=listed("20", index="thing.cause")),
        Thing(id="z", places=listed("20", partition="w1/x") + listed("20", partition="w")),
    )
    return store


@pytest.mark.parametrize(
    ("low", "high", "keys"),
    [
        ("", "~", ["a", "b/2", "c", "d", "e", "f"]),
        ("20", "30", ["b/2", "c", "d", "e"]),
        ("20", "20", ["b/2", "c", "d"]),
        ("2", "3", ["b/2", "c", "d"]),
        ("200", "400", ["e", "f"]),
        ("11", "19", []),
        ("30", "20", []),
        ("", "", []),
    ],
)
def test_a_list_is_in_order_and_both_bounds_belong_to_it(
    shelf: Store, low: str, high: str, keys: list[str]
) -> None:
    assert shelf.find(Thing, "thing.week", "w1", low=low, high=high) == (keys, "")
    assert shelf.find(Thing, "thing.week", "w1", low=low, high=high, newest_first=True) == (keys[::-1], "")


@pytest.mark.parametrize("newest_first", [False, True])
@pytest.mark.parametrize("limit", [1, 2, 5, 6])
def test_pages_follow_each_other_without_gap_or_repetition(
    shelf: Store, limit: int, newest_first: bool
) -> None:
    pages, mark = [], ""
    while True:
        page = shelf.find(Thing, "thing.week", "w1", limit=limit, newest_first=newest_first, after=mark)
        pages.append(page.keys)
        mark = page.next
        if not mark:
            break
    keys = ["a", "b/2", "c", "d", "e", "f"][:: -1 if newest_first else 1]
    assert pages == [keys[i : i + limit] for i in range(0, 6, limit)]


def test_a_page_goes_on_where_the_last_key_has_gone_meanwhile(shelf: Store) -> None:
    first = shelf.find(Thing, "thing.week", "w1", limit=2)
    shelf.save([Change(shelf.get(Thing, ["b/2"])["b/2"], None)], {})
    assert shelf.find(Thing, "thing.week", "w1", limit=2, after=first.next).keys == ["c", "d"]


def test_partitions_are_apart(shelf: Store) -> None:
    assert shelf.find(Thing, "thing.week", "w2").keys == ["x"]
    assert shelf.find(Thing, "thing.cause", "w1").keys == ["y"]
    assert shelf.find(Thing, "thing.cause", "w2").keys == []
    assert shelf.find(Thing, "thing.week", "w1/x").keys == ["z"]


def test_an_entity_moves_in_the_lists_as_it_changes(store: Store) -> None:
    (a,) = put(store, Thing(id="a", places=listed("1", "2") + listed("1", partition="w2")))
    assert store.find(Thing, "thing.week", "w1").keys == ["a", "a"]
    store.save([changed(a, places=listed("2", "3"))], {})
    assert store.find(Thing, "thing.week", "w1", high="1").keys == []
    assert store.find(Thing, "thing.week", "w1", low="2").keys == ["a", "a"]
    assert store.find(Thing, "thing.week", "w2").keys == []
    store.save([Change(store.get(Thing, ["a"])["a"], None)], {})
    assert store.find(Thing, "thing.week", "w1").keys == []


# stored numbers


def test_numbers_add_up_and_vanish_at_zero(store: Store) -> None:
    store.save([], {("cpx", "2026-W09", "n"): 3, ("cpx", "2026-W09", "费用"): 12_345_678_901_234})
    store.save([], {("cpx", "2026-W09", "n"): -5, ("cpx", "2026-W10", "n"): 1})
    assert store.cells("cpx") == {
        ("cpx", "2026-W09", "n"): -2,
        ("cpx", "2026-W09", "费用"): 12_345_678_901_234,
        ("cpx", "2026-W10", "n"): 1,
    }
    store.save([], {("cpx", "2026-W09", "n"): 2, ("cpx", "2026-W09", "费用"): -12_345_678_901_234})
    assert store.cells("cpx") == {("cpx", "2026-W10", "n"): 1}


@pytest.mark.parametrize(
    ("low", "high", "sorts"),
    [
        ("", "~", ["", "w08", "w09", "w09/a b", "w10"]),
        ("w09", "w09", ["w09"]),
        ("w09", "w10", ["w09", "w09/a b", "w10"]),
        ("w081", "w09", ["w09"]),
        ("w11", "w12", []),
        ("w10", "w08", []),
    ],
)
def test_numbers_are_read_by_range(store: Store, low: str, high: str, sorts: list[str]) -> None:
    store.save([], {("cpx", sort, "n"): 1 for sort in ("", "w08", "w09", "w09/a b", "w10")})
    store.save([], {("cpx/more", "w09", "n"): 1})
    assert store.cells("cpx", low, high) == {("cpx", sort, "n"): 1 for sort in sorts}


def test_families_with_numbers_are_known(store: Store) -> None:
    assert (store.families(), store.cells("cpx")) == ([], {})
    store.save([], {("cpx", "w1", "n"): 1, ("cost/电话", "w1", "n"): 1, ("none", "w1", "n"): 0})
    store.save([new(Thing(id="a"))], {("cpx", "w2", "n"): 1})
    assert sorted(store.families()) == ["cost/电话", "cpx"]


# owed work


def test_owed_work_is_lent_and_given_again_when_the_lease_is_over(store: Store) -> None:
    put(store, Thing(id="a/1", pending="tag"), Thing(id="b"))
    work = Work("contract_thing", "a/1", "tag", 0)
    assert store.due(NOW, 10, lease=30) == [work]
    assert store.due(after(29), 10) == []
    assert store.due(after(30), 10, lease=5) == [work]
    assert store.due(after(34), 10) == []
    assert store.due(after(35), 10) == [work]


def test_work_is_lent_once_however_many_ask(store: Store) -> None:
    put(store, *(Thing(id=f"k{n}", pending="tag") for n in range(24)))
    start = Barrier(3)

    def take(_: int) -> list[Work]:
        start.wait()
        return [work for _ in range(8) for work in store.due(NOW, 4)]

    with ThreadPoolExecutor(3) as threads:
        taken = [work.key for works in threads.map(take, range(3)) for work in works]
    assert sorted(taken) == sorted(f"k{n}" for n in range(24))


def test_no_more_work_is_lent_than_asked_for(store: Store) -> None:
    put(store, *(Thing(id=f"k{n}", pending="tag") for n in range(9)))
    sizes = [len(store.due(NOW, 4)) for _ in range(4)]
    assert sizes == [4, 4, 1, 0]


def test_saving_without_a_step_ends_the_work(store: Store) -> None:
    (a,) = put(store, Thing(id="a", pending="tag"))
    assert store.waiting() == 1
    store.save([changed(a, pending="")], {})
    assert (store.waiting(), store.due(after(99), 10)) == (0, [])


def test_saving_the_next_step_makes_it_due_at_once(store: Store) -> None:
    (a,) = put(store, Thing(id="a", pending="tag"))
    (work,) = store.due(NOW, 10, lease=60)
    store.postpone(work, "KeyError", after(600))
    store.save([changed(a, pending="own")], {})
    assert store.due(NOW, 10) == [Work("contract_thing", "a", "own", 0)]


def test_removal_ends_the_work(store: Store) -> None:
    (a,) = put(store, Thing(id="a", pending="tag", wake=NOW))
    store.save([Change(a, None)], {})
    assert (store.waiting(), store.due(NOW, 10), store.waking(NOW, 10)) == (0, [], [])


def test_failed_work_comes_again_at_its_time_with_its_count(store: Store) -> None:
    put(store, Thing(id="a", pending="tag"))
    for n in range(3):
        (work,) = store.due(after(100 * n), 10)
        assert work.attempts == n
        store.postpone(work, "TimeoutError", after(100 * n + 99.5))
        assert store.due(after(100 * n + 99), 10) == []
    assert (store.waiting(), store.dead()) == (1, [])


def test_the_oldest_work_comes_first(store: Store) -> None:
    put(store, *(Thing(id=key, pending="tag") for key in "abcdef"))
    until = dict(zip("abcdef", (5, 3, 1.5, 9, 2, 4), strict=True))
    for work in store.due(NOW, 10):
        store.postpone(work, "", after(until[work.key]))
    assert [store.due(after(9), 1)[0].key for _ in range(6)] == ["c", "e", "b", "f", "a", "d"]


def test_work_given_up_is_a_dead_letter_until_revived(store: Store) -> None:
    put(store, Thing(id="a", pending="tag"), Thing(id="b", pending="own"))
    for work in store.due(NOW, 10):
        store.postpone(work, "TimeoutError in tag", None if work.key == "a" else after(1))
    assert store.dead() == [DeadLetter("contract_thing", "a", "tag", 1, "TimeoutError in tag")]
    assert store.waiting() == 1
    assert [work.key for work in store.due(after(9_999), 10)] == ["b"]
    assert store.revive("contract_thing", "a")
    assert (store.dead(), store.waiting()) == ([], 2)
    assert store.due(NOW, 10) == [Work("contract_thing", "a", "tag", 0)]


@pytest.mark.parametrize("key", ["a", "quiet", "missing"])
def test_what_is_not_dead_cannot_be_revived(store: Store, key: str) -> None:
    put(store, Thing(id="a", pending="tag"), Thing(id="quiet"))
    assert not store.revive("contract_thing", key)
    assert store.waiting() == 1


def test_dead_letters_are_listed_up_to_a_limit(store: Store) -> None:
    put(store, *(Thing(id=key, pending="tag") for key in "cab"))
    for work in store.due(NOW, 10):
        store.postpone(work, "ValueError", None)
    assert [letter.key for letter in store.dead()] == ["a", "b", "c"]
    assert [letter.key for letter in store.dead(2)] == ["a", "b"]


def test_saving_or_removing_clears_a_dead_letter(store: Store) -> None:
    a, b = put(store, Thing(id="a", pending="tag"), Thing(id="b", pending="tag"))
    for work in store.due(NOW, 10):
        store.postpone(work, "ValueError", None)
    store.save([changed(a, text="put right"), Change(b, None)], {})
    assert store.dead() == []
    assert store.due(NOW, 10) == [Work("contract_thing", "a", "tag", 0)]


def test_a_failure_of_a_step_already_done_changes_nothing(store: Store) -> None:
    a, b, c = put(store, *(Thing(id=key, pending="tag") for key in "abc"))
    works = store.due(NOW, 10)
    store.save([changed(a, pending="own"), changed(b, pending=""), Change(c, None)], {})
    for work in works:
        store.postpone(work, "late", None)
    assert store.dead() == []
    assert store.due(NOW, 10) == [Work("contract_thing", "a", "own", 0)]
    assert store.get(Thing, ["c"]) == {}


# wake-ups


def test_whose_time_has_come_is_listed_earliest_first(store: Store) -> None:
    wakes = {"a": 5.0, "b/1": -1.0, "c": 0.25, "d": 3.0, "e": 86_400.0}
    put(store, *(Thing(id=key, wake=after(s)) for key, s in wakes.items()), Thing(id="never"))
    put(store, Other(id="a", wake=after(4)))
    thing, other = "contract_thing", "contract_other"
    assert store.waking(after(5), 10) == [
        (thing, "b/1"),
        (thing, "c"),
        (thing, "d"),
        (other, "a"),
        (thing, "a"),
    ]
    assert store.waking(after(5), 2) == [(thing, "b/1"), (thing, "c")]
    assert store.waking(after(0.24), 10) == [(thing, "b/1")]
    assert store.waking(after(-2), 10) == []


def test_a_wake_up_moves_and_goes_with_a_save(store: Store) -> None:
    a, b = put(store, Thing(id="a", wake=NOW), Thing(id="b", wake=NOW))
    store.save([changed(a, wake=None), changed(b, wake=after(60))], {})
    assert store.waking(NOW, 10) == []
    assert store.waking(after(60), 10) == [("contract_thing", "b")]


# any sequence

SORTS = st.text("ab-甲~", max_size=3)
PLACES = st.lists(st.tuples(st.sampled_from("xy"), st.sampled_from("pq"), SORTS), max_size=3).map(tuple)
FIELDS = st.fixed_dictionaries(
    {
        "text": st.text(max_size=5),
        "places": PLACES,
        "pending": st.sampled_from(["", "tag", "own"]),
        "wake": st.sampled_from([None, NOW, after(60)]),
    }
)
CELLS = st.dictionaries(
    st.tuples(st.sampled_from("mn"), SORTS, st.sampled_from("fg")), st.integers(-2, 2), max_size=3
)
STEPS = st.lists(
    st.tuples(st.dictionaries(st.sampled_from("ABCD"), st.none() | FIELDS, max_size=3), CELLS, st.booleans()),
    max_size=6,
)
BOUNDS = st.tuples(SORTS, SORTS | st.just("~"), st.integers(1, 4), st.booleans())


class Model:
    """What a store is meant to be, in a dictionary."""

    def __init__(self) -> None:
        self.things: dict[str, Thing] = {}
        self.cells: Counter[tuple[str, str, str]] = Counter()

    def changes(self, wanted: dict[str, dict[str, object] | None]) -> list[Change]:
        """The changes that make things as wanted."""
        out = []
        for key, fields in wanted.items():
            before = self.things.get(key)
            if fields is not None:
                out.append(
                    changed(before, **fields) if before else new(Thing(id=key).model_copy(update=fields))
                )
            elif before is not None:
                out.append(Change(before, None))
        return out

    def apply(self, changes: list[Change], cells: dict[tuple[str, str, str], int]) -> None:
        """Take them over."""
        for before, now in changes:
            if now is None:
                assert before is not None
                del self.things[before.key]
            else:
                assert isinstance(now, Thing)
                self.things[now.key] = now
        self.cells.update(cells)

    def found(self, index: str, partition: str, low: str, high: str, newest_first: bool) -> list[str]:
        """The keys listed there."""
        rows = {
            (s, key) for key, t in self.things.items() for i, p, s in t.places if (i, p) == (index, partition)
        }
        return [key for s, key in sorted(rows, reverse=newest_first) if low <= s <= high]


def walk(store: Store, place: tuple[str, str], bounds: tuple[str, str, int, bool]) -> list[str]:
    """All pages of a list."""
    low, high, limit, newest_first = bounds
    keys: list[str] = []
    mark = ""
    while True:
        page = store.find(
            Thing, *place, low=low, high=high, limit=limit, newest_first=newest_first, after=mark
        )
        assert len(page.keys) == limit or not page.next
        keys, mark = keys + page.keys, page.next
        if not mark:
            return keys


def agree(store: Store, model: Model, bounds: tuple[str, str, int, bool]) -> None:
    """Everything that can be asked has the model's answer."""
    low, high, _, newest_first = bounds
    assert store.get(Thing, list("ABCD")) == model.things
    assert {thing.key: thing for thing in store.scan(Thing)} == model.things
    for place in [(i, p) for i in "xy" for p in "pq"]:
        assert walk(store, place, bounds) == model.found(*place, low, high, newest_first)
    for family in "mn":
        want = {c: n for c, n in model.cells.items() if c[0] == family and low <= c[1] <= high and n}
        assert store.cells(family, low, high) == want
    assert store.waiting() == sum(bool(thing.pending) for thing in model.things.values())
    woken = {thing.key for thing in model.things.values() if thing.wake == NOW}
    assert {key for _, key in store.waking(NOW, 10)} == woken


@settings(max_examples=40, deadline=None, derandomize=True, database=None)
@given(steps=STEPS, bounds=BOUNDS)
def test_any_sequence_of_saves_leaves_what_a_dictionary_would_hold(
    fresh: Fresh,
    steps: list[tuple[dict[str, dict[str, object] | None], dict[tuple[str, str, str], int], bool]],
    bounds: tuple[str, str, int, bool],
) -> None:
    model = Model()
    with fresh() as store:
        for wanted, cells, outdated in steps:
            changes = model.changes(wanted)
            if outdated and changes:
                with pytest.raises(Conflict):
                    store.save([*changes, stale_change(Thing(id="E"))], cells)
            else:
                store.save(changes, cells)
                model.apply(changes, cells)
        agree(store, model, bounds)
