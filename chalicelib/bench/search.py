"""`voc bench search`: how long a search takes beside a LIKE scan of the same texts, and what the index costs.

The texts are put together from sentences of the demo company, about 45 characters each, and saved as contacts
without going through the loop. Every answer is compared with a scan of all texts. What writing costs is
measured through the whole loop, with the index and without it, in turn.
"""

from __future__ import annotations

import re
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from chalicelib.bench.child import Numbers
from chalicelib.bench.loop import AT_ONCE, BENCH, contacts
from chalicelib.environment import Environment
from chalicelib.loop.context import Loop
from chalicelib.loop.listen.search import search
from chalicelib.loop.listen.take import take
from chalicelib.loop.worker import drain
from chalicelib.model.contact import Channel, Contact
from chalicelib.model.entity import KINDS, Entity, Searched
from chalicelib.wiring import DATABASE, build

PAGE = 50
"""Contacts an answer has, as on a screen."""
QUERIES, TRIES = 50, 400
"""Queries of a sort, and how many are drawn to find them."""
FREQUENT, RARE = 0.02, 20
"""Share of the texts from which a term is frequent; texts up to which it is rare."""
WRITTEN = 2_000
"""Contacts taken through the loop to see what the index costs."""
SORTS = ("frequent", "rare", "absent", "two terms", "number part", "one letter")
_NUMBER = re.compile("[a-z0-9]{6,}")
Step = Callable[[str], None]


def measure(count: int, rounds: int, step: Step = lambda label: None, written: int = WRITTEN) -> Numbers:
    """All figures; `wrong` is how many answers differ from looking at every text."""
    with TemporaryDirectory(prefix="voc-search-") as folder:
        step("装入 filling")
        system = build(Environment(data=Path(folder)))
        now = system.loop.clock()
        with closing(sqlite3.connect(Path(folder) / DATABASE)) as db:
            try:
                filled = _fill(system.loop, count, now)
                queries = _queries(db, Random(3), step)
                found = {sort: _ask(system.loop, db, terms) for sort, terms in queries.items() if terms}
            finally:
                system.close()
            (size,) = db.execute("select sum(length(block)) from pairs_data").fetchone()
    step("写入 writing")
    wrong = sum(f.pop("wrong") for f in found.values())
    return {"contacts": count, **filled, "index_bytes": size, "queries": found, "wrong": wrong,
            "write": _write_cost(written, rounds, now)}  # fmt: skip


def _fill(loop: Loop, count: int, now: datetime) -> Numbers:
    said = [row["text"] for row in contacts(count, now)]
    rng, letters = Random(7), 0
    for start in range(0, count, AT_ONCE):
        new = [_contact(n, rng, said, now) for n in range(start, min(start + AT_ONCE, count))]
        letters += sum(len(contact.text) for contact in new)
        loop.change(lambda unit, new=new: [unit.put(contact) for contact in new])  # type: ignore[misc]
    return {"letters": letters / count}


def _contact(number: int, rng: Random, said: Sequence[str], now: datetime) -> Contact:
    text = "".join([said[number], *rng.choices(said, k=rng.randint(0, 3))])
    time = now - timedelta(minutes=rng.random() * 260_000)
    return Contact(id=f"bench{number:07d}", channel=Channel.PHONE, fingerprint="", text=text, time=time,
                   received=now, taken_by=BENCH.name)  # fmt: skip


def _queries(db: sqlite3.Connection, rng: Random, step: Step) -> dict[str, list[list[str]]]:
    """Sort -> its queries, drawn from the texts themselves."""
    texts = [text for (text,) in db.execute("select text from texts order by at")]
    out: dict[str, list[list[str]]] = {sort: [] for sort in SORTS}
    for _ in range(TRIES):
        for sort, terms in _drawn(db, rng, texts, out):
            if len(out[sort]) < QUERIES and terms not in out[sort]:
                out[sort].append(terms)
        step(f"选词 choosing terms {min(map(len, out.values()))}/{QUERIES}")
        if all(len(terms) == QUERIES for terms in out.values()):
            break
    return out


def _drawn(
    db: sqlite3.Connection, rng: Random, texts: Sequence[str], have: dict[str, list[list[str]]]
) -> Iterator[tuple[str, list[str]]]:
    text, other = rng.choice(texts), rng.choice(texts)
    term, second = _part(rng, text, 2, 4), _part(rng, text, 2, 3)
    swapped = term[1:] + _part(rng, other, 1, 2)
    yield "two terms", [term, second]
    yield "one letter", [rng.choice(term)]
    if number := _NUMBER.search(text):
        yield "number part", [_part(rng, number[0], 4, 6)]
    for wanted, drawn in (({"frequent", "rare"}, term), ({"absent"}, swapped)):
        if any(len(have[sort]) < QUERIES for sort in wanted):
            sort = _sort(len(_holding(db, [drawn])), len(texts))
            if sort in wanted:
                yield sort, [drawn]


def _part(rng: Random, text: str, least: int, most: int) -> str:
    """A part of a text without blanks and without LIKE's wildcards."""
    for _ in range(100):
        start = rng.randrange(max(1, len(text) - least + 1))
        part = text[start : start + rng.randint(least, most)]
        if len(part) >= least and not re.search(r"[\s%_]", part):
            return part
    return "退款"


def _sort(hits: int, count: int) -> str:
    if hits >= FREQUENT * count:
        return "frequent"
    return "absent" if not hits else "rare" if hits <= RARE else ""


def _holding(db: sqlite3.Connection, terms: Sequence[str]) -> set[str]:
    """The keys of the texts that hold all terms, by looking at each."""
    where = " and ".join("instr(text, ?)" for _ in terms)
    return {key for (key,) in db.execute(f"select key from texts where {where}", terms)}


def _ask(loop: Loop, db: sqlite3.Connection, queries: Sequence[list[str]]) -> Numbers:
    times: dict[str, list[float]] = {"answer": [], "index": [], "like": []}
    found, wrong = [], 0
    for terms in queries:
        times["answer"].append(_ms(lambda: search(loop, BENCH, " ".join(terms), limit=PAGE)))  # noqa: B023
        times["index"].append(_ms(lambda: loop.store.search(Contact, terms, limit=PAGE)))  # noqa: B023
        times["like"].append(_ms(lambda: _like(db, terms)))  # noqa: B023
        right, given = _holding(db, terms), _all(loop, terms)
        found.append(len(right))
        wrong += sorted(right) != sorted(given)
    quantiles = {f"{name}_p{q}_ms": _quantile(ms, q) for name, ms in times.items() for q in (50, 95, 99)}
    return {"asked": len(queries), "found": median(found), **quantiles, "wrong": wrong}


def _like(db: sqlite3.Connection, terms: Sequence[str]) -> list[tuple[str]]:
    """The peer: what one writes without an index, over texts folded beforehand and laid down by time."""
    where = " and ".join("text like ?" for _ in terms)
    rows = db.execute(
        f"select key from texts where {where} order by at desc limit {PAGE}", [f"%{term}%" for term in terms]
    )
    return rows.fetchall()


def _all(loop: Loop, terms: Sequence[str]) -> list[str]:
    keys: list[str] = []
    mark = ""
    while True:
        page = loop.store.search(Contact, terms, limit=2_000, after=mark)
        keys, mark = keys + page.keys, page.next
        if not mark:
            return keys


def _ms(call: Callable[[], object]) -> float:
    began = time.perf_counter()
    call()
    return 1_000 * (time.perf_counter() - began)


def _quantile(values: Sequence[float], percent: int) -> float:
    return sorted(values)[-(-percent * len(values) // 100) - 1]


# what writing costs


class _Silent(Contact):
    """A contact that is found by no text."""

    def searched(self) -> Searched | None:
        """Nothing, so that the store indexes nothing."""
        return None


KINDS[Contact.kind] = Contact  # whose place a subclass takes by being defined


class _Deaf:
    """A store whose index stays empty; all else it does is the same."""

    def __init__(self, store: Any) -> None:  # Any: it passes on whatever the store has
        self._store = store

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def save(self, changes: Sequence[Any], cells: Any) -> None:
        """As the store does, with new contacts made silent; one that is known already has its text indexed or not."""
        self._store.save([c if c.before else c._replace(after=_silent(c.after)) for c in changes], cells)


def _silent(entity: Entity) -> Entity:
    return _Silent.model_construct(**dict(entity)) if isinstance(entity, Contact) else entity


def _write_cost(count: int, rounds: int, now: datetime) -> Numbers:
    rows = contacts(count, now)
    took: dict[bool, list[float]] = {True: [], False: []}
    for _ in range(rounds):
        for indexed in took:
            took[indexed].append(_written(rows, indexed))
    fast, faster = min(took[True]), min(took[False])  # the least disturbed rounds
    return {
        "with_index_per_cpu_second": count / fast,
        "without_index_per_cpu_second": count / faster,
        "slower": 1 - faster / fast,
    }


def _written(rows: Sequence[Numbers], indexed: bool) -> float:
    """CPU seconds from listening until all are counted, in a new store."""
    with TemporaryDirectory(prefix="voc-search-") as folder:
        system = build(Environment(data=Path(folder)))
        try:
            loop = system.loop
            loop.analyser(loop.unit().taxonomy)(["暖机"])  # loads the dictionaries
            loop = loop if indexed else replace(loop, store=_Deaf(loop.store))
            began = time.process_time()
            for start in range(0, len(rows), AT_ONCE):
                take(loop, BENCH, rows[start : start + AT_ONCE])
            drain(loop)
            return time.process_time() - began
        finally:
            system.close()
