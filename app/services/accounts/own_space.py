"""A workspace of one's own for who would otherwise be left without one: a session has to work somewhere."""

import uuid

from app.core.uow import UnitOfWork
from models.user import User
from models.workspace import Membership, Role, Workspace


def make_own_space(uow: UnitOfWork, user_id: uuid.UUID) -> uuid.UUID:
    """An empty workspace that the person owns, called otherwise than the one they are taken out of; returns its id."""
    user = uow.session.get(User, user_id)
    first = user.name.split()[0] if user and user.name.split() else "My"
    left = uow.session.get(Workspace, uow.actor.workspace_id) if uow.actor else None
    name = f"{first}'s workspace"
    space = Workspace(name=f"{first}'s own space" if left is not None and left.name.casefold() == name.casefold() else name)
    uow.session.add(space)
    uow.session.flush()
    uow.session.add(Membership(workspace_id=space.id, user_id=user_id, role=Role.OWNER))
    uow.session.flush()
    return space.id
