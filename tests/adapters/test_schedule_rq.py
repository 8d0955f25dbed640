"""The tick: JSON, registered anew when its keys are lost, one at a time however many schedulers run."""

import threading
import zlib

import redis

from app.adapters.queue_rq import connect
from app.adapters.schedule_rq import TICK_ID, TickScheduler
from app.jobs.messages import Message, read_message
from tests.support.waiting import until

QUEUE = "rq:queue:runs"


def one_pass(scheduler: TickScheduler) -> None:
    scheduler._pass()


def test_the_tick_is_json_that_a_worker_accepts(redis_url: str) -> None:
    client = connect(redis_url)
    one_pass(TickScheduler(client, stop=threading.Event()))
    assert client.lrange(QUEUE, 0, -1) == [TICK_ID.encode()]
    assert read_message(client.hget(f"rq:job:{TICK_ID}", "data")) == Message(None)
    assert zlib.decompress(client.hget(f"rq:job:{TICK_ID}", "data")).startswith(b"[")


def test_losing_every_key_loses_nothing(redis_url: str) -> None:
    client = connect(redis_url)
    scheduler = TickScheduler(client, stop=threading.Event())
    one_pass(scheduler)
    client.flushall()
    one_pass(scheduler)
    assert client.llen(QUEUE) == 1


def test_a_taken_message_is_written_again(redis_url: str) -> None:
    client = connect(redis_url)
    scheduler = TickScheduler(client, stop=threading.Event())
    one_pass(scheduler)
    client.delete(f"rq:job:{TICK_ID}", QUEUE)
    one_pass(scheduler)
    assert client.exists(f"rq:job:{TICK_ID}")
    assert client.llen(QUEUE) == 0, "the next tick is a few seconds away"


def test_two_schedulers_ring_one_tick(redis_url: str) -> None:
    client = connect(redis_url)
    first, second = (TickScheduler(connect(redis_url), stop=threading.Event()) for _ in range(2))
    one_pass(first)
    one_pass(second)
    assert client.llen(QUEUE) == 1


def test_it_waits_for_redis_and_stops_when_told(redis_url: str) -> None:
    stop = threading.Event()
    thread = threading.Thread(target=TickScheduler(connect(redis_url), stop=stop).serve)
    thread.start()
    with redis.Redis.from_url(redis_url) as client:
        until(lambda: client.llen(QUEUE), what="a tick")
    stop.set()
    thread.join(5)
    assert not thread.is_alive()
