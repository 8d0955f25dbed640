"""Workers killed while they work on a fork: what was kept is neither called nor paid for again, and the origin stays as it was."""

import signal

import pytest

from app.core.uow import Actor
from app.services.runs import fork_run, get_step, read_events
from app.wiring import Wiring
from tests.support.called import Begin, Service, calling
from tests.support.invariants import check_invariants
from tests.support.workers import wait_for, worker

LONG = [pytest.param(fault, marks=pytest.mark.long) for fault in ("after_claim", "before_call", "after_commit:2")]


@pytest.mark.parametrize("fault", ["after_call_before_commit", *LONG])
def test_a_fork_goes_on_at_the_interrupted_step_and_keeps_what_it_kept(
    fault: str, wiring: Wiring, actor: Actor, begin: Begin, service: Service
) -> None:
    called, url = service
    with worker(wiring.settings):
        origin = begin(calling(url, "a", "b", "c"))
        assert wait_for(wiring, actor, origin.id).status == "succeeded"
    before = wiring.call(read_events, actor, run_id=origin.id)
    fork = wiring.call(fork_run, actor, run_id=origin.id, node="b")
    with worker(wiring.settings, AF_FAULT=fault) as doomed:
        assert doomed.wait_dead() == -signal.SIGKILL
    with worker(wiring.settings):
        assert wait_for(wiring, actor, fork.id).status == "succeeded"
    assert called.calls["a"] == 1
    assert 2 <= called.calls["b"] <= 3
    assert wiring.call(get_step, actor, run_id=fork.id, node="a").row.reason == "kept"
    assert wiring.call(read_events, actor, run_id=origin.id) == before
    check_invariants(wiring, [origin.id, fork.id])
