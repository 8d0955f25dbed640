"""How creators show themselves on the marketplace: a name, a text, a link and a picture of their own."""

import uuid

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from models.base import WorkspaceRow


class Creator(WorkspaceRow, table=True):
    """The public profile of a workspace that sells; what is empty is shown as it is without one."""

    __table_args__ = (UniqueConstraint("workspace_id"), UniqueConstraint("name_key"))

    name: str = Field(default="", max_length=60)
    name_key: str | None = Field(default=None, max_length=200)  # the name as it is compared; nobody else may have it
    about: str = Field(default="", max_length=500)
    website: str = Field(default="", max_length=200)
    picture_id: uuid.UUID | None = Field(default=None, foreign_key="picture.id", index=True, ondelete="SET NULL")
    cleared_reason: str = Field(default="", max_length=1000)  # why operators have emptied it, until it is written anew
