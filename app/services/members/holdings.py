"""What acts in a person's name in one workspace (schedules, event rules, webhooks), and giving it to somebody else."""

import uuid
from typing import Any

import sqlalchemy as sa
from sqlmodel import col, func, select

from app.core.audit import record
from app.core.uow import UnitOfWork
from models.event_rule import EventRule
from models.schedule import Schedule
from models.webhook import Webhook

HELD: tuple[tuple[Any, Any], ...] = (
    (Schedule, col(Schedule.owner_id)),
    (EventRule, col(EventRule.owner_id)),
    (Webhook, col(Webhook.runs_as)),
)
"""Table, and the column that says in whose name it acts."""


def count_holdings(uow: UnitOfWork) -> dict[uuid.UUID, int]:
    """How many things act in each person's name."""
    counts: dict[uuid.UUID, int] = {}
    for model, owner in HELD:
        query = select(owner, func.count()).where(model.workspace_id == uow.workspace_id, model.deleted_at.is_(None)).group_by(owner)
        for user_id, count in uow.session.exec(query):
            if user_id is not None:
                counts[user_id] = counts.get(user_id, 0) + count
    return counts


def hand_over(uow: UnitOfWork, *, from_id: uuid.UUID, to_id: uuid.UUID) -> int:
    """Let everything that acts in one person's name act in another's; returns how many things that were."""
    uow.session.flush()
    moved = 0
    for model, owner in HELD:
        statement = sa.update(model).where(model.workspace_id == uow.workspace_id, owner == from_id).values({owner.key: to_id})
        moved += uow.session.connection().execute(statement).rowcount
    uow.session.expire_all()
    if moved:
        changes = {"acts in the name of": [str(from_id), str(to_id)]}
        record(uow.trail, kind="triggers", person_id=from_id, note=f"{moved} handed over", changes=changes)
    return moved
