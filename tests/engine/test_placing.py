"""Steps that were written without a place get one, and no step hides another."""

from itertools import combinations
from typing import Any

from engine.graph.placing import place
from engine.spec.workflow import EdgeSpec, NodeSpec, WorkflowSpec


def spec(*nodes: tuple[str, dict[str, Any]], edges: str = "") -> WorkflowSpec:
    ends = (pair.split(">") for pair in edges.split())
    made = tuple(NodeSpec.model_validate({"id": name, "kind": "template"} | more) for name, more in nodes)
    return WorkflowSpec(nodes=made, edges=tuple(EdgeSpec(source=a, target=b) for a, b in ends))


def spots(workflow: WorkflowSpec) -> dict[str, tuple[float, float]]:
    return {node.id: (node.position.x, node.position.y) for node in workflow.nodes}


def boxes(workflow: WorkflowSpec, parent: str | None = None) -> list[tuple[float, float, float, float]]:
    of = [node.position for node in workflow.nodes if node.parent == parent]
    return [(one.x, one.y, one.x + (one.width or 240), one.y + (one.height or 68)) for one in of]


def overlap(a: tuple[float, ...], b: tuple[float, ...]) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def test_a_workflow_goes_from_left_to_right_with_what_runs_side_by_side_below_one_another() -> None:
    placed = spots(place(spec(("a", {}), ("b", {}), ("c", {}), ("d", {}), edges="a>b a>c b>d c>d")))
    assert placed["a"][0] < placed["b"][0] == placed["c"][0] < placed["d"][0]
    assert placed["b"][1] < placed["c"][1]


def test_places_that_were_given_stay_and_the_others_come_below() -> None:
    given = {"position": {"x": 500, "y": 300}}
    placed = spots(place(spec(("a", given), ("b", {}), ("c", {}), edges="a>b b>c")))
    assert placed["a"] == (500, 300)
    assert min(placed["b"][1], placed["c"][1]) > 300


def test_a_whole_workflow_with_places_or_with_one_step_at_the_origin_is_left_alone() -> None:
    whole = spec(("a", {}), ("b", {"position": {"x": 400, "y": 0}}), edges="a>b")
    assert place(whole) is whole


def test_containers_are_as_large_as_what_they_hold_and_nothing_covers_anything() -> None:
    inner = [(f"i{number}", {"parent": "each"}) for number in range(6)]
    inside = " ".join(f"i{number}>i{number + 1}" for number in range(5))
    placed = place(spec(("a", {}), ("each", {"kind": "map"}), *inner, ("z", {}), edges=f"a>each each>z {inside}"))
    for scope in (None, "each"):
        assert not any(overlap(a, b) for a, b in combinations(boxes(placed, scope), 2))
    each = next(node for node in placed.nodes if node.id == "each")
    right = max(box[2] for box in boxes(placed, "each"))
    assert each.position.width is not None
    assert each.position.width > right


def test_a_circle_and_a_parent_that_is_not_there_do_no_harm() -> None:
    placed = place(spec(("a", {}), ("b", {}), ("c", {"parent": "gone"}), ("d", {"parent": "gone"}), edges="a>b b>a"))
    found = spots(placed)
    assert found["a"] != found["b"]
    assert found["c"] != found["d"]


def test_steps_that_were_there_before_stay_where_they_were() -> None:
    before = spec(("a", {"position": {"x": 40, "y": 900}}), ("b", {"position": {"x": 400, "y": 900}}), edges="a>b")
    placed = spots(place(spec(("a", {}), ("b", {}), ("c", {}), ("d", {}), edges="a>b b>c c>d"), before))
    assert (placed["a"], placed["b"]) == ((40, 900), (400, 900))
    assert placed["c"][1] > 900


def test_ten_thousand_steps_are_placed_in_one_pass() -> None:
    names = [(f"n{number}", {}) for number in range(10_000)]
    placed = place(spec(*names, edges=" ".join(f"n{number}>n{number + 1}" for number in range(9_999))))
    assert len(set(spots(placed).values())) == 10_000
