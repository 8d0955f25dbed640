"""The live picture of a run on the canvas: a fold of steps and journal events into one badge per node."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from app.views.runs import EventRow, StepRow
from engine.json import JsonObject

_RANK = ("running", "waiting", "unknown", "failed", "handled", "done", "cancelled", "skipped")
_OVER = frozenset(("done", "failed", "handled", "skipped", "cancelled"))
_TEXT_TAIL = 600
_SOURCES = ("kept", "edited", "pinned", "stubbed")  # of steps that were not run here
_FAILED_PORTS = {"branch": "error", "default": "out"}
_STATUS_OF = {
    "node_started": "running",
    "node_finished": "done",
    "node_skipped": "skipped",
    "node_cancelled": "cancelled",
    "node_resumed": "running",
}


@dataclass(slots=True)
class _Node:
    """What is known of one node over all its iterations."""

    statuses: dict[str, str] = field(default_factory=dict[str, str])
    ms: float = 0.0
    tokens: int = 0
    cost_micros: int = 0
    text: str = ""
    error: str = ""
    port: str = ""
    note: str = ""
    ports: set[str] = field(default_factory=set[str])
    source: str = ""

    def take_port(self, port: str | None) -> None:
        """Remember a way out that was taken, in whichever iteration."""
        if port:
            self.ports.add(port)


class Overlay:
    """Mutable while a run is followed; `badges` is what the canvas takes."""

    def __init__(self, steps: Iterable[StepRow] = ()) -> None:
        self._nodes: dict[str, _Node] = {}
        self._changed: set[str] = set()
        for step in steps:
            self._take_step(step)

    def _node(self, node_id: str) -> _Node:
        self._changed.add(node_id)
        return self._nodes.setdefault(node_id, _Node())

    def _take_step(self, step: StepRow) -> None:
        node = self._node(step.node)
        node.statuses[step.iteration] = "handled" if step.status == "failed" and step.port else step.status
        node.ms += step.duration_ms or 0.0
        node.tokens += step.input_tokens + step.output_tokens
        node.cost_micros += step.cost_micros
        node.port = step.port or ""
        node.take_port(step.port)
        node.source = step.reason if step.reason in _SOURCES else ""
        if step.error:
            node.error = str(step.error.get("message", ""))

    def apply(self, event: EventRow) -> None:
        """Fold one journal event in; events without a node change nothing here."""
        if event.node is None:
            return
        node = self._node(event.node)
        payload = event.payload
        status = _status_after(event.type, payload)
        if status:
            node.statuses[event.iteration] = status
        if event.type in ("node_finished", "node_failed"):
            node.ms += float(payload.get("ms") or 0.0)
            usage: dict[str, Any] = payload.get("usage") or {}
            node.tokens += int(usage.get("input_tokens", 0)) + int(usage.get("output_tokens", 0))
            node.cost_micros += int(usage.get("cost_micros", 0))
            node.port = str(payload.get("port") or _FAILED_PORTS.get(payload.get("handled", "")) or "")
            node.take_port(node.port)
            node.text = ""
            node.source = str(payload.get("source", ""))
        if event.type == "node_iterated":
            node.note = f"pass {int(payload.get('index') or 0) + 1}"
        if event.type == "node_failed":
            node.error = str((payload.get("error") or {}).get("message", ""))
        elif event.type == "node_finished":
            node.error = ""

    def take_live(self, kind: str, node_id: str, payload: JsonObject) -> None:
        """Fold one live update in: streamed text of a running node, or its answer starting anew; only a tail is kept."""
        known = self._nodes.get(node_id)
        if known is None or "running" not in known.statuses.values() or kind not in ("text", "reset"):
            return
        node = self._node(node_id)
        node.text = "" if kind == "reset" else (node.text + str(payload.get("delta", "")))[-_TEXT_TAIL:]

    def badges(self) -> dict[str, dict[str, Any]]:
        """All badges by node id."""
        return {node_id: _badge(node) for node_id, node in self._nodes.items()}

    def changes(self) -> dict[str, dict[str, Any]]:
        """The badges that changed since the last call."""
        changed, self._changed = self._changed, set()
        return {node_id: _badge(self._nodes[node_id]) for node_id in changed}


def _status_after(event_type: str, payload: JsonObject) -> str:
    if event_type == "node_failed":
        if payload.get("retry_at"):
            return "waiting"
        return "handled" if payload.get("handled") in _FAILED_PORTS else "failed"
    if event_type == "node_waiting":
        return "unknown" if payload.get("reason") == "unknown_effect" else "waiting"
    return _STATUS_OF.get(event_type, "")


def _badge(node: _Node) -> dict[str, Any]:
    present = set(node.statuses.values())
    status = next((name for name in _RANK if name in present), "queued")
    total = len(node.statuses)
    done = sum(1 for name in node.statuses.values() if name in _OVER)
    return {
        "status": status,
        "ms": round(node.ms, 1),
        "tokens": node.tokens,
        "cost_micros": node.cost_micros,
        "text": node.text,
        "error": node.error,
        "port": node.port,
        "note": node.note,
        "source": node.source,
        "ports": " ".join(sorted(node.ports)),
        "done": done,
        "total": total,
    }
