"""Who owns a run: claiming under a new fence, renewing leases, giving back, and reading the news of runs one holds. Workers only."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import col

from app.core.sql_clock import ms_since, sql_now
from app.services.budgets.reserving import release_runs_holds
from app.services.runs.families import ring_later
from app.services.runs.tables import event_table, outbox_table, plan_table, run_table
from app.services.runs.waiting import FOR_WORKER
from engine.json import JsonObject
from engine.run.events import EventType, JournalEvent
from models.run import RunStatus
from models.workspace import Workspace

MAX_RECOVERIES = 3
FROM_OUTSIDE = ("approval", "budget", "unknown_effect", "child", "delay", "signal")  # what resumes a step and is not written by its driver
_run = run_table.c
_CLAIMED = (
    _run.id,
    _run.workspace_id,
    _run.kind,
    _run.plan_id,
    _run.fence,
    _run.next_seq,
    _run.cancel_requested_at,
    _run.cancel_requested_by,
    _run.recoveries,
    _run.parent_run_id,
)


@dataclass(frozen=True, slots=True)
class Claimed:
    """A run that is now ours, with its whole history."""

    run_id: uuid.UUID
    workspace_id: uuid.UUID
    kind: str
    plan_id: uuid.UUID
    fence: int
    next_seq: int
    history: Sequence[JournalEvent]
    cancel_requested_at: datetime | None
    cancel_requested_by: uuid.UUID | None
    recoveries: int
    parent_run_id: uuid.UUID | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """What the row of a run says to the worker that holds it."""

    run_id: uuid.UUID
    fence: int
    next_seq: int
    cancel_requested_at: datetime | None
    cancel_requested_by: uuid.UUID | None


def claim_runs(connection: sa.Connection, run_ids: Sequence[uuid.UUID], *, owner: str, lease_s: float) -> list[Claimed]:
    """Take those runs that may be taken: queued ones, parked ones that are due, and ones whose worker's lease ran out.

    Unknown, finished, parked and owned runs and those of deleted workspaces are silently absent from the answer, so that a repeated
    doorbell is harmless.
    """
    is_orphan = sa.and_(_run.status == RunStatus.RUNNING, _run.lease_until < sql_now(), _run.recoveries < MAX_RECOVERIES)
    is_due = sa.and_(_run.status == RunStatus.WAITING, _run.wake_at <= sql_now())
    is_deserted = sa.exists().where(col(Workspace.id) == _run.workspace_id, col(Workspace.closed_at).is_not(None))
    free = (
        sa.select(_run.id)
        .where(_run.id.in_(run_ids), sa.or_(_run.status == RunStatus.QUEUED, is_orphan, is_due), ~is_deserted)
        .order_by(_run.id)
        .with_for_update()
    )
    statement = (
        sa.update(run_table)
        .where(_run.id.in_(free))
        .values(
            fence=_run.fence + 1,
            status=RunStatus.RUNNING,
            owner=owner,
            lease_until=sql_now(lease_s),
            started_at=sa.func.coalesce(_run.started_at, sql_now()),
            wake_at=None,
            waiting_for="",
            waited_ms=_run.waited_ms + sa.func.coalesce(ms_since(_run.parked_at), _idle_ms(), 0.0),
            parked_at=None,
            recoveries=_run.recoveries + sa.case((_run.status == RunStatus.RUNNING, 1), else_=0),
        )
        .returning(*_CLAIMED)
    )
    rows = connection.execute(statement).all()
    connection.execute(sa.delete(outbox_table).where(outbox_table.c.id.in_(run_ids)))
    if any(row.recoveries for row in rows):
        release_runs_holds(connection, [row.id for row in rows if row.recoveries])
    histories = read_histories(connection, [row.id for row in rows])
    return [_claimed(row, histories[row.id]) for row in rows]


def _idle_ms() -> sa.ColumnElement[float]:
    """How long nothing was written about a run whose worker died: what that worker still did in that time is done again."""
    columns = event_table.c
    last = sa.select(columns.at).where(columns.run_id == _run.id).order_by(columns.seq.desc()).limit(1).correlate(run_table)
    return sa.case((_run.status == RunStatus.RUNNING, ms_since(last.scalar_subquery())))


def _claimed(row: Any, history: Sequence[JournalEvent]) -> Claimed:
    return Claimed(
        run_id=row.id,
        workspace_id=row.workspace_id,
        kind=row.kind,
        plan_id=row.plan_id,
        fence=row.fence,
        next_seq=row.next_seq,
        history=history,
        cancel_requested_at=row.cancel_requested_at,
        cancel_requested_by=row.cancel_requested_by,
        recoveries=row.recoveries,
        parent_run_id=row.parent_run_id,
    )


def read_histories(connection: sa.Connection, run_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[JournalEvent]]:
    """The journals of runs, each in order."""
    histories: dict[uuid.UUID, list[JournalEvent]] = {run_id: [] for run_id in run_ids}
    if run_ids:
        query = sa.select(event_table).where(event_table.c.run_id.in_(run_ids)).order_by(event_table.c.run_id, event_table.c.seq)
        for row in connection.execute(query):
            histories[row.run_id].append(to_event(row))
    return histories


def read_news(connection: sa.Connection, run_id: uuid.UUID, *, from_seq: int) -> list[tuple[int, JournalEvent]]:
    """What people decided and children gave since `from_seq`, with its numbers; the driver's own NODE_RESUMED events are left out."""
    columns = event_table.c
    query = (
        sa.select(event_table)
        .where(columns.run_id == run_id, columns.seq >= from_seq, columns.type == EventType.NODE_RESUMED.value)
        .order_by(columns.seq)
    )
    return [(row.seq, to_event(row)) for row in connection.execute(query) if row.payload.get("reason") in FROM_OUTSIDE]


def to_event(row: Any) -> JournalEvent:
    """A journal row as the engine's event."""
    return JournalEvent(EventType(row.type), row.at, row.node, row.iteration, row.payload)


def read_plans(connection: sa.Connection, plan_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, JsonObject]:
    """The pinned plans, as JSON."""
    rows = connection.execute(sa.select(plan_table.c.id, plan_table.c.content).where(plan_table.c.id.in_(plan_ids)))
    return {row.id: row.content for row in rows}


def renew_leases(connection: sa.Connection, fences: Mapping[uuid.UUID, int], *, owner: str, lease_s: float) -> list[Held]:
    """Extend the leases of the runs this process holds, in one statement; a run that is absent from the answer is lost.

    They are locked in the order in which the writer locks them, so that neither waits for the other in a circle.
    """
    held = sa.select(_run.id).where(_run.id.in_(list(fences)), _run.owner == owner, _run.status == RunStatus.RUNNING)
    statement = (
        sa.update(run_table)
        .where(_run.id.in_(held.order_by(_run.id).with_for_update()))
        .values(lease_until=sql_now(lease_s))
        .returning(_run.id, _run.fence, _run.next_seq, _run.cancel_requested_at, _run.cancel_requested_by)
    )
    return _held(connection.execute(statement).all(), fences)


def read_held(connection: sa.Connection, fences: Mapping[uuid.UUID, int], *, owner: str) -> list[Held]:
    """The same answer without extending anything, for a nudge."""
    query = sa.select(_run.id, _run.fence, _run.next_seq, _run.cancel_requested_at, _run.cancel_requested_by).where(
        _run.id.in_(list(fences)), _run.owner == owner, _run.status == RunStatus.RUNNING
    )
    return _held(connection.execute(query).all(), fences)


def read_fences(connection: sa.Connection, run_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, int]:
    """The present fences of runs, whatever their status."""
    return {row.id: row.fence for row in connection.execute(sa.select(_run.id, _run.fence).where(_run.id.in_(run_ids)))}


def _held(rows: Sequence[Any], fences: Mapping[uuid.UUID, int]) -> list[Held]:
    return [
        Held(row.id, row.fence, row.next_seq, row.cancel_requested_at, row.cancel_requested_by)
        for row in rows
        if fences.get(row.id) == row.fence
    ]


def end_leases(connection: sa.Connection, owners: Sequence[str]) -> int:
    """Let others take at once what these owners hold, whose processes are known to be dead; returns how many runs that are."""
    statement = sa.update(run_table).where(_run.status == RunStatus.RUNNING, _run.owner.in_(owners)).values(lease_until=sql_now(-1.0))
    return connection.execute(statement).rowcount


def release_runs(connection: sa.Connection, fences: Mapping[uuid.UUID, int]) -> list[uuid.UUID]:
    """Give runs back to the queue (graceful stop); returns those that were still ours and now need a doorbell."""
    released: list[uuid.UUID] = []
    for run_id, fence in fences.items():
        statement = (
            sa.update(run_table)
            .where(_run.id == run_id, _run.fence == fence, _run.status == RunStatus.RUNNING)
            .values(status=RunStatus.QUEUED, owner=None, lease_until=None, rung_at=None, waiting_for=FOR_WORKER)
        )
        if connection.execute(statement).rowcount == 1:
            released.append(run_id)
    ring_later(connection, released)
    return released
