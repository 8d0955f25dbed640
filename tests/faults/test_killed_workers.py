"""Workers that die without a word, freeze past their lease or are told to stop: another one goes on, nothing happens twice."""

import signal

import pytest

from app.core.uow import Actor
from app.services.runs import get_run, get_step, resolve_unknown_effect
from app.wiring import Wiring
from tests.support.called import Begin, Service, calling
from tests.support.invariants import check_invariants
from tests.support.waiting import until
from tests.support.workers import WorkerProcess, wait_for, worker


@pytest.mark.parametrize(
    ("fault", "calls"),
    [
        ("after_claim", {"a": 1, "b": 1, "c": 1}),
        ("before_call:2", {"a": 1, "b": 1, "c": 1}),
        ("after_call_before_commit:2", {"a": 1, "b": 2, "c": 1}),
        ("after_commit:3", None),
    ],
)
def test_a_killed_worker_is_replaced_at_the_interrupted_step(
    fault: str, calls: dict[str, int] | None, wiring: Wiring, actor: Actor, begin: Begin, service: Service
) -> None:
    called, url = service
    with worker(wiring.settings, AF_FAULT=fault) as doomed:
        row = begin(calling(url, "a", "b", "c"))
        assert doomed.wait_dead() == -signal.SIGKILL
    with worker(wiring.settings):
        assert wait_for(wiring, actor, row.id).status == "succeeded"
    assert calls is None or called.calls == calls
    assert max(called.calls.values()) <= 2
    check_invariants(wiring, [row.id])


@pytest.mark.parametrize(
    ("action", "calls", "status"),
    [pytest.param("done", 1, "succeeded", marks=pytest.mark.long), ("repeat", 2, "succeeded"), ("fail", 1, "failed")],
)
def test_an_interrupted_call_with_effects_asks_a_person(
    action: str, calls: int, status: str, wiring: Wiring, actor: Actor, begin: Begin, service: Service
) -> None:
    called, url = service
    with worker(wiring.settings, AF_FAULT="after_call_before_commit") as doomed:
        row = begin(calling(url, "pay", method="POST"))
        doomed.wait_dead()
    with worker(wiring.settings):
        waiting = wait_for(wiring, actor, row.id, "waiting")
        assert "decide whether to repeat it" in waiting.waiting_for
        check_invariants(wiring, [row.id])
        with wiring.unit(actor) as uow:
            assert get_step(uow, run_id=row.id, node="pay").row.status == "unknown"
            resolve_unknown_effect(uow, run_id=row.id, node="pay", action=action, value={"name": "pay"})
        assert wait_for(wiring, actor, row.id).status == status
    assert called.calls == {"pay": calls}
    assert len(called.keys) == 1, "a repeated call carries the same Idempotency-Key"
    check_invariants(wiring, [row.id])


def test_a_frozen_worker_cannot_write_once_another_one_took_over(wiring: Wiring, actor: Actor, begin: Begin, service: Service) -> None:
    called, url = service
    called.delay_s = 0.5
    with worker(wiring.settings, AF_LEASE_S="1") as frozen:
        row = begin(calling(url, "a", "b"))
        until(lambda: called.calls["a"], what="the first call")
        frozen.send(signal.SIGSTOP)
        with worker(wiring.settings, AF_LEASE_S="1"):
            assert wait_for(wiring, actor, row.id).status == "succeeded"
            frozen.send(signal.SIGCONT)
            until(lambda: "lease is lost" in frozen.log or "belongs to another worker" in frozen.log, what="the zombie's insight")
            assert frozen.is_alive
    assert called.calls == {"a": 2, "b": 1}
    check_invariants(wiring, [row.id])


def test_a_worker_told_to_stop_hands_its_runs_on(wiring: Wiring, actor: Actor, begin: Begin, service: Service) -> None:
    called, url = service
    called.delay_s = 3.0
    with worker(wiring.settings, AF_LEASE_S="60") as leaving:
        row = begin(calling(url, "a"))
        until(lambda: called.calls["a"], what="the call")
        assert leaving.stop() == 0
        assert "Traceback" not in leaving.log
    called.delay_s = 0.0
    with worker(wiring.settings):
        assert wait_for(wiring, actor, row.id).status == "succeeded"
    check_invariants(wiring, [row.id])


def test_a_run_that_kills_every_worker_is_ended(wiring: Wiring, actor: Actor, begin: Begin, service: Service) -> None:
    _, url = service
    row = begin(calling(url, "a"))
    for _ in range(4):
        process = WorkerProcess(wiring.settings, AF_FAULT="before_call", AF_LEASE_S="1")
        try:
            process.wait_dead()
        finally:
            process.kill()
    with worker(wiring.settings, AF_LEASE_S="1"):
        lost = wait_for(wiring, actor, row.id)
    assert lost.status == "failed"
    with wiring.unit(actor, write=False) as uow:
        error = get_run(uow, run_id=row.id).error
    assert error is not None
    assert error["code"] == "worker_lost"
    check_invariants(wiring, [row.id])


def test_every_run_of_a_burst_ends_once_though_a_worker_is_killed_in_the_middle(
    wiring: Wiring, actor: Actor, begin: Begin, service: Service
) -> None:
    called, url = service
    called.delay_s = 0.05
    with worker(wiring.settings) as first, worker(wiring.settings):
        rows = [begin(calling(url, "a", "b", "c")) for _ in range(40)]
        until(lambda: called.calls["b"] >= 10, what="the middle of the burst")
        first.kill()
        for row in rows:
            assert wait_for(wiring, actor, row.id).status == "succeeded"
    check_invariants(wiring, [row.id for row in rows])


def test_a_repeated_doorbell_runs_nothing_twice(wiring: Wiring, actor: Actor, begin: Begin, service: Service) -> None:
    called, url = service
    called.delay_s = 0.1
    with worker(wiring.settings), worker(wiring.settings):
        row = begin(calling(url, "a", "b"))
        for _ in range(10):
            wiring.ports.queue.ring_run(row.id)
        assert wait_for(wiring, actor, row.id).status == "succeeded"
    assert called.calls == {"a": 1, "b": 1}
    check_invariants(wiring, [row.id])
