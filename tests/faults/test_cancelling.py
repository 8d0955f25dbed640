"""Cancelled in every state a run can be in: it ends as cancelled, all of it, once, and nothing outside is called any more."""

import asyncio
import signal
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from app.adapters.live_redis import RedisLiveFeed
from app.core.uow import Actor
from app.services.runs import cancel_run, get_run, read_events, start_chat_run, start_run
from app.views.runs import RunRow
from app.wiring import Wiring, build_wiring
from engine.json import JsonObject
from engine.spec.agent import AgentSpec
from engine.spec.workflow import NodeSpec, WorkflowSpec
from tests.support.called import Begin, CalledService, Service, calling
from tests.support.fake_openai import fake_openai
from tests.support.families import call
from tests.support.invariants import check_invariants, statuses
from tests.support.waiting import until
from tests.support.workers import wait_for, worker
from tests.support.workflows import asking, make_workflow, node, spec_of

LONG_S = 600.0
CONTAINERS: dict[str, dict[str, Any]] = {
    "loop": {"condition": "loop.index >= 5"},
    "batch": {"items": list(range(6)), "size": 2, "parallel": 2},
    "map": {"items": list(range(6)), "parallel": 3},
    "region": {},
}


def around(kind: str, config: dict[str, Any], *inside: NodeSpec, edges: str = "") -> WorkflowSpec:
    """Start, a container with steps inside it, and an end."""
    box = node("box", kind, **config)
    return spec_of(node("start", "start"), box, *inside, node("end", "end"), edges=f"start>box box>end {edges}")


def parked(kind: str, **config: Any) -> WorkflowSpec:
    """Waits at one step."""
    return spec_of(node("start", "start"), node("pause", kind, **config), node("end", "end"), edges="start>pause pause>end")


def check_stopped(wiring: Wiring, actor: Actor, run_id: object, called: CalledService | None = None) -> None:
    """Cancelled for good: it says so once, a second wish changes nothing, and its services hear no more."""
    detail = wiring.call(get_run, actor, run_id=run_id)
    assert detail.row.status == "cancelled"
    assert not {step.status for step in detail.steps} & {"running", "waiting", "unknown"}
    before = wiring.call(read_events, actor, run_id=run_id)
    assert wiring.call(cancel_run, actor, run_id=run_id).status == "cancelled"
    assert wiring.call(read_events, actor, run_id=run_id) == before
    if called is not None:
        seen = dict(called.calls)
        with wiring.unit(actor) as uow:
            other = start_run(uow, workflow_id=make_workflow(uow).id, inputs={"name": "Ada"})
        assert wait_for(wiring, actor, other.id).status == "succeeded"
        assert called.calls == seen


WAITS: dict[str, WorkflowSpec] = {
    "an approval": asking(),
    "a delay": parked("delay", duration_s=LONG_S),
    "a signal": parked("wait", key="never"),
}


def test_while_it_waits(wiring: Wiring, actor: Actor, begin: Begin) -> None:
    with worker(wiring.settings):
        rows = [begin(spec) for spec in WAITS.values()]
        for row in rows:
            wait_for(wiring, actor, row.id, "waiting")
            assert wiring.call(cancel_run, actor, run_id=row.id).status == "cancelled"
            check_stopped(wiring, actor, row.id)
    check_invariants(wiring)


def test_in_the_middle_of_calls_inside_containers(wiring: Wiring, actor: Actor, begin: Begin, service: Service) -> None:
    called, url = service
    called.delay_s = LONG_S
    with worker(wiring.settings):
        for kind, config in CONTAINERS.items():
            inside = (node("call", "http", url=f"{url}/{kind}", parent="box"), node("then", "http", url=f"{url}/then", parent="box"))
            row = begin(around(kind, config, *inside, edges="call>then"))
            until(lambda: called.calls[kind], what="the call")  # noqa: B023 - asked for at once
            wiring.call(cancel_run, actor, run_id=row.id)
            assert wait_for(wiring, actor, row.id).status == "cancelled"
            check_stopped(wiring, actor, row.id, called)
    assert called.calls["then"] == 0
    check_invariants(wiring)


def test_while_what_is_inside_containers_waits(wiring: Wiring, actor: Actor, begin: Begin) -> None:
    with worker(wiring.settings):
        for kind, config in CONTAINERS.items():
            row = begin(around(kind, config, node("pause", "approval", parent="box")))
            wait_for(wiring, actor, row.id, "waiting")
            assert wiring.call(cancel_run, actor, run_id=row.id).status == "cancelled"
            check_stopped(wiring, actor, row.id)
    check_invariants(wiring)


def test_in_the_pause_before_another_try(wiring: Wiring, actor: Actor, begin: Begin, service: Service) -> None:
    called, url = service
    called.status = 503
    retry = {"attempts": 5, "delay_s": LONG_S}
    spec = spec_of(node("start", "start"), node("call", "http", url=f"{url}/a", retry=retry), edges="start>call")
    with worker(wiring.settings):
        row = begin(spec)
        wait_for(wiring, actor, row.id, "waiting")
        wiring.call(cancel_run, actor, run_id=row.id)
        check_stopped(wiring, actor, row.id, called)
    assert called.calls == {"a": 1}
    check_invariants(wiring, [row.id])


def test_when_its_worker_is_dead(wiring: Wiring, actor: Actor, begin: Begin, service: Service) -> None:
    called, url = service
    with worker(wiring.settings, AF_FAULT="after_call_before_commit") as doomed:
        row = begin(calling(url, "a", "b"))
        assert doomed.wait_dead() == -signal.SIGKILL
    wiring.call(cancel_run, actor, run_id=row.id)
    with worker(wiring.settings):
        assert wait_for(wiring, actor, row.id).status == "cancelled"
        check_stopped(wiring, actor, row.id, called)
    assert called.calls["b"] == 0
    check_invariants(wiring, [row.id])


def test_while_a_person_is_asked_about_an_interrupted_call(wiring: Wiring, actor: Actor, begin: Begin, service: Service) -> None:
    called, url = service
    with worker(wiring.settings, AF_FAULT="after_call_before_commit") as doomed:
        row = begin(calling(url, "pay", method="POST"))
        doomed.wait_dead()
    with worker(wiring.settings):
        wait_for(wiring, actor, row.id, "waiting")
        wiring.call(cancel_run, actor, run_id=row.id)
        check_stopped(wiring, actor, row.id, called)
    assert called.calls == {"pay": 1}
    check_invariants(wiring, [row.id])


def test_at_its_last_commit_it_ends_one_way_for_good(wiring: Wiring, actor: Actor) -> None:
    with worker(wiring.settings):
        with wiring.unit(actor) as uow:
            workflow_id = make_workflow(uow).id
        rows: list[RunRow] = []
        for number in range(30):
            with wiring.unit(actor) as uow:
                rows.append(start_run(uow, workflow_id=workflow_id, inputs={"name": f"Number {number}"}))
            wiring.call(cancel_run, actor, run_id=rows[-1].id)
        for row in rows:
            assert wait_for(wiring, actor, row.id).status in ("succeeded", "cancelled")
            before = wiring.call(read_events, actor, run_id=row.id)
            wiring.call(cancel_run, actor, run_id=row.id)
            assert wiring.call(read_events, actor, run_id=row.id) == before
    check_invariants(wiring, [row.id for row in rows])


@pytest.mark.parametrize("state", ["at work", "waiting"])
def test_a_parent_takes_its_children_with_it(state: str, wiring: Wiring, actor: Actor, service: Service) -> None:
    called, url = service
    called.delay_s = LONG_S
    with worker(wiring.settings):
        with wiring.unit(actor) as uow:
            inner = make_workflow(uow, calling(url, "a", "b") if state == "at work" else asking(), name="Inner")
            each = node("each", "map", items=list(range(4)), parallel=4)
            spec = spec_of(node("start", "start"), each, call(inner, parent="each"), node("end", "end"), edges="start>each each>end")
            row = start_run(uow, workflow_id=make_workflow(uow, spec, name="Outer").id, inputs={})
        if state == "at work":
            until(lambda: called.calls["a"] == 4, what="the calls of all children")
        else:
            until(lambda: list(statuses(wiring).values()).count("waiting") == 5, what="five waiting runs")
        wiring.call(cancel_run, actor, run_id=row.id)
        until(lambda: set(statuses(wiring).values()) == {"cancelled"}, what="the end of all")
        check_stopped(wiring, actor, row.id, called)
    assert called.calls["b"] == 0
    check_invariants(wiring)


def first_words(redis_url: str, run_id: uuid.UUID) -> str:
    """The first piece of an answer; in a thread of its own, since the browser of other tests keeps a loop running in this one."""

    async def listen() -> str:
        feed = RedisLiveFeed(redis_url)
        try:
            async for update in feed.follow(run_id, idle_s=60.0):
                if update.kind == "text":
                    return "text"
        finally:
            await feed.aclose()
        return ""

    with ThreadPoolExecutor(1) as threads:
        return threads.submit(asyncio.run, listen()).result(120)


def test_between_two_pieces_of_a_models_answer(wiring: Wiring, actor: Actor) -> None:
    with fake_openai() as provider:
        provider.behaviour = "slow_middle"
        provider_urls = {"openai": f"{provider.url}/v1"}
        mine = build_wiring(replace(wiring.settings, provider_keys={"openai": "sk-test"}, provider_urls=provider_urls))
        address = {"OPENAI_API_KEY": "sk-test", "OPENAI_BASE_URL": f"{provider.url}/v1"}
        with worker(wiring.settings, module="tests.support.shipped_worker", **address):
            with mine.unit(actor) as uow:
                spec = AgentSpec(name="Helper", model="openai/gpt-4.1-mini", instructions="Help.")
                messages: list[JsonObject] = [{"role": "user", "content": "Hello?"}]
                run_id = start_chat_run(uow, conversation_id=None, spec=spec, messages=messages, title="Chat")  # type: ignore[arg-type]
            assert first_words(wiring.settings.redis_url, run_id) == "text"
            wiring.call(cancel_run, actor, run_id=run_id)
            assert wait_for(wiring, actor, run_id).status == "cancelled"
            until(lambda: provider.hang_ups == 1, what="the end of the call")
        mine.database.dispose()
    assert len(provider.requests) == 1
    check_invariants(wiring)
