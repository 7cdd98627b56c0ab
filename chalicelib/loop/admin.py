"""What an admin does: taxonomy, settings, users, dead letters."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from chalicelib.loop.context import Loop, LoopUnit
from chalicelib.loop.own.moves import same_version
from chalicelib.loop.worker import WRITES_EACH
from chalicelib.model.checked import checked
from chalicelib.model.contact import Contact, Step
from chalicelib.model.entity import Entity
from chalicelib.model.errors import Conflict, Invalid
from chalicelib.model.people import SYSTEM, Caller, Role, User, not_found
from chalicelib.model.settings import Settings, Touch
from chalicelib.model.taxonomy import Cause, Department, Taxonomy
from chalicelib.ports import DeadLetter
from chalicelib.privacy.text import clean_line


def new_taxonomy(
    loop: Loop, caller: Caller, departments: Sequence[Department], causes: Sequence[Cause], number: int | None
) -> Taxonomy:
    """Make the next version. Codes stay: one that is left out is kept, retired, since its history remains."""
    caller.must_be(Role.ADMIN)

    def decide(unit: LoopUnit) -> Taxonomy:
        based_on(unit.taxonomy, number)
        return next_version(unit, caller, departments, causes)

    windows = {c.code: c.window_days for c in loop.unit().taxonomy.causes}
    fresh = loop.change(decide)
    _relink(loop, [c.code for c in fresh.causes if windows.get(c.code, c.window_days) != c.window_days])
    return fresh


def based_on(taxonomy: Taxonomy, number: int | None) -> None:
    """Raises Conflict when the caller's change is based on another version than the one in force."""
    if number is not None and number != taxonomy.number:
        raise Conflict(
            "taxonomy.version",
            f"分类已更新到第 {taxonomy.number} 版，请基于它修改",
            f"the taxonomy is at version {taxonomy.number} now; change that one",
            "number",
        )


def next_version(
    unit: LoopUnit, caller: Caller, departments: Sequence[Department], causes: Sequence[Cause]
) -> Taxonomy:
    """Part of a larger change: the next version; the one in force when it would be the same."""
    before = unit.taxonomy
    retired, causes = _left_out(before, causes), [_still_gone(before, cause) for cause in causes]
    fresh = checked(
        Taxonomy,
        {
            "number": before.number + 1,
            "since": unit.now,
            "by": caller.name,
            "departments": _with_owners(before, departments, retired),
            "causes": [*causes, *retired],
        },
        "taxonomy",
    )
    same = (fresh.departments, fresh.causes) == (before.departments, before.causes)
    return before if same else unit.put(fresh)


def warnings(loop: Loop, taxonomy: Taxonomy) -> list[dict[str, str]]:
    """What an admin should know of a taxonomy, its phrases included, in both languages."""
    return [*taxonomy.warnings, *(loop.phrase_warnings(taxonomy) if loop.phrase_warnings else ())]


def _relink(loop: Loop, causes: Sequence[str]) -> None:
    """A changed window changes which contacts repeat which: owe those of the cause the step `link` again."""
    for cause in causes:
        after = ""
        while True:
            page = loop.store.find(Contact, "contact.cause", cause, limit=500, after=after)
            loop.in_parts(page.keys, WRITES_EACH, _owe_link)
            after = page.next
            if not after:
                break


def _owe_link(unit: LoopUnit, keys: Sequence[str]) -> None:
    for contact in unit.many(Contact, keys).values():
        unit.put(contact.model_copy(update={"pending": contact.pending or Step.LINK}))


def _left_out(before: Taxonomy, causes: Sequence[Cause]) -> list[Cause]:
    kept = {c.code for c in causes}
    return [c.model_copy(update={"active": False}) for c in before.causes if c.code not in kept]


def _still_gone(before: Taxonomy, cause: Cause) -> Cause:
    """A cause that stays retired keeps what took its place, also where a file does not tell."""
    known = before.by_code.get(cause.code)
    if cause.active or cause.successors or known is None:
        return cause
    return cause.model_copy(update={"merged_into": known.merged_into, "split_into": known.split_into})


def _with_owners(
    before: Taxonomy, departments: Sequence[Department], retired: Sequence[Cause]
) -> list[Department]:
    """The given departments and those that retired causes and customer service still need."""
    given = {d.code for d in departments}
    needed = {c.department for c in retired} | {before.service}
    return [*departments, *(d for d in before.departments if d.code in needed - given)]


def save_settings(
    loop: Loop, given: dict[str, Any], version: int | None, caller: Caller = SYSTEM
) -> Settings:
    """Change the given settings; the others stay. Each change says whose it is and when it was."""

    def decide(unit: LoopUnit) -> Settings:
        before = unit.settings
        same_version(before, version)
        own = {*Entity.model_fields, "changed"}
        if set(given) - (set(Settings.model_fields) - own):
            raise Invalid(
                "settings.unknown",
                "没有这个设置，./voc settings 列出全部",
                "there is no such setting; ./voc settings lists them",
                "settings",
            )
        after = checked(Settings, {**before.model_dump(exclude=own), **given}, "settings")
        names = [name for name in given if getattr(after, name) != getattr(before, name)]
        changed = {**before.changed, **dict.fromkeys(names, Touch(by=caller.name, at=unit.now))}
        after = after.model_copy(update={"version": before.version, "changed": changed})
        return unit.put(after) if names else before

    return loop.change(decide)


def ranges() -> dict[str, dict[str, Any]]:
    """Setting -> its default, and for a number the lowest and highest it may be."""
    shape = Settings.model_json_schema()["properties"]
    usual = Settings().model_dump(mode="json", exclude={*Entity.model_fields, "changed"})
    return {
        name: {
            "default": value,
            "low": shape[name].get("minimum"),
            "high": shape[name].get("maximum"),
        }
        for name, value in usual.items()
    }


def save_user(
    loop: Loop,
    name: str,
    *,
    role: Role | None = None,
    display: str | None = None,
    departments: Sequence[str] | None = None,
    password_hash: str | None = None,
    disabled: bool | None = None,
    demo: bool | None = None,
    version: int | None = None,
) -> User:
    """Create or change a user. A new password or a block ends all sessions. `version` is the one the caller saw,
    0 for a name that must be new."""
    given = {
        "role": role,
        "display": clean_line(display, where="display") if display else display,
        "departments": departments,
        "password": password_hash,
        "disabled": disabled,
        "demo": demo,
    }

    def decide(unit: LoopUnit) -> User:
        before = unit.get(User, name)
        _as_seen(before, version)
        if before is None and role is None:
            raise not_found("user")
        after = _changed(unit, before or User(name=name, role=role or Role.AGENT), given)
        _must_hold(unit, before, after)
        return before if before == after else unit.put(after)

    return loop.change(decide)


def _as_seen(before: User | None, version: int | None) -> None:
    """Raises Conflict where somebody else was quicker, also with a name that should be new."""
    if before is None:
        return
    if version == 0:
        raise Conflict(
            "user.known", "这个用户名已有人用，请换一个", "this name is taken; choose another", "name"
        )
    same_version(before, version)


def _changed(unit: LoopUnit, user: User, given: dict[str, Any]) -> User:
    """The user with what was given; None leaves things as they are."""
    given = {**given, "departments": _known_departments(unit, given["departments"])}
    update: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    if update.get("password") or update.get("disabled"):
        update["tokens_from"] = unit.now
    return user.model_copy(update=update)


def _must_hold(unit: LoopUnit, before: User | None, after: User) -> None:
    """Raises what keeps a user from being so: no person at all, a lead of nothing, the last admin gone."""
    if after.role is Role.SOURCE:
        raise Invalid(
            "user.role",
            "来源系统用密钥，不是用户；请在密钥里建",
            "source systems have keys and are no users; make a key",
            "role",
        )
    if after.role is Role.LEAD and not after.departments:
        raise Invalid("user.departments", "负责人要有部门", "a lead needs departments", "departments")
    if before and _runs_all(before) and not _runs_all(after) and _only_admin(unit, after.name):
        raise Conflict(
            "user.last_admin",
            "这是最后一位管理员，请先设另一位",
            "this is the last admin; make another one first",
            "name",
        )


def _runs_all(user: User) -> bool:
    return user.role is Role.ADMIN and not user.disabled


def _only_admin(unit: LoopUnit, name: str) -> bool:
    admins = unit.find(User, "user.role", Role.ADMIN)
    return not any(_runs_all(user) and user.name != name for user in admins)


def _known_departments(unit: LoopUnit, departments: Sequence[str] | None) -> tuple[str, ...] | None:
    if departments is None:
        return None
    unknown = set(departments) - {d.code for d in unit.taxonomy.departments}
    if unknown:
        raise Invalid(
            "department.unknown",
            "没有这个部门，可用的见 /taxonomy",
            "there is no such department; /taxonomy lists them",
            "departments",
        )
    return tuple(dict.fromkeys(departments))


def check_name(name: str) -> None:
    """Raises Invalid for what cannot be a sign-in name."""
    if not re.fullmatch(r"[A-Za-z0-9._-]{1,64}", name) or name == "system":
        raise Invalid(
            "user.name",
            "用户名只能用字母、数字和 . _ -，最多 64 个",
            "a user name takes letters, digits and . _ -, at most 64",
            "name",
        )


def users(loop: Loop) -> list[User]:
    """Everybody who can sign in."""
    return loop.unit().find(User, "user.all", "all", limit=5_000)


def dead_letters(loop: Loop) -> list[DeadLetter]:
    """Steps that were given up."""
    return loop.store.dead(500)


def send_again(loop: Loop, kind: str, key: str) -> None:
    """Owe a dead letter's step again."""
    if not loop.store.revive(kind, key):
        raise not_found("dead_letter")


def retag(loop: Loop, since_days: int = 0) -> int:
    """Owe every contact the step `tag` again, as after a new taxonomy; people's corrections stay."""
    since = loop.clock() - timedelta(days=since_days) if since_days else None
    keys = [
        contact.id
        for contact in loop.store.scan(Contact)
        if not contact.erased and (since is None or contact.time >= since)
    ]
    return sum(loop.in_parts(keys, WRITES_EACH, _owe_tag))


def _owe_tag(unit: LoopUnit, keys: Sequence[str]) -> int:
    contacts = unit.many(Contact, keys)
    for contact in contacts.values():
        unit.put(contact.model_copy(update={"pending": Step.TAG}))
    return len(contacts)
