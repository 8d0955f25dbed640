"""Tests of workflows and pinned outputs of their steps over the API."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, Path
from fastapi.responses import JSONResponse
from pydantic import Field

from app.api.callers import Caller, IdempotencyKey
from app.api.envelope import REFUSALS, Answer, Id, Nothing, Page, Request, Shape, done, whole
from app.services import workflow_tests, workflows
from app.views.workflow_tests import TestRow
from app.views.workflows import PinCard

router = APIRouter(prefix="/api/v1", tags=["workflow tests"], responses=REFUSALS)
Node = Annotated[str, Path(max_length=100, description="The id of a step.")]
EXAMPLE = {"name": "A greeting", "inputs": {"name": "Ada"}, "checks": [{"at": "greet", "rule": "contains", "value": "Ada"}]}
FIELDS = "name, inputs, checks, answers, pins and the rest, as blueprints write a test."
Content = Annotated[dict[str, Any], Body(description=FIELDS, examples=[EXAMPLE])]


class Test(Shape):
    """A test just made."""

    __test__ = False

    id: str
    name: str
    content: dict[str, Any]
    verdict: str


class PinBody(Request):
    """What test runs take for the step's output, and the port it leaves by."""

    output: Any = Field(description="Any JSON value that the step could give.")
    port: str | None = Field(default=None, max_length=100)


class WhichBody(Request):
    """Which tests; all without."""

    test_ids: list[Annotated[str, Field(max_length=64)]] = Field(default_factory=list[str], max_length=200)


@router.get("/workflows/{workflow_id}/tests", operation_id="list_tests")
async def list_tests(workflow_id: Id, door: Caller) -> Answer[Page[TestRow]]:
    """Tests of a workflow with their last verdicts."""
    found = await door.read(workflow_tests.list_tests, workflow_id=workflow_id)
    return whole(found.rows)


@router.post("/workflows/{workflow_id}/tests", status_code=201, operation_id="create_test", response_model=Answer[Test])
async def create_test(workflow_id: Id, content: Content, door: Caller, idempotency_key: IdempotencyKey = None) -> JSONResponse:
    """Add a test."""
    given: dict[str, Any] = {"workflow_id": workflow_id, "content": content}
    return await door.once(workflow_tests.save_test, key=idempotency_key, shape=Test, message="Added.", **given)


@router.post("/workflows/{workflow_id}/tests/run", status_code=202, operation_id="run_tests")
async def run_tests(workflow_id: Id, body: WhichBody, door: Caller) -> Answer[Page[TestRow]]:
    """Run the named tests, or all; each is a run of its own. Their verdicts stand in the list once those are over."""
    rows = await door.write(workflow_tests.run_tests, workflow_id=workflow_id, test_ids=body.test_ids)
    return whole(rows, "Started.")


@router.put("/workflows/{workflow_id}/tests/{test_id}", operation_id="replace_test")
async def replace_test(workflow_id: Id, test_id: Id, content: Content, door: Caller) -> Answer[TestRow]:
    """Replace a test."""
    return done(await door.write(workflow_tests.save_test, workflow_id=workflow_id, content=content, test_id=test_id), "Saved.")


@router.delete("/workflows/{workflow_id}/tests/{test_id}", operation_id="delete_test")
async def delete_test(workflow_id: Id, test_id: Id, door: Caller) -> Answer[Nothing]:
    """Remove a test; its runs stay."""
    await door.write(workflow_tests.delete_test, workflow_id=workflow_id, test_id=test_id)
    return done(Nothing(), "Deleted.")


@router.post("/workflows/{workflow_id}/tests/{test_id}/copy", status_code=201, operation_id="copy_test", response_model=Answer[Test])
async def copy_test(workflow_id: Id, test_id: Id, door: Caller, idempotency_key: IdempotencyKey = None) -> JSONResponse:
    """The same test once more, to vary it."""
    given: dict[str, Any] = {"workflow_id": workflow_id, "test_id": test_id}
    return await door.once(workflow_tests.copy_test, key=idempotency_key, shape=Test, message="Copied.", **given)


@router.post("/runs/{run_id}/test", status_code=201, operation_id="make_test_of_run", response_model=Answer[Test])
async def make_test_of_run(run_id: Id, door: Caller, idempotency_key: IdempotencyKey = None) -> JSONResponse:
    """Make a test of what a run was given and gave."""
    return await door.once(workflow_tests.add_test_from_run, key=idempotency_key, shape=Test, message="Added.", run_id=run_id)


@router.get("/workflows/{workflow_id}/pins", operation_id="list_pins")
async def list_pins(workflow_id: Id, door: Caller) -> Answer[Page[PinCard]]:
    """Pinned outputs of a workflow's steps; `problem` says why one is not used at present."""
    return whole(await door.read(workflows.list_pins, workflow_id=workflow_id))


@router.put("/workflows/{workflow_id}/pins/{node}", operation_id="pin_output")
async def pin_output(workflow_id: Id, node: Node, body: PinBody, door: Caller) -> Answer[PinCard]:
    """Pin an output to a step: test runs take it in place of running the step."""
    pinned = await door.write(workflows.pin_output, workflow_id=workflow_id, node=node, output=body.output, port=body.port)
    return done(pinned, "Pinned.")


@router.delete("/workflows/{workflow_id}/pins/{node}", operation_id="unpin_output")
async def unpin_output(workflow_id: Id, node: Node, door: Caller) -> Answer[Nothing]:
    """Let the step run again in test runs."""
    await door.write(workflows.unpin_output, workflow_id=workflow_id, node=node)
    return done(Nothing(), "Unpinned.")
