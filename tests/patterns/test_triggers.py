"""Trigger patterns, 23 and 24: signals from outside, through the database and a worker."""

import uuid

import pytest

from app.core.uow import Actor
from app.services.runs import get_run, send_signal, start_run
from app.wiring import Wiring
from engine.json import JsonValue
from tests.patterns.kit import blueprint
from tests.support.invariants import check_invariants
from tests.support.people import make_member
from tests.support.workers import wait_for, worker
from tests.support.workflows import make_workflow

TRIGGERED = """
nodes:
  start: {kind: start}
  paid: {kind: wait, config: {key: order-7, earlier: %s}}
  end: {kind: end, config: {output: "{{ paid.value }}"}}
edges: [start -> paid, paid -> end]
"""


@pytest.fixture
def actor(wiring: Wiring) -> Actor:
    """A member."""
    with wiring.unit() as uow:
        return make_member(uow)


def begin(wiring: Wiring, actor: Actor, earlier: str) -> uuid.UUID:
    with wiring.unit(actor) as uow:
        workflow = make_workflow(uow, blueprint(TRIGGERED % earlier))
        return start_run(uow, workflow_id=workflow.id, inputs={}).id


def send(wiring: Wiring, actor: Actor, value: JsonValue) -> None:
    with wiring.unit(actor) as uow:
        send_signal(uow, key="order-7", value=value)


def output(wiring: Wiring, actor: Actor, run_id: uuid.UUID) -> object:
    assert wait_for(wiring, actor, run_id).status == "succeeded"
    with wiring.unit(actor, write=False) as uow:
        return get_run(uow, run_id=run_id).output


async def test_wcp23_transient_trigger(wiring: Wiring, actor: Actor) -> None:
    send(wiring, actor, "lost")
    with worker(wiring.settings):
        run_id = begin(wiring, actor, "ignore")
        wait_for(wiring, actor, run_id, "waiting")
        send(wiring, actor, "in time")
        assert output(wiring, actor, run_id) == "in time"
    check_invariants(wiring, [run_id])


async def test_wcp24_persistent_trigger(wiring: Wiring, actor: Actor) -> None:
    send(wiring, actor, "kept")
    with worker(wiring.settings):
        run_id = begin(wiring, actor, "take")
        assert output(wiring, actor, run_id) == "kept"
    check_invariants(wiring, [run_id])
