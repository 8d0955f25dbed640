"""People's decisions: answering an approval, and saying how an interrupted call ended. One winner each; the run goes on by itself."""

import uuid
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from app.core.audit import record
from app.core.errors import Conflict, Invalid, NotAllowed, NotFound
from app.core.permissions import Permission, require
from app.core.text import text_problem
from app.core.uow import UnitOfWork
from app.services.announcements import announce_decision
from app.services.budgets.answering import check_answer, leave_of, raise_budget, waiting_for_budget
from app.services.budgets.question import KIND, RAISE, STOP
from app.services.facts import note_decision
from app.services.runs.cancel import lock_run, request_cancel
from app.services.runs.deciders import may_decide
from app.services.runs.families import queue_again
from app.services.runs.inputs import check_inputs
from app.services.runs.journal import append_events
from app.services.runs.queries import get_approval, get_run_row
from app.services.runs.ringing import nudge_after_commit, ring_after_commit, tell_after_commit
from app.services.runs.rows import names_of
from app.services.runs.tables import approval_table, step_table
from app.views.runs import ApprovalCard, RunRow
from engine.errors import Permanent
from engine.json import JsonObject, JsonValue
from engine.nodes.approval import pressing_needs_fields
from engine.nodes.fields import FormField, read_form
from engine.run.events import EventType, JournalEvent
from models.base import utc_now
from models.ids import parse_id
from models.run import TERMINAL, Approval, Run, RunStatus, StepStatus

MAX_NOTE = 4000
UNKNOWN_ACTIONS = ("repeat", "done", "fail")


def decide_approval(uow: UnitOfWork, *, approval_id: object, button: object, values: object = None, note: object = "") -> ApprovalCard:
    """Press a button. Raises Conflict when somebody was faster or the time ran out, Invalid with one message per wrong field."""
    require(uow, Permission.DECIDE)
    row = uow.load(Approval, parse_id(approval_id), what="This approval")
    run = lock_run(uow, row.run_id)
    uow.session.refresh(row)
    _require_decider(uow, row.request, run.created_by)
    _require_open(uow, row, run)
    pressed = _read_button(row.request, button)
    answers = _read_values(row.request, values, must_fill=pressing_needs_fields(row.request, pressed))
    words = _read_note(note)
    if row.request.get("kind") == KIND:
        check_answer(row.request, pressed, answers)
    actor = uow.actor.user_id if uow.actor else None
    is_open = sa.and_(approval_table.c.id == row.id, approval_table.c.status == "pending")
    decided = {
        "status": "decided",
        "button": pressed,
        "note": words,
        "values": answers,
        "decided_by": actor,
        "decided_at": uow.ports.clock.now(),
    }
    if uow.session.connection().execute(sa.update(approval_table).where(is_open).values(decided)).rowcount != 1:
        raise Conflict("Somebody has just decided this.", code="already_decided")
    name = names_of(uow, {actor}).get(actor) if actor else None
    decision: JsonObject = {"button": pressed, "note": words, "values": answers, "by": str(actor) if actor else None, "by_name": name}
    note_decision(uow.session.connection(), approval_id=row.id, run_id=run.id)
    facts = {"id": row.id, "run_id": row.run_id, "node": row.node, "title": row.title, "expires_at": row.expires_at} | decided
    told = {"decision": [None, pressed], "note": [None, words]}
    record(uow.trail, kind="approval", resource_id=row.id, name=row.title, changes=told)
    announce_decision(uow.session.connection(), facts, decided_by=name or "")
    if row.request.get("kind") == KIND:
        _answer_budget(uow, run, row.request, decision)
    else:
        _resume(uow, run, [(row.node, row.iteration)], {"reason": "approval", "decision": decision})
    return get_approval(uow, approval_id=row.id)


def resolve_unknown_effect(
    uow: UnitOfWork, *, run_id: object, node: object, iteration: object = "", action: object, value: JsonValue = None
) -> RunRow:
    """Say how a call ended that was interrupted by a crash: `repeat` it, take it as `done` with a value, or let the step `fail`."""
    require(uow, Permission.DECIDE)
    uow.load(Run, parse_id(run_id), what="This run")
    run = lock_run(uow, parse_id(run_id))
    if text_problem(node, max_length=63, label="Node") or text_problem(iteration, max_length=120, label="Iteration"):
        raise NotFound("This step")
    if not isinstance(action, str) or action not in UNKNOWN_ACTIONS:
        message = f"Choose one of: {', '.join(UNKNOWN_ACTIONS)}."
        raise Invalid(message, fields={"action": message})
    given = check_inputs({"value": value})
    columns = step_table.c
    is_step = sa.and_(columns.run_id == run.id, columns.node == node, columns.iteration == iteration)
    status = uow.session.connection().execute(sa.select(columns.status).where(is_step)).scalar()
    if status != StepStatus.UNKNOWN or RunStatus(run.status) in TERMINAL:
        raise Conflict("This step does not wait for such a decision (any more).", code="already_decided")
    actor = str(uow.actor.user_id) if uow.actor else None
    decision: JsonObject = {"action": action, "value": given["value"], "by": actor}
    record(uow.trail, kind="run", resource_id=run.id, name=str(node), changes={"call": ["unknown", action]})
    _resume(uow, run, [(str(node), str(iteration))], {"reason": "unknown_effect", "decision": decision})
    return get_run_row(uow, run_id=run.id)


def _answer_budget(uow: UnitOfWork, run: Any, request: JsonObject, decision: JsonObject) -> None:
    """A cap was reached: the run ends, or it goes on, and with it whatever waits for a budget that was raised."""
    if decision["button"] == STOP:
        request_cancel(uow, run.id)
        return
    leave = leave_of(request, decision)
    raised = raise_budget(uow.session.connection(), request, leave)
    _resume(uow, run, budget_waits(uow, run.id), {"reason": "budget", "decision": leave})
    if raised is not None:
        resume_waiting_for(uow, raised)


def resume_waiting_for(uow: UnitOfWork, budget_id: uuid.UUID) -> int:
    """Let the runs go on that wait for a budget in which there is room now; returns how many."""
    leave: JsonObject = {"reason": "budget", "decision": {"action": RAISE, "by": None}}
    runs = waiting_for_budget(uow.session.connection(), uow.workspace_id, budget_id)
    for run in runs:
        _resume(uow, run, budget_waits(uow, run.id), leave)
    return len(runs)


def budget_waits(uow: UnitOfWork, run_id: uuid.UUID) -> list[tuple[str, str]]:
    """The steps of a run that wait for a budget."""
    columns = step_table.c
    is_it = sa.and_(columns.run_id == run_id, columns.status == StepStatus.WAITING, columns.reason == "budget")
    rows = uow.session.connection().execute(sa.select(columns.node, columns.iteration).where(is_it))
    return [(row.node, row.iteration) for row in rows]


def _require_decider(uow: UnitOfWork, request: JsonObject, started_by: uuid.UUID | None) -> None:
    if may_decide(uow, request, started_by):
        return
    if request.get("not_by_starter") and uow.actor is not None and uow.actor.user_id == started_by:
        raise NotAllowed("Whoever started the run cannot decide this. Ask a colleague.")
    if request.get("assignee"):
        raise NotAllowed(f"This decision is assigned to {request['assignee']}.")
    raise NotAllowed(f"This decision is for the role “{request.get('role')}” or above.")


def _require_open(uow: UnitOfWork, row: Approval, run: Any) -> None:
    if row.status == "decided":
        name = next(iter(names_of(uow, {row.decided_by}).values()), "Somebody")
        raise Conflict(f"{name} has decided this already.", code="already_decided")
    is_late = row.expires_at is not None and row.expires_at <= uow.ports.clock.now()
    if row.status == "expired" or is_late:
        raise Conflict("The time for this decision is over.", code="expired")
    if row.status != "pending" or RunStatus(run.status) in TERMINAL:
        raise Conflict("The run is over, so there is nothing left to decide.", code="run_over")


def _read_button(request: JsonObject, button: object) -> str:
    known = [str(item.get("id")) for item in request.get("buttons") or []]
    if not isinstance(button, str) or button not in known:
        message = f"Choose one of: {', '.join(known)}."
        raise Invalid(message, fields={"button": message})
    return button


def _read_values(request: JsonObject, values: object, *, must_fill: bool) -> JsonObject:
    given = check_inputs(values if values is not None else {})
    fields = tuple(FormField.model_validate(item) for item in request.get("fields") or [])
    try:
        return read_form(fields, given, must_fill=must_fill)
    except Permanent as error:
        raise Invalid("Check what you filled in.", fields={name: f"{problem}." for name, problem in error.details.items()}) from error


def _read_note(note: object) -> str:
    text = check_inputs({"note": note if note is not None else ""})["note"]
    if not isinstance(text, str) or len(text) > MAX_NOTE:
        message = f"The note must be text of at most {MAX_NOTE:,} characters."
        raise Invalid(message, fields={"note": message})
    return text


def _resume(uow: UnitOfWork, run: Any, places: Sequence[tuple[str, str]], data: JsonObject) -> None:
    """Journal the decision; a parked run queues again, the worker of a running one is nudged."""
    connection = uow.session.connection()
    now = utc_now()
    events = [JournalEvent(EventType.NODE_RESUMED, now, node, iteration, data) for node, iteration in places]
    append_events(connection, run.id, run.workspace_id, events, hooks=uow.ports.end_hooks)
    if run.status == RunStatus.WAITING:
        queue_again(connection, [run.id])
        ring_after_commit(uow, run.id)
    else:
        nudge_after_commit(uow, run.id)
    uow.session.expire_all()
    tell_after_commit(uow, run.id)
