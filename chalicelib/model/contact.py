"""Contact: one customer interaction. What the customer said is never overwritten; what we make of it may be."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import Literal

from pydantic import Field

from chalicelib.model.analysis import Analysis, ContactKind
from chalicelib.model.entity import Entity, Entry, Fact, Searched, stamp
from chalicelib.model.ledger import Charge, Ruling
from chalicelib.model.months import month_of
from chalicelib.model.weeks import week_of

NO_CAUSE = "-"
"""Where contacts without any cause wait for review."""
WAITS = 0.5
"""From what it would teach (`Contact.teaches`) on a contact waits for review, also one the machine is sure of."""
DISAGREEMENT, NEWNESS = 0.5, 0.5
"""How much the disagreement of rules and learner, and new words, count beside the machine's own doubt."""
REMEMBERED = 20
"""How many earlier corrections of one contact are kept."""


class Channel(StrEnum):
    """Where a contact came in. `callback` is our own call to the customer, counted apart."""

    PHONE = "phone"
    CHAT = "chat"
    EMAIL = "email"
    WEB = "web"
    WECHAT = "wechat"
    WECOM = "wecom"
    STORE = "store"
    APP = "app"
    SOCIAL = "social"
    SURVEY = "survey"
    HOTLINE_12315 = "12315"
    CALLBACK = "callback"


class Step(StrEnum):
    """What the worker still owes a contact, in this order."""

    TAG = "tag"
    OWN = "own"
    LINK = "link"
    NONE = ""


class Correction(Fact):
    """What a person said the contact is about, with who and when. None leaves that to the analyser."""

    by: str
    at: datetime
    causes: tuple[str, ...] | None = None
    contact_kind: ContactKind | None = None
    severity: int | None = None


class Contact(Entity):
    """One row for ever. Above the line what was said, below it what the loop made of it."""

    kind = "contact"

    id: str
    channel: Channel
    external_id: str = ""
    fingerprint: str
    customer: str = ""
    text: str
    masked: tuple[str, ...] = ()
    time: datetime
    received: datetime
    taken_by: str
    segment: str = "unknown"
    order: str = ""
    bill: str = ""
    product: str = ""
    seconds: int = Field(0, ge=0)
    concession: int = Field(0, ge=0)
    agent: str = ""
    legal_basis: str = ""
    notice_version: str = ""
    answers_case: str = ""
    """Set when this is the answer to a call-back: our call, not the customer's."""
    erased: bool = False

    analysis: Analysis | None = None
    correction: Correction | None = None
    earlier: tuple[Correction, ...] = ()
    """What people had said before that, newest last."""
    new_words: float = Field(0.0, ge=0, le=1)
    """How much more of it than usual was rare among recent contacts when it was tagged."""
    causes: tuple[str, ...] = ()
    contact_kind: ContactKind = "other"
    severity: int = Field(0, ge=0, le=3)
    unsure: bool = False
    department: str = ""
    """Accountable for the case; empty when nothing went wrong."""
    departments: tuple[str, ...] = ()
    """Owners of all its causes, accountable one first."""
    case: str = ""
    cost: int = 0
    """Fen."""
    owners: tuple[str, ...] = ()
    """The owning department of each cause."""
    charges: tuple[Charge, ...] = ()
    """Where the cost is booked; it sums to the cost."""
    rulings: tuple[Ruling, ...] = ()
    """Whose share is disputed, or was decided."""
    taxonomy: int = 0
    repeats: bool = False
    """An earlier linked contact lies within the repeat window."""
    repeated: bool = False
    """A later linked contact lies within the repeat window."""

    @property
    def key(self) -> str:
        """The contact's id, derived from its natural key."""
        return self.id

    @property
    def tagged(self) -> bool:
        """Whether anybody, machine or person, has said what it is about."""
        return self.said or self.analysis is not None

    @property
    def said(self) -> bool:
        """Whether a person has said which causes it has."""
        return self.correction is not None and self.correction.causes is not None

    @property
    def uncharged(self) -> int:
        """Fen of its cost that are booked nowhere: 0 unless it is older than the ledger."""
        return (self.channel is not Channel.CALLBACK) * self.cost - sum(c.fen for c in self.charges)

    def corrected(self, said: Correction) -> Contact:
        """With a new correction; the one before it becomes history."""
        before = (self.correction,) if self.correction else ()
        earlier = (*self.earlier, *before)[-REMEMBERED:]
        return self.model_copy(update={"correction": said, "earlier": earlier})

    def corrected_by(self, name: str) -> bool:
        """Whether this person has ever said what it is about, as far as is remembered."""
        return any(said and said.by == name for said in (self.correction, *self.earlier))

    @property
    def doubt(self) -> float:
        """How unsure the machine is, 0 to 1: the least sure cause is wrong with that chance; 1 where nothing
        explains an unsure contact."""
        tags = self.analysis.causes if self.analysis else ()
        return 1 - min((tag.confidence for tag in tags), default=1 - self.unsure)

    @property
    def disagreement(self) -> float:
        """How far rules and learner disagree, 0 to 1."""
        return self.analysis.doubt if self.analysis else 0.0

    @property
    def teaches(self) -> float:
        """How much a person's word would teach, 0 to 1: doubt, disagreement and new words, joined by noisy or."""
        settled = (1 - self.doubt) * (1 - DISAGREEMENT * self.disagreement) * (1 - NEWNESS * self.new_words)
        return 1 - settled

    @property
    def refs(self) -> frozenset[str]:
        """What links it to other contacts of the same customer besides a cause and a case."""
        named = (("order", self.order), ("bill", self.bill))
        return frozenset(f"{name}:{value}" for name, value in named if value)

    def entries(self) -> Iterable[Entry]:
        """Listed by week, cause, department, customer and order, newest last; for review; by who corrected it. A case's
        are among its customer's (`loop/own/members.py`)."""
        at = stamp(self.time)
        yield self._week()
        if self.customer:
            yield Entry("contact.customer", self.customer, at)
        if self.order:
            yield Entry("contact.order", self.order, at)
        for cause in self.causes:
            yield Entry("contact.cause", cause, at)
        for department in self.departments:
            yield Entry("contact.department", department, at)
        if waits := self.review():
            yield waits
        for by, said in self._answers().items():
            yield Entry("contact.answered", by, stamp(said))
        for line in self._charged_elsewhere():
            yield Entry("contact.charge", line, at)
        for ruling in self.rulings:
            yield Entry("contact.dispute", ruling.dispute, at)

    def _charged_elsewhere(self) -> set[str]:
        """The month/cause of bookings that its own month and causes do not lead to: most contacts have none."""
        own = month_of(self.time)
        return {f"{c.month}/{c.cause}" for c in self.charges if c.month != own or c.cause not in self.causes}

    def _answers(self) -> dict[str, datetime]:
        """Who has said what it is about, and when last; those chosen while logging answer nothing."""
        every = (*self.earlier, self.correction)
        return {said.by: said.at for said in every if said and said.at > self.received}

    def review(self) -> Entry | None:
        """Where it waits for a person's word, under its least sure cause, what teaches most in the newest week last;
        None when it does not wait: most contacts cost no such entry."""
        if self.said or self.erased or not self.taxonomy or self.channel is Channel.CALLBACK:
            return None
        if not self.unsure and self.teaches < WAITS:
            return None
        tags = self.analysis.causes if self.analysis else ()
        least = min((t for t in tags if t.code in self.causes), key=lambda t: t.confidence, default=None)
        cause = least.code if least else next(iter(self.causes), NO_CAUSE)
        sort = f"{week_of(self.time)}.{round(999 * self.teaches):03d}.{stamp(self.time)}"
        return Entry("contact.review", cause, sort)

    def searched(self) -> Searched | None:
        """What was said; an erased contact has no words any more."""
        return None if self.erased else Searched(self._week(), self.text)

    def _week(self) -> Entry:
        return Entry("contact.week", week_of(self.time), stamp(self.time))


class Original(Entity):
    """The unmasked words of a contact, sealed; opened only for a permitted role, each time logged."""

    kind = "original"

    id: str
    sealed: str
    """Base64 of the vault's sealed bytes; opens to JSON {text, external_id, ...}."""

    @property
    def key(self) -> str:
        """The contact's id."""
        return self.id


class Reading(Entity):
    """Who read whose original, when and why. Kept when the contact is erased."""

    kind = "reading"

    contact: str
    customer: str
    by: str
    at: datetime
    purpose: str
    what: Literal["original", "export", "erasure", "reveal", "table"] = "original"
    weeks: str = ""
    """Of a table of contacts that was handed out: first/last week; then also of which department alone ("": all
    that the role allows), how many rows (None: not finished), and whether with texts."""
    department: str = ""
    rows: int | None = None
    text: bool = False

    @property
    def key(self) -> str:
        """Time, reader and subject: two readings in one millisecond by one person are one."""
        return f"{stamp(self.at)}/{self.by}/{self.contact or self.customer}/{self.what}"

    def entries(self) -> Iterable[Entry]:
        """The reading log, all and by customer."""
        yield Entry("reading.all", "all", stamp(self.at))
        if self.customer:
            yield Entry("reading.customer", self.customer, stamp(self.at))
