"""Turns the journal of a run into OpenTelemetry spans (GenAI semantic conventions) and sends them by OTLP over HTTP.

Ids derive from the run, so a trace sent twice is the same trace, and the run's page can be found from it and back.
"""

import hashlib
import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExportResult
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import SpanContext, SpanKind, Status, StatusCode, TraceFlags

from engine.json import JsonObject, JsonValue
from engine.nodes.registry import step_name
from engine.run.events import EventType, JournalEvent

LONGEST_TEXT = 20_000
_SCOPE = InstrumentationScope("agent_factory")
_ENDS = (EventType.RUN_SUCCEEDED, EventType.RUN_FAILED, EventType.RUN_CANCELLED)
_OPENS = (EventType.NODE_STARTED, EventType.NODE_WAITING)
_CLOSES = (EventType.NODE_FINISHED, EventType.NODE_FAILED, EventType.NODE_CANCELLED)


@dataclass(frozen=True, slots=True)
class TracedNode:
    """What a span says of a node. `agent` and `model` are empty where the kind has none."""

    kind: str
    label: str
    agent: str = ""


@dataclass(frozen=True, slots=True)
class TracedRun:
    """A run that is over."""

    run_id: uuid.UUID
    workspace_id: uuid.UUID
    title: str
    trigger: str
    nodes: Mapping[str, TracedNode]
    events: Sequence[JournalEvent]


@dataclass(frozen=True, slots=True)
class _Step:
    """One attempt of one node, with what it called."""

    node: str
    iteration: str
    attempt: int
    began: datetime
    ended: datetime
    last: JournalEvent
    facts: Sequence[JournalEvent]
    inputs: JsonValue


class SpanBuilder:
    """Makes spans of one installation; with `has_content` they carry inputs, outputs, prompts and answers."""

    def __init__(self, *, service: str = "agent-factory", has_content: bool = False) -> None:
        self._resource = Resource.create({"service.name": service})
        self._has_content = has_content

    def build(self, run: TracedRun) -> list[ReadableSpan]:
        """The run's span, one per attempt of a step, one per model and tool call; [] when the run is not over."""
        last = next((event for event in run.events if event.type in _ENDS), None)
        if last is None or not run.events:
            return []
        spans = [self._run_span(run, last)]
        for step in _steps(run.events):
            span = self._step_span(run, step)
            spans.append(span)
            spans.extend(self._fact_span(run, step, fact, span) for fact in step.facts)
        return spans

    def _span(self, run: TracedRun, path: str, *, parent: str | None, **given: Any) -> ReadableSpan:
        return ReadableSpan(
            context=_context(run, path),
            parent=None if parent is None else _context(run, parent),
            resource=self._resource,
            instrumentation_scope=_SCOPE,
            **given,
        )

    def _run_span(self, run: TracedRun, last: JournalEvent) -> ReadableSpan:
        error: JsonObject = last.data.get("error") or {}
        attributes: dict[str, Any] = {
            "gen_ai.operation.name": "invoke_workflow",
            "gen_ai.workflow.name": run.title,
            "agent_factory.run.id": str(run.run_id),
            "agent_factory.run.trigger": run.trigger,
            "agent_factory.run.status": last.type.value.removeprefix("run_"),
            "agent_factory.workspace.id": str(run.workspace_id),
        }
        attributes |= self._content(input=run.events[0].data.get("inputs"), output=last.data.get("output"))
        return self._span(
            run,
            "",
            parent=None,
            name=f"invoke_workflow {run.title}".strip(),
            kind=SpanKind.INTERNAL,
            attributes=attributes | _error_attributes(error),
            status=_status(error),
            start_time=_nanoseconds(run.events[0].at),
            end_time=_nanoseconds(last.at),
        )

    def _step_span(self, run: TracedRun, step: _Step) -> ReadableSpan:
        node = run.nodes.get(step.node, TracedNode("unknown", step.node))
        error: JsonObject = step.last.data.get("error") or {}
        attributes: dict[str, Any] = {
            "agent_factory.step.node": step.node,
            "agent_factory.step.kind": node.kind,
            "agent_factory.step.attempt": step.attempt,
            "agent_factory.step.status": step.last.type.value.removeprefix("node_"),
        }
        if step.iteration:
            attributes["agent_factory.step.iteration"] = step.iteration
        name = step_name(step.node, node.kind, node.label)
        if node.agent:
            attributes |= {"gen_ai.operation.name": "invoke_agent", "gen_ai.agent.name": node.agent}
            name = f"invoke_agent {node.agent}"
        attributes |= self._content(input=step.inputs, output=step.last.data.get("output"))
        return self._span(
            run,
            _path(step),
            parent="",
            name=name,
            kind=SpanKind.INTERNAL,
            attributes=attributes | _error_attributes(error),
            status=_status(error),
            start_time=_nanoseconds(step.began),
            end_time=_nanoseconds(step.ended),
        )

    def _fact_span(self, run: TracedRun, step: _Step, event: JournalEvent, parent: ReadableSpan) -> ReadableSpan:
        fact: JsonObject = event.data["fact"]
        is_model = fact["type"] == "model_call"
        began = max(event.at - timedelta(milliseconds=fact.get("ms") or 0), step.began)
        error = {} if is_model or not fact.get("error") else {"code": "tool_failed", "message": str(fact["error"])}
        return self._span(
            run,
            f"{_path(step)}/{event.data['key']}",
            parent=_path(step),
            name=f"chat {fact['model']}" if is_model else f"execute_tool {fact.get('name', '')}",
            kind=SpanKind.CLIENT if is_model else SpanKind.INTERNAL,
            attributes=(self._model_attributes(fact) if is_model else self._tool_attributes(fact)) | _error_attributes(error),
            status=_status(error),
            start_time=_nanoseconds(began),
            end_time=_nanoseconds(event.at),
        )

    def _model_attributes(self, fact: JsonObject) -> dict[str, Any]:
        usage, reply = fact.get("usage") or {}, fact.get("reply") or {}
        provider, _, name = str(fact["model"]).rpartition("/")
        attributes: dict[str, Any] = {
            "gen_ai.operation.name": "chat",
            "gen_ai.provider.name": provider or "openai",
            "gen_ai.request.model": name,
            "gen_ai.usage.input_tokens": int(usage.get("input_tokens", 0)),
            "gen_ai.usage.output_tokens": int(usage.get("output_tokens", 0)),
            "gen_ai.response.finish_reasons": [str(reply.get("finish_reason") or "stop")],
            "agent_factory.cost_usd": usage.get("cost_micros", 0) / 1_000_000,
        }
        if self._has_content:
            message = {"role": "assistant", "parts": [{"type": "text", "content": reply.get("text", "")}]}
            attributes["gen_ai.output.messages"] = _text([message])
        return attributes

    def _tool_attributes(self, fact: JsonObject) -> dict[str, Any]:
        attributes: dict[str, Any] = {
            "gen_ai.operation.name": "execute_tool",
            "gen_ai.tool.name": str(fact.get("name", "")),
            "gen_ai.tool.call.id": str(fact.get("id", "")),
        }
        if self._has_content:
            attributes["gen_ai.tool.call.arguments"] = _text(fact.get("arguments"))
            attributes["gen_ai.tool.call.result"] = _text(fact.get("result"))
        return attributes

    def _content(self, **values: JsonValue) -> dict[str, Any]:
        if not self._has_content:
            return {}
        return {f"agent_factory.{name}": _text(value) for name, value in values.items() if value is not None}


class TraceSender:
    """Sends spans to a collector; failures are told by the return value and never raised."""

    def __init__(self, endpoint: str, *, headers: Mapping[str, str]) -> None:
        self._exporter = OTLPSpanExporter(endpoint=endpoint, headers=dict(headers), timeout=10)

    def send(self, spans: Sequence[ReadableSpan]) -> bool:
        """Whether the collector took them; tries again for a few seconds by itself."""
        return self._exporter.export(spans) is SpanExportResult.SUCCESS

    def close(self) -> None:
        """Let go of connections."""
        self._exporter.shutdown()


def _steps(events: Sequence[JournalEvent]) -> list[_Step]:
    """Attempts in the order in which they ended."""
    began: dict[tuple[str, str], JournalEvent] = {}
    facts: dict[tuple[str, str], list[JournalEvent]] = {}
    found: list[_Step] = []
    for event in events:
        key = (event.node or "", event.iteration)
        if event.node is None:
            continue
        if event.type in _OPENS:
            began.setdefault(key, event)
        elif event.type is EventType.NODE_PROGRESS:
            if (event.data.get("fact") or {}).get("type") in ("model_call", "tool_result"):
                facts.setdefault(key, []).append(event)
        elif event.type in _CLOSES:
            opened = began.pop(key, None)
            stamp = event.data.get("started_at")
            start = opened.at if opened is not None else datetime.fromisoformat(stamp) if stamp else event.at
            inputs = event.data.get("inputs") if opened is None else opened.data.get("inputs")
            attempt = int(event.data.get("attempt", 1))
            found.append(_Step(event.node, event.iteration, attempt, start, event.at, event, facts.pop(key, []), inputs))
    return found


def _path(step: _Step) -> str:
    return f"{step.node}:{step.iteration}:{step.attempt}"


def _context(run: TracedRun, path: str) -> SpanContext:
    span_id = int.from_bytes(hashlib.sha256(f"{run.run_id}:{path}".encode()).digest()[:8], "big") or 1
    return SpanContext(run.run_id.int, span_id, is_remote=False, trace_flags=TraceFlags(TraceFlags.SAMPLED))


def _status(error: JsonObject) -> Status:
    return Status(StatusCode.ERROR, str(error.get("message", ""))[:1000]) if error else Status(StatusCode.UNSET)


def _error_attributes(error: JsonObject) -> dict[str, Any]:
    return {"error.type": str(error.get("code", "error"))} if error else {}


def _nanoseconds(at: datetime) -> int:
    return int(at.timestamp() * 1_000_000) * 1000


def _text(value: JsonValue) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= LONGEST_TEXT else f"{text[:LONGEST_TEXT]}[cut: {len(text):,} characters]"
