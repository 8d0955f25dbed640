"""What must hold for every run after every fault; each fault test ends by calling `check_invariants`."""

import uuid
from collections import Counter
from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa

from app.core.sql_clock import sql_now
from app.services.runs.claim import to_event
from app.services.runs.projection import project
from app.wiring import Wiring
from engine.run.events import EventType, JournalEvent
from models.run import TERMINAL, Approval, Outbox, Run, RunEvent, RunStatus, Step, UsageRecord

SETTLED = (*TERMINAL, RunStatus.WAITING)
LIVE = ("running", "waiting", "unknown")
USED = ("input_tokens", "output_tokens", "cost_micros")
run_table: sa.Table = Run.__table__  # type: ignore[attr-defined]
ENDS = (EventType.RUN_SUCCEEDED, EventType.RUN_FAILED, EventType.RUN_CANCELLED)


def check_invariants(wiring: Wiring, run_ids: Iterable[uuid.UUID] | None = None) -> None:
    """Assert I1 to I9 for runs that should have come to rest, and for all that run for them; without ids for every run there is."""
    with wiring.database.connect().execution_options(af_write=False) as connection:
        for run_id in _family(connection, run_ids):
            _check_run(connection, run_id)


def statuses(wiring: Wiring) -> dict[uuid.UUID, str]:
    """How every run stands, children too."""
    with wiring.database.connect().execution_options(af_write=False) as connection:
        return {row.id: row.status for row in connection.execute(sa.select(run_table.c.id, run_table.c.status))}


def _family(connection: sa.Connection, run_ids: Iterable[uuid.UUID] | None) -> list[uuid.UUID]:
    if run_ids is None:
        return list(connection.execute(sa.select(run_table.c.id)).scalars())
    found = list(run_ids)
    level = found
    while level:
        level = list(connection.execute(sa.select(run_table.c.id).where(run_table.c.parent_run_id.in_(level))).scalars())
        found += level
    return list(dict.fromkeys(found))


def _rows(connection: sa.Connection, model: Any, run_id: uuid.UUID) -> list[Any]:
    table = model.__table__
    return list(connection.execute(sa.select(table).where(table.c.run_id == run_id)))


def _check_run(connection: sa.Connection, run_id: uuid.UUID) -> None:
    is_orphan = (run_table.c.lease_until < sql_now()).label("is_orphan")
    run = connection.execute(sa.select(run_table, is_orphan).where(run_table.c.id == run_id)).one()
    rows = sorted(_rows(connection, RunEvent, run_id), key=lambda row: row.seq)
    events = [to_event(row) for row in rows]
    steps = {(row.node, row.iteration): row for row in _rows(connection, Step, run_id)}
    assert run.status in SETTLED, f"I1: {run.status}"
    assert not (run.status == RunStatus.RUNNING and run.is_orphan), "I2: running without a worker"
    _check_usage(run, steps, events, _rows(connection, UsageRecord, run_id))
    _check_once(events)
    assert [row.seq for row in rows] == list(range(1, len(rows) + 1)), "I6: gaps in the journal"
    assert run.next_seq == len(rows) + 1, "I6: the next number"
    assert events[0].type is EventType.RUN_STARTED, "I6: the first event"
    ends = [index for index, event in enumerate(events) if event.type in ENDS]
    assert ends == ([len(events) - 1] if run.status in TERMINAL else []), "I6: a terminal event that is not the last"
    _check_approvals(run, events, _rows(connection, Approval, run_id))
    _check_leftovers(connection, run, steps)
    _check_children(connection, run)
    assert {key: change.status for key, change in project(events).steps.items()} == {key: row.status for key, row in steps.items()}, "I9"


def _check_usage(run: Any, steps: dict[Any, Any], events: list[JournalEvent], usage: list[Any]) -> None:
    facts = [event.data["fact"] for event in events if event.type is EventType.NODE_PROGRESS]
    calls = [fact for fact in facts if fact.get("type") == "model_call" or (fact.get("type") == "partial" and "usage" in fact)]
    assert len(usage) == len(calls), "I3, I4: one usage row per recorded call"
    for name in USED:
        total = getattr(run, name)
        assert total == sum(getattr(row, name) for row in usage), f"I4: {name} of the run"
        assert total == sum(getattr(row, name) for row in steps.values()), f"I4: {name} of the steps"
        assert total == sum(call["usage"][name] for call in calls), f"I4: {name} of the journal"


def _check_once(events: list[JournalEvent]) -> None:
    finished = Counter((event.node, event.iteration) for event in events if event.type is EventType.NODE_FINISHED)
    assert not [key for key, times in finished.items() if times > 1], f"I5: finished twice: {finished}"
    seen: set[tuple[str | None, str]] = set()
    for event in events:
        key = (event.node, event.iteration)
        assert not (event.type is EventType.NODE_STARTED and key in seen), f"I5: started again after its end: {key}"
        if event.type is EventType.NODE_FINISHED:
            seen.add(key)


def _check_approvals(run: Any, events: list[JournalEvent], approvals: list[Any]) -> None:
    answers = Counter(
        (event.node, event.iteration) for event in events if event.type is EventType.NODE_RESUMED and event.data["reason"] == "approval"
    )
    for row in approvals:
        if row.request.get("kind") == "budget":  # asked and answered as often as the cap is reached
            assert not (row.status == "pending" and run.status in TERMINAL), "I8: a decision is asked of a run that is over"
            continue
        decided = answers[row.node, row.iteration]
        assert decided == (1 if row.status == "decided" else 0), f"I7: {row.status} with {decided} answers"
        assert not (row.status == "pending" and run.status in TERMINAL), "I8: a decision is asked of a run that is over"


def _check_children(connection: sa.Connection, run: Any) -> None:
    children = connection.execute(sa.select(run_table).where(run_table.c.parent_run_id == run.id)).all()
    asked = Counter((child.parent_node, child.parent_iteration, child.parent_attempt) for child in children)
    assert not [key for key, times in asked.items() if times > 1], f"I3: a step with two children: {asked}"
    over = [child for child in children if child.status in TERMINAL]
    assert run.status not in TERMINAL or len(over) == len(children), "I8: a child outlives its parent"
    for name in USED:
        total = sum(getattr(child, name) + getattr(child, f"below_{name}") for child in over)
        assert getattr(run, f"below_{name}") >= total, f"I4: {name} of what ran below"
        assert len(over) < len(children) or getattr(run, f"below_{name}") == total, f"I4: {name} of what ran below"


def _check_leftovers(connection: sa.Connection, run: Any, steps: dict[Any, Any]) -> None:
    assert run.owner is None, "I8: an owner"
    assert run.lease_until is None, "I8: a lease"
    if run.status in TERMINAL:
        assert not [key for key, row in steps.items() if row.status in LIVE], "I8: a step that never ends"
    else:
        assert run.waiting_for, "a run always says why it waits"
    outbox: sa.Table = Outbox.__table__  # type: ignore[attr-defined]
    assert not connection.execute(sa.select(outbox.c.id).where(outbox.c.id == run.id)).all(), "I8: a doorbell nobody sent"
