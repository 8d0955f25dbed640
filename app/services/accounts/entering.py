"""Which workspaces a session opens: all of the person, or one; and which of them ask for their own provider first."""

import uuid

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlmodel import col, select

from app.core.errors import NotAllowed
from app.core.uow import UnitOfWork
from models.sign_in import WorkspaceSignIn
from models.user import UserSession
from models.workspace import Membership, Role


class WorkspaceSignInNeeded(NotAllowed):
    """The workspace opens through its own provider alone."""

    code = "workspace_sign_in_needed"

    def __init__(self, name: str, path: str) -> None:
        super().__init__(f"This workspace opens through {name} alone. Sign out, then go to {path} to sign in there.")


def opens() -> ColumnElement[bool]:
    """For queries over sessions joined with memberships: whether the session opens that membership's workspace, as SQL has it now."""
    demands = sa.exists().where(
        col(WorkspaceSignIn.workspace_id) == col(Membership.workspace_id),
        col(WorkspaceSignIn.is_required).is_(True),
        col(WorkspaceSignIn.is_enabled).is_(True),
    )
    is_own = col(UserSession.confined_to).is_(None) & ((col(Membership.role) == Role.OWNER) | ~demands)
    return is_own | (col(UserSession.confined_to) == col(Membership.workspace_id))


def demand_open_door(uow: UnitOfWork, member: Membership) -> None:
    """Raise WorkspaceSignInNeeded where the workspace of a person's own session asks for its provider. Owners always get in."""
    required = WorkspaceSignIn.workspace_id == member.workspace_id, col(WorkspaceSignIn.is_required).is_(True)
    row = uow.session.exec(select(WorkspaceSignIn).where(*required, col(WorkspaceSignIn.is_enabled).is_(True))).first()
    if row is not None and member.role != Role.OWNER:
        raise WorkspaceSignInNeeded(row.name, f"{uow.ports.public_url}{door_path(row.id)}")


def door_path(sign_in_id: uuid.UUID) -> str:
    """The page that signs in through a workspace's provider; its address is passed on to the people of the workspace."""
    return f"/sign-in/workspace?door={sign_in_id.hex}"
