"""Stopping a drive: cancel, release to another worker, a lost lease, a journal that breaks."""

import asyncio
from typing import Any

import pytest

from engine.errors import Held, LeaseLost
from engine.nodes.base import Effect, NodeContext
from engine.run.events import EventType, JournalEvent
from tests.engine.kit import Drive, Step, edges, make_plan, node


async def test_cancel_stops_a_running_node_at_once() -> None:
    inside = asyncio.Event()

    async def enter(ctx: NodeContext) -> None:
        inside.set()
        await asyncio.Event().wait()

    drive = Drive(make_plan([node("a"), node("b")], edges("a>b"), Step({"a": enter})))
    running = asyncio.create_task(drive.run())
    await inside.wait()
    drive.driver.cancel("user-1")
    async with asyncio.timeout(1):
        outcome = await running
    assert outcome.status == "cancelled"
    assert drive.data(EventType.RUN_CANCELLED) == {"by": "user-1"}
    assert drive.data(EventType.NODE_CANCELLED, "a") == {"reason": "run_cancelled"}


async def test_cancel_does_not_wait_for_a_node_that_will_not_let_go() -> None:
    inside, let_go = asyncio.Event(), asyncio.Event()

    async def stubborn(ctx: NodeContext) -> None:
        inside.set()
        while not let_go.is_set():
            try:
                await let_go.wait()
            except asyncio.CancelledError:
                continue

    drive = Drive(make_plan([node("a")], (), Step({"a": stubborn})))
    running = asyncio.create_task(drive.run())
    await inside.wait()
    drive.driver.cancel()
    async with asyncio.timeout(3):
        assert (await running).status == "cancelled"
    let_go.set()


async def test_release_lets_running_nodes_finish_and_starts_no_more() -> None:
    inside, go_on = asyncio.Event(), asyncio.Event()

    async def gated(ctx: NodeContext) -> str:
        inside.set()
        await go_on.wait()
        return "done"

    drive = Drive(make_plan([node("a"), node("b")], edges("a>b"), Step({"a": gated})))
    running = asyncio.create_task(drive.run())
    await inside.wait()
    drive.driver.release(grace_s=5)
    go_on.set()
    assert (await running).status == "released"
    assert drive.output("a") == "done"
    assert not drive.of(EventType.NODE_STARTED, "b")


async def test_release_abandons_what_does_not_finish_in_time() -> None:
    inside = asyncio.Event()

    async def enter(ctx: NodeContext) -> None:
        inside.set()
        await asyncio.Event().wait()

    step = Step({"a": enter}, Effect.IDEMPOTENT, "idem")
    plan = make_plan([node("a", "idem")], (), step)
    drive = Drive(plan)
    running = asyncio.create_task(drive.run())
    await inside.wait()
    drive.driver.release(grace_s=0.01)
    assert (await running).status == "released"
    step.behave.clear()
    again = Drive(plan, drive.journal.events)
    assert (await again.run()).output == "a"


async def test_a_lost_lease_stops_everything_without_another_write() -> None:
    entered = asyncio.Event()
    stopped: list[str] = []

    async def enter(ctx: NodeContext) -> None:
        entered.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            stopped.append(ctx.node_id)
            raise

    async def wait_then_finish(ctx: NodeContext) -> None:
        await entered.wait()

    drive = Drive(make_plan([node("a"), node("b"), node("c")], edges("b>c"), Step({"a": enter, "b": wait_then_finish})))

    async def take_over() -> None:
        await entered.wait()
        drive.journal.is_taken = True

    taker = asyncio.create_task(take_over())
    before = len(drive.journal.events)
    with pytest.raises(LeaseLost):
        await drive.run()
    await taker
    assert stopped == ["a"]
    assert not drive.of(EventType.NODE_FINISHED)
    assert len(drive.journal.events) >= before


async def test_a_journal_that_breaks_stops_the_drive_with_its_error() -> None:
    class Broken:
        async def commit(self, events: Any) -> None:
            raise OSError("disk full")

    drive = Drive(make_plan([node("a")]))
    drive.driver.recorder.journal = Broken()
    with pytest.raises(OSError, match="disk full"):
        await drive.run()


async def test_a_step_whose_wait_is_over_is_closed_by_a_cancel_that_comes_first() -> None:
    buttons = [{"id": "approve", "label": "Yes"}]
    plan = make_plan([node("ok", "approval", config={"buttons": buttons}), node("b")], edges("ok.approve>b"))
    first = Drive(plan)
    assert (await first.run()).status == "waiting"
    at = first.journal.events[-1].at
    decided = JournalEvent(EventType.NODE_RESUMED, at, "ok", "", {"reason": "approval", "decision": {"button": "approve"}})
    second = Drive(plan, [*first.journal.events, decided])
    second.driver.cancel()
    assert (await second.run()).status == "cancelled"
    assert second.data(EventType.NODE_CANCELLED, "ok") == {"reason": "run_cancelled"}


async def test_when_the_step_that_asked_about_a_budget_is_cancelled_another_that_waits_asks() -> None:
    """Of the steps that wait for a budget one asks; the loser of a race takes its question along."""
    both_wait = asyncio.Event()
    tries: list[str] = []

    async def wait_for_money(ctx: NodeContext) -> None:
        tries.append(ctx.node_id)
        if {"slow", "beside"} <= set(tries):
            both_wait.set()
        raise Held("budget", "The limit of 10 tokens is reached.", request={"cap": "tokens"})

    async def win(ctx: NodeContext) -> str:
        await both_wait.wait()
        return "first"

    race = node("done", join="any", others="cancel")
    step = Step({"slow": wait_for_money, "beside": wait_for_money, "fast": win})
    plan = make_plan([node("slow"), node("fast"), race, node("beside")], edges("slow>done", "fast>done"), step)
    drive = Drive(plan)
    assert (await drive.run()).status == "waiting"
    assert [event.data["request"].get("asks") for event in drive.of(EventType.NODE_WAITING, "slow")] == [True]
    assert drive.data(EventType.NODE_CANCELLED, "slow")
    assert [event.data["request"].get("asks") for event in drive.of(EventType.NODE_WAITING, "beside")] == [None, True]

    again = Drive(plan, drive.journal.events)
    assert (await again.run()).status == "waiting"
    assert again.of(EventType.NODE_WAITING) == drive.of(EventType.NODE_WAITING), "a question that stands is not asked again"
