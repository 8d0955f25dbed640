"""Pictures of listings, as they are served: their bytes stand in the database like everything else that has to be kept."""

import uuid

import sqlalchemy as sa
from sqlmodel import Field

from models.base import WorkspaceRow


class Picture(WorkspaceRow, table=True):
    """An uploaded picture of the seller's workspace. It never changes; `listing_id` is set when a version with it is handed in."""

    listing_id: uuid.UUID | None = Field(default=None, foreign_key="listing.id", index=True, ondelete="CASCADE")
    kind: str = Field(max_length=20)  # image/png | image/jpeg | image/webp
    width: int
    height: int
    content: bytes = Field(sa_type=sa.LargeBinary)
    created_by: uuid.UUID | None = Field(default=None, foreign_key="user.id", ondelete="SET NULL")
