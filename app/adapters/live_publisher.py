"""The worker's end of the live feed: gathers what all its runs emit and sends it in one round trip every few milliseconds."""

import asyncio
import contextlib
import logging
import time
import uuid
from collections.abc import Callable, Mapping
from typing import Any

import orjson
from redis.exceptions import RedisError

from app.adapters.live_redis import CONTROL_CHANNEL, STREAM_LENGTH, STREAM_TTL_S, WATCH_TTL_S, connect_async, encode, stream_key, watch_key

log = logging.getLogger(__name__)
BEAT_S = 0.02  # the first update of a quiet moment leaves at once, later ones are gathered this long
MOST_PENDING = 20_000
_RECONNECT_S = 1.0


class LivePublisher:
    """Bound to one event loop. `on_look` is called with the id of a run whose row has news."""

    def __init__(self, redis_url: str, *, on_look: Callable[[uuid.UUID], None]) -> None:
        self._client = connect_async(redis_url)
        self._on_look = on_look
        self._pending: dict[str, list[tuple[str, str, str, dict[str, Any]]]] = {}
        self._count = 0
        self._nudged: set[str] = set()
        self._ready = asyncio.Event()
        self._watched: dict[str, float] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self.is_listening = False
        self.sent = 0

    def start(self) -> None:
        """Begin sending and listening."""
        self._tasks = [asyncio.create_task(self._send_forever()), asyncio.create_task(self._listen_forever())]

    async def stop(self) -> None:
        """Send what is left and close."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        with contextlib.suppress(RedisError, TimeoutError):
            async with asyncio.timeout(1.0):
                await self._send()
        await self._client.aclose()

    def emit(self, run: str, kind: str, node: str, iteration: str, payload: Mapping[str, Any]) -> None:
        """Take one update; text that continues the last one is joined to it, and of doorbells only the newest stays."""
        entries = self._pending.get(run)
        if entries is None:
            entries = self._pending[run] = []
        last = entries[-1] if entries else None
        if last is not None and last[0] == kind and last[1] == node and last[2] == iteration:
            if kind == "text":
                last[3]["delta"] = f"{last[3].get('delta', '')}{payload.get('delta', '')}"
                return
            if kind == "journal":
                entries[-1] = (kind, node, iteration, dict(payload))
                return
        if self._count >= MOST_PENDING:  # nobody takes them: Redis is away, and SQL has what counts
            self._pending.clear()
            self._count = 0
            return
        entries.append((kind, node, iteration, dict(payload)))
        self._count += 1
        self._ready.set()

    def nudge(self, run: str) -> None:
        """Tell the worker that holds the run to read its row now, whichever process it is."""
        self._nudged.add(run)
        self._ready.set()

    def is_watched(self, run: str) -> bool:
        """Whether somebody followed the run lately."""
        until = self._watched.get(run)
        return until is not None and until > time.monotonic()

    async def ask_watched(self, run: str) -> None:
        """Learn whether somebody already follows a run that starts now."""
        with contextlib.suppress(RedisError, TimeoutError):
            async with asyncio.timeout(0.5):
                is_followed = await self._client.exists(watch_key(run))
            if is_followed:
                self._mark(run)

    def forget(self, run: str) -> None:
        """The run left this worker."""
        self._watched.pop(run, None)

    def _mark(self, run: str) -> None:
        self._watched[run] = time.monotonic() + WATCH_TTL_S

    async def _send_forever(self) -> None:
        while True:
            await self._ready.wait()
            began = time.monotonic()
            try:
                await self._send()
            except RedisError as error:
                log.warning("live updates not sent: %s", error)
                await asyncio.sleep(_RECONNECT_S)
            await asyncio.sleep(max(BEAT_S, time.monotonic() - began))  # never more than half the time

    async def _send(self) -> None:
        self._ready.clear()
        pending, self._pending, self._count = self._pending, {}, 0
        nudged, self._nudged = self._nudged, set()
        if not pending and not nudged:
            return
        async with self._client.pipeline(transaction=False) as pipe:
            for run, entries in pending.items():
                key = stream_key(run)
                for kind, node, iteration, payload in entries:
                    pipe.xadd(key, encode(kind, node, iteration, payload), maxlen=STREAM_LENGTH, approximate=True)
                pipe.expire(key, STREAM_TTL_S)
            for run in nudged:
                pipe.publish(CONTROL_CHANNEL, orjson.dumps({"kind": "look", "run": run}))
            await pipe.execute()
        self.sent += sum(len(entries) for entries in pending.values())

    async def _listen_forever(self) -> None:
        is_told = False
        while True:
            try:
                await self._listen()
            except RedisError as error:
                if self.is_listening or not is_told:
                    log.warning("control channel interrupted, trying again every second: %s", error)
                    is_told = True
            self.is_listening = False
            await asyncio.sleep(_RECONNECT_S)

    async def _listen(self) -> None:
        async with self._client.pubsub() as channel:
            await channel.subscribe(CONTROL_CHANNEL)
            while True:
                message = await channel.get_message(timeout=5.0)
                self.is_listening = True
                if message is not None and message["type"] == "message":
                    self._hear(message["data"])

    def _hear(self, raw: Any) -> None:
        try:
            message = orjson.loads(raw)
            run_id = uuid.UUID(message["run"])
            kind = message["kind"]
        except (ValueError, KeyError, TypeError, AttributeError):
            log.warning("unreadable control message of %d bytes ignored", len(raw))
            return
        if kind == "look":
            self._on_look(run_id)
        elif kind == "watch":
            self._mark(str(run_id))
