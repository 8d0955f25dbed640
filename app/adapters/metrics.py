"""Prometheus instruments of web and worker processes. Labels hold kinds, statuses, models and route patterns: never an id or tenant."""

import hmac
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest, start_http_server
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy.engine import Engine
from sqlalchemy.exc import SQLAlchemyError

from app.core.errors import Unavailable
from app.core.sql_clock import sql_now
from engine.agents.turn import BILLED
from engine.run.events import EventType, JournalEvent
from models.run import Outbox, Run, RunStatus

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_STEP_SECONDS = (0.001, 0.005, 0.02, 0.1, 0.5, 1, 2, 5, 10, 30, 60, 300, 1800)
_HTTP_SECONDS = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_RUN_ENDS = {EventType.RUN_SUCCEEDED: "succeeded", EventType.RUN_FAILED: "failed", EventType.RUN_CANCELLED: "cancelled"}
_STEP_ENDS = {
    EventType.NODE_FINISHED: "done",
    EventType.NODE_FAILED: "failed",
    EventType.NODE_SKIPPED: "skipped",
    EventType.NODE_CANCELLED: "cancelled",
}
_OPEN = (RunStatus.QUEUED, RunStatus.RUNNING, RunStatus.WAITING)
_run: sa.Table = Run.__table__  # type: ignore[attr-defined]
_outbox: sa.Table = Outbox.__table__  # type: ignore[attr-defined]


class WorkerMetrics:
    """What one worker process did; counted after the journal's commit, so that nothing is counted that was not kept."""

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        self.registry = registry or CollectorRegistry()
        count, spread = self._counter, self._histogram
        self._runs = count("runs_ended", "Runs that came to their end in this worker.", "status")
        self._steps = count("steps", "Steps settled, by kind of node.", "kind", "status")
        self._step_s = spread("step_seconds", "Time a step was at work.", _STEP_SECONDS, "kind")
        self._retries = count("step_retries", "Failed attempts that are tried again.", "kind")
        self._calls = count("model_calls", "Answered calls of language models.", "model")
        self._tokens = count("model_tokens", "Tokens used.", "model", "direction")
        self._cost = count("model_cost_usd", "Cost by the price list, in US dollars.", "model")
        self._call_s = spread("model_call_seconds", "Time until a model's answer was complete.", _STEP_SECONDS, "model")
        self._tools = count("tool_calls", "Tool calls of agents.", "tool", "outcome")
        self._leases = count("leases_lost", "Runs this worker had to let go because another one took them.")

    def _counter(self, name: str, text: str, *labels: str) -> Counter:
        return Counter(f"agent_factory_{name}", text, labels, registry=self.registry)

    def _histogram(self, name: str, text: str, buckets: Sequence[float], *labels: str) -> Histogram:
        return Histogram(f"agent_factory_{name}", text, labels, registry=self.registry, buckets=buckets)

    def show(self, name: str, text: str, read: Callable[[], float]) -> None:
        """Add a figure that is read at each scrape."""
        self.registry.register(_Reading(f"agent_factory_{name}", text, read))

    def observe(self, events: Iterable[JournalEvent], kind_of: Mapping[str, str]) -> None:
        """Count committed events; `kind_of` maps node ids to kinds."""
        for event in events:
            if event.node is None:
                if event.type in _RUN_ENDS:
                    self._runs.labels(_RUN_ENDS[event.type]).inc()
            elif event.type is EventType.NODE_PROGRESS:
                self._observe_fact(event.data.get("fact") or {})
            elif event.type in _STEP_ENDS:
                self._observe_step(event, kind_of.get(event.node, "unknown"))

    def lease_lost(self) -> None:
        """Count a run that went to another worker."""
        self._leases.inc()

    def _observe_step(self, event: JournalEvent, kind: str) -> None:
        if event.data.get("retry_at"):
            self._retries.labels(kind).inc()
            return
        self._steps.labels(kind, _STEP_ENDS[event.type]).inc()
        if "ms" in event.data:
            self._step_s.labels(kind).observe(event.data["ms"] / 1000)

    def _observe_fact(self, fact: Mapping[str, Any]) -> None:
        if fact.get("type") == "tool_result":
            self._tools.labels(str(fact.get("name", ""))[:60], "failed" if fact.get("error") else "done").inc()
        if fact.get("type") not in BILLED:
            return
        model, usage = str(fact.get("model", "")), fact.get("usage") or {}
        self._tokens.labels(model, "input").inc(usage.get("input_tokens", 0))
        self._tokens.labels(model, "output").inc(usage.get("output_tokens", 0))
        self._cost.labels(model).inc(usage.get("cost_micros", 0) / 1_000_000)
        if fact["type"] == "partial":
            return
        self._calls.labels(model).inc()
        if "ms" in fact:
            self._call_s.labels(model).observe(fact["ms"] / 1000)

    def serve(self, host: str, port: int) -> Callable[[], None]:
        """Answer GET /metrics on a port of its own; returns what stops it. Raises OSError when the port is taken."""
        server, thread = start_http_server(port, addr=host, registry=self.registry)

        def stop() -> None:
            server.shutdown()
            server.server_close()
            thread.join(5.0)

        return stop


class WebMetrics:
    """What one web process answered, and how full the shared database and queue are."""

    def __init__(self, database: Engine, waiting_messages: Callable[[], int], registry: CollectorRegistry | None = None) -> None:
        self.registry = registry or CollectorRegistry()
        self._requests = Counter(
            "agent_factory_http_requests", "HTTP requests answered.", ("method", "route", "status"), registry=self.registry
        )
        self._request_s = Histogram(
            "agent_factory_http_request_seconds",
            "Time until an HTTP answer was complete.",
            ("method", "route"),
            registry=self.registry,
            buckets=_HTTP_SECONDS,
        )
        self.registry.register(_Backlog(database, waiting_messages))

    def observe(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one answer; `route` is the pattern, not the path."""
        self._requests.labels(method, route, str(status)).inc()
        self._request_s.labels(method, route).observe(seconds)

    def page(self) -> bytes:
        """The text Prometheus scrapes."""
        return generate_latest(self.registry)


def may_scrape(token: str, header: str, *, is_production: bool) -> bool:
    """With a token, only its bearer; without one, anybody outside production and nobody in it."""
    if not token:
        return not is_production
    return hmac.compare_digest(header.encode(), f"Bearer {token}".encode())


class _Reading(Collector):
    def __init__(self, name: str, text: str, read: Callable[[], float]) -> None:
        self._name, self._text, self._read = name, text, read

    def collect(self) -> Iterable[GaugeMetricFamily]:
        yield GaugeMetricFamily(self._name, self._text, value=self._read())


class _Backlog(Collector):
    """Read from SQL and Redis at each scrape, through partial indexes; a part that does not answer is left out."""

    def __init__(self, database: Engine, waiting_messages: Callable[[], int]) -> None:
        self._database = database
        self._waiting_messages = waiting_messages

    def describe(self) -> Iterable[GaugeMetricFamily]:
        """Nothing is read when the collector is registered."""
        return ()

    def collect(self) -> Iterable[GaugeMetricFamily]:
        try:
            yield from self._read_sql()
        except SQLAlchemyError:
            yield GaugeMetricFamily("agent_factory_database_up", "Whether the database answers.", value=0)
        try:
            waiting = self._waiting_messages()
        except Unavailable:
            return
        yield GaugeMetricFamily("agent_factory_queue_messages", "Doorbells no worker has heard yet.", value=waiting)

    def _read_sql(self) -> Iterable[GaugeMetricFamily]:
        runs = GaugeMetricFamily("agent_factory_open_runs", "Runs that are not over.", labels=("status",))
        with self._database.connect().execution_options(af_write=False) as connection, connection.begin():
            for status in _OPEN:
                count = sa.select(sa.func.count()).select_from(_run).where(_run.c.status == sa.literal_column(f"'{status.value}'"))
                runs.add_metric((status.value,), connection.execute(count).scalar_one())
            oldest = connection.execute(sa.select(sa.func.min(_run.c.rung_at), sql_now()).where(_run.c.status == RunStatus.QUEUED)).one()
            outbox = connection.execute(sa.select(sa.func.count()).select_from(_outbox)).scalar_one()
        yield runs
        age = 0.0 if oldest[0] is None else max(0.0, (oldest[1] - oldest[0]).total_seconds())
        yield GaugeMetricFamily("agent_factory_oldest_queued_seconds", "How long the longest waiting queued run has waited.", value=age)
        yield GaugeMetricFamily("agent_factory_outbox_messages", "Doorbells not sent yet.", value=outbox)
        yield GaugeMetricFamily("agent_factory_database_up", "Whether the database answers.", value=1)
