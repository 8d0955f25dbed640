"""API keys: what the settings page does, for programs of a signed-in person. A key cannot make or revoke keys."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import Field

from app.api.callers import Caller
from app.api.envelope import NEVER_KEPT, REFUSALS, Answer, Id, Page, Request, Shape, done, whole
from app.services import access
from app.views.access import ScopeOption

router = APIRouter(prefix="/api/v1/keys", tags=["keys"], responses=REFUSALS)


class KeyBody(Request):
    """A new key."""

    name: str = Field(max_length=200, description="What it is for.")
    scopes: list[str] = Field(max_length=20, description="What it may do at most: view, run, edit, decide, ...")
    expires_in_days: int = Field(default=90, ge=1, le=366)


class Key(Shape):
    """A key without its secret; `prefix` is how it begins."""

    id: UUID
    name: str
    prefix: str
    scopes: list[str]
    owner: str
    is_mine: bool
    status: str = Field(description="active, expired or revoked")
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None
    last_address: str


class MadeKey(Key):
    """A key just made; `secret` is in this answer and nowhere else."""

    secret: str


@router.get("", operation_id="list_keys")
async def list_keys(
    door: Caller, everyone: Annotated[bool, Query(description="Also those of other members, for who manages members.")] = False
) -> Answer[Page[Key]]:
    """Your keys in this workspace, the newest first."""
    rows = await door.read(access.list_api_keys, everyone=everyone)
    return whole(Key.model_validate(row) for row in rows)


@router.get("/scopes", operation_id="list_key_scopes")
async def list_scopes(door: Caller) -> Answer[Page[ScopeOption]]:
    """What you may let a key do: no more than your role."""
    return whole(await door.read(access.list_key_scopes))


@router.post("", status_code=201, operation_id="create_key", dependencies=[NEVER_KEPT])
async def create_key(body: KeyBody, door: Caller) -> Answer[MadeKey]:
    """Make a key. Its secret is shown this once, so the request takes no idempotency key."""
    made = await door.write(access.create_api_key, name=body.name, scopes=body.scopes, expires_in_days=body.expires_in_days)
    row = Key.model_validate(made.row)
    return done(MadeKey(**row.model_dump(), secret=made.secret), "Copy the secret now; it is not shown again.")


@router.delete("/{key_id}", operation_id="revoke_key")
async def revoke_key(key_id: Id, door: Caller) -> Answer[Key]:
    """End a key at once."""
    return done(Key.model_validate(await door.write(access.revoke_api_key, key_id=key_id)), "Revoked.")
