"""Single edits of a workflow over the API, as the canvas makes them: a batch on a revision, what others changed since, one step's form."""

import contextlib
import json
import uuid
from collections.abc import Generator
from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse
from pydantic import Field

from app.api.callers import Caller, IdempotencyKey
from app.api.envelope import EDITS, REFUSALS, Answer, Id, Page, Request, Shape, done, whole
from app.api.etags import IfMatch, Stale, base_of, mark
from app.api.workflows import Finding
from app.core.errors import AppError, Conflict, Invalid, NotFound
from app.services import inspector, runs, workflows
from app.views.node_form import FieldRow, PolicyForm, Problem
from app.views.workflows import EditConflict

router = APIRouter(prefix="/api/v1/workflows/{workflow_id}", tags=["edits"], responses=REFUSALS)
OPERATIONS = (
    "Edits in order, each with its `op`: add_node, remove_node, rename_node, move, set_label, set_config, set_policy, connect, disconnect, "
    "set_meta or set_limit; docs/api.md shows their fields. A malformed batch is refused as a whole."
)


class EditBody(Request):
    """A batch of edits."""

    operations: list[dict[str, Any]] = Field(min_length=1, max_length=5000, description=OPERATIONS)


class Edited(Shape):
    """What became of a batch: the revision now, what others changed since yours, and what was left out because of that."""

    revision: int
    operations: list[dict[str, Any]] = Field(description="What others changed after the revision that If-Match names.")
    conflicts: list[EditConflict] = Field(description="Edits that were not made, because somebody changed the same thing meanwhile.")
    renamed: dict[str, str] = Field(description="Ids of added steps that were taken -> the ids they got.")
    findings: list[Finding] | None = Field(description="What is wrong with the workflow now; null where it is too large to check at once.")
    by: str = Field(description="Whose the changes of others are.")


class StepForm(Shape):
    """One step as the editor shows it; `variables` are the names that its texts may use."""

    id: str
    kind: str
    kind_title: str
    summary: str
    label: str
    rows: list[FieldRow]
    policy: PolicyForm
    problems: list[Problem]
    variables: list[dict[str, Any]]


@router.post("/operations", operation_id="edit_workflow", response_model=Answer[Edited], responses=EDITS)
async def edit_workflow(
    workflow_id: Id, body: EditBody, *, door: Caller, if_match: IfMatch = None, idempotency_key: IdempotencyKey = None
) -> JSONResponse:
    """Make edits on the revision that If-Match names. What others changed since is merged; what contradicts it comes back as a conflict."""
    batch = {"workflow_id": workflow_id, "base_revision": base_of(if_match), "operations": body.operations}
    batch["client_key"] = f"api-{uuid.uuid4().hex[:24]}:1"
    with _in_words_of_the_api(Stale("The workflow was never at this revision. Read it again and send its ETag as If-Match.")):
        saved = await door.once(workflows.apply_operations, key=idempotency_key, shape=Edited, message="Saved.", status=200, **batch)
    mark(saved, json.loads(bytes(saved.body))["data"]["revision"])
    return saved


@router.get("/operations", operation_id="list_edits")
async def list_edits(
    workflow_id: Id,
    door: Caller,
    since: Annotated[int, Query(ge=1, le=2**31 - 1, description="A revision that you know.")],
) -> Answer[Edited]:
    """The edits after a revision, in order; for a definition read earlier these are what it lacks."""
    with _in_words_of_the_api(Invalid("This revision is still to come.", fields={"since": "Give a revision that the workflow has had."})):
        found = await door.read(workflows.changes_since, workflow_id=workflow_id, revision=since, tab="")
    return done(Edited.model_validate(found))


@contextlib.contextmanager
def _in_words_of_the_api(ahead: AppError) -> Generator[None]:
    """The editor's refusals for callers without a page: `ahead` for a revision that the workflow has not reached."""
    try:
        yield
    except Invalid as error:
        if "base_revision" not in error.fields:
            raise
        raise ahead from error
    except Conflict as error:
        if error.error_code != workflows.TOO_OLD:
            raise
        raise Conflict("Too much has changed since this revision. Read the workflow again.", code=workflows.TOO_OLD) from error


@router.get("/nodes/{node}", operation_id="describe_node")
async def describe_node(workflow_id: Id, node: Id, door: Caller) -> Answer[StepForm]:
    """One step as the editor shows it: its fields with what each takes, its policy, what is wrong, the names its texts may use."""
    form = await door.read(inspector.describe_node, workflow_id=workflow_id, node_id=node)
    if not form.id:
        raise NotFound("This step")
    return done(StepForm.model_validate(form))


@router.get("/form", operation_id="get_run_form")
async def get_run_form(workflow_id: Id, door: Caller) -> Answer[Page[dict[str, Any]]]:
    """The fields that a run asks for, each with what you gave last."""
    fields = await door.read(runs.get_run_form, workflow_id=workflow_id)
    return whole(fields)
