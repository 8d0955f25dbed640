"""Deleting workspaces as the edge does, without a gateway: proof, then the closing."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from app import ending
from app.core.uow import Actor, UnitOfWork
from app.services import closing
from app.services.accounts.tokens import hash_token, new_token
from app.wiring import Wiring
from models.user import UserSession
from models.workspace import Workspace


def sign_in(uow: UnitOfWork, actor: Actor, *, confined: bool = False) -> tuple[Actor, str]:
    """The actor with a session of just now, and its token."""
    token, now = new_token(), uow.ports.clock.now()
    row = UserSession(
        user_id=actor.user_id, workspace_id=actor.workspace_id, confined_to=actor.workspace_id if confined else None,
        token_hash=hash_token(token), created_at=now, expires_at=now.replace(year=now.year + 1),
    )  # fmt: skip
    uow.session.add(row)
    uow.session.flush()
    return replace(actor, session_id=row.id, is_confined=confined), token


def delete(wiring: Wiring, actor: Actor, *, name: str | None = None, workspace_id: str = "", code: str = "") -> datetime:
    """What the edge does for somebody whose password was right or who has none."""

    def run(service: Any, **arguments: Any) -> Any:
        return wiring.call(service, actor, **arguments)

    wanted = workspace_id or str(actor.workspace_id)
    proof = wiring.call(closing.find_proof, actor)
    with wiring.unit(write=False) as uow:
        typed = name if name is not None else uow.session.get_one(Workspace, actor.workspace_id).name
    return ending.delete_workspace(wiring, run, workspace_id=wanted, name=typed, proof=proof, code=code)
