"""What to look at next: the most doubtful of every cause, within a budget, nothing on two screens at once."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.loop.admin import save_settings
from chalicelib.loop.context import Loop
from chalicelib.loop.erasure import erase
from chalicelib.loop.listen.corrections import correct
from chalicelib.loop.listen.newness import recent_words
from chalicelib.loop.listen.review import HELD, WEEKS, Asked, confirm, in_line, next_contacts
from chalicelib.loop.worker import drain
from chalicelib.model.analysis import Analysis, Tag
from chalicelib.model.contact import NO_CAUSE, Channel, Contact, Correction
from chalicelib.model.errors import Conflict, NotFound
from chalicelib.model.people import Caller, Role
from chalicelib.model.review import ReviewClaims
from tests.loop.making import ADMIN, AGENT, BILL, LATE, LOST, stored
from tests.loop.saying import Saying, say

OTHER_AGENT = Caller("anna", Role.AGENT)
LOGISTICS = Caller("lead", Role.LEAD, ("logistics",))
FINANCE = Caller("cfo", Role.LEAD, ("finance",))
BOTH = pytest.mark.parametrize("store", ["sqlite", "dynamo"], indirect=True)


@pytest.fixture
def loop(clock, vault, store) -> Loop:
    return Loop(store, vault, lambda taxonomy: Saying(), clock)


def shown(asked: Asked) -> list[str]:
    return [c.text for c in asked.contacts]


def ask(loop: Loop, caller: Caller = AGENT, limit: int = 5) -> list[str]:
    return shown(next_contacts(loop, caller, limit))


def answer(loop: Loop, clock, caller: Caller = AGENT, limit: int = 5) -> list[str]:
    """Ask, and confirm all that is shown."""
    found = next_contacts(loop, caller, limit).contacts
    clock.forward(seconds=30)
    for contact in found:
        confirm(loop, caller, contact.id)
    drain(loop)
    return [c.text for c in found]


# --- What waits ---


def made(time: datetime, *tags: tuple[str, float], **fields: object) -> Contact:
    """A contact as it stands after its steps."""
    read = Analysis(causes=tuple(Tag(code=c, confidence=p) for c, p in tags), version="x")
    usual = {"id": "a", "channel": Channel.PHONE, "fingerprint": "", "text": "", "taken_by": "agent"}
    about = {"time": time, "received": time, "taxonomy": 1, "causes": tuple(c for c, _ in tags)}
    return Contact.model_validate({**usual, **about, "analysis": read, **fields})


@pytest.mark.parametrize(
    ("tags", "fields", "waits"),
    [
        ([(LATE, 0.9)], {}, None),
        ([(LATE, 0.9)], {"unsure": True}, (LATE, "100")),
        ([(LATE, 0.5)], {}, (LATE, "500")),
        ([(LATE, 0.9), (BILL, 0.3)], {"unsure": True}, (BILL, "699")),
        ([(LATE, 0.9), (BILL, 0.3)], {"unsure": True, "causes": (LATE,)}, (LATE, "699")),
        ([], {}, None),
        ([], {"unsure": True}, (NO_CAUSE, "999")),
        ([], {"unsure": True, "causes": ("other",)}, ("other", "999")),
        ([(LATE, 0.3)], {"unsure": True, "erased": True}, None),
        ([(LATE, 0.3)], {"unsure": True, "channel": Channel.CALLBACK}, None),
        ([(LATE, 0.3)], {"unsure": True, "taxonomy": 0}, None),
    ],
)
def test_what_waits_and_where(tags, fields, waits, clock):
    entry = made(clock.now, *tags, **fields).review()
    assert (entry and (entry.partition, entry.sort.split(".")[1])) == waits


@pytest.mark.parametrize(("causes", "waits"), [(None, True), ((), False), ((LATE,), False)])
def test_what_a_person_has_said_waits_no_more(causes, waits, clock):
    said = Correction(by="anna", at=clock.now, causes=causes)
    assert bool(made(clock.now, (LATE, 0.3), unsure=True, correction=said).review()) is waits


def test_a_sure_contact_costs_no_further_entry(loop, clock):
    sure, unsure = (say(loop, clock.now - timedelta(hours=n), f"{LATE}:.{n}") for n in (9, 4))
    assert Counter(e.listing for e in unsure.entries()) - Counter(e.listing for e in sure.entries()) == {
        "contact.review": 1
    }


# --- In which order ---


@BOTH
def test_the_most_doubtful_of_each_cause_in_turn(loop, clock):
    for n, text in enumerate(
        [f"{LATE}:.6", f"{LATE}:.3", f"{LATE}:.2", f"{LOST}:.5", f"{BILL}:.4", f"{LATE}:.95", f"{LATE}:.65"]
    ):
        say(loop, clock.now - timedelta(minutes=n), text)
    assert ask(loop, limit=50) == [
        f"{LATE}:.2", f"{BILL}:.4", f"{LOST}:.5", f"{LATE}:.3", f"{LATE}:.6", f"{LATE}:.65"
    ]  # fmt: skip


def test_this_week_comes_before_the_last_and_the_far_past_not_at_all(loop, clock):
    for weeks, chance in ((0, 6), (1, 2), (WEEKS - 1, 3), (WEEKS + 1, 1)):
        say(loop, clock.now - timedelta(weeks=weeks), f"{LATE}:.{chance}")
    assert ask(loop) == [f"{LATE}:.6", f"{LATE}:.2", f"{LATE}:.3"]


def test_contacts_nothing_explains_come_before_other_doubts(loop, clock):
    say(loop, clock.now, f"{LATE}:.2")
    say(loop, clock.now - timedelta(minutes=1), "说不清的事 complaint")
    assert ask(loop) == ["说不清的事 complaint", f"{LATE}:.2"]


def test_disagreement_and_new_words_come_before_the_same_doubt_without_them(loop, clock):
    several = [f"{LATE}:.6 常见的话说了又说"] * 200
    loop.change(lambda unit: unit.put(recent_words(several, "2026-11-18")))
    texts = [
        f"{LATE}:.6",
        f"{LATE}:.6 ~.3",
        f"{LATE}:.6 新词冒烟起火跳闸漏电",
        f"{LATE}:.6 ~.9",
        f"{LATE}:.3",
    ]
    for n, text in enumerate(texts):
        say(loop, clock.now - timedelta(minutes=n), text)
    line = next_contacts(loop, AGENT, 50).contacts
    assert [texts.index(c.text) for c in line] == [4, 3, 2, 1, 0]
    assert [c.teaches for c in line] == sorted((c.teaches for c in line), reverse=True)
    new = {texts.index(c.text): c.new_words for c in line}
    assert new[2] > 0.3 > new[0]


@pytest.mark.parametrize(
    ("text", "new", "waits"),
    [
        (f"{LATE}:.9", 0.0, False),
        (f"{LATE}:.9 ~.5", 0.0, False),
        (f"{LATE}:.9 ~.9", 0.0, True),
        (f"{LATE}:.9", 0.9, True),
        (f"{LATE}:.75 ~.4", 0.4, True),
        ("complaint sure praise", 0.9, False),
        ("praise ~.9", 0.5, True),
    ],
)
def test_a_sure_contact_waits_only_if_it_would_teach_much(text, new, waits, clock):
    (read,) = Saying()([text])
    read = replace(read, unsure=False)
    tags = tuple((t.code, t.confidence) for t in read.causes)
    contact = made(clock.now, *tags, new_words=new).model_copy(update={"analysis": read})
    assert bool(contact.review()) is waits
    assert 0 <= contact.teaches <= 1


KEYS = st.lists(st.integers(0, 40), unique=True, max_size=12)


@given(listed=st.dictionaries(st.sampled_from("abcd"), KEYS), held=st.dictionaries(st.integers(0, 40), st.sampled_from(["me", "you"])))  # fmt: skip
def test_the_line_is_fair(listed, held):
    listed = {cause: [f"{cause}{key}" for key in keys] for cause, keys in listed.items()}
    holder = {f"{cause}{key}": who for key, who in held.items() for cause in "abcd"}
    line = in_line(listed, holder, "me")
    free = {key for keys in listed.values() for key in keys if holder.get(key) != "you"}
    assert {w.contact for w in line} == free
    assert len(line) == len(free), "nothing twice"
    mine = [w.mine for w in line]
    assert mine == sorted(mine, reverse=True), "what is on my screen stays first"
    fresh = [w for w in line if not w.mine]
    assert [w.rank for w in fresh] == sorted(w.rank for w in fresh), "causes in turn"
    for cause, keys in listed.items():
        own = [w.contact for w in fresh if w.cause == cause]
        assert own == [k for k in keys if k in own], "within a cause the order of the list"


# --- Never on two screens ---


@BOTH
def test_two_people_are_shown_different_contacts_and_each_the_same_again(loop, clock):
    for n in range(6):
        say(loop, clock.now - timedelta(minutes=n), f"{(LATE, BILL)[n % 2]}:.{n + 1}")
    first, second = ask(loop, limit=4), ask(loop, OTHER_AGENT, limit=4)
    assert (len(first), len(second)) == (4, 2)
    assert not set(first) & set(second)
    assert ask(loop, limit=4) == first
    assert ask(loop, ADMIN) == []
    clock.forward(seconds=HELD.total_seconds() + 1)
    assert ask(loop, ADMIN, limit=2) == first[:2]


def test_claims_that_ran_out_are_not_kept(loop, clock):
    say(loop, clock.now, f"{LATE}:.3")
    for person in ("a", "b", "c"):
        ask(loop, Caller(person, Role.AGENT))
        clock.forward(hours=1)
    (claims,) = loop.store.scan(ReviewClaims)
    assert [c.by for c in claims.claims] == ["c"]


# --- A budget ---


@BOTH
def test_nobody_is_asked_more_than_the_budget_of_a_day(loop, clock):
    save_settings(loop, {"review_daily": 2}, None)
    for n in range(4):
        say(loop, clock.now - timedelta(minutes=n), f"{(LATE, BILL)[n % 2]}:.{n + 1} request")
    assert len(answer(loop, clock, limit=1)) == 1
    found = next_contacts(loop, AGENT, 50)
    assert (len(found.contacts), found.answered, found.left) == (1, 1, 1)
    answer(loop, clock)
    assert ask(loop) == []
    assert len(ask(loop, OTHER_AGENT)) == 2
    clock.forward(days=1)
    assert len(ask(loop)) == 2


def test_an_answer_counts_for_its_day_also_when_another_person_corrects_it(loop, clock):
    save_settings(loop, {"review_daily": 2}, None)
    contact = say(loop, clock.now, f"{LATE}:.3")
    clock.forward(minutes=1)
    for caller, cause in ((AGENT, LATE), (OTHER_AGENT, LOST), (AGENT, BILL), (ADMIN, LOST)):
        correct(loop, caller, contact.id, [cause], "complaint", 1)
        clock.forward(minutes=1)
    for caller in (AGENT, OTHER_AGENT, ADMIN):
        assert next_contacts(loop, caller, 5).answered == 1, "once a contact, whoever spoke last"


def test_what_was_chosen_while_logging_is_no_answer(loop, clock):
    say(loop, clock.now, f"{LATE}:.3")
    logged = say(loop, clock.now - timedelta(minutes=1), f"{LATE}:.4", causes=(BILL,), agent="agent")
    assert logged.correction is not None
    assert next_contacts(loop, AGENT, 5).answered == 0


def test_a_budget_of_nothing_asks_nothing(loop, clock):
    save_settings(loop, {"review_daily": 0}, None)
    say(loop, clock.now, f"{LATE}:.3")
    assert ask(loop) == []


# --- Whose business ---


@BOTH
def test_a_lead_is_asked_about_its_own_departments_only(loop, clock):
    say(loop, clock.now, f"{LATE}:.3")
    say(loop, clock.now - timedelta(minutes=1), f"{BILL}:.4")
    both = say(loop, clock.now - timedelta(minutes=2), f"{LATE}:.9 {BILL}:.5")
    say(loop, clock.now - timedelta(minutes=3), "建议 suggestion")
    assert ask(loop, LOGISTICS) == [f"{LATE}:.3"]
    assert ask(loop, FINANCE) == [f"{BILL}:.4", both.text], "under the cause that is in doubt"


@pytest.mark.parametrize("caller", [LOGISTICS, AGENT, ADMIN], ids=lambda c: c.role)
def test_a_confirmation_is_a_correction_equal_to_the_machines_tags(caller, loop, clock):
    contact = say(loop, clock.now, f"{LATE}:.6 {LOST}:.5 request 2")
    clock.forward(minutes=1)
    confirm(loop, caller, contact.id)
    drain(loop)
    after = stored(loop, contact.id)
    assert after.correction == Correction(
        by=caller.name, at=clock.now, causes=(LATE, LOST), contact_kind="request", severity=2
    )
    assert (after.causes, after.unsure, after.case) == (contact.causes, False, contact.case)
    clock.forward(minutes=1)
    again = confirm(loop, caller, contact.id)
    assert (again.version, again.correction) == (after.version, after.correction)
    assert ask(loop, caller) == []


def test_a_confirmation_does_not_undo_what_a_person_said(loop, clock):
    contact = say(loop, clock.now, f"{LATE}:.6")
    correct(loop, OTHER_AGENT, contact.id, [LOST], "complaint", 1)
    with pytest.raises(Conflict, match=r"review\.corrected"):
        confirm(loop, AGENT, contact.id)
    other = say(
        loop, clock.now - timedelta(minutes=1), f"{LATE}:.6 inquiry", contact_kind="request", severity=0
    )
    said = confirm(loop, AGENT, other.id).correction
    assert said is not None
    assert (said.causes, said.contact_kind, said.severity) == ((LATE,), "request", 0)


def test_what_cannot_be_confirmed(loop, clock):
    contact = say(loop, clock.now, f"{LATE}:.6")
    with pytest.raises(NotFound):
        confirm(loop, FINANCE, contact.id)
    with pytest.raises(NotFound):
        confirm(loop, AGENT, "nothing")
    with pytest.raises(Conflict, match="version"):
        confirm(loop, AGENT, contact.id, contact.version - 1)
    loop.change(lambda unit: unit.put(unit.get(Contact, contact.id).model_copy(update={"pending": "tag"})))
    with pytest.raises(Conflict, match=r"review\.untagged"):
        confirm(loop, AGENT, contact.id)


@BOTH
def test_an_erased_contact_waits_no_more(loop, clock):
    contact = say(loop, clock.now, f"{LATE}:.3")
    erase(loop, ADMIN, contact.customer, "本人要求")
    assert ask(loop) == []
