"""Receipts and credit notes of single orders, numbered without gaps, and the numbers that were given last."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field

from models.base import Row, UtcDateTime, WorkspaceRow, json_field


class Receipt(WorkspaceRow, table=True):
    """A document of the buyer's. It is written in the transaction that settles or returns the money, and never changes."""

    __table_args__ = (
        UniqueConstraint("series", "sequence"),
        CheckConstraint("total_cents >= 0 AND tax_cents >= 0 AND tax_cents <= total_cents", name="sums"),
    )

    purchase_id: uuid.UUID = Field(foreign_key="purchase.id", index=True, ondelete="CASCADE")
    kind: str = Field(max_length=12)  # receipt | credit_note
    number: str = Field(max_length=40, unique=True)
    series: str = Field(max_length=40)  # `<mode>-<kind>-<year>`
    sequence: int
    source_event: str = Field(max_length=160, unique=True)  # the fact that is documented, as in the ledger
    about: str = Field(default="", max_length=40)  # of a credit note: the receipt's number
    reason: str = Field(default="", max_length=80)  # of a credit note
    lines: list[dict[str, Any]] = json_field()
    total_cents: int
    tax_cents: int
    currency: str = Field(max_length=3)
    mode: str = Field(max_length=8)
    billed_to: str = Field(default="", max_length=800)
    issued_at: datetime = Field(sa_type=UtcDateTime, nullable=False)  # type: ignore[call-overload]


class DocumentSeries(Row, table=True):
    """The number that was given last in a series; raised in the transaction that writes the document, so that none is lost."""

    __tablename__ = "document_series"  # type: ignore[assignment]

    series: str = Field(max_length=40, unique=True)
    last: int = Field(default=0)
