"""With AF_TEST_TWICE=1 every doorbell and every nudge is delivered twice, and doorbells come again late and in another order."""

import os
import uuid
from collections import deque
from dataclasses import replace
from typing import Any

from app.adapters.queue_rq import RqQueue
from app.core.ports import JobQueue
from app.wiring import Wiring

IS_TWICE = os.environ.get("AF_TEST_TWICE") == "1"
REMEMBERED = 3


class TwiceQueue:
    """Rings twice, and once more for the runs before, newest first."""

    def __init__(self, queue: JobQueue) -> None:
        self._queue = queue
        self._before: deque[uuid.UUID] = deque(maxlen=REMEMBERED)

    def ring_run(self, run_id: uuid.UUID) -> None:
        """Ring."""
        for other in (run_id, run_id, *self._before):
            self._queue.ring_run(other)
        self._before.appendleft(run_id)

    def waiting_messages(self) -> int:
        """As the queue says."""
        return self._queue.waiting_messages()


class TwiceFeed:
    """Nudges twice; everything else is the feed's own."""

    def __init__(self, feed: Any) -> None:
        self._feed = feed

    def nudge(self, run_id: uuid.UUID) -> None:
        """Nudge."""
        for _ in range(2):
            self._feed.nudge(run_id)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._feed, name)


def open_queue(redis_url: str) -> JobQueue:
    """The queue of a Redis, delivering as this session of tests wants it."""
    queue = RqQueue(redis_url)
    return TwiceQueue(queue) if IS_TWICE else queue


def delivering(wiring: Wiring) -> Wiring:
    """The same parts, delivering as this session of tests wants it."""
    if not IS_TWICE:
        return wiring
    ports = replace(wiring.ports, queue=TwiceQueue(wiring.ports.queue), live=TwiceFeed(wiring.ports.live))  # type: ignore[arg-type]
    return replace(wiring, ports=ports)
