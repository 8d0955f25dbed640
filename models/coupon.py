"""Coupons that sellers make for their own listings, and which orders use them."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field

from models.base import WorkspaceRow, stamp_field


class Coupon(WorkspaceRow, table=True):
    """A seller's code. `use_count` counts the orders that hold it or were paid with it, and rises only where one is left."""

    __table_args__ = (
        UniqueConstraint("workspace_id", "code"),
        CheckConstraint("percent BETWEEN 0 AND 100 AND amount_cents >= 0", name="discount"),
        CheckConstraint("(percent = 0) <> (amount_cents = 0)", name="one_discount"),
        CheckConstraint("use_count >= 0", name="use_count"),
        CheckConstraint("months >= 0", name="months"),
    )

    listing_id: uuid.UUID | None = Field(
        default=None, foreign_key="listing.id", index=True, ondelete="CASCADE"
    )  # None: all of the seller's
    code: str = Field(max_length=40)  # capital letters, digits and hyphens
    percent: int = Field(default=0)  # 0 where a fixed amount is taken off
    amount_cents: int = Field(default=0)
    currency: str = Field(max_length=3)
    most_uses: int | None = Field(default=None)  # None: any number
    use_count: int = Field(default=0)
    months: int = Field(default=1)  # of a monthly listing: how many of its first months cost less; 0: every one
    starts_at: datetime | None = stamp_field()
    expires_at: datetime | None = stamp_field()
    is_active: bool = Field(default=True)


class CouponUse(WorkspaceRow, table=True):
    """A buyer's order that holds a coupon, was paid with it, or gave it back.

    The claims are `<coupon>:<workspace>` and `<coupon>:<person>` while it is held or used: once per buyer, through whichever workspace.
    """

    __tablename__ = "coupon_use"  # type: ignore[assignment]

    coupon_id: uuid.UUID | None = Field(default=None, foreign_key="coupon.id", index=True, ondelete="SET NULL")
    order_id: uuid.UUID = Field(unique=True)  # a purchase, or the standing order for a monthly listing
    state: str = Field(default="held", max_length=10)  # held | used | released
    claim: str | None = Field(default=None, max_length=80, unique=True)
    person_claim: str | None = Field(default=None, max_length=80, unique=True)
