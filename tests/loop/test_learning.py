"""Learning from corrections: what goes live, what does not, and what is left when it is killed in the middle."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.adapters.model_files import FolderModels
from chalicelib.adapters.sqlite import SqliteStore
from chalicelib.loop.admin import retag, save_settings
from chalicelib.loop.context import Loop
from chalicelib.loop.listen.labels import held_out
from chalicelib.loop.listen.learning import learn
from chalicelib.loop.listen.nightly import MOST_KILLED, ask, learn_when_due
from chalicelib.loop.listen.turn import LEASE
from chalicelib.loop.listen.versions import go_live, live_tagger, overview, same_model, versions
from chalicelib.loop.schedule import study
from chalicelib.loop.worker import drain
from chalicelib.model.errors import Conflict, Forbidden, Invalid, NotFound
from chalicelib.model.tagger import Learning, TaggerState
from chalicelib.model.weeks import week_of
from tests.loop.making import ADMIN, AGENT, contact, stored
from tests.stores import sqlite_store
from tests.teaching import BETTER, WORSE, School, company, corrected, numbers, teach, with_school

AT = datetime(2026, 11, 18, 2, 0, tzinfo=UTC)
NIGHT = datetime(2026, 11, 18, 19, 0, tzinfo=UTC)
"""03:00 in Shanghai."""
ROOT = Path(__file__).parents[2]


@pytest.fixture
def taught(loop) -> Loop:
    """A company with corrections enough, and a trainer that makes better taggers of them."""
    loop = with_school(loop, BETTER)
    teach(loop, company(AT))
    return loop


def live(loop: Loop) -> int:
    return live_tagger(loop.unit()).number


def retrained(loop: Loop, words) -> Loop:
    """The same company with a trainer whose taggers know other words."""
    assert loop.workshop
    return replace(loop, workshop=replace(loop.workshop, trainer=School(words)))


def test_a_better_one_goes_live_and_says_of_what_it_was_made(taught):
    lesson = learn(taught, "boss")
    assert (lesson.fresh, lesson.version.number, live(taught)) == (True, 1, 1)
    assert (lesson.version.by, lesson.version.made, lesson.version.taxonomy) == ("boss", taught.clock(), 1)
    assert (lesson.version.learnt, lesson.version.tested) == (60, 24)
    found = lesson.version.comparison
    assert found is not None
    assert (found.against, found.before.micro.value, found.after.micro.value) == (
        0,
        pytest.approx(2 / 3),
        1.0,
    )
    assert found.difference.low > 0
    assert taught.workshop.files.get(lesson.version.digest)
    (event,) = live_tagger(taught.unit()).events
    assert (event.actor, event.data) == ("boss", {"number": 1})


def test_what_is_held_out_is_never_taught(taught):
    learn(taught, "boss")
    (lesson,) = taught.workshop.trainer.lessons
    assert len(lesson) == 60
    assert not any(held_out(one) for one in lesson)


def test_a_worse_one_is_kept_but_does_not_tag(taught):
    learn(taught, "boss")
    lesson = learn(retrained(taught, WORSE), "boss")
    assert lesson.fresh
    assert {reason.code for reason in lesson.version.refused} == {"learn.worse", "learn.worse_cause"}
    assert (lesson.version.number, live(taught)) == (2, 1)
    assert [v.state(1) for v in versions(taught.unit())] == [TaggerState.REFUSED, TaggerState.LIVE]
    assert overview(taught)["learning"]["outcome"].code == "learn.refused"


def test_the_same_labels_teach_nothing_new(taught):
    first = learn(taught, "boss")
    again = learn(taught, "boss")
    assert (again.fresh, again.version) == (False, first.version)
    assert len(versions(taught.unit())) == 1
    assert overview(taught)["learning"]["outcome"].code == "learn.nothing_new"


@pytest.mark.parametrize(
    ("taught_on", "held"), [(0, 0), (40, 9), (25, 24), (60, 19)], ids=["none", "both", "in all", "held out"]
)
def test_too_few_labels_change_nothing(loop, taught_on, held):
    loop = with_school(loop, BETTER)
    teach(loop, company(AT, taught_on, held))
    with pytest.raises(Invalid) as refused:
        learn(loop, "boss")
    assert refused.value.code == "learn.few"
    assert str(taught_on + held) in refused.value.zh
    assert (live(loop), versions(loop.unit()), loop.workshop.trainer.lessons) == (0, [], [])


def test_nothing_is_learnt_where_nothing_can_be_trained(loop, taught):
    for without in (loop, replace(taught, workshop=replace(taught.workshop, trainer=None))):
        with pytest.raises(Invalid, match="unavailable"):
            learn(without, "boss")
        assert learn_when_due(without.at(NIGHT)) is None


@settings(max_examples=4, deadline=None)
@given(st.randoms(use_true_random=False))
def test_the_order_of_corrections_makes_no_difference(chance):
    contacts = company(AT, 30, 20)
    digests = set()
    for order in (contacts, chance.sample(contacts, len(contacts))):
        with sqlite_store() as store:
            loop = with_school(Loop(store, None, None, lambda: AT), BETTER)
            teach(loop, order)
            digests.add(learn(loop, "boss").version.digest)
    assert len(digests) == 1


# One at a time, and killed in the middle


def test_only_one_learns_at_a_time(taught, clock):
    class Meanwhile(School):
        def train(self, labels, taxonomy):
            with pytest.raises(Conflict) as refused:
                learn(taught, "another")
            assert refused.value.code == "learn.busy"
            with pytest.raises(Conflict):
                ask(taught, ADMIN)
            return super().train(labels, taxonomy)

    lesson = learn(replace(taught, workshop=replace(taught.workshop, trainer=Meanwhile(BETTER))), "boss")
    assert lesson.version.number == 1
    assert not overview(taught)["learning"]["busy"]


def test_a_trainer_that_breaks_leaves_all_as_it_was(taught):
    class Broken(School):
        def train(self, labels, taxonomy):
            raise MemoryError("快递三天没到")

    with pytest.raises(MemoryError):
        learn(replace(taught, workshop=replace(taught.workshop, trainer=Broken(BETTER))), "boss")
    assert (live(taught), versions(taught.unit())) == (0, [])
    outcome = overview(taught)["learning"]["outcome"]
    assert outcome.code == "learn.failed"
    assert "MemoryError" in outcome.zh
    assert "快递" not in outcome.zh + outcome.en
    assert learn(taught, "boss").version.number == 1


def test_a_switch_while_training_is_not_overrun(taught):
    """Somebody goes back to another version while a new one, compared with the old live one, is trained."""
    learn(taught, "boss")

    class Meanwhile(School):
        def train(self, labels, taxonomy):
            go_live(taught, ADMIN, 0)
            return super().train(labels, taxonomy)

    later = replace(taught, workshop=replace(taught.workshop, trainer=Meanwhile({**BETTER, "慢": "x.y"})))
    teach(later, [corrected(90_001, AT)])
    lesson = learn(later, "boss")
    assert "learn.switched" in {reason.code for reason in lesson.version.refused}
    assert live(taught) == 0


KILLED = """
import os, signal, sys
from chalicelib.adapters.model_files import FolderModels
from chalicelib.adapters.sqlite import SqliteStore
from chalicelib.loop.context import Loop
from chalicelib.loop.listen.learning import learn
from pathlib import Path
from tests.loop.test_learning import AT, disk_loop
from tests.teaching import School
die = lambda: os.kill(os.getpid(), signal.SIGKILL)
folder, where = Path(sys.argv[1]), sys.argv[2]
class Files(FolderModels):
    def put(self, digest, files):
        if where == "before the files":
            die()
        super().put(digest, files)
        die()
class Teacher(School):
    def train(self, labels, taxonomy):
        if where == "in training":
            die()
        return super().train(labels, taxonomy)
learn(disk_loop(folder, Files(folder / "models"), Teacher), "killed")
"""


def disk_loop(folder: Path, files: FolderModels, school: type[School] = School) -> Loop:
    """A loop on a real file, so that a killed process leaves something behind."""
    loop = with_school(Loop(SqliteStore(str(folder / "db")), None, None, lambda: AT), BETTER, files)
    return replace(loop, workshop=replace(loop.workshop, trainer=school(BETTER)))


@pytest.mark.slow
@pytest.mark.parametrize("where", ["in training", "before the files", "after the files"])
def test_killed_anywhere_the_old_version_is_live_and_the_next_learning_does_it(tmp_path, where):
    loop = disk_loop(tmp_path, FolderModels(tmp_path / "models"))
    teach(loop, company(AT))
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, str(tmp_path), where], cwd=ROOT, env={**os.environ, "PYTHONPATH": "."}
    )
    assert killed.returncode == -signal.SIGKILL
    assert (live(loop), versions(loop.unit())) == (0, [])
    with pytest.raises(Conflict):
        learn(loop, "too soon")
    study(loop.at(AT + LEASE))
    (version,) = versions(loop.unit())
    assert (version.by, live(loop)) == ("killed", 1)
    loop.store.close()


def turn_of(loop: Loop) -> Learning:
    return loop.store.get(Learning, ["learning"])["learning"]


def with_trainer(loop: Loop, trainer: School) -> Loop:
    assert loop.workshop
    return replace(loop, workshop=replace(loop.workshop, trainer=trainer))


def test_a_long_learning_keeps_its_turn(taught, clock):
    """Five leases long, each renewed in time; another one is kept out to the end."""

    class Slow(School):
        def train(self, labels, taxonomy):
            for _ in range(5):
                clock.forward(seconds=LEASE.total_seconds() - 1)
                end = time.monotonic() + 120
                while turn_of(taught).busy_until != clock() + LEASE and time.monotonic() < end:
                    time.sleep(0.002)
                with pytest.raises(Conflict, match=r"learn\.busy"):
                    learn(taught, "another")
            return super().train(labels, taxonomy)

    assert learn(with_trainer(taught, Slow(BETTER)), "boss", every=0.002).fresh
    assert (turn_of(taught).busy_until, turn_of(taught).holder) == (None, "")


def test_who_stood_still_for_too_long_changes_nothing_any_more(taught, clock):
    class Suspended(School):
        def train(self, labels, taxonomy):
            clock.forward(seconds=LEASE.total_seconds())
            learn(taught, "another")
            return super().train(labels, taxonomy)

    with pytest.raises(Conflict, match=r"learn\.lost"):
        learn(with_trainer(taught, Suspended({**BETTER, "慢": "x.y"})), "boss")
    (version,) = versions(taught.unit())
    assert (version.by, live(taught)) == ("another", 1)
    assert overview(taught)["learning"]["outcome"].code == "learn.live"


def killed(loop: Loop, clock, **more) -> None:
    """As a killed learning leaves it, one lease ago."""
    left = Learning(holder="x", learner="anna", busy_until=clock(), tried=clock(), looked=clock(), **more)
    loop.change(lambda unit: unit.put(left))


@pytest.mark.parametrize("times", range(MOST_KILLED + 1))
def test_a_killed_learning_is_begun_again_but_not_for_ever(times, taught, clock):
    killed(taught, clock, killed=times)
    study(taught)
    study(taught)
    made = [version.by for version in versions(taught.unit())]
    assert made == (["anna"] if times < MOST_KILLED else [])
    assert turn_of(taught).holder == ""
    code = "learn.live" if times < MOST_KILLED else "learn.killed"
    assert overview(taught)["learning"]["outcome"].code == code
    assert learn(taught, "boss").version.number == 1


def test_learnings_that_are_killed_in_a_row_are_counted(taught, clock):
    killed(taught, clock, killed=1)

    class Counted(School):
        def train(self, labels, taxonomy):
            assert (turn_of(taught).killed, turn_of(taught).learner) == (2, "boss")
            return super().train(labels, taxonomy)

    learn(with_trainer(taught, Counted(BETTER)), "boss")
    assert turn_of(taught).killed == 0


def test_a_turn_stored_before_there_were_leases_still_loads(taught, clock):
    taught.change(lambda unit: unit.put(Learning.model_validate({"busy_until": clock()})))
    study(taught)
    assert learn(taught, "boss").fresh


# Which version tags


def tags(loop: Loop, key: str) -> tuple[str, list[str]]:
    analysis = stored(loop, key).analysis
    assert analysis
    return analysis.version, [tag.code for tag in analysis.causes]


def test_a_new_version_tags_new_contacts_at_once_and_old_ones_when_asked(taught, clock):
    old = contact(taught, clock(), text="快递慢吞吞")
    drain(taught)
    assert tags(taught, old) == ("shipped", [])
    digest = learn(taught, "boss").version.digest
    new = contact(taught, clock(), text="快递慢吞吞的")
    drain(taught)
    assert tags(taught, new) == (digest[:8], ["delivery.late"])
    assert tags(taught, old) == ("shipped", [])
    retag(taught)
    drain(taught)
    assert tags(taught, old) == (digest[:8], ["delivery.late"])
    go_live(taught, ADMIN, 0)
    last = contact(taught, clock(), text="快递慢吞吞啊")
    drain(taught)
    assert tags(taught, last) == ("shipped", [])


def test_a_week_knows_who_read_its_contacts(taught, clock):
    def readers() -> dict[str, int]:
        cells = taught.store.cells("week", week_of(clock()))
        return {name: n for (_, _, name), n in cells.items() if name.startswith("reader.")}

    contact(taught, clock(), text="快递慢吞吞")
    drain(taught)
    before = readers()
    digest = learn(taught, "boss").version.digest
    contact(taught, clock(), text="快递慢吞吞的")
    drain(taught)
    assert readers() == {**before, f"reader.{digest[:8]}": 1}
    retag(taught)
    drain(taught)
    assert set(readers()) == {f"reader.{digest[:8]}"}


def test_the_live_version_is_looked_up_once_a_batch(taught, clock):
    class Counting:
        asked = 0

        def __call__(self, taxonomy):
            self.asked += 1
            return taught.analyser(taxonomy)

    counting = Counting()
    for n in range(30):
        contact(taught, clock(), text=f"快递慢吞吞 {n}", external_id=f"n{n}")
    drain(replace(taught, analyser=counting))
    assert counting.asked == 1


# Going back


def test_any_version_can_be_made_live_again_also_a_refused_one(taught):
    learn(taught, "boss")
    learn(retrained(taught, WORSE), "boss")
    for number in (2, 0, 1, 1):
        assert go_live(taught, ADMIN, number).number == number
        assert live(taught) == number
        states = [one["state"] for one in overview(taught)["taggers"]]
        assert states.count(TaggerState.LIVE) == 1
    assert [e.data["number"] for e in live_tagger(taught.unit()).events] == [1, 2, 0, 1]


def test_a_version_whose_files_are_gone_cannot_go_live(taught):
    version = learn(taught, "boss").version
    go_live(taught, ADMIN, 0)
    taught.workshop.files.kept.clear()
    with pytest.raises(Invalid):
        go_live(taught, ADMIN, version.number)
    assert live(taught) == 0


def test_the_fault_of_a_live_version_is_shown_and_learning_goes_on_beside_the_shipped_one(taught):
    learn(taught, "boss")
    taught.workshop.files.kept.clear()
    assert overview(taught)["fault"]["code"] == "model.absent"
    teach(taught, [corrected(n, AT) for n in numbers(False, 1, start=90_000)])
    lesson = learn(taught, "boss")
    assert lesson.version.comparison.against == 0
    assert live(taught) == 2
    assert overview(taught)["fault"] is None


def test_learning_the_same_again_brings_lost_files_back(taught):
    learn(taught, "boss")
    taught.workshop.files.kept.clear()
    assert not learn(taught, "boss").fresh
    assert overview(taught)["fault"] is None


def test_only_an_admin_goes_back_and_only_to_what_there_is(taught):
    with pytest.raises(Forbidden):
        go_live(taught, AGENT, 0)
    with pytest.raises(Forbidden):
        ask(taught, AGENT)
    with pytest.raises(NotFound):
        go_live(taught, ADMIN, 9)


def test_a_model_is_found_by_its_digest(taught):
    version = learn(taught, "boss").version
    assert same_model(taught.unit(), version.digest) == version
    assert same_model(taught.unit(), "0" * 64) is None


# The schedule


def lessons(loop: Loop) -> int:
    return len(loop.workshop.trainer.lessons)


def test_it_learns_once_a_night_and_only_when_there_is_news(taught, clock):
    clock.now = AT
    study(taught)
    assert lessons(taught) == 0
    clock.now = NIGHT
    for _ in range(3):
        study(taught)
        clock.forward(minutes=20)
    assert (lessons(taught), live(taught)) == (1, 1)
    assert versions(taught.unit())[0].by == "schedule"
    for day in (1, 2):
        clock.now = NIGHT + timedelta(days=day)
        study(taught)
    assert lessons(taught) == 1
    teach(taught, [corrected(80_000 + n, clock()) for n in range(19)])
    clock.now = NIGHT + timedelta(days=3)
    study(taught)
    assert lessons(taught) == 1
    teach(taught, [corrected(90_000, clock())])
    clock.now = NIGHT + timedelta(days=4)
    study(taught)
    assert lessons(taught) == 2


def test_a_company_may_not_want_it(taught, clock):
    save_settings(taught, {"learn_nightly": False}, None)
    clock.now = NIGHT
    study(taught)
    assert lessons(taught) == 0


def test_too_few_are_waited_for_in_silence(loop, clock):
    loop = with_school(loop, BETTER)
    teach(loop, company(AT, 40, 5))
    clock.now = NIGHT
    study(loop)
    assert loop.store.get(Learning, ["learning"])["learning"].outcome is None


def test_what_an_admin_asked_for_is_done_at_the_next_look_once(taught):
    ask(taught, ADMIN)
    assert overview(taught)["learning"]["asked_by"] == "boss"
    study(taught)
    study(taught)
    assert lessons(taught) == 1
    assert overview(taught)["learning"]["asked_by"] == ""
    assert versions(taught.unit())[0].by == "boss"


def test_what_was_asked_for_and_could_not_be_is_told(loop):
    loop = with_school(loop, BETTER)
    ask(loop, ADMIN)
    study(loop)
    learning = overview(loop)["learning"]
    assert (learning["outcome"].code, learning["asked_by"]) == ("learn.few", "")
