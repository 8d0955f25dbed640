"""The ledger: append-only balanced pairs in integer minor units. The database itself refuses to change or delete a pair."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field

from models.base import Row, stamp_field


class LedgerEntry(Row, table=True):
    """One pair: what the debit account gives, the credit account gets, so every entry balances by its shape.

    `source_event` names the fact in the world that caused it (`purchase:<id>`, `refund:<id>`, ...); a fact is booked once per kind.
    """

    __tablename__ = "ledger_entry"  # type: ignore[assignment]
    __table_args__ = (
        UniqueConstraint("source_event", "kind"),
        CheckConstraint("amount_cents > 0", name="positive"),
        CheckConstraint("debit_account <> credit_account", name="two_accounts"),
        Index("ix_ledger_entry_debit", "debit_account", "mode", "created_at"),
        Index("ix_ledger_entry_credit", "credit_account", "mode", "created_at"),
    )

    source_event: str = Field(max_length=160)
    kind: str = Field(max_length=40)
    debit_account: str = Field(max_length=80)
    credit_account: str = Field(max_length=80)
    amount_cents: int
    currency: str = Field(max_length=3)
    mode: str = Field(max_length=8)  # live | test: money of the test gateway never mixes with real money
    purchase_id: uuid.UUID | None = Field(default=None, index=True)
    available_at: datetime | None = stamp_field()  # from when a creator's share may be paid out
