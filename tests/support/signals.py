"""What a worker writes when steps wait for signals and send them, and what the waiting ones were told."""

import uuid

import sqlalchemy as sa

from app.core.uow import UnitOfWork
from app.services.runs import read_events
from app.services.runs.claim import claim_runs
from app.services.runs.families import Told
from app.services.runs.journal import Commit, commit_batch
from app.services.runs.tables import run_table
from engine.json import JsonObject
from engine.run.events import EventType, JournalEvent
from models.base import utc_now

_run = run_table.c


def drive(uow: UnitOfWork, run_id: uuid.UUID, *events: JournalEvent) -> Told:
    """Do what a worker does: claim if need be, and commit events."""
    connection, told = uow.session.connection(), Told()
    claim_runs(connection, [run_id], owner="test", lease_s=60)
    row = connection.execute(sa.select(run_table).where(_run.id == run_id)).one()
    commit = Commit(run_id, row.workspace_id, row.fence, row.next_seq, events)
    (answer,) = commit_batch(connection, [commit], hooks=uow.ports.end_hooks, told=told)
    assert not isinstance(answer, Exception), answer
    uow.session.expire_all()
    return told


def waits(key: str = "order-7", node_id: str = "paid", **request: str) -> JournalEvent:
    data: JsonObject = {"reason": "signal", "until": None, "request": {"key": key, **request}, "attempt": 1}
    return JournalEvent(EventType.NODE_WAITING, utc_now(), node_id, "", data)


def parks(key: str = "order-7") -> JournalEvent:
    reasons = [{"node": "paid", "iteration": "", "reason": "signal", "until": None, "key": key}]
    return JournalEvent(EventType.RUN_WAITING, utc_now(), data={"wake_at": None, "reasons": reasons})


def sends(key: str = "order-7") -> JournalEvent:
    data: JsonObject = {"attempt": 1, "output": {"key": key, "value": 5}, "port": "out", "then": {"signal": key}}
    return JournalEvent(EventType.NODE_FINISHED, utc_now(), "tell", "", data)


def answers(uow: UnitOfWork, run_id: uuid.UUID) -> list[object]:
    events = read_events(uow, run_id=run_id)
    return [event.payload["decision"]["value"] for event in events if event.type == "node_resumed" and event.payload["reason"] == "signal"]
