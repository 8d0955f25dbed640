"""Which references may find nothing, decided by the graph and compared with every possible run of small random graphs."""

import itertools
import random

import pytest

from engine.graph.order import order_scope
from tests.engine.graphs import codes, decide, node, start


def _skips(*texts: str, reads: str, at: str, nodes: dict[str, tuple[str, ...]]) -> bool:
    made = [start(n="number")]
    for name, ports in nodes.items():
        made.append(decide(name, *ports) if ports else node(name, text="{{ " + reads + " }}" if name == at else ""))
    return f"may_be_skipped@{at}.text" in codes(made, *texts)


@pytest.mark.parametrize(
    ("texts", "reads", "expected"),
    [
        (("start -> a -> z",), "a", False),
        (("start -> c", "c.yes -> a -> z", "c.otherwise -> z"), "a", True),
        (("start -> c", "c.yes -> a -> z"), "a", False),  # z runs only behind a
        (("start -> c", "c.yes -> a -> z", "c.otherwise -> a"), "a", False),  # both ways lead through a
        (("start -> c", "c.yes -> a -> b -> z", "c.otherwise -> b"), "a", True),
        (("start -> c", "c.yes -> a -> z", "c.yes -> z", "c.otherwise -> b"), "a", False),  # one port starts both
        (("start -> a -> z", "start -> c", "c.yes -> z"), "a", False),  # a runs beside whatever c does
        (("start -> c", "c.yes -> a", "c.otherwise -> b", "a -> z", "b -> z"), "a", True),
    ],
)
def test_what_may_be_skipped_is_decided_by_the_ways_through_the_graph(texts: tuple[str, ...], reads: str, expected: bool) -> None:
    nodes: dict[str, tuple[str, ...]] = {"c": ("yes",), "a": (), "b": (), "z": ()}
    assert _skips(*texts, reads=reads, at="z", nodes=nodes) is expected


def test_a_variable_set_on_every_branch_is_sure() -> None:
    nodes = [
        start(n="number"),
        decide("c"),
        node("a", "vars", values={"x": 1}),
        node("b", "vars", values={"x": 2}),
        node("z", text="{{ vars.x }}"),
    ]
    ways = ("start -> c", "c.yes -> a -> z", "c.otherwise -> b -> z")
    assert codes(nodes, *ways) == []
    nodes[3] = node("b", "vars", values={"y": 2})
    assert codes(nodes, *ways) == ["may_be_skipped@z.text"]


def test_a_container_that_may_be_skipped_hides_its_body_from_nothing_inside() -> None:
    nodes = [
        start(n="number"),
        decide("c"),
        node("a"),
        node("each", "each", items=[1], output="{{ d1 }}{{ in1 }}"),
        node("in1", parent="each", text="{{ a }}"),
        decide("inc", parent="each"),
        node("d1", parent="each"),
    ]
    found = codes(nodes, "start -> c", "c.yes -> a -> each", "c.otherwise -> each", "in1 -> inc", "inc.yes -> d1")
    assert found == ["may_be_skipped@each.output", "may_be_skipped@in1.text"]


def _runs(edges: list[list[tuple[str, int]]], ports: list[tuple[str, ...]], entries: list[int], choice: tuple[int, ...]) -> set[int]:
    running = set(entries)
    for slot in range(len(edges)):
        if slot in running:
            taken = ports[slot][choice[slot] % len(ports[slot])]
            running.update(target for port, target in edges[slot] if port == taken)
    return running


@pytest.mark.parametrize("seed", range(60))
def test_the_analysis_agrees_with_every_possible_run_of_a_random_graph(seed: int) -> None:
    rng = random.Random(seed)
    count = rng.randint(3, 9)
    ports = [("p", "q")[: rng.choice((1, 1, 2))] for _ in range(count)]
    edges: list[list[tuple[str, int]]] = [[] for _ in range(count)]
    for target in range(1, count):
        for source in rng.sample(range(target), k=rng.randint(1, min(2, target))):
            edge = (rng.choice(ports[source]), target)
            if edge not in edges[source]:
                edges[source].append(edge)
    result = order_scope(edges, ports, entries=[0], marks=[0] * count)
    every_run = [_runs(edges, ports, [0], choice) for choice in itertools.product(range(2), repeat=count)]
    for viewer in range(count):
        for other in range(count):
            if result.upstream[viewer] >> other & 1:
                can_miss = any(viewer in run and other not in run for run in every_run)
                assert bool(result.may_miss[viewer] >> other & 1) is can_miss, (viewer, other, edges)
    assert all(bool(result.never_sure >> slot & 1) is any(slot not in run for run in every_run) for slot in range(count))


@pytest.mark.parametrize(
    ("join", "texts", "expected"),
    [
        ("any", ("start -> a -> z", "start -> z"), ["may_be_late@z.text"]),
        ("all", ("start -> a -> z", "start -> z"), []),
        ("any", ("start -> a -> z",), []),
        ("any", ("start -> a -> b -> z", "a -> z"), []),  # both ways come after a
        (2, ("start -> a -> z", "start -> z", "start -> b -> z"), ["may_be_late@z.text"]),
    ],
)
def test_a_node_that_does_not_wait_for_all_may_find_nothing_yet(join: object, texts: tuple[str, ...], expected: list[str]) -> None:
    nodes = [start(), node("a"), node("b"), node("z", text="{{ a }}", join=join)]
    ways = texts if any("b" in text for text in texts) else (*texts, "start -> b")
    assert codes(nodes, *ways) == expected


def test_a_later_node_that_waits_for_it_is_sure_again() -> None:
    nodes = [start(), node("a"), node("z", join="any"), node("y", text="{{ a }}"), node("x", text="{{ a }}")]
    assert codes(nodes, "start -> a -> z -> y", "start -> z", "z -> x", "a -> x") == ["may_be_late@y.text"]
