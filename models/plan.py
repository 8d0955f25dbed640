"""Which plan a workspace is on, and how many tasks of each month it has used."""

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from models.base import WorkspaceRow


class WorkspacePlan(WorkspaceRow, table=True):
    """One per workspace that has a plan of its own or has made an agent; its row is the lock under which agents are counted."""

    __tablename__ = "workspace_plan"  # type: ignore[assignment]
    __table_args__ = (UniqueConstraint("workspace_id"),)

    plan: str = Field(default="", max_length=16)  # "" is the plan that the installation gives everybody


class PlanUsage(WorkspaceRow, table=True):
    """The tasks of one month, counted in the transaction that starts each. `alerted` is 80 or 100 once that share was told."""

    __tablename__ = "plan_usage"  # type: ignore[assignment]
    __table_args__ = (UniqueConstraint("workspace_id", "period"),)

    period: str = Field(max_length=7)  # such as 2026-11, in UTC
    tasks: int = Field(default=0)
    alerted: int = Field(default=0)
