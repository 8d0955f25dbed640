"""Answers kept under the Idempotency-Key of their request, in the transaction that did the work; repeating does nothing again."""

from dataclasses import dataclass
from datetime import timedelta

from sqlmodel import col, delete

from app.core.errors import Conflict, Invalid, NotSignedIn
from app.core.uow import UnitOfWork
from app.services.runs.start import clean_key
from engine.json import JsonObject
from models.api_access import KeptAnswer

KEPT_FOR = timedelta(hours=24)


class KeyReused(Conflict):
    """The same key came with another request."""

    code = "idempotency_key_reused"

    def __init__(self) -> None:
        super().__init__("This idempotency key was used for another request. Use a new key, or repeat the first request unchanged.")


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer as it was sent."""

    status: int
    body: JsonObject


def find_answer(uow: UnitOfWork, *, key: object, request_hash: str) -> Kept | None:
    """What this key was answered before; KeyReused when that was another request."""
    row = _row(uow, clean_key(key))
    if row is None:
        return None
    if row.request_hash != request_hash:
        raise KeyReused()
    return Kept(row.status, row.body)


def keep_answer(uow: UnitOfWork, *, key: object, request_hash: object, status: int, body: JsonObject) -> None:
    """Keep the answer for a day, and forget what is older."""
    if uow.actor is None:
        raise NotSignedIn()
    now = uow.ports.clock.now()
    clean = clean_key(key)
    if clean is None or not isinstance(request_hash, str):
        raise Invalid("An answer is kept for a key and the hash of a request.", fields={"key": "Name the key of the request."})
    over = delete(KeptAnswer).where(col(KeptAnswer.created_at) < now - KEPT_FOR)
    uow.session.connection().execute(over)
    answer = KeptAnswer(
        workspace_id=uow.workspace_id,
        user_id=uow.actor.user_id,
        key=clean,
        request_hash=request_hash,
        status=status,
        body=body,
        created_at=now,
    )
    uow.session.add(answer)
    uow.session.flush()


def _row(uow: UnitOfWork, key: str | None) -> KeptAnswer | None:
    if uow.actor is None:
        raise NotSignedIn()
    since = uow.ports.clock.now() - KEPT_FOR
    mine = uow.scoped(KeptAnswer).where(KeptAnswer.user_id == uow.actor.user_id, KeptAnswer.key == (key or ""))
    return uow.session.exec(mine.where(col(KeptAnswer.created_at) >= since)).first()
