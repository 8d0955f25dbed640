"""The platform's part of a listing's sales from a day on."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field

from models.base import UtcDateTime, WorkspaceRow


class ListingFee(WorkspaceRow, table=True):
    """What operators have set for a listing of the seller's workspace; the newest that has begun counts, for orders placed from then on."""

    __tablename__ = "listing_fee"  # type: ignore[assignment]
    __table_args__ = (
        CheckConstraint("fee_bps BETWEEN 0 AND 10000", name="fee"),
        Index("ix_listing_fee_begins", "listing_id", "starts_at"),
    )

    listing_id: uuid.UUID = Field(foreign_key="listing.id", ondelete="CASCADE")
    fee_bps: int
    starts_at: datetime = Field(sa_type=UtcDateTime, nullable=False)  # type: ignore[call-overload]
    set_by: uuid.UUID | None = Field(default=None, foreign_key="user.id", ondelete="SET NULL")  # nobody: from the console
