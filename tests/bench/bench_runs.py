"""The real path under load: 200 runs of three slow HTTP or model calls through a worker, and how soon an idle one starts a run."""

import statistics
import sys

import sqlalchemy as sa

from engine.spec.workflow import WorkflowSpec
from models.run import RunEvent
from tests.bench.apart import AT_ONCE, apart, model_provider, slow_service
from tests.bench.installation import SHIPPED, Bench, installation
from tests.support.called import calling
from tests.support.waiting import until
from tests.support.workflows import node, spec_of

RUNS = 200
CALL_S = 0.5
GOAL_HTTP_S = 2.5
GOAL_MODEL_S = {1: 4.5, 2: 3.0}
START_GOAL_MS = 10.0
STARTS = 40
GOES = 3
event_table: sa.Table = RunEvent.__table__  # type: ignore[attr-defined]


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


def thinking() -> WorkflowSpec:
    """Three model calls, one after the other."""
    asks = [node(name, "llm", model="openai/gpt-4.1-mini", prompt="Say hi.") for name in ("a", "b", "c")]
    return spec_of(node("start", "start"), *asks, node("end", "end", output="done"), edges="start>a a>b b>c c>end")


def goes(bench: Bench, spec: WorkflowSpec, what: str, goal_s: float) -> None:
    """Print some bursts of one workflow."""
    workflow_id = bench.workflow(spec)
    for _ in range(GOES):
        burst = bench.burst(workflow_id, RUNS)
        _write(
            f"{RUNS} runs x 3 {what} of {CALL_S * 1000:g} ms, {len(bench.workers)} worker(s): {burst.wall_s:.2f} s (goal <= {goal_s:g}; "
            f"floor {3 * CALL_S:g}), starting them took {burst.starting_s:.2f} s, {burst.cpu_ms:.1f} ms CPU a run, {burst.memory_mb:.0f} MB"
        )


def main() -> None:
    """Print the table."""
    with apart(slow_service) as service, installation() as bench:
        waits = start_times(bench, service.url + AT_ONCE)
        _write(
            f"start -> first node started, idle worker: median {statistics.median(waits):.1f} ms, best {waits[0]:.1f}, "
            f"p95 {waits[int(len(waits) * 0.95) - 1]:.1f} (goal <= {START_GOAL_MS:g})"
        )
        service.delay(CALL_S)
        goes(bench, calling(service.url, "a", "b", "c"), "HTTP calls", GOAL_HTTP_S)
    with apart(model_provider) as provider:
        provider.delay(CALL_S)
        for workers, goal_s in GOAL_MODEL_S.items():
            with installation(workers=workers, module=SHIPPED, OPENAI_API_KEY="sk-bench", OPENAI_BASE_URL=f"{provider.url}/v1") as bench:
                goes(bench, thinking(), "model calls", goal_s)


def _write(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
