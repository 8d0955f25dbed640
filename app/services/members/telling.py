"""Letters to members about their place in a workspace. They guard the account, so nobody stops them; what one does oneself is not told."""

import uuid

from app.core.uow import UnitOfWork
from app.services.mail import find_reader, queue_mail
from models.user import User
from models.workspace import Role, Workspace

_MAY = {
    Role.OWNER: "You may do everything, the workspace itself included.",
    Role.ADMIN: "You build, run and manage members.",
    Role.MEMBER: "You build, run and decide approvals.",
    Role.VIEWER: "You look at everything that is shared, and change nothing.",
}


def tell_role(uow: UnitOfWork, user_id: uuid.UUID, *, before: Role, role: Role) -> None:
    """Another role, or ownership."""
    space, by = _scene(uow)
    if role is Role.OWNER:
        subject, told = "You own a workspace now", f"{by} made you an owner of the workspace “{space}”."
    else:
        subject = f"Your role is {role.value} now"
        told = f"{by} changed your role in the workspace “{space}” from {before.value} to {role.value}."
    _send(uow, user_id, subject, f"{told} {_MAY[role]}\n\n{uow.ports.public_url}")


def tell_removed(uow: UnitOfWork, user_id: uuid.UUID) -> None:
    """They are out; what is theirs elsewhere stays."""
    space, by = _scene(uow)
    text = (
        f"{by} removed you from the workspace “{space}”. You cannot open it any more, and your API keys of it have ended. What you built "
        f"there stays with its people.\n\nYour account and your other workspaces are as they were: {uow.ports.public_url}\n\n"
        "If this is a mistake, ask somebody of the workspace to invite you again."
    )
    _send(uow, user_id, "You were removed from a workspace", text)


def _scene(uow: UnitOfWork) -> tuple[str, str]:
    space = uow.session.get(Workspace, uow.workspace_id)
    user = uow.session.get(User, uow.actor.user_id) if uow.actor else None
    return (space.name if space else "", user.name if user else "Somebody")


def _send(uow: UnitOfWork, user_id: uuid.UUID, subject: str, text: str) -> None:
    reader = find_reader(uow, user_id) if uow.actor is None or uow.actor.user_id != user_id else None
    if reader is not None:
        queue_mail(uow, to=reader.email, subject=subject, text=f"Hello {reader.name},\n\n{text}\n")
