"""Redis without memory, read-only, slow, or back with nothing or with old messages: runs start and end all the same, once."""

import asyncio
import os
import shutil
import signal
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace

import pytest
import redis

from app.core.uow import Actor
from app.services.runs import start_run
from app.supervisor.valkey import EmbeddedValkey
from app.views.runs import RunRow
from app.wiring import Wiring
from tests.support.called import Service, calling
from tests.support.invariants import check_invariants
from tests.support.proxy import proxy_to
from tests.support.twice import open_queue
from tests.support.waiting import until
from tests.support.workers import wait_for, worker
from tests.support.workflows import make_workflow


def begin(wiring: Wiring, actor: Actor, url: str, count: int = 1) -> list[RunRow]:
    with wiring.unit(actor) as uow:
        workflow_id = make_workflow(uow, calling(url, "a", "b")).id
        return [start_run(uow, workflow_id=workflow_id, inputs={}) for _ in range(count)]


@contextmanager
def without_memory(client: redis.Redis) -> Generator[None]:
    """Every write is refused with OOM."""
    client.config_set("maxmemory", "1")
    try:
        yield
    finally:
        client.config_set("maxmemory", "0")


@contextmanager
def read_only(client: redis.Redis) -> Generator[None]:
    """As after a failover to a replica: READONLY."""
    client.replicaof("127.0.0.1", 1)  # type: ignore[no-untyped-call]
    try:
        yield
    finally:
        client.replicaof("NO", "ONE")  # type: ignore[no-untyped-call]


@pytest.mark.parametrize("trouble", [without_memory, pytest.param(read_only, marks=pytest.mark.long)])
def test_a_redis_that_takes_no_writes(
    trouble: Callable[[redis.Redis], AbstractContextManager[None]], mine: Wiring, actor: Actor, service: Service, valkey: EmbeddedValkey
) -> None:
    called, url = service
    called.delay_s = 0.2
    with worker(mine.settings) as process, redis.Redis(unix_socket_path=str(valkey.socket_path)) as client:
        rows = begin(mine, actor, url, 3)
        until(lambda: called.calls["a"], what="the first call")
        with trouble(client):
            rows += begin(mine, actor, url, 3)
            for row in rows:
                assert wait_for(mine, actor, row.id).status == "succeeded"
        rows += begin(mine, actor, url)
        assert wait_for(mine, actor, rows[-1].id).status == "succeeded"
        assert process.is_alive
        assert "Traceback" not in process.log
    assert called.calls == {"a": 7, "b": 7}
    check_invariants(mine)


@pytest.mark.parametrize(
    "keeps", [pytest.param(True, id="with its file", marks=pytest.mark.long), pytest.param(False, id="without its file")]
)
def test_a_redis_killed_and_started_again(keeps: bool, mine: Wiring, actor: Actor, service: Service, valkey: EmbeddedValkey) -> None:
    called, url = service
    called.delay_s = 0.3
    with worker(mine.settings, AF_WORKER_CONCURRENCY="2") as process:
        rows = begin(mine, actor, url, 8)
        until(lambda: called.calls["a"], what="the first call")
        assert valkey.pid is not None
        os.kill(valkey.pid, signal.SIGKILL)
        until(lambda: not valkey.is_alive(), what="its death")
        if not keeps:
            shutil.rmtree(valkey.directory)
        valkey.start()
        rows += begin(mine, actor, url, 2)
        for row in rows:
            assert wait_for(mine, actor, row.id).status == "succeeded"
        assert process.is_alive
    assert called.calls == {"a": 10, "b": 10}
    check_invariants(mine)


@pytest.mark.long
def test_a_slow_redis_holds_up_no_run(mine: Wiring, actor: Actor, service: Service, valkey: EmbeddedValkey) -> None:
    called, url = service
    with proxy_to(lambda: asyncio.open_unix_connection(str(valkey.socket_path)), delay_s=0.4) as wire:
        address = f"redis://127.0.0.1:{wire.port}/0"
        slow = replace(mine, settings=replace(mine.settings, redis_url=address), ports=replace(mine.ports, queue=open_queue(address)))
        with worker(slow.settings) as process:
            rows = begin(slow, actor, url, 4)
            for row in rows:
                assert wait_for(slow, actor, row.id).status == "succeeded"
            assert "Traceback" not in process.log
    assert called.calls == {"a": 4, "b": 4}
    check_invariants(slow)


def test_messages_of_an_older_state_move_nothing(mine: Wiring, actor: Actor, service: Service, valkey: EmbeddedValkey) -> None:
    called, url = service
    rows = begin(mine, actor, url, 4)
    old = valkey.directory.with_name("kept")
    valkey.stop()
    shutil.copytree(valkey.directory, old)
    valkey.start()
    with worker(mine.settings):
        for row in rows:
            assert wait_for(mine, actor, row.id).status == "succeeded"
    valkey.stop()
    shutil.rmtree(valkey.directory)
    shutil.copytree(old, valkey.directory)
    valkey.start()
    assert mine.ports.queue.waiting_messages() >= 4
    with worker(mine.settings):
        (last,) = begin(mine, actor, url)
        assert wait_for(mine, actor, last.id).status == "succeeded"
        until(lambda: mine.ports.queue.waiting_messages() == 0, what="an empty queue")
    assert called.calls == {"a": 5, "b": 5}
    check_invariants(mine)
