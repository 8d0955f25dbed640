"""Letters to whom something was shared with by name, or made theirs."""

import uuid

from app.core.sharing import Shared
from app.core.uow import UnitOfWork
from app.services.letters import tell_shared
from models.agent import Agent
from models.grant import Access
from models.user import User
from models.workspace import Workspace

_MAY = {Access.VIEW: "look at it", Access.RUN: "look at it and run it", Access.EDIT: "look at it, run it and change it"}


def tell_named(uow: UnitOfWork, thing: Shared, user_id: uuid.UUID, *, can: Access | None) -> None:
    """It was shared with this person, or further than before; `can` is what their role leaves of it."""
    may = _MAY[can or Access.VIEW]
    text = f"{_by(uow)} shared the {_kind(thing)} “{thing.name}” of the workspace “{_space(uow)}” with you. You may {may}."
    tell_shared(uow, user_id, subject=f"{_by(uow)} shared {_a(thing)} with you", text=text, path=_path(thing))


def tell_owner(uow: UnitOfWork, thing: Shared, user_id: uuid.UUID) -> None:
    """It is theirs now."""
    text = (
        f"{_by(uow)} made you the owner of the {_kind(thing)} “{thing.name}” in the workspace “{_space(uow)}”. "
        "You decide now whom it is shared with."
    )
    tell_shared(uow, user_id, subject=f"{_by(uow)} made {_a(thing)} yours", text=text, path=_path(thing))


def _kind(thing: Shared) -> str:
    return "agent" if isinstance(thing, Agent) else "workflow"


def _a(thing: Shared) -> str:
    return "an agent" if isinstance(thing, Agent) else "a workflow"


def _path(thing: Shared) -> str:
    return f"/{_kind(thing)}s/{thing.id}"


def _by(uow: UnitOfWork) -> str:
    user = uow.session.get(User, uow.actor.user_id) if uow.actor else None
    return user.name if user else "Somebody"


def _space(uow: UnitOfWork) -> str:
    space = uow.session.get(Workspace, uow.workspace_id)
    return space.name if space else ""
