"""What workspaces pay month by month, the invoices of it, and the test gateway's own memory of subscriptions."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint
from sqlmodel import Field

from engine.json import JsonObject
from models.base import Row, UtcDateTime, WorkspaceRow, json_field, stamp_field


class Subscription(WorkspaceRow, table=True):
    """A standing order of a workspace, for its plan or for a listing. What was ordered stands here, what later months cost on the invoices.

    `claim` is `<workspace>:<what>` while it stands, so that a workspace pays for one thing once; it is emptied at the end.
    """

    __table_args__ = (CheckConstraint("amount_cents > 0", name="amount"),)

    buyer_id: uuid.UUID | None = Field(default=None, foreign_key="user.id", index=True, ondelete="SET NULL")
    title: str = Field(max_length=120)
    price_key: str = Field(max_length=80)  # what the first invoice is for
    amount_cents: int
    currency: str = Field(max_length=3)
    mode: str = Field(max_length=8)  # live | test
    state: str = Field(default="pending", max_length=16)  # pending | active | past_due | ended | expired
    claim: str | None = Field(default=None, max_length=80, unique=True)
    checkout_id: str | None = Field(default=None, max_length=120, unique=True)
    checkout_url: str = Field(default="", max_length=2000)
    subscription_id: str | None = Field(default=None, max_length=120, unique=True)
    next_price_key: str = Field(default="", max_length=80)  # what the next period costs
    is_cancelled: bool = Field(default=False)  # ends with the period
    period_end: datetime | None = stamp_field()
    asked_at: datetime | None = stamp_field()  # when the gateway said what stands here; older news does not count
    look_at: datetime | None = stamp_field(index=True)  # when to ask again without being told
    # Of a listing; a plan has none of these.
    listing_id: uuid.UUID | None = Field(default=None, foreign_key="listing.id", index=True, ondelete="SET NULL")
    version_id: uuid.UUID | None = Field(default=None, foreign_key="listing_version.id", index=True, ondelete="SET NULL")
    seller_id: uuid.UUID | None = Field(default=None, index=True)  # the seller's workspace; no foreign key, as books outlive it
    version: str = Field(default="", max_length=40, sa_column_kwargs={"server_default": ""})
    paid_until: datetime | None = stamp_field()  # until when it may be used
    discount_cents: int = Field(default=0, sa_column_kwargs={"server_default": "0"})  # what the first months cost less
    discount_months: int = Field(default=0, sa_column_kwargs={"server_default": "0"})  # how many; 0: every one
    coupon_id: uuid.UUID | None = Field(default=None, foreign_key="coupon.id", index=True, ondelete="SET NULL")
    coupon_code: str = Field(default="", max_length=40, sa_column_kwargs={"server_default": ""})


class Invoice(WorkspaceRow, table=True):
    """A month's bill as the gateway wrote it, and what came in for it."""

    __table_args__ = (
        CheckConstraint("paid_cents >= 0 AND refunded_cents >= 0 AND refunded_cents <= paid_cents", name="paid"),
        CheckConstraint("fee_bps BETWEEN 0 AND 10000", name="fee"),
    )

    standing_id: uuid.UUID = Field(foreign_key="subscription.id", index=True, ondelete="CASCADE")
    invoice_id: str = Field(max_length=120, unique=True)  # the gateway's
    number: str = Field(max_length=60)
    state: str = Field(max_length=16)  # open | paid | void
    price_key: str = Field(max_length=80)
    raised_from: str = Field(default="", max_length=80, sa_column_kwargs={"server_default": ""})  # what a raise was paid on top of
    total_cents: int
    paid_cents: int = Field(default=0)
    tax_cents: int = Field(default=0)
    discount_cents: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    refunded_cents: int = Field(default=0)
    is_lost: bool = Field(default=False)  # a bank took it back
    currency: str = Field(max_length=3)
    mode: str = Field(max_length=8)
    lines: list[dict[str, Any]] = json_field()
    issued_at: datetime = Field(sa_type=UtcDateTime, nullable=False)  # type: ignore[call-overload]
    period_start: datetime = Field(sa_type=UtcDateTime, nullable=False)  # type: ignore[call-overload]
    period_end: datetime = Field(sa_type=UtcDateTime, nullable=False)  # type: ignore[call-overload]
    paid_at: datetime | None = stamp_field()
    payment_id: str = Field(default="", max_length=120)
    pay_url: str = Field(default="", max_length=2000)  # where an open one is paid
    seller_id: uuid.UUID | None = Field(default=None, index=True)  # who shares in it; nobody in a plan's
    billed_to: str = Field(default="", max_length=800, sa_column_kwargs={"server_default": ""})  # one a line; "" of an earlier release
    fee_bps: int = Field(default=10_000, sa_column_kwargs={"server_default": "10000"})  # the platform's part when it was issued


class LocalSubscription(Row, table=True):
    """A subscription of the built-in test gateway: its memory, which no service reads."""

    __tablename__ = "local_subscription"  # type: ignore[assignment]

    mark: str = Field(max_length=40, unique=True)  # what the ids of its checkout, invoices and payments have in common
    content: JsonObject = json_field()  # as LocalSubscriptions keeps it
