"""Finds what nobody rang for: unsent doorbells, queued runs without a recent ring, due waits, expired leases. Safe in many processes."""

import uuid
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from app.core.endings import EndHooks
from app.core.sql_clock import sql_now
from app.services.budgets.accounts import runs_above
from app.services.runs.claim import MAX_RECOVERIES
from app.services.runs.families import Told, find_lost, has_lost
from app.services.runs.journal import append_all, append_events
from app.services.runs.signal_box import find_undelivered, has_undelivered
from app.services.runs.stopping import cancelled_steps
from app.services.runs.tables import outbox_table, run_table
from engine.run.events import EventType, JournalEvent
from models.base import utc_now
from models.run import RunStatus

QUEUED_RING_S = 60.0  # a queued run is rung again after this long without being taken
DUE_RING_S = 5.0
OUTBOX_GRACE_S = 2.0  # what is younger is probably on its way
FUTURE_S = 5.0
_PAGE = 500
_run = run_table.c
_WORKER_LOST = (
    f"The worker died {MAX_RECOVERIES + 1} times in a row at this point. The run was stopped so that others can go on. "
    "Look at the step that was running, then retry."
)


_IS_QUEUED = _run.status == RunStatus.QUEUED
_IS_DUE = sa.and_(_run.status == RunStatus.WAITING, _run.wake_at <= sql_now())
_IS_ORPHAN = sa.and_(_run.status == RunStatus.RUNNING, _run.lease_until < sql_now())


def _is_quiet(seconds: float) -> sa.ColumnElement[bool]:
    return sa.or_(_run.rung_at.is_(None), _is_past(_run.rung_at, seconds))


def _is_past(column: Any, seconds: float) -> sa.ColumnElement[bool]:
    """Longer ago than that; a moment in the future is a wrong clock's, and says nothing."""
    return sa.or_(column < sql_now(-seconds), column > sql_now(FUTURE_S))


_DUE = (
    sa.and_(_IS_QUEUED, _is_quiet(QUEUED_RING_S)),
    sa.and_(_IS_DUE, _is_quiet(DUE_RING_S)),
    sa.and_(_IS_ORPHAN, _run.recoveries < MAX_RECOVERIES, _is_quiet(DUE_RING_S)),
)
_LOST = sa.and_(_IS_ORPHAN, _run.recoveries >= MAX_RECOVERIES)
_UNSENT = sa.and_(outbox_table.c.kind == "run", _is_past(outbox_table.c.created_at, OUTBOX_GRACE_S))


def has_work(connection: sa.Connection) -> bool:
    """Whether a pass would find anything; reads only, so that an idle product takes no write lock."""
    any_run = [sa.exists(sa.select(_run.id).where(condition)) for condition in (*_DUE, _LOST)]
    return bool(connection.execute(sa.select(sa.or_(*any_run, sa.exists(sa.select(outbox_table.c.id).where(_UNSENT))))).scalar())


def find_due_runs(connection: sa.Connection, *, limit: int = _PAGE) -> list[uuid.UUID]:
    """Mark and return runs a worker should look at now; two dispatchers never get the same run within a few seconds.

    The workspaces take turns, so that one with thousands of runs that are due holds up no other.
    """
    found: list[uuid.UUID] = []
    for condition in _DUE:
        turn = sa.func.row_number().over(partition_by=_run.workspace_id, order_by=(_run.wake_at, _run.id)).label("turn")
        ranked = sa.select(_run.id, turn).where(condition).subquery()
        page = sa.select(_run.id).join(ranked, ranked.c.id == _run.id).where(condition).order_by(ranked.c.turn, _run.id).limit(limit)
        page = page.with_for_update(of=run_table, skip_locked=True)
        statement = sa.update(run_table).where(_run.id.in_(page)).values(rung_at=sql_now()).returning(_run.id)
        found.extend(connection.execute(statement).scalars())
    return found


def find_unsent(connection: sa.Connection, *, limit: int = _PAGE) -> list[uuid.UUID]:
    """Runs whose doorbell nobody sent or heard yet."""
    query = sa.select(outbox_table.c.id).where(_UNSENT).order_by(outbox_table.c.created_at).limit(limit)
    return list(connection.execute(query).scalars())


def mark_sent(connection: sa.Connection, run_ids: Sequence[uuid.UUID]) -> None:
    """Forget doorbells that were sent; the runs count as rung. Runs are locked before their doorbells, as claims lock them."""
    if run_ids:
        queued = sa.select(_run.id).where(_run.id.in_(run_ids), _run.status == RunStatus.QUEUED).order_by(_run.id).with_for_update()
        connection.execute(sa.update(run_table).where(_run.id.in_(queued)).values(rung_at=sql_now()))
        connection.execute(sa.delete(outbox_table).where(outbox_table.c.id.in_(run_ids)))


def has_lost_children(connection: sa.Connection) -> bool:
    """Whether `find_lost_children` would find anything; reads only."""
    return has_lost(connection)


def find_lost_children(connection: sa.Connection, *, hooks: EndHooks) -> Told:
    """Bring parents on whose children are over or gone without their having heard of it; returns what to ring for."""
    told = Told()
    append_all(connection, find_lost(connection, told), hooks=hooks, told=told)
    return told


def has_signals(connection: sa.Connection) -> bool:
    """Whether `deliver_signals` would find anything; reads only."""
    return has_undelivered(connection)


def deliver_signals(connection: sa.Connection, *, hooks: EndHooks) -> Told:
    """Let steps go on whose signal was sent by another run; returns what to ring for."""
    told = Told()
    append_all(connection, find_undelivered(connection, told), hooks=hooks, told=told)
    return told


def fail_lost_runs(connection: sa.Connection, *, hooks: EndHooks, limit: int = 100) -> list[uuid.UUID]:
    """End runs whose workers died again and again at the same place, so that they stop taking workers down."""
    parents = set(connection.execute(sa.select(_run.parent_run_id).where(_LOST, _run.parent_run_id.is_not(None)).limit(limit)).scalars())
    above = {run_id for line in runs_above(connection, parents).values() for run_id in line}
    connection.execute(sa.select(_run.id).where(_run.id.in_(above)).order_by(_run.id).with_for_update())  # parents before children
    lost = sa.select(_run.id, _run.workspace_id, _run.fence).where(_LOST).order_by(_run.id).limit(limit).with_for_update(skip_locked=True)
    ended: list[uuid.UUID] = []
    for row in connection.execute(lost).all():
        error = {"code": "worker_lost", "message": _WORKER_LOST, "node": None}
        now = utc_now()
        events = [
            *cancelled_steps(connection, row.id, at=now, reason="run_failed"),
            JournalEvent(EventType.RUN_FAILED, now, data={"error": error}),
        ]
        append_events(connection, row.id, row.workspace_id, events, hooks=hooks)
        ended.append(row.id)
    return ended
