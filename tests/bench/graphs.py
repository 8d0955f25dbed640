"""The graph shapes every engine is measured on: chain, fan-out with merge, layers and branches."""

from itertools import pairwise

from engine.spec.workflow import EdgeSpec, NodeSpec, RunLimits, RunPlan, WorkflowSpec

SHAPES = ("chain", "fan", "layered", "branch")


def _plan(nodes: list[NodeSpec], edges: list[EdgeSpec]) -> RunPlan:
    return RunPlan(workflow=WorkflowSpec(nodes=tuple(nodes), edges=tuple(edges), limits=RunLimits(max_steps=1_000_000)))


def chain(count: int) -> RunPlan:
    """One after the other."""
    nodes = [NodeSpec(id=f"n{index}", kind="noop") for index in range(count)]
    return _plan(nodes, [EdgeSpec(source=f"n{index}", target=f"n{index + 1}") for index in range(count - 1)])


def fan(count: int) -> RunPlan:
    """One to all to one."""
    names = [f"n{index}" for index in range(count - 2)]
    nodes = [NodeSpec(id=name, kind="noop") for name in ("first", *names, "last")]
    edges = [EdgeSpec(source="first", target=name) for name in names] + [EdgeSpec(source=name, target="last") for name in names]
    return _plan(nodes, edges)


def layered(count: int) -> RunPlan:
    """About sqrt(count) layers of sqrt(count) nodes; each node follows two of the layer before."""
    width = max(2, round(count**0.5))
    rows = [[f"n{row}_{column}" for column in range(width)] for row in range(max(1, count // width))]
    nodes = [NodeSpec(id=name, kind="noop") for row in rows for name in row]
    edges = [
        EdgeSpec(source=above[(column + shift) % width], target=name)
        for above, below in pairwise(rows)
        for column, name in enumerate(below)
        for shift in (0, 1)
    ]
    return _plan(nodes, edges)


def branch(count: int) -> RunPlan:
    """`count` conditional picks in a row: each takes one of two ways, which meet at the next."""
    nodes: list[NodeSpec] = []
    edges: list[EdgeSpec] = []
    for index in range(count):
        nodes += [NodeSpec(id=f"pick{index}", kind="pick"), NodeSpec(id=f"a{index}", kind="noop"), NodeSpec(id=f"b{index}", kind="noop")]
        edges += [
            EdgeSpec(source=f"pick{index}", port="a", target=f"a{index}"),
            EdgeSpec(source=f"pick{index}", port="b", target=f"b{index}"),
        ]
        if index:
            edges += [EdgeSpec(source=f"{side}{index - 1}", target=f"pick{index}") for side in "ab"]
    return _plan(nodes, edges)


def build(shape: str, count: int) -> RunPlan:
    """The graph of a shape."""
    return {"chain": chain, "fan": fan, "layered": layered, "branch": branch}[shape](count)
