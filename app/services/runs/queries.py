"""Reading runs: the list, one run with its steps, a step's values, the journal, and the decisions that wait."""

import uuid
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import sqlalchemy as sa
from sqlmodel import col, select

from app.core.days import span_of
from app.core.errors import NotFound
from app.core.permissions import Permission, may, require
from app.core.text import search_words, text_problem
from app.core.uow import UnitOfWork
from app.services.definitions import agent_names
from app.services.runs.claim import read_plans
from app.services.runs.partials import written_by
from app.services.runs.rows import (
    LINK_COLUMNS,
    RUN_ROWS,
    names_of,
    to_approval_card,
    to_event_row,
    to_fork_origin,
    to_run_link,
    to_run_row,
    to_step_row,
    workflow_table,
)
from app.services.runs.tables import event_table, run_table, step_table
from app.services.runs.waits import waits_of
from app.views.runs import ApprovalCard, EventRow, RunDetail, RunLink, RunPage, RunRow, Said, StepDetail
from engine.graph.calls import MAX_DEPTH
from models.grant import Access
from models.ids import first_id_at, parse_id
from models.run import Approval, Run, RunStatus, RunTrigger, StepStatus

PAGE = 30
WINDOW = 5000
MOST = 200
MOST_STEPS = 5000
MOST_EVENTS = 1000
MOST_APPROVALS = 200
MOST_AHEAD = 10_000
BY_HAND = (RunTrigger.MANUAL, RunTrigger.RETRY, RunTrigger.FORK)
_run, _step, _event = run_table.c, step_table.c, event_table.c
_STEP_ROW = tuple(column for column in step_table.c if column.name not in ("inputs", "output"))


def list_runs(
    uow: UnitOfWork,
    *,
    statuses: Sequence[str] = (),
    search: object = "",
    workflow_id: object = None,
    kind: str = "workflow",
    by: object = "",
    since: object = "",
    until: object = "",
    cursor: object = "",
    limit: int = PAGE,
) -> RunPage:
    """Runs of the workspace, newest first. `search` looks in the names that workflows have and had, and in what runs were given, or is a
    whole id; the cursor is that of the page before; `by` leaves those that "me" or "others" started by hand; `since` and `until` are the
    first and the last day, in UTC. One call looks at WINDOW runs at most, however few of them fit.
    """
    require(uow, Permission.VIEW)
    limit = max(1, min(limit, MOST))
    scope = [_run.workspace_id == uow.workspace_id, _run.kind == kind, uow.within_reach(Run)]
    if workflow_id is not None:
        wanted_id = parse_id(workflow_id)
        scope.append(_run.workflow_id == wanted_id if wanted_id else sa.false())
    elif parse_id(search_words(search)) is None:
        scope.append(_run.parent_run_id.is_(None))  # runs below others are found through these, or by id
    scope += _started_by(uow, by) + _within(since, until)
    before = parse_id(cursor)
    if before is not None:
        scope.append(_run.id < before)
    fits = _filters(statuses, search)
    connection = uow.session.connection()
    is_one = parse_id(search_words(search)) is not None
    horizon = _horizon(connection, scope) if fits and not is_one else None
    query = RUN_ROWS.where(*scope, *fits).order_by(_run.id.desc()).limit(limit + 1)
    rows = connection.execute(query if horizon is None else query.where(_run.id >= horizon)).all()
    now = uow.ports.clock.now()
    shown = tuple(to_run_row(row, now=now) for row in rows[:limit])
    return RunPage(rows=shown, next_cursor=str(shown[-1].id) if len(rows) > limit else "" if horizon is None else str(horizon))


def _filters(statuses: Sequence[str], search: object) -> list[sa.ColumnElement[bool]]:
    wanted = [status for status in statuses if status in tuple(RunStatus)]
    fits: list[sa.ColumnElement[bool]] = [_run.status.in_(wanted)] if wanted else []
    words = search_words(search)
    exact = parse_id(words)
    if exact is not None:
        fits.append(_run.id == exact)
    elif words:
        places = (_run.title, workflow_table.c.name, _run.excerpt)
        fits.append(sa.or_(*(place.icontains(words, autoescape=True) for place in places)))
    return fits


def _started_by(uow: UnitOfWork, by: object) -> list[sa.ColumnElement[bool]]:
    if by not in ("me", "others") or uow.actor is None:
        return []
    me = uow.actor.user_id
    return [_run.created_by == me if by == "me" else _run.created_by != me, _run.trigger.in_(BY_HAND)]


def _within(since: object, until: object) -> list[sa.ColumnElement[bool]]:
    """Ids are in the order of time, so the index that lists runs also finds a span of them."""
    begin, end = span_of(since, until)
    bounds = [_run.id >= first_id_at(begin)] if begin else []
    return [*bounds, _run.id < first_id_at(end)] if end else bounds


def _horizon(connection: sa.Connection, scope: Sequence[sa.ColumnElement[bool]]) -> uuid.UUID | None:
    """The oldest run that one call looks at, read off the index; None when there are not that many."""
    return connection.execute(sa.select(_run.id).where(*scope).order_by(_run.id.desc()).limit(1).offset(WINDOW - 1)).scalar()


def get_run_row(uow: UnitOfWork, *, run_id: object) -> RunRow:
    """One line about one run; cheap enough to be asked for all the time."""
    require(uow, Permission.VIEW)
    mine = {"workspace_id": uow.workspace_id, "row_id": parse_id(run_id)}
    row = uow.session.connection().execute(uow.one_row(Run, RUN_ROWS), mine).first()
    if row is None:
        raise NotFound("This run")
    shown = to_run_row(row, now=uow.ports.clock.now())
    return replace(shown, ahead=_ahead(uow.session.connection(), row.id)) if row.status == RunStatus.QUEUED else shown


_LONGER = sa.select(_run.id).where(_run.status == RunStatus.QUEUED, _run.id < sa.bindparam("mine")).limit(MOST_AHEAD)
_COUNT_AHEAD = sa.select(sa.func.count()).select_from(_LONGER.subquery())


def _ahead(connection: sa.Connection, run_id: uuid.UUID) -> int:
    """Runs of all workspaces that wait longer for a worker, counted up to a bound."""
    return connection.execute(_COUNT_AHEAD, {"mine": run_id}).scalar_one()


def get_run(uow: UnitOfWork, *, run_id: object) -> RunDetail:
    """Everything to draw the run exactly as it was. Steps come without their values; `get_step` has those."""
    row = get_run_row(uow, run_id=run_id)
    connection = uow.session.connection()
    columns = (_run.plan_id, _run.inputs, _run.output, _run.error, _run.next_seq, _run.workflow_revision)
    more = connection.execute(sa.select(*columns).where(_run.id == row.id)).one()
    plan = read_plans(connection, [more.plan_id])[more.plan_id]
    steps = connection.execute(_steps_of(row.id).limit(MOST_STEPS)).all()
    count = sa.select(sa.func.count()).select_from(step_table).where(_step.run_id == row.id)
    step_count = len(steps) if len(steps) < MOST_STEPS else connection.execute(count).scalar_one()
    first = connection.execute(sa.select(_event.payload).where(_event.run_id == row.id, _event.seq == 1)).scalar() or {}
    children, waits, now = _children_of(uow, row.id), waits_of(connection, row.id), uow.ports.clock.now()
    places = ((step, (step.node, step.iteration)) for step in steps)
    return RunDetail(
        row=row,
        workflow=plan.get("workflow") or {},
        inputs=more.inputs,
        output=more.output,
        error=more.error,
        step_count=step_count,
        steps=tuple(to_step_row(step, now=now, child=children.get(key), waits=waits.get(key)) for step, key in places),
        approvals=_approvals_of(uow, row.id),
        last_seq=more.next_seq - 1,
        can_run=may(uow, Permission.RUN, uow.load(Run, row.id, needed=Access.VIEW)),
        fork=to_fork_origin(first.get("fork")),
        above=_above(uow, row),
        revision=more.workflow_revision,
    )


def _children_of(uow: UnitOfWork, run_id: uuid.UUID, *, node: str | None = None) -> dict[tuple[str, str], RunLink]:
    """What each step started, by node and iteration; of several tries the last. Runs that are not shared are not told of."""
    is_child = sa.and_(_run.parent_run_id == run_id, uow.within_reach(Run))
    query = sa.select(*LINK_COLUMNS, _run.parent_node, _run.parent_iteration).where(is_child)
    if node is not None:
        query = query.where(_run.parent_node == node)
    rows = uow.session.connection().execute(query.order_by(_run.parent_attempt).limit(MOST_STEPS))
    return {(row.parent_node, row.parent_iteration): to_run_link(row) for row in rows}


def _above(uow: UnitOfWork, row: RunRow) -> tuple[RunLink, ...]:
    links: list[RunLink] = []
    connection, is_shared = uow.session.connection(), uow.within_reach(Run)
    parent_id = row.parent_run_id
    while parent_id is not None and len(links) <= MAX_DEPTH:
        parent = connection.execute(sa.select(*LINK_COLUMNS, _run.parent_run_id).where(_run.id == parent_id, is_shared)).first()
        if parent is None:
            break
        links.insert(0, to_run_link(parent))
        parent_id = parent.parent_run_id
    return tuple(links)


def _steps_of(run_id: uuid.UUID) -> sa.Select[Any]:
    return sa.select(*_STEP_ROW).where(_step.run_id == run_id).order_by(_step.started_at, _step.node, _step.iteration)


def get_step(uow: UnitOfWork, *, run_id: object, node: object, iteration: object = "") -> StepDetail:
    """One step with what went in and what came out."""
    row = get_run_row(uow, run_id=run_id)
    if text_problem(node, max_length=63, label="Node") or text_problem(iteration, max_length=120, label="Iteration"):
        raise NotFound("This step")
    is_step = sa.and_(_step.run_id == row.id, _step.node == node, _step.iteration == iteration)
    step = uow.session.connection().execute(sa.select(step_table).where(is_step)).first()
    if step is None:
        raise NotFound("This step")
    has_team = isinstance(step.inputs, dict) and bool(step.inputs.get("agents"))
    connection, key = uow.session.connection(), (step.node, step.iteration)
    children, waits = _children_of(uow, row.id, node=step.node), waits_of(connection, row.id, node=step.node)
    place: dict[str, Any] = {"run_id": row.id, "node": step.node, "iteration": step.iteration, "attempt": step.attempt}
    broke_off = step.status in (StepStatus.CANCELLED, StepStatus.FAILED) or step.reason == "retry"
    return StepDetail(
        row=to_step_row(step, now=uow.ports.clock.now(), child=children.get(key), waits=waits.get(key)),
        inputs=step.inputs,
        output=step.output,
        transcript=_transcript(uow, row.id, str(node), str(iteration)) if has_team else (),
        people=_people_in(uow, step.output),
        written=written_by(connection, **place) if broke_off else "",
        agents=_agents_in(uow, step.inputs),
    )


def _transcript(uow: UnitOfWork, run_id: uuid.UUID, node: str, iteration: str) -> tuple[Said, ...]:
    """What the agents of a step told one another so far, from the journal, so that it can be read while they work."""
    is_said = sa.and_(_event.run_id == run_id, _event.type == "node_progress", _event.node == node, _event.iteration == iteration)
    query = sa.select(_event.payload).where(is_said).order_by(_event.seq).limit(MOST_EVENTS)
    facts = [payload.get("fact") or {} for payload in uow.session.connection().execute(query).scalars()]
    return tuple(Said(fact["from"], fact["to"], fact["text"]) for fact in facts if fact.get("type") == "message")


def _people_in(uow: UnitOfWork, output: object) -> dict[str, str]:
    """Names of whoever decided, as approvals tell it in `by`."""
    decided_by = parse_id(output.get("by")) if isinstance(output, dict) else None
    return {} if decided_by is None else {str(found): name for found, name in names_of(uow, {decided_by}).items()}


def _agents_in(uow: UnitOfWork, inputs: object) -> dict[str, str]:
    """What people call the agents that a step worked with; those gone since keep their keys."""
    if not isinstance(inputs, dict):
        return {}
    several = inputs.get("agents")
    keys = {key for key in (inputs.get("agent"), *(several if isinstance(several, list) else ())) if isinstance(key, str) and key}
    return {key: name for key, name in agent_names(uow).items() if key in keys} if keys else {}


def read_events(uow: UnitOfWork, *, run_id: object, after_seq: int = 0, limit: int = MOST_EVENTS) -> tuple[EventRow, ...]:
    """Journal events after a number, in order, at most `limit` at once."""
    row = get_run_row(uow, run_id=run_id)
    query = sa.select(event_table).where(_event.run_id == row.id, _event.seq > max(0, after_seq)).order_by(_event.seq)
    events = uow.session.connection().execute(query.limit(max(1, min(limit, MOST_EVENTS))))
    return tuple(to_event_row(event) for event in events)


def list_approvals(uow: UnitOfWork, *, pending: bool = True, mine: bool = False) -> tuple[ApprovalCard, ...]:
    """Decisions that wait, oldest first, or those that are over, newest first; `mine`: those the actor may make, or has made."""
    require(uow, Permission.VIEW)
    query = select(Approval, Run).join(Run, col(Run.id) == col(Approval.run_id))
    query = query.where(Approval.workspace_id == uow.workspace_id, uow.within_reach(Approval))
    if pending:
        query = query.where(Approval.status == "pending").order_by(col(Approval.id))
    else:
        query = query.where(Approval.status != "pending").order_by(col(Approval.updated_at).desc())
    rows = uow.session.exec(query.limit(MOST_APPROVALS)).all()
    names = names_of(uow, {approval.decided_by for approval, _ in rows})
    cards = [to_approval_card(uow, approval, run, names) for approval, run in rows]
    return tuple(card for card in cards if card.is_mine or not mine)


def get_approval(uow: UnitOfWork, *, approval_id: object) -> ApprovalCard:
    """One decision."""
    require(uow, Permission.VIEW)
    row = uow.load(Approval, parse_id(approval_id), what="This approval")
    run = uow.session.get(Run, row.run_id)  # the approval is as far shared as its run, also where that is sealed
    if run is None:
        raise NotFound("This run")
    return to_approval_card(uow, row, run, names_of(uow, {row.decided_by}))


def _approvals_of(uow: UnitOfWork, run_id: uuid.UUID) -> tuple[ApprovalCard, ...]:
    rows = uow.session.exec(uow.scoped(Approval).where(Approval.run_id == run_id).order_by(col(Approval.id))).all()  # type: ignore[call-overload]
    if not rows:
        return ()
    run = uow.load(Run, run_id, what="This run")
    names = names_of(uow, {row.decided_by for row in rows})
    return tuple(to_approval_card(uow, row, run, names) for row in rows)
