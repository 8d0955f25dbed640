"""Saved keys of a workspace: what may be told of them in columns, the secret itself sealed."""

import uuid
from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from engine.json import JsonObject
from models.base import WorkspaceRow, json_field, stamp_field


class Credential(WorkspaceRow, table=True):
    """A key that workflows and agents name. `sealed` opens only for this workspace, this row and this version."""

    __table_args__ = (UniqueConstraint("workspace_id", "name_key"), UniqueConstraint("workspace_id", "provider"))

    name: str = Field(max_length=60)
    name_key: str = Field(max_length=60)  # lower case, so that two names never differ by case alone
    kind: str = Field(max_length=16)  # bearer | basic | header | query | model
    provider: str | None = Field(default=None, max_length=40)  # of a model key; one per provider and workspace
    public: JsonObject = json_field()  # user name, header or parameter name
    hosts: list[str] = json_field()  # where it may be sent
    description: str = Field(default="", max_length=300)
    test_url: str = Field(default="", max_length=2000)
    sealed: str = Field(max_length=30_000)
    version: int = Field(default=1)
    last_four: str = Field(default="", max_length=4)
    expires_at: datetime | None = stamp_field()
    changed_at: datetime | None = stamp_field()  # when the secret was last replaced
    last_used_at: datetime | None = stamp_field()
    tested_at: datetime | None = stamp_field()
    test_ok: bool | None = None
    test_message: str = Field(default="", max_length=500)
    created_by: uuid.UUID | None = Field(default=None, foreign_key="user.id", ondelete="SET NULL")
