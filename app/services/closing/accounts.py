"""Deleting an account: its own workspaces close with it, the others lose a member, and what signs in is gone at once.

The row of the person stays without name and address, for what others keep of them: reviews, runs, orders, the audit trail.
"""

import uuid
from dataclasses import dataclass, replace

from sqlmodel import col, select

from app.core.audit import record
from app.core.errors import Conflict, Invalid, NotFound
from app.core.permissions import require_person
from app.core.uow import UnitOfWork
from app.services.accounts.profile import current_user
from app.services.closing.erasing import erase
from app.services.closing.obstacles import find_obstacles
from app.services.closing.proving import NotForEverybody, Proof, demand_proof, find_proof
from app.services.closing.workspaces import HasObstacles, Payments, close, lock_open, payments_of, refuse_payments
from app.services.mail import queue_mail
from app.services.members import leave_workspace
from app.views.closing import AccountDeletion, Obstacle
from models.user import User
from models.workspace import Membership, Role, Workspace


@dataclass(frozen=True, slots=True)
class AccountEnding:
    """A deletion whose proof was given."""

    user_id: uuid.UUID
    payments: Payments


@dataclass(frozen=True, slots=True)
class Places:
    """The workspaces of a person: those without anybody else, those that are left, and those that would be left without an owner."""

    alone: tuple[Workspace, ...]
    shared: tuple[Workspace, ...]
    stuck: tuple[Workspace, ...]


def get_account_deletion(uow: UnitOfWork) -> AccountDeletion:
    """What goes with one's account, what stands in the way, and what will be asked for."""
    require_person(uow)
    user = current_user(uow)
    places, proof = _places(uow, user.id), find_proof(uow)
    return AccountDeletion(
        email=user.email,
        deletes=tuple(one.name for one in places.alone),
        leaves=tuple(one.name for one in places.shared),
        obstacles=_obstacles(uow, places),
        needs_password=bool(proof.password_hash),
        needs_code=proof.needs_code,
    )


def begin_account_deletion(uow: UnitOfWork, *, email: object, proof: Proof, code: object = "") -> AccountEnding:
    """Check the typed address, what stands in the way, and the rest of the proof. Nothing is deleted yet."""
    require_person(uow)
    user = current_user(uow)
    if user.is_demo:
        raise NotForEverybody()
    if not isinstance(email, str) or email.strip().casefold() != user.email.casefold():
        raise Invalid("Please mend the marked field.", fields={"email": "Type the e-mail address of your account."})
    places = _places(uow, user.id)
    _refuse(_obstacles(uow, places))
    demand_proof(uow, proof, code)
    record(uow.trail, kind="account", resource_id=user.id, person_id=user.id, is_personal=True, note="The deletion was confirmed.")
    return AccountEnding(user.id, payments_of(uow, (space.id for space in places.alone)))


def delete_account(uow: UnitOfWork, *, ending: AccountEnding) -> None:
    """Delete it for good: there is no way back. What one owns in workspaces of others goes to an owner of each."""
    actor = require_person(uow)
    user = current_user(uow)
    if ending.user_id != user.id:
        raise NotFound("This account")
    spaces = select(Workspace.id).join(Membership, col(Membership.workspace_id) == col(Workspace.id)).where(Membership.user_id == user.id)
    uow.session.exec(spaces.order_by(col(Workspace.id)).with_for_update(of=Workspace)).all()  # before the person, as whoever closes one
    held = select(User).where(User.id == user.id).with_for_update()
    uow.session.exec(held.execution_options(populate_existing=True)).one()
    email, name = user.email, user.name
    for space in _places(uow, user.id).shared:
        uow.actor = actor
        leave_workspace(uow, workspace_id=str(space.id))
    uow.actor = actor
    places = _places(uow, user.id)
    _refuse(_obstacles(uow, places))
    for space in places.alone:
        _end_workspace(uow, space.id, ending)
    erase(uow, user)
    text = (
        f"Hello {name},\n\nyour account at Agent Factory is deleted, and with it the workspaces that were yours alone. What you had in "
        f"others went to their owners.\n\nThis address is free again. If this was not you, write to the operators of "
        f"{uow.ports.public_url} at once.\n"
    )
    queue_mail(uow, to=email, subject="Your account was deleted", text=text)


def _end_workspace(uow: UnitOfWork, workspace_id: uuid.UUID, ending: AccountEnding) -> None:
    """Closed like any other, but at once up for the purge: nobody is left who could restore it."""
    space = lock_open(uow, workspace_id)
    others = select(Membership.id).where(Membership.workspace_id == workspace_id, Membership.user_id != ending.user_id)
    if uow.session.exec(others).first() is not None:
        raise Conflict(f"Somebody has just joined “{space.name}”. Look again at what has to be settled.")
    refuse_payments(uow, workspace_id, ending.payments)
    assert uow.actor is not None
    uow.actor = replace(uow.actor, workspace_id=workspace_id)
    close(uow, space, by=ending.user_id, leaves=True)


def _places(uow: UnitOfWork, user_id: uuid.UUID) -> Places:
    mine = select(Workspace, Membership.role).join(Membership, col(Membership.workspace_id) == col(Workspace.id))
    alone, shared, stuck = list[Workspace](), list[Workspace](), list[Workspace]()
    for space, role in uow.session.exec(mine.where(Membership.user_id == user_id).order_by(col(Workspace.name), col(Workspace.id))).all():
        roles = uow.session.exec(
            select(Membership.role).where(Membership.workspace_id == space.id, Membership.user_id != user_id).distinct()
        ).all()
        is_stuck = role == Role.OWNER and Role.OWNER not in roles
        (alone if not roles else stuck if is_stuck else shared).append(space)
    return Places(tuple(alone), tuple(shared), tuple(stuck))


def _obstacles(uow: UnitOfWork, places: Places) -> tuple[Obstacle, ...]:
    """Those of the workspaces that would be deleted, and those that need another owner first; each names its workspace."""
    assert uow.actor is not None
    found = [
        Obstacle(
            "sole_owner",
            f"You are the only owner of “{one.name}”, and others work there.",
            "Switch to it, then make somebody else an owner under Members, or delete it under General.",
            "/settings/members" if one.id == uow.actor.workspace_id else "/settings",
        )
        for one in places.stuck
    ]
    for space in places.alone:
        owed = find_obstacles(uow, space.id)
        found += [Obstacle(one.code, f"“{space.name}”: {one.text}", one.remedy, one.path) for one in owed]
    return tuple(found)


def _refuse(obstacles: tuple[Obstacle, ...]) -> None:
    if obstacles:
        raise HasObstacles(obstacles)
