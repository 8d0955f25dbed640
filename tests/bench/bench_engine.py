"""Engine overhead per node that does nothing, in memory, beside langgraph in the same run; `make bench` calls `main`."""

import asyncio
import gc
import statistics
import sys
import time
from collections.abc import Callable

from engine.run.driver import Driver
from engine.run.events import EventType
from engine.run.memory import MemoryJournal, memory_deps
from engine.run.plan import Plan, compile_plan
from tests.bench.graphs import SHAPES, build
from tests.bench.noop import KINDS

SIZES = (10, 100, 1000)
GOAL_US = 30.0


def run_once(plan: Plan) -> float:
    """Seconds of one run in memory, checked to have settled every node."""
    journal = MemoryJournal()
    driver = Driver(plan, [], memory_deps(), journal)

    async def timed() -> float:
        start = time.perf_counter()
        outcome = await driver.run()
        took = time.perf_counter() - start
        if outcome.status != "succeeded":
            raise RuntimeError(f"the run {outcome.status}: {outcome.error}")
        return took

    took = asyncio.run(timed())
    settled = sum(event.type in (EventType.NODE_FINISHED, EventType.NODE_SKIPPED) for event in journal.events)
    if settled != len(plan.nodes):
        raise RuntimeError(f"{settled} of {len(plan.nodes)} nodes were settled")
    return took


def measure(action: Callable[[], float], count: int) -> tuple[float, float]:
    """Median and best microseconds per node."""
    repeats = max(5, min(40, 4000 // count))
    action()
    gc.collect()
    times = [action() for _ in range(repeats)]
    return statistics.median(times) / count * 1e6, min(times) / count * 1e6


def ours(shape: str, count: int) -> tuple[float, float]:
    """Our engine."""
    plan = compile_plan(build(shape, count), KINDS)
    return measure(lambda: run_once(plan), count)


def main() -> None:
    """Print the table."""
    out = sys.stdout.write
    out(f"engine, us of wall per no-op node, median (best); goal <= {GOAL_US:g} at 100, growth <= 1.5 to 1,000\n")
    out(f"{'shape':8}" + "".join(f"{count:>18}" for count in SIZES) + f"{'growth':>9}\n")
    for shape in SHAPES:
        figures = [ours(shape, count) for count in SIZES]
        cells = "".join(f"{median:>10.1f} ({best:5.1f})" for median, best in figures)
        out(f"{shape:8}{cells}{figures[2][0] / figures[1][0]:>9.2f}\n")
    for shape in ("chain", "fan"):
        plan = compile_plan(build(shape, 10_000), KINDS)
        out(f"{shape} of 10,000: {run_once(plan) / 10_000 * 1e6:.1f} us per node\n")


if __name__ == "__main__":
    main()
