"""Loads what is shared and who may be named; the other modules of this package share it."""

import uuid

from sqlmodel import col, select

from app.core.errors import NotAllowed, NotFound
from app.core.permissions import Permission, permissions_of
from app.core.sharing import SEES_ALL, Shared, decide
from app.core.uow import UnitOfWork
from app.services.agents.rows import load_agent
from app.services.workflows.rows import load_workflow
from app.views.accounts import initials_of
from app.views.sharing import SharedPerson
from models.grant import Access, ResourceGrant, Sharing
from models.ids import parse_id
from models.user import User
from models.workspace import Membership, Role

KINDS = ("agent", "workflow")


def load_shared(uow: UnitOfWork, kind: object, thing_id: object) -> Shared:
    """The agent or workflow, as far as the actor sees it at all."""
    if kind == "agent":
        return load_agent(uow, thing_id, needed=Access.VIEW)
    if kind == "workflow":
        return load_workflow(uow, thing_id, needed=Access.VIEW)
    raise NotFound("This item")


def can_manage(uow: UnitOfWork, thing: Shared) -> bool:
    """Its owner decides whom it is shared with, and the owners and admins of the workspace; never a viewer."""
    actor = uow.actor
    is_theirs = actor is not None and (actor.role in SEES_ALL or thing.owner_id == actor.user_id)
    return is_theirs and Permission.EDIT in permissions_of(actor)


def lock_managed(uow: UnitOfWork, kind: object, thing_id: object) -> Shared:
    """The thing, locked, for whoever decides about it; NotAllowed for everybody else that sees it."""
    thing = load_shared(uow, kind, thing_id)
    uow.session.refresh(thing, with_for_update=True)
    if not can_manage(uow, thing):
        raise NotAllowed(f"Only its owner, or an owner or admin of the workspace, decides whom this {kind} is shared with.")
    return thing


def grants_of(uow: UnitOfWork, thing: Shared) -> dict[uuid.UUID, ResourceGrant]:
    """What was given by name, by person."""
    rows = uow.session.exec(uow.scoped(ResourceGrant).where(ResourceGrant.resource_id == thing.id))
    return {row.user_id: row for row in rows}


def members_by_id(uow: UnitOfWork) -> dict[uuid.UUID, tuple[Membership, User]]:
    """Everybody in the workspace by id, in the order of names."""
    query = select(Membership, User).join(User, col(User.id) == col(Membership.user_id)).where(Membership.workspace_id == uow.workspace_id)
    return {user.id: (member, user) for member, user in uow.session.exec(query.order_by(col(User.name), col(User.id)))}


def find_named(uow: UnitOfWork, user_id: object) -> tuple[Membership, User]:
    """A member by an untrusted id."""
    wanted = parse_id(user_id)
    found = members_by_id(uow).get(wanted) if wanted else None
    if found is None:
        raise NotFound("This member")
    return found


def to_person(uow: UnitOfWork, thing: Shared, member: Membership, user: User, access: str = "") -> SharedPerson:
    """One line of the dialog."""
    role, is_owner = Role(member.role), thing.owner_id == user.id
    can = decide(role=role, is_owner=is_owner, sharing=Sharing.PRIVATE, granted=access or None)
    return SharedPerson(
        user_id=str(user.id),
        name=user.name,
        email=user.email,
        initials=initials_of(user.name),
        role=role.value,
        access=access,
        can=can.value if can else "",
        is_me=uow.actor is not None and uow.actor.user_id == user.id,
    )
