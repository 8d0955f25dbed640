"""Sending signals: what a step waits for has happened. A signal that nobody waits for yet is kept for the first that does."""

import sqlalchemy as sa

from app.core.bulk import insert_into, is_inserted
from app.core.errors import Conflict, Invalid, LimitReached
from app.core.permissions import Permission, require
from app.core.sharing import SEES_ALL
from app.core.text import clean_line
from app.core.uow import UnitOfWork
from app.services.runs.families import Told
from app.services.runs.inputs import check_inputs
from app.services.runs.journal import append_all
from app.services.runs.queries import get_run_row
from app.services.runs.ringing import follow_after_commit
from app.services.runs.signal_box import deliver_to
from app.services.runs.tables import signal_table, signal_wait_table, step_table
from app.views.runs import SentSignal, SignalWaitRow
from engine.nodes.wait_signal import MAX_KEY
from models.base import utc_now
from models.ids import new_id, parse_id
from models.run import TERMINAL, Run, RunStatus

MAX_MESSAGE_ID = 200
MOST_KEPT = 1000
MOST_SHOWN = 20
_signal, _wait, _step = signal_table.c, signal_wait_table.c, step_table.c


def send_signal(uow: UnitOfWork, *, key: object, value: object = None, run_id: object = None, message_id: object = None) -> SentSignal:
    """Let the step go on that has waited longest for this name, in any run that the actor may run, or in the given one.

    The same `message_id` again gives what the first sending gave. Raises Invalid per field, Conflict when the given run is over,
    LimitReached when too many signals of this name are kept.
    """
    require(uow, Permission.RUN)
    name = " ".join(clean_line(key, max_length=MAX_KEY, label="The name of the signal", field="key").split())
    given = check_inputs({"value": value})["value"]
    message = _read_message_id(message_id)
    target = None if run_id is None or run_id == "" else uow.load(Run, parse_id(run_id), what="This run")
    known = _known(uow, message) if message else None
    if known is not None:
        return known
    if target is not None and RunStatus(target.status) in TERMINAL:
        raise Conflict("This run is over, so it waits for nothing.", code="run_over")
    _require_room(uow, name)
    connection, told, now, signal_id = uow.session.connection(), Told(), utc_now(), new_id()
    row = {
        "id": signal_id,
        "created_at": now,
        "updated_at": now,
        "workspace_id": uow.workspace_id,
        "key": name,
        "value": given,
        "run_id": target.id if target else None,
        "message_id": message,
        "sent_by": uow.actor.user_id if uow.actor else None,
        "acts_for": uow.actor.user_id if uow.actor else None,
        "reaches_all": uow.actor is not None and uow.actor.role in SEES_ALL,
    }
    statement = insert_into(connection, signal_table).values(row).on_conflict_do_nothing(index_elements=["workspace_id", "message_id"])
    if is_inserted(connection, statement):
        append_all(connection, deliver_to(connection, uow.workspace_id, name, told), hooks=uow.ports.end_hooks, told=told)
        uow.session.expire_all()
        follow_after_commit(uow, told)
    is_it = _signal.message_id == message if message else _signal.id == signal_id
    return _seen(uow, sa.and_(_signal.workspace_id == uow.workspace_id, is_it))


def list_signal_waits(uow: UnitOfWork, *, run_id: object) -> tuple[SignalWaitRow, ...]:
    """What the steps of a run wait for, the longest wait first."""
    row = get_run_row(uow, run_id=run_id)
    is_step = sa.and_(_step.run_id == _wait.run_id, _step.node == _wait.node, _step.iteration == _wait.iteration)
    columns = (_wait.node, _wait.iteration, _wait.key, _wait.since, _step.wake_at)
    query = sa.select(*columns).join(step_table, is_step).where(_wait.run_id == row.id).order_by(_wait.since).limit(MOST_SHOWN)
    return tuple(
        SignalWaitRow(found.node, found.iteration, found.key, found.since, found.wake_at)
        for found in uow.session.connection().execute(query)
    )


def _read_message_id(value: object) -> str | None:
    if value is None or value == "":
        return None
    if not isinstance(value, str) or len(value) > MAX_MESSAGE_ID or not value.isprintable():
        problem = f"The message id must be printable text of at most {MAX_MESSAGE_ID} characters."
        raise Invalid(problem, fields={"message_id": problem})
    return f"sent:{value}"


def _known(uow: UnitOfWork, message: str) -> SentSignal | None:
    is_same = sa.and_(_signal.workspace_id == uow.workspace_id, _signal.message_id == message)
    return _seen(uow, is_same) if uow.session.connection().execute(sa.select(_signal.id).where(is_same)).first() else None


def _seen(uow: UnitOfWork, which: sa.ColumnElement[bool]) -> SentSignal:
    row = uow.session.connection().execute(sa.select(_signal.id, _signal.key, _signal.consumed_by).where(which)).one()
    return SentSignal(id=row.id, key=row.key, run_id=row.consumed_by)


def _require_room(uow: UnitOfWork, name: str) -> None:
    is_kept = sa.and_(_signal.workspace_id == uow.workspace_id, _signal.key == name, _signal.consumed_at.is_(None))
    count = uow.session.connection().execute(sa.select(sa.func.count()).select_from(signal_table).where(is_kept)).scalar_one()
    if count >= MOST_KEPT:
        raise LimitReached(f"{MOST_KEPT:,} signals called “{name}” are kept already, and no run waits for them.")
