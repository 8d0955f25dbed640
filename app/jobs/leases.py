"""Keeps the leases of the runs a worker holds, and brings them the news: cancel requests and people's decisions."""

import asyncio
import logging
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import Engine
from sqlalchemy.exc import SQLAlchemyError

from app.adapters.live_publisher import LivePublisher
from app.jobs.journal import RunJournal
from app.services.runs.claim import Claimed, Held, read_fences, read_held, read_news, renew_leases
from engine.run.driver import Driver
from engine.run.events import JournalEvent

log = logging.getLogger(__name__)
BLIND_POLL_S = 1.0  # how often rows are read while the control channel is down
BEATS_PER_LEASE = 4
T = TypeVar("T")


@dataclass(slots=True, eq=False)
class Active:
    """One run this process holds or tries to hold."""

    run_id: uuid.UUID
    task: "asyncio.Task[None] | None" = None
    claimed: Claimed | None = None
    driver: Driver | None = None
    journal: RunJournal | None = None
    is_lost: bool = False
    must_ring: bool = False
    delivered: set[int] = field(default_factory=set[int])


class LeaseKeeper:
    """Reads and renews on connections of its own, so that a slow writer never costs a lease."""

    def __init__(self, active: Mapping[uuid.UUID, Active], database: Engine, *, owner: str, lease_s: float) -> None:
        self.live: LivePublisher | None = None
        self._active = active
        self._database = database
        self._owner = owner
        self._lease_s = lease_s
        self._renewed_at = time.monotonic()
        self._wanted: set[uuid.UUID] = set()
        self._wake = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begin."""
        self._tasks = [asyncio.create_task(self._renew_forever()), asyncio.create_task(self._look_forever())]

    async def stop(self) -> None:
        """End."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @property
    def is_alive(self) -> bool:
        """Whether both of its tasks still run."""
        return bool(self._tasks) and not any(task.done() for task in self._tasks)

    def look(self, run_id: uuid.UUID) -> None:
        """The run's row has news; harmless for runs that are not held here."""
        if run_id in self._active:
            self._wanted.add(run_id)
            self._wake.set()

    # -- renewing

    async def _renew_forever(self) -> None:
        beat = self._lease_s / BEATS_PER_LEASE
        while True:
            await asyncio.sleep(beat)
            fences = self._fences()
            try:
                held, foreign = await asyncio.to_thread(self._renew, fences) if fences else ([], set[uuid.UUID]())
            except SQLAlchemyError as error:
                log.warning("leases not renewed: %s", error)
                if time.monotonic() - self._renewed_at > self._lease_s - beat:
                    self._lose(set(fences))
                continue
            self._renewed_at = time.monotonic()
            self._lose(foreign)
            await self._take_in(held)

    def _renew(self, fences: Mapping[uuid.UUID, int]) -> tuple[list[Held], set[uuid.UUID]]:
        """Renew, and tell which runs have another owner by now; one that is missing but still ours is just ending."""
        held = self._read(lambda connection: renew_leases(connection, fences, owner=self._owner, lease_s=self._lease_s), writes=True)
        missing = fences.keys() - {row.run_id for row in held}
        if not missing:
            return held, set()
        present = self._read(lambda connection: read_fences(connection, list(missing)))
        return held, {run_id for run_id in missing if present.get(run_id) != fences[run_id]}

    def _fences(self) -> dict[uuid.UUID, int]:
        return {run_id: active.claimed.fence for run_id, active in self._active.items() if active.claimed is not None}

    def _lose(self, run_ids: set[uuid.UUID]) -> None:
        for run_id in run_ids:
            active = self._active.get(run_id)
            if active is not None and not active.is_lost and active.task is not None:
                log.warning("run %s: its lease is lost, stopping it here", run_id)
                active.is_lost = True
                active.task.cancel()

    # -- news

    async def _look_forever(self) -> None:
        while True:
            try:
                async with asyncio.timeout(BLIND_POLL_S):
                    await self._wake.wait()
            except TimeoutError:
                if self.live is not None and not self.live.is_listening:
                    self._wanted.update(self._active)
            self._wake.clear()
            wanted, self._wanted = self._wanted, set()
            fences = {run_id: fence for run_id, fence in self._fences().items() if run_id in wanted}
            if not fences:
                continue
            try:
                held = await asyncio.to_thread(self._look_up, fences)
                await self._take_in(held)
            except SQLAlchemyError as error:
                log.warning("news not read, the next heartbeat brings them: %s", error)

    def _look_up(self, fences: Mapping[uuid.UUID, int]) -> list[Held]:
        return self._read(lambda connection: read_held(connection, fences, owner=self._owner))

    async def _take_in(self, held: Sequence[Held]) -> None:
        for row in held:
            active = self._active.get(row.run_id)
            if active is not None and active.claimed is not None and active.claimed.fence == row.fence:
                await self._inform(active, active.claimed, row)

    async def _inform(self, active: Active, claimed: Claimed, row: Held) -> None:
        driver, journal = active.driver, active.journal
        if driver is None or journal is None:
            return
        if row.cancel_requested_at is not None:
            driver.cancel(None if row.cancel_requested_by is None else str(row.cancel_requested_by))
        elif row.next_seq > journal.known_seq or journal.has_unread:
            heard = journal.reading()
            for seq, event in await asyncio.to_thread(self._read_news, claimed):
                if seq not in active.delivered:
                    active.delivered.add(seq)
                    driver.deliver(event)
            heard()

    def _read_news(self, claimed: Claimed) -> list[tuple[int, JournalEvent]]:
        return self._read(lambda connection: read_news(connection, claimed.run_id, from_seq=claimed.next_seq))

    def _read(self, work: Callable[[sa.Connection], T], *, writes: bool = False) -> T:
        with self._database.connect().execution_options(af_write=writes) as connection, connection.begin():
            return work(connection)
