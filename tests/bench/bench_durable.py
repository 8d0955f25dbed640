"""The same graphs through the real journal on SQLite: rows, steps and run updates of every node, beside langgraph with its checkpointer."""

import asyncio
import sys
import tempfile
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Engine
from sqlmodel import Session

from app.adapters.database import open_database
from app.jobs.journal import RunJournal
from app.jobs.writer import Writer
from app.services.runs.journal import event_table
from engine.run.driver import Driver
from engine.run.memory import memory_deps
from engine.run.plan import Plan, compile_plan
from models.run import Plan as PlanRow
from models.run import Run
from models.workspace import Workspace
from tests.bench.bench_engine import Figures, measure
from tests.bench.graphs import SHAPES, build
from tests.bench.noop import KINDS
from tests.support.databases import SqliteTemplate

SIZES = (10, 100, 1000)
GOAL_US = 100.0


class Durable:
    """A migrated database and the process's writer."""

    def __init__(self, folder: Path) -> None:
        url = next(SqliteTemplate(folder).fresh(folder))
        self.database: Engine = open_database(url)
        with Session(self.database) as session:
            workspace = Workspace(name="Bench")
            session.add(workspace)
            session.flush()
            plan = PlanRow(workspace_id=workspace.id, digest="bench", content={})
            session.add(plan)
            session.flush()
            self.workspace_id, self.plan_id = workspace.id, plan.id
            session.commit()

    def queue(self) -> uuid.UUID:
        """A run that waits to be claimed."""
        with Session(self.database) as session:
            run = Run(workspace_id=self.workspace_id, plan_id=self.plan_id, inputs={})
            session.add(run)
            session.commit()
            return run.id

    def run_once(self, plan: Plan) -> float:
        """Seconds from the claimed run to its committed end."""
        run_id = self.queue()

        async def timed() -> float:
            writer = Writer(self.database, hooks={}, owner="bench", lease_s=60.0)
            writer.start()
            claimed = await writer.claim(run_id)
            if claimed is None:
                raise RuntimeError("the run could not be claimed")
            journal = RunJournal(claimed, writer, label=str, effectful=frozenset(), on_commit=_ignore, on_news=lambda: None)
            start = time.perf_counter()
            outcome = await Driver(plan, claimed.history, memory_deps(str(run_id)), journal).run()
            took = time.perf_counter() - start
            await asyncio.to_thread(writer.stop)
            if outcome.status != "succeeded":
                raise RuntimeError(f"the run {outcome.status}: {outcome.error}")
            return took

        took = asyncio.run(timed())
        with self.database.connect() as connection:
            query = sa.select(sa.func.count()).where(event_table.c.run_id == run_id, event_table.c.node.is_not(None))
            settled = connection.execute(query).scalar_one()
        if settled != len(plan.nodes):
            raise RuntimeError(f"{settled} of {len(plan.nodes)} nodes were journaled")
        return took


def _ignore(_run_id: uuid.UUID, _next_seq: int) -> None:
    return


def ours(durable: Durable, shape: str, count: int) -> Figures:
    """Our engine with its own journal."""
    plan = compile_plan(build(shape, count), KINDS)
    return measure(lambda: durable.run_once(plan), count)


def langgraph(folder: Path, shape: str, count: int) -> Figures | None:
    """Langgraph with its SQLite checkpointer, synchronous as its faster way; None where it is not installed."""
    try:
        import langgraph.checkpoint.sqlite as checkpoint  # noqa: PLC0415 - the peer is optional and slow to import

        from tests.bench import peer_langgraph as peer  # noqa: PLC0415 - the same
    except ImportError:
        return None
    source = build(shape, count)
    with checkpoint.SqliteSaver.from_conn_string(str(folder / f"lg-{uuid.uuid4().hex}.db")) as saver:
        graph: Any = peer.compile_graph(source, is_async=False, checkpointer=saver)
        expected = 2 * count if shape == "branch" else len(source.workflow.nodes)
        return measure(lambda: peer.run_once(graph, expected, is_async=False), count)


def main() -> None:
    """Print the table."""
    sys.stdout.write(f"Engine durable on SQLite: us of wall per no-op node, median (best). Goal: <= {GOAL_US:g} at 100\n")
    sys.stdout.write(f"{'':10}{'':20}" + "".join(f"{count:>20,}" for count in SIZES) + "\n")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        durable = Durable(folder)
        engines: dict[str, Callable[[str, int], Figures | None]] = {
            "ours": lambda shape, count: ours(durable, shape, count),
            "langgraph + SQLite": lambda shape, count: langgraph(folder, shape, count) if count < 1000 else None,
        }
        for shape in SHAPES:
            for engine_name, engine in engines.items():
                figures = [engine(shape, count) for count in SIZES]
                cells = "".join("" if figure is None else f"{figure[0]:>9.1f} ({figure[1]:>8.1f})" for figure in figures)
                sys.stdout.write(f"{shape:10}{engine_name:20}{cells}\n")
                sys.stdout.flush()
        durable.database.dispose()


if __name__ == "__main__":
    main()
