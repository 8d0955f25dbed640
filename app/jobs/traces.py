"""Sends the trace of each finished run, from a thread of its own; loaded only where a collector is configured."""

import logging
import queue
import threading
import uuid

import sqlalchemy as sa
from sqlalchemy.engine import Engine
from sqlalchemy.exc import SQLAlchemyError

from app.adapters.traces_otel import SpanBuilder, TracedNode, TracedRun, TraceSender
from app.core.config import Settings
from app.services.runs.claim import read_histories, read_plans
from engine.spec.workflow import RunPlan
from models.run import Run

log = logging.getLogger(__name__)
MOST_WAITING = 1000
_run: sa.Table = Run.__table__  # type: ignore[attr-defined]


class Tracer:
    """A thread that reads finished runs back from SQL and sends their spans; when the collector is slow, traces are dropped and counted."""

    def __init__(self, database: Engine, builder: SpanBuilder, sender: TraceSender) -> None:
        self._database = database
        self._builder = builder
        self._sender = sender
        self._waiting: queue.Queue[uuid.UUID | None] = queue.Queue(MOST_WAITING)
        self._thread = threading.Thread(target=self._run, name="traces", daemon=True)
        self.dropped = 0

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self, timeout_s: float = 5.0) -> None:
        """Send what waits, within the time."""
        try:
            self._waiting.put(None, timeout=timeout_s)
        except queue.Full:
            return
        self._thread.join(timeout_s)
        self._sender.close()

    def over(self, run_id: uuid.UUID) -> None:
        """A run came to its end; never blocks."""
        try:
            self._waiting.put_nowait(run_id)
        except queue.Full:
            self.dropped += 1

    def _run(self) -> None:
        while (run_id := self._waiting.get()) is not None:
            try:
                run = self._read(run_id)
            except SQLAlchemyError as error:
                log.warning("the trace of run %s could not be read: %s", run_id, error)
                continue
            if run is not None and not self._sender.send(self._builder.build(run)):
                self.dropped += 1
                log.warning("the trace of run %s was not taken by the collector", run_id)

    def _read(self, run_id: uuid.UUID) -> TracedRun | None:
        columns = (_run.c.workspace_id, _run.c.title, _run.c.trigger, _run.c.plan_id)
        with self._database.connect().execution_options(af_write=False) as connection, connection.begin():
            row = connection.execute(sa.select(*columns).where(_run.c.id == run_id)).first()
            if row is None:
                return None
            events = read_histories(connection, [run_id])[run_id]
            plan = RunPlan.model_validate(read_plans(connection, [row.plan_id])[row.plan_id])
        nodes = {
            node.id: TracedNode(node.kind, node.label, str(node.config.get("agent", "")) if node.kind == "agent" else "")
            for node in plan.workflow.nodes
        }
        return TracedRun(run_id, row.workspace_id, row.title, row.trigger, nodes, events)


def open_tracer(settings: Settings, database: Engine) -> Tracer:
    """A tracer to the configured collector, started."""
    builder = SpanBuilder(service=settings.otel_service, has_content=settings.otel_content)
    tracer = Tracer(database, builder, TraceSender(f"{settings.otlp_endpoint}/v1/traces", headers=settings.otlp_headers))
    tracer.start()
    return tracer
