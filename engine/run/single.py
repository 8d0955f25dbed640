"""The history of a run that does one step only: what the step reads stands there already, whatever else stands before it is left out."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from engine.errors import Permanent
from engine.json import JsonObject, JsonValue
from engine.run.events import EventType, JournalEvent
from engine.run.frames import Frame, Key, NodeStatus, Place
from engine.run.plan import Plan, PlanNode
from engine.run.record import Record
from engine.run.state import RunState


@dataclass(frozen=True, slots=True, kw_only=True)
class SingleStep:
    """The step, which entry of a recorded run it stands in, results to use by node id (over recorded ones), and the run's inputs."""

    node: str
    iteration: str = ""
    results: Mapping[str, JsonValue]
    inputs: JsonObject | None = None
    note: JsonObject


def single_history(plan: Plan, record: Record, step: SingleStep, *, at: datetime) -> list[JournalEvent]:
    """The plan holds only what the step needs (engine.run.cut).

    Raises Permanent `results_missing` when nothing is known of the steps right before it, `entry_missing` when it lives in a
    container of which the record knows no such entry.
    """
    target = plan.nodes.get(step.node)
    if target is None:
        raise Permanent("unknown_step", f"There is no step '{step.node}' to run.", field="node")
    return _Stage(plan, record, step, at).set_up(target)


class _Stage:
    def __init__(self, plan: Plan, record: Record, step: SingleStep, at: datetime) -> None:
        self.state = RunState(plan)
        self.record = record
        self.step = step
        self.at = at
        self.history: list[JournalEvent] = []

    def set_up(self, target: PlanNode) -> list[JournalEvent]:
        inputs = self.record.inputs if self.step.inputs is None else self.step.inputs
        self._emit(EventType.RUN_STARTED, None, {"inputs": inputs, "fork": self.step.note})
        path = [target]
        while path[0].scope.container is not None:
            path.insert(0, path[0].scope.container)
        indices = self.step.iteration.split("/") if self.step.iteration else []
        if len(indices) != len(path) - 1:
            raise _no_entry(target, path)
        frame, before = self.state.root, ""
        for node, index in zip(path, [*indices, ""], strict=True):
            place = Place(frame, node.slot)
            self._settle_before(place, before)
            if place.status is not NodeStatus.READY:
                raise _no_results(place)
            if node is not target:
                frame = self._open(place, (node.id, before), index)
                before = f"{before}/{index}" if before else index
        return self.history

    def _settle_before(self, place: Place, recorded: str) -> None:
        """From the step backwards, so that no way that was not taken cuts off a result that is there."""
        frame, scope = place.frame, place.frame.scope
        ancestors = scope.ancestors(place.slot)
        before = [slot for slot in reversed(scope.order) if ancestors >> slot & 1]
        standing = {place.slot}
        for slot in before:
            node = scope.nodes[slot]
            known, output, recorded_port = self._result(node, recorded)
            if known:
                port = _way_to(standing, node, recorded_port)
                data: JsonObject = {"attempt": 1, "output": output, "port": port, "started_at": self.at.isoformat()}
                source = "edited" if node.id in self.step.results else "kept"
                self._emit(EventType.NODE_FINISHED, Place(frame, slot), {**data, "source": source})
                standing.add(slot)
        for slot in before:
            if frame.status[slot] <= NodeStatus.READY:
                self._emit(EventType.NODE_SKIPPED, Place(frame, slot), {"source": "left_out"})
        self._report()

    def _result(self, node: PlanNode, recorded: str) -> tuple[bool, JsonValue, str]:
        end = self.record.result((node.id, recorded))
        port = "out" if end is None else str(end.data.get("port") or "out")
        if node.id in self.step.results:
            return True, self.step.results[node.id], port
        if node.kind.is_entry and self.step.inputs is not None:
            return True, self.step.inputs, port
        return end is not None, None if end is None else end.data.get("output"), port

    def _open(self, place: Place, recorded: Key, index: str) -> Frame:
        """Open a container for the one recorded entry."""
        start = self.record.starts.get(recorded, {})
        items = (start.get("inputs") or {}).get("items")
        if not isinstance(items, list) or not index.isdecimal() or int(index) >= len(items) or "parallel" not in start:
            raise _no_entry(place.node, [place.node])
        inputs: JsonObject = {**start["inputs"], "items": [items[int(index)]]}
        self._emit(EventType.NODE_STARTED, place, {**start, "inputs": inputs, "source": "kept"})
        self._report()
        return self.state.frames[place.node.id, f"{place.frame.iteration}/0" if place.frame.iteration else "0"]

    def _emit(self, kind: EventType, place: Place | None, data: JsonObject) -> None:
        node, iteration = (None, "") if place is None else place.key
        event = JournalEvent(kind, self.at, node, iteration, data)
        self.history.append(event)
        self.state.apply(event)

    def _report(self) -> None:
        while self.state.unreported:
            self._emit(EventType.NODE_SKIPPED, next(iter(self.state.unreported.values())), {"source": "left_out"})


def _way_to(standing: set[int], node: PlanNode, recorded: str) -> str:
    """The way out by which the result reaches the step: the recorded one, unless only another one leads there."""
    leading = [port for port, target in node.edges if target in standing]
    return recorded if recorded in leading or not leading else leading[0]


def _no_results(place: Place) -> Permanent:
    names = [place.frame.scope.nodes[slot].id for slot, _ in place.node.sources]
    listed = ", ".join(dict.fromkeys(f"“{place.frame.scope.nodes[slot].name}”" for slot, _ in place.node.sources))
    message = (
        f"“{place.node.name}” needs a result of {listed}, and there is none in this run. Run until here instead, or write a result for it."
    )
    return Permanent("results_missing", message, details=dict.fromkeys(names, "A result is needed."))


def _no_entry(node: PlanNode, path: list[PlanNode]) -> Permanent:
    container = path[0].name if len(path) == 1 else path[-2].name
    message = (
        f"“{node.name}” runs once per entry of “{container}”, and this run knows no such entry. Choose a run that reached it, "
        "or run until here instead."
    )
    return Permanent("entry_missing", message, field="iteration")
