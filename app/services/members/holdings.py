"""What acts in a person's name in one workspace (schedules, event rules, webhooks), what they own, and giving it to somebody else."""

import uuid
from typing import Any

import sqlalchemy as sa
from sqlmodel import col, func, select

from app.core.audit import record
from app.core.uow import UnitOfWork
from models.agent import Agent
from models.api_access import ApiKey
from models.event_rule import EventRule
from models.grant import ResourceGrant
from models.schedule import Schedule
from models.user import UserSession
from models.webhook import Webhook
from models.workflow import Workflow

HELD: tuple[tuple[Any, Any], ...] = (
    (Schedule, col(Schedule.owner_id)),
    (EventRule, col(EventRule.owner_id)),
    (Webhook, col(Webhook.runs_as)),
)
"""Table, and the column that says in whose name it acts."""


OWNED: tuple[tuple[Any, Any], ...] = ((Agent, col(Agent.owner_id)), (Workflow, col(Workflow.owner_id)))
"""Table, and the column that says whose it is."""


def count_holdings(uow: UnitOfWork) -> dict[uuid.UUID, int]:
    """How many things act in each person's name."""
    return _count(uow, HELD)


def count_owned(uow: UnitOfWork) -> dict[uuid.UUID, int]:
    """How many agents and workflows each person owns."""
    return _count(uow, OWNED)


def _count(uow: UnitOfWork, tables: tuple[tuple[Any, Any], ...]) -> dict[uuid.UUID, int]:
    counts: dict[uuid.UUID, int] = {}
    for model, owner in tables:
        query = select(owner, func.count()).where(model.workspace_id == uow.workspace_id, model.deleted_at.is_(None)).group_by(owner)
        for user_id, count in uow.session.exec(query):
            if user_id is not None:
                counts[user_id] = counts.get(user_id, 0) + count
    return counts


def hand_over(uow: UnitOfWork, *, from_id: uuid.UUID, to_id: uuid.UUID) -> int:
    """Let everything that acts in one person's name act in another's, and give over what they own; returns how many things that were."""
    uow.session.flush()
    moved = 0
    for model, owner in (*HELD, *OWNED):
        statement = sa.update(model).where(model.workspace_id == uow.workspace_id, owner == from_id).values({owner.key: to_id})
        moved += uow.session.connection().execute(statement).rowcount
    uow.session.expire_all()
    if moved:
        changes = {"owner": [str(from_id), str(to_id)]}
        record(uow.trail, kind="possessions", person_id=from_id, note=f"{moved} handed over", changes=changes)
    return moved


def end_shares(uow: UnitOfWork, *, user_id: uuid.UUID) -> None:
    """Who leaves keeps nothing that was shared with them by name; an invitation later does not bring it back."""
    for row in uow.session.exec(uow.scoped(ResourceGrant).where(ResourceGrant.user_id == user_id)):
        uow.session.delete(row)


def end_doors(uow: UnitOfWork, *, user_id: uuid.UUID) -> None:
    """End the person's API keys of the workspace and the sessions confined to it: an invitation later revives neither."""
    now = uow.ports.clock.now()
    keys = uow.session.exec(uow.scoped(ApiKey).where(ApiKey.user_id == user_id, col(ApiKey.revoked_at).is_(None))).all()
    confined = select(UserSession).where(UserSession.user_id == user_id, UserSession.confined_to == uow.workspace_id)
    for row in (*keys, *uow.session.exec(confined.where(col(UserSession.revoked_at).is_(None))).all()):
        row.revoked_at = now
        uow.session.add(row)
