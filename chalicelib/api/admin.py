"""Routes of the admin: users, taxonomy, settings, privacy, dead letters."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from chalicelib.adapters.tokens import hash_password
from chalicelib.api.asked import Purpose
from chalicelib.api.routing import ADMIN, ANYONE, Ask, Body, Step, plain
from chalicelib.loop import admin, customers, erasure
from chalicelib.loop.listen.versions import tagging
from chalicelib.loop.repeat import reshaping
from chalicelib.model.people import Role
from chalicelib.model.purposes import PURPOSES
from chalicelib.model.taxonomy import Cause, Department

step = Step("admin")
route = step.route


class SaveUser(Body):
    """What to set; what is left out stays."""

    role: Role | None = None
    display: str | None = Field(None, max_length=60)
    departments: tuple[str, ...] | None = None
    password: str | None = Field(None, min_length=10, max_length=200)
    disabled: bool | None = None
    version: int | None = Field(None, description="The version the caller saw; 0: the name must be new")


class NewTaxonomy(Body):
    """The whole next version; `number` is the version it is based on."""

    departments: list[Department] = Field(min_length=1, max_length=200)
    causes: list[Cause] = Field(min_length=1, max_length=500)
    number: int | None = None


class MergeCauses(Body):
    """Which cause goes into which; `number` is the version this is based on."""

    cause: str = Field(max_length=64)
    into: str = Field(max_length=64)
    reason: str = Field("", max_length=1_000)
    number: int | None = None


class SplitCause(Body):
    """Which cause becomes which new ones."""

    cause: str = Field(max_length=64)
    into: list[reshaping.Part] = Field(min_length=2, max_length=20)
    reason: str = Field("", max_length=1_000)
    number: int | None = None


class NewSettings(Body):
    """The settings to change."""

    settings: dict[str, Any]
    version: int | None = None


class LetterAgain(Body):
    """Which dead letter."""

    kind: str = Field(max_length=40)
    key: str = Field(max_length=200)


@route("GET", "/users", ADMIN, "Everybody who can sign in")
def list_users(ask: Ask) -> Any:
    return {"users": admin.users(ask.loop)}


@route("PUT", "/users/{name}", ADMIN, "Create or change a user", body=SaveUser)
def save_user(ask: Ask, name: str) -> Any:
    given = ask.body(SaveUser).model_dump(exclude={"password"})
    password = ask.body(SaveUser).password
    admin.check_name(name)
    hashed = hash_password(password) if password else None
    return admin.save_user(ask.loop, name, password_hash=hashed, **given)


@route("GET", "/taxonomy", ANYONE, "Causes and departments in force")
def read_taxonomy(ask: Ask) -> Any:
    taxonomy = ask.loop.unit().taxonomy
    return {"taxonomy": taxonomy, "warnings": taxonomy.warnings}


@route("PUT", "/taxonomy", ADMIN, "Make the next version of the taxonomy", body=NewTaxonomy)
def save_taxonomy(ask: Ask) -> Any:
    b = ask.body(NewTaxonomy)
    taxonomy = admin.new_taxonomy(ask.loop, ask.caller, b.departments, b.causes, b.number)
    return {"taxonomy": taxonomy, "warnings": admin.warnings(ask.loop, taxonomy)}


@route("POST", "/taxonomy/merge", ADMIN, "Count a cause under another one, the past too", body=MergeCauses)
def merge_causes(ask: Ask) -> Any:
    b = ask.body(MergeCauses)
    return {"change": reshaping.merge(ask.loop, ask.caller, b.cause, b.into, b.reason, b.number)}


@route("POST", "/taxonomy/split", ADMIN, "Split a cause; reads its past again", body=SplitCause)
def split_cause(ask: Ask) -> Any:
    b = ask.body(SplitCause)
    return {"change": reshaping.split(ask.loop, ask.caller, b.cause, b.into, b.reason, b.number)}


@route(
    "GET", "/taxonomy/changes", ANYONE, "Merges and splits, how far the past has followed, when it settles"
)
def list_changes(ask: Ask) -> Any:
    shown = reshaping.listed(ask.loop)
    return {"changes": [{**plain(one), "settles": None if one.done else one.settles} for one in shown]}


@route("GET", "/settings", ADMIN, "Settings in force")
def read_settings(ask: Ask) -> Any:
    return ask.loop.unit().settings


@route("GET", "/settings/ranges", ADMIN, "Default and range of each setting")
def read_ranges(ask: Ask) -> Any:
    return {"ranges": admin.ranges()}


@route("PATCH", "/settings", ADMIN, "Change settings", body=NewSettings)
def save_settings(ask: Ask) -> Any:
    b = ask.body(NewSettings)
    return admin.save_settings(ask.loop, b.settings, b.version, ask.caller)


@route("GET", "/dead-letters", ADMIN, "Steps that were given up")
def list_dead_letters(ask: Ask) -> Any:
    return {"dead_letters": admin.dead_letters(ask.loop)}


@route("POST", "/dead-letters/again", ADMIN, "Try a dead letter again", body=LetterAgain)
def send_again(ask: Ask) -> Any:
    b = ask.body(LetterAgain)
    admin.send_again(ask.loop, b.kind, b.key)
    return {"sent": True}


@route("POST", "/customers/{id}/export", ADMIN, "Everything held about one person; logged", body=Purpose)
def export_customer(ask: Ask, id: str) -> Any:
    return customers.export(ask.loop, ask.caller, id, ask.body(Purpose).purpose)


@route("POST", "/customers/{id}/erase", ADMIN, "Erase one person; gives a receipt", body=Purpose)
def erase_customer(ask: Ask, id: str) -> Any:
    return erasure.erase(ask.loop, ask.caller, id, ask.body(Purpose).purpose)


@route("GET", "/receipts", ADMIN, "Proofs of erasure")
def list_receipts(ask: Ask) -> Any:
    return {"receipts": erasure.receipts(ask.loop)}


@route("GET", "/privacy/purposes", ANYONE, "Which personal field is kept where, what for, until when")
def purposes(ask: Ask) -> Any:
    return {"purposes": PURPOSES}


@route("GET", "/status", ADMIN, "Owed work, dead letters, whether the live tagger can be read")
def status(ask: Ask) -> Any:
    return {
        "waiting": ask.loop.store.waiting(),
        "dead_letters": len(admin.dead_letters(ask.loop)),
        "tagger": tagging(ask.loop),
        "time": ask.loop.clock(),
    }
