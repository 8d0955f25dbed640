"""A workspace of one's own for who would otherwise be left without one: a session has to work somewhere. And whether one is open."""

import uuid

from sqlmodel import select

from app.core.uow import UnitOfWork
from models.user import User
from models.workspace import Membership, Role, Workspace


def make_own_space(uow: UnitOfWork, user_id: uuid.UUID) -> uuid.UUID:
    """An empty workspace that the person owns; returns its id."""
    user = uow.session.get(User, user_id)
    first = user.name.split()[0] if user and user.name.split() else "My"
    space = Workspace(name=f"{first}'s workspace")
    uow.session.add(space)
    uow.session.flush()
    uow.session.add(Membership(workspace_id=space.id, user_id=user_id, role=Role.OWNER))
    uow.session.flush()
    return space.id


def is_closed(uow: UnitOfWork, workspace_id: uuid.UUID) -> bool:
    """Whether the workspace was deleted."""
    return uow.session.exec(select(Workspace.closed_at).where(Workspace.id == workspace_id)).one() is not None


def hold_open(uow: UnitOfWork, workspace_id: uuid.UUID, user_id: uuid.UUID) -> bool:
    """Whether workspace and account are there, and stay so until this transaction ends: who becomes a member asks before."""
    space = select(Workspace.closed_at).where(Workspace.id == workspace_id).with_for_update(read=True)
    person = select(User.deleted_at).where(User.id == user_id).with_for_update(read=True)
    return uow.session.exec(space).one() is None and uow.session.exec(person).one() is None
