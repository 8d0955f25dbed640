"""What people see and do while a run is on its way: streamed text, doorbells of the journal, and a stop within a second."""

from collections.abc import AsyncIterator

import pytest

from app.adapters.live_redis import RedisLiveFeed
from app.core.uow import Actor
from app.services.runs import cancel_run, get_run, read_events, start_chat_run, start_run
from app.wiring import Wiring
from engine.spec.agent import AgentSpec
from models.ids import new_id
from tests.support.called import CalledService, calling
from tests.support.invariants import check_invariants
from tests.support.slow_http import serve
from tests.support.waiting import until
from tests.support.workers import WorkerProcess, row_of, wait_for, worker
from tests.support.workflows import make_workflow


@pytest.fixture
async def live(wiring: Wiring) -> AsyncIterator[RedisLiveFeed]:
    """The live feed, closed at the end."""
    feed = RedisLiveFeed(wiring.settings.redis_url)
    yield feed
    await feed.aclose()


def test_a_running_call_stops_at_the_wish(wiring: Wiring, actor: Actor, process: WorkerProcess) -> None:
    called = CalledService()
    called.delay_s = 600.0
    with serve({"/{name}": called.answer}) as server:
        with wiring.unit(actor) as uow:
            row = start_run(uow, workflow_id=make_workflow(uow, calling(server.url, "a", "b")).id, inputs={})
        until(lambda: called.calls["a"], what="the call")
        with wiring.unit(actor) as uow:
            assert cancel_run(uow, run_id=row.id).waiting_for == "Stopping."
        assert wait_for(wiring, actor, row.id).status == "cancelled"
    assert called.calls == {"a": 1}
    with wiring.unit(actor) as uow:
        cancel_run(uow, run_id=row.id)
        events = read_events(uow, run_id=row.id)
    assert events[-1].type == "run_cancelled"
    assert events[-1].payload == {"by": str(actor.user_id)}
    check_invariants(wiring, [row.id])


def test_a_queued_run_is_cancelled_for_good(wiring: Wiring, actor: Actor) -> None:
    with wiring.unit(actor) as uow:
        row = start_run(uow, workflow_id=make_workflow(uow).id, inputs={"name": "Ada"})
        assert cancel_run(uow, run_id=row.id).status == "cancelled"
    with worker(wiring.settings):
        with wiring.unit(actor) as uow:
            other = start_run(uow, workflow_id=make_workflow(uow).id, inputs={"name": "Bob"})
        wait_for(wiring, actor, other.id)
        assert row_of(wiring, actor, row.id).status == "cancelled"
    check_invariants(wiring, [row.id, other.id])


async def test_a_chat_turn_streams_its_text_and_bills_it_once(
    wiring: Wiring, actor: Actor, process: WorkerProcess, live: RedisLiveFeed
) -> None:
    with wiring.unit(actor) as uow:
        spec = AgentSpec(name="Echo", model="demo/assistant", instructions="Repeat.")
        messages = [{"role": "user", "content": "Hello there"}]
        run_id = start_chat_run(uow, conversation_id=None, spec=spec, messages=messages, title="Chat")  # type: ignore[arg-type]
    seen = [update async for update in live.follow(run_id, idle_s=2.0)]
    assert "".join(update.payload["delta"] for update in seen if update.kind == "text") == "You said: Hello there"
    assert [update for update in seen if update.kind == "journal"]
    with wiring.unit(actor, write=False) as uow:
        detail = get_run(uow, run_id=run_id)
    assert detail.output == "You said: Hello there", process.log
    assert (detail.row.input_tokens, detail.row.output_tokens, detail.row.cost_micros) == (7, 3, 11)
    check_invariants(wiring, [run_id])


async def test_the_feed_goes_on_after_a_cursor(live: RedisLiveFeed) -> None:
    run_id = new_id()
    for index in range(3):
        live.publish(run_id, "text", "n", "", {"delta": str(index)})
    first = await live.read(run_id)
    assert [update.payload["delta"] for update in first] == ["0", "1", "2"]
    assert [update.payload["delta"] for update in await live.read(run_id, cursor=first[1].cursor)] == ["2"]
    assert await live.read(run_id, cursor=first[-1].cursor, wait_s=0.05) == []
