"""Take contacts in: validated one by one, stored once, handed to the worker with the same save."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Any, Literal

from chalicelib.loop.context import Loop, LoopUnit
from chalicelib.loop.listen.arriving import NewContact, customer_ref, natural_key, not_in_future
from chalicelib.loop.listen.promises import check_due, promised
from chalicelib.model.checked import checked
from chalicelib.model.contact import Contact, Correction, Original, Step
from chalicelib.model.customer import Alias, Customer
from chalicelib.model.errors import Conflict, Forbidden, Invalid, LoopError, together
from chalicelib.model.people import Caller, Role
from chalicelib.model.taxonomy import Taxonomy
from chalicelib.model.weeks import parse_time
from chalicelib.privacy.mask import mask, mask_ref, show_ref

Status = Literal["taken", "known", "refused"]
WRITES_EACH = 8
"""Changes and index entries a contact at most: itself, its original, its customer."""


@dataclass(frozen=True)
class Outcome:
    """What became of one arriving contact."""

    status: Status
    id: str = ""
    error: LoopError | None = None


@dataclass(frozen=True)
class _Draft:
    new: NewContact
    id: str
    time: datetime
    customer: str
    ref: str
    fingerprint: str


def take(
    loop: Loop, caller: Caller, rows: Sequence[Any], ordinals: Sequence[int] | None = None
) -> list[Outcome]:
    """Take every row that can be taken; the others are refused one by one, in the rows' order."""
    outcomes: list[Outcome | None] = [None] * len(rows)
    drafts: list[tuple[int, _Draft]] = []
    now = loop.clock()
    for i, row in enumerate(rows):
        try:
            drafts.append((i, _draft(loop, caller, row, now, ordinals[i] if ordinals else 0)))
        except LoopError as error:
            outcomes[i] = Outcome("refused", error=together([error, *_besides(loop, row, error, now)]))
    parts = loop.in_parts(
        [draft for _, draft in drafts], WRITES_EACH, lambda unit, part: _take_part(unit, caller, part)
    )
    for (i, _), outcome in zip(drafts, chain.from_iterable(parts), strict=True):
        outcomes[i] = outcome
    return [outcome for outcome in outcomes if outcome is not None]


def why_refused(loop: Loop, caller: Caller, row: Any) -> LoopError | None:
    """What `take` would refuse a row for now, None if nothing; nothing is stored."""
    try:
        draft = _draft(loop, caller, row, loop.clock(), 0)
    except LoopError as error:
        return error
    return _take_one(loop.unit(), caller, draft).error


def take_one(loop: Loop, caller: Caller, row: dict[str, Any] | NewContact) -> Outcome:
    """Take one contact. Raises what refuses it."""
    raw = row.model_dump() if isinstance(row, NewContact) else row
    (outcome,) = take(loop, caller, [raw])
    if outcome.error:
        raise outcome.error
    return outcome


def _draft(loop: Loop, caller: Caller, row: Any, now: datetime, ordinal: int) -> _Draft:
    new = checked(NewContact, row)
    _by_people(caller, new)
    time = not_in_future(new.time or now, now)
    ref = customer_ref(new.customer)
    digest = loop.vault.digest
    return _Draft(
        new,
        digest("contact\n" + natural_key(new, time, ordinal))[:20],
        time,
        digest("customer\n" + ref) if ref else "",
        ref,
        digest(f"fingerprint\n{new.text}\n{ref}")[:12],
    )


def _besides(loop: Loop, row: Any, error: LoopError, now: datetime) -> Iterator[LoopError]:
    """What else is wrong with a refused row, of what is looked at only once its fields are read."""
    if not (isinstance(row, dict) and isinstance(error, Invalid)):
        return
    wrong = {fault.where.partition(".")[0] for fault in error.faults}
    checks: dict[str, Callable[[Any], object]] = {
        "time": lambda said: not_in_future(parse_time(said, where="time"), now),
        "causes": lambda said: check_given(loop.unit().taxonomy, said),
    }
    for field, check in checks.items():
        try:
            if field not in wrong and row.get(field):
                check(row[field])
        except Invalid as fault:
            yield fault


def _by_people(caller: Caller, new: NewContact) -> None:
    """Raises Forbidden when a source system promises, or names a customer by an earlier contact."""
    for field, given in {"promise": new.promise, "customer_of": new.customer_of}.items():
        if given and caller.role is Role.SOURCE:
            raise Forbidden(
                "contact.by_people",
                f"来源系统的密钥不能带 {field}，请去掉；承诺和认人只能由登录的人来做",
                f"a source's key may not send {field}; remove it: only people who are signed in may",
                field,
            )


def _take_part(unit: LoopUnit, caller: Caller, part: Sequence[_Draft]) -> list[Outcome]:
    unit.many(Contact, (d.id for d in part))  # read at once what is then asked for one by one
    unit.many(Customer, (d.customer for d in part if d.customer))
    return [_take_one(unit, caller, draft) for draft in part]


def _take_one(unit: LoopUnit, caller: Caller, draft: _Draft) -> Outcome:
    known = unit.get(Contact, draft.id)
    if known:
        if known.erased or known.fingerprint == draft.fingerprint:
            return Outcome("known", draft.id)
        return Outcome("refused", draft.id, _changed())
    try:
        if draft.new.causes:  # the taxonomy is read for nothing else
            check_given(unit.taxonomy, draft.new.causes)
        if draft.new.promise:
            check_due(unit, draft.new.promise)
        customer = _customer(unit, draft)
    except Invalid as error:
        return Outcome("refused", error=error)
    contact, original = _contact(unit, caller, draft, customer)
    unit.put(contact)
    if draft.new.promise:
        promised(unit, caller, contact, draft.new.promise)
    if original:
        unit.put(original)
    return Outcome("taken", draft.id)


def _customer(unit: LoopUnit, draft: _Draft) -> Customer | None:
    if not draft.customer:
        return _same_customer(unit, draft.new.customer_of)
    known = unit.get(Customer, draft.customer)
    if known is None and (alias := unit.get(Alias, draft.customer)):
        known = unit.get(Customer, alias.customer)
    if known:
        earlier = draft.time < known.first_seen and not known.erasing
        return unit.put(known.model_copy(update={"first_seen": draft.time})) if earlier else known
    sealed = unit.vault.seal(json.dumps({"ref": draft.ref}, ensure_ascii=False), draft.customer)
    return unit.put(
        Customer(
            id=draft.customer,
            shown=show_ref(draft.ref),
            sealed=sealed,
            segment=draft.new.segment or "unknown",
            first_seen=min(draft.time, unit.now),
        )
    )


def _same_customer(unit: LoopUnit, earlier: str) -> Customer | None:
    """The customer of an earlier contact; none when that had none or was erased."""
    before = unit.get(Contact, earlier) if earlier else None
    if earlier and before is None:
        raise Invalid(
            "contact.customer_of",
            "没有这条以前的联络，请重新查订单",
            "there is no such earlier contact; look the order up again",
            "customer_of",
        )
    return unit.get(Customer, before.customer) if before and before.customer else None


def _contact(
    unit: LoopUnit, caller: Caller, draft: _Draft, customer: Customer | None
) -> tuple[Contact, Original | None]:
    new = draft.new
    masked = mask(new.text)
    secret = {name: getattr(new, name) for name in ("external_id", "order", "bill", "product")}
    refs = {name: mask_ref(value, unit.vault.digest) for name, value in secret.items()}
    contact = Contact(
        id=draft.id,
        channel=new.channel,
        fingerprint=draft.fingerprint,
        customer=customer.id if customer else "",
        text=masked.text,
        masked=tuple(dict.fromkeys(f.kind for f in masked.found)),
        time=draft.time,
        received=unit.now,
        taken_by=caller.name,
        segment=mask(new.segment).text or (customer.segment if customer else "unknown"),
        seconds=new.seconds,
        concession=new.concession,
        agent=mask(new.agent).text,
        legal_basis=new.legal_basis or (customer.legal_basis if customer else None) or "",
        notice_version=new.notice_version or (customer.notice_version if customer else ""),
        correction=_chosen(unit, caller, new),
        pending=Step.TAG,
        demo=customer.demo if customer else False,
        **refs,
    )
    if not masked.found and refs == secret:
        return contact, None
    plain = json.dumps({"text": new.text, **secret}, ensure_ascii=False)
    return contact, Original(id=draft.id, demo=contact.demo, sealed=unit.vault.seal(plain, draft.id))


def _chosen(unit: LoopUnit, caller: Caller, new: NewContact) -> Correction | None:
    """What the agent chose while logging counts as a person's word, like a later correction."""
    if not new.causes and new.contact_kind is None and new.severity is None:
        return None
    return Correction(
        by=new.agent or caller.name,
        at=unit.now,
        causes=new.causes or None,
        contact_kind=new.contact_kind,
        severity=new.severity,
    )


def check_given(taxonomy: Taxonomy, causes: Iterable[str]) -> None:
    """The same for causes by the names they may have had before they were merged."""
    check_causes(taxonomy, map(taxonomy.current, causes))


def check_causes(taxonomy: Taxonomy, causes: Iterable[str]) -> None:
    """Raises Invalid for a cause that may not be given, naming what took its place."""
    for cause in causes:
        known = taxonomy.by_code.get(cause)
        if known is None or not known.active:
            raise _no_such_cause(taxonomy.takes(cause) & {c.code for c in taxonomy.active})


def _no_such_cause(instead: Collection[str]) -> Invalid:
    if instead:
        names = ", ".join(sorted(instead))
        return Invalid(
            "cause.gone",
            f"这个原因已并入或拆分，请改用：{names}",
            f"this cause was merged or split; use: {names}",
            "causes",
        )
    return Invalid(
        "cause.unknown",
        "没有这个原因代码，可用的见 /taxonomy",
        "there is no such cause code; /taxonomy lists them",
        "causes",
    )


def _changed() -> Conflict:
    return Conflict(
        "contact.changed",
        "同一渠道同一编号的联络已在，内容不同；联络记录不改写，请用新编号",
        "this channel and number is already taken with other content; contacts are never rewritten: use a new one",
        "external_id",
    )
