"""Writes journal events and everything that follows from them, for many runs in one transaction.

Workers commit through it under their fence; services append through it what people decide.
"""

import uuid
from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from app.core.bulk import BulkStatement, insert_into, insert_of
from app.core.endings import EndHooks, RunEnded
from app.services.announcements import announce_ends, announce_waits
from app.services.runs.projection import Changes, StepChange, event_row, parse_stamp, project
from app.services.runs.waiting import FOR_WORKER, waiting_text
from engine.errors import LeaseLost
from engine.run.events import JournalEvent
from models.base import utc_now
from models.ids import new_id
from models.run import Approval, EffectRecord, Outbox, Run, RunEvent, RunStatus, Step, UsageRecord

run_table: sa.Table = Run.__table__  # type: ignore[attr-defined]
event_table: sa.Table = RunEvent.__table__  # type: ignore[attr-defined]
step_table: sa.Table = Step.__table__  # type: ignore[attr-defined]
usage_table: sa.Table = UsageRecord.__table__  # type: ignore[attr-defined]
effect_table: sa.Table = EffectRecord.__table__  # type: ignore[attr-defined]
approval_table: sa.Table = Approval.__table__  # type: ignore[attr-defined]
outbox_table: sa.Table = Outbox.__table__  # type: ignore[attr-defined]


@dataclass(slots=True)
class Commit:
    """Events of one run that its worker wants durable. `known_seq` is the next number as far as the worker knows."""

    run_id: uuid.UUID
    workspace_id: uuid.UUID
    fence: int
    known_seq: int
    events: Sequence[JournalEvent]
    label: Callable[[str], str] = str
    effectful: Container[str] = ()
    is_repeated: bool = False  # an earlier try ended without an answer, so it may have been written


@dataclass(frozen=True, slots=True)
class Committed:
    """What the worker learns: the numbers its events got, and whether it should read the run's news."""

    first_seq: int
    next_seq: int
    cancel_requested: bool
    must_ring: bool = False  # it wanted to park, but something came in meanwhile


@dataclass(slots=True)
class _Batch:
    """Rows gathered over all commits of one transaction, so that each table is written once."""

    events: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    steps: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    usage: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    approvals: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    closed: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    effects: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    advanced: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    parked: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    ended: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    ringing: list[uuid.UUID] = field(default_factory=list[uuid.UUID])

    def add(self, commit: Commit, first_seq: int) -> Changes:
        """Gather the rows of one run's events."""
        run_id, workspace_id, events = commit.run_id, commit.workspace_id, commit.events
        changes = project(events, commit.effectful)
        self.events.extend(event_row(run_id, first_seq + index, event) for index, event in enumerate(events))
        self.steps.extend(_step_row(run_id, key, change) for key, change in changes.steps.items())
        self.usage.extend(
            {
                "run_id": run_id,
                "workspace_id": workspace_id,
                "node": fact.node,
                "iteration": fact.iteration,
                "attempt": fact.attempt,
                "call": fact.call,
                "model": fact.model,
                "input_tokens": fact.input_tokens,
                "output_tokens": fact.output_tokens,
                "cost_micros": fact.cost_micros,
                "at": fact.at,
            }
            for fact in changes.usage
        )
        self._add_approvals(run_id, workspace_id, changes)
        self._add_effects(run_id, changes)
        self.advanced.append(
            {
                "b_id": run_id,
                "next_seq": first_seq + len(events),
                "d_input": sum(fact.input_tokens for fact in changes.usage),
                "d_output": sum(fact.output_tokens for fact in changes.usage),
                "d_cost": sum(fact.cost_micros for fact in changes.usage),
                "progressed": changes.has_progress,
            }
        )
        return changes

    def _add_approvals(self, run_id: uuid.UUID, workspace_id: uuid.UUID, changes: Changes) -> None:
        for asked in changes.approvals:
            row = {"id": new_id(), "created_at": utc_now(), "updated_at": utc_now(), "workspace_id": workspace_id, "run_id": run_id}
            row |= {"node": asked.node, "iteration": asked.iteration, "title": asked.title, "request": asked.request}
            self.approvals.append(row | {"status": "pending", "note": "", "expires_at": asked.expires_at})
        for (node, iteration), status in changes.closed_approvals.items():
            self.closed.append({"b_run": run_id, "b_node": node, "b_iteration": iteration, "b_status": status})

    def _add_effects(self, run_id: uuid.UUID, changes: Changes) -> None:
        for (node, iteration, attempt), (state, at) in changes.effects.items():
            row = {"key": f"{run_id}:{node}:{iteration}:{attempt}", "run_id": run_id, "state": state, "created_at": at}
            self.effects.append(row | {"finished_at": at if state == "done" else None})

    def park(self, run_id: uuid.UUID, event: JournalEvent, *, is_due: bool, label: Callable[[str], str]) -> None:
        """The run gives its place back; when news came in meanwhile it queues again at once."""
        reasons = event.data.get("reasons") or []
        row = {"b_id": run_id, "b_status": RunStatus.WAITING, "b_wake_at": parse_stamp(event.data.get("wake_at"))}
        if is_due:
            row |= {"b_status": RunStatus.QUEUED, "b_wake_at": None}
            self.ringing.append(run_id)
        self.parked.append(row | {"b_waiting_for": FOR_WORKER if is_due else waiting_text(reasons, label)})

    def end(self, run_id: uuid.UUID, changes: Changes) -> None:
        """The run becomes terminal."""
        event, status = changes.ended, changes.ending
        if event is None or status is None:
            return
        row = {"b_id": run_id, "b_status": status, "b_output": event.data.get("output")}
        self.ended.append(row | {"b_error": event.data.get("error"), "b_finished_at": event.at})


def commit_batch(connection: sa.Connection, commits: Sequence[Commit], *, hooks: EndHooks) -> list[Committed | LeaseLost]:
    """Write every commit whose worker still owns its run; the others get LeaseLost. One answer per commit, in order."""
    rows = _lock_runs(connection, [commit.run_id for commit in commits])
    batch, answers = _Batch(), list[Committed | LeaseLost]()
    next_seqs: dict[uuid.UUID, int] = {}
    for commit in commits:
        row = rows.get(commit.run_id)
        if row is not None and commit.is_repeated and _was_written(connection, commit):
            answers.append(_committed(commit, commit.known_seq, row))
            continue
        if row is None or row.fence != commit.fence or row.status != RunStatus.RUNNING:
            answers.append(LeaseLost(f"run {commit.run_id} belongs to another worker or is over"))
            continue
        first_seq = next_seqs.get(commit.run_id) or int(row.next_seq)
        next_seqs[commit.run_id] = first_seq + len(commit.events)
        changes = batch.add(commit, first_seq)
        is_due = False
        if changes.ended is not None:
            batch.end(commit.run_id, changes)
        elif changes.waiting is not None:
            is_due = first_seq != commit.known_seq or row.cancel_requested_at is not None
            batch.park(commit.run_id, changes.waiting, is_due=is_due, label=commit.label)
        answers.append(_committed(commit, first_seq, row, must_ring=is_due))
    _write(connection, batch, hooks)
    return answers


def append_events(
    connection: sa.Connection, run_id: uuid.UUID, workspace_id: uuid.UUID, events: Sequence[JournalEvent], *, hooks: EndHooks
) -> None:
    """Append what happened without a worker (started, decided, cancelled); the caller has locked the run and checked its status."""
    next_seq = connection.execute(sa.select(run_table.c.next_seq).where(run_table.c.id == run_id)).scalar_one()
    batch = _Batch()
    changes = batch.add(Commit(run_id, workspace_id, 0, next_seq, events), next_seq)
    batch.end(run_id, changes)
    _write(connection, batch, hooks)


def ring_later(connection: sa.Connection, run_ids: Sequence[uuid.UUID]) -> None:
    """Put doorbells into the outbox; a run has at most one there."""
    if not run_ids:
        return
    now = utc_now()
    rows = [{"id": run_id, "created_at": now, "updated_at": now, "kind": "run", "attempts": 0} for run_id in run_ids]
    _RING.write(connection, rows)


def _lock_runs(connection: sa.Connection, run_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, Any]:
    """Lock in id order, so that two batches never wait for each other in a circle."""
    columns = (run_table.c.id, run_table.c.fence, run_table.c.status, run_table.c.next_seq, run_table.c.cancel_requested_at)
    query = sa.select(*columns).where(run_table.c.id.in_(run_ids)).order_by(run_table.c.id).with_for_update()
    return {row.id: row for row in connection.execute(query)}


def _was_written(connection: sa.Connection, commit: Commit) -> bool:
    """Whether an unanswered COMMIT reached the database after all: its last event stands where it would."""
    last = commit.events[-1]
    query = sa.select(event_table.c.type, event_table.c.node, event_table.c.iteration, event_table.c.at).where(
        event_table.c.run_id == commit.run_id, event_table.c.seq >= commit.known_seq, event_table.c.at == last.at
    )
    return any((row.type, row.node, row.iteration) == (last.type, last.node, last.iteration) for row in connection.execute(query))


def _committed(commit: Commit, first_seq: int, row: Any, *, must_ring: bool = False) -> Committed:
    return Committed(first_seq, first_seq + len(commit.events), row.cancel_requested_at is not None, must_ring)


def _step_row(run_id: uuid.UUID, key: tuple[str, str], change: StepChange) -> dict[str, Any]:
    return {
        "run_id": run_id,
        "node": key[0],
        "iteration": key[1],
        "status": change.status,
        "reason": change.reason,
        "wake_at": change.wake_at,
        "attempt": change.attempt,
        "inputs": change.inputs,
        "output": change.output,
        "port": change.port,
        "error": change.error,
        "started_at": change.started_at,
        "finished_at": change.finished_at,
        "duration_ms": change.duration_ms,
        "input_tokens": change.input_tokens,
        "output_tokens": change.output_tokens,
        "cost_micros": change.cost_micros,
    }


_KEPT = ("inputs", "started_at")
_ADDED = ("input_tokens", "output_tokens", "cost_micros")
_REPLACED = ("status", "reason", "wake_at", "output", "port", "error", "finished_at", "duration_ms")


def _step_upsert(dialect: str) -> Any:
    statement = insert_of(dialect, step_table)
    values = {name: statement.excluded[name] for name in _REPLACED}
    values |= {name: sa.func.coalesce(statement.excluded[name], step_table.c[name]) for name in _KEPT}
    values |= {name: step_table.c[name] + statement.excluded[name] for name in _ADDED}
    attempt, proposed = step_table.c.attempt, statement.excluded.attempt
    values["attempt"] = sa.case((proposed > attempt, proposed), else_=attempt)
    return statement.on_conflict_do_update(index_elements=["run_id", "node", "iteration"], set_=values)


def _effect_upsert(dialect: str) -> Any:
    statement = insert_of(dialect, effect_table)
    values = {"state": statement.excluded.state, "finished_at": statement.excluded.finished_at}
    return statement.on_conflict_do_update(index_elements=["key"], set_=values)


def _columns(table: sa.Table) -> list[str]:
    return [column.name for column in table.columns]


_RING = BulkStatement(
    lambda dialect: insert_of(dialect, outbox_table).on_conflict_do_nothing(index_elements=["id"]), _columns(outbox_table)
)
_INSERT_EVENTS = BulkStatement(lambda dialect: insert_of(dialect, event_table), _columns(event_table))
_UPSERT_STEPS = BulkStatement(_step_upsert, _columns(step_table))
_UPSERT_EFFECTS = BulkStatement(_effect_upsert, _columns(effect_table))
_INSERT_USAGE = BulkStatement(lambda dialect: insert_of(dialect, usage_table).on_conflict_do_nothing(), _columns(usage_table))
_ADVANCE = (
    sa.update(run_table)
    .where(run_table.c.id == sa.bindparam("b_id"))
    .values(
        next_seq=sa.bindparam("next_seq"),
        input_tokens=run_table.c.input_tokens + sa.bindparam("d_input"),
        output_tokens=run_table.c.output_tokens + sa.bindparam("d_output"),
        cost_micros=run_table.c.cost_micros + sa.bindparam("d_cost"),
        recoveries=sa.case((sa.bindparam("progressed", type_=sa.Boolean()), 0), else_=run_table.c.recoveries),
    )
)
_PARK = (
    sa.update(run_table)
    .where(run_table.c.id == sa.bindparam("b_id"))
    .values(
        status=sa.bindparam("b_status"),
        wake_at=sa.bindparam("b_wake_at"),
        waiting_for=sa.bindparam("b_waiting_for"),
        rung_at=None,
        owner=None,
        lease_until=None,
    )
)
_END = (
    sa.update(run_table)
    .where(run_table.c.id == sa.bindparam("b_id"))
    .values(
        status=sa.bindparam("b_status"),
        output=sa.bindparam("b_output"),
        error=sa.bindparam("b_error"),
        finished_at=sa.bindparam("b_finished_at"),
        wake_at=None,
        waiting_for="",
        owner=None,
        lease_until=None,
    )
)
_CLOSE_APPROVAL = (
    sa.update(approval_table)
    .where(
        approval_table.c.run_id == sa.bindparam("b_run"),
        approval_table.c.node == sa.bindparam("b_node"),
        approval_table.c.iteration == sa.bindparam("b_iteration"),
        approval_table.c.status == "pending",
    )
    .values(status=sa.bindparam("b_status"))
)


def _write(connection: sa.Connection, batch: _Batch, hooks: EndHooks) -> None:
    if not batch.advanced:
        return
    _INSERT_EVENTS.write(connection, batch.events)
    _UPSERT_STEPS.write(connection, batch.steps)
    _INSERT_USAGE.write(connection, batch.usage)
    _UPSERT_EFFECTS.write(connection, batch.effects)
    if batch.approvals:
        connection.execute(
            insert_into(connection, approval_table).on_conflict_do_nothing(index_elements=["run_id", "node", "iteration"]), batch.approvals
        )
    if batch.closed:
        connection.execute(_CLOSE_APPROVAL, batch.closed)
    connection.execute(_ADVANCE, batch.advanced)
    if batch.parked:
        connection.execute(_PARK, batch.parked)
        ring_later(connection, batch.ringing)
    if batch.parked or batch.approvals:
        announce_waits(connection, [row["b_id"] for row in batch.parked], batch.approvals)
    if batch.ended:
        connection.execute(_END, batch.ended)
        ended = [row["b_id"] for row in batch.ended]
        announce_ends(connection, ended)
        _call_hooks(connection, ended, hooks)


def _call_hooks(connection: sa.Connection, run_ids: list[uuid.UUID], hooks: EndHooks) -> None:
    if not hooks:
        return
    query = sa.select(run_table).where(run_table.c.id.in_(run_ids), run_table.c.kind.in_(list(hooks)))
    for row in connection.execute(query).all():
        ended = RunEnded(
            run_id=row.id,
            workspace_id=row.workspace_id,
            kind=row.kind,
            conversation_id=row.conversation_id,
            status=row.status,
            output=row.output,
            error=row.error,
            input_tokens=row.input_tokens,
            output_tokens=row.output_tokens,
            cost_micros=row.cost_micros,
            started_at=row.started_at,
            finished_at=row.finished_at,
        )
        for hook in hooks[row.kind]:
            hook(connection, ended)
