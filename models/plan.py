"""Which plan a workspace is on, and how many tasks of each month it has used."""

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from models.base import Row, WorkspaceRow, stamp_field


class WorkspacePlan(WorkspaceRow, table=True):
    """One per workspace that has a plan of its own or has made an agent; its row is the lock under which agents are counted."""

    __tablename__ = "workspace_plan"  # type: ignore[assignment]
    __table_args__ = (UniqueConstraint("workspace_id"),)

    plan: str = Field(default="", max_length=16)  # chosen by an operator; "" leaves it to what is bought and what everybody has
    bought_plan: str = Field(default="", max_length=16, sa_column_kwargs={"server_default": ""})  # what the newest paid invoice is for
    bought_until: datetime | None = stamp_field()  # with the days of grace of one that renews


class PlanDefault(Row, table=True):
    """One row at most: the plan of workspaces that have no other, as operators chose it."""

    __tablename__ = "plan_default"  # type: ignore[assignment]

    key: str = Field(default="everybody", max_length=16, unique=True)
    plan: str = Field(default="", max_length=16)  # "": the installation has no plans


class PlanUsage(WorkspaceRow, table=True):
    """The tasks of one month, counted in the transaction that starts each. `alerted` is 80 or 100 once that share was told."""

    __tablename__ = "plan_usage"  # type: ignore[assignment]
    __table_args__ = (UniqueConstraint("workspace_id", "period"),)

    period: str = Field(max_length=7)  # such as 2026-11, in UTC
    tasks: int = Field(default=0)
    alerted: int = Field(default=0)
