"""The state machine's memory: one Frame per running scope, one Group per container whose passes are being worked through."""

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Any, NamedTuple

from engine.json import JsonObject, JsonValue
from engine.run.plan import PlanNode, PlanScope

Key = tuple[str, str]  # node id, iteration
HELD = frozenset({"budget", "reserved", "rate_limit", "breaker"})  # why a step waits that may not go on now: see engine.errors.Held
CUT_OFF: JsonObject = {"code": "cancelled", "message": "Stopped because its result was not needed any more."}


class NodeStatus(IntEnum):
    """Where one node of one frame stands. From DONE on nothing changes any more."""

    PENDING = 0
    READY = 1
    RUNNING = 2
    WAITING = 3
    COLLECTING = 4  # a container whose open passes are all through: the driver says what follows
    DONE = 5
    FAILED = 6
    SKIPPED = 7
    CANCELLED = 8


class Style(StrEnum):
    """What a container does with its body: once per entry of a list, again and again, or once."""

    LIST = "list"
    LOOP = "loop"
    REGION = "region"


@dataclass(slots=True)
class Waiting:
    """What a waiting node waits for; `until` is None when only a person can end it."""

    reason: str
    until: datetime | None
    key: str = ""  # of the signal
    note: str = ""  # why, in a sentence
    asks: bool = False  # whether people are asked about it; of the steps that wait for a budget one asks for all


class Frame:
    """One pass through a scope: the whole run, or one pass through a container's body. Slots index the scope's nodes."""

    __slots__ = (
        "cause",
        "error",
        "finished",
        "group",
        "index",
        "is_halted",
        "iteration",
        "lingering",
        "live",
        "open",
        "outputs",
        "parked",
        "people",
        "ports",
        "scope",
        "status",
        "taken",
        "tries",
        "trouble",
        "undo",
        "undone",
        "unfinished",
    )

    def __init__(self, scope: PlanScope, iteration: str = "", group: "Group | None" = None, index: int = 0, tries: int = 1) -> None:
        count = len(scope.nodes)
        self.scope = scope
        self.iteration = iteration
        self.group = group
        self.index = index
        self.tries = tries
        self.status: list[NodeStatus] = [NodeStatus.PENDING] * count
        self.open = [len(node.sources) for node in scope.nodes]
        self.taken = [0] * count
        self.outputs: list[JsonValue] = [None] * count
        self.ports: list[str | None] = [None] * count
        self.unfinished = count - len(scope.undo)
        self.live = 0  # ready, running or waiting
        self.people = 0  # of these, waiting for a person
        self.parked = False
        self.is_halted = False  # nothing starts here any more but what undoes
        self.cause = ""  # why it was halted, as NODE_CANCELLED says it
        self.error: JsonObject | None = None
        self.finished: list[int] | None = [] if scope.undo else None  # what would have to be undone, in order
        self.undo: list[int] | None = None  # undo steps still to come, last one first; None while nothing is undone
        self.undone: list[int] = []  # undo steps that were begun, in order
        self.trouble: list[JsonObject] = []  # errors of undo steps
        self.lingering = 0  # cancelled containers in here that still undo something

    @property
    def is_over(self) -> bool:
        """Nothing in here can change any more."""
        return self.unfinished == 0 and self.undo is None and self.lingering == 0

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

    def only_towards(self, slot: int) -> list[int]:
        """What is not settled yet and can lead nowhere but to `slot`, or to what has begun already."""
        scope, status = self.scope, self.status
        upstream = scope.ancestors(slot)
        found = {slot}
        for other in reversed(scope.order):
            if upstream >> other & 1 and status[other] < NodeStatus.DONE:
                ahead = {target for _, target in scope.nodes[other].edges if target in found or status[target] is NodeStatus.PENDING}
                if ahead and ahead <= found:
                    found.add(other)
        found.discard(slot)
        return [other for other in scope.order if other in found]


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
    """The passes of one container run and how far they are. A frame in which only people are awaited takes no place."""

    __slots__ = (
        "active",
        "busy",
        "cancels",
        "enough",
        "error",
        "frame",
        "frames",
        "has_left",
        "is_closing",
        "is_dropped",
        "is_opening",
        "is_parked",
        "items",
        "opened",
        "parallel",
        "slot",
        "stop_on_error",
        "style",
        "succeeded",
        "tries",
        "values",
        "way",
    )

    def __init__(self, frame: Frame, slot: int, data: JsonObject) -> None:
        self.frame = frame
        self.slot = slot
        self.style = Style(data.get("style", Style.LIST))
        self.items: list[Any] = [None] if self.style is Style.REGION else list(data.get("inputs", {}).get("items") or ())
        self.parallel = max(1, data.get("parallel", 1))
        self.stop_on_error: bool = data.get("stop_on_error", True)
        self.enough: int | None = data.get("enough")  # so many good results end it
        self.cancels: bool = data.get("others", "cancel") == "cancel"  # whether the rest is stopped then
        self.tries: int = data.get("tries", 1)
        self.way: str | None = data.get("way")  # the port taken when its time is over; None: it fails
        self.values: list[JsonValue] = [data.get("previous")]  # of a loop: the value before the first pass, then each pass's result
        self.frames: list[Frame] = []  # by index; a loop keeps only the last
        self.opened = 0
        self.active = 0
        self.busy = 0  # open frames that are not over
        self.succeeded = 0
        self.error: JsonObject | None = None  # of the container itself, such as its time limit
        self.is_closing = False  # no further pass begins
        self.is_opening = False  # further passes are opened by the loop that is at it
        self.is_dropped = False  # the container itself was cancelled
        self.is_parked = False
        self.has_left = False

    @property
    def place(self) -> Place:
        """Where the container stands."""
        return Place(self.frame, self.slot)

    @property
    def first_error(self) -> JsonObject | None:
        """The error of the earliest pass that failed by itself."""
        return next((frame.error for frame in self.frames if frame.error is not None and frame.error is not CUT_OFF), None)

    def may_open(self) -> bool:
        """Whether another entry can start now."""
        return self.opened < len(self.items) and self.active < self.parallel and not (self.is_closing or self.is_dropped)

    def iteration(self, index: int, tries: int = 1) -> str:
        """How the journal names one pass; a region's body counts as part of what is around it."""
        around = self.frame.iteration
        if self.style is Style.REGION:
            return around
        own = f"{index}~{tries}" if tries > 1 else str(index)
        return f"{around}/{own}" if around else own


def around_iteration(container: PlanNode, iteration: str) -> str:
    """Of a pass of the container: what the passes around it are called. A region's body counts as part of what is around it."""
    return iteration if container.kind.is_region else iteration.rpartition("/")[0]
