"""Compiling a pinned plan: what cannot run is refused with every fault at once, and large plans compile quickly."""

import pytest

from engine.errors import SpecError
from engine.nodes.registry import KINDS
from engine.run.plan import compile_plan
from engine.spec.workflow import NodeSpec, RunPlan, WorkflowSpec
from tests.engine.kit import edges, make_plan, node


def codes(nodes: list[NodeSpec], *links: str) -> list[str]:
    with pytest.raises(SpecError) as caught:
        make_plan(nodes, edges(*links))
    return [finding.code for finding in caught.value.findings]


def test_all_faults_are_told_at_once() -> None:
    found = codes([node("a", "nonsense"), node("b", "template", config={"wrong": 1}), node("c")], "c>d")
    assert found == ["unknown_kind", "invalid_config", "dangling_edge"]


def test_a_circle_is_refused() -> None:
    assert codes([node("a"), node("b"), node("c")], "a>b>c>b") == ["cycle"]


def test_a_connection_may_not_cross_the_border_of_a_container() -> None:
    assert codes([node("m", "map"), node("x", parent="m"), node("y")], "x>y") == ["crossing_edge"]


def test_a_parent_must_be_a_container_and_not_inside_itself() -> None:
    assert codes([node("a"), node("x", parent="a")]) == ["bad_parent"]
    assert codes([node("x", parent="nobody")]) == ["bad_parent"]
    assert set(codes([node("m", "map", parent="n"), node("n", "map", parent="m")])) == {"bad_parent"}


def test_two_nodes_with_one_id_are_refused() -> None:
    assert codes([node("a"), node("a")]) == ["duplicate_node"]


def test_notes_and_their_connections_are_left_out() -> None:
    plan = make_plan([node("a"), node("n", "note")], edges("a>n"))
    assert list(plan.nodes) == ["a"]
    assert plan.nodes["a"].edges == []


def test_a_connection_drawn_twice_counts_once() -> None:
    plan = make_plan([node("a"), node("b")], edges("a>b", "a>b"))
    assert plan.nodes["b"].sources == [(0, "out")]


def test_upstream_is_known_in_a_long_chain() -> None:
    names = [f"n{index}" for index in range(3000)]
    plan = make_plan([node(name) for name in names], edges(">".join(names)))
    assert plan.root.ancestors(2999).bit_count() == 2999
    assert plan.root.ancestors(0) == 0


def test_a_plan_with_errors_names_the_field() -> None:
    workflow = WorkflowSpec(nodes=(node("h", "http", config={"timeout_s": 9999}),))
    with pytest.raises(SpecError) as caught:
        compile_plan(RunPlan(workflow=workflow), KINDS)
    assert (caught.value.findings[0].node, caught.value.findings[0].field) == ("h", "timeout_s")
