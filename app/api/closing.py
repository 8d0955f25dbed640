"""Deleting workspaces and accounts, and bringing workspaces back, over the API and for the pages of the site; for people, not for keys."""

import asyncio
from datetime import datetime
from functools import partial

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field

from app import ending
from app.api.callers import Caller
from app.api.envelope import REFUSALS, Answer, Id, Page, Shape, done, whole
from app.api.proving import prove_again
from app.services import closing
from app.session import COOKIE
from app.views.accounts import WorkspaceCard
from app.views.closing import AccountDeletion, DeletedWorkspace, WorkspaceDeletion

router = APIRouter(prefix="/api/v1", tags=["people"], responses=REFUSALS)
PROFILE = "/settings"


class ProofBody(BaseModel):
    """What shows that it is you: the password, and a code of the authenticator app or a recovery code, each where one is asked for."""

    model_config = ConfigDict(extra="ignore")  # forms send more

    password: str = Field(default="", max_length=1000)
    code: str = Field(default="", max_length=100)


class DeleteBody(ProofBody):
    """The name of the workspace, exactly as it is, and what shows that it is you."""

    name: str = Field(max_length=400)


class DeleteAccountBody(ProofBody):
    """The e-mail address of the account, and what shows that it is you."""

    email: str = Field(max_length=400)


class Gone(Shape):
    """The page to go to."""

    next: str


class Closed(Shape):
    """Until when it can be restored, and the page where."""

    until: datetime
    next: str


@router.get("/workspaces/deleted", operation_id="list_deleted_workspaces")
async def list_deleted(door: Caller) -> Answer[Page[DeletedWorkspace]]:
    """Workspaces that you belonged to, were deleted, and can be restored by their owners."""
    return whole(await door.read(closing.list_deleted_workspaces))


@router.get("/workspaces/{workspace_id}/deletion", operation_id="get_workspace_deletion")
async def get_deletion(workspace_id: Id, door: Caller) -> Answer[WorkspaceDeletion]:
    """What deleting it would take with it, what stands in the way, and what will be asked for; changes nothing. `current` is that of
    this call."""
    return done(await door.read(closing.get_workspace_deletion, workspace_id=workspace_id))


@router.post("/workspaces/{workspace_id}/delete", operation_id="delete_workspace")
async def delete_workspace(workspace_id: Id, body: DeleteBody, door: Caller) -> Answer[Closed]:
    """Delete a workspace that you own: nobody can open it from now on, and what runs in it stops. Owners can restore it for 14 days."""
    proof = await prove_again(door, password=body.password)
    delete = partial(ending.delete_workspace, door.wiring, door.run, workspace_id=workspace_id, name=body.name)
    until = await asyncio.to_thread(delete, proof=proof, code=body.code)
    return done(Closed(until=until, next=PROFILE), "Deleted. It can be restored until then.")


@router.post("/workspaces/{workspace_id}/restore", operation_id="restore_workspace")
async def restore_workspace(workspace_id: Id, door: Caller) -> Answer[WorkspaceCard]:
    """Bring a deleted workspace back as it was, and go on there. Its listings stay off the shelf until they are listed again."""
    return done(await door.write(closing.restore_workspace, workspace_id=workspace_id), "Restored.")


@router.get("/users/me/deletion", operation_id="get_account_deletion")
async def get_account_deletion(door: Caller) -> Answer[AccountDeletion]:
    """What deleting your account would take with it, what stands in the way, and what will be asked for; changes nothing."""
    return done(await door.read(closing.get_account_deletion))


@router.post("/users/me/delete", operation_id="delete_account")
async def delete_account(body: DeleteAccountBody, response: Response, door: Caller) -> Answer[Gone]:
    """Delete your account for good, with the workspaces that are yours alone. What you own in others goes to an owner of each."""
    proof = await prove_again(door, password=body.password)
    await asyncio.to_thread(ending.delete_account, door.wiring, door.run, email=body.email, proof=proof, code=body.code)
    response.delete_cookie(COOKIE, path="/")
    return done(Gone(next="/sign-in"), "Deleted. Your address is free again.")
