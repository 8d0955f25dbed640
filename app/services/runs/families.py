"""Parents and children: a child begins in the transaction that says its parent waits, tells its parent in the one that ends it,
and is stopped in the one in which its parent stops waiting. The journal asks `follow_up` after each write until nothing is left to do.
"""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from app.core.bulk import BulkStatement, insert_into, insert_of, is_inserted
from app.core.sql_clock import sql_now
from app.services.runs.projection import ChildRequest, StepKey
from app.services.runs.sealing import told_outside
from app.services.runs.stopping import cancelled_steps
from app.services.runs.tables import outbox_table, plan_table, run_table, step_table
from app.services.runs.waiting import FOR_WORKER
from engine.json import JsonObject
from engine.nodes.registry import told_steps
from engine.run.events import EventType, JournalEvent
from models.base import utc_now
from models.ids import new_id, parse_id
from models.run import TERMINAL, RunStatus, RunTrigger, StepStatus

CHILD = "child"
USED = ("input_tokens", "output_tokens", "cost_micros")
_run, _step = run_table.c, step_table.c
_KEY = ("parent_run_id", "parent_node", "parent_iteration", "parent_attempt")
_RING = BulkStatement(
    lambda dialect: insert_of(dialect, outbox_table).on_conflict_do_nothing(index_elements=["id"]),
    [column.name for column in outbox_table.columns],
)
_IS_ORPHAN = sa.and_(_run.status == RunStatus.RUNNING, _run.lease_until < sql_now())
# Every run that ends asks these; built once, since building them costs more than asking.
_above = run_table.alias()
_IS_OPEN_ABOVE = sa.exists(sa.select(_above.c.id).where(_above.c.id == _run.parent_run_id, _above.c.sealed_by.is_(None)))
_IS_CHILD = sa.and_(_run.id.in_(sa.bindparam("ended", expanding=True)), _run.parent_run_id.is_not(None))
_CHILDREN = sa.select(run_table, _IS_OPEN_ABOVE.label("is_told_outside")).where(_IS_CHILD)
_LIVE_CHILDREN = (
    sa.select(
        _run.id, _run.workspace_id, _run.status, _run.parent_run_id, _run.parent_node, _run.parent_iteration, _IS_ORPHAN.label("is_orphan")
    )
    .where(_run.parent_run_id.in_(sa.bindparam("concerned", expanding=True)), _run.status.not_in(TERMINAL))
    .order_by(_run.id)
    .with_for_update()
)


@dataclass(slots=True)
class Told:
    """What must happen once the transaction is durable: ring for queued runs, nudge workers that hold runs, tell who watches."""

    rings: list[uuid.UUID] = field(default_factory=list[uuid.UUID])
    nudges: list[uuid.UUID] = field(default_factory=list[uuid.UUID])
    changed: list[uuid.UUID] = field(default_factory=list[uuid.UUID])

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to do."""
        return not (self.rings or self.nudges or self.changed)


@dataclass(slots=True)
class Append:
    """Events for a run that no worker's commit brings."""

    run_id: uuid.UUID
    workspace_id: uuid.UUID
    events: list[JournalEvent]


@dataclass(slots=True)
class Happened:
    """What one write did that concerns other runs of the family."""

    asked: list[tuple[uuid.UUID, ChildRequest]] = field(default_factory=list[tuple[uuid.UUID, ChildRequest]])  # (parent, child)
    left: dict[uuid.UUID, set[StepKey]] = field(default_factory=dict[uuid.UUID, set[StepKey]])
    ended: list[uuid.UUID] = field(default_factory=list[uuid.UUID])
    awaited: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])  # rows of signal_wait
    sent: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])  # signals of steps


def follow_up(connection: sa.Connection, happened: Happened, told: Told) -> list[Append]:
    """Write the rows that follow, and return the events to append."""
    appends = _start(connection, happened.asked, told) if happened.asked else []
    if happened.ended:
        appends += _tell_parents(connection, happened.ended, told)
    if happened.ended or happened.left:
        appends += _stop(connection, happened.ended, happened.left, told)
    told.changed.extend(append.run_id for append in appends)
    return appends


def queue_again(connection: sa.Connection, run_ids: Sequence[uuid.UUID]) -> None:
    """Runs that no worker holds go back to the queue."""
    values = {"status": RunStatus.QUEUED, "wake_at": None, "waiting_for": FOR_WORKER, "rung_at": None, "owner": None, "lease_until": None}
    connection.execute(sa.update(run_table).where(_run.id.in_(run_ids)).values(values))
    ring_later(connection, run_ids)


def ring_later(connection: sa.Connection, run_ids: Sequence[uuid.UUID]) -> None:
    """Put doorbells into the outbox; a run has at most one there."""
    if not run_ids:
        return
    now = utc_now()
    rows = [{"id": run_id, "created_at": now, "updated_at": now, "kind": "run", "attempts": 0} for run_id in run_ids]
    _RING.write(connection, rows)


# -- beginning


def _start(connection: sa.Connection, asked: Sequence[tuple[uuid.UUID, ChildRequest]], told: Told) -> list[Append]:
    columns = (_run.id, _run.workspace_id, _run.created_by, _run.is_dry, _run.depth, _run.sealed_by, _run.workflow_id)
    parents = {row.id: row for row in connection.execute(sa.select(*columns).where(_run.id.in_({parent for parent, _ in asked})))}
    marks = _sealed_plans(connection, [wanted.plan for _, wanted in asked])
    begun: list[Append] = []
    for parent_id, wanted in asked:
        parent = parents[parent_id]
        row = _child_row(parent, wanted, sealed_by=marks.get(parse_id(wanted.plan)) or parent.sealed_by)
        statement = insert_into(connection, run_table).values(row)
        is_known = sa.text("parent_run_id IS NOT NULL")
        if is_inserted(connection, statement.on_conflict_do_nothing(index_elements=_KEY, index_where=is_known)):
            first = JournalEvent(EventType.RUN_STARTED, row["created_at"], data={"inputs": wanted.inputs})
            begun.append(Append(row["id"], parent.workspace_id, [first]))
    ids = [append.run_id for append in begun]
    ring_later(connection, ids)
    told.rings.extend(ids)
    return begun


def _sealed_plans(connection: sa.Connection, plans: Sequence[str]) -> dict[uuid.UUID | None, uuid.UUID]:
    """Of these plans those that are sealed, with the version whose they are."""
    columns = plan_table.c
    is_one = sa.and_(columns.id.in_([parse_id(one) for one in plans]), columns.sealed_by.is_not(None))
    return {row.id: row.sealed_by for row in connection.execute(sa.select(columns.id, columns.sealed_by).where(is_one))}


def _child_row(parent: Any, wanted: ChildRequest, *, sealed_by: uuid.UUID | None) -> dict[str, Any]:
    now = utc_now()
    used = dict.fromkeys(
        ("input_tokens", "output_tokens", "cost_micros", "below_input_tokens", "below_output_tokens", "below_cost_micros"), 0
    )
    return used | {
        "id": new_id(),
        "created_at": now,
        "updated_at": now,
        "workspace_id": parent.workspace_id,
        "kind": "workflow",
        "title": wanted.title[:160],
        "workflow_id": parent.workflow_id if sealed_by else parse_id(wanted.workflow),  # what is sealed is shared as far as its caller
        "sealed_by": sealed_by,
        "workflow_revision": wanted.revision,
        "parent_run_id": parent.id,
        "parent_node": wanted.node,
        "parent_iteration": wanted.iteration,
        "parent_attempt": wanted.attempt,
        "depth": parent.depth + 1,
        "trigger": RunTrigger.PARENT,
        "is_dry": parent.is_dry,
        "plan_id": parse_id(wanted.plan),
        "inputs": wanted.inputs,
        "status": RunStatus.QUEUED,
        "waiting_for": FOR_WORKER,
        "rung_at": now,
        "fence": 0,
        "recoveries": 0,
        "next_seq": 1,
        "created_by": parent.created_by,
    }


# -- ending


def _tell_parents(connection: sa.Connection, ended: Sequence[uuid.UUID], told: Told) -> list[Append]:
    """Each ended child's result goes to the step that waits for it, and its use to everything above it, once."""
    children = connection.execute(_CHILDREN, {"ended": list(ended)}).all()
    if not children:
        return []
    _add_up(connection, children)
    parent_ids = {child.parent_run_id for child in children}
    goes_on = sa.and_(_run.id.in_(parent_ids), _run.status.not_in(TERMINAL), _run.cancel_requested_at.is_(None))
    query = sa.select(_run.id, _run.workspace_id, _run.status).where(goes_on).order_by(_run.id).with_for_update()
    parents = {row.id: row for row in connection.execute(query)}
    waiting = _waiting_steps(connection, parents)
    answers: dict[uuid.UUID, list[JournalEvent]] = defaultdict(list)
    failed_at = _failed_at(connection, children)
    for child in children:
        if (child.parent_run_id, child.parent_node, child.parent_iteration, child.parent_attempt) in waiting:
            answers[child.parent_run_id].append(answer_of(child, step=failed_at.get(child.id, "")))
    parked = [run_id for run_id in answers if parents[run_id].status == RunStatus.WAITING]
    if parked:
        queue_again(connection, parked)
    told.rings.extend(parked)
    told.nudges.extend(run_id for run_id in answers if parents[run_id].status == RunStatus.RUNNING)
    return [Append(run_id, parents[run_id].workspace_id, events) for run_id, events in answers.items()]


def _waiting_steps(connection: sa.Connection, run_ids: Iterable[uuid.UUID]) -> set[tuple[uuid.UUID, str, str, int]]:
    is_waiting = sa.and_(_step.run_id.in_(list(run_ids)), _step.status == StepStatus.WAITING, _step.reason == CHILD)
    rows = connection.execute(sa.select(_step.run_id, _step.node, _step.iteration, _step.attempt).where(is_waiting))
    return {(row.run_id, row.node, row.iteration, row.attempt) for row in rows}


def _failed_at(connection: sa.Connection, children: Sequence[Any]) -> dict[uuid.UUID, str]:
    """What people call the step at which a child failed, by the child."""
    failed = [child for child in children if child.error and child.error.get("node")]
    if not failed:
        return {}
    query = sa.select(plan_table.c.id, plan_table.c.content).where(plan_table.c.id.in_({child.plan_id for child in failed}))
    told = {row.id: told_steps((row.content.get("workflow") or {}).get("nodes") or []) for row in connection.execute(query)}
    return {child.id: told.get(child.plan_id, {}).get(child.error["node"], "") for child in failed}


def answer_of(child: Any, *, step: str = "") -> JournalEvent:
    """What the parent's step is told of how its child ended; `step` is where it failed, in words."""
    used = {name: getattr(child, name) + getattr(child, f"below_{name}") for name in ("input_tokens", "output_tokens", "cost_micros")}
    is_hidden = child.sealed_by is not None and child.is_told_outside
    decision: JsonObject = {
        "run": str(child.id),
        "status": child.status,
        "output": child.output,
        "error": told_outside(child.error) if is_hidden else child.error,
        "usage": used | {"calls": 1},
    }
    if step and not is_hidden:
        decision["step"] = step
    return answer(child.parent_node, child.parent_iteration, decision)


def answer(node: str, iteration: str, decision: JsonObject) -> JournalEvent:
    """The event that lets a step go on that waits for a child."""
    return JournalEvent(EventType.NODE_RESUMED, utc_now(), node, iteration, {"reason": CHILD, "decision": decision})


def find_lost(connection: sa.Connection, told: Told, *, limit: int = 200) -> list[Append]:
    """Parked steps that wait for a child which is over or gone, as after a restored backup: they get their answer now."""
    found = connection.execute(_lost_children().limit(limit).with_for_update(of=run_table, skip_locked=True)).all()
    gone = {"run": None, "status": "lost", "output": None, "error": None}
    parked = list(dict.fromkeys(row.waiting_run for row in found))
    if parked:
        queue_again(connection, parked)
        told.rings.extend(parked)
    return [
        Append(row.waiting_run, row.of_workspace, [answer(row.at_node, row.at_iteration, gone) if row.id is None else answer_of(row)])
        for row in found
    ]


def has_lost(connection: sa.Connection) -> bool:
    """Whether there is any; reads only."""
    return connection.execute(_lost_children().limit(1)).first() is not None


def _lost_children() -> sa.Select[Any]:
    child = run_table.alias()
    is_own = sa.and_(
        child.c.parent_run_id == _step.run_id,
        child.c.parent_node == _step.node,
        child.c.parent_iteration == _step.iteration,
        child.c.parent_attempt == _step.attempt,
    )
    waits = sa.and_(_step.status == StepStatus.WAITING, _step.reason == CHILD, _run.status == RunStatus.WAITING)
    where = (_step.node.label("at_node"), _step.iteration.label("at_iteration"))
    is_told_outside = _run.sealed_by.is_(None).label("is_told_outside")
    place = (_run.id.label("waiting_run"), _run.workspace_id.label("of_workspace"), is_told_outside, *where)
    joined = step_table.join(run_table, _run.id == _step.run_id).outerjoin(child, is_own)
    return sa.select(*place, child).select_from(joined).where(waits, sa.or_(child.c.id.is_(None), child.c.status.in_(TERMINAL)))


def _add_up(connection: sa.Connection, children: Sequence[Any]) -> None:
    """Add what each used by itself to every run above it."""
    level = [(child.parent_run_id, child.input_tokens, child.output_tokens, child.cost_micros) for child in children]
    level = [entry for entry in level if any(entry[1:])]
    while level:
        sums: dict[uuid.UUID, list[int]] = defaultdict(lambda: [0, 0, 0])
        for run_id, *used in level:
            sums[run_id] = [total + part for total, part in zip(sums[run_id], used, strict=True)]
        for run_id, (read, written, cost) in sorted(sums.items()):
            values = {
                "below_input_tokens": _run.below_input_tokens + read,
                "below_output_tokens": _run.below_output_tokens + written,
                "below_cost_micros": _run.below_cost_micros + cost,
            }
            connection.execute(sa.update(run_table).where(_run.id == run_id).values(values))
        above = sa.select(_run.id, _run.parent_run_id).where(_run.id.in_(list(sums)), _run.parent_run_id.is_not(None))
        level = [(row.parent_run_id, *sums[row.id]) for row in connection.execute(above)]


# -- stopping


def stop_children(connection: sa.Connection, run_ids: Sequence[uuid.UUID], told: Told) -> list[Append]:
    """Stop everything that runs for these runs; returns the events to append."""
    return _stop(connection, run_ids, {}, told)


def _stop(connection: sa.Connection, ended: Sequence[uuid.UUID], left: Mapping[uuid.UUID, set[StepKey]], told: Told) -> list[Append]:
    """Stop the children of runs that are over, and of steps that no longer wait."""
    over = set(ended)
    live = [
        row
        for row in connection.execute(_LIVE_CHILDREN, {"concerned": list({*ended, *left})})
        if row.parent_run_id in over or (row.parent_node, row.parent_iteration) in left.get(row.parent_run_id, ())
    ]
    held = [row.id for row in live if row.status == RunStatus.RUNNING and not row.is_orphan]
    if held:
        is_first = sa.and_(_run.id.in_(held), _run.cancel_requested_at.is_(None))
        connection.execute(sa.update(run_table).where(is_first).values(cancel_requested_at=sql_now()))
        told.nudges.extend(held)
    return [end_unheld(connection, row.id, row.workspace_id, by=None) for row in live if row.id not in held]


def end_unheld(connection: sa.Connection, run_id: uuid.UUID, workspace_id: uuid.UUID, *, by: str | None) -> Append:
    """Cancel a run that no worker holds; a raised fence keeps one that did out for good."""
    now = utc_now()
    connection.execute(sa.update(run_table).where(_run.id == run_id).values(fence=_run.fence + 1))
    connection.execute(sa.delete(outbox_table).where(outbox_table.c.id == run_id))
    last = JournalEvent(EventType.RUN_CANCELLED, now, data={"by": by})
    return Append(run_id, workspace_id, [*cancelled_steps(connection, run_id, at=now, reason="run_cancelled"), last])
