"""Deleting a workspace, in two steps: the proof and what has to end at the gateway first, then the closing itself.

Closing takes every membership away. Whatever asks who may do something (sessions, keys, streams, triggers, hooks) asks for a
membership, so nothing has to know of closed workspaces to be closed.
"""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import col, select

from app.core.audit import record
from app.core.errors import Conflict, Invalid, NotAllowed, NotFound
from app.core.permissions import require_person
from app.core.uow import UnitOfWork
from app.services.closing.obstacles import find_obstacles
from app.services.closing.proving import Proof, demand_proof
from app.services.closing.reading import enter_as_owner
from app.services.closing.standing import GRACE, open_checkouts, running_orders
from app.services.closing.telling import tell_deleted, tell_subscribers
from app.services.market.publishing import leave_shelf
from app.services.members.homes import ensure_homes, home_of, lock_people
from app.services.schedules.holding import hold_schedules
from app.services.sign_ins.holding import free_domains
from app.views.closing import Obstacle
from models.user import UserSession
from models.workspace import ClosedMembership, Membership, Role, Workspace


class HasObstacles(Conflict):
    """Something has to be settled first; all of it is told at once."""

    code = "has_obstacles"

    def __init__(self, obstacles: tuple[Obstacle, ...]) -> None:
        self.obstacles = obstacles
        super().__init__(" ".join(f"{one.text} {one.remedy}" for one in obstacles))


class JustOrdered(Conflict):
    """Somebody began to pay between the proof and the closing."""

    code = "just_ordered"

    def __init__(self) -> None:
        super().__init__("Somebody has ordered something in this very moment. Delete it once more: then that is ended, too.")


@dataclass(frozen=True, slots=True)
class Payments:
    """What the edge has the gateway end before anything is closed: subscriptions, and pages on which buyers could still pay.

    `unknown` are those of both that the gateway does not know (any more): nobody pays there.
    """

    subscriptions: tuple[str, ...] = ()
    checkouts: tuple[str, ...] = ()
    unknown: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Ending:
    """A deletion whose proof was given."""

    workspace_id: uuid.UUID
    user_id: uuid.UUID
    payments: Payments


def begin_deletion(uow: UnitOfWork, *, workspace_id: object, name: object, proof: Proof, code: object = "") -> Ending:
    """Check who asks, the typed name, what stands in the way, and the rest of the proof. Nothing is closed yet."""
    enter_as_owner(uow, workspace_id)
    space = lock_open(uow, uow.workspace_id)
    if not isinstance(name, str) or name.strip() != space.name:
        raise Invalid("Please mend the marked field.", fields={"name": "Type the name of the workspace exactly as it is."})
    _refuse_obstacles(uow, space.id)
    demand_proof(uow, proof, code)
    record(uow.trail, kind="workspace", resource_id=space.id, name=space.name, note="The deletion was confirmed.")
    return Ending(space.id, proof.user_id, payments_of(uow, (space.id,)))


def delete_workspace(uow: UnitOfWork, *, ending: Ending) -> datetime:
    """Close the workspace at once; it can be restored until the returned moment."""
    require_person(uow, even_confined=True)
    enter_as_owner(uow, str(ending.workspace_id) if ending else "")
    if uow.actor is None or ending.user_id != uow.actor.user_id:
        raise NotFound("This workspace")
    space = lock_open(uow, ending.workspace_id)
    members = uow.session.exec(uow.scoped(Membership).execution_options(populate_existing=True)).all()
    if not any(one.user_id == ending.user_id and one.role == Role.OWNER for one in members):
        raise NotAllowed("Only an owner may delete the workspace.")
    _refuse_obstacles(uow, space.id)
    refuse_payments(uow, space.id, ending.payments)
    until = close(uow, space, by=ending.user_id)
    tell_deleted(uow, space, [one.user_id for one in members], by=ending.user_id)
    return until


def close(uow: UnitOfWork, space: Workspace, *, by: uuid.UUID, leaves: bool = False) -> datetime:
    """The closing itself, of a locked workspace. Whoever closes it and leaves for good needs no other place, and no grace."""
    now = uow.ports.clock.now()
    space.closed_at, space.closed_by, space.purge_at = now, by, now if leaves else now + GRACE
    uow.session.add(space)
    hold_schedules(uow, space.id)
    leave_shelf(uow, space.id)
    free_domains(uow, space.id)
    tell_subscribers(uow, space.id)
    _dismiss(uow, space.id, without=by if leaves else None)
    until = space.purge_at
    assert until is not None
    return until


def _dismiss(uow: UnitOfWork, workspace_id: uuid.UUID, *, without: uuid.UUID | None) -> None:
    """Nobody is a member any more; who has no other workspace gets one, and every session goes where it leads on."""
    members = uow.session.exec(select(Membership).where(Membership.workspace_id == workspace_id)).all()
    lock_people(uow, [one.user_id for one in members])
    for one in members:
        kept = ClosedMembership(workspace_id=workspace_id, user_id=one.user_id, role=one.role, joined_at=one.created_at)
        uow.session.add(kept)
        uow.session.delete(one)
    uow.session.flush()
    ensure_homes(uow, [one.user_id for one in members if one.user_id != without])
    sessions: sa.Table = UserSession.__table__  # type: ignore[attr-defined]
    there = (sessions.c.workspace_id == workspace_id, sessions.c.revoked_at.is_(None))
    connection, confined = uow.session.connection(), sessions.c.confined_to == workspace_id
    connection.execute(sa.update(sessions).where(*there, confined).values(revoked_at=uow.ports.clock.now()))
    where_to = home_of(sessions.c.user_id).correlate(sessions).scalar_subquery()
    leads_on = where_to.is_not(None)
    connection.execute(sa.update(sessions).where(*there, leads_on).values(workspace_id=where_to))
    uow.session.expire_all()


def lock_open(uow: UnitOfWork, workspace_id: uuid.UUID) -> Workspace:
    """Its row for this transaction alone. Rows that only name it may be written meanwhile: nothing waits in a circle."""
    wanted = select(Workspace).where(Workspace.id == workspace_id, col(Workspace.closed_at).is_(None))
    space = uow.session.exec(wanted.with_for_update(key_share=True).execution_options(populate_existing=True)).first()
    if space is None:
        raise NotFound("This workspace")
    return space


def payments_of(uow: UnitOfWork, workspace_ids: Iterable[uuid.UUID]) -> Payments:
    """All that has to end at the gateway before these are closed."""
    wanted = tuple(workspace_ids)
    orders = [order for one in wanted for order in running_orders(uow, one)]
    pages = tuple(page for one in wanted for page in open_checkouts(uow, one))
    return Payments(tuple(one.subscription_id for one in orders if one.subscription_id), pages)


def refuse_payments(uow: UnitOfWork, workspace_id: uuid.UUID, ended: Payments) -> None:
    """Raise JustOrdered when something of a locked workspace is still paid, or could be, that the edge has not ended."""
    left = payments_of(uow, (workspace_id,))
    if {*left.subscriptions, *left.checkouts} - ended.unknown:
        raise JustOrdered()


def _refuse_obstacles(uow: UnitOfWork, workspace_id: uuid.UUID) -> None:
    obstacles = find_obstacles(uow, workspace_id)
    if obstacles:
        raise HasObstacles(obstacles)
