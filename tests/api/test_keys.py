"""A source's key hands contacts in and opens nothing else; it is shown once and kept as a digest."""

from __future__ import annotations

import json
from collections.abc import Callable
from threading import Barrier, Thread
from typing import Any

import pytest

from chalicelib.api.routing import PUBLIC, ROUTES
from chalicelib.loop import intake_keys
from chalicelib.model.errors import Conflict
from chalicelib.model.intake_key import IntakeKey
from chalicelib.model.people import Role
from tests.loop.making import ADMIN

ROW = {"text": "快递没到", "channel": "phone", "external_id": "1"}


@pytest.fixture
def made(api: Any) -> dict[str, Any]:
    """A new key as the admin sees it, once."""
    answer: dict[str, Any] = api("POST", "/keys", {"name": "呼叫中心"}).json
    return answer


@pytest.fixture
def call(api: Any) -> Callable[..., Any]:
    """A request with a key as its token."""

    def call(token: str, method: str, path: str, body: Any = None) -> Any:
        return api(method, path, body, user=None, headers={"Authorization": f"Bearer {token}"})

    return call


def test_it_hands_contacts_in_one_or_many(api, call, made):
    assert call(made["token"], "POST", "/contacts", ROW).status == 201
    assert (
        call(made["token"], "POST", "/contacts/bulk", {"contacts": [{**ROW, "external_id": "2"}]}).status
        == 200
    )
    taken = {
        c["taken_by"]
        for c in api("POST", "/contacts/search", {"q": "快递"}).json["hits"]
        for c in [c["contact"]]
    }
    assert taken == {f"key:{made['key']['id']}"}


def test_it_opens_no_other_door(call, company, made, samples, where):
    for route in ROUTES:
        if route.roles == PUBLIC or Role.SOURCE in route.roles:
            continue
        said = call(made["token"], route.method, where(route), samples.get(route.name, {}))
        assert (said.status, said.json["error"]["code"]) == (403, "role"), f"{route.method} {route.path}"
    assert {r.path for r in ROUTES if Role.SOURCE in r.roles} == {"/contacts", "/contacts/bulk"}


def test_it_is_never_shown_or_stored_again(api, loop, made):
    secret = made["token"].split("_", 2)[2]
    assert len(secret) >= 40
    stored = [key.model_dump_json() for key in loop.store.scan(IntakeKey)]
    assert all(secret not in one for one in stored)
    (shown,) = api("GET", "/keys").json["keys"]
    assert shown.keys() == {"id", "name", "by", "at", "used", "revoked", "revoked_by", "version", "demo"}
    assert secret not in json.dumps(shown)


def test_revoked_it_opens_nothing(api, call, made):
    assert api("POST", f"/keys/{made['key']['id']}/revoke").json["key"]["revoked_by"] == "admin"
    refused = call(made["token"], "POST", "/contacts", ROW)
    assert (refused.status, refused.json["error"]["code"]) == (401, "token")
    assert api("POST", f"/keys/{made['key']['id']}/revoke").status == 200, "safe to repeat"
    assert api("POST", "/keys", {"name": "呼叫中心"}).status == 201, "the name is free again"


WRONG = {
    "another secret": lambda token: token[:-4] + "AAAA",
    "no secret": lambda token: token.rsplit("_", 1)[0][:13] + "_",
    "another number": lambda token: "hk_0000000000" + token[13:],
    "only the prefix": lambda token: "hk_",
}


@pytest.mark.parametrize("kind", WRONG)
def test_a_wrong_key_gets_the_answer_of_every_wrong_token(call, made, kind):
    token = WRONG[kind](made["token"])
    assert token != made["token"]
    assert call(token, "POST", "/contacts", ROW).text == call("garbage", "POST", "/contacts", ROW).text


def test_one_source_has_one_key_at_a_time(api, made):
    again = api("POST", "/keys", {"name": " 呼叫中心 "})
    assert (again.status, again.json["error"]["code"]) == (409, "key.known")


def test_a_user_is_no_source(api):
    assert api("PUT", "/users/robot", {"role": "source"}).status == 422


@pytest.mark.parametrize("store", ["sqlite", "dynamo"], indirect=True)
def test_the_day_of_its_last_use_is_known_on_both_stores(store, loop, clock):
    key, token = intake_keys.make(loop, ADMIN, "网店")
    assert intake_keys.listed(loop)[0].used == ""
    for day in ("2026-11-18", "2026-11-19"):
        for _ in range(2):
            assert intake_keys.caller_of(loop, token).role is Role.SOURCE
        assert intake_keys.listed(loop)[0].used == day
        clock.forward(days=1)
    assert intake_keys.listed(loop)[0].version == 3, "written once a day"
    assert key.id == intake_keys.listed(loop)[0].id


def test_of_two_admins_at_the_same_instant_one_gets_the_key(loop):
    start, said = Barrier(4), list[str]()

    def ask() -> None:
        start.wait()
        try:
            said.append(intake_keys.make(loop, ADMIN, "呼叫中心")[0].id)
        except Conflict as error:
            said.append(error.code)

    threads = [Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert said.count("key.known") == 3
    assert len(intake_keys.listed(loop)) == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [("promise", {"what": "回电", "due": "2026-11-19T18:00"}), ("customer_of", "0" * 20)],
)
def test_it_neither_promises_nor_says_who_it_was(api, call, made, field, value):
    said = call(made["token"], "POST", "/contacts", {**ROW, field: value})
    assert (said.status, said.json["error"]["code"]) == (403, "contact.by_people")
    assert said.json["error"]["where"] == field
    rows = [{**ROW, field: value}, {**ROW, "external_id": "2"}]
    many = call(made["token"], "POST", "/contacts/bulk", {"contacts": rows}).json
    assert (many["taken"], many["refused"]) == (1, 1)
    assert many["results"][0]["error"]["code"] == "contact.by_people"
