"""A store full of finished contacts, cases, call-backs and denominators, for benches that begin where the loop
ends: everything is as if it had been listened to, tagged, routed, linked and counted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import islice
from random import Random

from chalicelib.loop.context import Loop, LoopUnit
from chalicelib.loop.measure.charging import bearers, book, wanted
from chalicelib.loop.measure.links import links
from chalicelib.loop.own.route import cost_of
from chalicelib.model.analysis import Analysis, Tag
from chalicelib.model.case import Callback, CallbackState, Case, CaseState
from chalicelib.model.contact import Channel, Contact
from chalicelib.model.cycle import Denominator
from chalicelib.model.entity import Entity
from chalicelib.model.months import month_of
from chalicelib.model.settings import Settings
from chalicelib.model.taxonomy import Taxonomy
from chalicelib.model.weeks import shift, week_of

WEEKS = 104
SPAN = timedelta(weeks=WEEKS - 2)
EACH = 3
"""Contacts a customer has on average; some have one, some a dozen."""
AT_ONCE = 2_000
"""Customers a save."""
CHANNELS = (Channel.PHONE, Channel.CHAT, Channel.WECHAT, Channel.APP, Channel.EMAIL)
SAID = ("快递三天没送到，一直显示在路上", "退款申请了十天还没到账", "你们客服电话根本打不进去", "买的锅用了两次就坏了",
        "想问一下发票怎么开", "安装师傅约好了又没来", "优惠券下单时用不了，提示已过期", "账单上多了一笔看不懂的费用")  # fmt: skip
Progress = Callable[[int], None]


def fill(loop: Loop, count: int, progress: Progress = lambda done: None, seed: int = 4) -> int:
    """Write `count` contacts and what belongs to them; returns how many entities that were."""
    unit, rng, done, entities = loop.unit(), Random(seed), 0, 0
    taxonomy, settings, now = unit.taxonomy, unit.settings, loop.clock()
    entities += _put(loop, list(denominators(taxonomy, now)))
    everybody = histories(rng, taxonomy, settings, now, count)
    while some := [entity for history in islice(everybody, AT_ONCE) for entity in history]:
        entities += _put(loop, some)
        done += sum(isinstance(entity, Contact) for entity in some)
        progress(done)
    return entities


def _put(loop: Loop, entities: list[Entity]) -> int:
    def put(unit: LoopUnit) -> int:
        return len([unit.put(entity) for entity in entities])

    return loop.change(put)


def histories(
    rng: Random, taxonomy: Taxonomy, settings: Settings, now: datetime, count: int
) -> Iterator[list[Entity]]:
    """One customer after the other, as time goes by: contacts with their marks, perhaps a case and its call-back."""
    codes = [cause.code for cause in taxonomy.active]
    number = 0
    while number < count:
        mine = min(count - number, 1 + int(rng.expovariate(1 / (EACH - 1))))
        customer = f"{rng.getrandbits(128):032x}"[:26]
        begun, usual = now - (1 - number / count) * SPAN - timedelta(days=7), rng.choice(codes)
        contacts = [
            _contact(rng, number + n, customer, begun, usual, codes, taxonomy, settings) for n in range(mine)
        ]
        number += mine
        marks = links(contacts, taxonomy.window)
        contacts = [
            c.model_copy(update={"repeats": marks[c.id][0], "repeated": marks[c.id][1]}) for c in contacts
        ]
        yield list(_with_case(rng, contacts, usual, taxonomy))


def _contact(
    rng: Random,
    number: int,
    customer: str,
    begun: datetime,
    usual: str,
    codes: list[str],
    taxonomy: Taxonomy,
    settings: Settings,
) -> Contact:
    causes = (usual,) if rng.random() < 0.7 else tuple(rng.sample(codes, rng.choice((0, 1, 2))))
    owners = tuple(taxonomy.department_of(cause) for cause in causes)
    time, sure = begun + rng.random() ** 2 * timedelta(days=6.9), round(rng.uniform(0.6, 1), 4)
    tags = tuple(Tag(cause, sure, ((2, 8),)) for cause in causes)
    contact = Contact(
        id=f"{rng.getrandbits(60):015x}{number % 100_000:05d}",
        channel=rng.choice(CHANNELS),
        fingerprint="bench",
        customer=customer,
        text=rng.choice(SAID),
        time=time,
        received=time,
        taken_by="bench",
        segment=rng.choice(("new", "old")),
        order=f"DD{number // 2}" if rng.random() < 0.4 else "",
        seconds=rng.randint(30, 900),
        analysis=Analysis("bench", tags, "complaint", severity=number % 3),
        causes=causes,
        contact_kind="complaint" if causes else "inquiry",
        severity=number % 3,
        department=next(iter(owners), ""),
        departments=tuple(dict.fromkeys(owners)),
        owners=owners,
        taxonomy=taxonomy.number,
    )
    priced = contact.model_copy(update={"cost": cost_of(contact, settings.rate(contact.channel))})
    month = month_of(time)
    return priced.model_copy(update={"charges": book((), wanted(priced.cost, bearers(priced)), month, month)})


def _with_case(rng: Random, contacts: list[Contact], cause: str, taxonomy: Taxonomy) -> Iterator[Entity]:
    """Six in ten of the customers' usual causes became a case; half of those were solved and called about."""
    mine = [c for c in contacts if cause in c.causes]
    if not mine or rng.random() > 0.6:
        yield from contacts
        return
    opened, department = min(c.time for c in mine), taxonomy.department_of(cause)
    case = Case(
        id=f"K-{contacts[0].id}",
        cause=cause,
        department=department,
        customer=contacts[0].customer,
        contacts=len(mine),
        opened=opened,
        accept_due=opened + timedelta(days=1),
        resolve_due=opened + timedelta(days=5),
        accepted=opened + timedelta(hours=rng.randint(1, 40)),
        own_minutes=rng.randint(1, 900),
        state=CaseState.WORKING,
    )
    if rng.random() < 0.5:
        solved = {"state": CaseState.VERIFIED, "resolved": opened + timedelta(days=rng.randint(1, 8))}
        case = case.model_copy(update={**solved, "resolve_minutes": rng.randint(60, 4_000)})
        yield _callback(rng, case)
    yield case
    yield from (c.model_copy(update={"case": case.id}) if cause in c.causes else c for c in contacts)


def _callback(rng: Random, case: Case) -> Callback:
    reached = rng.random() < 0.7
    answer = {"says_resolved": rng.random() < 0.8, "satisfaction": "satisfied"} if reached else {}
    state = CallbackState.REACHED if reached else CallbackState.NOT_REACHED
    common = {"case": case.id, "round": 1, "cause": case.cause, "department": case.department}
    times = {"created": case.resolved, "due": case.resolved, "attempts": 1, "in_limit": reached}
    return Callback.model_validate({**common, **times, "customer": case.customer, "state": state, **answer})


def denominators(taxonomy: Taxonomy, now: datetime) -> Iterator[Denominator]:
    """Every denominator of the taxonomy for every week."""
    last = week_of(now)
    names = sorted({cause.denominator for cause in taxonomy.active} | {"orders"})
    for week in (shift(last, -n) for n in range(WEEKS)):
        yield from (Denominator(name=name, period=week, week=week, value=40_000) for name in names)
