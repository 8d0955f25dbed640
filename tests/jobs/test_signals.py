"""Signals on real workers: kept or taken, sent by steps of other runs, never by the timeout as well, and cancelled within a second."""

import uuid

from app.core.uow import Actor
from app.services.runs import cancel_run, get_run, read_events, send_signal, start_run
from app.wiring import Wiring
from engine.spec.workflow import WorkflowSpec
from tests.support.invariants import check_invariants
from tests.support.workers import row_of, wait_for, worker
from tests.support.workflows import make_workflow, node, spec_of


def waiting(**config: object) -> WorkflowSpec:
    """Waits for a signal, and gives its value or that it came too late."""
    spec = spec_of(
        node("start", "start"),
        node("paid", "wait", key="order-7", **config),
        node("end", "end", output="{{ paid.value }}"),
        node("late", "end", output="late"),
        edges="start>paid paid>end" + (" paid.timeout>late" if config else ""),
    )
    return spec if config else spec.model_copy(update={"nodes": spec.nodes[:3]})


def begin(wiring: Wiring, actor: Actor, spec: WorkflowSpec) -> uuid.UUID:
    with wiring.unit(actor) as uow:
        return start_run(uow, workflow_id=make_workflow(uow, spec).id, inputs={}).id


def output(wiring: Wiring, actor: Actor, run_id: uuid.UUID) -> object:
    with wiring.unit(actor, write=False) as uow:
        return get_run(uow, run_id=run_id).output


def test_signals_reach_waiting_steps_and_kept_ones_later_steps(wiring: Wiring, actor: Actor) -> None:
    with worker(wiring.settings) as process:
        first = begin(wiring, actor, waiting())
        wait_for(wiring, actor, first, "waiting")
        with wiring.unit(actor) as uow:
            assert send_signal(uow, key="order-7", value=1).run_id == first
            assert send_signal(uow, key="order-7", value=2).run_id is None
        assert wait_for(wiring, actor, first).status == "succeeded", process.log
        second = begin(wiring, actor, waiting())
        assert wait_for(wiring, actor, second).status == "succeeded", process.log
    assert (output(wiring, actor, first), output(wiring, actor, second)) == (1, 2)
    check_invariants(wiring, [first, second])


def test_a_step_of_another_run_sends_a_signal(wiring: Wiring, actor: Actor) -> None:
    sending = spec_of(node("start", "start"), node("tell", "signal", key="order-7", value={"paid": True}), edges="start>tell")
    with worker(wiring.settings) as process:
        run_id = begin(wiring, actor, waiting())
        wait_for(wiring, actor, run_id, "waiting")
        sender = begin(wiring, actor, sending)
        assert wait_for(wiring, actor, run_id).status == "succeeded", process.log
        assert wait_for(wiring, actor, sender).status == "succeeded", process.log
    assert output(wiring, actor, run_id) == {"paid": True}
    check_invariants(wiring, [run_id, sender])


def test_the_timeout_and_cancelling_end_the_wait_for_good(wiring: Wiring, actor: Actor) -> None:
    with worker(wiring.settings) as process:
        late, stopped = begin(wiring, actor, waiting(limit_s=0.5)), begin(wiring, actor, waiting())
        assert wait_for(wiring, actor, late).status == "succeeded", process.log
        wait_for(wiring, actor, stopped, "waiting")
        with wiring.unit(actor) as uow:
            cancel_run(uow, run_id=stopped)
        assert row_of(wiring, actor, stopped).status == "cancelled"
        with wiring.unit(actor) as uow:
            assert send_signal(uow, key="order-7").run_id is None
            assert [event.type for event in read_events(uow, run_id=stopped)][-1] == "run_cancelled"
    assert output(wiring, actor, late) == "late"
    check_invariants(wiring, [late, stopped])
