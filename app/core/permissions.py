"""Roles and what each may do; services ask `require` in their first line."""

from enum import StrEnum

from app.core.errors import NotAllowed, NotSignedIn
from app.core.uow import UnitOfWork
from models.workspace import Role


class Permission(StrEnum):
    """One thing a role may or may not do."""

    VIEW = "view"
    RUN = "run"
    EDIT = "edit"
    DECIDE = "decide"  # approvals
    MANAGE_MEMBERS = "manage_members"
    MANAGE_WORKSPACE = "manage_workspace"


_MEMBER = frozenset({Permission.VIEW, Permission.RUN, Permission.EDIT, Permission.DECIDE})
_ADMIN = _MEMBER | {Permission.MANAGE_MEMBERS}
GRANTS: dict[Role, frozenset[Permission]] = {
    Role.VIEWER: frozenset({Permission.VIEW}),
    Role.MEMBER: _MEMBER,
    Role.ADMIN: _ADMIN,
    Role.OWNER: _ADMIN | {Permission.MANAGE_WORKSPACE},
}


def require(uow: UnitOfWork, permission: Permission) -> None:
    """Raise NotSignedIn without an actor and NotAllowed when the actor's role lacks the permission."""
    actor = uow.actor
    if actor is None:
        raise NotSignedIn()
    if permission not in GRANTS[actor.role]:
        raise NotAllowed(f"Your role in this workspace ({actor.role.value}) may not do this. Ask an owner or admin for access.")
