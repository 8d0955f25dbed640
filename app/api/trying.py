"""Trying a workflow out over the API: test runs of the draft, of one step, as far as a step, or from a step on."""

from typing import Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import Field

from app.api.callers import Caller, Door, IdempotencyKey
from app.api.envelope import REFUSALS, Answer, Id, Request
from app.api.runs import RunSummary
from app.services import runs

router = APIRouter(prefix="/api/v1/workflows/{workflow_id}", tags=["test runs"], responses=REFUSALS)
DRY = "Nothing is changed outside and nobody is asked."
MODELS = "as_set: those of the steps; demo: the demo model answers for all of them."


class TestRunBody(Request):
    """A test run of the draft, with its pinned outputs."""

    __test__ = False

    inputs: dict[str, Any] = Field(default_factory=dict[str, Any], description="By the names that the Start step asks for.")
    is_dry: bool = Field(default=False, description=DRY)
    models: str = Field(default="as_set", max_length=20, description=MODELS)


class UntilBody(Request):
    """A run as far as a step."""

    inputs: dict[str, Any] | None = Field(default=None, description="Without them those of the last run.")
    is_dry: bool = Field(default=False, description=DRY)
    models: str = Field(default="as_set", max_length=20, description=MODELS)


class FromBody(Request):
    """A run from a step on; what stands before it is kept of a run."""

    iteration: str = Field(default="", max_length=120)
    base_run_id: str | None = Field(default=None, max_length=64, description="Without it the last run of the workflow.")


class StepBody(FromBody):
    """One step alone, on what stands before it."""

    results: dict[str, Any] | None = Field(default=None, description="Results of the steps before it, by their ids.")
    inputs: dict[str, Any] | None = None
    is_dry: bool = Field(default=False, description=DRY)
    models: str = Field(default="as_set", max_length=20, description=MODELS)


@router.post("/test-runs", status_code=202, operation_id="start_test_run", response_model=Answer[RunSummary])
async def start_test_run(workflow_id: Id, body: TestRunBody, door: Caller, idempotency_key: IdempotencyKey = None) -> JSONResponse:
    """Run the draft with its pinned outputs."""
    return await _start(door, runs.start_test_run, idempotency_key, workflow_id=workflow_id, **body.model_dump())


@router.post("/nodes/{node}/run", status_code=202, operation_id="run_step", response_model=Answer[RunSummary])
async def run_step(workflow_id: Id, node: Id, body: StepBody, door: Caller, *, idempotency_key: IdempotencyKey = None) -> JSONResponse:
    """Run one step of the draft alone, on given results, pinned outputs, or what a run gave; refused with the names of what is missing."""
    return await _start(door, runs.run_step, idempotency_key, workflow_id=workflow_id, node=node, **body.model_dump())


@router.post("/nodes/{node}/run-until", status_code=202, operation_id="run_until", response_model=Answer[RunSummary])
async def run_until(workflow_id: Id, node: Id, body: UntilBody, door: Caller, *, idempotency_key: IdempotencyKey = None) -> JSONResponse:
    """Run the draft as far as a step."""
    return await _start(door, runs.run_until, idempotency_key, workflow_id=workflow_id, node=node, **body.model_dump())


@router.post("/nodes/{node}/run-from", status_code=202, operation_id="run_from", response_model=Answer[RunSummary])
async def run_from(workflow_id: Id, node: Id, body: FromBody, door: Caller, *, idempotency_key: IdempotencyKey = None) -> JSONResponse:
    """Run the draft from a step on."""
    return await _start(door, runs.run_from, idempotency_key, workflow_id=workflow_id, node=node, **body.model_dump())


async def _start(door: Door, service: Any, key: str | None, **arguments: Any) -> JSONResponse:
    return await door.once(service, key=key, shape=RunSummary, message="The run is queued.", status=202, **arguments)
