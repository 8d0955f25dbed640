"""The state machine's memory: one Frame per running scope, one Group per container whose items are being worked through."""

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from typing import Any, NamedTuple

from engine.json import JsonObject, JsonValue
from engine.run.plan import PlanNode, PlanScope

Key = tuple[str, str]  # node id, iteration
CUT_OFF: JsonObject = {"code": "cancelled", "message": "Stopped because another item failed."}


class NodeStatus(IntEnum):
    """Where one node of one frame stands. From DONE on nothing changes any more."""

    PENDING = 0
    READY = 1
    RUNNING = 2
    WAITING = 3
    COLLECTING = 4  # a container whose items are all through
    DONE = 5
    FAILED = 6
    SKIPPED = 7
    CANCELLED = 8


@dataclass(slots=True)
class Waiting:
    """What a waiting node waits for; `until` is None when only a person can end it."""

    reason: str
    until: datetime | None


class Frame:
    """One pass through a scope: the whole run, or one item of a container. Slots index the scope's nodes."""

    __slots__ = (
        "error",
        "group",
        "index",
        "iteration",
        "live",
        "open",
        "outputs",
        "parked",
        "people",
        "ports",
        "scope",
        "status",
        "taken",
        "unfinished",
    )

    def __init__(self, scope: PlanScope, iteration: str = "", group: "Group | None" = None, index: int = 0) -> None:
        count = len(scope.nodes)
        self.scope = scope
        self.iteration = iteration
        self.group = group
        self.index = index
        self.status: list[NodeStatus] = [NodeStatus.PENDING] * count
        self.open = [len(node.sources) for node in scope.nodes]
        self.taken = [0] * count
        self.outputs: list[JsonValue] = [None] * count
        self.ports: list[str | None] = [None] * count
        self.unfinished = count
        self.live = 0  # ready, running or waiting
        self.people = 0  # of these, waiting for a person
        self.parked = False
        self.error: JsonObject | None = None

    @property
    def is_closed(self) -> bool:
        """Nothing in here can change any more."""
        return self.unfinished == 0 or self.error is not None

    def taken_sources(self, slot: int) -> list[PlanNode]:
        """Direct predecessors whose edge to `slot` was taken, in edge order."""
        nodes = self.scope.nodes
        return [nodes[source] for source, port in nodes[slot].sources if self.ports[source] == port]

    def last_nodes(self) -> list[PlanNode]:
        """Nodes that finished on a port which leads nowhere: what a body gives back by default."""
        found: list[PlanNode] = []
        for slot in self.scope.order:
            port = self.ports[slot]
            if port is not None and all(edge_port != port for edge_port, _ in self.scope.nodes[slot].edges):
                found.append(self.scope.nodes[slot])
        return found


class Place(NamedTuple):
    """One node in one frame."""

    frame: Frame
    slot: int

    @property
    def node(self) -> PlanNode:
        """The planned node that stands here."""
        return self.frame.scope.nodes[self.slot]

    @property
    def key(self) -> Key:
        """How the journal names it."""
        return self.frame.scope.nodes[self.slot].id, self.frame.iteration

    @property
    def status(self) -> NodeStatus:
        """Where it stands."""
        return self.frame.status[self.slot]


class Group:
    """The items of one container run and how far they are. A frame in which only people are awaited takes no place."""

    __slots__ = ("active", "frame", "frames", "is_opening", "items", "opened", "parallel", "remaining", "slot", "stop_on_error")

    def __init__(self, frame: Frame, slot: int, items: list[Any], parallel: int, *, stop_on_error: bool) -> None:
        self.frame = frame
        self.slot = slot
        self.items = items
        self.parallel = max(1, parallel)
        self.stop_on_error = stop_on_error
        self.frames: list[Frame] = []
        self.opened = 0
        self.is_opening = False  # further entries are opened by the loop that is at it
        self.active = 0
        self.remaining = len(items)

    @property
    def first_error(self) -> JsonObject | None:
        """The error of the earliest item that failed by itself."""
        return next((frame.error for frame in self.frames if frame.error is not None and frame.error is not CUT_OFF), None)

    def may_open(self) -> bool:
        """Whether another item can start now."""
        return self.opened < len(self.items) and self.active < self.parallel
