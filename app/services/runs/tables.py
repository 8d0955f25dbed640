"""The tables of runs as SQLAlchemy Core sees them; what writes many rows at once works on these rather than on objects."""

import sqlalchemy as sa

from models.run import Approval, EffectRecord, Outbox, Plan, Run, RunEvent, Step, UsageRecord
from models.signal import Signal, SignalWait
from models.user import User
from models.workflow import Workflow
from models.workspace import Membership

run_table: sa.Table = Run.__table__  # type: ignore[attr-defined]
plan_table: sa.Table = Plan.__table__  # type: ignore[attr-defined]
event_table: sa.Table = RunEvent.__table__  # type: ignore[attr-defined]
step_table: sa.Table = Step.__table__  # type: ignore[attr-defined]
usage_table: sa.Table = UsageRecord.__table__  # type: ignore[attr-defined]
effect_table: sa.Table = EffectRecord.__table__  # type: ignore[attr-defined]
approval_table: sa.Table = Approval.__table__  # type: ignore[attr-defined]
signal_table: sa.Table = Signal.__table__  # type: ignore[attr-defined]
signal_wait_table: sa.Table = SignalWait.__table__  # type: ignore[attr-defined]
user_table: sa.Table = User.__table__  # type: ignore[attr-defined]
member_table: sa.Table = Membership.__table__  # type: ignore[attr-defined]
workflow_table: sa.Table = Workflow.__table__  # type: ignore[attr-defined]
outbox_table: sa.Table = Outbox.__table__  # type: ignore[attr-defined]
