"""Test conversations with an agent; each answer is a run."""

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field

from engine.json import JsonObject
from models.base import WorkspaceRow, json_field, stamp_field


class Conversation(WorkspaceRow, table=True):
    """One chat of one person with an agent; `agent_id` is null while the agent was never saved."""

    __table_args__ = (Index("ix_conversation_agent_id_created_at", "agent_id", "created_at"),)

    agent_id: uuid.UUID | None = Field(default=None, foreign_key="agent.id", ondelete="CASCADE")
    user_id: uuid.UUID = Field(foreign_key="user.id", index=True, ondelete="CASCADE")
    title: str = Field(default="", max_length=160)
    inputs: JsonObject = json_field(default_factory=dict)  # values for the variables in the instructions
    deleted_at: datetime | None = stamp_field()


class ChatMessage(WorkspaceRow, table=True):
    """A message. Those with the same `parent_id` are versions of each other, of which one is chosen: the conversation as it stands is
    the chosen one of each depth, from the top; `position` is the depth, `branch` counts what was ever written there.
    """

    __tablename__ = "chat_message"  # type: ignore[assignment]
    __table_args__ = (UniqueConstraint("conversation_id", "position", "branch"),)

    conversation_id: uuid.UUID = Field(foreign_key="conversation.id", index=True, ondelete="CASCADE")
    parent_id: uuid.UUID | None = Field(default=None, foreign_key="chat_message.id", index=True, ondelete="CASCADE")
    is_chosen: bool = Field(default=True, sa_column_kwargs={"server_default": sa.true()})
    position: int
    branch: int = Field(default=0)
    role: str = Field(max_length=16)  # user | assistant
    content: str = Field(default="")
    status: str = Field(default="done", max_length=16)  # streaming | done | stopped | failed
    model: str = Field(default="", max_length=200)  # the model that answered
    run_id: uuid.UUID | None = Field(default=None, foreign_key="run.id", ondelete="SET NULL")
    tool_calls: list[JsonObject] = json_field(default_factory=list)
    error: JsonObject | None = json_field(default=None, nullable=True)
    input_tokens: int = Field(default=0)
    output_tokens: int = Field(default=0)
    cost_micros: int = Field(default=0)
    duration_ms: float | None = None
