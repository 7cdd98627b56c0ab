"""A cause nobody has named yet: found among ordinary contacts, put before a lead, accepted, and counted back."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest

from chalicelib.api.routing import DOOR
from chalicelib.loop.admin import save_user
from chalicelib.loop.focus.discovering import discover
from chalicelib.loop.listen.take import take
from chalicelib.loop.rebuild import recount
from chalicelib.loop.schedule import study, tick
from chalicelib.loop.worker import drain
from chalicelib.model.contact import Contact
from chalicelib.model.people import SYSTEM
from chalicelib.model.proposal import Proposal
from chalicelib.model.weeks import shift, week_of, week_start
from chalicelib.nlp.finder import LogOddsFinder
from tests.loop.subsidy import CONTACTS, LATER

CORPUS = Path(__file__).parents[1] / "chalicelib" / "data" / "corpus"
ORDINARY, WEEKS = 300, 10


def ordinary() -> list[str]:
    """Contacts of the authored corpus, the marks of its evidence taken away."""
    lines = [
        line for file in sorted(CORPUS.glob("*.tsv")) for line in file.read_text("utf-8").splitlines()[1:]
    ]
    texts = [re.sub(r"\{[^|{}]*\|([^{}]*)\}", r"\1", line.split("\t")[4]) for line in lines]
    return Random(47).sample(sorted(set(texts)), ORDINARY)


@pytest.fixture
def finding(api, loop):
    """The loop with the real finder, behind the app."""
    loop = replace(loop, finder=LogOddsFinder())
    DOOR.loop = lambda: loop
    return loop


def arrive(loop, now, texts, weeks) -> list[str]:
    """The texts, evenly over the last weeks."""
    start = week_start(shift(week_of(now), 1 - weeks))
    step = (now - start) / len(texts)
    rows = [
        {
            "text": text,
            "channel": "chat",
            "customer": f"{text[:12]}{n}",
            "time": start + n * step + timedelta(minutes=1),
        }
        for n, text in enumerate(texts)
    ]
    outcomes = take(loop, SYSTEM, rows)
    assert all(outcome.id for outcome in outcomes)
    drain(loop)
    return [outcome.id for outcome in outcomes]


def test_a_new_cause_is_found_accepted_and_counted_back(api, finding, clock):
    loop, week = finding, week_of(clock.now)
    arrive(loop, clock.now, ordinary(), WEEKS)
    subsidy = arrive(loop, clock.now, CONTACTS, 2)

    # Found at the close of the cycle; the schedule does the work, and doing it again changes nothing.
    api("GET", "/cycles/current", user="exec")
    assert api("POST", f"/cycles/{week}/close", user="exec").status == 200
    study(loop)
    found = api("GET", "/proposals", user="exec").json["proposals"]
    (proposal,) = [one for one in found if "资格码" in one["name"]]
    assert len(found) <= 3
    assert discover(loop, "boss").fresh == ()

    # Told in the customers' words, with contacts of it and hardly any other.
    told = api("GET", f"/proposals/{proposal['id']}", user="exec").json
    texts = [one["text"] for one in told["examples"]["typical"]]
    assert len(texts) == 5
    assert all("资格码" in text for text in texts)
    stored = loop.store.get(Proposal, [proposal["id"]])[proposal["id"]]
    assert len(set(stored.members) & set(subsidy)) >= 40, "in the others a known cause explains the clause"
    assert len(set(stored.members) - set(subsidy)) <= 0.2 * len(stored.members)
    assert not any(text in stored.definition for text in CONTACTS)

    # A lead makes it a cause: a new version of the taxonomy, a decision, an owner, and the past read again.
    given = {"code": "promo.subsidy_code", "label": "补贴资格码用不了", "department": "marketing"}
    refused = api("POST", f"/proposals/{proposal['id']}/accept", given, user="lead.quality")
    assert refused.status == 403
    save_user(loop, "lead.quality", departments=["marketing"])
    accepted = api("POST", f"/proposals/{proposal['id']}/accept", given, user="lead.quality").json
    assert (accepted["state"], accepted["cause"], accepted["taxonomy"]) == ("accepted", given["code"], 2)
    decisions = api("GET", "/cycles/current", user="exec").json["decisions"]
    assert [(d["what"], d["about"]) for d in decisions] == [("accept_proposal", proposal["id"])]
    tick(loop)
    drain(loop)
    contacts = loop.store.get(Contact, subsidy)
    assert sum(given["code"] in c.causes for c in contacts.values()) >= 55
    assert all("marketing" in c.departments for c in contacts.values() if given["code"] in c.causes)

    # The series has it back in time, with the seam marked.
    path = f"/series?by=cause&part={given['code']}&last={shift(week, 1)}"
    series = api("GET", path, user="exec").json
    by_week = {row["week"]: row["contacts"] for row in series["weeks"]}
    assert by_week[week] + by_week[shift(week, -1)] >= 55
    (seam,) = series["seams"]
    assert (seam["cause"], seam["taxonomy"], seam["reaches"]) == (given["code"], 2, shift(week, 1 - WEEKS))

    # What comes in now gets the cause at once; it is not proposed again; every number is what a recount gives.
    clock.forward(hours=1)
    later = arrive(loop, clock.now, LATER, 1)
    assert all(given["code"] in c.causes for c in loop.store.get(Contact, later).values())
    assert not [one for one in discover(loop, "boss").fresh if "资格码" in one.name]
    assert recount(loop).differences == 0
