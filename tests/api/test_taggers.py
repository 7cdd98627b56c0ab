"""The routes around versions of the tagger: who may do what, and what comes back."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pytest

from chalicelib.adapters.model_files import FolderModels
from chalicelib.api.routing import DOOR
from chalicelib.loop.context import Workshop
from chalicelib.loop.listen.learning import learn
from chalicelib.loop.schedule import study
from chalicelib.model.tagger import LiveTagger, TaggerVersion
from chalicelib.nlp.taggers import Taggers
from tests.conftest import WEDNESDAY
from tests.teaching import BETTER, company, teach, with_school


@pytest.fixture
def school(api, loop):
    """The app on a company that can learn."""
    loop = with_school(loop, BETTER)
    teach(loop, company(WEDNESDAY))
    DOOR.loop = lambda: loop
    return loop


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "/taggers", {"lead.logistics", "exec", "admin"}),
        ("POST", "/taggers", {"admin"}),
        ("POST", "/taggers/0/live", {"admin"}),
    ],
)
def test_who_may(api, school, method, path, allowed):
    said = {
        user: api(method, path, user=user).status for user in ("agent", "lead.logistics", "exec", "admin")
    }
    assert {user for user, status in said.items() if status < 300} == allowed
    assert {said[user] for user in said.keys() - allowed} == {403}
    assert api(method, path, user=None).status == 401


def test_asked_for_learnt_shown_and_taken_back(api, school):
    assert api("GET", "/taggers").json["live"] == 0
    asked = api("POST", "/taggers")
    assert (asked.status, asked.json) == (202, {"asked_by": "admin"})
    study(school)
    known = api("GET", "/taggers").json
    assert (known["live"], known["fault"], known["learning"]["outcome"]["code"]) == (1, None, "learn.live")
    one, shipped = known["taggers"]
    assert (one["number"], one["state"], one["by"], one["learnt"]) == (1, "live", "admin", 60)
    assert one["comparison"]["difference"]["low"] > 0
    assert (shipped["number"], shipped["state"]) == (0, "kept")
    back = api("POST", "/taggers/0/live")
    assert (back.status, back.json["state"]) == (200, "live")
    known = api("GET", "/taggers").json
    assert (known["live"], [one["state"] for one in known["taggers"]]) == (0, ["kept", "live"])
    assert [event["actor"] for event in known["events"]] == ["admin", "admin"]


@pytest.mark.parametrize(
    ("number", "status"), [("1", 404), ("x", 422), ("-1", 422), ("٣", 422), ("9" * 30, 422)]
)
def test_versions_that_there_are_not(api, school, number, status):
    refused = api("POST", f"/taggers/{number}/live")
    assert refused.status == status
    assert refused.json["error"]["where"] == "number"


def test_where_nothing_can_be_trained_it_is_said(api, loop, school):
    DOOR.loop = lambda: replace(school, workshop=replace(school.workshop, trainer=None))
    refused = api("POST", "/taggers")
    assert (refused.status, refused.json["error"]["code"]) == (422, "learn.unavailable")
    learn(school, "boss")
    assert api("POST", "/taggers/0/live").status == 200
    assert api("POST", "/taggers/1/live").status == 200


def test_a_live_version_that_cannot_be_read_is_shown_and_cannot_be_chosen(api, school):
    learn(school, "boss")
    school.workshop.files.kept.clear()
    known = api("GET", "/taggers").json
    assert (known["live"], known["fault"]["code"]) == (1, "model.absent")
    assert {"zh", "en"} <= set(known["fault"])
    assert api("GET", "/status").json["tagger"] == {"live": 1, "tags": 0, "fault": known["fault"]}
    assert api("POST", "/taggers/1/live").status == 422
    assert api("POST", "/taggers/0/live").status == 200
    assert api("GET", "/taggers").json["fault"] is None
    assert api("GET", "/status").json["tagger"] == {"live": 0, "tags": 0, "fault": None}


@pytest.mark.parametrize("files", [None, {"model.json": b"{}", "arrays.npz": b""}], ids=["gone", "damaged"])
def test_the_status_tells_of_the_very_tagger_that_tags(files, api, loop, tmp_path):
    """With real files: the shipped version tags, and the status says why and what to do in both languages."""
    folder, digest = FolderModels(tmp_path), "ab" * 32
    if files:
        folder.put(digest, files)
    taggers = Taggers(folder)
    version = TaggerVersion(number=3, digest=digest)
    loop.change(lambda unit: [unit.put(version), unit.put(LiveTagger().switched(version, unit.now, "boss"))])
    real = replace(
        loop, analyser=partial(taggers.live, loop.store), workshop=Workshop(folder, taggers, trainer=None)
    )
    DOOR.loop = lambda: real
    said = api("POST", "/contacts/suggest", {"text": "快递三天了还没送到"}, user="agent").json
    assert said["version"] == loop.analyser(loop.unit().taxonomy).version
    told = api("GET", "/status").json["tagger"]
    assert (told["live"], told["tags"]) == (3, 0)
    assert all("./voc learn --revert" in told["fault"][language] for language in ("zh", "en"))


def test_no_words_of_customers_are_in_the_answer(api, school):
    learn(school, "boss")
    assert "快递" not in api("GET", "/taggers").text
