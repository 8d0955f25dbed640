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
BUDGET_S = 3.0  # per cell
Figures = tuple[float, float]


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


def measure(action: Callable[[], float], count: int) -> Figures:
    """Median and best microseconds per node; growth is judged by the best, which other work on the machine disturbs least."""
    action()
    gc.collect()
    times: list[float] = []
    until = time.perf_counter() + BUDGET_S
    while len(times) < 3 or (time.perf_counter() < until and len(times) < 40):
        times.append(action())
    return statistics.median(times) / count * 1e6, min(times) / count * 1e6


def ours(shape: str, count: int) -> Figures:
    """Our engine."""
    plan = compile_plan(build(shape, count), KINDS)
    return measure(lambda: run_once(plan), count)


def langgraph(shape: str, count: int, *, is_async: bool) -> Figures | None:
    """Langgraph, or None where it is not installed."""
    try:
        from tests.bench import peer_langgraph as peer  # noqa: PLC0415 - the peer is optional and slow to import
    except ImportError:
        return None
    source = build(shape, count)
    graph = peer.compile_graph(source, is_async=is_async)
    expected = 2 * count if shape == "branch" else len(source.workflow.nodes)
    return measure(lambda: peer.run_once(graph, expected, is_async=is_async), count)


def main() -> None:
    """Print the tables."""
    engines: dict[str, Callable[[str, int], Figures | None]] = {
        "ours": ours,
        "langgraph async": lambda shape, count: langgraph(shape, count, is_async=True),
        "langgraph sync": lambda shape, count: langgraph(shape, count, is_async=False),
    }
    _write(f"Engine in memory: us of wall per no-op node, median (best). Goal: <= {GOAL_US:g} at 100, growth to 1,000 <= 1.5")
    _write(f"{'':10}{'':16}" + "".join(f"{count:>20,}" for count in SIZES) + f"{'growth':>8}")
    for shape in SHAPES:
        for name, engine in engines.items():
            figures = [engine(shape, count) for count in SIZES]
            known = [figure for figure in figures if figure is not None]
            if len(known) == len(SIZES):
                _write(
                    f"{shape:10}{name:16}"
                    + "".join(f"{median:>10.1f} ({best:>7.1f})" for median, best in known)
                    + f"{known[2][1] / known[1][1]:>8.2f}"
                )
    for shape in ("chain", "fan"):
        source = build(shape, 10_000)
        start = time.perf_counter()
        plan = compile_plan(source, KINDS)
        compiled = time.perf_counter() - start
        _write(f"{shape} of 10,000: {run_once(plan) / 10_000 * 1e6:.1f} us per node, compiled in {compiled:.2f} s")


def _write(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
