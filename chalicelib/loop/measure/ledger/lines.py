"""What people see of the ledger: a month by account, an account by cause, and the contacts behind each line."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from chalicelib.loop.context import Loop, LoopUnit
from chalicelib.loop.measure.ledger.closing import closes, lines_of
from chalicelib.model.contact import Contact
from chalicelib.model.entity import stamp
from chalicelib.model.errors import Invalid
from chalicelib.model.ledger import NO_CAUSE, SUSPENSE, UNALLOCATED, Books, Statement, StatementLine, yuan
from chalicelib.model.months import month_of, month_shift, month_start
from chalicelib.model.people import Caller, Role
from chalicelib.model.taxonomy import Taxonomy
from chalicelib.model.worktime import Due
from chalicelib.ports import Cells, Page

MONEY = ("fen", "late", "reversed")


def month_view(loop: Loop, caller: Caller, month: str) -> dict[str, Any]:
    """A month's lines by account and by cause, those of a lead's own departments or all, with the check of the
    whole and the months there are."""
    unit = loop.unit()
    state, lines, stated = _month(unit, month)
    seen = [line for line in lines if not line.cause and sees(caller, line.account)]
    causes = [line for line in lines if line.cause and sees(caller, line.account)]
    by_month = loop.store.cells("charge.month")
    told = _closes(unit, month)
    return {
        "month": month,
        "state": state,
        "closes": {"at": told.at, "lines": [line._asdict() for line in told.lines]},
        "months": _months(unit, by_month),
        "lines": [_row(line, lines, unit.taxonomy) for line in seen],
        "causes": [_by_cause(line, lines, unit.taxonomy) for line in causes],
        "total": {"fen": (fen := sum(line.fen for line in seen)), "yuan": yuan(fen)},
        "counted": _counted(by_month, caller, month, seen, stated),
        "check": _check(by_month, caller, month, lines, stated),
        "statement": stated and stated.model_dump(mode="json", include={"at", "by", "digest", "previous"}),
    }


def _month(unit: LoopUnit, month: str) -> tuple[str, tuple[StatementLine, ...], Statement | None]:
    """A closed month is what was stated, an open one what is booked."""
    state = _state(unit.get(Books, "books"), month)
    stated = unit.get(Statement, month) if state != "open" else None
    return state, stated.lines if stated else lines_of(unit.store, month), stated


def _closes(unit: LoopUnit, month: str) -> Due:
    """When a month closes by itself: history from before the ledger began closes with its first month."""
    books = unit.get(Books, "books")
    return closes(max(month, books.since) if books else month, unit.settings)


def _state(books: Books | None, month: str) -> str:
    if books is None or month >= books.first_open:
        return "open"
    return "closed" if month <= books.stated else "closing"


def _months(unit: LoopUnit, by_month: Cells) -> list[dict[str, str]]:
    """The months with bookings, and the current one, newest first."""
    books = unit.get(Books, "books")
    found = {month for _, month, field in by_month if field == "fen"} | {month_of(unit.now)}
    return [{"month": month, "state": _state(books, month)} for month in sorted(found, reverse=True)]


def sees(caller: Caller, account: str) -> bool:
    """Whether an account is the caller's business: a lead's own departments, with what they dispute."""
    return caller.role is not Role.LEAD or account.removeprefix(SUSPENSE) in caller.departments


def _row(line: StatementLine, lines: Iterable[StatementLine], taxonomy: Taxonomy) -> dict[str, Any]:
    held = SUSPENSE + line.account
    disputed = sum(other.fen for other in lines if (other.account, other.cause) == (held, line.cause))
    row = line.model_dump(exclude={"cause"} if not line.cause else set()) | {"disputed": disputed}
    money = {f"{name}_yuan": yuan(row[name]) for name in (*MONEY, "disputed")}
    return {**row, **money, "name": account_name(line.account, taxonomy)}


def account_name(account: str, taxonomy: Taxonomy) -> str:
    """An account in words: a department's name, or what it is for."""
    names = {d.code: d.name_zh for d in taxonomy.departments} | {UNALLOCATED: "未分摊（没有原因）"}
    if account.startswith(SUSPENSE):
        code = account.removeprefix(SUSPENSE)
        return f"暂挂（{names.get(code, code)}的争议）"
    return names.get(account, account)


def _by_cause(line: StatementLine, lines: Iterable[StatementLine], taxonomy: Taxonomy) -> dict[str, Any]:
    return {**_row(line, lines, taxonomy), "label": taxonomy.label(line.cause)}


def _counted(
    by_month: Cells, caller: Caller, month: str, seen: Iterable[StatementLine], stated: Statement | None
) -> dict[str, Any]:
    """How the contacts of the lines are counted, so that their sum can be checked: `lines` is the sum over the
    accounts, `contacts` how many whole contacts that is (None for a lead, who does not see all accounts)."""
    summed = sum(line.contacts for line in seen)
    whole = None
    if caller.role is not Role.LEAD:
        whole = stated.contacts if stated else by_month.get(("charge.month", month, "n"), 0)
    zh, en = COUNTED
    if whole is not None:
        zh += f"各账户之和 {summed:,}，即 {whole:,} 条联络，多出的 {summed - whole:,} 是分给几个账户的"
        en += f" The accounts sum to {summed:,}, which are {whole:,} contacts: {summed - whole:,} more from those shared by accounts."
    return {"lines": summed, "contacts": whole, "zh": zh, "en": en}


COUNTED = (
    "联络数：一条联络的成本分给几个账户、几个原因，就在每个账户、每个原因各算一条；金额只分不重。",
    "Contacts: one whose cost is shared by several accounts or causes counts once in each; money is shared, never "
    "counted twice.",
)


def _check(
    by_month: Cells, caller: Caller, month: str, lines: Iterable[StatementLine], stated: Statement | None
) -> dict[str, Any]:
    """Whether accounts and causes sum to what was booked in the month, whether a statement is still what is
    booked, and whether all that was ever charged is all that contacts ever cost."""
    booked = by_month.get(("charge.month", month, "fen"), 0)
    accounts = sum(line.fen for line in lines if not line.cause)
    causes = sum(line.fen for line in lines if line.cause)
    cost = sum(n for (_, _, field), n in by_month.items() if field == "cost")
    charged = sum(n for (_, _, field), n in by_month.items() if field == "fen")
    agrees = accounts == causes == booked and (stated is None or stated.fen == booked)
    out: dict[str, Any] = {"balanced": agrees and cost == charged}
    if caller.role is not Role.LEAD:
        out |= {"booked": booked, "accounts": accounts, "causes": causes}
        out |= {"cost_ever": cost, "charged_ever": charged}
    return out


def causes_view(loop: Loop, caller: Caller, month: str, account: str) -> dict[str, Any]:
    """One account's month by cause."""
    unit = loop.unit()
    _must_see(caller, account)
    state, lines, _ = _month(unit, month)
    mine = [line for line in lines if line.account == account and line.cause]
    rows = [_by_cause(line, lines, unit.taxonomy) for line in mine]
    counted = dict(zip(("zh", "en"), COUNTED, strict=True))
    return {"month": month, "state": state, "account": account, "causes": rows, "counted": counted}


def contacts_view(
    loop: Loop, caller: Caller, month: str, account: str, cause: str, cursor: str, limit: int
) -> dict[str, Any]:
    """A page of the bookings behind one line, by contact; a page may be short before the end ("")."""
    _must_see(caller, account)
    keys, following = page(loop, month, cause, cursor, limit)
    found = loop.store.get(Contact, keys)
    rows = [row for key in keys if key in found and (row := _booked(found[key], month, account, cause))]
    return {"month": month, "account": account, "cause": cause, "contacts": rows, "cursor": following}


def _booked(contact: Contact, month: str, account: str, cause: str) -> dict[str, Any] | None:
    line = (month, account, cause)
    made = [one for one in contact.charges if (one.month, one.account, one.cause) == line]
    if not made:
        return None
    told = [one.model_dump(include={"fen", "why", "of"}) for one in made]
    fen = sum(one.fen for one in made)
    return {
        "contact": contact.id,
        "href": f"/contacts/{contact.id}",
        "time": contact.time,
        "channel": contact.channel,
        "fen": fen,
        "yuan": yuan(fen),
        "bookings": told,
    }


def _must_see(caller: Caller, account: str) -> None:
    if not account:
        raise Invalid(
            "ledger.account",
            "请指明账户：部门代码、@unallocated 或 @suspense:部门代码",
            "name the account: a department's code, @unallocated or @suspense:code",
            "account",
        )
    caller.must_see([account.removeprefix(SUSPENSE)], "account")


def page(loop: Loop, month: str, cause: str, cursor: str = "", limit: int = 200) -> Page:
    """Keys of contacts that may have bookings of a cause in a month: its own, then those booked there from
    another month or after they had lost the cause. No contact comes twice."""
    low, high = stamp(month_start(month)), stamp(month_start(month_shift(month, 1)))
    own = [("contact.cause", cause, low, f"{int(high) - 1:015d}")] if cause != NO_CAUSE else []
    places = [*own, ("contact.charge", f"{month}/{cause}", "", "~")]
    at, after = _cursor(cursor, len(places))
    index, partition, first, last = places[at]
    found = loop.store.find(Contact, index, partition, low=first, high=last, limit=limit, after=after)
    more = f"{at + 1}:" if at + 1 < len(places) else ""
    return Page(found.keys, f"{at}:{found.next}" if found.next else more)


def _cursor(text: str, places: int) -> tuple[int, str]:
    at, _, after = (text or "0:").partition(":")
    if at not in map(str, range(places)):
        raise Invalid(
            "cursor",
            "翻页标记不对，请从第一页重新开始",
            "the cursor is wrong; start again from the first page",
            "cursor",
        )
    return int(at), after
