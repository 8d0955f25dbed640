"""Turns table rows into views; the other modules of this package share it."""

import uuid
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from app.core.permissions import Permission, may
from app.core.uow import UnitOfWork
from app.services.runs.deciders import may_decide, overdue_at
from app.services.runs.sealing import asked_outside
from app.services.runs.tables import event_table, run_table
from app.services.runs.waits import Waits
from app.views.forks import DroppedStep, ForkOrigin
from app.views.runs import ApprovalCard, EventRow, RunLink, RunRow, StepRow
from engine.json import JsonObject
from models.ids import parse_id
from models.run import TERMINAL, Approval, Run, RunStatus, StepStatus
from models.user import User
from models.workflow import Workflow

user_table: sa.Table = User.__table__  # type: ignore[attr-defined]
workflow_table: sa.Table = Workflow.__table__  # type: ignore[attr-defined]
_run, _event = run_table.c, event_table.c
_LAST_EVENT_AT = sa.select(_event.at).where(_event.run_id == _run.id, _event.seq == _run.next_seq - 1).scalar_subquery()
ROW_COLUMNS = (
    _run.id,
    _run.kind,
    _run.title,
    _run.status,
    _run.waiting_for,
    _run.workflow_id,
    _run.conversation_id,
    _run.origin_run_id,
    _run.created_at,
    _run.started_at,
    _run.finished_at,
    _run.input_tokens,
    _run.output_tokens,
    _run.cost_micros,
    _run.error,
    _run.cancel_requested_at,
    _run.trigger,
    _run.is_dry,
    _run.wake_at,
    _run.parent_run_id,
    _run.below_input_tokens,
    _run.below_output_tokens,
    _run.below_cost_micros,
    _run.excerpt,
    _run.parked_at,
    _run.waited_ms,
    sa.case((_run.status.in_((RunStatus.QUEUED, RunStatus.WAITING)), _LAST_EVENT_AT)).label("waiting_since"),
    user_table.c.name.label("started_by"),
    workflow_table.c.name.label("workflow_name"),
)
LINK_COLUMNS = (
    _run.id,
    _run.title,
    _run.status,
    _run.input_tokens,
    _run.output_tokens,
    _run.cost_micros,
    _run.below_input_tokens,
    _run.below_output_tokens,
    _run.below_cost_micros,
)
RUN_ROWS = sa.select(*ROW_COLUMNS).select_from(
    run_table.outerjoin(user_table, user_table.c.id == _run.created_by).outerjoin(workflow_table, workflow_table.c.id == _run.workflow_id)
)
"""The start of every query whose rows become RunRow."""


def to_run_row(row: Any, *, now: datetime) -> RunRow:
    """A row of RUN_ROWS as a view."""
    error: JsonObject = row.error or {}
    title = row.workflow_name or row.title
    is_stopping = row.cancel_requested_at is not None and RunStatus(row.status) not in TERMINAL
    return RunRow(
        id=row.id,
        kind=row.kind,
        title=title,
        status=row.status,
        waiting_for="Stopping." if is_stopping else row.waiting_for,
        workflow_id=row.workflow_id,
        conversation_id=row.conversation_id,
        origin_run_id=row.origin_run_id,
        created_at=row.created_at,
        started_at=row.started_at,
        finished_at=row.finished_at,
        duration_ms=_duration_ms(row.started_at, row.finished_at or now),
        input_tokens=row.input_tokens,
        output_tokens=row.output_tokens,
        cost_micros=row.cost_micros,
        started_by=row.started_by or "",
        error_message=str(error.get("message", "")),
        trigger=row.trigger,
        is_dry=row.is_dry,
        wake_at=row.wake_at,
        waiting_since=row.waiting_since,
        parent_run_id=row.parent_run_id,
        below_tokens=row.below_input_tokens + row.below_output_tokens,
        below_cost_micros=row.below_cost_micros,
        excerpt=row.excerpt,
        waited_ms=row.waited_ms + (_duration_ms(row.parked_at, row.finished_at or now) or 0.0),
        title_then=row.title if row.title != title else "",
    )


def _duration_ms(start: datetime | None, end: datetime) -> float | None:
    return None if start is None else max(0.0, (end - start).total_seconds() * 1000)


def to_run_link(row: Any) -> RunLink:
    """A row of the run table as a link, with what the run and those below it used."""
    own = row.input_tokens + row.output_tokens
    below = row.below_input_tokens + row.below_output_tokens
    return RunLink(row.id, row.title, row.status, own + below, row.cost_micros + row.below_cost_micros)


def to_step_row(row: Any, *, now: datetime, child: RunLink | None = None, waits: Waits | None = None) -> StepRow:
    """A row of the step table as a view."""
    waited_ms = 0.0 if waits is None else waits.until(row.finished_at or now)
    return StepRow(
        node=row.node,
        iteration=row.iteration,
        status=row.status,
        attempt=row.attempt,
        port=row.port,
        started_at=row.started_at,
        finished_at=row.finished_at,
        duration_ms=row.duration_ms if row.duration_ms is not None else _work_so_far(row, waited_ms, now),
        input_tokens=row.input_tokens,
        output_tokens=row.output_tokens,
        cost_micros=row.cost_micros,
        error=row.error,
        reason=row.reason,
        wake_at=row.wake_at,
        child=child,
        waited_ms=waited_ms,
    )


def _work_so_far(row: Any, waited_ms: float, now: datetime) -> float | None:
    """The work of a step that goes on, or that was stopped before it could tell."""
    if row.started_at is None or row.status not in (StepStatus.RUNNING, StepStatus.CANCELLED):
        return None
    return max(0.0, (_duration_ms(row.started_at, row.finished_at or now) or 0.0) - waited_ms)


def to_fork_origin(note: JsonObject | None) -> ForkOrigin | None:
    """What RUN_STARTED says about a fork, as a view."""
    if not note:
        return None
    edits = [f"{edit['node']}@{edit['iteration']} {edit['field']}" for edit in note.get("edits") or []]
    return ForkOrigin(
        run_id=parse_id(note.get("run")),
        how=str(note.get("how", "")),
        seq=note.get("seq"),
        node=str(note.get("node", "")),
        iteration=str(note.get("iteration", "")),
        version=str(note.get("version", "same")),
        edits=tuple(edits),
        dropped=tuple(DroppedStep(one["node"], one["node"], one["reason"]) for one in note.get("dropped") or []),
    )


def to_event_row(row: Any) -> EventRow:
    """A row of the journal as a view."""
    return EventRow(seq=row.seq, type=row.type, node=row.node, iteration=row.iteration, at=row.at, payload=row.payload)


def to_approval_card(uow: UnitOfWork, row: Approval, run: Run, names: dict[uuid.UUID, str]) -> ApprovalCard:
    """An approval with the run it belongs to; what a sealed listing asks belongs to the run that called it."""
    if run.sealed_by is not None:
        return replace(_card(uow, row, run, names), run_id=_outer(uow, run), node="", iteration="", **asked_outside(row, run.title))
    return _card(uow, row, run, names)


def _outer(uow: UnitOfWork, run: Run) -> uuid.UUID:
    """The nearest run above that is not sealed."""
    above: Run | None = run
    while above is not None and above.sealed_by is not None and above.parent_run_id is not None:
        above = uow.session.get(Run, above.parent_run_id)
    return run.id if above is None else above.id


def _card(uow: UnitOfWork, row: Approval, run: Run, names: dict[uuid.UUID, str]) -> ApprovalCard:
    is_open = row.status == "pending" and RunStatus(run.status) not in TERMINAL
    can_decide = is_open and may_decide(uow, row.request, run.created_by) and may(uow, Permission.DECIDE, run)
    me = uow.actor.user_id if uow.actor else None
    return ApprovalCard(
        id=row.id,
        run_id=row.run_id,
        run_title=run.title,
        node=row.node,
        iteration=row.iteration,
        title=row.title,
        request=row.request,
        status=row.status,
        created_at=row.created_at,
        expires_at=row.expires_at,
        button=row.button,
        note=row.note,
        decided_by=names.get(row.decided_by, "") if row.decided_by else "",
        decided_at=row.decided_at,
        can_decide=can_decide,
        assignee=str(row.request.get("assignee") or ""),
        is_mine=can_decide or (row.decided_by is not None and row.decided_by == me),
        overdue_at=overdue_at(row.request),
        escalate_to=str(row.request.get("escalate_to") or ""),
        values=row.values or {},
    )


def names_of(uow: UnitOfWork, user_ids: Collection[uuid.UUID | None]) -> dict[uuid.UUID, str]:
    """Names of people by id."""
    wanted = [user_id for user_id in user_ids if user_id is not None]
    if not wanted:
        return {}
    rows = uow.session.connection().execute(sa.select(user_table.c.id, user_table.c.name).where(user_table.c.id.in_(wanted)))
    return {row.id: row.name for row in rows}
