"""What operators decide about listings, where each published version waits for it, and about reviews that they hide."""

import uuid
from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field

from engine.json import JsonObject
from models.base import Row, WorkspaceRow, json_field, stamp_field


class ModerationCase(WorkspaceRow, table=True):
    """A version that waits or was decided on, or a takedown, in the seller's workspace. `form` is what approval puts on the listing."""

    __tablename__ = "moderation_case"  # type: ignore[assignment]
    __table_args__ = (Index("ix_moderation_case_state", "state", "id"),)

    listing_id: uuid.UUID = Field(foreign_key="listing.id", index=True, ondelete="CASCADE")
    version_id: uuid.UUID | None = Field(default=None, foreign_key="listing_version.id", index=True, ondelete="CASCADE")
    kind: str = Field(max_length=16)  # version | takedown
    state: str = Field(default="waiting", max_length=16)  # waiting | approved | refused | withdrawn
    form: JsonObject = json_field()
    reason: str = Field(default="", max_length=1000)
    appeal: str = Field(default="", max_length=2000)  # each case is appealed once
    decided_at: datetime | None = stamp_field()
    decided_by: uuid.UUID | None = Field(default=None, foreign_key="user.id", ondelete="SET NULL")


class ReviewCase(Row, table=True):
    """A review that was hidden: why and by whom, its author's one appeal, and the answer to that. What stands is its newest case."""

    __tablename__ = "review_case"  # type: ignore[assignment]
    __table_args__ = (Index("ix_review_case_state", "state", "id"),)

    review_id: uuid.UUID = Field(foreign_key="review.id", index=True, ondelete="CASCADE")
    state: str = Field(default="hidden", max_length=16)  # hidden | waiting (appealed) | kept | shown
    reason: str = Field(default="", max_length=1000)
    decided_at: datetime | None = stamp_field()
    decided_by: uuid.UUID | None = Field(default=None, foreign_key="user.id", ondelete="SET NULL")
    appeal: str = Field(default="", max_length=2000)
    appealed_at: datetime | None = stamp_field()
    answer: str = Field(default="", max_length=1000)
    answered_at: datetime | None = stamp_field()
    answered_by: uuid.UUID | None = Field(default=None, foreign_key="user.id", ondelete="SET NULL")
