"""The live feed on Redis: a capped stream per run for pages, one control channel for workers. Best effort; SQL stays the truth.

Web processes follow and nudge; workers publish through LivePublisher, which sends many runs' updates in one round trip.
"""

import asyncio
import logging
import time
import uuid
from collections.abc import AsyncIterator
from typing import Any
from weakref import WeakKeyDictionary

import orjson
from redis import asyncio as aioredis
from redis.exceptions import RedisError
from redis.typing import EncodableT, FieldT

from app.adapters.queue_rq import connect
from app.core.ports import LiveUpdate
from engine.json import JsonObject

log = logging.getLogger(__name__)
CONTROL_CHANNEL = "af:control"
STREAM_LENGTH = 5000
STREAM_TTL_S = 900
WATCH_TTL_S = 45
_BLOCK_S = 5.0
_MOST_WATCHED = 5000


def stream_key(run_id: uuid.UUID | str) -> str:
    """Where a run's updates are kept."""
    return f"af:live:{run_id}"


def watch_key(run_id: uuid.UUID | str) -> str:
    """Exists while somebody follows the run."""
    return f"af:watch:{run_id}"


def encode(kind: str, node: str, iteration: str, payload: JsonObject) -> dict[FieldT, EncodableT]:
    """The fields of one stream entry."""
    return {"k": kind, "n": node, "i": iteration, "p": orjson.dumps(payload, default=str)}


class RedisLiveFeed:
    """Follows and nudges from any process; each event loop has one connection pool."""

    def __init__(self, redis_url: str) -> None:
        self._redis_url = redis_url
        self._sync = connect(redis_url, timeout_s=0.5)
        self._watched_until: dict[uuid.UUID, float] = {}
        self._watched: dict[uuid.UUID, float] = {}
        self._clients: WeakKeyDictionary[asyncio.AbstractEventLoop, aioredis.Redis] = WeakKeyDictionary()

    def publish(self, run_id: uuid.UUID, kind: str, node: str, iteration: str, payload: JsonObject) -> None:
        """Append to the run's stream; an unreachable server is only logged."""
        try:
            with self._sync.pipeline(transaction=False) as pipe:
                pipe.xadd(stream_key(run_id), encode(kind, node, iteration, payload), maxlen=STREAM_LENGTH, approximate=True)
                pipe.expire(stream_key(run_id), STREAM_TTL_S)
                pipe.execute()
        except RedisError as error:
            log.warning("live update not sent: %s", error)

    def nudge(self, run_id: uuid.UUID) -> None:
        """Tell the worker that holds the run to read its row now; without it the next heartbeat does."""
        self._control("look", run_id)

    def _control(self, kind: str, run_id: uuid.UUID) -> None:
        try:
            self._sync.publish(CONTROL_CHANNEL, orjson.dumps({"kind": kind, "run": str(run_id)}))
        except RedisError as error:
            log.warning("worker not nudged: %s", error)

    async def follow(self, run_id: uuid.UUID, *, cursor: str = "0", idle_s: float = 15.0) -> AsyncIterator[LiveUpdate]:
        """Yield updates after the cursor; ends after `idle_s` without one or when the server does not answer."""
        while updates := await self.read(run_id, cursor=cursor, wait_s=idle_s):
            for update in updates:
                cursor = update.cursor
                yield update

    async def read(self, run_id: uuid.UUID, *, cursor: str = "0", wait_s: float = 5.0) -> list[LiveUpdate]:
        """What came after the cursor, waiting for the first; an unreachable server counts as silence of at most a second."""
        client, key = self._client(), stream_key(run_id)
        until = time.monotonic() + wait_s
        while True:
            left = max(0.0, until - time.monotonic())
            try:
                await self._watch(client, run_id)
                found: Any = await client.xread({key: cursor}, count=500, block=max(1, int(min(left, _BLOCK_S) * 1000)))
            except RedisError as error:
                log.warning("live feed interrupted: %s", error)
                await asyncio.sleep(min(left, 1.0))
                return []
            if found:
                return [_update(entry_id, fields) for entry_id, fields in found[0][1]]
            if time.monotonic() >= until:
                return []

    async def _watch(self, client: aioredis.Redis, run_id: uuid.UUID) -> None:
        """Tell workers that somebody looks, again and again but not at every read."""
        now = time.monotonic()
        if now < self._watched_until.get(run_id, 0.0):
            return
        self._watched_until = {known: until for known, until in self._watched_until.items() if until > now}
        self._watched_until[run_id] = now + WATCH_TTL_S / 3
        async with client.pipeline(transaction=False) as pipe:
            pipe.set(watch_key(run_id), "1", ex=WATCH_TTL_S)
            pipe.publish(CONTROL_CHANNEL, orjson.dumps({"kind": "watch", "run": str(run_id)}))
            await pipe.execute()

    async def aclose(self) -> None:
        """Close the connections of the running event loop."""
        client = self._clients.pop(asyncio.get_running_loop(), None)
        if client is not None:
            await client.aclose()

    def _client(self) -> aioredis.Redis:
        loop = asyncio.get_running_loop()
        client = self._clients.get(loop)
        if client is None:
            client = connect_async(self._redis_url)
            self._clients[loop] = client
        return client


def connect_async(redis_url: str) -> aioredis.Redis:
    """A client of the running event loop with its own pool. Connections do not introduce themselves: redis-py would search all installed
    packages for its own version at each of them.
    """
    options: dict[str, Any] = {"socket_connect_timeout": 2, "socket_timeout": _BLOCK_S + 5, "health_check_interval": 30}
    return aioredis.Redis.from_url(redis_url, driver_info=None, **options)


def _update(entry_id: bytes, fields: dict[bytes, bytes]) -> LiveUpdate:
    return LiveUpdate(entry_id.decode(), fields[b"k"].decode(), fields[b"n"].decode(), fields[b"i"].decode(), orjson.loads(fields[b"p"]))
