"""Who may decide an approval: a least role or one member, and after its time more people."""

import uuid
from datetime import datetime

from app.core.uow import UnitOfWork
from app.services.runs.projection import parse_stamp
from engine.json import JsonObject
from models.user import User
from models.workspace import Role

_RANK = {Role.VIEWER: 0, Role.MEMBER: 1, Role.ADMIN: 2, Role.OWNER: 3}


def may_decide(uow: UnitOfWork, request: JsonObject, started_by: uuid.UUID | None) -> bool:
    """Whether the actor may answer: as the assigned member or with the least role, once overdue also with the role it goes to,
    and, where the step says so, only as somebody else than the starter."""
    actor = uow.actor
    if actor is None or actor.role is Role.VIEWER or (request.get("not_by_starter") and actor.user_id == started_by):
        return False
    if is_overdue(request, uow.ports.clock.now()) and _has(actor.role, request.get("escalate_to")):
        return True
    if request.get("assignee"):
        return actor.role is Role.OWNER or is_assigned(uow, request)
    return _has(actor.role, request.get("role"))


def is_assigned(uow: UnitOfWork, request: JsonObject) -> bool:
    """Whether the step names the actor."""
    wanted = str(request.get("assignee") or "").casefold()
    person = uow.session.get(User, uow.actor.user_id) if uow.actor and wanted else None
    return person is not None and person.email.casefold() == wanted


def overdue_at(request: JsonObject) -> datetime | None:
    """When more people may decide, if ever."""
    return parse_stamp(request.get("escalates_at"))


def is_overdue(request: JsonObject, now: datetime) -> bool:
    """Whether that time has come."""
    at = overdue_at(request)
    return at is not None and at <= now


def _has(role: Role, least: object) -> bool:
    needed = _RANK[Role(str(least))] if least in tuple(Role) else _RANK[Role.MEMBER]
    return _RANK[role] >= needed
