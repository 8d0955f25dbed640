"""Drives queued runs to their rest inside the test, on the real database and without a worker process."""

import asyncio
import uuid
from collections.abc import Sequence
from typing import Any

from app.core.uow import Actor
from app.jobs.plans import compiled
from app.services.runs import get_run
from app.services.runs.claim import Claimed, claim_runs, read_plans
from app.services.runs.journal import Commit, commit_batch
from app.views.runs import RunDetail
from app.wiring import Wiring
from engine.errors import LeaseLost
from engine.ports import ModelReply, ModelRequest, Usage
from engine.run.driver import Driver
from engine.run.events import JournalEvent
from engine.run.memory import memory_deps
from engine.spec.upgrade import load_plan


class PricedModel:
    """Answers with the last message in capitals, has its price, and counts how often it was asked."""

    def __init__(self) -> None:
        self.requests: list[ModelRequest] = []

    async def complete(self, request: ModelRequest, *, on_text: object = None) -> ModelReply:
        """Answer."""
        self.requests.append(request)
        return ModelReply(request.messages[-1].content.upper(), usage=Usage(10, 5, 100, 1), model=request.model)


class _SqlJournal:
    def __init__(self, wiring: Wiring, claimed: Claimed, effectful: frozenset[str]) -> None:
        self.wiring = wiring
        self.claimed = claimed
        self.effectful = effectful
        self.seq = claimed.next_seq

    async def commit(self, events: Sequence[JournalEvent]) -> None:
        """Write as a worker does."""
        claimed = self.claimed
        order = Commit(
            claimed.run_id, claimed.workspace_id, claimed.fence, self.seq, events, effectful=self.effectful, parent_id=claimed.parent_run_id
        )
        with self.wiring.database.begin() as connection:
            (done,) = commit_batch(connection, [order], hooks=self.wiring.ports.end_hooks)
        if isinstance(done, LeaseLost):
            raise done
        self.seq = done.next_seq


def drive(wiring: Wiring, actor: Actor, run_id: uuid.UUID, **deps: Any) -> RunDetail:
    """Claim the run, work on it until it rests, and return it."""
    work(wiring, run_id, **deps)
    return wiring.call(get_run, actor, run_id=run_id)


def work(wiring: Wiring, run_id: uuid.UUID, **deps: Any) -> None:
    """The same for a run that nobody may look at."""
    with wiring.database.begin() as connection:
        (claimed,) = claim_runs(connection, [run_id], owner="test", lease_s=60)
        content = read_plans(connection, [claimed.plan_id])[claimed.plan_id]
    loaded = compiled(load_plan(content))
    journal = _SqlJournal(wiring, claimed, loaded.effectful)
    asyncio.run(Driver(loaded.plan, claimed.history, memory_deps(str(run_id), **deps), journal).run())
