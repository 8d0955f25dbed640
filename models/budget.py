"""Budgets with what was used of them, what is reserved for model calls on their way, and how a workspace treats its models."""

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from engine.json import JsonObject
from models.base import UtcDateTime, WorkspaceRow, json_field


def _count(**kwargs: object) -> int:
    return Field(default=0, sa_type=sa.BigInteger, sa_column_kwargs={"server_default": "0"}, **kwargs)  # type: ignore[call-overload]


def _cap() -> int | None:
    return Field(default=None, sa_type=sa.BigInteger, nullable=True)  # type: ignore[call-overload]


class Budget(WorkspaceRow, table=True):
    """Caps and what was used of them in the current period. `scope` and `subject` say of what: workspace "", agent slug, run id.

    `period_start` is the first day (ISO, UTC) of the day or month that the figures are of; "" for a run, whose period is its life.
    """

    __table_args__ = (UniqueConstraint("workspace_id", "scope", "subject", "period"),)

    scope: str = Field(max_length=16)  # workspace | agent | run
    subject: str = Field(default="", max_length=63)
    period: str = Field(max_length=8)  # day | month | life
    period_start: str = Field(default="", max_length=10)
    run_id: uuid.UUID | None = Field(default=None, foreign_key="run.id", index=True, ondelete="CASCADE")
    cap_micros: int | None = _cap()
    cap_tokens: int | None = _cap()
    cap_ms: int | None = _cap()
    cap_steps: int | None = _cap()
    spent_micros: int = _count()
    spent_tokens: int = _count()
    spent_ms: int = _count()
    spent_steps: int = _count()
    alerted: int = Field(default=0, sa_column_kwargs={"server_default": "0"})  # 80 or 100 once the period's use has passed that share


class BudgetHold(SQLModel, table=True):
    """What one model call may use of one budget at most, from before it is asked until its usage is journaled."""

    __tablename__ = "budget_hold"  # type: ignore[assignment]

    budget_id: uuid.UUID = Field(foreign_key="budget.id", primary_key=True, ondelete="CASCADE")
    hold_id: uuid.UUID = Field(primary_key=True, index=True)
    run_id: uuid.UUID = Field(foreign_key="run.id", index=True, ondelete="CASCADE")
    micros: int = _count()
    tokens: int = _count()
    until: datetime = Field(sa_type=UtcDateTime, nullable=False, index=True)  # type: ignore[call-overload]


class ModelPolicy(WorkspaceRow, table=True):
    """One per workspace: which models stand in for those that do not answer, and how fast its runs may ask each provider."""

    __tablename__ = "model_policy"  # type: ignore[assignment]
    __table_args__ = (UniqueConstraint("workspace_id"),)

    fallback_models: list[str] = json_field(default_factory=list)
    rates: JsonObject = json_field(default_factory=dict)  # provider -> {requests, tokens, calls}: a minute, a minute, at once
