"""Which names a node's templates may use."""

from engine.graph.variables import Names
from engine.nodes.registry import KINDS
from engine.spec.workflow import EdgeSpec, NodeSpec, WorkflowSpec


def names(nodes: list[NodeSpec], edges: list[tuple[str, str]], of: str) -> list[str]:
    spec = WorkflowSpec(nodes=tuple(nodes), edges=tuple(EdgeSpec(source=a, target=b) for a, b in edges))
    return [variable.path for variable in Names(spec, kinds=KINDS, agents={}).seen_from(of)]


START = NodeSpec(id="start", kind="start", config={"fields": [{"name": "email"}]})


def test_inputs_and_earlier_steps_are_offered_with_their_fields() -> None:
    nodes = [START, NodeSpec(id="call", kind="http", config={"url": "https://example.com"}), NodeSpec(id="end", kind="end")]
    offered = names(nodes, [("start", "call"), ("call", "end")], "end")
    assert offered[0] == "call"
    assert {"call.status", "call.json"} <= set(offered)
    assert offered[-3:] == ["inputs.email", "today", "now"]


def test_later_and_parallel_steps_are_not_offered() -> None:
    nodes = [START, *(NodeSpec(id=name, kind="template", config={"text": "x"}) for name in ("a", "b", "c"))]
    offered = names(nodes, [("start", "a"), ("start", "b"), ("a", "c")], "a")
    assert not {"a", "b", "c"} & {path.split(".")[0] for path in offered}


def test_inside_a_container_the_item_and_what_stands_before_the_container_are_offered() -> None:
    nodes = [
        START,
        NodeSpec(id="before", kind="set_variables", config={"values": {"total": 1}}),
        NodeSpec(id="each", kind="map"),
        NodeSpec(id="inner", kind="template", parent="each"),
    ]
    offered = names(nodes, [("start", "before"), ("before", "each")], "inner")
    assert {"item", "index", "before", "vars.total", "inputs.email"} <= set(offered)
    assert sorted(["item", "before", "vars.total", "inputs.email", "today"], key=offered.index) == [
        "item",
        "before",
        "vars.total",
        "inputs.email",
        "today",
    ]


def test_a_cycle_a_wrong_config_and_an_unknown_node_do_no_harm() -> None:
    nodes = [NodeSpec(id="a", kind="nope"), NodeSpec(id="b", kind="http", config={"x": 1}, parent="b")]
    assert names(nodes, [("a", "b"), ("b", "a")], "b") == ["a", "today", "now"]
    assert names(nodes, [], "zzz") == []


def test_the_date_is_offered_last_unless_a_step_bears_its_name() -> None:
    nodes = [START, NodeSpec(id="today", kind="template", config={"text": "x"}), NodeSpec(id="end", kind="end")]
    assert names([START, NodeSpec(id="end", kind="end")], [("start", "end")], "end")[-2:] == ["today", "now"]
    assert names(nodes, [("start", "today"), ("today", "end")], "end") == ["today", "inputs.email", "now"]
