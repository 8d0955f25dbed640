"""Looking closer at runs over the API: two side by side, one attempt of a step, what its steps wait for, what a fork would do."""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from app.api.callers import Caller
from app.api.envelope import REFUSALS, Answer, Id, Page, Shape, done, whole
from app.api.runs import ForkBody, Iteration, RunSummary
from app.services import runs
from app.views.comparing import StepPair
from app.views.forks import ForkPreview
from app.views.runs import SignalWaitRow
from app.views.trace import AttemptDetail

router = APIRouter(prefix="/api/v1/runs/{run_id}", tags=["runs"], responses=REFUSALS)
Seq = Annotated[int, Path(ge=1, le=2**31 - 1, description="The number of any journal event of the attempt.")]


class Compared(Shape):
    """Two runs step by step; `b` is the one that was asked for."""

    a: RunSummary
    b: RunSummary
    steps: list[StepPair]
    is_same_version: bool
    has_same_inputs: bool
    has_same_output: bool


@router.get("/comparison", operation_id="compare_runs")
async def compare_runs(
    run_id: Id,
    door: Caller,
    base: Annotated[str, Query(max_length=64, description="The run to compare with; the one of its workflow before it without.")] = "",
) -> Answer[Compared]:
    """What differs between this run and another one: path, values, money and time."""
    found = await door.read(runs.compare_runs, a=base or None, b=run_id)
    alike = {name: getattr(found, name) for name in ("is_same_version", "has_same_inputs", "has_same_output")}
    sides = {name: RunSummary.model_validate(getattr(found, name).row) for name in ("a", "b")}
    return done(Compared(**sides, steps=list(found.steps), **alike))


@router.get("/steps/{node}/attempts/{seq}", operation_id="get_attempt")
async def get_attempt(run_id: Id, node: Id, seq: Seq, door: Caller, *, iteration: Iteration = "") -> Answer[AttemptDetail]:
    """One attempt of a step: its values, the model calls with their prompts, the tool calls, and what its code printed."""
    return done(await door.read(runs.get_attempt, run_id=run_id, node=node, iteration=iteration, seq=seq))


@router.get("/waits", operation_id="list_waits")
async def list_waits(run_id: Id, door: Caller) -> Answer[Page[SignalWaitRow]]:
    """The signals that its steps wait for, the longest wait first."""
    return whole(await door.read(runs.list_signal_waits, run_id=run_id))


@router.post("/fork/preview", operation_id="preview_fork")
async def preview_fork(run_id: Id, body: ForkBody, door: Caller) -> Answer[ForkPreview]:
    """What such a fork would keep, do again and drop; it starts nothing."""
    return done(await door.read(runs.describe_fork, run_id=run_id, **body.model_dump()))
