"""Holds up to hundreds of runs at once on one event loop inside a worker: claims, drives, renews leases, hears news, gives back."""

import asyncio
import logging
import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from pydantic import ValidationError
from sqlalchemy.engine import Engine
from sqlalchemy.exc import SQLAlchemyError

from app.adapters.live_publisher import LivePublisher
from app.core.database_away import AWAY
from app.core.errors import Unavailable
from app.core.ports import JobQueue
from app.jobs.calls import Govern, Governor
from app.jobs.faults import AFTER_CLAIM, AFTER_COMMIT, Faults
from app.jobs.journal import RunJournal
from app.jobs.leases import Active, LeaseKeeper
from app.jobs.live import RunSink
from app.jobs.plans import LoadedPlan, PlanCache
from app.jobs.telemetry import Telemetry
from app.jobs.turns import Turns
from app.jobs.undrivable import closing_events, why_not
from app.jobs.writer import Writer
from app.services.runs.claim import Claimed, release_runs
from app.services.runs.families import Told
from engine.errors import LeaseLost, SpecError
from engine.ports import LiveSink
from engine.run.deps import Deps
from engine.run.driver import Driver
from engine.run.events import EventType, JournalEvent, Outcome
from models.base import utc_now

log = logging.getLogger(__name__)


class DepsFactory(Protocol):
    """Gives each run its ports."""

    def __call__(self, claimed: Claimed, live: LiveSink, govern: Govern) -> Deps:
        """Build the dependencies of one run; its models go through `govern`."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class HostSettings:
    """What a host needs to know. `owner` is unique per process start."""

    owner: str
    capacity: int
    lease_s: float
    grace_s: float


class RunHost:
    """Lives on one event loop. Who offers a run has taken a place for it from `places` before; the host gives the place back."""

    def __init__(
        self,
        settings: HostSettings,
        *,
        database: Engine,
        writer: Writer,
        live: Callable[[Callable[[uuid.UUID], None]], LivePublisher],
        queue: JobQueue,
        make_deps: DepsFactory,
        faults: Faults,
        telemetry: Telemetry,
        governor: Governor,
    ) -> None:
        self.settings = settings
        self.places = threading.BoundedSemaphore(settings.capacity)
        self.active: dict[uuid.UUID, Active] = {}
        self._database = database
        self._writer = writer
        self._queue = queue
        self._make_deps = make_deps
        self._faults = faults
        self._telemetry = telemetry
        self._governor = governor
        self._plans = PlanCache(database)
        self._turns = Turns(self.active, database, queue, capacity=settings.capacity)
        self._keeper = LeaseKeeper(self.active, database, owner=settings.owner, lease_s=settings.lease_s)
        self._live = self._keeper.live = live(self._keeper.look)
        writer.on_told = self.pass_on
        self._loop = asyncio.get_running_loop()
        self._is_stopping = False

    # -- from outside

    def start(self) -> None:
        """Begin to beat and to listen."""
        self._writer.start()
        self._live.start()
        self._keeper.start()

    @property
    def is_alive(self) -> bool:
        """Whether everything that keeps the runs safe still runs."""
        return self._keeper.is_alive and self._writer.is_alive

    def offer(self, run_id: uuid.UUID) -> None:
        """Take the run if it may be taken, from any thread; harmless when repeated. The caller holds a place for it."""
        self._loop.call_soon_threadsafe(self._take, run_id)

    def _take(self, run_id: uuid.UUID) -> None:
        if run_id in self.active or self._is_stopping:
            self.places.release()
            self._keeper.look(run_id)
            return
        active = self.active[run_id] = Active(run_id)
        active.task = asyncio.create_task(self._hold(active))

    def pass_on(self, told: Told) -> None:
        """A durable write concerns other runs: children to begin, parents to go on, workers to look."""
        for run_id in told.nudges:
            if run_id in self.active:
                self._keeper.look(run_id)
            else:
                self._live.nudge(str(run_id))
        for run_id in told.changed:
            self._live.emit(str(run_id), "journal", "", "", {})
        elsewhere = [run_id for run_id in told.rings if not self._take_here(run_id)]
        if elsewhere:
            self._loop.run_in_executor(None, self._ring, elsewhere)

    def _take_here(self, run_id: uuid.UUID) -> bool:
        """Take it in this very process while it has plenty of room; beyond that the other workers get their share."""
        mine = self.active.get(run_id)
        if mine is not None:
            mine.must_ring = True  # it is just parking, or about to be given up: look once more when it is gone
            return True
        is_roomy = len(self.active) < self.settings.capacity // 4 and not self._is_stopping
        if not is_roomy or not self.places.acquire(blocking=False):
            return False
        self._take(run_id)
        return True

    def _ring(self, run_ids: list[uuid.UUID]) -> None:
        """Best effort: the outbox rings for what the queue did not take."""
        try:
            for run_id in run_ids:
                self._queue.ring_run(run_id)
        except Unavailable as error:
            log.warning("%d runs wait for the queue: %s", len(run_ids), error.message)

    async def stop(self) -> None:
        """Let running nodes finish for a moment, give every run back, and close."""
        self._is_stopping = True
        grace = self.settings.grace_s
        for active in self.active.values():
            if active.driver is not None:
                active.driver.release(grace)
        tasks = [active.task for active in self.active.values() if active.task is not None]
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=grace + 2.0)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        await self._keeper.stop()
        await asyncio.to_thread(self._writer.stop)
        await self._live.stop()

    # -- one run

    async def _hold(self, active: Active) -> None:
        try:
            await self._turns.give_way(active)
            claimed = await self._writer.claim(active.run_id)
            if claimed is not None:
                active.claimed = claimed
                self._turns.last = claimed.workspace_id
                self._faults.reach(AFTER_CLAIM)
                await self._drive_and_settle(active, claimed)
        except LeaseLost as error:
            self._telemetry.metrics.lease_lost()
            log.info("run %s: %s", active.run_id, error)
        except asyncio.CancelledError:
            log.info("run %s: let go", active.run_id)
        except Exception:
            log.exception("run %s could not be held; it will be taken again when its lease ends", active.run_id)
        finally:
            self.active.pop(active.run_id, None)
            self._live.forget(str(active.run_id))
            if active.must_ring and not self._is_stopping:
                self._take(active.run_id)
            else:
                self.places.release()

    async def _drive_and_settle(self, active: Active, claimed: Claimed) -> None:
        try:
            outcome = await self._drive(active, claimed)
        except (LeaseLost, asyncio.CancelledError):
            if self._is_stopping and not active.is_lost:
                await self._give_back(claimed)
            raise
        except (SpecError, ValidationError) as error:
            log.warning("run %s cannot be driven: %s", active.run_id, error)
            await self._fail(active, claimed, *why_not(error))
            return
        except AWAY as error:
            log.warning("run %s goes back to the queue, the database does not answer it: %s", active.run_id, error)
            await self._give_back(claimed)
            return
        except Exception:
            log.exception("run %s failed in the program", active.run_id)
            text = f"The run failed because of a fault in the program, not in your workflow. Reference: {claimed.run_id}."
            await self._fail(active, claimed, "internal_error", text)
            return
        journal = active.journal
        if outcome.status == "waiting" and (
            (journal is not None and journal.must_ring) or (outcome.wake_at is not None and outcome.wake_at <= utc_now())
        ):
            active.must_ring = True
        if outcome.status == "released":
            await self._give_back(claimed)

    async def _drive(self, active: Active, claimed: Claimed) -> Outcome:
        loaded = await self._plans.get(claimed.plan_id)
        sink = RunSink(str(claimed.run_id), self._live, always_watched=claimed.kind == "chat")
        journal = active.journal = self._journal(active, claimed, loaded)
        driver = active.driver = Driver(
            loaded.plan, claimed.history, self._make_deps(claimed, sink, self._governor.of(claimed, loaded.plan.limits)), journal
        )
        if claimed.kind != "chat":
            await self._live.ask_watched(str(claimed.run_id))
        if claimed.cancel_requested_at is not None:
            driver.cancel(_text(claimed.cancel_requested_by))
        if self._is_stopping:
            driver.release(0.0)
        return await driver.run()

    def _journal(self, active: Active, claimed: Claimed, loaded: LoadedPlan | None) -> RunJournal:
        return RunJournal(
            claimed,
            self._writer,
            label=loaded.label if loaded else str,
            effectful=loaded.effectful if loaded else frozenset(),
            on_commit=self._tell,
            on_news=lambda: self._keeper.look(active.run_id),
            on_events=lambda events: self._telemetry.committed(claimed.run_id, events, loaded.kinds if loaded else {}),
        )

    def _tell(self, run_id: uuid.UUID, next_seq: int) -> None:
        self._live.emit(str(run_id), "journal", "", "", {"seq": next_seq - 1})
        self._faults.reach(AFTER_COMMIT)

    async def _fail(self, active: Active, claimed: Claimed, code: str, message: str) -> None:
        """End a run that the engine could not end itself."""
        journal = active.journal or self._journal(active, claimed, None)
        error = {"code": code, "message": message, "node": None}
        open_steps = await asyncio.to_thread(closing_events, self._database, claimed.run_id)
        await journal.commit([*open_steps, JournalEvent(EventType.RUN_FAILED, utc_now(), data={"error": error})])

    async def _give_back(self, claimed: Claimed) -> None:
        """Queue the run again for another worker; should that fail, its lease runs out by itself."""
        try:
            await asyncio.to_thread(self._release_and_ring, claimed)
        except (SQLAlchemyError, Unavailable) as error:
            log.warning("run %s was not handed on, its lease has to run out: %s", claimed.run_id, error)

    def _release_and_ring(self, claimed: Claimed) -> None:
        with self._database.begin() as connection:
            released = release_runs(connection, {claimed.run_id: claimed.fence})
        for run_id in released:
            self._queue.ring_run(run_id)


def _text(value: uuid.UUID | None) -> str | None:
    return None if value is None else str(value)
