"""Starting runs over HTTP and asking how they stand, as whoever is signed in; a page of this site or a client with its cookie calls it."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Depends, Header, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from app.api.visitor import Visitor, same_origin_visitor
from app.services.accounts import resolve_actor
from app.services.runs import get_run, start_run
from app.services.runs.start import StartedBy
from app.session import token_from_cookies
from app.views.runs import RunRow
from app.wiring import Wiring, get_wiring
from engine.json import JsonObject, JsonValue
from models.run import RunTrigger

router = APIRouter(prefix="/api/v1", tags=["runs"])
T = TypeVar("T")
From = Annotated[Visitor, Depends(same_origin_visitor)]
Parts = Annotated[Wiring, Depends(get_wiring)]


class RunBody(BaseModel):
    """What to run the workflow with."""

    model_config = ConfigDict(extra="forbid")

    inputs: dict[str, Any] = Field(default_factory=dict[str, Any], description="By the names that the Start step asks for.")


class RunAnswer(BaseModel):
    """A run; `output` and `error` are there once it has ended."""

    run_id: str
    status: str
    waiting_for: str = ""
    workflow_id: str | None = None
    created_at: datetime
    finished_at: datetime | None = None
    output: JsonValue = None
    error: JsonObject | None = None


@router.post("/workflows/{workflow_id}/runs", status_code=202)
async def start(
    workflow_id: str,
    body: RunBody,
    *,
    request: Request,
    response: Response,
    visitor: From,  # noqa: ARG001 - the visitor's origin is what is checked
    wiring: Parts,
    idempotency_key: Annotated[str | None, Header(max_length=200)] = None,
) -> RunAnswer:
    """Start the workflow's draft. The same Idempotency-Key with the same inputs gives the same run, with others 409."""
    by = StartedBy(RunTrigger.API, None)
    row = await _as(
        request, wiring, start_run, write=True, workflow_id=workflow_id, inputs=body.inputs, idempotency_key=idempotency_key, started_by=by
    )
    response.headers["Location"] = f"/api/v1/runs/{row.id}"
    return _answer(row)


@router.get("/runs/{run_id}")
async def read(run_id: str, request: Request, response: Response, wiring: Parts) -> RunAnswer:
    """How a run stands."""
    response.headers["Cache-Control"] = "no-store"
    detail = await _as(request, wiring, get_run, write=False, run_id=run_id)
    return _answer(detail.row, output=detail.output, error=detail.error)


async def _as(request: Request, wiring: Wiring, service: Callable[..., T], *, write: bool, **arguments: Any) -> T:
    token = token_from_cookies(request.headers.get("cookie", ""))

    def work() -> T:
        with wiring.unit(write=write) as uow:
            uow.actor = resolve_actor(uow, token=token)
            return service(uow, **arguments)

    return await asyncio.to_thread(work)


def _answer(row: RunRow, *, output: JsonValue = None, error: JsonObject | None = None) -> RunAnswer:
    return RunAnswer(
        run_id=str(row.id),
        status=row.status,
        waiting_for=row.waiting_for,
        workflow_id=str(row.workflow_id) if row.workflow_id else None,
        created_at=row.created_at,
        finished_at=row.finished_at,
        output=output,
        error=error,
    )
