"""What the DynamoDB adapter keeps apart to save cheaply: index entries ahead of their save, numbers in a journal.

Whoever is killed, is slow or meets another one: no entry is missing, none stays that leads nowhere, no number is
lost or counted twice.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.adapters.dynamo import DynamoStore
from chalicelib.adapters.intents import OLD
from chalicelib.loop.unit import Unit
from chalicelib.model.entity import Entity, Entry, Searched
from chalicelib.model.errors import Conflict
from chalicelib.ports import Change
from tests.stores import dynamo_store


class Leaf(Entity):
    """Listed under each of its places, found by its words."""

    kind = "contract_leaf"

    id: str
    places: tuple[str, ...] = ("a", "b", "c", "d")
    words: str = ""

    @property
    def key(self) -> str:
        """Its id."""
        return self.id

    def entries(self) -> Iterable[Entry]:
        """One list a place."""
        return [Entry("leaf", place, "1") for place in self.places]

    def searched(self) -> Searched | None:
        """In its first place."""
        return Searched(Entry("leaf", self.places[0], "1"), self.words) if self.words else None


class Killed(Exception):
    """The process is no more."""


class Before:
    """A client that does something before it makes the n-th call of an operation."""

    def __init__(self, client: Any, name: str, do: Callable[[], None], nth: int = 1) -> None:
        self._client, self.exceptions = client, client.exceptions
        self._name, self._do, self._left = name, do, nth

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def call(**request: Any) -> Any:
            if name == self._name:
                self._left -= 1
                if self._left == 0:
                    self._do()
            return getattr(self._client, name)(**request)

        return call


class LostAnswer:
    """A client whose first put gets through, and is repeated because its answer was lost."""

    def __init__(self, client: Any) -> None:
        self._client, self.exceptions, self._lost = client, client.exceptions, False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    def put_item(self, **request: Any) -> Any:
        """Twice the first time."""
        if not self._lost:
            self._lost = True
            self._client.put_item(**request)
        return self._client.put_item(**request)


def die() -> None:
    """Now."""
    raise Killed


def new(leaf: Leaf) -> Change:
    """It comes."""
    return Change(None, leaf.model_copy(update={"version": 1}))


def moved(leaf: Leaf, *places: str) -> Change:
    """It is listed elsewhere."""
    return Change(leaf, leaf.model_copy(update={"places": places, "version": leaf.version + 1}))


def listed(store: DynamoStore) -> dict[str, list[str]]:
    """place -> keys."""
    return {place: store.find(Leaf, "leaf", place).keys for place in "abcdwxyz"}


def where(*leaves: Leaf) -> dict[str, list[str]]:
    """The same as it should be."""
    return {place: [leaf.id for leaf in leaves if place in leaf.places] for place in "abcdwxyz"}


def left_over(client: Any, table: str, *prefixes: str) -> int:
    """Items whose key begins so."""
    return sum(i["pk"]["S"].startswith(prefixes) for i in client.scan(TableName=table)["Items"])


def later() -> float:
    """When every save of now counts as dead."""
    return time.time() + 2 * OLD


def test_what_a_killed_save_wrote_ahead_goes_once_it_is_old(client: Any, table: str) -> None:
    a, b = Leaf(id="A"), Leaf(id="B")
    store = DynamoStore(client, table)
    store.save([new(a)], {})
    dying = DynamoStore(Before(client, "transact_write_items", die), table)
    with pytest.raises(Killed):
        dying.save([new(b), moved(a.model_copy(update={"version": 1}), "w", "x", "y", "z", "a")], {})
    assert listed(store)["w"] == ["A"], "written ahead"
    store.settle(everything=True)
    assert listed(store)["w"] == ["A"], "it may still be under way"
    DynamoStore(client, table, later).settle(everything=True)
    assert listed(store) == where(a)
    assert left_over(client, table, "w") == 0


def test_a_save_taken_for_dead_is_refused_and_can_be_repeated(client: Any, table: str) -> None:
    def sweep() -> None:
        DynamoStore(client, table, later).settle(everything=True)

    slow = DynamoStore(Before(client, "transact_write_items", sweep), table)
    with pytest.raises(Conflict):
        slow.save([new(Leaf(id="A"))], {})
    assert listed(slow) == where()
    slow.save([new(Leaf(id="A"))], {})
    assert listed(slow) == where(Leaf(id="A"))


def test_entries_that_another_save_wrote_too_stay_with_its_words(client: Any, table: str) -> None:
    """The dead one wrote last, over the entries of the one that was saved."""
    late = DynamoStore(
        Before(
            client,
            "batch_write_item",
            lambda: DynamoStore(client, table).save([new(Leaf(id="A", words="到账"))], {}),
            nth=2,
        ),
        table,
    )
    with pytest.raises(Conflict):
        late.save([new(Leaf(id="A", words="退款"))], {})
    store = DynamoStore(client, table)
    assert listed(store) == where(Leaf(id="A"))
    assert store.search(Leaf, ["到账"]).keys == ["A"]
    assert store.search(Leaf, ["退款"]).keys == []
    assert left_over(client, table, "w") == 0


@pytest.mark.parametrize("first", [True, False], ids=["dead one first", "dead one last"])
def test_entries_of_one_under_way_are_left_alone(client: Any, table: str, first: bool) -> None:
    """Another save has written the same entries ahead when a dead one is cleared away."""

    def kill() -> None:
        dying = DynamoStore(Before(client, "transact_write_items", die), table, lambda: 1_000.0)
        with pytest.raises(Killed):
            dying.save([new(Leaf(id="A"))], {})

    def sweep() -> None:
        if not first:
            kill()
        DynamoStore(client, table).settle(everything=True)
        assert left_over(client, table, "w") == 2

    if first:
        kill()
    DynamoStore(Before(client, "transact_write_items", sweep), table).save([new(Leaf(id="A"))], {})
    store = DynamoStore(client, table, later)
    assert listed(store) == where(Leaf(id="A"))
    store.settle(everything=True)
    assert listed(store) == where(Leaf(id="A"))
    assert left_over(client, table, "w") == 0


def test_a_save_that_was_made_void_is_refused_though_nothing_is_cleared_yet(client: Any, table: str) -> None:
    def sweep() -> None:
        with pytest.raises(Killed):
            DynamoStore(Before(client, "delete_item", die), table, later).settle(everything=True)

    slow = DynamoStore(Before(client, "transact_write_items", sweep), table)
    with pytest.raises(Conflict):
        slow.save([new(Leaf(id="A"))], {})
    assert listed(slow) == where()
    assert left_over(client, table, "w") == 0


@pytest.mark.parametrize("leaf", [Leaf(id="A", places=()), Leaf(id="A", places=("a",))])
def test_a_lost_answer_is_no_conflict(client: Any, table: str, leaf: Leaf) -> None:
    store = DynamoStore(LostAnswer(client), table)
    store.save([new(leaf)], {})
    with pytest.raises(Conflict):
        DynamoStore(client, table).save([new(leaf)], {})
    assert listed(store) == where(leaf)


def test_numbers_read_while_another_one_folds_are_those_of_one_moment(client: Any, table: str) -> None:
    other = DynamoStore(client, table)
    for n in range(5):
        other.save([], {("cpx", f"w{n % 2}", "n"): 1 + n})
    for nth in (1, 2):  # between entries and numbers, and between numbers and count
        reading = DynamoStore(
            Before(client, "query", lambda: other.settle(everything=True), nth=nth + 1), table
        )
        assert reading.cells("cpx") == {("cpx", "w0", "n"): 9, ("cpx", "w1", "n"): 6}
        other.save([], {("cpx", "w0", "n"): 1, ("cpx", "w1", "n"): 1})
        other.save([], {("cpx", "w0", "n"): -1, ("cpx", "w1", "n"): -1})


def test_a_fold_of_more_than_one_transaction_holds_may_die_anywhere(client: Any, table: str) -> None:
    want = {("cpx", f"w{n:03d}", "n"): n + 1 for n in range(250)}
    for left in (1, 2, 3):
        store = DynamoStore(client, table)
        store.save([], want)
        with pytest.raises(Killed):
            DynamoStore(Before(client, "transact_write_items", die, nth=left), table).settle(everything=True)
        assert store.cells("cpx") == {cell: n * left for cell, n in want.items()}
        store.settle(everything=True)
        assert store.cells("cpx") == {cell: n * left for cell, n in want.items()}
        assert left_over(client, table, "j") == 1, "only the count of folds"


def test_two_that_fold_and_many_that_save_lose_nothing(client: Any, table: str) -> None:
    def save(n: int) -> None:
        store = DynamoStore(client, table)
        store.save([], {("cpx", f"w{n % 3}", "n"): n})
        store.settle(everything=n % 2 == 0)

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(save, range(24)))
    right = {("cpx", f"w{k}", "n"): sum(range(k, 24, 3)) for k in range(3)}
    store = DynamoStore(client, table)
    assert store.cells("cpx") == right
    store.settle(everything=True)
    assert store.cells("cpx") == right


def test_of_two_folds_at_once_one_gives_way(client: Any, table: str) -> None:
    """What the first has put back is taken by another before the first goes on."""
    want = {("cpx", f"w{n:03d}", "n"): n + 1 for n in range(250)}
    other = DynamoStore(client, table)
    other.save([], want)

    def fold() -> None:
        with pytest.raises(Killed):  # after one transaction, so that something is put back once more
            DynamoStore(Before(client, "transact_write_items", die, nth=2), table).settle(everything=True)

    DynamoStore(Before(client, "transact_write_items", fold, nth=2), table).settle(everything=True)
    assert other.cells("cpx") == want
    other.settle(everything=True)
    assert other.cells("cpx") == want


def test_numbers_saved_alone_go_through_once_whoever_repeats_them(client: Any, table: str) -> None:
    """A transaction has a token; a put alone, repeated after a lost answer, would come back after a fold."""
    DynamoStore(client, table).save([], {("cpx", "w1", "n"): 1})
    with pytest.raises(Killed):
        DynamoStore(Before(client, "transact_write_items", die), table).save([], {("cpx", "w1", "n"): 7})
    assert DynamoStore(client, table).cells("cpx") == {("cpx", "w1", "n"): 1}


def test_the_newest_one_is_found_past_what_is_only_announced(client: Any, table: str) -> None:
    store = DynamoStore(client, table)
    store.save([new(Leaf(id="A"))], {})
    with pytest.raises(Killed):
        DynamoStore(Before(client, "transact_write_items", die), table).save([new(Leaf(id="B"))], {})
    assert store.find(Leaf, "leaf", "a", limit=1, newest_first=True).keys == ["B"]
    unit = Unit(store, lambda _: {})
    assert [leaf.id for leaf in unit.find(Leaf, "leaf", "a", limit=1, newest_first=True)] == ["A"]
    assert [leaf.id for leaf in unit.find(Leaf, "leaf", "a")] == ["A"]


def test_a_save_that_wakes_up_after_it_was_swept_away_takes_its_entries_with_it(
    client: Any, table: str
) -> None:
    """It slept between its intent and its entries; another one has saved the same meanwhile, with other words."""

    def meanwhile() -> None:
        DynamoStore(client, table, later).settle(everything=True)
        DynamoStore(client, table).save([new(Leaf(id="A", words="到账"))], {})

    slow = DynamoStore(Before(client, "batch_write_item", meanwhile, nth=2), table)
    with pytest.raises(Conflict):
        slow.save([new(Leaf(id="A", words="退款")), new(Leaf(id="B"))], {})
    store = DynamoStore(client, table)
    assert listed(store) == where(Leaf(id="A"))
    assert store.search(Leaf, ["到账"]).keys == ["A"]
    assert store.search(Leaf, ["退款"]).keys == []
    assert left_over(client, table, "w") == 0


def test_what_another_one_has_just_written_ahead_is_not_swept_away(client: Any, table: str) -> None:
    """A dead one had written the same entries; the sweep begins before the other one announces itself."""
    dying = DynamoStore(Before(client, "transact_write_items", die), table, lambda: 1_000.0)
    with pytest.raises(Killed):
        dying.save([new(Leaf(id="A"))], {})

    def save() -> None:
        sweeper = Before(client, "delete_item", lambda: None)
        DynamoStore(Before(client, "transact_write_items", lambda: sweep(sweeper)), table).save(
            [new(Leaf(id="A"))], {}
        )

    def sweep(sweeper: Any) -> None:
        DynamoStore(sweeper, table).settle(everything=True)

    DynamoStore(Before(client, "update_item", save), table).settle(everything=True)
    store = DynamoStore(client, table)
    store.settle(everything=True)
    assert listed(store) == where(Leaf(id="A"))
    assert left_over(client, table, "w") == 0


class Busy:
    """A client that is met by a transaction whenever it deletes or puts alone, so many times."""

    def __init__(self, client: Any, times: int) -> None:
        self._client, self.exceptions, self.left = client, client.exceptions, times

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    def delete_item(self, **request: Any) -> Any:
        """Not yet."""
        if self.left:
            self.left -= 1
            raise self.exceptions.TransactionConflictException(
                {"Error": {"Code": "TransactionConflictException"}}, "DeleteItem"
            )
        return self._client.delete_item(**request)


@pytest.mark.parametrize("times", [1, 100])
def test_whoever_loses_is_told_a_conflict_whatever_putting_right_meets(
    client: Any, table: str, times: int
) -> None:
    DynamoStore(client, table).save([new(Leaf(id="A"))], {})
    with pytest.raises(Conflict):
        DynamoStore(Busy(client, times), table).save([new(Leaf(id="A", places=("w", "x", "y", "z")))], {})
    store = DynamoStore(client, table)
    store.settle(everything=True)
    assert listed(store) == where(Leaf(id="A"))


CELLS = st.dictionaries(
    st.tuples(st.sampled_from(["m", "n"]), st.sampled_from(["", "1", "2"]), st.sampled_from(["x", "y.z"])),
    st.integers(-3, 3),
    max_size=4,
)


@settings(max_examples=25, deadline=None, derandomize=True, database=None)
@given(steps=st.lists(st.one_of(st.none(), st.booleans(), CELLS), max_size=12))
def test_any_order_of_saves_and_folds_gives_the_sums(
    client: Any, steps: list[dict[tuple[str, str, str], int] | bool | None]
) -> None:
    total: Counter[tuple[str, str, str]] = Counter()
    with dynamo_store(client) as store:
        for step in steps:
            if isinstance(step, dict):
                store.save([], step)
                total.update(step)
            elif step is not None:
                store.settle(everything=step)
        for family in "mn":
            want = {cell: n for cell, n in total.items() if cell[0] == family and n}
            assert store.cells(family) == want
            assert store.cells(family, "1", "1") == {c: n for c, n in want.items() if c[1] == "1"}
