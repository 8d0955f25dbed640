"""Runs one worker: an RQ worker on the main thread, and beside it a thread whose event loop holds the runs."""

import asyncio
import logging
import signal
import socket
import threading
import uuid
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field, replace
from types import FrameType
from typing import Any, Protocol

from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from app.adapters.live_publisher import LivePublisher
from app.adapters.queue_rq import connect
from app.jobs.billing import BillingWatch
from app.jobs.calls import Governor, open_governor
from app.jobs.clock import DatabaseClock
from app.jobs.closing import ClosingWatch
from app.jobs.dispatcher import Dispatcher
from app.jobs.faults import Faults
from app.jobs.host import DepsFactory, HostSettings, RunHost
from app.jobs.mail import MailPost
from app.jobs.messages import Message
from app.jobs.outgoing import WebhookSender
from app.jobs.rq_worker import POLL_S, DoorbellWorker
from app.jobs.schema import await_schema
from app.jobs.telemetry import Telemetry, open_telemetry
from app.jobs.triggers import TriggerWatch
from app.jobs.writer import Writer
from app.services.runs.claim import end_leases
from app.services.runs.families import Told
from app.wiring import Wiring
from engine.ports import HttpClient

log = logging.getLogger(__name__)


class WorkerDeps(DepsFactory, Protocol):
    """What a worker's runs and webhooks reach the world through; made and closed on the event loop."""

    @property
    def http(self) -> HttpClient:
        """The guarded client."""
        ...

    async def aclose(self) -> None:
        """Let go of connections and processes."""
        ...


OpenDeps = Callable[[Wiring, Faults], WorkerDeps]


@dataclass(frozen=True, slots=True)
class Life:
    """One start of a worker process: its name, and those of starts before it whose processes are known to be dead."""

    name: str = field(default_factory=lambda: uuid.uuid4().hex)
    before: frozenset[str] = frozenset()

    @property
    def owner(self) -> str:
        """What stands on the runs this process holds."""
        return _owner(self.name)

    @property
    def dead_owners(self) -> list[str]:
        """What stands on runs that nobody holds any more."""
        return [_owner(name) for name in self.before]


def _owner(name: str) -> str:
    return f"{socket.gethostname()[:60]}:{name[:32]}"


def run_worker(wiring: Wiring, *, open_deps: OpenDeps, life: Life | None = None) -> None:
    """Serve until a signal; tests pass their own dependencies."""
    stop = threading.Event()

    def on_signal(number: int, _frame: FrameType | None) -> None:
        log.info("%s: finishing", signal.Signals(number).name)
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, on_signal)
    if not await_schema(wiring, stop):
        return
    engine_room = EngineRoom(wiring, open_deps, life or Life())
    engine_room.start()
    try:
        _listen(wiring, engine_room, stop)
    finally:
        engine_room.stop()
    log.info("worker stopped")


def _listen(wiring: Wiring, room: "EngineRoom", stop: threading.Event) -> None:
    """Be an RQ worker; while Redis is away only the dispatcher inside the engine room finds work."""
    is_told = False
    while not stop.is_set():
        try:
            worker = DoorbellWorker(
                connect(wiring.settings.redis_url),
                name=room.owner,
                take_place=room.take_place,
                give_place=room.host.places.release,
                on_message=room.on_message,
                stop=stop,
            )
        except RedisError as error:
            if not is_told:
                log.warning("the queue does not answer, trying again every second; meanwhile SQL alone brings runs here: %s", error)
                is_told = True
            stop.wait(POLL_S)
            continue
        log.info("worker ready", extra={"owner": room.owner, "places": wiring.settings.worker_concurrency})
        worker.work()


class EngineRoom:
    """The thread with the event loop, and what lives on it."""

    host: RunHost
    _telemetry: Telemetry
    _governor: Governor

    def __init__(self, wiring: Wiring, open_deps: OpenDeps, life: Life) -> None:
        self.owner = life.owner
        self._life = life
        self._wiring = wiring
        self._open_deps = open_deps
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="runs", daemon=True)

    def start(self) -> None:
        """Start the thread, then everything on it."""
        self._thread.start()
        self._do(self._start(), timeout_s=180.0)  # importing litellm takes its time on a busy machine

    def stop(self) -> None:
        """Hand the runs on and end the thread."""
        self._do(self._stop(), timeout_s=self._wiring.settings.grace_s + 10.0)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5.0)

    def take_place(self, timeout_s: float) -> bool:
        """Wait for room for one more run; a worker that lost one of its parts ends, so that its supervisor starts it anew."""
        parts = (self.host, self._dispatcher, self._sender, self._triggers, self._clock, self._mail, self._billing, self._closing)
        if not (self._thread.is_alive() and all(part.is_alive for part in parts)):
            raise RuntimeError("a part of this worker died; the process must be started anew")
        return self.host.places.acquire(timeout=timeout_s)

    def on_message(self, message: Message) -> None:
        """Act on a checked message."""
        if message.run_id is None:
            self._loop.call_soon_threadsafe(self._triggers.kick)
            self._loop.call_soon_threadsafe(self._dispatcher.kick)
        else:
            self.host.offer(message.run_id)

    def _try_take(self, run_id: uuid.UUID) -> bool:
        if not self.host.places.acquire(blocking=False):
            return False
        self.host.offer(run_id)
        return True

    def _tell(self, told: Told) -> None:
        self._loop.call_soon_threadsafe(self.host.pass_on, told)

    async def _start(self) -> None:
        wiring, settings = self._wiring, self._wiring.settings
        faults = Faults(settings.fault)
        self._telemetry = await asyncio.to_thread(open_telemetry, settings, wiring.database)
        self._clock = DatabaseClock(wiring.database)
        await asyncio.to_thread(self._look_at_clock)
        await asyncio.to_thread(self._take_over)
        self._deps = self._open_deps(replace(wiring, ports=replace(wiring.ports, clock=self._clock)), faults)
        hooks = wiring.ports.end_hooks
        writer = Writer(wiring.database, hooks=hooks, owner=self.owner, lease_s=settings.lease_s)
        self._governor = open_governor(wiring, writer)
        self.host = RunHost(
            HostSettings(owner=self.owner, capacity=settings.worker_concurrency, lease_s=settings.lease_s, grace_s=settings.grace_s),
            database=wiring.database,
            writer=writer,
            live=lambda on_look: LivePublisher(settings.redis_url, on_look=on_look),
            queue=wiring.ports.queue,
            make_deps=self._deps,
            faults=faults,
            telemetry=self._telemetry,
            governor=self._governor,
        )
        self._show_load()
        self._dispatcher = Dispatcher(wiring.database, hooks=hooks, queue=wiring.ports.queue, try_take=self._try_take, tell=self._tell)
        self._sender = WebhookSender(wiring.database, http=self._deps.http, box=wiring.ports.box, owner=self.owner)
        self._triggers = TriggerWatch(wiring)
        self._mail = MailPost(wiring)
        self._billing = BillingWatch(wiring)
        self._closing = ClosingWatch(wiring)
        self._clock.start()
        self.host.start()
        self._dispatcher.start()
        self._sender.start()
        self._triggers.start()
        self._mail.start()
        self._billing.start()
        self._closing.start()

    async def _stop(self) -> None:
        await self._triggers.stop()
        await self._closing.stop()
        await self._billing.stop()
        await self._mail.stop()
        await self._dispatcher.stop()
        await self.host.stop()
        await self._sender.stop()
        await self._clock.stop()
        await self._deps.aclose()
        await self._governor.aclose()
        await asyncio.to_thread(self._telemetry.stop)

    def _look_at_clock(self) -> None:
        """Before the first run; a database that does not answer yet is asked again later."""
        try:
            self._clock.compare()
        except SQLAlchemyError as error:
            log.warning("the database's clock is not known yet: %s", error)

    def _take_over(self) -> None:
        """Free the runs of dead predecessors; without it they would wait until their leases run out."""
        if not self._life.before:
            return
        try:
            with self._wiring.database.connect().execution_options(af_write=True) as connection, connection.begin():
                freed = end_leases(connection, self._life.dead_owners)
            log.info("taking over from workers that died", extra={"runs": freed})
        except SQLAlchemyError as error:
            log.warning("runs of workers that died wait until their leases run out: %s", error)

    def _show_load(self) -> None:
        metrics, host = self._telemetry.metrics, self.host
        metrics.show("worker_runs", "Runs this worker holds now.", lambda: len(host.active))
        metrics.show("worker_places", "Runs this worker can hold at once.", lambda: host.settings.capacity)

    def _do(self, work: Coroutine[Any, Any, None], *, timeout_s: float) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout_s)
