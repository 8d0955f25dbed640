"""The live feed on Redis streams: best effort, capped, resumable by cursor."""

import uuid
from collections.abc import AsyncIterator

from app.core.ports import LiveUpdate
from engine.json import JsonObject


class RedisLiveFeed:
    """One capped stream per run."""

    def __init__(self, redis_url: str) -> None:
        self._redis_url = redis_url

    def publish(self, run_id: uuid.UUID, kind: str, node: str, iteration: str, payload: JsonObject) -> None:
        """Append to the run's stream."""
        raise NotImplementedError

    def follow(self, run_id: uuid.UUID, *, cursor: str = "0", idle_s: float = 15.0) -> AsyncIterator[LiveUpdate]:
        """Yield updates after the cursor."""
        raise NotImplementedError
