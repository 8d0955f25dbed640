"""The live picture of a run on the canvas: a fold of steps and journal events into one badge per node."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
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
    working_since: dict[str, datetime] = field(default_factory=dict[str, datetime])  # iteration -> when
    waiting_since: dict[str, datetime] = field(default_factory=dict[str, datetime])
    waited_ms: float = 0.0
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

    def keep_time(self, event: EventRow, status: str) -> None:
        """Remember since when it works or waits; what a stopped one has worked nobody else tells."""
        since = self.working_since.pop(event.iteration, None)
        if status == "waiting":
            self.waiting_since.setdefault(event.iteration, event.at)
            return
        waiting = self.waiting_since.pop(event.iteration, None)
        self.waited_ms += _between(waiting, event.at) if waiting else 0.0
        if status == "running":
            self.working_since[event.iteration] = event.at
        elif since and event.type == "node_cancelled":
            self.ms += _between(since, event.at)


class Overlay:
    """Mutable while a run is followed; `badges` is what the canvas takes. `now` tells the time.

    `containers` names those whose time is that of the steps inside, so that none of their own is shown.
    """

    def __init__(self, steps: Iterable[StepRow] = (), *, now: Callable[[], datetime], containers: Collection[str] = ()) -> None:
        self._now = now
        self.containers = containers
        self._nodes: dict[str, _Node] = {}
        self._changed: set[str] = set()
        self._made: dict[str, dict[str, Any]] = {}
        for step in steps:
            self._take_step(step)

    def _node(self, node_id: str) -> _Node:
        self._changed.add(node_id)
        return self._nodes.setdefault(node_id, _Node())

    def _take_step(self, step: StepRow) -> None:
        node = self._node(step.node)
        node.statuses[step.iteration] = "handled" if step.status == "failed" and step.port else step.status
        if step.status == "running":
            node.working_since[step.iteration] = self._now() - timedelta(milliseconds=step.duration_ms or 0.0)
        else:
            node.ms += step.duration_ms or 0.0
        node.waited_ms += step.waited_ms if step.status in _OVER else 0.0
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
            node.keep_time(event, status)
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
        """All badges by node id; one of a node of which nothing new is known stays as it was."""
        for node_id in self._changed:
            badge = _badge(self._nodes[node_id], self._now())
            self._made[node_id] = badge | {"ms": 0.0} if node_id in self.containers else badge
        self._changed.clear()
        return dict(self._made)


def _between(start: datetime, end: datetime) -> float:
    return max(0.0, (end - start).total_seconds() * 1000)


def _status_after(event_type: str, payload: JsonObject) -> str:
    if event_type == "node_failed":
        if payload.get("retry_at"):
            return "waiting"
        return "handled" if payload.get("handled") in _FAILED_PORTS else "failed"
    if event_type == "node_waiting":
        return "unknown" if payload.get("reason") == "unknown_effect" else "waiting"
    return _STATUS_OF.get(event_type, "")


def _badge(node: _Node, now: datetime) -> dict[str, Any]:
    present = set(node.statuses.values())
    status = next((name for name in _RANK if name in present), "queued")
    total = len(node.statuses)
    done = sum(1 for name in node.statuses.values() if name in _OVER)
    so_far = _between(min(node.working_since.values()), now) if node.working_since else 0.0
    return {
        "status": status,
        "ms": round(node.ms, 1),
        "waited": round(node.waited_ms),
        "so_far": round(so_far),  # of what runs now; the browser counts on
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
