"""Where people go on who leave a workspace: nobody is left without one, or signing in would lead nowhere."""

import uuid
from collections.abc import Collection
from typing import Any

import sqlalchemy as sa
from sqlmodel import col, select

from app.core.uow import UnitOfWork
from app.services.accounts.own_space import make_own_space
from models.user import User
from models.workspace import Membership


def ensure_home(uow: UnitOfWork, user_id: uuid.UUID) -> uuid.UUID:
    """A workspace the person still belongs to, made if there is none."""
    lock_people(uow, [user_id])
    found: Any = uow.session.connection().execute(home_of(sa.literal(user_id, sa.Uuid()))).scalar()
    return found or make_own_space(uow, user_id)


def ensure_homes(uow: UnitOfWork, user_ids: Collection[uuid.UUID]) -> None:
    """One for each of these people, who are locked."""
    somewhere = set(uow.session.exec(select(Membership.user_id).where(col(Membership.user_id).in_(user_ids)).distinct()))
    for one in user_ids:
        if one not in somewhere:
            make_own_space(uow, one)


def lock_people(uow: UnitOfWork, user_ids: Collection[uuid.UUID]) -> None:
    """Until the transaction ends nobody else takes a workspace away from them. Workspaces are locked before, people in the order of ids."""
    wanted = select(User.id).where(col(User.id).in_(user_ids)).order_by(col(User.id))
    uow.session.exec(wanted.with_for_update(key_share=True)).all()


def home_of(user_id: Any) -> sa.Select[Any]:
    """Where a person goes on: the workspace they have been in for longest."""
    mine = sa.select(col(Membership.workspace_id)).where(col(Membership.user_id) == user_id)
    return mine.order_by(col(Membership.created_at), col(Membership.id)).limit(1)
