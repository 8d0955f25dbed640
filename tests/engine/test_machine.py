"""The state machine under any sequence of what can happen: containers in containers, joins that cancel, locks, undo steps, crashes,
events that come twice or late. The fold of the journal is the state, what is settled stays, and everything comes to its end."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from engine.run.events import EventType, JournalEvent
from engine.run.frames import Frame, Group, NodeStatus, Place, Style
from engine.run.plan import Plan
from engine.run.regions import frames_around
from engine.run.state import RunState
from engine.spec.workflow import UNDO_PORT, EdgeSpec, NodeSpec
from tests.engine.kit import NOON, make_plan, node

ERROR = {"code": "bad", "message": "No."}
MOST_PASSES, MOST_ITEMS, MOST_ACTIONS = 3, 6, 4000
ENDS = (EventType.NODE_FINISHED, EventType.NODE_FAILED, EventType.NODE_SKIPPED, EventType.NODE_CANCELLED)
Draw = Callable[[st.SearchStrategy[Any]], Any]


def scope(draw: Draw, parent: str | None, kind: str, depth: int) -> tuple[list[NodeSpec], list[EdgeSpec]]:
    """Random steps and containers side by side, with what is inside them."""
    nodes: list[NodeSpec] = []
    links: list[EdgeSpec] = []
    prefix = f"{parent}_" if parent else "n"
    for index in range(draw(st.integers(1, 4))):
        name = f"{prefix}{index}"
        own = draw(st.sampled_from(["step", "step", "map", "loop", "region"] if depth < 3 else ["step"]))
        join, others = draw(st.sampled_from([("all", "finish"), ("any", "finish"), ("any", "cancel"), (2, "cancel"), (2, "finish")]))
        nodes.append(node(name, own, parent=parent, join=join, others=others, lock=draw(st.sampled_from([None, None, None, "till"]))))
        sources = draw(st.sets(st.integers(0, index - 1), max_size=2)) if index else ()
        links += [EdgeSpec(source=f"{prefix}{one}", port=draw(st.sampled_from(["out", "out", "yes"])), target=name) for one in sources]
        if kind == "region" and draw(st.booleans()):
            nodes.append(node(f"{name}u", parent=parent))
            links.append(EdgeSpec(source=name, port=UNDO_PORT, target=f"{name}u"))
        if own != "step":
            inner_nodes, inner_links = scope(draw, name, own, depth + 1)
            nodes += inner_nodes
            links += inner_links
    return nodes, links


def picture(state: RunState) -> object:
    """Everything that decides what can happen next."""

    def of(frame: Frame) -> object:
        ends = (frame.is_halted, frame.undo, frame.lingering, frame.unfinished)
        return frame.status, frame.ports, frame.outputs, frame.open, frame.taken, ends

    def of_group(group: Group) -> object:
        return group.opened, group.active, group.busy, group.succeeded, group.is_closing, group.is_dropped, group.items, group.values

    return (
        of(state.root),
        {key: of(frame) for key, frame in state.frames.items()},
        {key: of_group(group) for key, group in state.groups.items()},
        state.running.keys(),
        {key: waiting.reason for key, waiting in state.waiting.items()},
        state.unreported.keys(),
        {lock: [place.key for place in queue] for lock, queue in state.locks.items()},
        state.is_complete,
    )


def unended(history: list[JournalEvent]) -> set[tuple[str | None, str]]:
    """Steps that a reader of the journal takes for being at work, or waiting."""
    found: set[tuple[str | None, str]] = set()
    for event in history:
        if event.type in (EventType.NODE_STARTED, EventType.NODE_WAITING, EventType.NODE_RESUMED) or event.data.get("retry_at"):
            found.add((event.node, event.iteration))
        elif event.type in ENDS:
            found.discard((event.node, event.iteration))
    return found


class Machine(RuleBasedStateMachine):
    """Rules are what a driver, a worker's death or a clumsy messenger may do."""

    def __init__(self) -> None:
        super().__init__()
        self.plan: Plan
        self.history: list[JournalEvent] = []
        self.state: RunState
        self.settled: dict[tuple[str, str, int], NodeStatus] = {}

    @initialize(data=st.data())
    def begin(self, data: st.DataObject) -> None:
        """A run of a random workflow."""
        self.plan = make_plan(*scope(data.draw, None, "", 0))
        self.state = RunState(self.plan)
        self.emit(EventType.RUN_STARTED, inputs={})

    def emit(self, kind: EventType, place: Place | None = None, **data: Any) -> None:
        event = JournalEvent(kind, NOON + timedelta(seconds=len(self.history)), *(place.key if place else (None, "")), data)
        self.history.append(event)
        self.state.apply(event)

    # -- what can be acted upon

    def startable(self) -> list[Place]:
        places = [place for place in self.state.ready if place.status in (NodeStatus.READY, NodeStatus.COLLECTING)]
        return list(dict.fromkeys(places))

    def at_work(self) -> list[Place]:
        return [place for place in self.state.running.values() if place.node.body is None]

    def waiting(self) -> list[Place]:
        return [place for key in self.state.waiting if (place := self.state.place(*key)) is not None]

    # -- rules

    @precondition(lambda self: self.startable())
    @rule(data=st.data())
    def start(self, data: st.DataObject) -> None:
        """The driver takes what is ready."""
        place = data.draw(st.sampled_from(self.startable()))
        if place.status is NodeStatus.COLLECTING:
            self.collect(place, data.draw)
        elif place.node.body is not None:
            self.open(place, data.draw)
        else:
            data.draw(st.sampled_from([self.work, self.ask, self.finish, self.fail]))(place, data.draw)

    def collect(self, place: Place, draw: Draw) -> None:
        group = self.state.groups[place.key]
        is_over = group.error is not None or group.has_left or any(frame.error is not None for frame in group.frames)
        if group.style is Style.LOOP and not is_over and group.opened < MOST_PASSES and draw(st.booleans()):
            self.emit(EventType.NODE_ITERATED, place, index=group.opened, previous=group.opened)
        else:
            draw(st.sampled_from([self.finish, self.finish, self.fail]))(place, draw)

    def open(self, place: Place, draw: Draw) -> None:
        kind = place.node.kind.kind
        data: dict[str, Any] = {"attempt": 1, "inputs": {}}
        if kind == "map":
            data["inputs"] = {"items": list(range(draw(st.integers(0, 3))))}
            data |= {"parallel": draw(st.integers(1, 3)), "stop_on_error": draw(st.booleans()), "tries": draw(st.integers(1, 2))}
            if draw(st.booleans()):
                data |= {"enough": draw(st.integers(1, 2)), "others": draw(st.sampled_from(["cancel", "finish"]))}
        else:
            data |= {"style": kind, "previous": None}
        if draw(st.integers(0, 3)) == 0:
            data["until"] = (NOON + timedelta(days=1)).isoformat()
        self.emit(EventType.NODE_STARTED, place, **data)

    def work(self, place: Place, _draw: Draw) -> None:
        self.emit(EventType.NODE_STARTED, place, attempt=self.state.attempt(place.key), inputs={})

    def ask(self, place: Place, draw: Draw) -> None:
        reason = draw(st.sampled_from(["approval", "delay"]))
        self.emit(EventType.NODE_WAITING, place, reason=reason, until=None, request={}, attempt=self.state.attempt(place.key))

    def finish(self, place: Place, draw: Draw) -> None:
        data: dict[str, Any] = {"attempt": 1, "output": len(self.history), "port": draw(st.sampled_from(["out", "out", "yes"]))}
        if place.node.body is None and draw(st.integers(0, 4)) == 0:
            then = self.then(place, draw)
            data |= {"then": then} if then else {}
        self.emit(EventType.NODE_FINISHED, place, **data)

    def then(self, place: Place, draw: Draw) -> dict[str, Any]:
        """What a step may do besides, where it can."""
        groups = [frame.group for frame in frames_around(place.frame) if frame.group is not None]
        around = next((group for group in groups if group.style is Style.LIST), None)
        found: dict[str, Any] = {}
        if draw(st.booleans()):
            found["stop"] = [draw(st.sampled_from(sorted(self.plan.nodes)))]
        if around is not None and len(around.items) < MOST_ITEMS and draw(st.booleans()):
            found["add"] = [len(around.items)]
        ways = ["", "run"] + ["container"] * any(group.style is not Style.REGION for group in groups)
        if leave := draw(st.sampled_from(ways)):
            found["leave"] = leave
        return found

    def fail(self, place: Place, draw: Draw) -> None:
        handled = draw(st.sampled_from(["fail", "branch", "default"]))
        attempt = self.state.attempt(place.key)
        if place.node.body is None and draw(st.integers(0, 3)) == 0 and attempt < 3:
            self.emit(EventType.NODE_FAILED, place, attempt=attempt, error=ERROR, retry_at=NOON.isoformat())
        else:
            self.emit(EventType.NODE_FAILED, place, attempt=attempt, error=ERROR, handled=handled, output=None)

    @precondition(lambda self: self.at_work())
    @rule(data=st.data())
    def end_work(self, data: st.DataObject) -> None:
        """A step that runs comes to its end, waits, or fails."""
        place = data.draw(st.sampled_from(self.at_work()))
        data.draw(st.sampled_from([self.finish, self.finish, self.fail, self.ask]))(place, data.draw)

    @precondition(lambda self: self.waiting())
    @rule(data=st.data())
    def wake(self, data: st.DataObject) -> None:
        """What a step waited for happens."""
        place = data.draw(st.sampled_from(self.waiting()))
        waited = self.state.waiting[place.key]
        self.emit(EventType.NODE_RESUMED, place, reason=waited.reason, decision={"button": "approve"})

    @precondition(lambda self: self.waiting())
    @rule(data=st.data())
    def hear_of_an_earlier_wait(self, data: st.DataObject) -> None:
        """News of something else than what the step waits for now moves nothing."""
        place = data.draw(st.sampled_from(self.waiting()))
        before = picture(self.state)
        self.emit(EventType.NODE_RESUMED, place, reason="another", decision={})
        assert picture(self.state) == before

    @precondition(lambda self: self.state.deadlines)
    @rule(data=st.data())
    def expire(self, data: st.DataObject) -> None:
        """The time of a container is over."""
        place = self.state.place(*data.draw(st.sampled_from(sorted(self.state.deadlines))))
        assert place is not None
        self.emit(EventType.NODE_EXPIRED, place, error={"code": "timeout", "message": "Too late."})

    @precondition(lambda self: self.state.unreported)
    @rule()
    def report(self) -> None:
        """The driver writes down what followed."""
        for place in list(self.state.unreported.values()):
            if place.status is NodeStatus.SKIPPED:
                self.emit(EventType.NODE_SKIPPED, place)
            else:
                self.emit(EventType.NODE_CANCELLED, place, reason="stopped")

    @rule()
    def crash(self) -> None:
        """The worker dies; another takes the journal up."""
        before = picture(self.state)
        self.state = RunState(self.plan).fold(self.history)
        assert picture(self.state) == before

    @rule(data=st.data())
    def repeat(self, data: st.DataObject) -> None:
        """An event arrives again, long after it mattered."""
        event = data.draw(st.sampled_from(self.history))
        place = self.state.place(event.node, event.iteration) if event.node else None
        is_late = place is not None and place.status >= NodeStatus.DONE and place.key not in self.state.unreported
        if is_late or event.type is EventType.RUN_STARTED:
            before = picture(self.state)
            self.state.apply(event)
            assert picture(self.state) == before

    # -- what always holds

    @invariant()
    def what_is_settled_stays(self) -> None:
        """From DONE on a status never changes."""
        if not self.history:
            return
        for frame in (self.state.root, *self.state.frames.values()):
            container = frame.scope.container.id if frame.scope.container else ""
            for slot, status in enumerate(frame.status):
                if status >= NodeStatus.DONE:
                    assert self.settled.setdefault((container, frame.iteration, slot), status) == status

    def teardown(self) -> None:
        """Whatever happened before: driven on, the run ends, with nothing at work."""
        if not self.history:
            return
        for _ in range(MOST_ACTIONS):
            self.report()
            if self.state.is_complete:
                break
            self.next_step()
        assert self.state.is_complete, "the run does not end"
        assert not self.state.running
        assert not self.state.waiting
        assert not self.startable()
        assert not self.state.locks
        assert picture(RunState(self.plan).fold(self.history)) == picture(self.state)
        assert not unended(self.history), "a step that began, and whose end nobody wrote down"
        self.emit(EventType.RUN_SUCCEEDED, output=None)
        end = self.state.ended
        self.state.apply(JournalEvent(EventType.RUN_FAILED, NOON, data={"error": ERROR}))
        assert self.state.ended is end

    def next_step(self) -> None:
        """The plainest thing that can happen next."""
        for place in self.at_work():
            return self.emit(EventType.NODE_FINISHED, place, attempt=1, output=None, port="out")
        for place in self.waiting():
            return self.emit(EventType.NODE_RESUMED, place, reason=self.state.waiting[place.key].reason, decision={})
        for place in self.startable():
            if place.status is NodeStatus.READY and place.node.body is not None:
                style = {} if place.node.kind.kind == "map" else {"style": place.node.kind.kind}
                return self.emit(EventType.NODE_STARTED, place, attempt=1, inputs={"items": [1]}, **style)
            return self.emit(EventType.NODE_FINISHED, place, attempt=1, output=None, port="out")
        raise AssertionError(f"the run stands still: {picture(self.state)}")


Machine.TestCase.settings = settings(
    max_examples=60, stateful_step_count=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
TestMachine = Machine.TestCase


def test_a_step_that_is_to_stop_itself_ends_as_done_and_the_run_with_it() -> None:
    state = RunState(make_plan([node("n0")], []))
    state.apply(JournalEvent(EventType.RUN_STARTED, NOON, data={"inputs": {}}))
    state.apply(JournalEvent(EventType.NODE_FINISHED, NOON, "n0", "", {"attempt": 1, "output": 1, "port": "out", "then": {"stop": ["n0"]}}))
    place = state.place("n0", "")
    assert place is not None
    assert (place.status, state.is_complete, list(state.unreported)) == (NodeStatus.DONE, True, [])
