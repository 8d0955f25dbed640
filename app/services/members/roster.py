"""The rows of a workspace's members under its lock, and which roles somebody may give or take."""

import uuid

from sqlmodel import select

from app.core.errors import Conflict, Invalid, NotAllowed, NotFound, NotSignedIn
from app.core.permissions import GRANTS, Permission
from app.core.uow import UnitOfWork
from models.ids import parse_id
from models.workspace import Membership, Role, Workspace

RANK = {Role.VIEWER: 0, Role.MEMBER: 1, Role.ADMIN: 2, Role.OWNER: 3}


class LastOwner(Conflict):
    """A workspace without an owner could never be managed again."""

    code = "last_owner"

    def __init__(self) -> None:
        super().__init__("A workspace needs at least one owner. Make somebody else an owner first.")


def lock_members(uow: UnitOfWork) -> dict[uuid.UUID, Membership]:
    """Every membership of the workspace by person, locked until the transaction ends, so that counts stay true.

    Whoever waited for the lock may have lost their own role meanwhile: it is read anew.
    """
    uow.session.exec(select(Workspace.id).where(Workspace.id == uow.workspace_id).with_for_update()).one()
    rows = uow.session.exec(uow.scoped(Membership).execution_options(populate_existing=True)).all()
    members = {row.user_id: row for row in rows}
    if uow.actor is None or uow.actor.user_id not in members:
        raise NotSignedIn()
    return members


def role_of_actor(uow: UnitOfWork, members: dict[uuid.UUID, Membership]) -> Role:
    """The actor's role as it is under the lock."""
    if uow.actor is None:
        raise NotSignedIn()
    return Role(members[uow.actor.user_id].role)


def find_member(members: dict[uuid.UUID, Membership], user_id: object) -> Membership:
    """One of them, or NotFound."""
    wanted = parse_id(user_id)
    if wanted is None or wanted not in members:
        raise NotFound("This member")
    return members[wanted]


def read_role(role: object, *, field: str = "role") -> Role:
    """A role by name, or Invalid."""
    if not isinstance(role, str) or role not in tuple(Role):
        raise Invalid("Please mend the marked field.", fields={field: f"Choose one of: {', '.join(Role)}."})
    return Role(role)


def check_may_manage(mine: Role, *roles: Role) -> None:
    """Raise NotAllowed unless `mine` manages members and none of `roles` is above it."""
    if Permission.MANAGE_MEMBERS not in GRANTS[mine]:
        raise NotAllowed(f"Your role in this workspace ({mine.value}) may not do this. Ask an owner or admin for access.")
    above = [role for role in roles if RANK[role] > RANK[mine]]
    if above:
        raise NotAllowed(f"Only an owner may do this for the role {above[0].value}. Ask an owner of the workspace.")


def roles_to_give(mine: Role, theirs: Role) -> tuple[Role, ...]:
    """What somebody with the role `mine` may make of a member with the role `theirs`."""
    if Permission.MANAGE_MEMBERS not in GRANTS[mine] or RANK[theirs] > RANK[mine]:
        return ()
    return tuple(role for role in Role if RANK[role] <= RANK[mine])


def check_owner_left(members: dict[uuid.UUID, Membership], *, without: uuid.UUID) -> None:
    """Raise LastOwner when nobody but `without` owns the workspace."""
    if not any(row.role == Role.OWNER for row in members.values() if row.user_id != without):
        raise LastOwner()
