"""From journal events to rows: a pure fold that the journal writes in the same transaction as the events themselves."""

import uuid
from collections.abc import Container, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from app.services.budgets.question import question_of
from engine.agents.turn import BILLED
from engine.json import JsonObject, JsonValue
from engine.run.events import EventType, JournalEvent
from models.run import RunStatus, StepStatus

StepKey = tuple[str, str]  # node, iteration
EffectKey = tuple[str, str, int]  # node, iteration, attempt
SignalWanted = tuple[str, str, str, datetime, datetime | None]  # node, iteration, key, since when, not before
SignalSending = tuple[str, str, JsonValue]  # id within the run, key, value
EFFECT_STATES = {EventType.NODE_STARTED: "intent", EventType.NODE_FINISHED: "done", EventType.NODE_FAILED: "done"}
ENDINGS = {
    EventType.RUN_SUCCEEDED: RunStatus.SUCCEEDED,
    EventType.RUN_FAILED: RunStatus.FAILED,
    EventType.RUN_CANCELLED: RunStatus.CANCELLED,
}
_LONGEST_TITLE = 200


@dataclass(slots=True)
class StepChange:
    """What a batch does to one step. None in `inputs` and `started_at` keeps what is there; tokens and cost are added.

    Without a status only these are: a call may be told of after the step was stopped, and changes nothing else of it.
    """

    status: str = ""
    reason: str = ""
    wake_at: datetime | None = None
    attempt: int = 1
    inputs: JsonValue = None
    output: JsonValue = None
    port: str | None = None
    error: JsonObject | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    duration_ms: float | None = None
    input_tokens: int = 0
    output_tokens: int = 0
    cost_micros: int = 0


@dataclass(slots=True)
class ApprovalRequest:
    """A decision the run starts to wait for."""

    node: str
    iteration: str
    title: str
    request: JsonObject
    expires_at: datetime | None


@dataclass(slots=True)
class ChildRequest:
    """A run that a step asks for and waits for; `attempt` makes asking twice impossible."""

    node: str
    iteration: str
    attempt: int
    plan: str
    workflow: str
    revision: int | None
    title: str
    inputs: JsonObject


@dataclass(slots=True)
class UsageFact:
    """One billed model call."""

    node: str
    iteration: str
    attempt: int
    call: int
    model: str
    input_tokens: int
    output_tokens: int
    cost_micros: int
    at: datetime
    agent: str = ""
    hold: str = ""  # what was reserved for it


@dataclass(slots=True)
class Changes:
    """Everything a batch of events changes beside the journal itself."""

    steps: dict[StepKey, StepChange] = field(default_factory=dict[StepKey, StepChange])
    usage: list[UsageFact] = field(default_factory=list[UsageFact])
    approvals: list[ApprovalRequest] = field(default_factory=list[ApprovalRequest])
    closed_approvals: dict[StepKey, str] = field(default_factory=dict[StepKey, str])  # -> expired | cancelled
    children: list[ChildRequest] = field(default_factory=list[ChildRequest])
    signal_waits: list[SignalWanted] = field(default_factory=list[SignalWanted])
    signals: list[SignalSending] = field(default_factory=list[SignalSending])
    left: set[StepKey] = field(default_factory=set[StepKey])  # steps that stopped waiting without an answer
    expired: set[StepKey] = field(default_factory=set[StepKey])  # of these, those whose time was up
    effects: dict[EffectKey, tuple[str, datetime]] = field(default_factory=dict[EffectKey, tuple[str, datetime]])  # -> state, when
    steps_done: int = 0
    work_ms: float = 0.0
    has_progress: bool = False
    waiting: JournalEvent | None = None
    ended: JournalEvent | None = None

    def step(self, event: JournalEvent) -> StepChange:
        """The change of the event's step, begun if need be."""
        key = (event.node or "", event.iteration)
        change = self.steps.get(key)
        if change is None:
            change = self.steps[key] = StepChange()
        return change

    @property
    def ending(self) -> RunStatus | None:
        """The terminal status these events give the run, if they do."""
        return None if self.ended is None else ENDINGS[self.ended.type]


def project(events: Sequence[JournalEvent], effectful: Container[str] = ()) -> Changes:
    """Fold events, in order, into row changes. `effectful` holds the ids of nodes whose calls must not happen twice."""
    changes = Changes()
    for event in events:
        handler = _HANDLERS.get(event.type)
        if handler is not None:
            handler(changes, event)
        if event.node is not None and event.node in effectful and "source" not in event.data:
            _note_effect(changes, event)
    return changes


def _note_effect(changes: Changes, event: JournalEvent) -> None:
    is_unknown = event.type is EventType.NODE_WAITING and event.data.get("reason") == "unknown_effect"
    state = "unknown" if is_unknown else EFFECT_STATES.get(event.type)
    if state is not None:
        changes.effects[event.node or "", event.iteration, event.data.get("attempt", 1)] = (state, event.at)


def parse_stamp(value: object) -> datetime | None:
    """An ISO stamp of an event as a time, or None."""
    return datetime.fromisoformat(value) if isinstance(value, str) and value else None


def _on_started(changes: Changes, event: JournalEvent) -> None:
    step, data = changes.step(event), event.data
    step.status, step.reason, step.wake_at = StepStatus.RUNNING, "", None
    step.attempt = data.get("attempt", 1)
    step.inputs = data.get("inputs")
    step.started_at = event.at
    step.output = step.port = step.error = step.finished_at = step.duration_ms = None


def _on_finished(changes: Changes, event: JournalEvent) -> None:
    step = _end_attempt(changes, event)
    step.status = StepStatus.DONE
    step.output, step.port, step.error = event.data.get("output"), event.data.get("port"), None
    changes.has_progress = True
    key = (event.data.get("then") or {}).get("signal")
    if key:
        message = f"{event.node}:{event.iteration}:{step.attempt}"
        changes.signals.append((message, str(key), (event.data.get("output") or {}).get("value")))


def _on_failed(changes: Changes, event: JournalEvent) -> None:
    step, data = _end_attempt(changes, event), event.data
    step.error = data.get("error")
    if data.get("retry_at"):
        step.status, step.reason, step.wake_at = StepStatus.WAITING, "retry", parse_stamp(data["retry_at"])
        return
    changes.has_progress = True
    step.status = StepStatus.FAILED
    if data.get("handled") != "fail":
        step.output = data.get("output")
        step.port = "error" if data.get("handled") == "branch" else "out"


def _end_attempt(changes: Changes, event: JournalEvent) -> StepChange:
    step, data = changes.step(event), event.data
    step.reason, step.wake_at = str(data.get("source", "")), None
    step.attempt = data.get("attempt", step.attempt)
    if data.get("inputs") is not None:
        step.inputs = data["inputs"]
    step.started_at = parse_stamp(data.get("started_at")) or step.started_at
    step.finished_at = event.at
    step.duration_ms = data.get("ms")
    if not step.reason:  # it was run here
        changes.steps_done += 1
        changes.work_ms += float(data.get("ms") or 0)
    return step


def _on_skipped(changes: Changes, event: JournalEvent) -> None:
    step = changes.step(event)
    step.status, step.reason = StepStatus.SKIPPED, str(event.data.get("source", ""))


def _on_cancelled(changes: Changes, event: JournalEvent) -> None:
    step = changes.step(event)
    step.status, step.reason, step.wake_at, step.finished_at = StepStatus.CANCELLED, "", None, event.at
    key = (event.node or "", event.iteration)
    changes.closed_approvals[key] = "cancelled"
    changes.left.add(key)


def _on_waiting(changes: Changes, event: JournalEvent) -> None:
    step, data = changes.step(event), event.data
    reason = str(data.get("reason", ""))
    step.status = StepStatus.UNKNOWN if reason == "unknown_effect" else StepStatus.WAITING
    step.reason, step.wake_at = reason, parse_stamp(data.get("until"))
    step.attempt = data.get("attempt", step.attempt)
    if data.get("inputs") is not None:
        step.inputs = data["inputs"]
    step.started_at = step.started_at or event.at
    request: JsonObject = data.get("request") or {}
    if reason == "child":
        given: JsonObject = (data.get("inputs") or {}).get("inputs") or {}
        wanted = {name: str(request.get(name) or "") for name in ("plan", "workflow", "title")}
        changes.children.append(
            ChildRequest(event.node or "", event.iteration, step.attempt, revision=request.get("revision"), inputs=given, **wanted)
        )
    if reason == "signal":
        not_before = event.at if request.get("earlier") == "ignore" else None
        changes.signal_waits.append((event.node or "", event.iteration, str(request.get("key") or ""), event.at, not_before))
    if reason == "budget" and request.get("asks"):
        asked = question_of(request, event.node or "")
        changes.approvals.append(ApprovalRequest(event.node or "", event.iteration, str(asked["title"])[:_LONGEST_TITLE], asked, None))
    if reason == "approval":
        title = str(request.get("title") or "")[:_LONGEST_TITLE]
        changes.approvals.append(ApprovalRequest(event.node or "", event.iteration, title, request, step.wake_at))


def _on_resumed(changes: Changes, event: JournalEvent) -> None:
    step = changes.step(event)
    step.status, step.reason, step.wake_at = StepStatus.RUNNING, "", None
    if event.data.get("reason") == "budget":  # its question was answered at another step, or for another run
        changes.closed_approvals[event.node or "", event.iteration] = "cancelled"
    if event.data.get("reason") == "expired":
        key = (event.node or "", event.iteration)
        changes.closed_approvals[key] = "expired"
        changes.left.add(key)
        changes.expired.add(key)


def _on_progress(changes: Changes, event: JournalEvent) -> None:
    fact: JsonObject = event.data.get("fact") or {}
    if fact.get("type") not in BILLED or not fact.get("usage"):
        return
    step, used = changes.step(event), fact["usage"]
    step.attempt = event.data.get("attempt", step.attempt)
    record = UsageFact(
        node=event.node or "",
        iteration=event.iteration,
        attempt=step.attempt,
        call=int(fact.get("call", 1)),
        model=str(fact.get("model", ""))[:200],
        input_tokens=int(used.get("input_tokens", 0)),
        output_tokens=int(used.get("output_tokens", 0)),
        cost_micros=int(used.get("cost_micros", 0)),
        at=event.at,
        agent=str(fact.get("agent", "")),
        hold=str(fact.get("hold", "")),
    )
    changes.usage.append(record)
    step.input_tokens += record.input_tokens
    step.output_tokens += record.output_tokens
    step.cost_micros += record.cost_micros


def _on_run_waiting(changes: Changes, event: JournalEvent) -> None:
    changes.waiting = event


def _on_run_ended(changes: Changes, event: JournalEvent) -> None:
    changes.ended = event


_HANDLERS: dict[EventType, Any] = {
    EventType.NODE_STARTED: _on_started,
    EventType.NODE_FINISHED: _on_finished,
    EventType.NODE_FAILED: _on_failed,
    EventType.NODE_SKIPPED: _on_skipped,
    EventType.NODE_CANCELLED: _on_cancelled,
    EventType.NODE_WAITING: _on_waiting,
    EventType.NODE_RESUMED: _on_resumed,
    EventType.NODE_PROGRESS: _on_progress,
    EventType.RUN_WAITING: _on_run_waiting,
    EventType.RUN_SUCCEEDED: _on_run_ended,
    EventType.RUN_FAILED: _on_run_ended,
    EventType.RUN_CANCELLED: _on_run_ended,
}


def event_row(run_id: uuid.UUID, seq: int, event: JournalEvent) -> dict[str, Any]:
    """The journal row of one event."""
    return {
        "run_id": run_id,
        "seq": seq,
        "type": event.type.value,
        "node": event.node,
        "iteration": event.iteration,
        "at": event.at,
        "payload": event.data,
    }
