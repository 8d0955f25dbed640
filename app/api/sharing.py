"""Whom an agent or a workflow is shared with, over the API."""

from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import Field

from app.api.callers import Caller
from app.api.envelope import REFUSALS, Answer, Id, Page, Request, Search, done
from app.services import sharing
from app.views.sharing import SharedPerson, SharingView

router = APIRouter(prefix="/api/v1", tags=["sharing"], responses=REFUSALS)
Things = Annotated[str, Path(pattern="^(agents|workflows)$", description="agents or workflows")]


class SharingBody(Request):
    """What everybody in the workspace may do with it, and whose it is; what is left out stays."""

    everyone: str | None = Field(default=None, max_length=20, description="private, view, run or edit")
    owner_id: str | None = Field(default=None, max_length=64, description="The member it is given to.")
    needed: bool = Field(default=False, description="Share what a workflow uses, to run, with everybody who may run it and lacks that.")


class AccessBody(Request):
    """How far one member may go."""

    access: str = Field(max_length=20, description="view, run or edit")


@router.get("/{things}/{thing_id}/sharing", operation_id="get_sharing")
async def get_sharing(things: Things, thing_id: Id, door: Caller) -> Answer[SharingView]:
    """Whose it is, what everybody may do with it, and who was named."""
    return done(await door.read(sharing.get_sharing, kind=things[:-1], thing_id=thing_id))


@router.get("/{things}/{thing_id}/sharing/candidates", operation_id="find_people")
async def find_people(things: Things, thing_id: Id, door: Caller, search: Search = "") -> Answer[Page[SharedPerson]]:
    """Members who could still be named, by name or address; at most eight."""
    found = await door.read(sharing.find_people, kind=things[:-1], thing_id=thing_id, search=search)
    return done(Page(items=list(found)))


@router.patch("/{things}/{thing_id}/sharing", operation_id="change_sharing")
async def change_sharing(things: Things, thing_id: Id, body: SharingBody, door: Caller) -> Answer[SharingView]:
    """Share it with the workspace, make it private, or give it to another member."""
    wanted = {"everyone": body.everyone, "owner_id": body.owner_id, "needed": body.needed}
    changed = await door.write(sharing.change_sharing, kind=things[:-1], thing_id=thing_id, **wanted)
    return done(changed, "Changed.")


@router.put("/{things}/{thing_id}/sharing/{user_id}", operation_id="share_with")
async def share_with(things: Things, thing_id: Id, user_id: Id, body: AccessBody, door: Caller) -> Answer[SharingView]:
    """Let one member view, run or edit it."""
    shared = await door.write(sharing.share_with, kind=things[:-1], thing_id=thing_id, user_id=user_id, access=body.access)
    return done(shared, "Shared.")


@router.delete("/{things}/{thing_id}/sharing/{user_id}", operation_id="unshare_with")
async def unshare_with(things: Things, thing_id: Id, user_id: Id, door: Caller) -> Answer[SharingView]:
    """Take back what one member was given by name."""
    return done(await door.write(sharing.unshare_with, kind=things[:-1], thing_id=thing_id, user_id=user_id), "Taken back.")
