"""rq-scheduler as a clock that only says "look": one JSON tick every few seconds, registered anew whenever it got lost.

All schedules and due times live in SQL. Losing every key of the scheduler, or running several of them, loses and doubles nothing.
"""

import logging
import threading
import time
import warnings

import redis
from redis.exceptions import RedisError

from app.adapters.queue_rq import QUEUE, TICK_JOB, JsonJob, JsonQueue

with warnings.catch_warnings():
    warnings.simplefilter("ignore", FutureWarning)  # its crontab dependency announces a change that plain intervals never meet
    from rq_scheduler.scheduler import Scheduler

log = logging.getLogger(__name__)
TICK_ID = "tick"
TICK_S = 5
POLL_S = 1
_BACKOFF_S = 2.0


class TickScheduler(Scheduler):
    """Polls every second and keeps the tick registered. Plain intervals in Unix time: no time zone takes part."""

    job_class = JsonJob
    queue_class = JsonQueue

    def __init__(self, connection: redis.Redis, *, stop: threading.Event) -> None:
        super().__init__(queue_name=QUEUE, connection=connection, interval=POLL_S)
        self._stop = stop

    def serve(self) -> None:
        """Tick until stopped; an unreachable Redis is waited for."""
        while not self._stop.is_set():
            try:
                self._pass()
                self._stop.wait(POLL_S)
            except RedisError as error:
                log.warning("the queue does not answer: %s", error)
                self._stop.wait(_BACKOFF_S)
        try:
            self.remove_lock()
        except RedisError as error:
            log.info("lock not removed, it expires by itself: %s", error)

    def _pass(self) -> None:
        if not self.acquire_lock():
            return
        try:
            self.register_tick()
            self.enqueue_jobs()
        finally:
            self.remove_lock()

    def register_tick(self) -> None:
        """Write the tick if it is missing. Workers delete messages they took, so its message is written again for the next time."""
        if not self.connection.exists(JsonJob.key_for(TICK_ID)):
            job = self._create_job(TICK_JOB, id=TICK_ID, result_ttl=-1, description="tick", commit=False)
            job.meta["interval"] = TICK_S
            job.save()
        self.connection.zadd(self.scheduled_jobs_key, {TICK_ID: int(time.time())}, nx=True)
