"""A whole installation for benchmarks: SQLite, a Valkey and worker processes of its own, and bursts of runs through it."""

import tempfile
import time
import uuid
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
import sqlalchemy as sa

from app.adapters.migrations import upgrade
from app.core.config import read_settings
from app.core.uow import Actor
from app.services.runs import start_run
from app.supervisor.valkey import EmbeddedValkey
from app.wiring import Wiring, build_wiring
from engine.spec.workflow import WorkflowSpec
from models.run import Run
from tests.support.people import make_member
from tests.support.waiting import until
from tests.support.workers import WorkerProcess, worker
from tests.support.workflows import make_workflow

SCRIPTED = "tests.support.worker_process"
SHIPPED = "tests.support.shipped_worker"
"""The worker as it is, litellm and all; the scripted one answers model calls itself."""
run_table: sa.Table = Run.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class Burst:
    """What many runs at once took."""

    wall_s: float
    starting_s: float
    cpu_ms: float
    """Of all workers, per run."""
    memory_mb: float
    """Of the largest worker, resident."""


@dataclass(frozen=True, slots=True)
class Bench:
    """A running installation."""

    wiring: Wiring
    actor: Actor
    workers: tuple[WorkerProcess, ...]

    def workflow(self, spec: WorkflowSpec) -> uuid.UUID:
        """Keep a workflow."""
        with self.wiring.unit(self.actor) as uow:
            return make_workflow(uow, spec).id

    def start(self, workflow_id: uuid.UUID) -> uuid.UUID:
        """Start one run, as the API does: one transaction, then the doorbell."""
        with self.wiring.unit(self.actor) as uow:
            return start_run(uow, workflow_id=workflow_id, inputs={}).id

    def open_runs(self) -> int:
        """How many runs are not over."""
        with self.wiring.database.connect().execution_options(af_write=False) as connection:
            is_open = run_table.c.status.in_(("queued", "running", "waiting"))
            return connection.execute(sa.select(sa.func.count()).select_from(run_table).where(is_open)).scalar_one()

    def burst(self, workflow_id: uuid.UUID, count: int) -> Burst:
        """Start that many runs at once and wait for the last."""
        self.start(workflow_id)
        until(lambda: self.open_runs() == 0, timeout_s=60, what="the warm-up")
        cpu = self._cpu_s()
        began = time.perf_counter()
        for _ in range(count):
            self.start(workflow_id)
        starting = time.perf_counter() - began
        until(lambda: self.open_runs() == 0, timeout_s=300, what="the end of the burst")
        memory = max(psutil.Process(one.pid).memory_info().rss for one in self.workers) / 1e6
        return Burst(self._last_end(count), starting, (self._cpu_s() - cpu) / count * 1000, memory)

    def _last_end(self, count: int) -> float:
        """Seconds between the first creation and the last end of the newest runs, by the rows themselves."""
        with self.wiring.database.connect().execution_options(af_write=False) as connection:
            columns = (run_table.c.created_at, run_table.c.finished_at, run_table.c.status)
            rows = connection.execute(sa.select(*columns).order_by(run_table.c.id.desc()).limit(count)).all()
        if any(row.status != "succeeded" for row in rows):
            raise RuntimeError("a run did not succeed")
        return (max(row.finished_at for row in rows) - min(row.created_at for row in rows)).total_seconds()

    def _cpu_s(self) -> float:
        times = [psutil.Process(one.pid).cpu_times() for one in self.workers]
        return sum(one.user + one.system for one in times)


@contextmanager
def installation(*, workers: int = 1, module: str = SCRIPTED, **variables: str) -> Generator[Bench]:
    """SQLite, a Valkey of its own and worker processes with these further settings."""
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        valkey = EmbeddedValkey(socket_path=folder / "v.sock", directory=folder / "v", log_path=folder / "v.log")
        valkey.start()
        stack.callback(valkey.stop)
        url = f"sqlite:///{folder / 'bench.db'}"
        upgrade(url)
        wiring = build_wiring(
            read_settings(
                {
                    "AF_ENV": "test",
                    "AF_DATA_DIR": name,
                    "DATABASE_URL": url,
                    "REDIS_URL": f"unix://{valkey.socket_path}",
                    "AF_SECRET_KEY": "bench " * 8,
                    **variables,
                }
            )
        )
        stack.callback(wiring.database.dispose)
        with wiring.unit() as uow:
            actor = make_member(uow)
        started = [stack.enter_context(worker(wiring.settings, module=module, AF_LEASE_S="60", **variables)) for _ in range(workers)]
        yield Bench(wiring, actor, tuple(started))
