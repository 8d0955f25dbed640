"""The real path under load: 200 runs of three slow HTTP calls through one worker process, and how soon an idle worker starts a run."""

import asyncio
import statistics
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
import sqlalchemy as sa
from aiohttp import web

from app.adapters.migrations import upgrade
from app.core.config import read_settings
from app.core.uow import Actor
from app.services.runs import start_run
from app.supervisor.valkey import EmbeddedValkey
from app.wiring import Wiring, build_wiring
from engine.spec.workflow import WorkflowSpec
from models.run import Run, RunEvent
from tests.support.called import calling
from tests.support.people import make_member
from tests.support.slow_http import serve
from tests.support.waiting import until
from tests.support.workers import WorkerProcess, worker
from tests.support.workflows import make_workflow, node, spec_of

RUNS = 200
CALL_S = 0.5
GOAL_S = 2.5
START_GOAL_MS = 10.0
STARTS = 40
run_table: sa.Table = Run.__table__  # type: ignore[attr-defined]
event_table: sa.Table = RunEvent.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class Bench:
    """A running installation with one worker."""

    wiring: Wiring
    actor: Actor
    process: WorkerProcess

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


@contextmanager
def installation() -> Iterator[Bench]:
    """SQLite, a Valkey of its own and one worker process."""
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
                }
            )
        )
        stack.callback(wiring.database.dispose)
        with wiring.unit() as uow:
            actor = make_member(uow)
        yield Bench(wiring, actor, stack.enter_context(worker(wiring.settings, AF_LEASE_S="60")))


async def _slow(_request: web.Request) -> web.Response:
    await asyncio.sleep(CALL_S)
    return web.json_response({"ok": True})


def burst(bench: Bench, url: str) -> tuple[float, float, float]:
    """Wall seconds from the first start to the last end, seconds spent starting, CPU ms of the worker per run."""
    workflow_id = bench.workflow(calling(url, "a", "b", "c"))
    bench.start(workflow_id)
    until(lambda: bench.open_runs() == 0, timeout_s=30, what="the warm-up")
    cpu = _cpu_s(bench.process.pid)
    began = time.perf_counter()
    for _ in range(RUNS):
        bench.start(workflow_id)
    started = time.perf_counter() - began
    until(lambda: bench.open_runs() == 0, timeout_s=120, what="the end of the burst")
    return _last_end(bench, RUNS), started, (_cpu_s(bench.process.pid) - cpu) / RUNS * 1000


def _last_end(bench: Bench, count: int) -> float:
    """Seconds between the first creation and the last end of the newest runs, by the rows themselves."""
    with bench.wiring.database.connect().execution_options(af_write=False) as connection:
        columns = (run_table.c.created_at, run_table.c.finished_at, run_table.c.status)
        rows = connection.execute(sa.select(*columns).order_by(run_table.c.id.desc()).limit(count)).all()
    if any(row.status != "succeeded" for row in rows):
        raise RuntimeError("a run did not succeed")
    return (max(row.finished_at for row in rows) - min(row.created_at for row in rows)).total_seconds()


def _cpu_s(pid: int) -> float:
    times = psutil.Process(pid).cpu_times()
    return times.user + times.system


def start_times(bench: Bench, url: str) -> list[float]:
    """Milliseconds from the committed start to the journaled start of the first call, one run at a time."""
    workflow_id = bench.workflow(spec_of(node("start", "start"), node("call", "http", url=url), edges="start>call"))
    found: list[float] = []
    for _ in range(STARTS):
        run_id = bench.start(workflow_id)
        until(lambda: bench.open_runs() == 0, timeout_s=30, what="the run")
        with bench.wiring.database.connect().execution_options(af_write=False) as connection:
            query = sa.select(event_table.c.type, event_table.c.at).where(event_table.c.run_id == run_id)
            at = {row.type: row.at for row in connection.execute(query) if row.type in ("run_started", "node_started")}
        found.append((at["node_started"] - at["run_started"]).total_seconds() * 1000)
    return sorted(found)


def main() -> None:
    """Print the table."""

    async def at_once(_request: web.Request) -> web.Response:
        return web.json_response({})

    with serve({"/now": at_once, "/{name}": _slow}) as server, installation() as bench:
        waits = start_times(bench, f"{server.url}/now")
        _write(
            f"start -> first node started, idle worker: median {statistics.median(waits):.1f} ms, best {waits[0]:.1f}, "
            f"p95 {waits[int(len(waits) * 0.95) - 1]:.1f} (goal <= {START_GOAL_MS:g})"
        )
        for _ in range(3):
            wall, started, cpu = burst(bench, server.url)
            memory = psutil.Process(bench.process.pid).memory_info().rss / 1e6
            _write(
                f"{RUNS} runs x 3 calls of {CALL_S * 1000:g} ms, one worker: {wall:.2f} s (goal <= {GOAL_S:g}; floor {3 * CALL_S:g}), "
                f"starting them took {started:.2f} s, worker {cpu:.1f} ms CPU a run, {memory:.0f} MB"
            )


def _write(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
