"""A real RQ worker process: runs go through it, park and go on, stop when cancelled, and bad messages never hurt it."""

import json
import uuid
import zlib
from contextlib import ExitStack
from dataclasses import replace

import redis

from app.core.uow import Actor
from app.services.runs import cancel_run, decide_approval, get_run, get_step, list_approvals, read_events, start_run
from app.views.runs import RunRow
from app.wiring import Wiring
from engine.spec.workflow import WorkflowSpec
from tests.support.called import CalledService
from tests.support.invariants import check_invariants
from tests.support.slow_http import serve
from tests.support.waiting import until
from tests.support.workers import WorkerProcess, row_of, wait_for, worker
from tests.support.workflows import asking, make_workflow, node, spec_of


def begin(wiring: Wiring, actor: Actor, spec: WorkflowSpec | None = None, **inputs: object) -> RunRow:
    """Start a run of a new workflow."""
    with wiring.unit(actor) as uow:
        workflow = make_workflow(uow, spec)
        return start_run(uow, workflow_id=workflow.id, inputs=inputs or ({"name": "Ada"} if spec is None else {}))


def test_a_run_goes_through_the_queue_and_its_journal_is_gapless(wiring: Wiring, actor: Actor, process: WorkerProcess) -> None:
    row = begin(wiring, actor)
    done = wait_for(wiring, actor, row.id)
    assert done.status == "succeeded", process.log
    with wiring.unit(actor, write=False) as uow:
        detail = get_run(uow, run_id=row.id)
        events = read_events(uow, run_id=row.id)
        step = get_step(uow, run_id=row.id, node="greet")
    assert detail.output == "Hello Ada"
    assert {item.node: item.status for item in detail.steps} == {"start": "done", "greet": "done", "end": "done"}
    assert step.output == "Hello Ada"
    assert [event.seq for event in events] == list(range(1, detail.last_seq + 1))


def test_an_approval_parks_the_run_and_a_decision_brings_it_on(wiring: Wiring, actor: Actor, process: WorkerProcess) -> None:
    row = begin(wiring, actor, asking())
    waiting = wait_for(wiring, actor, row.id, "waiting")
    assert waiting.waiting_for == "Waiting for a decision: “Refund?”."
    with wiring.unit(actor) as uow:
        (card,) = list_approvals(uow)
        decided = decide_approval(uow, approval_id=card.id, button="approve", note="fine")
    assert (decided.status, decided.button) == ("decided", "approve")
    assert wait_for(wiring, actor, row.id).status == "succeeded"
    with wiring.unit(actor, write=False) as uow:
        detail = get_run(uow, run_id=row.id)
    assert detail.output == "paid"
    assert detail.approvals[0].decided_by == "Mia Member"


def test_a_decision_reaches_a_run_that_is_still_working(wiring: Wiring, actor: Actor, process: WorkerProcess) -> None:
    called = CalledService()
    called.delay_s = 600.0
    with serve({"/{name}": called.answer}) as server:
        spec = spec_of(
            node("start", "start"),
            node("ask", "approval"),
            node("slow", "http", url=f"{server.url}/slow"),
            node("note", "template", text="decided"),
            edges="start>ask start>slow ask.approve>note",
        )
        row = begin(wiring, actor, spec)
        until(lambda: called.calls["slow"], what="the call")
        with wiring.unit(actor) as uow:
            decide_approval(uow, approval_id=list_approvals(uow)[0].id, button="approve")

        def statuses() -> dict[str, str]:
            with wiring.unit(actor, write=False) as uow:
                return {step.node: step.status for step in get_run(uow, run_id=row.id).steps}

        until(lambda: statuses().get("note") == "done", what="the step after the decision")
        assert statuses()["slow"] == "running"
        with wiring.unit(actor) as uow:
            cancel_run(uow, run_id=row.id)
        assert wait_for(wiring, actor, row.id).status == "cancelled"
    check_invariants(wiring, [row.id])


def test_a_decision_leaves_the_other_waits_of_a_parked_run(wiring: Wiring, actor: Actor, process: WorkerProcess) -> None:
    spec = spec_of(
        node("start", "start"),
        node("ask", "approval"),
        node("long", "delay", duration_s=30),
        node("end", "end", join="all"),
        edges="start>ask start>long ask.approve>end",
    )
    row = begin(wiring, actor, spec)
    wait_for(wiring, actor, row.id, "waiting")
    with wiring.unit(actor) as uow:
        decide_approval(uow, approval_id=list_approvals(uow)[0].id, button="approve")
    until(lambda: "Paused" in row_of(wiring, actor, row.id).waiting_for, what="parking for the delay alone")
    check_invariants(wiring, [row.id])


def test_a_waiting_run_is_cancelled_at_once(wiring: Wiring, actor: Actor, process: WorkerProcess) -> None:
    row = begin(wiring, actor, asking())
    wait_for(wiring, actor, row.id, "waiting")
    with wiring.unit(actor) as uow:
        assert cancel_run(uow, run_id=row.id).status == "cancelled"
        assert list_approvals(uow) == ()


def test_a_delay_ends_by_itself(wiring: Wiring, actor: Actor, process: WorkerProcess) -> None:
    spec = spec_of(node("start", "start"), node("nap", "delay", duration_s=1), node("end", "end", output="up"), edges="start>nap nap>end")
    row = begin(wiring, actor, spec)
    assert wait_for(wiring, actor, row.id, "waiting").waiting_for.startswith("Paused until")
    assert wait_for(wiring, actor, row.id).status == "succeeded"


def test_a_worker_ends_with_status_0_and_hands_its_runs_on(wiring: Wiring, actor: Actor) -> None:
    with ExitStack() as stack:
        first = stack.enter_context(worker(wiring.settings))
        row = begin(wiring, actor)
        wait_for(wiring, actor, row.id)
        assert first.stop() == 0
        assert "Traceback" not in first.log


def test_a_doorbell_lost_with_redis_is_rung_again(wiring: Wiring, actor: Actor) -> None:
    rows = [begin(wiring, actor) for _ in range(3)]
    with redis.Redis.from_url(wiring.settings.redis_url) as client:
        client.flushall()
    with worker(wiring.settings):
        for row in rows:
            assert wait_for(wiring, actor, row.id).status == "succeeded"


def test_runs_start_without_redis(wiring: Wiring, actor: Actor) -> None:
    away = replace(wiring.settings, redis_url="redis://127.0.0.1:4299/0")
    row = begin(wiring, actor)
    process = WorkerProcess(away)
    try:
        assert wait_for(wiring, actor, row.id).status == "succeeded"
    finally:
        process.kill()


POISON = [
    b"",
    b"not json",
    b"\x80\x04\x95cposix\nsystem\n",
    json.dumps(["os.system", None, ["touch /tmp/owned"], {}]).encode(),
    json.dumps(["app.jobs.messages.run", None, ["../../etc"], {}]).encode(),
    json.dumps(["app.jobs.messages.run", None, [], {"a": 1}]).encode(),
    json.dumps({"a": 1}).encode(),
    zlib.compress(b"[" * 2_000_000),
    zlib.compress(b" " * 50_000_000),
]


def test_poisoned_messages_are_set_aside_and_the_worker_lives(wiring: Wiring, actor: Actor, process: WorkerProcess) -> None:
    with redis.Redis.from_url(wiring.settings.redis_url) as client:
        for number, data in enumerate(POISON):
            fields = {"data": data, "created_at": "nonsense", "timeout": "x", "success_callback_name": "os.getpid"}
            client.hset(f"rq:job:bad-{number}", mapping=fields)
            client.rpush("rq:queue:runs", f"bad-{number}")
        client.set("rq:job:text", "not a hash")
        client.rpush("rq:queue:runs", "text", b"\xff\xfe", "nothing-there")
        row = begin(wiring, actor)
        assert wait_for(wiring, actor, row.id).status == "succeeded"
        assert client.llen("af:quarantine") == len(POISON) + 1
        assert all(client.lpos("af:quarantine", f"bad-{number}") is not None for number in range(len(POISON)))
    assert process.is_alive


def test_doorbells_for_unknown_and_finished_runs_do_nothing(wiring: Wiring, actor: Actor, process: WorkerProcess) -> None:
    row = begin(wiring, actor)
    wait_for(wiring, actor, row.id)
    with wiring.unit(actor, write=False) as uow:
        before = read_events(uow, run_id=row.id)
    for _ in range(10):
        wiring.ports.queue.ring_run(row.id)
        wiring.ports.queue.ring_run(uuid.uuid4())
    other = begin(wiring, actor)
    for _ in range(10):
        wiring.ports.queue.ring_run(other.id)
    assert wait_for(wiring, actor, other.id).status == "succeeded"
    with wiring.unit(actor, write=False) as uow:
        assert read_events(uow, run_id=row.id) == before
