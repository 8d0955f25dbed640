"""Runs over the API: start, list, read with steps and journal, cancel, retry, fork, and send signals."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import Field

from app.api.callers import Caller, IdempotencyKey
from app.api.envelope import NEVER_KEPT, REFUSALS, Answer, Cursor, Day, Id, Limit, Page, Request, Search, Shape, done
from app.services import runs
from app.services.runs.start import StartedBy
from app.views.runs import RunRow
from models.run import RunTrigger

router = APIRouter(prefix="/api/v1", tags=["runs"], responses=REFUSALS)
Iteration = Annotated[str, Query(max_length=120, description="Which entry of a loop or map, such as `each:2`; empty outside of them.")]


class RunBody(Request):
    """What to run the workflow with."""

    inputs: dict[str, Any] = Field(default_factory=dict[str, Any], description="By the names that the Start step asks for.")


class ForkBody(Request):
    """Where to begin anew: from a step on, from what failed on, or as things stood at a moment of the journal."""

    how: str = Field(default="from", max_length=20, description="from, failed or moment")
    node: str = Field(default="", max_length=63)
    iteration: str = Field(default="", max_length=120)
    seq: int | None = Field(default=None, ge=1, le=2**31 - 1)
    version: str = Field(default="same", max_length=20, description="same: as it ran; current: the workflow as it stands now")
    edits: list[dict[str, Any]] | None = Field(default=None, max_length=100, description="Values written by hand: node, field, value.")


class SignalBody(Request):
    """Something that has happened, for steps that wait for it."""

    key: str = Field(max_length=400, description="Its name, as the waiting step has it.")
    value: Any = None
    run_id: str | None = Field(default=None, max_length=64, description="Only this run may take it.")
    message_id: str | None = Field(default=None, max_length=400, description="Your own name for it; sending it again does nothing.")


class RunSummary(Shape):
    """A run in a list. Costs are millionths of a US dollar."""

    id: UUID
    kind: str
    title: str
    status: str = Field(description="queued, running, waiting, succeeded, failed or cancelled")
    waiting_for: str
    workflow_id: UUID | None
    trigger: str
    started_by: str
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    duration_ms: float | None = Field(description="From its start to its end, or until now, waiting included.")
    worked_ms: float | None = Field(description="The part of it in which steps were at work.")
    waited_ms: float = Field(description="The part of it in which the run only waited.")
    input_tokens: int
    output_tokens: int
    cost_micros: int
    error_message: str
    parent_run_id: UUID | None
    origin_run_id: UUID | None


class Step(Shape):
    """One step of a run, in one entry of the loops around it."""

    node: str
    iteration: str
    status: str
    attempt: int
    port: str | None
    started_at: datetime | None
    finished_at: datetime | None
    duration_ms: float | None = Field(description="How long its last attempt was at work; what it waited is not in it.")
    waited_ms: float = Field(description="How long it only waited: for a person, a time, another run or a limit.")
    input_tokens: int
    output_tokens: int
    cost_micros: int
    error: dict[str, Any] | None
    reason: str


class Run(RunSummary):
    """A run with its values; `output` or `error` is there once it has ended."""

    inputs: dict[str, Any]
    output: Any = None
    error: dict[str, Any] | None = None
    step_count: int
    last_seq: int = Field(description="The number of the newest journal event.")


class StepDetail(Step):
    """A step with what went in and what came out."""

    inputs: Any = Field(default=None, description="Its settings as it used them, with every reference filled in.")
    output: Any = None
    written: str = Field(default="", description="Of a step that was stopped or failed: what it had written until then.")


class Event(Shape):
    """One event of a run's journal; `seq` counts from 1 without gaps."""

    seq: int
    type: str
    node: str | None
    iteration: str
    at: datetime
    payload: dict[str, Any]


class Signal(Shape):
    """A signal; `run_id` is the run it let go on, null while it is kept for the first that waits for it."""

    id: UUID
    key: str
    run_id: UUID | None


@router.post("/workflows/{workflow_id}/runs", status_code=202, operation_id="start_run")
async def start_run(
    workflow_id: Id, body: RunBody, *, response: Response, door: Caller, idempotency_key: IdempotencyKey = None
) -> Answer[RunSummary]:
    """Start the workflow as it stands. The same Idempotency-Key with the same inputs gives the same run, with others 409."""
    by = StartedBy(RunTrigger.API, None)
    arguments = {"workflow_id": workflow_id, "inputs": body.inputs, "idempotency_key": idempotency_key, "started_by": by}
    return _started(response, await door.write(runs.start_run, **arguments))


@router.get("/runs", operation_id="list_runs")
async def list_runs(
    door: Caller,
    *,
    status: Annotated[list[str] | None, Query(max_length=10, description="Only these; may be repeated.")] = None,
    workflow_id: Annotated[str | None, Query(max_length=64)] = None,
    search: Search = "",
    since: Day = "",
    until: Day = "",
    cursor: Cursor = "",
    limit: Limit = 30,
) -> Answer[Page[RunSummary]]:
    """Runs of the workspace, the newest first, of a span of days if given. A filtered page may be short and still have a cursor: ask on."""
    arguments = {"statuses": status or (), "workflow_id": workflow_id, "search": search, "since": since, "until": until}
    arguments |= {"cursor": cursor, "limit": limit}
    page = await door.read(runs.list_runs, **arguments)
    return done(Page(items=[RunSummary.model_validate(row) for row in page.rows], next_cursor=page.next_cursor or None))


@router.get("/runs/{run_id}", operation_id="get_run", dependencies=[NEVER_KEPT])
async def get_run(run_id: Id, door: Caller) -> Answer[Run]:
    """How a run stands."""
    detail = await door.read(runs.get_run, run_id=run_id)
    values = {name: getattr(detail, name) for name in ("inputs", "output", "error", "step_count", "last_seq")}
    return done(Run(**RunSummary.model_validate(detail.row).model_dump(), **values))


@router.get("/runs/{run_id}/steps", operation_id="list_steps")
async def list_steps(run_id: Id, door: Caller) -> Answer[Page[Step]]:
    """The steps that a run has come to; the first 5,000."""
    detail = await door.read(runs.get_run, run_id=run_id)
    return done(Page(items=[Step.model_validate(step) for step in detail.steps], total=detail.step_count))


@router.get("/runs/{run_id}/steps/{node}", operation_id="get_step")
async def get_step(run_id: Id, node: Id, door: Caller, iteration: Iteration = "") -> Answer[StepDetail]:
    """One step with its values."""
    detail = await door.read(runs.get_step, run_id=run_id, node=node, iteration=iteration)
    return done(
        StepDetail(**Step.model_validate(detail.row).model_dump(), inputs=detail.inputs, output=detail.output, written=detail.written)
    )


@router.get("/runs/{run_id}/events", operation_id="list_events")
async def list_events(
    run_id: Id,
    door: Caller,
    *,
    after: Annotated[int, Query(ge=0, le=2**31 - 1, description="The number of the last event you have.")] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
) -> Answer[Page[Event]]:
    """The journal after an event. `next_cursor` is the number to ask on with, also at the present end: more may come."""
    events = [Event.model_validate(event) for event in await door.read(runs.read_events, run_id=run_id, after_seq=after, limit=limit)]
    return done(Page(items=events, next_cursor=str(events[-1].seq) if events else None))


@router.post("/runs/{run_id}/cancel", operation_id="cancel_run")
async def cancel_run(run_id: Id, door: Caller) -> Answer[RunSummary]:
    """Ask a run to stop. Asking twice, or after its end, does no harm."""
    return done(RunSummary.model_validate(await door.write(runs.cancel_run, run_id=run_id)), "The run is asked to stop.")


@router.post("/runs/{run_id}/retry", status_code=202, operation_id="retry_run")
async def retry_run(run_id: Id, response: Response, door: Caller) -> Answer[RunSummary]:
    """Run the same definition with the same inputs again."""
    return _started(response, await door.write(runs.retry_run, run_id=run_id))


@router.post("/runs/{run_id}/fork", status_code=202, operation_id="fork_run")
async def fork_run(
    run_id: Id, body: ForkBody, *, response: Response, door: Caller, idempotency_key: IdempotencyKey = None
) -> Answer[RunSummary]:
    """Begin a new run in the middle of this one; the steps before keep their results."""
    row = await door.write(runs.fork_run, run_id=run_id, **body.model_dump(), idempotency_key=idempotency_key)
    return _started(response, row)


@router.post("/signals", operation_id="send_signal")
async def send_signal(body: SignalBody, door: Caller) -> Answer[Signal]:
    """Send a signal: lets a run go on that waits for it, or is kept for the first that does."""
    return done(Signal.model_validate(await door.write(runs.send_signal, **body.model_dump())), "Sent.")


def _started(response: Response, row: RunRow) -> Any:
    response.headers["Location"] = f"/api/v1/runs/{row.id}"
    return done(RunSummary.model_validate(row), "The run is queued.")
