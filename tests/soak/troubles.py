"""What the soak does to the processes: workers killed, frozen, stopped or armed, Redis emptied, killed or full, the database held."""

import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable
from threading import Timer

import redis
import sqlalchemy as sa

from app.services.runs.tables import run_table
from app.supervisor.valkey import EmbeddedValkey
from app.wiring import Wiring
from tests.support.waiting import until
from tests.support.workers import WorkerProcess

LEASE_S = 3
ARMED = ("after_claim:9", "before_call:15", "after_call_before_commit:12", "after_commit:25")


class Troubles:
    """Keeps the workers alive and hurts them; every kind is counted."""

    def __init__(self, wiring: Wiring, valkey: EmbeddedValkey, *, workers: int, chance: random.Random) -> None:
        self.counts: Counter[str] = Counter()
        self._wiring = wiring
        self._valkey = valkey
        self._chance = chance
        self._workers = [self._start() for _ in range(workers)]
        self._kinds: list[Callable[[], None]] = [
            self.kill,
            self.kill,
            self.freeze,
            self.stop,
            self.arm,
            self.empty_redis,
            self.kill_redis,
            self.fill_redis,
            self.hold_database,
        ]

    def happen(self) -> None:
        """One trouble, and whoever is dead comes back. While no worker is ready, nothing happens."""
        if not any("worker ready" in process.log for process in self._workers if process.is_alive):
            return
        kind = self._chance.choice(self._kinds)
        kind()
        self.counts[kind.__name__] += 1
        self.mend()

    def mend(self) -> None:
        """Replace the dead."""
        for index, process in enumerate(self._workers):
            if not process.is_alive:
                self.counts["worker started again"] += 1
                self._workers[index] = self._start()

    def heal(self) -> None:
        """No more troubles: fresh workers on a Redis that answers."""
        for process in self._workers:
            process.kill()
        self._workers = [self._start() for _ in self._workers]

    def close(self) -> None:
        """End every worker."""
        for process in self._workers:
            process.kill()

    def logs(self) -> list[str]:
        """What the workers of today said."""
        return [process.log for process in self._workers]

    def kill(self) -> None:
        """SIGKILL."""
        self._pick().kill()

    def freeze(self) -> None:
        """SIGSTOP for less or more than a lease; a clock of its own thaws it, as who is frozen may hold what everybody waits for."""
        process = self._pick()
        if process.is_alive:
            process.send(signal.SIGSTOP)
            Timer(self._chance.uniform(0.5, LEASE_S * 2), process.send, [signal.SIGCONT]).start()

    def stop(self) -> None:
        """SIGTERM, as a deployment does."""
        process = self._pick()
        if process.is_alive:
            process.send(signal.SIGTERM)

    def arm(self) -> None:
        """A worker that dies at a named point."""
        index = self._workers.index(self._pick())
        self._workers[index].kill()
        self._workers[index] = self._start(AF_FAULT=self._chance.choice(ARMED))

    def empty_redis(self) -> None:
        """Every key is lost."""
        with redis.Redis(unix_socket_path=str(self._valkey.socket_path)) as client:
            client.flushall()

    def kill_redis(self) -> None:
        """SIGKILL, and back after a while."""
        if self._valkey.pid is not None:
            os.kill(self._valkey.pid, signal.SIGKILL)
        until(lambda: not self._valkey.is_alive(), what="the end of Redis")
        time.sleep(self._chance.uniform(0.0, 3.0))
        self._valkey.start()

    def fill_redis(self) -> None:
        """Out of memory for a moment."""
        with redis.Redis(unix_socket_path=str(self._valkey.socket_path)) as client:
            client.config_set("maxmemory", "1")
            time.sleep(self._chance.uniform(0.2, 2.0))
            client.config_set("maxmemory", "0")

    def hold_database(self) -> None:
        """Somebody holds the write lock for a while."""
        with self._wiring.database.begin() as connection:
            connection.execute(sa.update(run_table).where(run_table.c.status == "nothing").values(status="nothing"))
            time.sleep(self._chance.uniform(0.2, LEASE_S * 1.5))

    def _pick(self) -> WorkerProcess:
        """One that is at work, if there is any: who is killed while it starts teaches nothing."""
        ready = [process for process in self._workers if process.is_alive and "worker ready" in process.log]
        return self._chance.choice(ready or self._workers)

    def _start(self, **variables: str) -> WorkerProcess:
        return WorkerProcess(self._wiring.settings, AF_LEASE_S=str(LEASE_S), AF_WORKER_CONCURRENCY="40", **variables)
