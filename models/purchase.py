"""Purchases with their price snapshot, the payment events that settled them, payouts to creators, and the test gateway's own books."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint
from sqlmodel import Field

from engine.json import JsonObject
from models.base import Row, WorkspaceRow, json_field, stamp_field

HOLDING = ("paid", "disputed")  # states of a purchase that give a right to install


class Purchase(WorkspaceRow, table=True):
    """An order of the buyer's workspace. Title, price and fee are as they were when it was placed.

    `claim` is `<workspace>:<listing>` while the order stands, so that a listing is bought once; it is emptied when the order ends.
    """

    __table_args__ = (
        CheckConstraint("amount_cents >= 0", name="amount"),
        CheckConstraint("refunded_cents >= 0 AND refunded_cents <= paid_cents", name="refunded"),
        CheckConstraint("tax_cents >= 0 AND tax_cents <= paid_cents", name="tax"),
        CheckConstraint("discount_cents >= 0", name="discount"),
    )

    buyer_id: uuid.UUID | None = Field(default=None, foreign_key="user.id", index=True, ondelete="SET NULL")
    listing_id: uuid.UUID | None = Field(default=None, foreign_key="listing.id", index=True, ondelete="SET NULL")
    version_id: uuid.UUID | None = Field(default=None, foreign_key="listing_version.id", index=True, ondelete="SET NULL")
    seller_id: uuid.UUID = Field(index=True)  # the seller's workspace; no foreign key, as books outlive it
    title: str = Field(max_length=120)
    version: str = Field(max_length=40)
    amount_cents: int  # what is asked for: the price less the discount
    discount_cents: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    coupon_id: uuid.UUID | None = Field(default=None, foreign_key="coupon.id", index=True, ondelete="SET NULL")
    coupon_code: str = Field(default="", max_length=40, sa_column_kwargs={"server_default": ""})
    currency: str = Field(max_length=3)
    fee_bps: int
    mode: str = Field(max_length=8)  # live | test
    state: str = Field(default="pending", max_length=16)  # pending | paid | expired | refunded | disputed | lost
    claim: str | None = Field(default=None, max_length=80, unique=True)
    checkout_id: str | None = Field(default=None, max_length=120, unique=True)
    checkout_url: str = Field(default="", max_length=2000)
    payment_id: str | None = Field(default=None, max_length=120, unique=True)
    paid_cents: int = Field(default=0, sa_column_kwargs={"server_default": "0"})  # what came in, tax included
    tax_cents: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    billed_to: str = Field(default="", max_length=600, sa_column_kwargs={"server_default": ""})  # name, address, tax number; one a line
    refunded_cents: int = Field(default=0)
    paid_at: datetime | None = stamp_field()


class PaymentEvent(Row, table=True):
    """A verified event of the payment gateway, kept once; a replay finds it here. So are inquiries that were told, and refused refunds."""

    __tablename__ = "payment_event"  # type: ignore[assignment]

    event_id: str = Field(max_length=120, unique=True)
    kind: str = Field(max_length=80)
    subject: str = Field(max_length=120)


class PayoutAccount(WorkspaceRow, table=True):
    """Where a creator's money goes: an account at the gateway."""

    __tablename__ = "payout_account"  # type: ignore[assignment]

    account_id: str = Field(max_length=120, unique=True)
    mode: str = Field(max_length=8)
    is_ready: bool = Field(default=False)
    claim: str = Field(max_length=60, unique=True)  # `<workspace>:<mode>`


class Payout(WorkspaceRow, table=True):
    """Money on its way to a creator. `claim` is `<workspace>:<mode>` while it is under way: one at a time."""

    __table_args__ = (CheckConstraint("amount_cents > 0", name="amount"),)

    amount_cents: int
    currency: str = Field(max_length=3)
    mode: str = Field(max_length=8)
    account_id: str = Field(max_length=120)
    state: str = Field(default="requested", max_length=16)  # requested | paid | failed
    claim: str | None = Field(default=None, max_length=60, unique=True)
    transfer_id: str = Field(default="", max_length=120)
    reason: str = Field(default="", max_length=500)
    requested_by: uuid.UUID | None = Field(default=None, foreign_key="user.id", ondelete="SET NULL")


class BankPayout(WorkspaceRow, table=True):
    """What the gateway sends from a creator's account to their bank. The ledger ends with the transfer before it."""

    __tablename__ = "bank_payout"  # type: ignore[assignment]

    gateway_id: str = Field(max_length=120, unique=True)
    account_id: str = Field(max_length=120)
    amount_cents: int
    currency: str = Field(max_length=3)
    mode: str = Field(max_length=8)
    state: str = Field(max_length=12)  # in_transit | paid | failed | canceled
    reason: str = Field(default="", max_length=500)
    sent_again_as: str = Field(default="", max_length=120)  # the gateway's id of the payout that was sent in place of a failed one
    refusals: int = Field(default=0, sa_column_kwargs={"server_default": "0"})  # how often the gateway would not send it again


class LocalPayment(Row, table=True):
    """A payment of the built-in test gateway: its memory, which no service reads."""

    __tablename__ = "local_payment"  # type: ignore[assignment]

    checkout_id: str = Field(max_length=120, unique=True)
    payment_id: str = Field(default="", max_length=120, index=True)
    content: JsonObject = json_field()  # as LocalGateway keeps it
