"""What others write to a run between two commits of its worker reaches the driver, and a run that parks meanwhile is rung for again."""

import asyncio
import uuid
from collections.abc import AsyncIterator

import pytest

from app.core.uow import Actor
from app.jobs.journal import RunJournal
from app.jobs.leases import Active, LeaseKeeper
from app.jobs.writer import Writer
from app.services.runs import decide_approval, get_run_row, list_approvals, start_run
from app.services.runs.claim import Claimed
from app.wiring import Wiring
from engine.run.events import EventType, JournalEvent
from models.base import utc_now
from tests.support.waiting import until_async
from tests.support.workflows import asking, make_workflow


class Heard:
    """Stands in for the driver: remembers what it is told."""

    def __init__(self) -> None:
        self.events: list[JournalEvent] = []

    def deliver(self, event: JournalEvent) -> None:
        """News."""
        self.events.append(event)

    def cancel(self, by: str | None = None) -> None:
        """Nobody cancels here."""
        raise AssertionError(f"cancelled by {by}")


@pytest.fixture
async def writer(wiring: Wiring) -> AsyncIterator[Writer]:
    """A running writer."""
    running = Writer(wiring.database, hooks={}, owner="test", lease_s=60)
    running.start()
    yield running
    await asyncio.to_thread(running.stop)


def event(kind: EventType, node: str | None = None, **data: object) -> JournalEvent:
    return JournalEvent(kind, utc_now(), node, "", data)  # type: ignore[arg-type]


WAITS = {"reason": "approval", "until": None, "attempt": 1}
REQUEST = {"title": "Refund?", "message": "", "fields": [], "values": [], "buttons": [{"id": "approve", "label": "Yes"}]}


async def asked(wiring: Wiring, actor: Actor, writer: Writer) -> tuple[uuid.UUID, Claimed, RunJournal]:
    """A held run whose decision came in between two commits."""
    with wiring.unit(actor) as uow:
        run_id = start_run(uow, workflow_id=make_workflow(uow, asking()).id, inputs={}).id
    claimed = await writer.claim(run_id)
    assert claimed is not None
    journal = RunJournal(claimed, writer, label=str, effectful=(), on_commit=lambda *_: None, on_news=lambda: None)
    await journal.commit([event(EventType.NODE_WAITING, "ask", request=REQUEST, **WAITS)])
    with wiring.unit(actor) as uow:
        decide_approval(uow, approval_id=list_approvals(uow)[0].id, button="approve")
    assert not journal.has_unread
    await journal.commit([event(EventType.NODE_FINISHED, "start", attempt=1, output={}, port="out", ms=1.0)])
    assert journal.has_unread
    return run_id, claimed, journal


async def test_a_run_that_parks_before_it_heard_is_rung_for_again(wiring: Wiring, actor: Actor, writer: Writer) -> None:
    run_id, _, journal = await asked(wiring, actor, writer)
    await journal.commit([event(EventType.RUN_WAITING, wake_at=None, reasons=[{"node": "ask", "iteration": "", **WAITS}])])
    assert journal.must_ring
    assert wiring.call(get_run_row, actor, run_id=run_id).status == "queued"


@pytest.mark.parametrize("turns", range(6))
async def test_keeping_leases_ends_even_while_news_come_in(wiring: Wiring, actor: Actor, writer: Writer, turns: int) -> None:
    run_id, claimed, journal = await asked(wiring, actor, writer)
    active = Active(run_id, claimed=claimed, driver=Heard(), journal=journal)  # type: ignore[arg-type]
    keeper = LeaseKeeper({run_id: active}, wiring.database, owner="test", lease_s=60)
    keeper.start()
    await asyncio.sleep(0)
    keeper.look(run_id)
    for _ in range(turns):
        await asyncio.sleep(0)
    async with asyncio.timeout(60):
        await keeper.stop()
    assert not keeper.is_alive


async def test_the_driver_hears_what_crossed_with_a_commit_once(wiring: Wiring, actor: Actor, writer: Writer) -> None:
    run_id, claimed, journal = await asked(wiring, actor, writer)
    driver = Heard()
    active = Active(run_id, claimed=claimed, driver=driver, journal=journal)  # type: ignore[arg-type]
    keeper = LeaseKeeper({run_id: active}, wiring.database, owner="test", lease_s=60)
    keeper.start()
    try:
        keeper.look(run_id)
        await until_async(lambda: driver.events, what="the news")
        await until_async(lambda: not journal.has_unread, what="the end of the reading")
        keeper.look(run_id)
        await journal.commit([event(EventType.RUN_WAITING, wake_at=None, reasons=[{"node": "ask", "iteration": "", **WAITS}])])
    finally:
        await keeper.stop()
    assert [found.type for found in driver.events] == [EventType.NODE_RESUMED]
