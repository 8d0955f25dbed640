"""Writes what endpoints must hear, in the same transaction as the fact. The journal and the services that make facts call it."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from app.services.announcements.events import (
    APPROVAL_DECIDED,
    APPROVAL_REQUESTED,
    BUDGET_PASSED,
    RUN_ENDED,
    RUN_WAITING,
    budget_data,
    ended_data,
    envelope,
    run_data,
)
from engine.json import JsonObject
from models.base import utc_now
from models.endpoint import WebhookEndpoint, WebhookMessage
from models.grant import Sharing
from models.ids import new_id
from models.run import Run, RunStatus
from models.workflow import Workflow

endpoint_table: sa.Table = WebhookEndpoint.__table__  # type: ignore[attr-defined]
message_table: sa.Table = WebhookMessage.__table__  # type: ignore[attr-defined]
run_table: sa.Table = Run.__table__  # type: ignore[attr-defined]
workflow_table: sa.Table = Workflow.__table__  # type: ignore[attr-defined]
LIVES_FOR = timedelta(hours=24)
_endpoint, _run, _workflow = endpoint_table.c, run_table.c, workflow_table.c
_LISTENS = sa.and_(_endpoint.deleted_at.is_(None), _endpoint.state.in_(("active", "paused")))
_OF_RUNS = sa.select(_endpoint.id, _endpoint.workspace_id, _endpoint.events, _endpoint.workflow_ids).where(
    _LISTENS, _endpoint.workspace_id.in_(sa.select(_run.workspace_id).where(_run.id.in_(sa.bindparam("run_ids", expanding=True))))
)


def announce_ends(connection: sa.Connection, run_ids: Sequence[uuid.UUID]) -> None:
    """Runs that have just become terminal."""
    endpoints = _endpoints_of(connection, run_ids)
    if not endpoints:
        return
    for row in _runs(connection, run_ids):
        if row.parent_run_id is None:  # of a family, only the first run is news
            _write(connection, endpoints, row, RUN_ENDED[RunStatus(row.status)], ended_data(row))


def announce_waits(connection: sa.Connection, run_ids: Sequence[uuid.UUID], approvals: Sequence[Mapping[str, Any]]) -> None:
    """Runs that have just been parked, and decisions that were just asked for (rows of the approval table)."""
    asked = {approval["run_id"] for approval in approvals}
    endpoints = _endpoints_of(connection, list({*run_ids, *asked}))
    if not endpoints:
        return
    rows = {row.id: row for row in _runs(connection, list({*run_ids, *asked}))}
    for approval in approvals:
        row = rows.get(approval["run_id"])
        if row is not None:
            _write(connection, endpoints, row, APPROVAL_REQUESTED, {**run_data(row), "approval": _approval_data(approval, row)})
    for run_id in run_ids:
        row = rows.get(run_id)
        if row is not None and row.status == RunStatus.WAITING and row.parent_run_id is None:
            _write(connection, endpoints, row, RUN_WAITING, {**run_data(row), "waiting_for": row.waiting_for})


def announce_decision(connection: sa.Connection, approval: Mapping[str, Any], *, decided_by: str) -> None:
    """An approval that somebody has just answered (the columns of its row)."""
    run_ids = [approval["run_id"]]
    endpoints = _endpoints_of(connection, run_ids)
    for row in _runs(connection, run_ids) if endpoints else ():
        told = {**_approval_data(approval, row), "button": approval["button"], "note": approval["note"], "decided_by": decided_by}
        _write(connection, endpoints, row, APPROVAL_DECIDED, {**run_data(row), "approval": told})


def announce_budget(connection: sa.Connection, row: Any, used: JsonObject) -> None:
    """A budget that has just passed a share of one of its caps (its row, and what is used by now)."""
    columns = (_endpoint.id, _endpoint.workspace_id, _endpoint.events, _endpoint.workflow_ids)
    endpoints = connection.execute(sa.select(*columns).where(_LISTENS, _endpoint.workspace_id == row.workspace_id)).all()
    wanted = [endpoint for endpoint in endpoints if _wants(endpoint, BUDGET_PASSED, row.workspace_id, None)]
    _insert(connection, wanted, BUDGET_PASSED, budget_data(row, used))


def announce_workflow(connection: sa.Connection, *, event: str, workspace_id: uuid.UUID, workflow_id: uuid.UUID, data: JsonObject) -> None:
    """Something that happened to a workflow."""
    columns = (_endpoint.id, _endpoint.workspace_id, _endpoint.events, _endpoint.workflow_ids)
    endpoints = connection.execute(sa.select(*columns).where(_LISTENS, _endpoint.workspace_id == workspace_id)).all()
    wanted = _who_wants(connection, endpoints, event, workspace_id, workflow_id)
    told = {"workflow_id": str(workflow_id), **data, "path": f"/workflows/{workflow_id}"}
    _insert(connection, wanted, event, told, workflow_id=workflow_id)


def _endpoints_of(connection: sa.Connection, run_ids: Sequence[uuid.UUID]) -> Sequence[Any]:
    """The endpoints of the workspaces of these runs; nearly always none, so that this one look is all it costs."""
    return connection.execute(_OF_RUNS, {"run_ids": list(run_ids)}).all() if run_ids else ()


def _runs(connection: sa.Connection, run_ids: Sequence[uuid.UUID]) -> Sequence[Any]:
    """Real runs of workflows: chats, single steps and dry runs are nobody's business outside."""
    is_real = sa.and_(_run.kind == "workflow", sa.not_(_run.is_dry))
    return connection.execute(sa.select(run_table).where(_run.id.in_(list(run_ids)), is_real)).all()


def _who_wants(
    connection: sa.Connection, endpoints: Iterable[Any], event: str, workspace_id: uuid.UUID, workflow_id: uuid.UUID | None
) -> list[Any]:
    """What happens to a private workflow is told only to endpoints that name it; who names it has seen it."""
    wanted = [endpoint for endpoint in endpoints if _wants(endpoint, event, workspace_id, workflow_id)]
    if all(endpoint.workflow_ids for endpoint in wanted):
        return wanted
    is_it = sa.and_(_workflow.id == workflow_id, _workflow.sharing == Sharing.PRIVATE)
    is_private = connection.execute(sa.select(_workflow.id).where(is_it)).first() is not None
    return [endpoint for endpoint in wanted if endpoint.workflow_ids or not is_private]


def _wants(endpoint: Any, event: str, workspace_id: uuid.UUID, workflow_id: uuid.UUID | None) -> bool:
    is_meant = not endpoint.workflow_ids or str(workflow_id) in endpoint.workflow_ids
    return endpoint.workspace_id == workspace_id and event in endpoint.events and is_meant


def _write(connection: sa.Connection, endpoints: Iterable[Any], row: Any, event: str, data: JsonObject) -> None:
    wanted = _who_wants(connection, endpoints, event, row.workspace_id, row.workflow_id)
    _insert(connection, wanted, event, data, run_id=row.id, workflow_id=row.workflow_id)


def _insert(connection: sa.Connection, endpoints: Sequence[Any], event: str, data: JsonObject, **about: uuid.UUID | None) -> None:
    """One message each; `about` are the ids of the run and the workflow that it tells of."""
    if endpoints:
        now = utc_now()
        payload = envelope(event, now, data)
        rows = [message_row(endpoint.id, endpoint.workspace_id, event, payload, now=now) | about for endpoint in endpoints]
        connection.execute(sa.insert(message_table), rows)


def message_row(
    endpoint_id: uuid.UUID,
    workspace_id: uuid.UUID,
    event: str,
    payload: JsonObject,
    *,
    now: datetime,
    is_test: bool = False,
) -> dict[str, Any]:
    """A message that is due at once."""
    return {
        "id": new_id(),
        "created_at": now,
        "updated_at": now,
        "workspace_id": workspace_id,
        "endpoint_id": endpoint_id,
        "event": event,
        "payload": payload,
        "run_id": None,
        "workflow_id": None,
        "status": "pending",
        "attempts": 0,
        "due_at": now,
        "expires_at": now + LIVES_FOR,
        "fence": 0,
        "last_error": "",
        "is_test": is_test,
    }


def _approval_data(approval: Mapping[str, Any], run: Any) -> JsonObject:
    expires_at = approval.get("expires_at")
    return {
        "approval_id": str(approval["id"]),
        "node": "" if run.sealed_by else approval["node"],
        "title": "A sealed listing asks" if run.sealed_by else approval["title"],
        "expires_at": expires_at.isoformat() if expires_at else None,
    }
