"""Tells monitoring what this worker did: counters after each commit, and the trace of a run once it is over. Never in a run's way."""

import logging
import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from sqlalchemy.engine import Engine

from app.adapters.metrics import WorkerMetrics
from app.core.config import Settings
from engine.run.events import EventType, JournalEvent

log = logging.getLogger(__name__)
_ENDS = frozenset({EventType.RUN_SUCCEEDED, EventType.RUN_FAILED, EventType.RUN_CANCELLED})


class RunTracer(Protocol):
    """What sends traces."""

    def over(self, run_id: uuid.UUID) -> None:
        """A run came to its end; never blocks."""
        ...

    def stop(self) -> None:
        """Send what waits."""
        ...


class Telemetry:
    """What the host reports to. `tracer` is None where no collector is configured."""

    def __init__(self, metrics: WorkerMetrics, tracer: RunTracer | None = None) -> None:
        self.metrics = metrics
        self._tracer = tracer
        self._stop_serving: Callable[[], None] | None = None

    def serve(self, host: str, port: int) -> None:
        """Let Prometheus scrape this process; a port that is taken is no reason not to work."""
        try:
            self._stop_serving = self.metrics.serve(host, port)
        except OSError as error:
            log.warning("no metrics of this worker: port %d on %s cannot be used: %s", port, host, error)

    def committed(self, run_id: uuid.UUID, events: Sequence[JournalEvent], kinds: Mapping[str, str]) -> None:
        """Events of a run are durable."""
        self.metrics.observe(events, kinds)
        if self._tracer is not None and events[-1].type in _ENDS:
            self._tracer.over(run_id)

    def stop(self) -> None:
        """Send what waits and close."""
        if self._tracer is not None:
            self._tracer.stop()
        if self._stop_serving is not None:
            self._stop_serving()


def open_telemetry(settings: Settings, database: Engine) -> Telemetry:
    """As the settings say."""
    tracer = None
    if settings.otlp_endpoint:
        from app.jobs.traces import open_tracer  # noqa: PLC0415 - most of a second, which installations without a collector never pay

        tracer = open_tracer(settings, database)
    telemetry = Telemetry(WorkerMetrics(), tracer)
    if settings.worker_metrics_port:
        telemetry.serve(settings.host, settings.worker_metrics_port)
    return telemetry
