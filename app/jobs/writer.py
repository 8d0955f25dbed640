"""One thread per worker process that writes for all its runs: what gathers while a transaction is on its way shares the next one."""

import asyncio
import logging
import queue
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy.engine import Engine

from app.core.database_away import AWAY
from app.core.endings import EndHooks
from app.services.budgets.reserving import Refusal, Wish, release_holds, reserve_all
from app.services.runs.claim import Claimed, claim_runs
from app.services.runs.families import Told
from app.services.runs.journal import Commit, Committed, commit_batch
from engine.errors import LeaseLost

log = logging.getLogger(__name__)
MAX_BATCH = 256
_RETRY_S = (0.02, 0.05, 0.1, 0.25, 0.5, 1.0)
_LATER = object()  # the answer to an order that is tried again


@dataclass(frozen=True, slots=True)
class ClaimRequest:
    """The wish to own a run; answered with Claimed, or None when it is not to be had."""

    run_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class Release:
    """The wish to give back what was reserved for a call that needs it no more."""

    hold_id: uuid.UUID


Order = Commit | ClaimRequest | Wish | Release


@dataclass(slots=True)
class _Order:
    what: Order
    future: "asyncio.Future[Any]"
    since: float


class Writer:
    """Accepts orders from one event loop; `lease_s` bounds how long an unreachable database is waited for.

    `on_told` is called on that loop with what a durable transaction made necessary for other runs.
    """

    def __init__(self, database: Engine, *, hooks: EndHooks, owner: str, lease_s: float) -> None:
        self.on_told: Callable[[Told], None] = lambda _told: None
        self._database = database
        self._hooks = hooks
        self._owner = owner
        self._lease_s = lease_s
        self._orders: queue.SimpleQueue[_Order | None] = queue.SimpleQueue()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = threading.Thread(target=self._run, name="writer", daemon=True)
        self.batches = 0
        self.written = 0

    def start(self) -> None:
        """Begin, bound to the running event loop."""
        self._loop = asyncio.get_running_loop()
        self._thread.start()

    @property
    def is_alive(self) -> bool:
        """Whether the thread still runs."""
        return self._thread.is_alive()

    def stop(self) -> None:
        """Finish what was ordered, then end."""
        self._orders.put(None)
        self._thread.join()

    async def commit(self, commit: Commit) -> Committed:
        """Make the events durable, or raise LeaseLost."""
        return await self._order(commit)

    async def claim(self, run_id: uuid.UUID) -> Claimed | None:
        """Take the run, if it may be taken."""
        return await self._order(ClaimRequest(run_id))

    async def reserve(self, wish: Wish) -> Refusal | int:
        """Reserve for a model call; the number of budgets it counts against, or why it may not be made."""
        return await self._order(wish)

    def release(self, hold_id: uuid.UUID) -> None:
        """Give it back, some time soon."""
        self._orders.put(_Order(Release(hold_id), asyncio.get_running_loop().create_future(), time.monotonic()))

    async def _order(self, what: Order) -> Any:
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._orders.put(_Order(what, future, time.monotonic()))
        return await future

    # -- the thread

    def _run(self) -> None:
        while (first := self._orders.get()) is not None:
            batch = [first]
            is_last = False
            while len(batch) < MAX_BATCH and not self._orders.empty():
                order = self._orders.get()
                if order is None:
                    is_last = True
                    break
                batch.append(order)
            self._answer(batch, self._write_patiently(batch))
            if is_last:
                return

    def _write_patiently(self, batch: list[_Order]) -> list[Any]:
        """Try until the database answers; after the lease's length the runs count as lost."""
        tries = 0
        while True:
            try:
                return self._write(batch)
            except AWAY as error:
                why = getattr(error, "orig", error)
                if time.monotonic() - batch[0].since > self._lease_s:
                    log.error("the database did not answer for %.0f s; giving up %d orders: %s", self._lease_s, len(batch), why)
                    return [self._too_late(order) for order in batch]
                log.warning("the database did not answer; trying again: %s", why)
                time.sleep(_RETRY_S[min(tries, len(_RETRY_S) - 1)])
                tries += 1
                for order in batch:
                    if isinstance(order.what, Commit):
                        order.what = replace(order.what, is_repeated=True)
            except Exception as error:  # noqa: BLE001 - one run's unstorable value must not fail the others; it is handed to its driver
                if len(batch) == 1:
                    return [error]
                return [self._write_patiently([order])[0] for order in batch]

    def _too_late(self, order: _Order) -> Any:
        """A commit has lost its lease by now. A claim has nothing to lose and is tried again: given up, nobody would ring for it soon."""
        if isinstance(order.what, Commit):
            return LeaseLost("the database did not answer in time")
        if not order.future.done():
            self._orders.put(replace(order, since=time.monotonic()))
        return _LATER

    def _write(self, batch: Sequence[_Order]) -> list[Any]:
        commits = [order.what for order in batch if isinstance(order.what, Commit)]
        claims = [order.what.run_id for order in batch if isinstance(order.what, ClaimRequest)]
        wishes = [order.what for order in batch if isinstance(order.what, Wish)]
        releases = [order.what.hold_id for order in batch if isinstance(order.what, Release)]
        told = Told()
        with self._database.begin() as connection:
            committed = iter(commit_batch(connection, commits, hooks=self._hooks, told=told) if commits else ())
            taken = claim_runs(connection, claims, owner=self._owner, lease_s=self._lease_s) if claims else []
            if releases:
                release_holds(connection, releases)
            granted = iter(reserve_all(connection, wishes) if wishes else ())
        self._tell(told)
        self.batches += 1
        self.written += len(batch)
        claimed = {claim.run_id: claim for claim in taken}
        return [_answer_to(order.what, committed, claimed, granted) for order in batch]

    def _tell(self, told: Told) -> None:
        if not told.is_empty and self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self.on_told, told)

    def _answer(self, batch: Sequence[_Order], answers: Sequence[Any]) -> None:
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(_resolve, batch, answers)


def _answer_to(what: Order, committed: Iterator[Any], claimed: dict[uuid.UUID, Claimed], granted: Iterator[Refusal | int]) -> Any:
    if isinstance(what, Commit):
        return next(committed)
    if isinstance(what, Wish):
        return next(granted)
    return claimed.pop(what.run_id, None) if isinstance(what, ClaimRequest) else None


def _resolve(batch: Sequence[_Order], answers: Sequence[Any]) -> None:
    for order, answer in zip(batch, answers, strict=True):
        if answer is _LATER or order.future.done():
            continue
        if isinstance(answer, BaseException):
            order.future.set_exception(answer)
        else:
            order.future.set_result(answer)
