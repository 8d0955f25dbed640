"""Reviews of listings: one per person and listing, with votes and reports of others."""

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field

from models.base import Row, UtcDateTime, WorkspaceRow, stamp_field


class Review(WorkspaceRow, table=True):
    """What a person says of a listing after a run of their own; the workspace is the one it ran in."""

    __table_args__ = (UniqueConstraint("listing_id", "author_id"), CheckConstraint("stars BETWEEN 1 AND 5", name="stars"))

    listing_id: uuid.UUID = Field(foreign_key="listing.id", index=True, ondelete="CASCADE")
    author_id: uuid.UUID = Field(foreign_key="user.id", index=True, ondelete="CASCADE")
    author: str = Field(max_length=120)
    stars: int
    text: str = Field(default="", max_length=4000)
    version: str = Field(max_length=40)
    reply: str = Field(default="", max_length=4000)
    replied_at: datetime | None = stamp_field()
    helpful_count: int = Field(default=0)
    report_count: int = Field(default=0)
    is_hidden: bool = Field(default=False, sa_column_kwargs={"server_default": sa.false()})


class ReviewVote(Row, table=True):
    """One person's vote or report on a review."""

    __tablename__ = "review_vote"  # type: ignore[assignment]
    __table_args__ = (UniqueConstraint("review_id", "user_id", "kind"),)

    review_id: uuid.UUID = Field(foreign_key="review.id", index=True, ondelete="CASCADE")
    user_id: uuid.UUID = Field(foreign_key="user.id", index=True, ondelete="CASCADE")
    kind: str = Field(max_length=10)  # helpful | report | dismissed
    ground: str = Field(default="", max_length=16, sa_column_kwargs={"server_default": ""})  # why it is reported, of a short list
    reason: str = Field(default="", max_length=500)


class ReviewLetter(Row, table=True):
    """When the seller of a listing was last told of a new review by this person."""

    __tablename__ = "review_letter"  # type: ignore[assignment]
    __table_args__ = (UniqueConstraint("listing_id", "user_id"),)

    listing_id: uuid.UUID = Field(foreign_key="listing.id", ondelete="CASCADE")
    user_id: uuid.UUID = Field(foreign_key="user.id", index=True, ondelete="CASCADE")
    told_at: datetime = Field(sa_type=UtcDateTime, nullable=False)  # type: ignore[call-overload]
