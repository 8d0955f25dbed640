"""The writer: what gathers shares a transaction, and one run's unstorable value fails that run alone."""

import asyncio
import uuid
from collections.abc import AsyncIterator

import pytest
import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from app.core.uow import Actor
from app.jobs.writer import Writer
from app.services.runs import get_run, get_step, start_run
from app.services.runs.claim import Claimed
from app.services.runs.journal import Commit, Committed
from app.wiring import Wiring
from engine.errors import LeaseLost
from engine.run.events import EventType, JournalEvent
from models.base import utc_now
from tests.support.waiting import until_async
from tests.support.workflows import make_workflow

RUNS = 20


@pytest.fixture
async def writer(wiring: Wiring) -> AsyncIterator[Writer]:
    """A running writer."""
    running = Writer(wiring.database, hooks={}, owner="test", lease_s=60)
    running.start()
    yield running
    await asyncio.to_thread(running.stop)


def begin(wiring: Wiring, actor: Actor, count: int) -> list[uuid.UUID]:
    with wiring.unit(actor) as uow:
        workflow_id = make_workflow(uow).id
        return [start_run(uow, workflow_id=workflow_id, inputs={"name": str(index)}).id for index in range(count)]


def progress(claimed: Claimed, output: object, *, fence: int | None = None) -> Commit:
    data = {"attempt": 1, "output": output, "port": "out", "ms": 1.0}
    event = JournalEvent(EventType.NODE_FINISHED, utc_now(), "greet", "", data)
    return Commit(claimed.run_id, claimed.workspace_id, claimed.fence if fence is None else fence, claimed.next_seq, [event])


async def test_many_runs_share_few_transactions(wiring: Wiring, actor: Actor, writer: Writer) -> None:
    run_ids = begin(wiring, actor, RUNS)
    claims = await asyncio.gather(*(writer.claim(run_id) for run_id in [*run_ids, uuid.uuid4()]))
    assert [claim.run_id for claim in claims if claim is not None] == run_ids
    held = [claim for claim in claims if claim is not None]
    answers = await asyncio.gather(*(writer.commit(progress(claim, "x")) for claim in held))
    assert [answer.next_seq for answer in answers] == [3] * RUNS
    assert writer.written == 2 * RUNS + 1
    assert writer.batches < RUNS


async def test_an_unstorable_value_fails_its_own_run_alone(wiring: Wiring, actor: Actor, writer: Writer) -> None:
    claims = [claim for run_id in begin(wiring, actor, 3) if (claim := await writer.claim(run_id)) is not None]
    bad, good, zombie = claims
    answers = await asyncio.gather(
        writer.commit(progress(bad, {1, 2})),
        writer.commit(progress(good, "fine")),
        writer.commit(progress(zombie, "late", fence=99)),
        return_exceptions=True,
    )
    assert isinstance(answers[0], Exception)
    assert not isinstance(answers[0], LeaseLost)
    assert isinstance(answers[1], Committed)
    assert isinstance(answers[2], LeaseLost)
    with wiring.unit(actor, write=False) as uow:
        assert [get_run(uow, run_id=claim.run_id).last_seq for claim in claims] == [1, 2, 1]


@pytest.mark.parametrize("value", ["\x00", "\ud800", 2**70, {"b": 1, "a": 2}, "é😀\u202e"])
async def test_values_come_back_as_they_were(value: object, wiring: Wiring, actor: Actor, writer: Writer) -> None:
    (run_id,) = begin(wiring, actor, 1)
    claimed = await writer.claim(run_id)
    assert claimed is not None
    await writer.commit(progress(claimed, {"value": value}))
    with wiring.unit(actor, write=False) as uow:
        assert get_step(uow, run_id=run_id, node="greet").output == {"value": value}


async def test_a_database_that_is_away_for_longer_than_a_lease_costs_a_commit_its_run_but_no_claim(wiring: Wiring, actor: Actor) -> None:
    held, wanted = begin(wiring, actor, 2)
    tries = 0

    def refuse(_connection: sa.Connection) -> None:
        nonlocal tries
        tries += 1
        raise OperationalError("BEGIN", None, Exception("the database is away"))

    running = Writer(wiring.database, hooks={}, owner="test", lease_s=0.2)
    running.start()
    try:
        claimed = await running.claim(held)
        assert claimed is not None
        event.listen(wiring.database, "begin", refuse)
        claim = asyncio.create_task(running.claim(wanted))
        with pytest.raises(LeaseLost):
            await running.commit(progress(claimed, "x"))
        seen = tries
        await until_async(lambda: tries > seen + 3, what="further tries")
        assert not claim.done()
        event.remove(wiring.database, "begin", refuse)
        found = await claim
        assert found is not None
        assert found.run_id == wanted
    finally:
        await asyncio.to_thread(running.stop)
