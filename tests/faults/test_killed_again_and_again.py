"""Workers killed at every few commits of containers, children and agents: each life goes on where the last one ended."""

import signal
from collections.abc import Callable

import pytest

from app.core.uow import Actor, UnitOfWork
from app.services.runs import start_run
from app.wiring import Wiring
from engine.spec.workflow import WorkflowSpec
from tests.support.called import Service
from tests.support.families import call
from tests.support.invariants import check_invariants, statuses
from tests.support.waiting import until
from tests.support.workers import OVER, WorkerProcess, wait_for, worker
from tests.support.workflows import make_workflow, node, spec_of

MOST_LIVES = 40
MODEL = {"model": "demo/assistant", "prompt": "Hello"}


def mapped(_uow: UnitOfWork, url: str) -> WorkflowSpec:
    """Three entries, a call and a model call for each."""
    inside = (node("a", "http", url=f"{url}/a", parent="box"), node("ask", "llm", parent="box", **MODEL))
    box = node("box", "map", items=[1, 2, 3], parallel=2)
    return spec_of(node("start", "start"), box, *inside, node("end", "end"), edges="start>box a>ask box>end")


def looped(_uow: UnitOfWork, url: str) -> WorkflowSpec:
    """Three passes."""
    inside = (node("a", "http", url=f"{url}/a", parent="box"), node("ask", "llm", parent="box", **MODEL))
    box = node("box", "loop", condition="loop.index >= 3")
    return spec_of(node("start", "start"), box, *inside, node("end", "end"), edges="start>box a>ask box>end")


def with_children(uow: UnitOfWork, url: str) -> WorkflowSpec:
    """Three children that call and ask."""
    child = spec_of(
        node("start", "start"),
        node("a", "http", url=f"{url}/a"),
        node("ask", "llm", **MODEL),
        node("end", "end"),
        edges="start>a a>ask ask>end",
    )
    inner = make_workflow(uow, child, name="Inner")
    box = node("box", "map", items=[1, 2, 3], parallel=3)
    return spec_of(node("start", "start"), box, call(inner, parent="box"), node("end", "end"), edges="start>box box>end")


def waiting(_uow: UnitOfWork, url: str) -> WorkflowSpec:
    """Pauses between calls, so that it parks and is woken."""
    return spec_of(
        node("start", "start"),
        node("a", "http", url=f"{url}/a"),
        node("nap", "delay", duration_s=1),
        node("b", "http", url=f"{url}/b"),
        node("rest", "delay", duration_s=1),
        node("ask", "llm", **MODEL),
        node("end", "end"),
        edges="start>a a>nap nap>b b>rest rest>ask ask>end",
    )


STORIES: dict[str, Callable[[UnitOfWork, str], WorkflowSpec]] = {
    "map": mapped,
    "loop": looped,
    "children": with_children,
    "waits": waiting,
}
FAULTS = ["after_commit:2", "after_call_before_commit", "before_call:2"]


@pytest.mark.long
@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("story", STORIES)
def test_lives_that_end_early_still_bring_a_run_to_its_end(story: str, fault: str, wiring: Wiring, actor: Actor, service: Service) -> None:
    _, url = service
    with wiring.unit(actor) as uow:
        run_id = start_run(uow, workflow_id=make_workflow(uow, STORIES[story](uow, url)).id, inputs={}).id
    lives = 0

    def has_more() -> bool:
        return bool(set(statuses(wiring).values()) - set(OVER))

    while lives < MOST_LIVES and has_more():
        lives += 1
        # now and then one lives long enough to get on; on a busy machine its lease is not to run out, which would count as a death
        armed = {"AF_FAULT": fault} if lives % 3 else {"AF_LEASE_S": "30"}
        process = WorkerProcess(wiring.settings, **armed)
        try:
            until(lambda: not process.is_alive or not has_more(), timeout_s=180, what="its death or the end")  # noqa: B023
        finally:
            process.kill()
    assert wait_for(wiring, actor, run_id).status == "succeeded"
    assert lives > 1
    check_invariants(wiring)


@pytest.mark.parametrize("fault", [pytest.param("after_commit:4", marks=pytest.mark.long), "after_call_before_commit:2"])
def test_a_worker_killed_among_children_is_replaced(fault: str, wiring: Wiring, actor: Actor, service: Service) -> None:
    called, url = service
    with wiring.unit(actor) as uow:
        run_id = start_run(uow, workflow_id=make_workflow(uow, with_children(uow, url)).id, inputs={}).id
    with worker(wiring.settings, AF_FAULT=fault) as doomed:
        assert doomed.wait_dead() == -signal.SIGKILL
    with worker(wiring.settings):
        assert wait_for(wiring, actor, run_id).status == "succeeded"
    assert 3 <= called.calls["a"] <= 6
    assert set(statuses(wiring).values()) == {"succeeded"}
    check_invariants(wiring)


def test_stopped_one_after_the_other_in_the_middle_of_a_burst(wiring: Wiring, actor: Actor, service: Service) -> None:
    called, url = service
    called.delay_s = 0.05
    spec = spec_of(node("start", "start"), node("a", "http", url=f"{url}/a"), node("end", "end"), edges="start>a a>end")
    with wiring.unit(actor) as uow:
        workflow_id = make_workflow(uow, spec).id
        rows = [start_run(uow, workflow_id=workflow_id, inputs={}) for _ in range(60)]
    for goal in (5, 25, 45):
        with worker(wiring.settings, AF_WORKER_CONCURRENCY="3", AF_LEASE_S="60") as leaving:
            until(lambda: called.calls["a"] >= goal, what="some calls")  # noqa: B023 - asked for at once
            assert leaving.stop() == 0
    with worker(wiring.settings, AF_LEASE_S="60"):
        for row in rows:
            assert wait_for(wiring, actor, row.id).status == "succeeded"
    assert called.calls == {"a": 60}
    check_invariants(wiring)
