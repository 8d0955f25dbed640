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

OWN_ACCOUNT_HINT = ". Your own account opens without it: own_account over the API, --own-account on the command line."


class WorkspaceSignInNeeded(NotAllowed):
    """The workspace opens through its own provider alone; `door` is the page that leads there."""

    code = "workspace_sign_in_needed"

    def __init__(self, row: WorkspaceSignIn, public_url: str, *, told: str = "") -> None:
        self.door = required_door(row)
        super().__init__(f"This workspace opens through {row.name} alone. Sign in there: {public_url}{door_path(row.id)}{told}")


def opens() -> ColumnElement[bool]:
    """For queries over sessions joined with memberships: whether the session opens that membership's workspace, as SQL has it now."""
    demands = sa.exists().where(
        col(WorkspaceSignIn.workspace_id) == col(Membership.workspace_id),
        col(WorkspaceSignIn.is_required).is_(True),
        col(WorkspaceSignIn.is_enabled).is_(True),
    )
    is_own = col(UserSession.confined_to).is_(None) & ((col(Membership.role) == Role.OWNER) | ~demands)
    return is_own | (col(UserSession.confined_to) == col(Membership.workspace_id))


def closed_door(uow: UnitOfWork, *, workspace_id: uuid.UUID, role: str) -> WorkspaceSignIn | None:
    """The provider that a workspace demands of somebody with this role who comes with a session of their own. Owners always get in."""
    if role == Role.OWNER:
        return None
    required = WorkspaceSignIn.workspace_id == workspace_id, col(WorkspaceSignIn.is_required).is_(True)
    return uow.session.exec(select(WorkspaceSignIn).where(*required, col(WorkspaceSignIn.is_enabled).is_(True))).first()


def demand_open_door(uow: UnitOfWork, member: Membership) -> None:
    """Raise WorkspaceSignInNeeded where the workspace of a person's own session asks for its provider."""
    row = closed_door(uow, workspace_id=member.workspace_id, role=member.role)
    if row is not None:
        raise WorkspaceSignInNeeded(row, uow.ports.public_url)


def demand_any_open_door(uow: UnitOfWork, user_id: uuid.UUID) -> None:
    """The same for somebody all of whose workspaces ask for their providers: a session of their own would open nothing."""
    mine = select(Membership).where(Membership.user_id == user_id).order_by(col(Membership.created_at), col(Membership.id))
    doors = [closed_door(uow, workspace_id=one.workspace_id, role=one.role) for one in uow.session.exec(mine).all()]
    if doors and doors[0] is not None and all(doors):
        raise WorkspaceSignInNeeded(doors[0], uow.ports.public_url, told=OWN_ACCOUNT_HINT)


def door_path(sign_in_id: uuid.UUID) -> str:
    """The page that signs in through a workspace's provider; its address is passed on to the people of the workspace."""
    return f"/sign-in/workspace?door={sign_in_id.hex}"


def required_door(row: WorkspaceSignIn) -> str:
    """The same page for somebody who wanted in by another way: it says why they are there."""
    return f"{door_path(row.id)}&required=1"
