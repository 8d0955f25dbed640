"""How a run moves on inside one frame: nodes become ready, settle, and resolve their edges; joins and locks. Part of RunState."""

from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Iterator
from datetime import datetime

from engine.json import JsonObject, JsonValue
from engine.run.early import EarlyEvents
from engine.run.events import JournalEvent
from engine.run.frames import Frame, Group, Key, NodeStatus, Place, Waiting
from engine.run.plan import Plan

PENDING, READY, RUNNING, WAITING = NodeStatus.PENDING, NodeStatus.READY, NodeStatus.RUNNING, NodeStatus.WAITING
COLLECTING, DONE, SKIPPED, CANCELLED = NodeStatus.COLLECTING, NodeStatus.DONE, NodeStatus.SKIPPED, NodeStatus.CANCELLED
FOR_PEOPLE = frozenset({"approval", "unknown_effect"})


class Flow(ABC):
    """What is known of a run, and the steps by which it moves on. Never decides by time or chance, so that every fold ends the same."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.inputs: JsonObject = {}
        self.root = Frame(plan.root)
        self.frames: dict[tuple[str, str], Frame] = {}  # (container id, iteration)
        self.groups: dict[Key, Group] = {}
        self.ready: deque[Place] = deque()
        self.running: dict[Key, Place] = {}
        self.waiting: dict[Key, Waiting] = {}
        self.deadlines: dict[Key, datetime] = {}  # of containers that may take only so long
        self.decisions: dict[Key, tuple[str, JsonObject]] = {}
        self.attempts: dict[Key, int] = {}
        self.facts: dict[Key, dict[str, JsonObject]] = {}
        self.began: dict[Key, datetime] = {}  # when the attempt under way began: what `now` is for its templates
        self.unreported: dict[Key, Place] = {}
        self.early = EarlyEvents(plan)
        self.locks: dict[str, deque[Place]] = {}  # a lock that is held -> who holds it, then who waits for it
        self.last_word: Place | None = None  # the node that ended the run at once

    @abstractmethod
    def apply(self, event: JournalEvent) -> None:
        """Take one event into account."""

    @abstractmethod
    def _frame_over(self, frame: Frame) -> None: ...

    @abstractmethod
    def _park_or_wake(self, frame: Frame, group: Group) -> None: ...

    @abstractmethod
    def _drop(self, group: Group, cause: str) -> None: ...

    @abstractmethod
    def _undo_next(self, frame: Frame) -> None: ...

    # -- finding

    def place(self, node: str, iteration: str) -> Place | None:
        """Find a node in its frame; None when it is not in the plan or its frame is gone."""
        planned = self.plan.nodes.get(node)
        if planned is None:
            return None
        container = planned.scope.container
        frame = self.root if container is None else self.frames.get((container.id, iteration))
        return None if frame is None else Place(frame, planned.slot)

    def place_from(self, place: Place, node: str) -> Place | None:
        """Find a node as it is seen from a place: beside it, or beside one of the containers around it."""
        planned = self.plan.nodes.get(node)
        for frame, _ in levels(place.frame, place.slot):
            if planned is not None and frame.scope is planned.scope:
                return Place(frame, planned.slot)
        return None

    def attempt(self, key: Key) -> int:
        """Which attempt of the node is running or comes next, from 1."""
        return self.attempts.get(key, 1)

    def live(self) -> Iterator[Place]:
        """Every place that is started, waits, or is to go on after a wait, of all frames."""
        for key in dict.fromkeys([*self.running, *self.waiting, *self.decisions]):
            place = self.place(*key)
            if place is not None and place.status < DONE:
                yield place

    # -- one node

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
        self._mark(place, status, port, output)
        frame, slot = place
        if status is CANCELLED:
            return
        if frame.undo is not None:
            self._undo_next(frame)
            return
        if frame.finished is not None and status is DONE and slot in frame.scope.undo:
            frame.finished.append(slot)
        self._move_on(frame, slot, port)

    def _move_on(self, frame: Frame, slot: int, port: str | None) -> None:
        """What follows once a node is settled."""
        self._spread(frame, slot, port)
        if frame.group is not None:
            if frame.unfinished == 0:
                if frame.lingering == 0:
                    self._frame_over(frame)
            else:
                self._park_or_wake(frame, frame.group)

    def _mark(self, place: Place, status: NodeStatus, port: str | None, output: JsonValue) -> None:
        """Settle a node without looking at what follows from it."""
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
        if frame.undo is None:
            frame.unfinished -= 1
        if self.locks:
            self._unlock(place)

    def _withdraw(self, place: Place, *, quietly: bool = False) -> None:
        """Settle a node from outside: cancelled if it has begun, else skipped; `quietly` is for frames that end as a whole."""
        frame, slot = place
        status = frame.status[slot]
        key = place.key
        has_begun = RUNNING <= status <= COLLECTING or key in self.decisions
        if status is not PENDING:
            frame.live -= 1
        if status is WAITING:
            frame.people -= self.waiting.pop(key).reason in FOR_PEOPLE
        frame.status[slot] = CANCELLED if has_begun or quietly else SKIPPED
        frame.unfinished -= 1
        if has_begun or not quietly:
            self.unreported[key] = place
        if self.locks:
            self._unlock(place)
        group = self.groups.get(key)
        if group is None:
            self._forget(key)
        else:
            self._drop(group, frame.cause or "stopped")

    def _forget(self, key: Key) -> None:
        self.running.pop(key, None)
        self.attempts.pop(key, None)
        self.decisions.pop(key, None)
        self.facts.pop(key, None)
        self.began.pop(key, None)
        group = self.groups.pop(key, None)
        if group is not None:
            self.deadlines.pop(key, None)
            for frame in group.frames:
                self.frames.pop((frame.scope.container.id if frame.scope.container else "", frame.iteration), None)

    # -- from node to node

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
                    self._admit(frame, target)
                elif open_edges[target] + taken[target] < (need or 1):
                    self._skip(frame, target)
                    stack.append((target, None))

    def _admit(self, frame: Frame, slot: int) -> None:
        """A node may start: at once, or when its lock is free. A join that cancels stops what it waits for no longer."""
        frame.status[slot] = READY
        frame.live += 1
        node = frame.scope.nodes[slot]
        if node.is_plain:
            self.ready.append(Place(frame, slot))
            return
        if node.cancels_others and frame.open[slot] > 0:
            self._stop(frame, frame.only_towards(slot))
        if node.lock is None or self._lock(node.lock, Place(frame, slot)):
            self.ready.append(Place(frame, slot))

    def _stop(self, frame: Frame, slots: list[int]) -> None:
        """Take nodes out of a frame that goes on: they count as not taken."""
        stopped = [slot for slot in slots if frame.status[slot] < DONE]
        for slot in stopped:
            self._withdraw(Place(frame, slot))
        for slot in stopped:
            self._spread(frame, slot, None)
        if frame.group is not None:
            self._park_or_wake(frame, frame.group)

    def _skip(self, frame: Frame, slot: int) -> None:
        frame.status[slot] = SKIPPED
        frame.unfinished -= 1
        place = Place(frame, slot)
        self.unreported[place.key] = place

    def _open(self, frame: Frame) -> None:
        """Make a frame's entries ready and skip what hangs on nothing."""
        scope = frame.scope
        stray: list[int] = []
        for node in scope.nodes:
            if node.slot in scope.entries:
                self._admit(frame, node.slot)
            elif not node.sources and node.slot not in scope.dormant:
                stray.append(node.slot)
        for slot in stray:
            self._skip(frame, slot)
            self._spread(frame, slot, None)

    # -- locks

    def _lock(self, lock: str, place: Place) -> bool:
        """Take a lock, or queue for it."""
        queue = self.locks.setdefault(lock, deque())
        queue.append(place)
        return len(queue) == 1

    def _unlock(self, place: Place) -> None:
        """A settled node gives its lock to the next who still wants it."""
        lock = place.node.lock
        queue = None if lock is None else self.locks.get(lock)
        if lock is None or queue is None or place not in queue:
            return
        is_holder = queue[0] == place
        queue.remove(place)
        if not queue:
            del self.locks[lock]
        elif is_holder:
            self.ready.append(queue[0])


def levels(frame: Frame, slot: int) -> Iterator[tuple[Frame, int]]:
    """A frame and the ones around it, innermost first, each with the place where it is entered."""
    yield frame, slot
    while frame.group is not None:
        frame, slot = frame.group.frame, frame.group.slot
        yield frame, slot
