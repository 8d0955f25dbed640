"""Builders of workspaces and the people in them, straight in SQL."""

from app.core.uow import Actor, UnitOfWork
from models.ids import new_id
from models.user import User
from models.workspace import Membership, Role, Workspace


def make_workspace(uow: UnitOfWork, name: str = "Acme") -> Workspace:
    """A tenant without members."""
    workspace = Workspace(name=name)
    uow.session.add(workspace)
    uow.session.flush()
    return workspace


def make_member(uow: UnitOfWork, role: Role = Role.MEMBER, *, workspace: Workspace | None = None, name: str = "Mia Member") -> Actor:
    """A person with a role in the workspace (a new one if none is given), as the actor of services."""
    workspace = workspace or make_workspace(uow)
    address = f"{new_id()}@example.com"
    user = User(email=address, email_key=address, name=name)
    uow.session.add(user)
    uow.session.flush()
    uow.session.add(Membership(workspace_id=workspace.id, user_id=user.id, role=role))
    uow.session.flush()
    return Actor(user_id=user.id, workspace_id=workspace.id, role=role)
