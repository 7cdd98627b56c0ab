"""How good the labels are: the machine's tags, and the labels that are counted, against blind second looks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple, get_args

from chalicelib.loop.context import Loop
from chalicelib.loop.measure.value import State, Value, missing, share
from chalicelib.model.analysis import ContactKind
from chalicelib.model.contact import Contact
from chalicelib.model.entity import Fact
from chalicelib.model.people import Caller
from chalicelib.model.review import SecondLook, with_other
from chalicelib.model.taxonomy import Taxonomy
from chalicelib.model.weeks import weeks_between
from chalicelib.stats.agreement import Table, cohen_kappa

LOOKS = 30
"""Second looks below which neither a prevalence nor kappa is shown."""
EACH = 10
"""Contacts with a cause below which its precision, recall and kappa are not shown."""
READ_AT_ONCE = 1_000
KINDS: tuple[ContactKind, ...] = get_args(ContactKind)


class Pair(NamedTuple):
    """One contact: its causes as the machine gave them, as they are counted now, and by the second look."""

    machine: frozenset[str]
    counted: frozenset[str]
    person: frozenset[str]
    look: SecondLook


class CauseQuality(Fact):
    """One cause. A value that is not yet known says in `unknown` how many more it takes."""

    code: str
    label: str
    n: int
    """Second looks."""
    machine: int
    """Contacts the machine gave the cause."""
    person: int
    """Contacts the second person gave it."""
    precision: Value
    recall: Value
    kappa: Value
    prevalence: Value


class LabelQuality(Fact):
    """Over all: tags of all causes together, the kind, and severities off by one at most; and every cause."""

    n: int
    precision: Value
    recall: Value
    contact_kind: Value
    kind_kappa: Value
    severity: Value
    causes: list[CauseQuality]


def label_quality(loop: Loop, caller: Caller, first: str, last: str) -> LabelQuality:
    """The machine's tags against the second looks at contacts of these weeks; a lead sees its own causes.

    Tags of one contact are not independent: the intervals over all are a little too narrow for it.
    """
    found = pairs(loop, first, last)
    taxonomy = loop.unit().taxonomy
    codes = {code for pair in found for code in pair.machine | pair.person}
    tables = {code: table(found, code, machine) for code in codes}
    total = Table(*(sum(part) for part in zip(Table(0, 0, 0, 0), *tables.values(), strict=True)))
    shown = sorted(tables, key=lambda code: (-tables[code].both - tables[code].second, code))
    return LabelQuality(
        n=len(found),
        precision=_share(total.both, total.both + total.first),
        recall=_share(total.both, total.both + total.second),
        contact_kind=_share(
            sum(p.look.machine_kind == p.look.contact_kind for p in found), len(found), LOOKS
        ),
        kind_kappa=_kind_kappa(found),
        severity=_share(sum(_near(p.look) for p in found), len(found), LOOKS),
        causes=[
            _cause(code, taxonomy.label(code), tables[code])
            for code in shown
            if caller.sees([taxonomy.department_of(code)])
        ],
    )


def pairs(loop: Loop, first: str, last: str) -> list[Pair]:
    """Everything judged twice. A second look at what the same person corrected later does not count."""
    out, taxonomy = [], loop.unit().taxonomy
    for keys in _pages(loop, first, last):
        looks, contacts = loop.store.get(SecondLook, keys), loop.store.get(Contact, keys)
        both = ((look, contacts.get(key)) for key, look in looks.items())
        out += [_pair(look, c, taxonomy) for look, c in both if c and not c.corrected_by(look.by)]
    return out


def _pages(loop: Loop, first: str, last: str) -> Iterator[list[str]]:
    for week in weeks_between(first, last):
        after = ""
        while True:
            page = loop.store.find(SecondLook, "second_look.week", week, limit=READ_AT_ONCE, after=after)
            yield page.keys
            if not (after := page.next):
                break


def _pair(look: SecondLook, contact: Contact, taxonomy: Taxonomy) -> Pair:
    """All three in the causes of today: those that were merged since are one."""
    return Pair(
        with_other(map(taxonomy.current, look.machine), look.machine_kind),
        frozenset(map(taxonomy.current, contact.causes)),
        with_other(map(taxonomy.current, look.causes), look.contact_kind),
        look,
    )


def machine(pair: Pair) -> frozenset[str]:
    """What the machine said."""
    return pair.machine


def counted(pair: Pair) -> frozenset[str]:
    """What the stored numbers count: a person's word where there is one."""
    return pair.counted


def table(found: Iterable[Pair], code: str, label: Callable[[Pair], frozenset[str]]) -> Table:
    """One cause in the labels against the second looks."""
    cells = [0, 0, 0, 0]
    for pair in found:
        cells[2 * (code not in label(pair)) + (code not in pair.person)] += 1
    return Table(*cells)


def _cause(code: str, label: str, t: Table) -> CauseQuality:
    given, wanted = t.both + t.first, t.both + t.second
    return CauseQuality(
        code=code,
        label=label,
        n=t.n,
        machine=given,
        person=wanted,
        precision=_share(t.both, given),
        recall=_share(t.both, wanted),
        kappa=_kappa([[t.both, t.first], [t.second, t.neither]], t.n - t.neither),
        prevalence=_share(wanted, t.n, LOOKS),
    )


def _share(count: int, n: int, least: int = EACH) -> Value:
    if n < least:
        return missing(State.NOT_YET_KNOWN, n=n, count=count, unknown=least - n)
    return share(count, n)


def _near(look: SecondLook) -> bool:
    return abs(look.machine_severity - look.severity) <= 1


def _kind_kappa(found: Sequence[Pair]) -> Value:
    cells = [[0] * len(KINDS) for _ in KINDS]
    for pair in found:
        cells[KINDS.index(pair.look.machine_kind)][KINDS.index(pair.look.contact_kind)] += 1
    return _kappa(cells, len(found))


def _kappa(cells: Sequence[Sequence[int]], named: int) -> Value:
    """Kappa of a square table; `named` contacts bear on it at all."""
    n, agreed = sum(map(sum, cells)), sum(row[at] for at, row in enumerate(cells))
    lacking = max(LOOKS - n, EACH - named)
    if lacking > 0:
        return missing(State.NOT_YET_KNOWN, n=n, count=agreed, unknown=lacking)
    try:
        found = cohen_kappa(cells)
    except ValueError:  # one label, always: there is nothing to tell apart yet
        return missing(State.NOT_YET_KNOWN, n=n, count=agreed)
    return Value(state=State.KNOWN, value=found.value, low=found.low, high=found.high, n=n, count=agreed)
