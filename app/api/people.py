"""Who is calling, and the workspaces of that person."""

from uuid import UUID

from fastapi import APIRouter
from pydantic import Field

from app.api.callers import Caller
from app.api.envelope import REFUSALS, Answer, Id, Nothing, Page, Request, Shape, done, whole
from app.services import access, accounts, letters, workspaces
from app.views.accounts import SessionCard, WorkspaceCard
from app.views.letters import LetterPage

router = APIRouter(prefix="/api/v1", tags=["people"], responses=REFUSALS)


class NameBody(Request):
    """A name."""

    name: str = Field(max_length=400)


class LettersBody(Request):
    """Whether they are sent."""

    is_on: bool


class Myself(Shape):
    """Who calls, where, and what the call may do: the role's permissions, or of these the key's scopes."""

    user_id: UUID
    name: str
    email: str
    workspace_id: UUID
    workspace: str
    role: str
    permissions: list[str]
    key_id: UUID | None = Field(description="The API key of this call, if it came with one.")


@router.get("/users/me", operation_id="get_me")
async def get_me(door: Caller) -> Answer[Myself]:
    """Who you are to this API."""
    return done(Myself.model_validate(await door.read(access.describe_caller)))


@router.patch("/users/me", operation_id="rename_me")
async def rename_me(body: NameBody, door: Caller) -> Answer[Nothing]:
    """Change your name."""
    await door.write(accounts.rename_myself, name=body.name)
    return done(Nothing(), "Renamed.")


@router.get("/users/me/sessions", operation_id="list_sessions")
async def list_sessions(door: Caller) -> Answer[Page[SessionCard]]:
    """Where you are signed in, browsers and programs."""
    rows = await door.read(accounts.list_sessions)
    return whole(rows)


@router.delete("/users/me/sessions/{session_id}", operation_id="revoke_session")
async def revoke_session(session_id: Id, door: Caller) -> Answer[Nothing]:
    """End one of your sessions."""
    await door.write(accounts.revoke_session, session_id=session_id)
    return done(Nothing(), "Signed out there.")


@router.get("/workspaces", operation_id="list_workspaces")
async def list_workspaces(door: Caller) -> Answer[Page[WorkspaceCard]]:
    """Your workspaces; `is_current` marks the one that this call works in."""
    rows = await door.read(workspaces.list_workspaces)
    return whole(rows)


@router.post("/workspaces", status_code=201, operation_id="create_workspace")
async def create_workspace(body: NameBody, door: Caller) -> Answer[WorkspaceCard]:
    """Create a workspace that you own, and go on in it."""
    return done(await door.write(workspaces.create_workspace, name=body.name), "Created.")


@router.patch("/workspaces/current", operation_id="rename_workspace")
async def rename_workspace(body: NameBody, door: Caller) -> Answer[Nothing]:
    """Rename the workspace of this call."""
    await door.write(workspaces.rename_workspace, name=body.name)
    return done(Nothing(), "Renamed.")


@router.post("/workspaces/{workspace_id}/select", operation_id="select_workspace")
async def select_workspace(workspace_id: Id, door: Caller) -> Answer[Nothing]:
    """Go on in another workspace of yours: from now on calls with this sign-in work there. A key stays in its own."""
    await door.write(accounts.switch_workspace, workspace_id=workspace_id)
    return done(Nothing(), "Switched.")


@router.get("/users/me/letters", operation_id="get_letters")
async def get_letters(door: Caller) -> Answer[LetterPage]:
    """The kinds of letters about what you sell, and which of them you get."""
    return done(await door.read(letters.get_letters))


@router.put("/users/me/letters/{kind}", operation_id="choose_letters")
async def choose_letters(kind: Id, body: LettersBody, door: Caller) -> Answer[Nothing]:
    """Get letters of a kind, or no more of them."""
    await door.write(letters.choose_letters, kind=kind, is_on=body.is_on)
    return done(Nothing(), "Saved.")
