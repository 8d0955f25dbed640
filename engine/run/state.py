"""The pure state machine of a run: a fold of journal events, without clock or IO; the driver asks it what may start next."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any

from engine.json import JsonObject, JsonValue
from engine.run.early import EarlyEvents
from engine.run.events import EventType, JournalEvent
from engine.run.frames import CUT_OFF, Frame, Group, Key, NodeStatus, Place, Waiting
from engine.run.plan import Plan

PENDING, READY, RUNNING, WAITING = NodeStatus.PENDING, NodeStatus.READY, NodeStatus.RUNNING, NodeStatus.WAITING
COLLECTING, DONE, FAILED = NodeStatus.COLLECTING, NodeStatus.DONE, NodeStatus.FAILED
SKIPPED, CANCELLED = NodeStatus.SKIPPED, NodeStatus.CANCELLED
LONGEST_GAP_S = 600.0  # between two events; a clock that jumps must not end a run
FOR_PEOPLE = frozenset({"approval", "unknown_effect"})
TERMINAL = frozenset({EventType.RUN_SUCCEEDED, EventType.RUN_FAILED, EventType.RUN_CANCELLED})


class RunState:
    """Everything known about a run. `apply` takes one event; events about what is already settled change nothing.

    `ready` holds places to start (check `status` when popping, as a failure may have overtaken them); `unreported`
    the skipped and cancelled places which the journal does not name yet.
    """

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.inputs: JsonObject = {}
        self.root = Frame(plan.root)
        self.frames: dict[tuple[str, str], Frame] = {}  # (container id, iteration)
        self.groups: dict[Key, Group] = {}
        self.ready: deque[Place] = deque()
        self.running: dict[Key, Place] = {}
        self.waiting: dict[Key, Waiting] = {}
        self.decisions: dict[Key, tuple[str, JsonObject]] = {}
        self.attempts: dict[Key, int] = {}
        self.facts: dict[Key, dict[str, JsonObject]] = {}
        self.unreported: dict[Key, Place] = {}
        self.early = EarlyEvents(plan)
        self.steps = 0
        self.active_s = 0.0
        self.ended: JournalEvent | None = None
        self.is_started = False
        self._last_at: datetime | None = None
        self._handlers: dict[EventType, Callable[[JournalEvent], None]] = {
            EventType.RUN_STARTED: self._on_run_started,
            EventType.RUN_RESUMED: self._on_run_resumed,
            EventType.RUN_WAITING: self._on_run_waiting,
            EventType.RUN_SUCCEEDED: self._on_end,
            EventType.RUN_FAILED: self._on_end,
            EventType.RUN_CANCELLED: self._on_end,
            EventType.NODE_STARTED: self._on_started,
            EventType.NODE_FINISHED: self._on_finished,
            EventType.NODE_FAILED: self._on_failed,
            EventType.NODE_SKIPPED: self._on_skipped,
            EventType.NODE_CANCELLED: self._on_cancelled,
            EventType.NODE_WAITING: self._on_waiting,
            EventType.NODE_RESUMED: self._on_resumed,
            EventType.NODE_PROGRESS: self._on_progress,
        }

    @property
    def is_complete(self) -> bool:
        """Every node of the top level came to its end, or one failed for good."""
        return self.root.is_closed

    def apply(self, event: JournalEvent) -> None:
        """Take one event into account; what a fork kept of an entry whose turn has not come counts as soon as that is opened."""
        if not event.iteration or "source" not in event.data or not self.early.keep(event, self.frames, self.groups):
            self._handlers[event.type](event)

    def fold(self, events: Iterable[JournalEvent]) -> "RunState":
        """Apply a history in order, counting the time in which the run was at work."""
        for event in events:
            if self._last_at is not None and event.type is not EventType.RUN_RESUMED:
                self.active_s += min(LONGEST_GAP_S, max(0.0, (event.at - self._last_at).total_seconds()))
            self._last_at = event.at
            self.apply(event)
        startable = (place for place in self.ready if place.status in (READY, COLLECTING))
        self.ready = deque(dict.fromkeys(startable))
        return self

    def place(self, node: str, iteration: str) -> Place | None:
        """Find a node in its frame; None when it is not in the plan or its frame is gone."""
        planned = self.plan.nodes.get(node)
        if planned is None:
            return None
        container = planned.scope.container
        frame = self.root if container is None else self.frames.get((container.id, iteration))
        return None if frame is None else Place(frame, planned.slot)

    def attempt(self, key: Key) -> int:
        """Which attempt of the node is running or comes next, from 1."""
        return self.attempts.get(key, 1)

    def live(self) -> Iterator[Place]:
        """Every place that is started or waits, of all frames."""
        for key in [*self.running, *self.waiting]:
            place = self.place(*key)
            if place is not None:
                yield place

    # -- events of the run

    def _on_run_started(self, event: JournalEvent) -> None:
        if self.is_started:
            return
        self.is_started = True
        self.inputs = event.data.get("inputs") or {}
        self._open(self.root)

    def _on_run_waiting(self, _event: JournalEvent) -> None:
        self._last_at = None

    def _on_run_resumed(self, _event: JournalEvent) -> None:
        return

    def _on_end(self, event: JournalEvent) -> None:
        if self.ended is None:
            self.ended = event
            self.ready.clear()

    # -- events of a node

    def _find(self, event: JournalEvent) -> Place | None:
        place = self.place(event.node or "", event.iteration)
        return place if place is not None and place.status < DONE else None

    def _on_started(self, event: JournalEvent) -> None:
        place = self._find(event)
        if place is None or place.frame.error is not None:
            return
        key = place.key
        self._enter(place, RUNNING)
        self.running[key] = place
        self.attempts[key] = event.data.get("attempt", 1)
        if place.node.body is not None and key not in self.groups:
            self._open_group(place, event.data)

    def _on_finished(self, event: JournalEvent) -> None:
        place = self._find(event)
        if place is not None:
            self.steps += 1
            self._settle(place, DONE, event.data["port"], event.data["output"])

    def _on_failed(self, event: JournalEvent) -> None:
        place = self._find(event)
        if place is None:
            return
        self.steps += 1
        data = event.data
        if data.get("retry_at"):
            self.attempts[place.key] = data["attempt"] + 1
            self._wait(place, Waiting("retry", datetime.fromisoformat(data["retry_at"])))
        elif data["handled"] == "fail":
            place.frame.error = data["error"]
            self._settle(place, FAILED, None, None)
            self._fail_frame(place.frame, data["error"])
        else:
            self._settle(place, FAILED, "error" if data["handled"] == "branch" else "out", data["output"])

    def _on_skipped(self, event: JournalEvent) -> None:
        """Mostly the report of what the state did itself; in the history of a single step it leaves out what that does not need."""
        key = (event.node or "", event.iteration)
        if self.unreported.pop(key, None) is not None:
            return
        place = self._find(event)
        if place is None or place.status > READY:
            return
        frame, slot = place
        frame.live -= place.status is READY
        self._skip(frame, slot)
        del self.unreported[key]
        self._move_on(frame, slot, None)

    def _on_cancelled(self, event: JournalEvent) -> None:
        self.unreported.pop((event.node or "", event.iteration), None)
        place = self._find(event)
        if place is not None:
            self._settle(place, CANCELLED, None, None)

    def _on_waiting(self, event: JournalEvent) -> None:
        place = self._find(event)
        if place is not None:
            until = event.data.get("until")
            self.attempts[place.key] = event.data.get("attempt", self.attempt(place.key))
            self._wait(place, Waiting(event.data["reason"], datetime.fromisoformat(until) if until else None))

    def _on_resumed(self, event: JournalEvent) -> None:
        place = self._find(event)
        if place is None or place.status is not WAITING:
            return
        waited = self.waiting[place.key]
        self.decisions[place.key] = (waited.reason, event.data.get("decision") or {})
        self._enter(place, READY)
        self.ready.append(place)

    def _on_progress(self, event: JournalEvent) -> None:
        place = self._find(event)
        if place is not None:
            self.facts.setdefault(place.key, {})[event.data["key"]] = event.data["fact"]

    # -- moving on

    def _enter(self, place: Place, status: NodeStatus) -> None:
        """Change between the statuses of a node that is not settled yet."""
        frame, slot = place
        before = frame.status[slot]
        if before is PENDING:
            frame.live += 1
        key = place.key
        if before is RUNNING:
            self.running.pop(key, None)
        elif before is WAITING:
            waited = self.waiting.pop(key)
            frame.people -= waited.reason in FOR_PEOPLE
        frame.status[slot] = status
        if frame.group is not None:
            self._park_or_wake(frame, frame.group)

    def _wait(self, place: Place, waiting: Waiting) -> None:
        self._enter(place, WAITING)
        self.waiting[place.key] = waiting
        if waiting.reason in FOR_PEOPLE:
            place.frame.people += 1
            if place.frame.group is not None:
                self._park_or_wake(place.frame, place.frame.group)

    def _settle(self, place: Place, status: NodeStatus, port: str | None, output: JsonValue) -> None:
        frame, slot = place
        if frame.status[slot] is not READY:
            self._enter(place, status)
            self._forget(place.key)
        elif self.attempts or self.decisions or self.facts:
            self._forget(place.key)
        frame.status[slot] = status
        frame.outputs[slot] = output
        frame.ports[slot] = port
        frame.live -= 1
        frame.unfinished -= 1
        if status is not CANCELLED and frame.error is None:
            self._move_on(frame, slot, port)

    def _move_on(self, frame: Frame, slot: int, port: str | None) -> None:
        """What follows once a node is settled."""
        self._spread(frame, slot, port)
        if frame.group is not None:
            if frame.unfinished == 0:
                self._close(frame, frame.group)
            else:
                self._park_or_wake(frame, frame.group)

    def _forget(self, key: Key) -> None:
        self.running.pop(key, None)
        self.attempts.pop(key, None)
        self.decisions.pop(key, None)
        self.facts.pop(key, None)
        group = self.groups.pop(key, None)
        if group is not None:
            for frame in group.frames:
                self.frames.pop((frame.scope.container.id if frame.scope.container else "", frame.iteration), None)

    def _spread(self, frame: Frame, slot: int, port: str | None) -> None:
        """Resolve the outgoing edges of a settled node, and of every node that is skipped by that."""
        nodes, status, open_edges, taken = frame.scope.nodes, frame.status, frame.open, frame.taken
        stack = [(slot, port)]
        while stack:
            source, taken_port = stack.pop()
            for edge_port, target in nodes[source].edges:
                open_edges[target] -= 1
                if edge_port == taken_port:
                    taken[target] += 1
                if status[target] is not PENDING:
                    continue
                need = nodes[target].need
                if taken[target] >= need > 0 or (need == 0 and open_edges[target] == 0 and taken[target] > 0):
                    status[target] = READY
                    frame.live += 1
                    self.ready.append(Place(frame, target))
                elif open_edges[target] + taken[target] < (need or 1):
                    self._skip(frame, target)
                    stack.append((target, None))

    def _skip(self, frame: Frame, slot: int) -> None:
        frame.status[slot] = SKIPPED
        frame.unfinished -= 1
        place = Place(frame, slot)
        self.unreported[place.key] = place

    def _open(self, frame: Frame) -> None:
        """Make a frame's entries ready and skip what hangs on nothing."""
        for slot in frame.scope.entries:
            frame.status[slot] = READY
            frame.live += 1
        stray: list[int] = []
        for node in frame.scope.nodes:
            if frame.status[node.slot] is READY:
                self.ready.append(Place(frame, node.slot))
            elif not node.sources:
                stray.append(node.slot)
        for slot in stray:
            self._skip(frame, slot)
            self._spread(frame, slot, None)

    # -- containers

    def _open_group(self, place: Place, data: JsonObject) -> None:
        items: list[Any] = data["inputs"]["items"]
        group = Group(place.frame, place.slot, items, data["parallel"], stop_on_error=data["stop_on_error"])
        self.groups[place.key] = group
        self._open_more(group)

    def _open_more(self, group: Group) -> None:
        if group.is_opening:
            return
        group.is_opening = True
        container = group.frame.scope.nodes[group.slot]
        prefix = f"{group.frame.iteration}/" if group.frame.iteration else ""
        while container.body is not None and group.may_open() and group.remaining and group.frame.error is None:
            index = group.opened
            frame = Frame(container.body, f"{prefix}{index}", group, index)
            group.opened += 1
            group.frames.append(frame)
            self.frames[container.id, frame.iteration] = frame
            self._open(frame)
            if frame.unfinished == 0:
                group.remaining -= 1
            else:
                group.active += 1
                for event in self.early.release((container.id, frame.iteration)):
                    self.apply(event)
        group.is_opening = False
        if group.remaining == 0:
            self._collect(group)

    def _collect(self, group: Group) -> None:
        place = Place(group.frame, group.slot)
        if place.status is RUNNING:
            group.frame.status[group.slot] = COLLECTING
            self.ready.append(place)

    def _close(self, frame: Frame, group: Group) -> None:
        group.remaining -= 1
        if not frame.parked:
            group.active -= 1
        self._open_more(group)

    def _park_or_wake(self, frame: Frame, group: Group) -> None:
        is_parked = frame.people == frame.live > 0
        if is_parked != frame.parked and not frame.is_closed:
            frame.parked = is_parked
            group.active += -1 if is_parked else 1
            if is_parked:
                self._open_more(group)

    # -- failure

    def _fail_frame(self, frame: Frame, error: JsonObject) -> None:
        """End a frame early; the failed frame's container decides what that means for the other items."""
        self._cut_off(frame, error)
        group = frame.group
        if group is None:
            return
        if group.stop_on_error:
            for other in group.frames:
                if not other.is_closed:
                    self._cut_off(other, CUT_OFF)
            group.remaining = 0
            self._collect(group)
        else:
            self._close(frame, group)

    def _cut_off(self, frame: Frame, error: JsonObject) -> None:
        """Cancel what is still alive in a frame and in the containers it runs."""
        stack = [frame]
        frame.error = error
        while stack:
            current = stack.pop()
            current.error = current.error or error
            for slot, status in enumerate(current.status):
                if status >= DONE:
                    continue
                place = Place(current, slot)
                if status is RUNNING or status is WAITING:
                    self.unreported[place.key] = place
                group = self.groups.get(place.key) if status in (RUNNING, COLLECTING) else None
                if group is not None:
                    stack.extend(inner for inner in group.frames if not inner.is_closed)
                self.waiting.pop(place.key, None)
                self._forget(place.key)
                current.status[slot] = CANCELLED
            current.live = 0
