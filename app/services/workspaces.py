"""Workspaces: seen, created and renamed. Switching the session to one is app.services.accounts.switch_workspace."""

import uuid

import sqlalchemy as sa
from sqlmodel import col, select

from app.core.errors import Invalid, LimitReached, NotSignedIn
from app.core.permissions import Permission, require, require_person
from app.core.uow import UnitOfWork
from app.services.accounts.identity import clean_name
from app.views.accounts import WorkspaceCard, initials_of
from models.user import UserSession
from models.workspace import Membership, Role, Workspace

NAME_MAX = 60
OWNED_MAX = 20


def list_workspaces(uow: UnitOfWork) -> list[WorkspaceCard]:
    """Every workspace of the signed-in person, by name; one alone for who came in through its own provider."""
    if uow.actor is None:
        raise NotSignedIn()
    seen = col(Workspace.id) == uow.actor.workspace_id if uow.actor.is_confined else sa.true()
    rows = uow.session.exec(
        select(Workspace, Membership)
        .join(Membership, col(Membership.workspace_id) == col(Workspace.id))
        .where(Membership.user_id == uow.actor.user_id, seen)
        .order_by(col(Workspace.name), col(Workspace.id))
    )
    current = uow.actor.workspace_id
    return [
        WorkspaceCard(id=str(space.id), name=space.name, initials=initials_of(space.name), role=member.role, is_current=space.id == current)
        for space, member in rows
    ]


def create_workspace(uow: UnitOfWork, *, name: object) -> WorkspaceCard:
    """Create a workspace owned by the signed-in person and move the session to it."""
    require_person(uow)
    assert uow.actor is not None
    shown = _checked(name)
    owned = uow.session.exec(
        select(Membership.id).where(Membership.user_id == uow.actor.user_id, Membership.role == Role.OWNER).with_for_update()
    ).all()
    if len(owned) >= OWNED_MAX:
        raise LimitReached(f"You own {OWNED_MAX} workspaces already. Delete or hand over one first.")
    _require_other_name(uow, shown, uow.actor.user_id)
    space = Workspace(name=shown)
    uow.session.add(space)
    uow.session.flush()
    uow.session.add(Membership(workspace_id=space.id, user_id=uow.actor.user_id, role=Role.OWNER))
    session = uow.session.get(UserSession, uow.actor.session_id) if uow.actor.session_id else None
    if session is not None:
        session.workspace_id = space.id
        uow.session.add(session)
    uow.session.flush()
    return WorkspaceCard(id=str(space.id), name=shown, initials=initials_of(shown), role=Role.OWNER, is_current=True)


def rename_workspace(uow: UnitOfWork, *, name: object) -> None:
    """Rename the current workspace."""
    require(uow, Permission.MANAGE_WORKSPACE)
    shown = _checked(name)
    space = uow.session.get(Workspace, uow.workspace_id)
    if space is None or uow.actor is None:
        raise NotSignedIn()
    _require_other_name(uow, shown, uow.actor.user_id, but=space.id)
    space.name = shown
    uow.session.add(space)


def _require_other_name(uow: UnitOfWork, name: str, user_id: uuid.UUID, *, but: uuid.UUID | None = None) -> None:
    """Two of one name could not be told apart where the person switches between them."""
    mine = select(Workspace.id, Workspace.name).join(Membership, col(Membership.workspace_id) == col(Workspace.id))
    taken = uow.session.exec(mine.where(Membership.user_id == user_id)).all()
    if any(one != but and known.casefold() == name.casefold() for one, known in taken):
        told = f"You belong to another workspace called “{name}”. Choose a name that tells them apart."
        raise Invalid("Please mend the marked field.", fields={"name": told})


def _checked(name: object) -> str:
    shown = clean_name(name)
    if not shown:
        raise Invalid("Please mend the marked field.", fields={"name": "Give the workspace a name."})
    if len(shown) > NAME_MAX:
        raise Invalid("Please mend the marked field.", fields={"name": f"Use at most {NAME_MAX} characters."})
    return shown
