"""The trace of a run: a fold of its journal into spans (attempts of steps, model calls, tool calls), and what one attempt was made of."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from app.views.runs import EventRow
from engine.json import JsonObject, JsonValue

_ENDS = {"node_finished": "done", "node_failed": "failed", "node_skipped": "skipped", "node_cancelled": "cancelled"}
_LONGEST_ERROR = 300


@dataclass(slots=True)
class Span:
    """Something that took time; `first` and `last` are journal numbers, 0 for not yet; times are milliseconds since the run began.

    `waits` is the number of the entry since which it waits, `waited_ms` how long it only waited. `parent` is the index of the attempt
    that a call belongs to, or -1.
    """

    index: int
    kind: str  # step | model | tool
    node: str
    iteration: str
    attempt: int
    name: str
    start_ms: float
    first: int
    parent: int = -1
    end_ms: float | None = None
    last: int = 0
    waits: int = 0
    status: str = "running"
    input_tokens: int = 0
    output_tokens: int = 0
    cost_micros: int = 0
    source: str = ""
    port: str = ""
    error: str = ""
    waited_ms: float = 0.0
    waits_from: float | None = None

    def go_on(self, at: float) -> None:
        """Its wait is over."""
        if self.waits_from is not None:
            self.waited_ms, self.waits_from = self.waited_ms + max(0.0, at - self.waits_from), None


@dataclass(slots=True)
class Pause:
    """From when to when nothing at all happened because the run was parked."""

    start_ms: float
    end_ms: float | None = None


class TraceFold:
    """Takes journal events in order, as often as there are new ones; `taken` says which spans changed since it was asked last."""

    def __init__(self) -> None:
        self.spans: list[Span] = []
        self.pauses: list[Pause] = []
        self.moments: list[tuple[str, str, str, float]] = []  # type, node, iteration, ms
        self._began: datetime | None = None
        self._open: dict[tuple[str, str], Span] = {}
        self._latest: dict[tuple[str, str], Span] = {}
        self._changed: dict[int, Span] = {}
        self._told = 0

    def take(self, events: Iterable[EventRow]) -> None:
        """Fold them in."""
        for event in events:
            self._began = self._began or event.at
            at = self._ms(event.at)
            self.moments.append((event.type, event.node or "", event.iteration, at))
            if event.node is None:
                self._take_run(event.type, at)
            elif event.type == "node_progress":
                self._take_fact(event, at)
            else:
                self._take_step(event, at)

    def news(self) -> tuple[list[Span], list[tuple[str, str, str, float]]]:
        """Spans and moments that came or changed since the last call."""
        changed, told = list(self._changed.values()), self._told
        self._changed, self._told = {}, len(self.moments)
        return changed, self.moments[told:]

    def _ms(self, moment: datetime) -> float:
        return 0.0 if self._began is None else round((moment - self._began).total_seconds() * 1000, 2)

    def _take_run(self, kind: str, at: float) -> None:
        if kind == "run_waiting":
            self.pauses.append(Pause(at))
        elif self.pauses and self.pauses[-1].end_ms is None:
            self.pauses[-1].end_ms = at

    def _take_step(self, event: EventRow, at: float) -> None:
        if self.pauses and self.pauses[-1].end_ms is None and event.type == "node_resumed":
            self.pauses[-1].end_ms = at
        key, payload = (event.node or "", event.iteration), event.payload
        span = self._open.get(key)
        status = _ENDS.get(event.type)
        if event.type == "node_started":
            span = span or self._begin(event, at)
            span.status, span.attempt = "running", int(payload.get("attempt") or span.attempt)
            self._changed[span.index] = span
        elif event.type == "node_waiting":
            span = span or self._begin(event, at)
            span.waits, span.status = event.seq, "waiting"
            span.waits_from = at if span.waits_from is None else span.waits_from
            self._changed[span.index] = span
        elif event.type == "node_resumed" and span is not None:
            span.status = "running"
            span.go_on(at)
            self._changed[span.index] = span
        elif status:
            self._end(span or self._begin(event, self._start_of(payload, at)), event, status, at)

    def _start_of(self, payload: JsonObject, at: float) -> float:
        """Kinds that finish at once tell their beginning with their end."""
        began = payload.get("started_at")
        if isinstance(began, str) and "source" not in payload:
            return max(0.0, self._ms(datetime.fromisoformat(began)))
        return at

    def _begin(self, event: EventRow, at: float) -> Span:
        attempt = int(event.payload.get("attempt") or 1)
        span = Span(len(self.spans), "step", event.node or "", event.iteration, attempt, "", at, event.seq)
        self.spans.append(span)
        self._open[span.node, span.iteration] = self._latest[span.node, span.iteration] = self._changed[span.index] = span
        return span

    def _end(self, span: Span, event: EventRow, status: str, at: float) -> None:
        payload = event.payload
        usage: dict[str, Any] = payload.get("usage") or {}
        span.end_ms, span.last, span.status = at, event.seq, status
        span.go_on(at)
        span.input_tokens, span.output_tokens = int(usage.get("input_tokens", 0)), int(usage.get("output_tokens", 0))
        span.cost_micros = int(usage.get("cost_micros", 0))
        span.source, span.port = str(payload.get("source") or ""), str(payload.get("port") or "")
        span.error = str((payload.get("error") or {}).get("message", ""))[:_LONGEST_ERROR]
        if payload.get("retry_at"):
            span.status = "retried"
        if event.type == "node_failed":
            span.port = {"branch": "error", "default": "out"}.get(str(payload.get("handled", "")), "")
        self._changed[span.index] = span
        self._open.pop((span.node, span.iteration), None)

    def _take_fact(self, event: EventRow, at: float) -> None:
        fact: JsonObject = event.payload.get("fact") or {}
        kind = {"model_call": "model", "partial": "model", "tool_result": "tool"}.get(str(fact.get("type", "")))
        key = (event.node or "", event.iteration)
        around = self._open.get(key) or self._latest.get(key)  # a stopped call is told of after the end of its step
        if kind is None or around is None:
            return
        usage: dict[str, Any] = fact.get("usage") or {}
        took = float(fact.get("ms") or 0.0)
        name = str(fact.get("model") if kind == "model" else fact.get("name") or "")
        span = Span(
            index=len(self.spans),
            kind=kind,
            node=around.node,
            iteration=around.iteration,
            attempt=around.attempt,
            name=name,
            start_ms=max(around.start_ms, at - took),
            first=event.seq,
            parent=around.index,
            end_ms=at,
            last=event.seq,
            status="failed" if fact.get("error") else "done",
            input_tokens=int(usage.get("input_tokens", 0)),
            output_tokens=int(usage.get("output_tokens", 0)),
            cost_micros=int(usage.get("cost_micros", 0)),
            error=str(fact.get("error") or "")[:_LONGEST_ERROR],
        )
        self.spans.append(span)
        self._changed[span.index] = span


@dataclass(frozen=True, slots=True)
class ModelCall:
    """One call of a model: what it was told that was new, what it said, what that took."""

    call: int
    model: str
    ms: float
    input_tokens: int
    output_tokens: int
    cost_micros: int
    messages: tuple[JsonObject, ...] = ()
    left_out: int = 0
    tools: tuple[str, ...] = ()
    text: str = ""
    tool_calls: tuple[JsonObject, ...] = ()
    is_broken_off: bool = False  # stopped or failed in the middle of its answer; its tokens are an estimate
    passed: tuple[JsonObject, ...] = ()  # {model, code, message} of the models before it in the chain, which did not answer
    error: str = ""
    seq: int = 0


@dataclass(frozen=True, slots=True)
class ToolUseRow:
    """One call of a tool."""

    name: str
    arguments: JsonValue
    result: JsonValue
    error: str
    ms: float
    seq: int = 0


@dataclass(frozen=True, slots=True)
class AttemptDetail:
    """One attempt of a step with everything that the journal says of it.

    `printed` is what its code printed; `chosen` the call that was asked for, None where the whole attempt was. `seq` of a call is the
    number of its journal entry.
    """

    node: str
    iteration: str
    attempt: int
    status: str
    source: str
    port: str
    inputs: JsonValue
    output: JsonValue
    error: JsonObject | None
    ms: float | None
    calls: tuple[ModelCall | ToolUseRow, ...] = ()
    hidden_calls: int = 0
    printed: str = ""
    tokens: int = 0
    cost_micros: int = 0
    chosen: ModelCall | ToolUseRow | None = None
    people: dict[str, str] = field(default_factory=dict[str, str])
