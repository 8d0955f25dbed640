"""What one running node may touch: the driver makes one NodeRun per attempt and hands it to the kind as its NodeContext."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from engine.errors import Permanent
from engine.expressions.template import render_text, resolve_value, test_condition
from engine.json import JsonObject, JsonValue, clean_value
from engine.ports import Clock, CodeRunner, HttpClient, LanguageModel, LiveSink, Tool
from engine.run.deps import Deps
from engine.run.events import EventType
from engine.run.frames import Frame, NodeStatus, Place
from engine.run.recorder import Recorder
from engine.run.scope import END, Scope
from engine.run.state import RunState
from engine.spec.agent import AgentSpec
from engine.spec.workflow import CalledWorkflow

_STATUS = {
    NodeStatus.PENDING: "pending",
    NodeStatus.READY: "pending",
    NodeStatus.RUNNING: "running",
    NodeStatus.WAITING: "waiting",
    NodeStatus.COLLECTING: "running",
    NodeStatus.DONE: "done",
    NodeStatus.FAILED: "failed",
    NodeStatus.SKIPPED: "skipped",
    NodeStatus.CANCELLED: "cancelled",
}


class NodeRun:
    """The NodeContext of one attempt at one place."""

    __slots__ = ("_deps", "_recorder", "_state", "attempt", "moment", "place")

    def __init__(self, state: RunState, recorder: Recorder, deps: Deps, place: Place, *, attempt: int, moment: datetime) -> None:
        self._state = state
        self._recorder = recorder
        self._deps = deps
        self.place = place
        self.attempt = attempt
        self.moment = moment

    @property
    def node_id(self) -> str:
        """The node's id in the workflow."""
        return self.place.node.id

    @property
    def iteration(self) -> str:
        """Which item of which container, "" at the top."""
        return self.place.frame.iteration

    @property
    def idempotency_key(self) -> str:
        """The same for every repetition of this step, by a retry or by another worker."""
        return f"{self._deps.run_id}:{self.node_id}:{self.iteration}"

    @property
    def models(self) -> LanguageModel:
        """Language models."""
        return self._deps.models

    def chain(self, model: str, fallbacks: Sequence[str]) -> tuple[str, ...]:
        """The models to ask, in order."""
        if self._state.model_instead:
            return (self._state.model_instead,)
        return tuple(dict.fromkeys((model, *(fallbacks or self._state.plan.fallback_models))))

    @property
    def http(self) -> HttpClient:
        """The guarded HTTP client."""
        return self._deps.http

    @property
    def code(self) -> CodeRunner:
        """The sandboxed interpreter."""
        return self._deps.code

    @property
    def clock(self) -> Clock:
        """Time."""
        return self._deps.clock

    @property
    def live(self) -> LiveSink:
        """Partial output for whoever watches."""
        return self._deps.live

    def scope(self) -> Scope:
        """The names that templates see here."""
        return Scope(self._state, self.place.frame, self.place.slot, self.moment)

    def render(self, template: str, field: str) -> str:
        """A late template as text."""
        return render_text(template, self.scope(), field=field)

    def evaluate(self, template: JsonValue, field: str) -> JsonValue:
        """A late value as JSON."""
        return resolve_value(template, self.scope(), field=field)

    def test(self, condition: str, field: str) -> bool:
        """A condition."""
        return test_condition(condition, self.scope(), field=field)

    def agent(self, slug: str) -> AgentSpec:
        """The agent pinned to this run."""
        found = self._state.plan.agents.get(slug)
        if found is None:
            raise Permanent("unknown_agent", f"There is no agent '{slug}'. Choose one that exists.", field="agent")
        return found

    def called(self, reference: str) -> CalledWorkflow:
        """The called workflow pinned to this run."""
        found = self._state.plan.workflows.get(reference)
        if found is None:
            raise Permanent("unknown_workflow", "The workflow to call is not there any more. Choose another one.", field="workflow")
        return found

    def tools(self, names: Sequence[str]) -> list[Tool]:
        """Tools granted by name."""
        return self._deps.tools.tools(names)

    def decision(self) -> JsonObject | None:
        """What this node was told when it was resumed."""
        found = self._state.decisions.get(self.place.key)
        return found[1] or None if found else None

    def recall(self, key: str) -> JsonObject | None:
        """A fact kept from before."""
        return self._state.facts.get(self.place.key, {}).get(key)

    def record(self, key: str, fact: JsonObject) -> None:
        """Keep a fact."""
        self._recorder.emit(EventType.NODE_PROGRESS, self.place, {"key": key, "fact": clean_value(fact), "attempt": self.attempt})

    async def checkpoint(self) -> None:
        """Make what was recorded durable."""
        await self._recorder.flush()

    def status(self, node: str) -> str:
        """Where a step beside this one, or beside a container around it, stands."""
        found = self._state.place_from(self.place, node)
        return "pending" if found is None else _STATUS[found.status]

    def incoming(self) -> dict[str, JsonValue]:
        """Outputs of the taken direct predecessors."""
        frame = self.place.frame
        return {node.id: frame.outputs[node.slot] for node in frame.taken_sources(self.place.slot)}


class ItemRun(NodeRun):
    """The context in which a container reads the result of one finished item: everything in the body is upstream."""

    __slots__ = ("frame", "given")

    def __init__(
        self,
        state: RunState,
        recorder: Recorder,
        deps: Deps,
        place: Place,
        frame: Frame | None,
        *,
        given: Mapping[str, JsonValue] | None = None,
    ) -> None:
        super().__init__(state, recorder, deps, place, attempt=state.attempt(place.key), moment=deps.clock.now())
        self.frame = frame  # None before the first pass of a loop
        self.given = given

    def scope(self) -> Scope:
        """The names inside the body, and those the container gives."""
        if self.frame is None:
            return Scope(self._state, self.place.frame, self.place.slot, self.moment, self.given)
        return Scope(self._state, self.frame, END, self.moment, self.given)

    def incoming(self) -> dict[str, Any]:
        """Outputs of the body's last nodes."""
        frame = self.frame
        return {} if frame is None else {node.id: frame.outputs[node.slot] for node in frame.last_nodes()}
