"""The doorbell on RQ: one JSON message per run id, never a pickle; app.wiring gives it to services, app.jobs reads what it sends."""

import uuid

import redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry
from rq import Queue
from rq.job import Job
from rq.serializers import JSONSerializer

from app.core.errors import Unavailable

QUEUE = "runs"
RUN_JOB = "app.jobs.messages.run"
TICK_JOB = "app.jobs.messages.tick"
MESSAGE_TTL_S = 24 * 3600


class JsonJob(Job):
    """A job that is JSON by construction, also where a caller (rq-scheduler) names no serializer."""

    def __init__(self, id: str | None = None, connection: redis.Redis | None = None, serializer: object = None) -> None:
        super().__init__(id, connection=connection, serializer=serializer or JSONSerializer)


class JsonQueue(Queue):
    """A queue whose jobs are JsonJobs."""

    job_class = JsonJob

    def __init__(self, name: str = QUEUE, connection: redis.Redis | None = None, **options: object) -> None:
        options["serializer"] = JSONSerializer
        super().__init__(name, connection=connection, **options)  # type: ignore[arg-type]


def connect(redis_url: str, *, timeout_s: float = 2.0) -> redis.Redis:
    """A client that connects at its first command and tells quickly when the server does not answer."""
    return redis.Redis.from_url(
        redis_url, socket_connect_timeout=timeout_s, socket_timeout=timeout_s, retry=Retry(NoBackoff(), 1), health_check_interval=30
    )


class RqQueue:
    """Rings workers through RQ; connects lazily so that importing or starting without Redis works."""

    def __init__(self, redis_url: str) -> None:
        self._queue = JsonQueue(connection=connect(redis_url))

    def ring_run(self, run_id: uuid.UUID) -> None:
        """Ask a worker to look at the run; raises Unavailable when Redis does not answer."""
        try:
            with self._queue.connection.pipeline(transaction=True) as pipe:  # else RQ goes to Redis twice
                self._queue.enqueue_call(
                    RUN_JOB,
                    args=(str(run_id),),
                    ttl=MESSAGE_TTL_S,
                    result_ttl=0,
                    failure_ttl=MESSAGE_TTL_S,
                    description="run",
                    pipeline=pipe,
                )
                pipe.execute()
        except RedisError as error:
            raise Unavailable("The queue does not answer; the run starts as soon as it does.") from error

    def waiting_messages(self) -> int:
        """How many messages no worker has taken yet; raises Unavailable."""
        try:
            return self._queue.count
        except RedisError as error:
            raise Unavailable("The queue does not answer.") from error
