"""Exports in tests: a small company, and the rows as each way out gives them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from chalicelib.adapters.vault import KeyVault
from chalicelib.export.query import answering
from chalicelib.loop.context import Loop
from chalicelib.loop.export.columns import COLUMNS, TEXT, WEEK
from chalicelib.loop.export.permission import Wish
from chalicelib.loop.export.rows import last_week
from chalicelib.loop.worker import drain
from chalicelib.model.case import Case
from chalicelib.model.contact import Contact
from chalicelib.model.people import Caller, Role
from chalicelib.model.settings import Settings
from chalicelib.model.weeks import week_of
from chalicelib.ports import Store
from tests.loop.making import LATE, LOST, Mute, contact, days, use_taxonomy

NOW = datetime(2026, 11, 18, 2, 0, tzinfo=UTC)
LEAD = Caller("lead", Role.LEAD, ("logistics",))
TRICKY = '=HYPERLINK("http://x")\n第二行,"引号";\t\'单引号'


def made(store: Store) -> Loop:
    """Five contacts in three weeks: two departments, one nobody's, one still to be worked on."""
    loop = Loop(store, KeyVault(b"k" * 32), lambda _: Mute(), lambda: NOW)
    use_taxonomy(
        loop, {LATE: 7, LOST: 14, "billing.unclear": 7}, delivery_late="logistics", delivery_lost="logistics"
    )
    loop.change(lambda unit: unit.put(Settings(originals=("lead", "admin"))))
    contact(loop, NOW - days(15), LATE, order="DD-1", seconds=90, concession=200)
    contact(
        loop, NOW - days(14), LATE, LOST, text=TRICKY, product="=1+1", contact_kind="complaint", severity=2
    )
    contact(loop, NOW - days(1), "billing.unclear", customer="u2", bill="@b")
    contact(loop, NOW, text="谢谢，" + "很好" * 200, customer="")
    drain(loop)
    contact(loop, NOW, customer="u3", text="还没轮到")
    return loop


def everything(loop: Loop, **more: Any) -> Wish:
    return Wish("2026-W43", last_week(loop), **more)


def stored(loop: Loop) -> list[Contact]:
    return sorted(loop.store.scan(Contact), key=lambda c: (c.time, c.id))


def expected(loop: Loop, c: Contact) -> dict[str, Any]:
    """A contact's row, written down once more from the contact itself; the customer is compared apart."""
    case = loop.store.get(Case, [c.case]).get(c.case)
    return {
        "id": c.id, "time": c.time, "channel": c.channel, "kind": c.contact_kind, "causes": list(c.causes),
        "department": c.department, "departments": list(c.departments), "severity": c.severity, "unsure": c.unsure,
        "counted": c.tagged, "cost_fen": c.cost, "concession_fen": c.concession, "seconds": c.seconds,
        "case_id": c.case, "case_state": case.state if case else "", "repeats": c.repeats, "repeated": c.repeated,
        "order_ref": c.order, "bill_ref": c.bill, "product": c.product, "segment": c.segment, "text": c.text,
        "taxonomy": c.taxonomy, "erased": c.erased, "week": week_of(c.time),
    }  # fmt: skip


def typed(cells: dict[str, str]) -> dict[str, Any]:
    """A line of CSV with its types back."""
    kinds = {c.name: c.type for c in (WEEK, *COLUMNS, TEXT)}
    return {k: _typed(v, kinds[k]) for k, v in cells.items()}


def _typed(text: str, kind: str) -> Any:
    plain = text.removeprefix("'")
    if kind == "varchar[]":
        return plain.split(";") if plain else []
    if kind == "timestamp":
        return datetime.fromisoformat(plain)
    if kind == "boolean":
        return {"true": True, "false": False}[plain]
    if kind == "date":
        return datetime.fromisoformat(plain).date()
    return int(plain) if kind in ("integer", "bigint") else plain


def queried(folder: Path, sql: str) -> list[dict[str, Any]]:
    with answering(folder, sql) as answer:
        names = [name for name, _ in answer.columns]
        rows = [dict(zip(names, row, strict=True)) for row in answer.rows]
    return [{k: v.replace(tzinfo=UTC) if isinstance(v, datetime) else v for k, v in r.items()} for r in rows]


def lines(text: str) -> list[dict[str, Any]]:
    return [typed(row) for row in csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline=""))]


def csv_of(folder: Path) -> Iterator[dict[str, Any]]:
    for file in sorted(folder.glob("contacts/week=*/part-0.csv")):
        raw = file.read_bytes()
        assert raw.startswith(b"\xef\xbb\xbf")
        yield from lines(raw.decode())


def quiet(rows: int) -> None:
    assert rows >= 0
