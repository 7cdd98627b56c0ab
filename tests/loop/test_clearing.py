"""Which models keep their files, and that what may still be needed is never cleared away."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.adapters.model_files import FolderModels, unremovable
from chalicelib.loop.admin import save_settings
from chalicelib.loop.context import Loop
from chalicelib.loop.listen.clearing import clear_old, unneeded
from chalicelib.loop.listen.learning import learn
from chalicelib.loop.listen.versions import go_live, live_tagger, overview, versions
from chalicelib.model.errors import Invalid
from chalicelib.model.tagger import LiveTagger, TaggerVersion
from tests.loop.making import ADMIN
from tests.teaching import BETTER, WORSE, School, Shelf, company, corrected, numbers, teach, with_school

AT = datetime(2026, 11, 18, 2, 0, tzinfo=UTC)
BOTH = pytest.mark.parametrize("store", ["sqlite", "dynamo"], indirect=True)


def version(number: int, **more: object) -> TaggerVersion:
    return TaggerVersion(number=number, digest=f"{number:08x}", made=AT, **more)


def history(*switches: tuple[int, int]) -> LiveTagger:
    """(days ago, number) of each version that went live."""
    live = LiveTagger()
    for days, number in switches:
        live = live.switched(version(number), AT - timedelta(days=days), "x")
    return live


KNOWN = [version(n) for n in range(9, 0, -1)]


@pytest.mark.parametrize(
    ("live", "newest", "gone"),
    [
        (history(), 9, []),
        (history(), 2, [1, 2, 3, 4, 5, 6, 7]),
        (history((90, 1), (80, 3)), 2, [2, 4, 5, 6, 7]),
        (history((90, 1), (80, 0), (70, 3)), 2, [2, 4, 5, 6, 7]),
        (history((90, 2), (80, 0)), 2, [1, 3, 4, 5, 6, 7]),
        (history((90, 1), (80, 2), (20, 3), (10, 4), (5, 9)), 2, [1, 5, 6, 7]),
        (
            history(
                (90, 5),
            ),
            1,
            [1, 2, 3, 4, 6, 7, 8],
        ),
    ],
    ids=["few", "shipped", "live and before", "shipped between", "went back", "lately live", "live alone"],
)
def test_what_nobody_goes_back_to(live, newest, gone):
    found = unneeded(live, KNOWN, AT - timedelta(days=30), newest)
    assert [v.number for v in found] == gone


DAYS = st.lists(st.tuples(st.integers(0, 90), st.integers(0, 9)), max_size=12)


@given(DAYS, st.integers(1, 9))
def test_what_may_be_needed_is_never_among_them(switches, newest):
    switches = sorted(switches, reverse=True)
    live = history(*switches)
    gone = {v.number for v in unneeded(live, KNOWN, AT - timedelta(days=30), newest)}
    ends = [*(days for days, _ in switches[1:]), 0][: len(switches)]
    lately = {n for (_, n), end in zip(switches, ends, strict=True) if end <= 30}
    assert not gone & ({live.number, *range(10 - newest, 10)} | lately)
    assert unneeded(live, [v.model_copy(update={"cleared": AT}) for v in KNOWN], AT, newest) == []


@pytest.fixture
def taught(loop, store) -> Loop:
    loop = with_school(loop, BETTER)
    teach(loop, company(AT))
    return loop


def learn_more(loop: Loop, times: int, start: int = 0, words=BETTER) -> None:
    """So many versions, a day apart, each of one more correction."""
    trained = replace(loop, workshop=replace(loop.workshop, trainer=School(words)))
    for number in numbers(False, times + start, start=50_000)[start:]:
        loop.clock.forward(days=1)
        teach(loop, [corrected(number, AT)])
        assert learn(trained, "boss").fresh


def on_shelf(loop: Loop) -> list[int]:
    """Versions whose files are there."""
    return sorted(v.number for v in versions(loop.unit()) if loop.workshop.files.get(v.digest))


@BOTH
def test_the_files_of_old_versions_go_at_the_end_of_a_learning_and_the_records_stay(taught, clock):
    save_settings(taught, {"models_kept": 2, "models_days": 30}, None)
    learn_more(taught, 3)
    assert on_shelf(taught) == [1, 2, 3], "all were live lately"
    clock.forward(days=40)
    learn_more(taught, 1, start=3)
    assert on_shelf(taught) == [3, 4], "version 3 was live until now"
    known = {one["number"]: one for one in overview(taught)["taggers"]}
    assert sorted(known) == [0, 1, 2, 3, 4]
    assert [known[n]["cleared"] is None for n in (1, 2, 3, 4)] == [False, False, True, True]
    assert known[1]["comparison"]["after"]["micro"]["value"] == 1.0
    with pytest.raises(Invalid, match=r"tagger\.cleared") as refused:
        go_live(taught, ADMIN, 1)
    assert f"{clock():%Y-%m-%d}" in refused.value.zh
    assert live_tagger(taught.unit()).number == 4
    assert go_live(taught, ADMIN, 3).number == 3


def test_refused_versions_go_and_the_live_one_stays(taught, clock):
    save_settings(taught, {"models_kept": 1, "models_days": 0}, None)
    learn_more(taught, 1)
    learn_more(taught, 3, start=1, words=WORSE)
    assert live_tagger(taught.unit()).number == 1
    assert on_shelf(taught) == [1, 4]


def test_what_is_learnt_again_is_there_again(taught, clock):
    save_settings(taught, {"models_kept": 1, "models_days": 0}, None)
    first = learn(taught, "boss").version
    learn_more(taught, 2)
    assert on_shelf(taught) == [2, 3]
    extra = numbers(False, 2, start=50_000)
    taught.change(lambda unit: [
        unit.put(c.model_copy(update={"correction": None}))
        for c in unit.many(type(corrected(1, AT)), [f"k{n:05d}" for n in extra]).values()
    ])  # fmt: skip
    save_settings(taught, {"models_kept": 10}, None)
    again = learn(taught, "boss")
    assert (again.fresh, again.version.number, again.version.cleared) == (False, first.number, None)
    assert go_live(taught, ADMIN, 1).number == 1


class Stuck(Shelf):
    """A shelf from which nothing can be removed."""

    def remove(self, digest: str) -> None:
        raise unremovable(digest)


def test_files_that_cannot_be_removed_spoil_no_learning_and_are_tried_again(loop, caplog):
    shelf = Stuck()
    stuck = with_school(loop, BETTER, shelf)
    teach(stuck, company(AT))
    save_settings(stuck, {"models_kept": 1, "models_days": 0}, None)
    learn_more(stuck, 3)
    assert (on_shelf(stuck), live_tagger(stuck.unit()).number) == ([1, 2, 3], 3)
    assert "model.unremovable" in caplog.text
    able = Shelf(shelf.kept)
    assert clear_old(stuck, able) == []
    assert len(able.kept) == 2


def test_a_version_that_goes_live_while_it_is_looked_at_keeps_its_files(taught):
    """Somebody goes back to it between the look and the save: the save fails, the second look spares it."""
    save_settings(taught, {"models_kept": 1, "models_days": 0}, None)
    learn_more(taught, 2)
    save_settings(taught, {"models_kept": 10}, None)
    learn_more(taught, 1, start=2)
    save_settings(taught, {"models_kept": 1}, None)

    class Late:
        """A store that, before the first save, has somebody else go back to version 1."""

        def __init__(self):
            self.done = False

        def __getattr__(self, name):
            return getattr(taught.store, name)

        def save(self, changes, cells):
            if not self.done:
                self.done = True
                go_live(taught, ADMIN, 1)
            taught.store.save(changes, cells)

    assert 1 not in clear_old(replace(taught, store=Late()), taught.workshop.files)
    assert live_tagger(taught.unit()).number == 1
    assert 1 in on_shelf(taught)


def test_a_folder_on_disk_is_cleared_too(loop, tmp_path, clock):
    kept = with_school(loop, BETTER, FolderModels(tmp_path))
    teach(kept, company(AT))
    save_settings(kept, {"models_kept": 1, "models_days": 0}, None)
    learn_more(kept, 3)
    assert len(list(tmp_path.iterdir())) == 2
