"""Sub-workflows on real workers: results, failures, many at once on little room, and stopping a whole family within a second."""

import uuid
from collections.abc import Iterator

import pytest

from app.core.uow import Actor, UnitOfWork
from app.services.runs import cancel_run, get_run, list_runs, start_run
from app.wiring import Wiring
from engine.nodes.registry import KINDS
from engine.spec.workflow import WorkflowSpec
from models.workflow import Workflow
from tests.support.called import CalledService, calling
from tests.support.families import calling_for_each, calling_once, doubling
from tests.support.invariants import check_invariants
from tests.support.slow_http import serve
from tests.support.waiting import until
from tests.support.workers import row_of, wait_for, worker
from tests.support.workflows import make_workflow, node, spec_of


@pytest.fixture
def called() -> Iterator[tuple[CalledService, str]]:
    """The counting service and its address."""
    service = CalledService()
    with serve({"/{name}": service.answer}) as server:
        yield service, server.url


def begin(wiring: Wiring, actor: Actor, child: WorkflowSpec, **rest: object) -> tuple[uuid.UUID, uuid.UUID]:
    """Start a parent of the child; returns the run and the child's workflow."""
    with wiring.unit(actor) as uow:
        inner = make_workflow(uow, child, name="Inner")
        outer = make_workflow(uow, calling_once(inner, **rest), name="Outer")
        return start_run(uow, workflow_id=outer.id, inputs={}).id, inner.id


def runs_of(wiring: Wiring, actor: Actor, workflow_id: uuid.UUID, status: str = "") -> list[uuid.UUID]:
    with wiring.unit(actor, write=False) as uow:
        rows = list_runs(uow, workflow_id=workflow_id, statuses=[status] if status else (), limit=200).rows
    return [row.id for row in rows]


def detail(wiring: Wiring, actor: Actor, run_id: uuid.UUID):
    with wiring.unit(actor, write=False) as uow:
        return get_run(uow, run_id=run_id)


def test_a_step_gives_what_its_child_gives(wiring: Wiring, actor: Actor) -> None:
    with worker(wiring.settings) as process:
        run_id, inner = begin(wiring, actor, doubling(), inputs={"number": "{{ 20 | plus: 1 }}"})
        assert wait_for(wiring, actor, run_id).status == "succeeded", process.log
    assert detail(wiring, actor, run_id).output == {"doubled": 42, "number": 21}
    children = runs_of(wiring, actor, inner)
    assert len(children) == 1
    check_invariants(wiring, [run_id, *children])


def test_a_failing_child_is_tried_again_and_then_goes_to_the_error_port(wiring: Wiring, actor: Actor) -> None:
    failing = spec_of(node("start", "start"), node("no", "code", source="1 / 0"), node("end", "end"), edges="start>no no>end")
    with worker(wiring.settings) as process:
        policy = {"retry": {"attempts": 3, "delay_s": 0}, "on_error": {"action": "branch"}}
        run_id, inner = begin(wiring, actor, failing, **policy)
        assert wait_for(wiring, actor, run_id).status == "succeeded", process.log
    assert f"The sub-workflow failed at “{KINDS['code'].title}”:" in str(detail(wiring, actor, run_id).output)
    children = runs_of(wiring, actor, inner)
    assert len(children) == 3, "one for each try"
    check_invariants(wiring, [run_id, *children])


def test_a_child_that_takes_too_long_is_stopped(wiring: Wiring, actor: Actor, called: tuple[CalledService, str]) -> None:
    service, url = called
    service.delay_s = 30
    with worker(wiring.settings) as process:
        run_id, inner = begin(wiring, actor, calling(url, "slow"), timeout_s=0.5, on_error={"action": "branch"})
        assert wait_for(wiring, actor, run_id).status == "succeeded", process.log
        (child,) = runs_of(wiring, actor, inner)
        assert wait_for(wiring, actor, child).status == "cancelled"
    assert "time limit" in str(detail(wiring, actor, run_id).output)
    check_invariants(wiring, [run_id, child])


def test_hundreds_of_children_need_only_one_place(wiring: Wiring, actor: Actor) -> None:
    """With a single place a parent that held it while it waits would stand still for ever."""
    with wiring.unit(actor) as uow:
        inner = make_workflow(uow, doubling(), name="Inner")
        outer, inner_id = make_workflow(uow, calling_for_each(inner, 200, parallel=8), name="Outer"), inner.id
        run_id = start_run(uow, workflow_id=outer.id, inputs={}).id
    with worker(wiring.settings, AF_WORKER_CONCURRENCY="1") as process:
        assert wait_for(wiring, actor, run_id, timeout_s=300).status == "succeeded", process.log
    assert detail(wiring, actor, run_id).output == [number * 2 for number in range(200)]
    children = runs_of(wiring, actor, inner_id)
    assert len(children) == 200
    check_invariants(wiring, [run_id, *children[:20]])


def nested(uow: UnitOfWork, url: str) -> Workflow:
    """A run whose grandchild calls out."""
    inner = make_workflow(uow, calling(url, "slow"), name="Inner")
    middle = make_workflow(uow, calling_once(inner), name="Middle")
    return make_workflow(uow, calling_once(middle), name="Outer")


def test_a_whole_family_stops_within_a_second(wiring: Wiring, actor: Actor, called: tuple[CalledService, str]) -> None:
    service, url = called
    service.delay_s = 30
    with worker(wiring.settings) as process:
        with wiring.unit(actor) as uow:
            run_id = start_run(uow, workflow_id=nested(uow, url).id, inputs={}).id
        until(lambda: service.calls["slow"], what="the grandchild's call")
        wait_for(wiring, actor, run_id, "waiting")
        (child,) = [step.child.id for step in detail(wiring, actor, run_id).steps if step.child]
        (grandchild,) = [step.child.id for step in detail(wiring, actor, child).steps if step.child]
        with wiring.unit(actor) as uow:
            cancel_run(uow, run_id=run_id)
        for one in (run_id, child, grandchild):
            assert wait_for(wiring, actor, one, timeout_s=5).status == "cancelled", process.log
    check_invariants(wiring, [run_id, child, grandchild])
    assert row_of(wiring, actor, grandchild).waiting_for == ""
