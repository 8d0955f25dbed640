"""Workflows over the API: list, read, create, replace, rename, delete, check, and export as a blueprint."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Response
from fastapi import Request as HttpRequest
from fastapi.responses import JSONResponse
from pydantic import Field

from app.api.callers import Caller, IdempotencyKey
from app.api.envelope import EDITS, REFUSALS, Answer, Cursor, Id, Limit, Nothing, Page, Request, Search, Shape, done
from app.api.etags import IfMatch, Stale, base_of, knows, mark, unchanged
from app.services import blueprints, history, workflows
from app.views.workflows import WorkflowDetail

router = APIRouter(prefix="/api/v1/workflows", tags=["workflows"], responses=REFUSALS)
DEFINITION = "Nodes, edges and limits, as `GET /workflows/{id}` gives them; docs/runs.md and the editor's kinds explain the nodes."


class WorkflowBody(Request):
    """A new workflow; without a definition it has a Start step only."""

    name: str = Field(max_length=400)
    description: str = Field(default="", max_length=4000)
    definition: dict[str, Any] | None = Field(default=None, description=DEFINITION)


class DefinitionBody(Request):
    """A whole definition."""

    definition: dict[str, Any] = Field(description=DEFINITION)


class NameBody(Request):
    """A name and, if given, a description."""

    name: str = Field(max_length=400)
    description: str | None = Field(default=None, max_length=4000)


class WorkflowSummary(Shape):
    """A workflow in a list."""

    id: UUID
    name: str
    description: str
    updated_at: datetime
    node_count: int
    error_count: int
    last_run_status: str
    last_run_at: datetime | None
    last_run_id: UUID | None


class Finding(Shape):
    """One thing that is wrong, where, and how to mend it."""

    code: str
    message: str
    remedy: str
    severity: str = Field(description="error or warning")
    node: str | None
    field: str | None
    line: int | None
    column: int | None
    href: str = Field(description="The page where it is mended, when that is another one.")


class Workflow(Shape):
    """A workflow as it stands; `revision` rises with every edit."""

    id: UUID
    name: str
    revision: int
    definition: dict[str, Any]
    updated_at: datetime
    findings: list[Finding]


class Checked(Shape):
    """What the checker found; a workflow with errors does not run."""

    is_valid: bool
    findings: list[Finding]


class Blueprint(Shape):
    """A blueprint as text."""

    filename: str
    text: str


@router.get("", operation_id="list_workflows")
async def list_workflows(
    door: Caller,
    *,
    search: Search = "",
    sort: Annotated[str, Query(pattern="^(updated|name|created)$")] = "updated",
    cursor: Cursor = "",
    limit: Limit = 24,
) -> Answer[Page[WorkflowSummary]]:
    """Workflows of the workspace."""
    page = await door.read(workflows.list_workflows, search=search, sort=sort, cursor=cursor, limit=limit)
    items = [WorkflowSummary.model_validate(card) for card in page.items]
    return done(Page(items=items, next_cursor=page.next_cursor or None, total=page.total))


@router.post("", status_code=201, operation_id="create_workflow", response_model=Answer[Workflow])
async def create_workflow(body: WorkflowBody, door: Caller, idempotency_key: IdempotencyKey = None) -> JSONResponse:
    """Create a workflow."""
    arguments: dict[str, Any] = {"name": body.name, "description": body.description, "spec": body.definition}
    return await door.once(workflows.create_workflow, key=idempotency_key, shape=Workflow, message="Created.", **arguments)


@router.get("/{workflow_id}", operation_id="get_workflow", responses={304: {"description": "You have this revision already"}})
async def get_workflow(workflow_id: Id, request: HttpRequest, response: Response, door: Caller) -> Answer[Workflow]:
    """A workflow as it stands; the ETag names its revision."""
    return _tagged(await door.read(workflows.get_workflow, workflow_id=workflow_id), request, response)


@router.put("/{workflow_id}", operation_id="replace_workflow", responses=EDITS)
async def replace_workflow(
    workflow_id: Id, body: DefinitionBody, *, request: HttpRequest, response: Response, door: Caller, if_match: IfMatch = None
) -> Answer[Workflow]:
    """Replace the definition. Open editors follow; what it was stays in the history. If-Match names the revision it is made on."""
    base = base_of(if_match)
    try:
        replaced = await door.write(history.replace_definition, workflow_id=workflow_id, base_revision=base, definition=body.definition)
    except history.StaleDefinition as error:
        raise Stale(error.message) from error
    return _tagged(replaced, request, response, "Saved.")


@router.patch("/{workflow_id}", operation_id="rename_workflow")
async def rename_workflow(workflow_id: Id, body: NameBody, door: Caller) -> Answer[Nothing]:
    """Change name and description."""
    arguments = {"name": body.name, "description": body.description}
    await door.write(workflows.rename_workflow, workflow_id=workflow_id, **arguments)
    return done(Nothing(), "Renamed.")


@router.delete("/{workflow_id}", operation_id="delete_workflow")
async def delete_workflow(workflow_id: Id, door: Caller) -> Answer[Nothing]:
    """Delete a workflow; it can be restored. Its runs stay readable."""
    await door.write(workflows.delete_workflow, workflow_id=workflow_id)
    return done(Nothing(), "Deleted.")


@router.post("/{workflow_id}/restore", operation_id="restore_workflow")
async def restore_workflow(workflow_id: Id, door: Caller) -> Answer[Nothing]:
    """Take a deletion back."""
    await door.write(workflows.restore_workflow, workflow_id=workflow_id)
    return done(Nothing(), "Restored.")


@router.post("/{workflow_id}/duplicate", status_code=201, operation_id="duplicate_workflow", response_model=Answer[Workflow])
async def duplicate_workflow(workflow_id: Id, door: Caller, idempotency_key: IdempotencyKey = None) -> JSONResponse:
    """Copy the definition under the next free name."""
    return await door.once(workflows.duplicate_workflow, key=idempotency_key, shape=Workflow, message="Copied.", workflow_id=workflow_id)


@router.post("/{workflow_id}/validate", operation_id="validate_workflow")
async def validate_workflow(workflow_id: Id, door: Caller) -> Answer[Checked]:
    """Check the workflow as it stands: everything that is wrong, at once."""
    found = [Finding.model_validate(one) for one in await door.read(workflows.check_workflow, workflow_id=workflow_id)]
    return done(Checked(is_valid=not any(one.severity == "error" for one in found), findings=found))


@router.get("/{workflow_id}/blueprint", operation_id="export_workflow")
async def export_workflow(workflow_id: Id, door: Caller) -> Answer[Blueprint]:
    """The workflow and its agents as a YAML blueprint; never with a secret."""
    return done(Blueprint.model_validate(await door.read(blueprints.export_workflow, workflow_id=workflow_id)))


def _tagged(view: WorkflowDetail, request: HttpRequest, response: Response, message: str = "OK") -> Any:
    if request.method == "GET" and knows(request, view.revision):
        return unchanged(view.revision)
    mark(response, view.revision)
    return done(Workflow.model_validate(view), message)
