"""Customer: who contacts us, named by a digest; what identifies the person is sealed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum

from chalicelib.model.entity import Entity, Entry, stamp


class LegalBasis(StrEnum):
    """PIPL article 13: why we may process this person's data."""

    CONTRACT = "contract"
    CONSENT = "consent"
    LEGAL_DUTY = "legal_duty"
    EMERGENCY = "emergency"
    PUBLIC_INTEREST = "public_interest"
    PUBLISHED = "published"


class Customer(Entity):
    """`id` is the keyed digest of the first reference we saw (a phone, member or user number)."""

    kind = "customer"

    id: str
    shown: str
    """The reference as screens show it, mostly hidden."""
    sealed: str = ""
    """Sealed JSON of what identifies the person: ref, name, phone, member, email."""
    segment: str = "unknown"
    tier: str = ""
    consent: bool | None = None
    legal_basis: LegalBasis | None = None
    notice_version: str = ""
    first_seen: datetime
    """The first contact's time, also of one that came in later; of a record without contacts when it was made."""
    aliases: tuple[str, ...] = ()
    erasing: str = ""
    """The random name this person's rows go under, once an erasure has begun."""

    @property
    def key(self) -> str:
        """The digest."""
        return self.id


class Alias(Entity):
    """A further reference (digest) that names the same customer."""

    kind = "alias"

    id: str
    customer: str

    @property
    def key(self) -> str:
        """The digest of the reference."""
        return self.id


class Receipt(Entity):
    """Proof that a person's data was erased; holds nothing personal."""

    kind = "receipt"

    id: str
    at: datetime
    by: str
    reason: str
    contacts: int
    cases: int
    callbacks: int
    promises: int = 0
    digest: str
    """Keyed digest of the customer's id, so that a later question can be answered."""

    @property
    def key(self) -> str:
        """The receipt's number."""
        return self.id

    def entries(self) -> Iterable[Entry]:
        """All receipts by time."""
        yield Entry("receipt.all", "all", stamp(self.at))
