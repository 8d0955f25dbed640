"""The live picture of a run on the canvas: a fold of steps and journal events into one badge per node."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from app.core.ports import LiveUpdate
from app.views.runs import EventRow, StepRow
from engine.agents.turn import BILLED
from engine.json import JsonObject

_RANK = ("running", "waiting", "unknown", "failed", "handled", "done", "cancelled", "skipped")
_OVER = frozenset(("done", "failed", "handled", "skipped", "cancelled"))
_TEXT_TAIL = 600
SHORTEST_WAIT_MS = 500  # shorter ones are the worker's, not a person's
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
    text_of: str | None = None  # the iteration whose text it is: of several at work one is shown
    entries: dict[str, int] = field(default_factory=dict[str, int])  # of a container that goes through a list: iteration -> its length
    error: str = ""
    port: str = ""
    note: str = ""
    ports: set[str] = field(default_factory=set[str])
    source: str = ""
    first_at: datetime | None = None
    last_at: datetime | None = None
    spent: dict[str, tuple[int, int]] = field(default_factory=dict[str, tuple[int, int]])  # of what is at work: iteration -> tokens, money

    def span(self, start: datetime | None, end: datetime | None) -> None:
        """Stretch the time from the first start to the last end."""
        if start is not None:
            self.first_at = min(self.first_at or start, start)
        if end is not None:
            self.last_at = max(self.last_at or end, end)

    def take_call(self, event: EventRow) -> None:
        """Count a call that is paid for, until the end of its step tells the whole; a step that is stopped never does."""
        fact: dict[str, Any] = event.payload.get("fact") or {}
        usage: dict[str, Any] = fact.get("usage") or {}
        if fact.get("type") in BILLED and usage:
            tokens, money = self.spent.get(event.iteration, (0, 0))
            tokens += int(usage.get("input_tokens", 0)) + int(usage.get("output_tokens", 0))
            self.spent[event.iteration] = (tokens, money + int(usage.get("cost_micros", 0)))

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

    The time of a step with several entries is that from its first start to its last end, unless people were waited for meanwhile.
    `parents` names the container of each step that is inside one. The time of a container is that of the steps inside, so none of its own
    is shown; what it goes through is what they count to.
    """

    def __init__(self, steps: Iterable[StepRow] = (), *, now: Callable[[], datetime], parents: Mapping[str, str] | None = None) -> None:
        self._now = now
        self._nodes: dict[str, _Node] = {}
        self._changed: set[str] = set()
        self._parents: Mapping[str, str] = parents or {}
        self._made: dict[str, dict[str, Any]] = {}
        for step in steps:
            self._take_step(step)

    @property
    def parents(self) -> Mapping[str, str]:
        """The container of each step that is inside one."""
        return self._parents

    @parents.setter
    def parents(self, parents: Mapping[str, str]) -> None:
        if parents != self._parents:
            self._parents = parents
            self._changed.update(self._nodes)

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
        node.span(step.started_at, step.finished_at)
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
            node.span(event.at if event.type == "node_started" else None, event.at if status in _OVER else None)
        if event.type == "node_progress":
            node.take_call(event)
        if event.type in ("node_finished", "node_failed"):
            node.spent.pop(event.iteration, None)
            node.ms += float(payload.get("ms") or 0.0)
            usage: dict[str, Any] = payload.get("usage") or {}
            node.tokens += int(usage.get("input_tokens", 0)) + int(usage.get("output_tokens", 0))
            node.cost_micros += int(usage.get("cost_micros", 0))
            node.port = str(payload.get("port") or _FAILED_PORTS.get(payload.get("handled", "")) or "")
            node.take_port(node.port)
            node.source = str(payload.get("source", ""))
        if status and status != "running" and node.text_of == event.iteration:
            node.text, node.text_of = "", None
        if event.type == "node_started":
            self._take_entries(event.node, event.iteration, payload)
        if event.type == "node_iterated":
            node.note = f"pass {int(payload.get('index') or 0) + 1}"
        if event.type == "node_failed":
            node.error = str((payload.get("error") or {}).get("message", ""))
        elif event.type == "node_finished":
            node.error = ""

    def _take_entries(self, node_id: str, iteration: str, payload: JsonObject) -> None:
        """Learn how many entries a container goes through; the steps inside count to that."""
        inputs: Any = payload.get("inputs")
        items: Any = inputs.get("items") if isinstance(inputs, dict) else None
        if isinstance(items, list):
            self._node(node_id).entries[iteration] = len(items)
            self._changed.update(inner for inner, parent in self.parents.items() if parent == node_id and inner in self._nodes)

    def take_live(self, update: LiveUpdate) -> None:
        """Fold one live update in: streamed text of a running node, or its answer starting anew; only a tail is kept."""
        known = self._nodes.get(update.node)
        if known is None or known.statuses.get(update.iteration) != "running" or update.kind not in ("text", "reset"):
            return
        if known.text_of not in (None, update.iteration):
            return
        node = self._node(update.node)
        node.text_of = update.iteration
        node.text = "" if update.kind == "reset" else (node.text + str(update.payload.get("delta", "")))[-_TEXT_TAIL:]

    def badges(self) -> dict[str, dict[str, Any]]:
        """All badges by node id; one of a node of which nothing new is known stays as it was."""
        containers = frozenset(self.parents.values())
        stopped = {inner for inner, parent in self.parents.items() if self._is_stopped(parent)}
        for node_id in self._changed | {each for each in stopped if self._made.get(each, {}).get("status") == "done"}:
            badge = self._badge_of(node_id, is_stopped=node_id in stopped)
            self._made[node_id] = badge | {"ms": 0.0} if node_id in containers else badge
        self._changed.clear()
        return dict(self._made)

    def _is_stopped(self, container: str) -> bool:
        known = self._nodes.get(container)
        return known is not None and set(known.statuses.values()) == {"cancelled"}

    def _badge_of(self, node_id: str, *, is_stopped: bool) -> dict[str, Any]:
        node = self._nodes[node_id]
        above = self._nodes.get(self.parents.get(node_id, ""))
        badge = _badge(node, self._now(), expected=sum(above.entries.values()) if above else 0)
        is_short = badge["status"] == "done" and badge["done"] < badge["total"]
        return badge | {"status": "cancelled"} if is_stopped and is_short else badge


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


def _badge(node: _Node, now: datetime, *, expected: int) -> dict[str, Any]:
    present = set(node.statuses.values())
    status = next((name for name in _RANK if name in present), "queued")
    total = max(len(node.statuses), expected)
    done = sum(1 for name in node.statuses.values() if name in _OVER and name != "cancelled")
    so_far = _between(min(node.working_since.values()), now) if node.working_since else 0.0
    ms = node.ms
    if total > 1 and node.first_at is not None and node.waited_ms < SHORTEST_WAIT_MS:
        so_far = _between(node.first_at, now) if status == "running" else so_far
        ms = _between(node.first_at, node.last_at) if node.last_at and status in _OVER else ms
    return {
        "status": status,
        "ms": round(ms, 1),
        "waited": round(node.waited_ms),
        "so_far": round(so_far),  # of what runs now; the browser counts on
        "tokens": node.tokens + sum(tokens for tokens, _ in node.spent.values()),
        "cost_micros": node.cost_micros + sum(money for _, money in node.spent.values()),
        "text": node.text,
        "error": node.error,
        "port": node.port,
        "note": node.note,
        "source": node.source,
        "ports": " ".join(sorted(node.ports)),
        "done": done,
        "total": total,
        "word": "entries" if expected else "times",
    }
