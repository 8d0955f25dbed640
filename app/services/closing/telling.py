"""Letters about workspaces that were deleted and restored, to their members and to who pays for their listings.

Subjects name no deleted workspace: they are kept longer.
"""

import uuid
from collections.abc import Iterable

from sqlmodel import col, select

from app.core.uow import UnitOfWork
from app.services.mail import queue_mail
from app.services.subscriptions.standing import RUNNING
from app.services.subscriptions.telling import tell_deserted
from app.views.words import long_day
from models.subscription import Subscription
from models.user import User
from models.workspace import ClosedMembership, Role, Workspace


def tell_deleted(uow: UnitOfWork, space: Workspace, members: Iterable[uuid.UUID], *, by: uuid.UUID) -> None:
    """Who deleted it, and until when owners bring it back."""
    owners = set(
        uow.session.exec(
            select(ClosedMembership.user_id).where(ClosedMembership.workspace_id == space.id, ClosedMembership.role == Role.OWNER)
        )
    )
    until = f"{long_day(space.purge_at)}, {space.purge_at:%H:%M} UTC" if space.purge_at else ""
    where = f"{uow.ports.public_url}/settings"
    for user in _people(uow, members):
        who = "you" if user.id == by else _name(uow, by)
        back = f"Until {until} it can be restored: {where}" if user.id in owners else f"Until {until} its owners can restore it."
        text = (
            f"Hello {user.name},\n\nthe workspace “{space.name}” was deleted by {who}. Nobody can open it, its schedules and webhooks have "
            f"stopped, and its runs are cancelled.\n\n{back}\nAfter that, everything in it is destroyed.\n"
        )
        queue_mail(uow, to=user.email, subject="A workspace was deleted", text=text)


def tell_subscribers(uow: UnitOfWork, workspace_id: uuid.UUID) -> None:
    """To the leading people of each workspace that pays for one of its listings by the month: it ends with the month that is paid."""
    theirs = (Subscription.seller_id == workspace_id, Subscription.workspace_id != workspace_id, col(Subscription.state).in_(RUNNING))
    for one in uow.session.exec(select(Subscription).where(*theirs).order_by(col(Subscription.id))).all():
        tell_deserted(uow, one)


def tell_restored(uow: UnitOfWork, space: Workspace, members: Iterable[uuid.UUID], *, by: uuid.UUID) -> None:
    """It is there again."""
    for user in _people(uow, members):
        who = "you" if user.id == by else _name(uow, by)
        text = (
            f"Hello {user.name},\n\nthe workspace “{space.name}” was restored by {who}. It is as it was; listings are off the shelf until "
            f"somebody lists them again, and what was paid by the month ends with its month unless somebody keeps it.\n\n"
            f"{uow.ports.public_url}\n"
        )
        queue_mail(uow, to=user.email, subject="A workspace was restored", text=text)


def _people(uow: UnitOfWork, members: Iterable[uuid.UUID]) -> list[User]:
    """Who reads letters; none where none are sent."""
    if uow.ports.mailer.kind == "none":
        return []
    wanted = select(User).where(col(User.id).in_(list(members)), col(User.is_demo).is_(False), col(User.disabled_at).is_(None))
    return list(uow.session.exec(wanted.order_by(col(User.id))))


def _name(uow: UnitOfWork, user_id: uuid.UUID) -> str:
    return uow.session.exec(select(User.name).where(User.id == user_id)).first() or "somebody who has left"
