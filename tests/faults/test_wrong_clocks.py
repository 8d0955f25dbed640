"""Workers whose clocks are an hour off: nothing waits an hour too long or not at all, and no lease is misread."""

from datetime import UTC, datetime
from itertools import pairwise

import pytest

from app.core.uow import Actor
from app.services.runs import decide_approval, list_approvals, read_events
from app.wiring import Wiring
from tests.support.called import Begin, Service
from tests.support.invariants import check_invariants
from tests.support.worker_process import CLOCK
from tests.support.workers import wait_for, worker
from tests.support.workflows import asking, node, spec_of

HOUR = 3600
PAUSE_S = 2.0


@pytest.mark.parametrize("wrong_by", [HOUR, pytest.param(-HOUR, marks=pytest.mark.long)])
def test_a_wait_lasts_as_long_as_it_should(wrong_by: int, wiring: Wiring, actor: Actor, begin: Begin, service: Service) -> None:
    called, url = service
    spec = spec_of(
        node("start", "start"),
        node("nap", "delay", duration_s=PAUSE_S),
        node("call", "http", url=f"{url}/a"),
        node("end", "end"),
        edges="start>nap nap>call call>end",
    )
    with worker(wiring.settings, **{CLOCK: str(wrong_by)}) as process:
        row = begin(spec)
        asked = begin(asking(expires_s=60))
        assert wait_for(wiring, actor, row.id).status == "succeeded"
        wait_for(wiring, actor, asked.id, "waiting")
        (card,) = wiring.call(list_approvals, actor)
        wiring.call(decide_approval, actor, approval_id=card.id, button="approve")
        assert wait_for(wiring, actor, asked.id).status == "succeeded"
        assert "clock is" in process.log
    events = wiring.call(read_events, actor, run_id=row.id)
    assert all(abs((event.at - datetime.now(UTC)).total_seconds()) < HOUR / 2 for event in events)
    assert all(later.at >= earlier.at for earlier, later in pairwise(events[1:]))
    assert called.calls == {"a": 1}
    check_invariants(wiring)
