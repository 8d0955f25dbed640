"""The history a forked run begins with: what is kept of another run, what a person wrote instead, and what runs again.

A fork is an ordinary run whose journal already says something. It is made by walking the plan as the driver would, but with recorded
results in place of work; so whatever hangs on a step that runs again falls out by itself, also when the plan is a newer one.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from engine.errors import Permanent
from engine.json import JsonObject, JsonValue
from engine.run.events import EventType, JournalEvent
from engine.run.frames import Key, NodeStatus, Place
from engine.run.plan import Plan, PlanNode, PlanScope
from engine.run.record import Record
from engine.run.state import RunState


@dataclass(frozen=True, slots=True)
class Written:
    """A result that a person wrote in place of the recorded one."""

    output: JsonValue
    port: str = "out"


@dataclass(frozen=True, slots=True, kw_only=True)
class ForkPoint:
    """What is different: the steps that run `again` (with all that follows them), the results `written` by hand, the run's inputs.

    `unfit` names steps whose recorded results do not fit the plan any more.
    """

    again: frozenset[Key] = frozenset()
    written: Mapping[Key, Written] = field(default_factory=dict[Key, Written])
    unfit: frozenset[str] = frozenset()
    inputs: JsonObject | None = None
    note: JsonObject = field(default_factory=dict[str, object])  # what RUN_STARTED says about the fork


@dataclass(slots=True)
class Kept:
    """The history, and the places it settles."""

    history: list[JournalEvent] = field(default_factory=list[JournalEvent])
    settled: set[Key] = field(default_factory=set[Key])


def fork_history(plan: Plan, record: Record, point: ForkPoint, *, at: datetime) -> Kept:
    """Walk the plan as far as recorded and written results reach.

    Raises Permanent `edit_unused` when a written result cannot count because something before it runs again.
    """
    walk = _Walk(plan, record, point, at)
    walk.run()
    unused = point.written.keys() - walk.kept.settled
    if unused:
        node = sorted(unused)[0][0]
        name = plan.nodes[node].name if node in plan.nodes else node
        message = f"The value written for “{name}” would not be used: a step before it runs again. Continue from “{name}” or later."
        raise Permanent("edit_unused", message, field=node)
    return walk.kept


class _Walk:
    def __init__(self, plan: Plan, record: Record, point: ForkPoint, at: datetime) -> None:
        self.state = RunState(plan)
        self.record = record
        self.point = point
        self.at = at
        self.kept = Kept()
        self.doubtful = _Doubtful(plan, point)

    def run(self) -> None:
        inputs = self.record.inputs if self.point.inputs is None else self.point.inputs
        data: JsonObject = {"inputs": inputs}
        self._emit(EventType.RUN_STARTED, None, {**data, "fork": self.point.note} if self.point.note else data)
        ready = self.state.ready
        while True:
            self._report()
            if not ready:
                return
            place = ready.popleft()
            if place.status is NodeStatus.READY:
                self._begin(place)
            elif place.status is NodeStatus.COLLECTING:
                self._end(place)

    def _begin(self, place: Place) -> None:
        start = self.record.starts.get(place.key, {})
        if place.node.body is None or "parallel" not in start or place.key in self.point.written:
            self._end(place)
        elif self._is_kept(place) or self.doubtful.is_opened(place):
            data = {**start, "source": "kept"}
            every_item = {**data, "parallel": len(start["inputs"]["items"]) or 1}  # the walk looks at all; the run keeps its pace
            self._emit(EventType.NODE_STARTED, place, data, as_if=every_item)

    def _end(self, place: Place) -> None:
        """Settle the place as it was, or as it was written, if it may stay so."""
        key = place.key
        written = self.point.written.get(key)
        data: JsonObject = {"attempt": 1, "source": "kept", "started_at": self.at.isoformat()}
        inputs = self.record.inputs_of(key)
        if inputs is not None:
            data["inputs"] = inputs
        if written is not None:
            self._emit(EventType.NODE_FINISHED, place, {**data, "source": "edited", "output": written.output, "port": written.port})
        elif self._is_kept(place):
            end = self.record.ends[key]
            same = {name: end.data[name] for name in ("attempt", "output", "port", "error", "handled") if name in end.data}
            self._emit(end.type, place, {**data, **same})
        else:
            return
        self.kept.settled.add(key)

    def _is_kept(self, place: Place) -> bool:
        """Whether what the record says of the place counts here."""
        key, group = place.key, place.frame.group
        if place.node.id in self.point.unfit or self.doubtful.is_stale(place) or self.doubtful.is_opened(place):
            return False
        result = self.record.result(key)
        if result is not None:
            return _has_way_out(place.node, result)
        end = self.record.ends.get(key)
        if group is None or end is None or end.type is not EventType.NODE_FAILED:
            return False
        return not group.stop_on_error or self._is_kept(Place(group.frame, group.slot))  # the list took note of it and went on

    def _emit(self, kind: EventType, place: Place | None, data: JsonObject, *, as_if: JsonObject | None = None) -> None:
        node, iteration = (None, "") if place is None else place.key
        self.kept.history.append(JournalEvent(kind, self.at, node, iteration, data))
        self.state.apply(JournalEvent(kind, self.at, node, iteration, data if as_if is None else as_if))

    def _report(self) -> None:
        while self.state.unreported:
            key, place = next(iter(self.state.unreported.items()))
            if place.status is NodeStatus.SKIPPED:
                self.kept.settled.add(key)
                self._emit(EventType.NODE_SKIPPED, place, {"source": "kept"})
            else:
                self._emit(EventType.NODE_CANCELLED, place, {"reason": "item_failed", "source": "kept"})


class _Doubtful:
    """Which places must run again because something before them does; `opened` containers run again only in a part of their items."""

    def __init__(self, plan: Plan, point: ForkPoint) -> None:
        self._plan = plan
        self._stale: dict[tuple[str, str], int] = {}  # (scope, iteration) -> slots
        self._opened: set[Key] = set()
        for key in point.again:
            self._mark(key, with_itself=True)
        for key in point.written:
            self._mark(key, with_itself=False)

    def _mark(self, key: Key, *, with_itself: bool) -> None:
        node = self._plan.nodes.get(key[0])
        iteration = key[1]
        while node is not None:
            scope, container = node.scope, node.scope.container
            slots = _behind(scope, node.slot) | (with_itself << node.slot)
            name = ("" if container is None else container.id, iteration)
            self._stale[name] = self._stale.get(name, 0) | slots
            node, with_itself = container, False
            if container is not None:
                iteration = iteration.rpartition("/")[0]
                self._opened.add((container.id, iteration))

    def is_stale(self, place: Place) -> bool:
        container = place.frame.scope.container
        slots = self._stale.get(("" if container is None else container.id, place.frame.iteration), 0)
        return bool(slots >> place.slot & 1)

    def is_opened(self, place: Place) -> bool:
        return place.key in self._opened and not self.is_stale(place)


def _behind(scope: PlanScope, slot: int) -> int:
    return sum(1 << other.slot for other in scope.nodes if scope.ancestors(other.slot) >> slot & 1)


def _has_way_out(node: PlanNode, result: JournalEvent) -> bool:
    """Whether the way out that was taken is still there."""
    if result.type is EventType.NODE_FAILED:
        return result.data.get("handled") == node.spec.on_error.action
    ports = {port.name for port in node.kind.ports(node.config)}
    return result.data.get("port") in (ports or {"out"})
