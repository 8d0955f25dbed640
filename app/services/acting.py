"""In whose name triggers act: the owner with the role that SQL has at this very moment, and why one may not (any more)."""

import uuid

from sqlmodel import col, select

from app.core.errors import AppError, LimitReached, NotAllowed, NotFound
from app.core.permissions import GRANTS, Permission
from app.core.uow import Actor, UnitOfWork
from models.user import User
from models.workspace import Membership, Role

_LONGEST = 900


class OwnerGoneError(Exception):
    """The owner may not start runs here; the message says why and what to do."""


def find_owner(uow: UnitOfWork, *, workspace_id: uuid.UUID, owner_id: uuid.UUID | None, what: str) -> Actor:
    """The owner as an actor, or OwnerGoneError. `what` is "schedule" or "rule"."""
    query = select(User, Membership).join(Membership, col(Membership.user_id) == col(User.id))
    found = uow.session.exec(query.where(User.id == owner_id, Membership.workspace_id == workspace_id)).first()
    if found is None or found[0].disabled_at is not None:
        name = f"{found[0].name} has" if found else "Whoever set it up has"
        raise OwnerGoneError(f"{name} left this workspace or lost the account. Resume the {what} to run it in your name.")
    user, member = found
    role = Role(member.role)
    if Permission.RUN not in GRANTS[role]:
        raise OwnerGoneError(f"{user.name} may no longer start runs here (role {role.value}). Resume the {what} to run it in your name.")
    return Actor(user_id=user.id, workspace_id=workspace_id, role=role)


def explain_refusal(error: AppError) -> tuple[str, str]:
    """Cause in one word, and the refusal with its details, of a run that could not be started."""
    if isinstance(error, NotFound):
        told = "The workflow was deleted, or is not shared any more with whom this runs as. Restore it, share it, or choose another one."
        return "workflow_deleted", told
    details = [f"{place}: {text}" for place, text in list(error.fields.items())[:5] if text != error.message]
    words = " ".join([error.message, *details])[:_LONGEST]
    if isinstance(error, LimitReached):
        return "limit", words
    if isinstance(error, NotAllowed):
        return "owner", words
    return ("workflow" if error.error_code == "workflow_invalid" else "inputs"), words
