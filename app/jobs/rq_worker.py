"""The RQ worker whose jobs are doorbells: it takes a message only while there is room, checks it before anything else, hands the run id
to the host and goes on. What RQ would track per job (timeouts, heartbeats, abandoned jobs) is the lease's business in SQL."""

import logging
import threading
import time
from collections.abc import Callable
from typing import Any

import redis
from redis.exceptions import RedisError, ResponseError
from rq.worker import SimpleWorker

from app.adapters.queue_rq import QUEUE, JsonJob, JsonQueue
from app.jobs.messages import Message, PoisonMessageError, read_message

log = logging.getLogger(__name__)
POLL_S = 1.0  # how long one blocking read lasts, and so the longest wait for a stop
BEAT_S = 30.0
QUARANTINE = "af:quarantine"
QUARANTINE_LENGTH = 1000
QUARANTINE_TTL_S = 7 * 24 * 3600
_BACKOFF_S = (0.1, 0.2, 0.5, 1.0, 2.0)


class DoorbellWorker(SimpleWorker):
    """Registers, beats and listens as any RQ worker. `take_place` waits for room; `on_message` gets each message with its place."""

    queue_class = JsonQueue
    job_class = JsonJob

    def __init__(
        self,
        connection: redis.Redis,
        *,
        name: str,
        take_place: Callable[[float], bool],
        give_place: Callable[[], None],
        on_message: Callable[[Message], None],
        stop: threading.Event,
    ) -> None:
        self._take_place = take_place
        self._give_place = give_place
        self._on_message = on_message
        self._stop = stop
        self._beat_at = 0.0
        super().__init__([QUEUE], name=name, connection=connection, serializer="json", worker_ttl=int(BEAT_S * 4))

    def work(self, *_args: Any, **_options: Any) -> bool:
        """Listen until stopped; an unreachable Redis is waited for."""
        failures = 0
        is_registered = False
        while not self._stop.is_set():
            try:
                if not is_registered:
                    self.register_birth()
                    is_registered = True
                self._listen()
                failures = 0
            except RedisError as error:
                if failures == 0:
                    log.warning("the queue does not answer, trying again: %s", error)
                is_registered = is_registered and self._beat_at > time.monotonic() - BEAT_S * 4
                self._stop.wait(_BACKOFF_S[min(failures, len(_BACKOFF_S) - 1)])
                failures += 1
        if is_registered:
            self._sign_off()
        return True

    def _sign_off(self) -> None:
        try:
            self.register_death()
        except RedisError as error:
            log.info("not signed off, the registration expires by itself: %s", error)

    def _listen(self) -> None:
        while not self._stop.is_set():
            if time.monotonic() - self._beat_at > BEAT_S:
                self.heartbeat()
                self._beat_at = time.monotonic()
            if not self._take_place(POLL_S):
                continue
            message = None
            try:
                message = self._next_message()
            finally:
                if message is None or message.run_id is None:
                    self._give_place()
            if message is not None:
                self._on_message(message)

    def _next_message(self) -> Message | None:
        """Pop one id, then take and delete what stands under it; a crash in between costs a doorbell, which SQL rings again."""
        popped: Any = self.connection.blpop([queue.key for queue in self.queues], timeout=POLL_S)
        if popped is None:
            return None
        job_id: bytes = popped[1]
        key = JsonJob.redis_job_namespace_prefix.encode() + job_id
        raw: Any
        try:
            raw = self.connection.hget(key, "data")  # type: ignore[arg-type] - ids may be any bytes
        except ResponseError:  # something else than a job stands there
            raw = b""
        try:
            message = read_message(raw) if raw is not None else None
        except PoisonMessageError as error:
            self._quarantine(job_id, key, str(error))
            return None
        self.connection.delete(key)
        return message

    def _quarantine(self, job_id: bytes, key: bytes, reason: str) -> None:
        """Set the message aside for an administrator, out of every worker's way."""
        log.error("queue message %r set aside: %s", job_id[:80], reason)
        with self.connection.pipeline() as pipe:
            pipe.lpush(QUARANTINE, job_id[:200])
            pipe.ltrim(QUARANTINE, 0, QUARANTINE_LENGTH - 1)
            pipe.expire(key, QUARANTINE_TTL_S)
            pipe.execute()
