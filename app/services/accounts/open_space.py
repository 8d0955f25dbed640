"""Whether a workspace is there: not deleted, and not destroyed."""

import uuid

from sqlmodel import col, select

from app.core.uow import UnitOfWork
from models.user import User
from models.workspace import Workspace


def is_closed(uow: UnitOfWork, workspace_id: uuid.UUID) -> bool:
    """Whether the workspace was deleted, and maybe purged since."""
    there = select(Workspace.id).where(Workspace.id == workspace_id, col(Workspace.closed_at).is_(None))
    return uow.session.exec(there).first() is None


def hold_open(uow: UnitOfWork, workspace_id: uuid.UUID, user_id: uuid.UUID) -> bool:
    """Whether workspace and account are there, and stay so until this transaction ends: who becomes a member asks before."""
    space = select(Workspace.id).where(Workspace.id == workspace_id, col(Workspace.closed_at).is_(None)).with_for_update(read=True)
    person = select(User.id).where(User.id == user_id, col(User.deleted_at).is_(None)).with_for_update(read=True)
    return uow.session.exec(space).first() is not None and uow.session.exec(person).first() is not None
