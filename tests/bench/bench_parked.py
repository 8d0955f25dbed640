"""Runs that wait: what 10,000 parked runs and hundreds of held ones cost a worker, and whether all waking at once is fair."""

import asyncio
import statistics
import sys
import time
import uuid
from collections import Counter
from datetime import UTC, datetime, timedelta

import psutil
import sqlalchemy as sa
from aiohttp import web

from app.services.runs import start_run
from engine.spec.workflow import WorkflowSpec
from tests.bench.installation import Bench, installation, run_table
from tests.support.called import calling
from tests.support.people import make_member
from tests.support.slow_http import serve
from tests.support.waiting import until
from tests.support.workflows import make_workflow, node, spec_of

PARKED = 10_000
SMALL = 200
HELD = 400
CALL_S = 30.0
PROBE = 200
MARGIN = 3.0
GOAL_KB = 50
_run = run_table.c


def sleeping(moment: datetime) -> WorkflowSpec:
    """Waits until a moment."""
    pause = node("pause", "delay", mode="until", until=moment.isoformat())
    return spec_of(node("start", "start"), pause, node("end", "end", output="done"), edges="start>pause pause>end")


def start_many(bench: Bench, workflow_id: uuid.UUID, count: int) -> None:
    """Many runs, some in each transaction."""
    for begin in range(0, count, 50):
        with bench.wiring.unit(bench.actor) as uow:
            for _ in range(begin, min(begin + 50, count)):
                start_run(uow, workflow_id=workflow_id, inputs={})


def count_of(bench: Bench, *statuses: str) -> int:
    """Runs with one of the statuses."""
    with bench.wiring.database.connect().execution_options(af_write=False) as connection:
        return connection.execute(sa.select(sa.func.count()).select_from(run_table).where(_run.status.in_(statuses))).scalar_one()


def memory_kb(bench: Bench) -> float:
    """Resident memory of the worker."""
    return psutil.Process(bench.workers[0].pid).memory_info().rss / 1e3


def cpu_share(bench: Bench, *, windows: int = 3, seconds: float = 4.0) -> float:
    """Share of a core that the worker takes, in the middle one of some windows; what came before has come to rest first."""
    process = psutil.Process(bench.workers[0].pid)
    time.sleep(seconds)
    process.cpu_percent()
    shares: list[float] = []
    for _ in range(windows):
        time.sleep(seconds)
        shares.append(process.cpu_percent())
    return statistics.median(shares)


def parked() -> None:
    """Park, look, wake."""
    with installation() as bench:
        began = time.perf_counter()
        start_many(bench, bench.workflow(sleeping(datetime.now(UTC))), PROBE)
        until(lambda: bench.open_runs() == 0, timeout_s=120, what="the warm-up")
        each_s = (time.perf_counter() - began) / PROBE
        idle_kb, idle_cpu = memory_kb(bench), cpu_share(bench)
        moment = datetime.now(UTC) + timedelta(seconds=40 + each_s * PARKED * MARGIN)
        start_many(bench, bench.workflow(sleeping(moment)), PARKED - SMALL)
        first = bench.actor.workspace_id
        with bench.wiring.unit() as uow:
            other = make_member(uow)
        late = Bench(bench.wiring, other, bench.workers)
        with bench.wiring.unit(other) as uow:
            workflow_id = make_workflow(uow, sleeping(moment)).id
        start_many(late, workflow_id, SMALL)
        until(lambda: count_of(bench, "waiting") == PARKED, timeout_s=600, what="all parked")
        kb, cpu = (memory_kb(bench) - idle_kb) / PARKED, cpu_share(bench)
        if datetime.now(UTC) >= moment:
            raise RuntimeError("the runs woke while they were looked at; give them more time")
        _write(
            f"{PARKED:,} parked runs: {kb:.2f} kB of the worker's memory each (goal <= {GOAL_KB}), "
            f"{cpu:.1f} % of a core (idle {idle_cpu:.1f})"
        )
        until(lambda: bench.open_runs() == 0, timeout_s=1200, what="all awake and done")
        _tell_waking(bench, moment, first)


def _tell_waking(bench: Bench, moment: datetime, first: uuid.UUID) -> None:
    with bench.wiring.database.connect().execution_options(af_write=False) as connection:
        query = sa.select(_run.workspace_id, _run.finished_at, _run.status).where(_run.finished_at >= moment)
        rows = connection.execute(query).all()
    ends = {"large": [], "small": []}
    for row in rows:
        ends["large" if row.workspace_id == first else "small"].append((row.finished_at - moment).total_seconds())
    statuses = Counter(row.status for row in rows)
    last, middle = max(max(times) for times in ends.values()), {name: statistics.median(times) for name, times in ends.items()}
    _write(f"all waking at one moment: {dict(statuses)} after {last:.1f} s, {len(rows) / last:.0f} a second;")
    _write(f"the median of {len(ends['large']):,} runs of one workspace after {middle['large']:.1f} s,")
    _write(f"of the {SMALL} of another {middle['small']:.1f} s")


def held() -> None:
    """Runs in the middle of a slow call, all at once."""

    async def slow(_request: web.Request) -> web.Response:
        await asyncio.sleep(CALL_S)
        return web.json_response({"ok": True})

    with serve({"/{name}": slow}) as server, installation(AF_WORKER_CONCURRENCY=str(HELD + 50)) as bench:
        workflow_id = bench.workflow(calling(server.url, "a"))
        start_many(bench, workflow_id, 20)
        until(lambda: count_of(bench, "running") == 20, timeout_s=60, what="the first few")
        before = memory_kb(bench)
        start_many(bench, workflow_id, HELD)
        until(lambda: count_of(bench, "running") >= HELD, timeout_s=120, what="all at work")
        _write(f"{HELD} runs held in a call: {(memory_kb(bench) - before) / HELD:.0f} kB each (goal <= {GOAL_KB})")


def main() -> None:
    """Print the figures."""
    held()
    parked()


def _write(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
