"""Keys of source systems: made, shown once, revoked. A caller with one may hand contacts in, nothing else."""

from __future__ import annotations

import hmac
import secrets
from contextlib import suppress

from chalicelib.loop.context import Loop, LoopUnit
from chalicelib.model.errors import Conflict, Invalid
from chalicelib.model.intake_key import IntakeKey
from chalicelib.model.people import Caller, Role, bad_token, not_found
from chalicelib.model.sequence import Sequence
from chalicelib.model.weeks import date_of

PREFIX = "hk_"
"""How every key begins, so that it is known from a token, and by those who look for lost secrets."""
MOST = 200


def make(loop: Loop, caller: Caller, name: str) -> tuple[IntakeKey, str]:
    """A new key and, this once, what a source sends as its token."""
    caller.must_be(Role.ADMIN)
    number, secret = secrets.token_hex(5), secrets.token_urlsafe(32)

    def decide(unit: LoopUnit) -> IntakeKey:
        # Read and moved with each key: of two at the same instant the second is asked again, and finds the first.
        turn = unit.get(Sequence, "intake_key") or Sequence(name="intake_key")
        known = unit.find(IntakeKey, "intake_key.all", "all", limit=MOST)
        if any(one.name == name and one.revoked is None for one in known):
            raise Conflict(
                "key.known",
                "这个来源已有密钥；请先撤销旧的，或换个名字",
                "this source has a key already; revoke that one first, or choose another name",
                "name",
            )
        if len(known) >= MOST:
            raise Invalid("key.many", f"最多 {MOST} 把密钥", f"at most {MOST} keys", "name")
        unit.put(turn.model_copy(update={"last": turn.last + 1}))
        return unit.put(
            IntakeKey(
                id=number,
                name=name,
                fingerprint=_digest(loop, number, secret),
                by=caller.name,
                at=unit.now,
            )
        )

    return loop.change(decide), f"{PREFIX}{number}_{secret}"


def listed(loop: Loop) -> list[IntakeKey]:
    """All keys, the newest first; none can be read back."""
    return loop.unit().find(IntakeKey, "intake_key.all", "all", limit=MOST, newest_first=True)


def revoke(loop: Loop, caller: Caller, number: str) -> IntakeKey:
    """From now on it opens nothing; safe to repeat."""
    caller.must_be(Role.ADMIN)

    def decide(unit: LoopUnit) -> IntakeKey:
        known = unit.get(IntakeKey, number)
        if known is None:
            raise not_found("key")
        if known.revoked:
            return known
        return unit.put(known.model_copy(update={"revoked": unit.now, "revoked_by": caller.name}))

    return loop.change(decide)


def caller_of(loop: Loop, token: str) -> Caller:
    """Whom a key speaks for. Raises Unauthenticated with the answer that every wrong token gets."""
    number, _, secret = token.removeprefix(PREFIX).partition("_")
    known = loop.unit().get(IntakeKey, number)
    right = hmac.compare_digest(known.fingerprint if known else "", _digest(loop, number, secret))
    if known is None or not right or known.revoked:
        raise bad_token()
    if known.used != (today := date_of(loop.clock())):
        with suppress(Conflict):  # another request of today notes the same
            loop.change(lambda unit: _note_use(unit, number, today))
    return Caller(f"key:{number}", Role.SOURCE)


def _note_use(unit: LoopUnit, number: str, day: str) -> None:
    known = unit.get(IntakeKey, number)
    if known and known.used < day:
        unit.put(known.model_copy(update={"used": day}))


def _digest(loop: Loop, number: str, secret: str) -> str:
    return loop.vault.digest(f"intake key\n{number}\n{secret}")
