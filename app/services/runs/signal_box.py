"""Brings signals and the steps that wait for them together: each signal lets one step go on, the one that has waited longest.

The journal asks `settle_signals` after each write, a person's signal is delivered in its own transaction, and the dispatcher delivers
what was sent by steps or crossed with a wait. A signal reaches the runs that its sender may run; that of a step, those that whoever
started its run may run, and those of its own workflow.
"""

import uuid
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from app.core.bulk import insert_into
from app.core.sharing import SEES_ALL, is_shared_with
from app.services.runs.families import Append, Happened, Told, queue_again
from app.services.runs.tables import member_table, run_table, signal_table, signal_wait_table, user_table, workflow_table
from engine.json import JsonObject
from engine.nodes.wait_signal import SIGNAL
from engine.run.events import EventType, JournalEvent
from models.base import utc_now
from models.grant import Access
from models.ids import new_id
from models.run import TERMINAL, RunStatus

_run, _signal, _wait, _user = run_table.c, signal_table.c, signal_wait_table.c, user_table.c
_member, _workflow, _sender = member_table.c, workflow_table.c, run_table.alias("sender")
_IS_KEPT = _signal.consumed_at.is_(None)
_IS_SHARED = sa.and_(_workflow.id == _run.workflow_id, is_shared_with(_workflow, _signal.acts_for, Access.RUN))
_IS_SAME = sa.and_(_sender.c.id == _signal.sent_by_run, _sender.c.workflow_id == _run.workflow_id)
_REACHES = sa.or_(
    _signal.reaches_all,
    _run.workflow_id.is_(None),
    sa.exists(sa.select(_workflow.id).where(_IS_SHARED).correlate_except(workflow_table)),
    sa.exists(sa.select(_sender.c.id).where(_IS_SAME).correlate_except(_sender)),
)
_FITS = sa.and_(
    _signal.workspace_id == _wait.workspace_id,
    _signal.key == _wait.key,
    _IS_KEPT,
    sa.or_(_signal.run_id.is_(None), _signal.run_id == _wait.run_id),
    sa.or_(_wait.not_before.is_(None), _signal.created_at >= _wait.not_before),
    _REACHES,
)
_CAN_GO_ON = sa.and_(_run.status.not_in(TERMINAL), _run.cancel_requested_at.is_(None))
_KEY = sa.and_(_wait.run_id == sa.bindparam("b_run"), _wait.node == sa.bindparam("b_node"), _wait.iteration == sa.bindparam("b_iteration"))


def settle_signals(connection: sa.Connection, happened: Happened, told: Told) -> list[Append]:
    """Write what steps sent and began or stopped to wait for; those that find a kept signal go on at once."""
    gone = [
        {"b_run": run_id, "b_node": node, "b_iteration": iteration} for run_id, keys in happened.left.items() for node, iteration in keys
    ]
    if gone:
        connection.execute(sa.delete(signal_wait_table).where(_KEY), gone)
    if happened.sent:
        _keep(connection, happened.sent)
    if not happened.awaited:
        return []
    statement = insert_into(connection, signal_wait_table)
    fresh = {name: statement.excluded[name] for name in ("key", "since", "not_before")}
    connection.execute(statement.on_conflict_do_update(index_elements=["run_id", "node", "iteration"], set_=fresh), happened.awaited)
    mine = {row["run_id"] for row in happened.awaited}
    return _hand_over(connection, _waits().where(_wait.run_id.in_(mine)), told)


def deliver_to(connection: sa.Connection, workspace_id: uuid.UUID, key: str, told: Told) -> list[Append]:
    """Let those go on that wait for kept signals of this name."""
    is_named = sa.and_(_wait.workspace_id == workspace_id, _wait.key == key)
    return _hand_over(connection, _waits().where(is_named).limit(20).with_for_update(of=run_table), told)


def has_undelivered(connection: sa.Connection) -> bool:
    """Whether a kept signal and a step that waits for it are both there; reads only."""
    is_any_kept = sa.exists(sa.select(_signal.id).where(_IS_KEPT))  # else thousands of waits are read each second for nothing
    return connection.execute(_waits().where(is_any_kept).limit(1)).first() is not None


def find_undelivered(connection: sa.Connection, told: Told, *, limit: int = 500) -> list[Append]:
    """Bring together what steps sent and what others wait for."""
    return _hand_over(connection, _waits().limit(limit).with_for_update(of=run_table, skip_locked=True), told)


def _waits() -> sa.Select[Any]:
    """Steps for which a signal is kept, the longest wait first."""
    columns: list[sa.Column[Any]] = [
        _wait.run_id,
        _wait.node,
        _wait.iteration,
        _wait.key,
        _wait.workspace_id,
        _wait.not_before,
        _run.status,
    ]
    joined = signal_wait_table.join(run_table, _run.id == _wait.run_id)
    is_sent = sa.exists(sa.select(_signal.id).where(_FITS).correlate(signal_wait_table, run_table))
    return sa.select(*columns).select_from(joined).where(_CAN_GO_ON, is_sent).order_by(_wait.since, _wait.run_id)


def _hand_over(connection: sa.Connection, waits: sa.Select[Any], told: Told) -> list[Append]:
    appends: list[Append] = []
    parked: dict[uuid.UUID, None] = {}
    for wait in connection.execute(waits).all():
        signal = _take(connection, wait)
        if signal is None:
            continue
        decision: JsonObject = {"value": signal.value, "sent_at": signal.created_at.isoformat(), "by": _name_of(connection, signal)}
        event = JournalEvent(EventType.NODE_RESUMED, utc_now(), wait.node, wait.iteration, {"reason": SIGNAL, "decision": decision})
        appends.append(Append(wait.run_id, wait.workspace_id, [event]))
        if wait.status == RunStatus.WAITING:
            parked[wait.run_id] = None
        elif wait.status == RunStatus.RUNNING:
            told.nudges.append(wait.run_id)
    if parked:
        queue_again(connection, list(parked))
        told.rings.extend(parked)
    told.changed.extend(append.run_id for append in appends)
    return appends


def _take(connection: sa.Connection, wait: Any) -> Any:
    """The oldest signal for the wait, taken, with the wait gone; None when another transaction was faster."""
    is_wait = sa.and_(_wait.run_id == wait.run_id, _wait.node == wait.node, _wait.iteration == wait.iteration)
    columns = (_signal.id, _signal.value, _signal.created_at, _signal.sent_by, _signal.sent_by_run)
    joined = signal_wait_table.join(run_table, _run.id == _wait.run_id).join(signal_table, _FITS)
    query = sa.select(*columns).select_from(joined).where(is_wait).order_by(_signal.id).limit(1)
    signal = connection.execute(query.with_for_update(of=signal_table, skip_locked=True)).first()
    if signal is None:
        return None
    if connection.execute(sa.delete(signal_wait_table).where(is_wait)).rowcount != 1:
        return None
    taken = sa.update(signal_table).where(_signal.id == signal.id, _IS_KEPT)
    connection.execute(taken.values(consumed_at=utc_now(), consumed_by=wait.run_id))
    return signal


def _name_of(connection: sa.Connection, signal: Any) -> str | None:
    """A name to read."""
    if signal.sent_by_run is not None:
        return f"run {signal.sent_by_run}"
    return connection.execute(sa.select(_user.name).where(_user.id == signal.sent_by)).scalar() if signal.sent_by else None


def _keep(connection: sa.Connection, sent: Sequence[JsonObject]) -> None:
    now, senders = utc_now(), _whose(connection, {signal["sent_by_run"] for signal in sent})
    common = {"created_at": now, "updated_at": now, "run_id": None, "sent_by": None}
    rows = [{"id": new_id(), **common, **signal, **senders[signal["sent_by_run"]]} for signal in sent]
    statement = insert_into(connection, signal_table).on_conflict_do_nothing(index_elements=["workspace_id", "message_id"])
    connection.execute(statement, rows)


def _whose(connection: sa.Connection, run_ids: set[uuid.UUID]) -> dict[uuid.UUID, JsonObject]:
    """Whose rights a step acts with: of whoever started its run, or of whom the workflow belongs to."""
    person = sa.func.coalesce(_run.created_by, _workflow.owner_id)
    is_theirs = sa.and_(_member.workspace_id == _run.workspace_id, _member.user_id == person)
    joined = run_table.outerjoin(workflow_table, _workflow.id == _run.workflow_id).outerjoin(member_table, is_theirs)
    query = sa.select(_run.id, _member.user_id, _member.role).select_from(joined).where(_run.id.in_(run_ids))
    return {row.id: {"acts_for": row.user_id, "reaches_all": row.role in SEES_ALL} for row in connection.execute(query)}
