"""Spans as short arrays for the browser; components/trace/model.js reads them in this order."""

from collections.abc import Iterable, Sequence
from typing import Any

from app.views.trace import Pause, Span
from engine.json import JsonObject
from pages.run.present import Labels


def span_rows(spans: Iterable[Span]) -> list[list[Any]]:
    """One array per span: thousands of them cross the wire in one message."""
    return [
        [
            span.index,
            span.kind,
            span.node,
            span.iteration,
            span.attempt,
            span.name,
            span.status,
            round(span.start_ms, 1),
            None if span.end_ms is None else round(span.end_ms, 1),
            span.first,
            span.last,
            span.waits,
            span.parent,
            span.input_tokens + span.output_tokens,
            span.cost_micros,
            span.source,
            span.port,
            span.error,
            round(span.waited_ms, 1),
        ]
        for span in spans
    ]


def pause_rows(pauses: Sequence[Pause]) -> list[list[float | None]]:
    """From and to, of every time the run was parked."""
    return [[pause.start_ms, pause.end_ms] for pause in pauses]


def node_rows(workflow: JsonObject, labels: Labels) -> list[JsonObject]:
    """What the waterfall must know of each step of the definition."""
    nodes: list[JsonObject] = workflow.get("nodes") or []
    return [{"id": node["id"], "label": labels.labels[node["id"]], "parent": node.get("parent")} for node in nodes]
