"""Agents over the API: list, read, create, save, delete, and their versions."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Body, Path, Query, Request, Response
from fastapi.responses import JSONResponse
from pydantic import AliasChoices, Field

from app.api.callers import Caller, IdempotencyKey
from app.api.envelope import EDITS, REFUSALS, Answer, Cursor, Id, Limit, Page, Search, Shape, done, whole
from app.api.etags import IfMatch, Stale, base_of, knows, mark, unchanged
from app.services import agents
from app.views.agents import AgentDetail
from engine.spec.agent import AgentSpec

router = APIRouter(prefix="/api/v1/agents", tags=["agents"], responses=REFUSALS)
GREETER = {"name": "Greeter", "role": "Greets whoever writes", "instructions": "Greet whoever writes.", "model": "demo/assistant"}
OF_SPEC: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/AgentSpec"}, "example": GREETER}},
    }
}
Number = Annotated[int, Path(ge=1, le=2**31 - 1)]
Definition = Annotated[dict[str, Any], Body(description="The agent's definition; fields left out have their defaults.")]


class AgentSummary(Shape):
    """An agent in a list."""

    id: str
    slug: str = Field(description="How workflows name it.")
    name: str
    role: str
    model: str
    tools: list[str]
    version: int
    updated_at: datetime


class Agent(Shape):
    """An agent at one version."""

    id: str
    slug: str
    name: str
    version: int
    definition: AgentSpec = Field(validation_alias=AliasChoices("spec", "definition"))
    created_at: datetime | None = Field(description="When this version was saved.")
    saved_by: str


class AgentVersion(Shape):
    """One saved version; `changes` names the fields that differ from the version before."""

    number: int
    created_at: datetime
    saved_by: str
    changes: list[str]
    is_current: bool


class WorkflowUse(Shape):
    """A workflow that names the agent, and in which steps."""

    workflow_id: str
    name: str
    nodes: list[str]


class DeletedAgent(Shape):
    """What a deletion leaves behind: workflows that do not run until they name another agent."""

    id: str
    name: str
    used_by: list[WorkflowUse]


@router.get("", operation_id="list_agents")
async def list_agents(
    door: Caller,
    *,
    search: Search = "",
    sort: Annotated[str, Query(pattern="^(updated|name|created)$")] = "updated",
    cursor: Cursor = "",
    limit: Limit = 24,
) -> Answer[Page[AgentSummary]]:
    """Agents of the workspace."""
    page = await door.read(agents.list_agents, search=search, sort=sort, cursor=cursor, limit=limit)
    items = [AgentSummary.model_validate(card) for card in page.items]
    return done(Page(items=items, next_cursor=page.next_cursor or None, total=page.total))


@router.post("", status_code=201, operation_id="create_agent", response_model=Answer[Agent], openapi_extra=OF_SPEC)
async def create_agent(door: Caller, definition: Definition, idempotency_key: IdempotencyKey = None) -> JSONResponse:
    """Create an agent from its definition."""
    return await door.once(agents.create_agent, key=idempotency_key, shape=Agent, message="Created.", draft=definition)


@router.get("/{agent_id}", operation_id="get_agent", responses={304: {"description": "You have this version already"}})
async def get_agent(agent_id: Id, request: Request, response: Response, door: Caller) -> Answer[Agent]:
    """An agent at its newest version; the ETag names it."""
    return _tagged(await door.read(agents.get_agent, agent_id=agent_id), request, response)


@router.put("/{agent_id}", operation_id="save_agent", responses=EDITS, openapi_extra=OF_SPEC)
async def save_agent(
    agent_id: Id, definition: Definition, *, request: Request, response: Response, door: Caller, if_match: IfMatch = None
) -> Answer[Agent]:
    """Save a definition as the next version. An equal one saves nothing. If-Match names the version it is made on."""
    base = base_of(if_match)
    try:
        saved = await door.write(agents.save_agent, agent_id=agent_id, base_version=base, draft=definition)
    except agents.StaleAgentSave as error:
        raise Stale(error.message, fields=error.fields) from error
    return _tagged(saved, request, response, "Saved.")


@router.delete("/{agent_id}", operation_id="delete_agent")
async def delete_agent(agent_id: Id, door: Caller) -> Answer[DeletedAgent]:
    """Delete an agent; it can be restored. Past runs keep the definition they ran with."""
    return done(DeletedAgent.model_validate(await door.write(agents.delete_agent, agent_id=agent_id)), "Deleted.")


@router.post("/{agent_id}/restore", operation_id="restore_agent")
async def restore_agent(agent_id: Id, door: Caller) -> Answer[Agent]:
    """Take a deletion back."""
    return done(Agent.model_validate(await door.write(agents.undelete_agent, agent_id=agent_id)), "Restored.")


@router.post("/{agent_id}/duplicate", status_code=201, operation_id="duplicate_agent", response_model=Answer[Agent])
async def duplicate_agent(agent_id: Id, door: Caller, idempotency_key: IdempotencyKey = None) -> JSONResponse:
    """Copy the newest version under a new name."""
    return await door.once(agents.duplicate_agent, key=idempotency_key, shape=Agent, message="Copied.", agent_id=agent_id)


@router.get("/{agent_id}/uses", operation_id="list_agent_uses")
async def list_agent_uses(agent_id: Id, door: Caller) -> Answer[Page[WorkflowUse]]:
    """The workflows that name the agent."""
    uses = await door.read(agents.find_agent_uses, agent_id=agent_id)
    return whole(WorkflowUse.model_validate(use) for use in uses)


@router.get("/{agent_id}/versions", operation_id="list_agent_versions")
async def list_versions(
    agent_id: Id, door: Caller, cursor: Annotated[int, Query(ge=0, le=2**31 - 1, description="`next_cursor` of the page before.")] = 0
) -> Answer[Page[AgentVersion]]:
    """Versions, the newest first."""
    rows = await door.read(agents.list_agent_versions, agent_id=agent_id, before=cursor)
    following = str(rows[-1].number) if rows and rows[-1].number > 1 else None
    return done(Page(items=[AgentVersion.model_validate(row) for row in rows], next_cursor=following))


@router.get("/{agent_id}/versions/{number}", operation_id="get_agent_version")
async def get_version(agent_id: Id, number: Number, door: Caller) -> Answer[Agent]:
    """An agent as it was in a version."""
    return done(Agent.model_validate(await door.read(agents.get_agent_version, agent_id=agent_id, number=number)))


@router.post("/{agent_id}/versions/{number}/restore", operation_id="restore_agent_version", responses=EDITS)
async def restore_version(
    agent_id: Id, number: Number, *, request: Request, response: Response, door: Caller, if_match: IfMatch = None
) -> Answer[Agent]:
    """Save an old version again as the newest."""
    base = base_of(if_match)
    try:
        saved = await door.write(agents.restore_agent_version, agent_id=agent_id, number=number, base_version=base)
    except agents.StaleAgentSave as error:
        raise Stale(error.message, fields=error.fields) from error
    return _tagged(saved, request, response, "Restored.")


def _tagged(view: AgentDetail, request: Request, response: Response, message: str = "OK") -> Any:
    if request.method == "GET" and knows(request, view.version):
        return unchanged(view.version)
    mark(response, view.version)
    return done(Agent.model_validate(view), message)
