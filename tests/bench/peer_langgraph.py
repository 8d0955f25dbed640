"""The same graphs on langgraph (a development dependency), so that both are measured in one run on one machine."""

import asyncio
import time
import uuid
from collections.abc import Hashable
from operator import add
from typing import Annotated, Any, TypedDict

from langgraph.graph import END, START, StateGraph

from engine.spec.workflow import RunPlan


class Count(TypedDict):
    """How many nodes have run."""

    ran: Annotated[int, add]


async def _noop(_state: Count) -> dict[str, int]:
    return {"ran": 1}


def _noop_sync(_state: Count) -> dict[str, int]:
    return {"ran": 1}


def _pick(side: str) -> Any:
    return lambda _state: side


def compile_graph(plan: RunPlan, *, is_async: bool, checkpointer: Any = None) -> Any:
    """Our definition as a langgraph graph."""
    workflow = plan.workflow
    graph: Any = StateGraph(Count)
    for node in workflow.nodes:
        graph.add_node(node.id, _noop if is_async else _noop_sync)
    sources: dict[str, list[str]] = {}
    picks: dict[str, dict[Hashable, str]] = {}
    for edge in workflow.edges:
        if edge.port != "out":
            picks.setdefault(edge.source, {})[edge.port] = edge.target
        else:
            sources.setdefault(edge.target, []).append(edge.source)
    for source, ways in picks.items():
        graph.add_conditional_edges(source, _pick("a" if source.endswith(("0", "2", "4", "6", "8")) else "b"), ways)
    entered = {target for ways in picks.values() for target in ways.values()}
    for target, before in sources.items():
        _join(graph, before, target, is_exclusive=any(source in entered for source in before))
    leaving = {edge.source for edge in workflow.edges}
    for node in workflow.nodes:
        if node.id not in sources and node.id not in entered:
            graph.add_edge(START, node.id)
        if node.id not in leaving:
            graph.add_edge(node.id, END)
    return graph.compile(checkpointer=checkpointer)


def _join(graph: Any, before: list[str], target: str, *, is_exclusive: bool) -> None:
    """Wait for all of them, unless only one of them ever runs."""
    if is_exclusive or len(before) == 1:
        for source in before:
            graph.add_edge(source, target)
    else:
        graph.add_edge(before, target)


def run_once(graph: Any, expected: int, *, is_async: bool) -> float:
    """Seconds of one run, checked to have run the expected number of nodes."""
    config = {"recursion_limit": 100_000, "configurable": {"thread_id": uuid.uuid4().hex}}

    async def timed() -> tuple[float, Any]:
        start = time.perf_counter()
        result = await graph.ainvoke({"ran": 0}, config)
        return time.perf_counter() - start, result

    if is_async:
        took, result = asyncio.run(timed())
    else:
        start = time.perf_counter()
        result = graph.invoke({"ran": 0}, config)
        took = time.perf_counter() - start
    if result["ran"] != expected:
        raise RuntimeError(f"langgraph ran {result['ran']} of {expected} nodes")
    return took
