"""Roles and what each may do; services ask `require` in their first line."""

from enum import StrEnum

from app.core.errors import NotAllowed, NotSignedIn
from app.core.uow import Actor, UnitOfWork
from models.base import WorkspaceRow
from models.grant import Access
from models.workspace import Role


class Permission(StrEnum):
    """One thing a role may or may not do."""

    VIEW = "view"
    RUN = "run"
    EDIT = "edit"
    DECIDE = "decide"  # approvals
    MANAGE_MEMBERS = "manage_members"
    MANAGE_CREDENTIALS = "manage_credentials"
    READ_AUDIT = "read_audit"
    MANAGE_BUDGETS = "manage_budgets"
    MANAGE_WORKSPACE = "manage_workspace"


_REACH = {Permission.VIEW: Access.VIEW, Permission.RUN: Access.RUN, Permission.DECIDE: Access.RUN, Permission.EDIT: Access.EDIT}
_MEMBER = frozenset({Permission.VIEW, Permission.RUN, Permission.EDIT, Permission.DECIDE})
_ADMIN = _MEMBER | {Permission.MANAGE_MEMBERS, Permission.MANAGE_CREDENTIALS, Permission.READ_AUDIT, Permission.MANAGE_BUDGETS}
GRANTS: dict[Role, frozenset[Permission]] = {
    Role.VIEWER: frozenset({Permission.VIEW}),
    Role.MEMBER: _MEMBER,
    Role.ADMIN: _ADMIN,
    Role.OWNER: _ADMIN | {Permission.MANAGE_WORKSPACE},
}


def permissions_of(actor: Actor | None) -> frozenset[Permission]:
    """What the actor may do: what the role grants and, for an API key, its scopes include. For hints in views; services ask `require`."""
    if actor is None:
        return frozenset()
    granted = GRANTS[actor.role]
    return granted if actor.scopes is None else granted & actor.scopes


def require(uow: UnitOfWork, permission: Permission) -> None:
    """Raise NotSignedIn without an actor, and NotAllowed when its role or the scopes of its key lack the permission."""
    actor = uow.actor
    uow.trail.name_deed()
    if actor is None:
        raise NotSignedIn()
    if permission in permissions_of(actor):
        uow.ask(_REACH.get(permission, Access.VIEW))
        return
    if permission in GRANTS[actor.role]:
        raise NotAllowed(f"This API key has no scope '{permission.value}'. Use a key that has it.", code="scope_missing")
    raise NotAllowed(f"Your role in this workspace ({actor.role.value}) may not do this. Ask an owner or admin for access.")


def may(uow: UnitOfWork, permission: Permission, row: WorkspaceRow) -> bool:
    """Whether role, key and sharing let the actor do this with a loaded row; for hints in views."""
    return permission in permissions_of(uow.actor) and uow.reaches(row, _REACH.get(permission, Access.VIEW))


def require_or_visitor(uow: UnitOfWork, permission: Permission) -> None:
    """Like `require`, but a visitor without a session passes where this installation shows its marketplace to everybody."""
    uow.trail.name_deed()
    if uow.actor is not None or not uow.ports.has_public_market:
        require(uow, permission)


class OwnSignInNeeded(NotAllowed):
    """A workspace's provider vouches for a person in this workspace; the person's account is not its business."""

    code = "own_sign_in_needed"

    def __init__(self) -> None:
        told = "You came in through the workspace's own sign-in, which opens this workspace and nothing else of your account. "
        super().__init__(f"{told}Sign out, then sign in with your password or another way of your own.")


class PersonNeeded(NotAllowed):
    """A key acts for a person in a workspace; that person's account is not its business."""

    code = "person_needed"

    def __init__(self) -> None:
        super().__init__("API keys may not do this. Sign in as yourself: with the site, or with agent-factory login.")


def require_person(uow: UnitOfWork, *, even_confined: bool = False) -> Actor:
    """The actor of a signed-in person; a person's own affairs (sessions, keys, workspaces) are no business of API keys.

    Nor of whoever came in through a workspace's own provider, but for what stays in that workspace (`even_confined`).
    """
    uow.trail.name_deed()
    if uow.actor is None:
        raise NotSignedIn()
    if uow.actor.scopes is not None:
        raise PersonNeeded()
    if uow.actor.is_confined and not even_confined:
        raise OwnSignInNeeded()
    return uow.actor
