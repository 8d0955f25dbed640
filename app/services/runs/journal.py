"""Writes journal events and everything that follows from them, for many runs in one transaction.

Workers commit through it under their fence; services append through it what people decide.
"""

import uuid
from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from app.core.endings import EndHooks, RunEnded
from app.services.announcements import announce_ends, announce_waits
from app.services.budgets.accounts import runs_above
from app.services.budgets.settling import Used, settle
from app.services.facts import note_ends
from app.services.runs.families import Append, Happened, Told, follow_up, queue_again, ring_later
from app.services.runs.projection import ENDINGS, Changes, event_row, parse_stamp, project
from app.services.runs.signal_box import settle_signals
from app.services.runs.statements import (
    ADD_USED,
    ADVANCE,
    CLOSE_APPROVAL,
    END,
    INSERT_EVENTS,
    INSERT_USAGE,
    LOCK_RUNS,
    PARK,
    UPSERT_EFFECTS,
    UPSERT_STEPS,
    ask,
    step_row,
    used_row,
)
from app.services.runs.tables import event_table, run_table, step_table
from app.services.runs.waiting import FOR_WORKER, waiting_text
from engine.errors import LeaseLost
from engine.run.events import EventType, JournalEvent
from models.base import utc_now
from models.ids import new_id, parse_id
from models.run import RunStatus, StepStatus


@dataclass(slots=True)
class Commit:
    """Events of one run that its worker wants durable. `known_seq` is the next number as far as the worker knows."""

    run_id: uuid.UUID
    workspace_id: uuid.UUID
    fence: int
    known_seq: int
    events: Sequence[JournalEvent]
    parent_id: uuid.UUID | None = None
    label: Callable[[str], str] = str
    effectful: Container[str] = ()
    is_repeated: bool = False  # an earlier try ended without an answer, so it may have been written
    has_unread: bool = False  # others wrote before `known_seq` what its driver has not heard yet


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
    calls: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])  # what steps used, of which nothing else changes
    usage: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    approvals: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    closed: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    effects: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    advanced: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    parked: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    ended: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    used: list[Used] = field(default_factory=list[Used])
    ringing: list[uuid.UUID] = field(default_factory=list[uuid.UUID])
    happened: Happened = field(default_factory=Happened)

    def add(self, commit: Commit, first_seq: int) -> Changes:
        """Gather the rows of one run's events."""
        run_id, workspace_id, events = commit.run_id, commit.workspace_id, commit.events
        changes = project(events, commit.effectful)
        self.events.extend(event_row(run_id, first_seq + index, event) for index, event in enumerate(events))
        self._add_steps(run_id, changes)
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
        self._add_used(commit, changes)
        self._add_approvals(run_id, workspace_id, changes)
        self._add_effects(run_id, changes)
        self.happened.asked.extend((run_id, wanted) for wanted in changes.children)
        self._add_signals(run_id, workspace_id, changes)
        if changes.left:
            self.happened.left.setdefault(run_id, set()).update(changes.left)
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

    def _add_steps(self, run_id: uuid.UUID, changes: Changes) -> None:
        self.steps.extend(step_row(run_id, key, change) for key, change in changes.steps.items() if change.status)
        self.calls.extend(used_row(run_id, key, change) for key, change in changes.steps.items() if not change.status)

    def _add_used(self, commit: Commit, changes: Changes) -> None:
        place: Any = {"workspace_id": commit.workspace_id, "run_id": commit.run_id, "has_parent": commit.parent_id is not None}
        for fact in changes.usage:
            tokens, hold_id = fact.input_tokens + fact.output_tokens, parse_id(fact.hold)
            self.used.append(Used(**place, agent=fact.agent, micros=fact.cost_micros, tokens=tokens, hold_id=hold_id))
        if changes.steps_done:
            self.used.append(Used(**place, steps=changes.steps_done, ms=round(changes.work_ms)))

    def _add_approvals(self, run_id: uuid.UUID, workspace_id: uuid.UUID, changes: Changes) -> None:
        for asked in changes.approvals:
            row = {"id": new_id(), "created_at": utc_now(), "updated_at": utc_now(), "workspace_id": workspace_id, "run_id": run_id}
            row |= {"node": asked.node, "iteration": asked.iteration, "title": asked.title, "request": asked.request}
            self.approvals.append(row | {"status": "pending", "note": "", "expires_at": asked.expires_at})
        for (node, iteration), status in changes.closed_approvals.items():
            self.closed.append({"b_run": run_id, "b_node": node, "b_iteration": iteration, "b_status": status})

    def _add_signals(self, run_id: uuid.UUID, workspace_id: uuid.UUID, changes: Changes) -> None:
        place = {"run_id": run_id, "workspace_id": workspace_id}
        for node, iteration, key, since, not_before in changes.signal_waits:
            row = {"node": node, "iteration": iteration, "key": key, "since": since, "not_before": not_before}
            self.happened.awaited.append(place | row)
        for message, key, value in changes.signals:
            sent = {"workspace_id": workspace_id, "sent_by_run": run_id, "message_id": f"{run_id}:{message}", "key": key, "value": value}
            self.happened.sent.append(sent)

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
        self.happened.ended.append(run_id)


def commit_batch(
    connection: sa.Connection, commits: Sequence[Commit], *, hooks: EndHooks, told: Told | None = None
) -> list[Committed | LeaseLost]:
    """Write every commit whose worker still owns its run; the others get LeaseLost. One answer per commit, in order.

    What must happen once this is durable is added to `told`.
    """
    told = Told() if told is None else told
    rows = _lock_runs(connection, commits)
    overtaken = _overtaken(connection, commits)
    batch, answers = _Batch(), list[Committed | LeaseLost]()
    next_seqs: dict[uuid.UUID, int] = {}
    for commit in commits:
        row = rows.get(commit.run_id)
        if row is not None and commit.is_repeated and _was_written(connection, commit):
            answers.append(_committed(commit, commit.known_seq, row))
            continue
        if row is None or row.fence != commit.fence or row.status != RunStatus.RUNNING or commit.run_id in overtaken:
            answers.append(LeaseLost(f"run {commit.run_id} belongs to another worker, is over, or went on another way"))
            continue
        first_seq = next_seqs.get(commit.run_id) or int(row.next_seq)
        next_seqs[commit.run_id] = first_seq + len(commit.events)
        changes = batch.add(commit, first_seq)
        is_due = False
        if changes.ended is not None:
            batch.end(commit.run_id, changes)
        elif changes.waiting is not None:
            is_due = commit.has_unread or first_seq != commit.known_seq or row.cancel_requested_at is not None
            batch.park(commit.run_id, changes.waiting, is_due=is_due, label=commit.label)
        answers.append(_committed(commit, first_seq, row, must_ring=is_due))
    _write_all(connection, batch, hooks, told)
    given_up = [run_id for run_id in overtaken if run_id in rows and rows[run_id].status == RunStatus.RUNNING]
    if given_up:
        queue_again(connection, given_up)
        told.rings.extend(given_up)
    return answers


def open_journal(connection: sa.Connection, run_id: uuid.UUID, first: JournalEvent) -> None:
    """The first event of a run whose row says already that the next one is the second."""
    INSERT_EVENTS.write(connection, [event_row(run_id, 1, first)])


def append_events(
    connection: sa.Connection, run_id: uuid.UUID, workspace_id: uuid.UUID, events: Sequence[JournalEvent], *, hooks: EndHooks
) -> Told:
    """Append what happened without a worker (started, decided, cancelled); the caller has locked the run and checked its status."""
    return append_all(connection, [Append(run_id, workspace_id, list(events))], hooks=hooks)


def append_all(connection: sa.Connection, appends: Sequence[Append], *, hooks: EndHooks, told: Told | None = None) -> Told:
    """The same for several runs at once; returns what must happen after the commit."""
    told = Told() if told is None else told
    _write_all(connection, _batch_of(connection, appends), hooks, told)
    return told


_NEXT_SEQS = sa.select(run_table.c.id, run_table.c.next_seq).where(run_table.c.id.in_(sa.bindparam("ids", expanding=True)))


def _batch_of(connection: sa.Connection, appends: Sequence[Append]) -> _Batch:
    batch = _Batch()
    ids = [append.run_id for append in appends]
    next_seqs = {row.id: row.next_seq for row in connection.execute(_NEXT_SEQS, {"ids": ids})} if appends else {}
    for append in appends:
        seq = next_seqs[append.run_id]
        next_seqs[append.run_id] = seq + len(append.events)
        changes = batch.add(Commit(append.run_id, append.workspace_id, 0, seq, append.events), seq)
        batch.end(append.run_id, changes)
    return batch


def _write_all(connection: sa.Connection, batch: _Batch, hooks: EndHooks, told: Told) -> None:
    """Write a batch, and then what follows from it for parents and children, until nothing follows."""
    while batch.advanced:
        _write(connection, batch, hooks)
        follows = follow_up(connection, batch.happened, told) + settle_signals(connection, batch.happened, told)
        batch = _batch_of(connection, follows)


def _overtaken(connection: sa.Connection, commits: Sequence[Commit]) -> set[uuid.UUID]:
    """Runs whose worker found that the time of a wait is up, while somebody's answer to that wait is in the journal already."""
    late = {
        (commit.run_id, event.node, event.iteration)
        for commit in commits
        for event in commit.events
        if event.type is EventType.NODE_RESUMED and event.data.get("reason") == "expired"
    }
    if not late:
        return set()
    columns = step_table.c
    query = sa.select(columns.run_id, columns.node, columns.iteration).where(
        columns.run_id.in_({key[0] for key in late}), columns.status != StepStatus.WAITING
    )
    return {row.run_id for row in connection.execute(query) if (row.run_id, row.node, row.iteration) in late}


def _lock_runs(connection: sa.Connection, commits: Sequence[Commit]) -> dict[uuid.UUID, Any]:
    """Lock in id order, so that two batches never wait for each other in a circle; with a run that ends, those above it."""
    ids = {commit.run_id for commit in commits}
    parents = {commit.parent_id for commit in commits if commit.parent_id is not None and commit.events[-1].type in ENDINGS}
    ids.update(run_id for line in runs_above(connection, parents).values() for run_id in line)
    return {row.id: row for row in connection.execute(LOCK_RUNS, {"ids": list(ids)})}


def _was_written(connection: sa.Connection, commit: Commit) -> bool:
    """Whether an unanswered COMMIT reached the database after all: its last event stands where it would."""
    last = commit.events[-1]
    query = sa.select(event_table.c.type, event_table.c.node, event_table.c.iteration, event_table.c.at).where(
        event_table.c.run_id == commit.run_id, event_table.c.seq >= commit.known_seq, event_table.c.at == last.at
    )
    return any((row.type, row.node, row.iteration) == (last.type, last.node, last.iteration) for row in connection.execute(query))


def _committed(commit: Commit, first_seq: int, row: Any, *, must_ring: bool = False) -> Committed:
    return Committed(first_seq, first_seq + len(commit.events), row.cancel_requested_at is not None, must_ring)


def _write(connection: sa.Connection, batch: _Batch, hooks: EndHooks) -> None:
    if not batch.advanced:
        return
    INSERT_EVENTS.write(connection, batch.events)
    UPSERT_STEPS.write(connection, batch.steps)
    if batch.calls:
        connection.execute(ADD_USED, batch.calls)
    INSERT_USAGE.write(connection, batch.usage)
    settle(connection, batch.used)
    UPSERT_EFFECTS.write(connection, batch.effects)
    if batch.approvals:
        ask(connection, batch.approvals)
    if batch.closed:
        connection.execute(CLOSE_APPROVAL, batch.closed)
    connection.execute(ADVANCE, batch.advanced)
    if batch.parked:
        connection.execute(PARK, batch.parked)
        ring_later(connection, batch.ringing)
    if batch.parked or batch.approvals:
        announce_waits(connection, [row["b_id"] for row in batch.parked], batch.approvals)
    if batch.ended:
        connection.execute(END, batch.ended)
        ended = [row["b_id"] for row in batch.ended]
        announce_ends(connection, ended)
        note_ends(connection, ended)
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
