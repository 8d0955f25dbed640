"""What a second worker process adds: CPU-bound steps a second, and room for steps that wait; `make bench` calls `main`."""

import asyncio
import sys
from contextlib import ExitStack
from itertools import pairwise

import sqlalchemy as sa
from aiohttp import web

from engine.spec.workflow import WorkflowSpec
from tests.bench.installation import SCRIPTED, Burst, installation, run_table
from tests.support.called import calling
from tests.support.slow_http import serve
from tests.support.waiting import until
from tests.support.workers import worker
from tests.support.workflows import node, spec_of

BUSY_RUNS = 120
BUSY_STEPS = 4
WAITING_RUNS = 240
CONCURRENCY = 15
CALL_S = 1.0
GOAL = 1.7
LOOP = "{% assign sum = 0 %}{% for i in (1..1500) %}{% assign sum = sum | plus: i %}{% endfor %}{{ sum }}"


def busy() -> WorkflowSpec:
    """Steps that do nothing but count, in the process of the worker."""
    names = [f"count_{number}" for number in range(BUSY_STEPS)]
    chain = ["start", *names, "end"]
    edges = " ".join(f"{a}>{b}" for a, b in pairwise(chain))
    return spec_of(
        node("start", "start"), *(node(name, "template", text=LOOP) for name in names), node("end", "end", output="done"), edges=edges
    )


def measure(spec: WorkflowSpec, count: int, workers: int) -> Burst:
    """One burst through so many processes."""
    with installation(workers=workers, AF_WORKER_CONCURRENCY=str(CONCURRENCY)) as bench:
        return bench.burst(bench.workflow(spec), count)


def work_off(spec: WorkflowSpec, count: int, workers: int) -> float:
    """Seconds from the first start to the last end of runs that were all queued before the first worker came."""
    with installation(workers=0) as bench, ExitStack() as stack:
        workflow_id = bench.workflow(spec)
        for _ in range(count):
            bench.start(workflow_id)
        for _ in range(workers):
            stack.enter_context(worker(bench.wiring.settings, module=SCRIPTED, AF_LEASE_S="60", AF_WORKER_CONCURRENCY=str(CONCURRENCY)))
        until(lambda: bench.open_runs() == 0, timeout_s=300, what="the backlog")
        with bench.wiring.database.connect().execution_options(af_write=False) as connection:
            query = sa.select(sa.func.min(run_table.c.started_at), sa.func.max(run_table.c.finished_at))
            first, last = connection.execute(query).one()
    return (last - first).total_seconds()


def main() -> None:
    """Print what one and two processes reach."""

    async def slow(_request: web.Request) -> web.Response:
        await asyncio.sleep(CALL_S)
        return web.json_response({"ok": True})

    out = sys.stdout
    one, two = (measure(busy(), BUSY_RUNS, workers) for workers in (1, 2))
    rates = [BUSY_RUNS * BUSY_STEPS / burst.wall_s for burst in (one, two)]
    gain = rates[1] / rates[0]
    out.write(f"CPU-bound steps: one process {rates[0]:.0f} a second, two {rates[1]:.0f}: {gain:.2f} times ")
    out.write(f"(goal {GOAL:g}: {'held' if gain >= GOAL else 'MISSED'}); {one.cpu_ms:.0f} and {two.cpu_ms:.0f} ms CPU a run\n")
    with serve({"/{name}": slow}) as server:
        spec = calling(server.url, "a")
        times = [work_off(spec, WAITING_RUNS, workers) for workers in (1, 2)]
    floors = [WAITING_RUNS / CONCURRENCY / workers * CALL_S for workers in (1, 2)]
    out.write(f"waiting steps, {WAITING_RUNS} runs at {CONCURRENCY} a process: one process {times[0]:.2f} s (floor {floors[0]:.1f}), ")
    out.write(f"two {times[1]:.2f} s (floor {floors[1]:.1f}): {times[0] / times[1]:.2f} times\n")


if __name__ == "__main__":
    main()
