"""What deleting a workspace would take with it, told before anybody types its name; and the workspaces that can be brought back."""

import uuid
from collections import Counter
from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from sqlmodel import col, select

from app.core.permissions import Permission, require, require_person
from app.core.uow import UnitOfWork
from app.services.closing.obstacles import find_obstacles
from app.services.closing.proving import find_proof
from app.services.closing.standing import GRACE, running_orders
from app.services.members.changing import in_other
from app.views.accounts import initials_of
from app.views.closing import DeletedWorkspace, GoingThing, WorkspaceDeletion
from models.agent import Agent
from models.credential import Credential
from models.endpoint import WebhookEndpoint
from models.event_rule import EventRule
from models.listing import Install, Listing
from models.run import Run
from models.schedule import Schedule
from models.user import User
from models.webhook import Webhook
from models.workflow import Workflow
from models.workspace import ClosedMembership, Membership, Role, Workspace

COUNTED: tuple[tuple[str, type[Any], str, str], ...] = (
    ("members", Membership, "member", "members"),
    ("agents", Agent, "agent", "agents"),
    ("workflows", Workflow, "workflow", "workflows"),
    ("runs", Run, "run", "runs"),
    ("schedules", Schedule, "schedule", "schedules"),
    ("event rules", EventRule, "event rule", "event rules"),
    ("webhooks", Webhook, "webhook", "webhooks"),
    ("endpoints", WebhookEndpoint, "endpoint", "endpoints"),
    ("credentials", Credential, "credential", "credentials"),
    ("listings", Listing, "listing", "listings"),
)
"""What is counted: kind, table, and the words for one and for several."""


def get_workspace_deletion(uow: UnitOfWork, *, workspace_id: object = "") -> WorkspaceDeletion:
    """For owners: what goes, what ends, what stands in the way, and what will be asked for."""
    enter_as_owner(uow, workspace_id)
    space = uow.session.exec(select(Workspace).where(Workspace.id == uow.workspace_id)).one()
    proof = find_proof(uow)
    return WorkspaceDeletion(
        id=str(space.id),
        name=space.name,
        things=count_things(uow, space.id),
        ends=name_orders(order.title for order in running_orders(uow, space.id)),
        buyers=count_buyers(uow, space.id),
        obstacles=find_obstacles(uow, space.id),
        needs_password=bool(proof.password_hash),
        needs_code=proof.needs_code,
        days=GRACE.days,
    )


def enter_as_owner(uow: UnitOfWork, workspace_id: object) -> None:
    """Go on as an owner of the named workspace of the person, or of the current one; no business of API keys."""
    actor = require_person(uow, even_confined=True)
    if workspace_id not in ("", None, "current", str(actor.workspace_id)):
        uow.actor = in_other(uow, actor, workspace_id)
    require(uow, Permission.MANAGE_WORKSPACE)


def count_things(uow: UnitOfWork, workspace_id: uuid.UUID) -> tuple[GoingThing, ...]:
    """What there is of each kind, whomever it is shared with; nothing of it but the number is told."""
    found: list[GoingThing] = []
    for kind, model, one, several in COUNTED:
        table: sa.Table = model.__table__
        query = sa.select(sa.func.count()).select_from(table).where(table.c.workspace_id == workspace_id)
        if "deleted_at" in table.c:
            query = query.where(table.c.deleted_at.is_(None))
        count = uow.session.connection().execute(query).scalar_one()
        if count:
            found.append(GoingThing(kind, count, f"{count:,} {one if count == 1 else several}"))
    return tuple(found)


def name_orders(titles: Iterable[str]) -> tuple[str, ...]:
    """Each title once, with how often it is paid for."""
    return tuple(title if times == 1 else f"{title} ({times:,} times)" for title, times in Counter(titles).items())


def count_buyers(uow: UnitOfWork, workspace_id: uuid.UUID) -> int:
    """How many other workspaces have something of its listings."""
    theirs = select(sa.func.count(sa.distinct(col(Install.workspace_id)))).join(Listing, col(Listing.id) == col(Install.listing_id))
    return uow.session.exec(theirs.where(Listing.workspace_id == workspace_id, Install.workspace_id != workspace_id)).one()


def list_deleted_workspaces(uow: UnitOfWork) -> tuple[DeletedWorkspace, ...]:
    """Those the person was a member of and that are still there; the newest first. Owners may restore them."""
    actor = require_person(uow)
    query = (
        select(Workspace, ClosedMembership, User)
        .join(ClosedMembership, col(ClosedMembership.workspace_id) == col(Workspace.id))
        .outerjoin(User, col(User.id) == col(Workspace.closed_by))
        .where(ClosedMembership.user_id == actor.user_id, col(Workspace.purge_began_at).is_(None), col(Workspace.purge_at).is_not(None))
        .order_by(col(Workspace.closed_at).desc(), col(Workspace.id))
    )
    now = uow.ports.clock.now()
    return tuple(
        DeletedWorkspace(
            id=str(space.id),
            name=space.name,
            initials=initials_of(space.name),
            role=member.role,
            deleted_at=space.closed_at,
            deleted_by=by.name if by else "",
            purge_at=space.purge_at,
            can_restore=member.role == Role.OWNER,
        )
        for space, member, by in uow.session.exec(query)
        if space.purge_at is not None and space.purge_at > now
    )
