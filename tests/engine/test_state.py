"""The state machine against a plain model of it: random graphs, any order of events, any prefix of the history."""

import random
from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.nodes.base import Items, NodeContext
from engine.run.events import EventType, JournalEvent
from engine.run.frames import Frame, NodeStatus, Place
from engine.run.plan import Plan
from engine.run.state import RunState
from engine.spec.workflow import EdgeSpec, NodeSpec
from tests.engine.kit import NOON, Blank, Step, edges, make_plan, node

SETTLED = {NodeStatus.DONE, NodeStatus.SKIPPED, NodeStatus.FAILED}
ENDS = (EventType.NODE_FINISHED, EventType.NODE_FAILED, EventType.NODE_SKIPPED)
PORTS = ("out", "yes", "no")


class Box(Step):
    """A container, for its shape only: the simulation says what its items are."""

    is_container = True

    def __init__(self) -> None:
        super().__init__(kind="box")

    async def run(self, ctx: NodeContext, config: Blank) -> Any:
        """Never called: the simulation writes the events."""
        return Items([])


@st.composite
def graphs(draw: st.DrawFn, *, with_boxes: bool = True) -> Plan:
    """A random DAG with branches, joins of every sort and containers."""
    count = draw(st.integers(1, 9))
    nodes: list[NodeSpec] = []
    links: list[EdgeSpec] = []
    for index in range(count):
        join = draw(st.sampled_from(["all", "all", "all", "any", 1, 2, 3]))
        kind = draw(st.sampled_from(["step", "step", "step", "box"])) if with_boxes else "step"
        nodes.append(node(f"n{index}", kind, join=join))
        links += [
            EdgeSpec(source=f"n{source}", port=draw(st.sampled_from(PORTS)), target=f"n{index}")
            for source in draw(st.sets(st.integers(0, index - 1), max_size=3) if index else st.just(set()))
        ]
        if kind == "box":
            inner = draw(st.integers(0, 3))
            nodes += [node(f"b{index}_{step}", parent=f"n{index}") for step in range(inner)]
            links += [EdgeSpec(source=f"b{index}_{step}", target=f"b{index}_{step + 1}") for step in range(inner - 1)]
    return make_plan(nodes, links, Box())


class Simulation:
    """A driver without asyncio: takes any allowed next step, and decides each node's fate by its name alone."""

    def __init__(self, plan: Plan, fates: random.Random, history: list[JournalEvent] | None = None) -> None:
        self.plan = plan
        self.salt = fates.getrandbits(32) if history is None else 0
        self.history = list(history or [])
        self.state = RunState(plan).fold(self.history)

    def emit(self, kind: EventType, place: Place | None = None, **data: Any) -> None:
        at = NOON + timedelta(seconds=len(self.history))
        event = JournalEvent(kind, at, *(place.key if place else (None, "")), data)
        self.history.append(event)
        self.state.apply(event)

    def fate(self, place: Place) -> random.Random:
        return random.Random(f"{self.salt}/{place.key}")

    def finish(self, place: Place) -> None:
        fate = self.fate(place)
        if fate.random() < 0.15:
            self.emit(EventType.NODE_FAILED, place, attempt=1, error={"code": "x"}, handled="default", output=None)
        else:
            self.emit(EventType.NODE_FINISHED, place, attempt=1, output=fate.random(), port=fate.choice(PORTS))

    def start(self, place: Place) -> None:
        if place.status is NodeStatus.COLLECTING:
            self.finish(place)
        elif place.node.body is not None:
            fate = self.fate(place)
            items = list(range(fate.randint(0, 4)))
            self.emit(EventType.NODE_STARTED, place, attempt=1, inputs={"items": items}, parallel=fate.randint(1, 3), stop_on_error=False)
        elif place.status is NodeStatus.READY:
            self.emit(EventType.NODE_STARTED, place, attempt=1, inputs={})

    def run(self, order: random.Random) -> "Simulation":
        if not self.state.is_started:
            self.emit(EventType.RUN_STARTED, inputs={})
        state = self.state
        while not state.is_complete:
            for place in list(state.unreported.values()):
                self.emit(EventType.NODE_SKIPPED, place)
            started = [place for place in state.running.values() if place.node.body is None]
            choice = order.randrange(len(state.ready) + len(started))
            if choice < len(state.ready):
                place = state.ready[choice]
                del state.ready[choice]
                self.start(place)
            else:
                self.finish(started[choice - len(state.ready)])
        for place in list(state.unreported.values()):
            self.emit(EventType.NODE_SKIPPED, place)
        return self


def snapshot(frame: Frame) -> list[tuple[str, NodeStatus, str | None]]:
    return [(node.id, frame.status[node.slot], frame.ports[node.slot]) for node in frame.scope.nodes]


def expected(plan: Plan, simulation: Simulation) -> list[tuple[str, NodeStatus, str | None]]:
    """The same by the plain words of the rule, node after node."""
    ports: dict[int, str | None] = {}
    found: dict[int, tuple[NodeStatus, str | None]] = {}
    frame = Frame(plan.root)
    for slot in plan.root.order:
        planned = plan.root.nodes[slot]
        taken = sum(ports[source] == port for source, port in planned.sources)
        runs = not planned.sources or taken >= max(1, planned.need)
        fate = simulation.fate(Place(frame, slot))
        is_failed = fate.random() < 0.15
        port = None if not runs else "out" if is_failed else (fate.random(), fate.choice(PORTS))[1]
        ports[slot] = port
        found[slot] = (NodeStatus.SKIPPED if not runs else NodeStatus.FAILED if is_failed else NodeStatus.DONE, port)
    return [(planned.id, *found[planned.slot]) for planned in plan.root.nodes]


@settings(max_examples=200, deadline=None)
@given(graphs(), st.randoms(use_true_random=False), st.randoms(use_true_random=False))
def test_every_node_settles_once_and_the_order_of_finishing_does_not_matter(plan: Plan, fates: random.Random, order: random.Random) -> None:
    simulation = Simulation(plan, fates).run(order)
    assert snapshot(simulation.state.root) == expected(plan, simulation)
    ends = [
        (e.node, e.iteration)
        for e in simulation.history
        if e.type in (EventType.NODE_FINISHED, EventType.NODE_FAILED, EventType.NODE_SKIPPED)
    ]
    assert len(ends) == len(set(ends))
    assert {status for _, status, _ in snapshot(simulation.state.root)} <= SETTLED


@settings(max_examples=100, deadline=None)
@given(graphs(), st.randoms(use_true_random=False), st.randoms(use_true_random=False))
def test_the_fold_of_the_history_is_the_live_state_at_every_moment(plan: Plan, fates: random.Random, order: random.Random) -> None:
    simulation = Simulation(plan, fates).run(order)
    step = max(1, len(simulation.history) // 12)
    for length in range(0, len(simulation.history) + 1, step):
        folded = RunState(plan).fold(simulation.history[:length])
        again = RunState(plan)
        for event in simulation.history[:length]:
            again.apply(event)
        assert snapshot(folded.root) == snapshot(again.root)
        assert folded.running.keys() == again.running.keys()
        assert folded.unreported.keys() == again.unreported.keys()
    assert snapshot(RunState(plan).fold(simulation.history).root) == snapshot(simulation.state.root)


@settings(max_examples=100, deadline=None)
@given(graphs(), st.randoms(use_true_random=False), st.randoms(use_true_random=False), st.floats(0, 1))
def test_a_run_cut_anywhere_continues_to_the_same_end(plan: Plan, fates: random.Random, order: random.Random, cut: float) -> None:
    whole = Simulation(plan, fates).run(order)
    prefix = whole.history[: int(cut * len(whole.history))]
    resumed = Simulation(plan, fates, prefix)
    resumed.salt = whole.salt
    resumed.run(order)
    assert snapshot(resumed.state.root) == snapshot(whole.state.root)
    finished = [(e.node, e.iteration) for e in resumed.history if e.type is EventType.NODE_FINISHED]
    assert len(finished) == len(set(finished)), "a finished node ran again"


def started(plan: Plan) -> Simulation:
    simulation = Simulation(plan, random.Random(1))
    simulation.emit(EventType.RUN_STARTED, inputs={})
    return simulation


def place(state: RunState, name: str, iteration: str = "") -> Place:
    found = state.place(name, iteration)
    assert found is not None
    return found


def test_a_late_event_about_a_settled_node_changes_nothing() -> None:
    simulation = started(make_plan([node("a"), node("b")], edges("a>b")))
    first = place(simulation.state, "a")
    simulation.emit(EventType.NODE_FINISHED, first, output=1, port="out", attempt=1)
    simulation.emit(EventType.NODE_FINISHED, first, output=2, port="other", attempt=1)
    assert first.frame.outputs[first.slot] == 1
    assert place(simulation.state, "b").status is NodeStatus.READY


def test_a_failed_node_cancels_what_runs_beside_it() -> None:
    simulation = started(make_plan([node("a"), node("b"), node("c")], edges("b>c")))
    for name in "ab":
        simulation.emit(EventType.NODE_STARTED, place(simulation.state, name), attempt=1, inputs={})
    simulation.emit(EventType.NODE_FAILED, place(simulation.state, "a"), attempt=1, handled="fail", error={"code": "no"})
    assert simulation.state.is_complete
    assert [key for key, _ in simulation.state.unreported] == ["b"]
    assert place(simulation.state, "b").status is place(simulation.state, "c").status is NodeStatus.CANCELLED


def make_box(items: int, *, parallel: int = 1, stop: bool = True) -> Simulation:
    plan = make_plan([node("m", "box"), node("x", parent="m"), node("y", parent="m"), node("z")], edges("x>y", "m>z"), Box())
    simulation = started(plan)
    data = {"attempt": 1, "inputs": {"items": list(range(items))}, "parallel": parallel, "stop_on_error": stop}
    simulation.emit(EventType.NODE_STARTED, place(simulation.state, "m"), **data)
    return simulation


def ready(simulation: Simulation) -> list[tuple[str, str]]:
    return list(dict.fromkeys(found.key for found in simulation.state.ready if found.status in (NodeStatus.READY, NodeStatus.COLLECTING)))


def test_a_container_opens_no_more_items_than_it_may() -> None:
    simulation = make_box(5, parallel=2)
    assert ready(simulation) == [("x", "0"), ("x", "1")]
    for name in "xy":
        simulation.emit(EventType.NODE_FINISHED, place(simulation.state, name, "1"), output=1, port="out", attempt=1)
    assert ("x", "2") in ready(simulation)
    assert ("x", "3") not in ready(simulation)


def test_an_item_that_waits_for_a_person_gives_its_place_away() -> None:
    simulation = make_box(3, parallel=1)
    simulation.emit(EventType.NODE_WAITING, place(simulation.state, "x", "0"), reason="approval", until=None, request={}, attempt=1)
    assert ("x", "1") in ready(simulation)
    assert ("x", "2") not in ready(simulation)


def test_an_item_that_waits_for_time_keeps_its_place() -> None:
    simulation = make_box(3, parallel=1)
    simulation.emit(EventType.NODE_WAITING, place(simulation.state, "x", "0"), reason="delay", until=None, request={}, attempt=1)
    assert ("x", "1") not in ready(simulation)


def test_the_first_failed_item_stops_the_others_when_it_should() -> None:
    simulation = make_box(4, parallel=2)
    simulation.emit(EventType.NODE_STARTED, place(simulation.state, "x", "1"), attempt=1, inputs={})
    error = {"code": "bad", "message": "no"}
    simulation.emit(EventType.NODE_FAILED, place(simulation.state, "x", "0"), attempt=1, handled="fail", error=error)
    assert ready(simulation) == [("m", "")]
    assert simulation.state.unreported.keys() == {("x", "1")}
    assert simulation.state.groups["m", ""].first_error == error


def test_a_failed_item_leaves_the_others_alone_when_errors_are_collected() -> None:
    simulation = make_box(2, parallel=2, stop=False)
    simulation.emit(EventType.NODE_FAILED, place(simulation.state, "x", "0"), attempt=1, handled="fail", error={"code": "bad"})
    assert ready(simulation) == [("x", "1")]
    for name in "xy":
        simulation.emit(EventType.NODE_FINISHED, place(simulation.state, name, "1"), output=1, port="out", attempt=1)
    assert ready(simulation) == [("m", "")]


def test_a_quorum_that_cannot_be_reached_any_more_skips_the_join() -> None:
    plan = make_plan([node("a"), node("b"), node("j", join=2)], edges("a.yes>j", "b>j"))
    simulation = started(plan)
    simulation.emit(EventType.NODE_FINISHED, place(simulation.state, "a"), output=1, port="no", attempt=1)
    assert place(simulation.state, "j").status is NodeStatus.SKIPPED


def test_time_spent_waiting_is_not_time_at_work() -> None:
    plan = make_plan([node("a")])
    history = [
        JournalEvent(EventType.RUN_STARTED, NOON, data={"inputs": {}}),
        JournalEvent(EventType.RUN_WAITING, NOON + timedelta(seconds=5)),
        JournalEvent(EventType.RUN_RESUMED, NOON + timedelta(hours=5)),
        JournalEvent(EventType.NODE_STARTED, NOON + timedelta(hours=5, seconds=2), "a", "", {"attempt": 1, "inputs": {}}),
    ]
    assert RunState(plan).fold(history).active_s == 7.0
