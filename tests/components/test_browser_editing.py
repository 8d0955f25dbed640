"""What the commands of the canvas make of a drawing: where added, copied and pasted steps come to stand; each can be undone."""

from typing import Any

import pytest

from components.canvas.catalog import kind_catalog
from tests.support.javascript import call_in_node

SESSION = "tests/support/editing.js"
Json = dict[str, Any]


def edited(nodes: list[Json], edges: list[Json], *acts: list[Any]) -> Json:
    """The drawing after the acts; every one of them could be taken back."""
    answer = call_in_node(SESSION, "edited", [[kind_catalog(), {"name": "Drawn", "nodes": nodes, "edges": edges}, list(acts)]])[0]
    assert "refused" not in answer, answer
    assert answer["value"]["isUndone"]
    return answer["value"]


def node(node_id: str, x: float = 0, y: float = 0, *, kind: str = "template", **more: Any) -> Json:
    """A step at a place."""
    return {"id": node_id, "kind": kind, "position": {"x": x, "y": y}, **more}


def edge(source: str, target: str, port: str = "out") -> Json:
    """A connection."""
    return {"source": source, "port": port, "target": target}


def wide_container(**more: Any) -> Json:
    """A container with room for one step."""
    return node("each", 300, 0, kind="map", **more) | {"position": {"x": 300, "y": 0, "width": 400, "height": 240}}


def by_id(drawing: Json, node_id: str) -> Json:
    return next(one for one in drawing["definition"]["nodes"] if one["id"] == node_id)


def covers(one: Json, other: Json) -> bool:
    beside = one["x"] + one["width"] <= other["x"] or other["x"] + other["width"] <= one["x"]
    return not (beside or one["y"] + one["height"] <= other["y"] or other["y"] + other["height"] <= one["y"])


def overlaps(drawing: Json) -> list[tuple[str, str]]:
    """Steps of one scope that lie on each other."""
    nodes = [one for one in drawing["definition"]["nodes"] if one["kind"] != "note"]
    pairs = [(a, b) for a in nodes for b in nodes if a["id"] < b["id"] and a.get("parent") == b.get("parent")]
    return [(a["id"], b["id"]) for a, b in pairs if covers(drawing["boxes"][a["id"]], drawing["boxes"][b["id"]])]


def edges_of(drawing: Json) -> set[tuple[str, str, str]]:
    return {(one["source"], one["port"], one["target"]) for one in drawing["definition"]["edges"]}


def test_steps_that_are_added_one_after_another_never_cover_each_other() -> None:
    drawing = edited([], [], *[["add", kind] for kind in ("start", "template", "condition", "llm", "note", "approval", "map")])
    assert len(drawing["definition"]["nodes"]) == 7
    assert overlaps(drawing) == []


def test_a_step_added_beside_the_chosen_one_stands_right_of_it_and_below_what_is_there() -> None:
    there = [node("one"), node("two", 320)]
    drawing = edited(there, [edge("one", "two")], ["add", "llm", {"beside": "one", "from": None}])
    made = drawing["boxes"][drawing["selection"][0]]
    assert (made["x"], made["y"] >= 80) == (320, True)
    assert overlaps(drawing) == []


def test_a_step_behind_one_in_a_container_stays_in_it_and_the_container_grows() -> None:
    there = [node("start", kind="start"), wide_container(), node("inner", 40, 80, parent="each")]
    drawing = edited(there, [], ["add", "llm", {"beside": "inner", "from": {"id": "inner", "port": "out"}}])
    [made] = drawing["selection"]
    assert by_id(drawing, made)["parent"] == "each"
    assert edges_of(drawing) == {("inner", "out", made)}
    holder, box = drawing["boxes"]["each"], drawing["boxes"][made]
    assert box["x"] + box["width"] < holder["x"] + holder["width"]


def test_outer_containers_grow_with_inner_ones() -> None:
    inner = node("inner", 40, 80, kind="loop", parent="each") | {"position": {"x": 40, "y": 80, "width": 320, "height": 180}}
    drawing = edited([wide_container(), inner, node("deep", 40, 80, parent="inner")], [], ["add", "llm", {"beside": "deep", "from": None}])
    outer, middle = drawing["boxes"]["each"], drawing["boxes"]["inner"]
    assert middle["width"] > 320
    assert middle["x"] + middle["width"] < outer["x"] + outer["width"]


def test_a_step_put_into_a_connection_of_a_container_moves_what_follows_and_the_container_grows() -> None:
    there = [wide_container(), node("a", 40, 80, parent="each"), node("b", 320, 80, parent="each")]
    drawing = edited(there, [edge("a", "b")], ["add", "llm", {"at": {"x": 620, "y": 80}, "into": "a.out->b"}])
    [made] = drawing["selection"]
    assert edges_of(drawing) == {("a", "out", made), (made, "out", "b")}
    last, holder = drawing["boxes"]["b"], drawing["boxes"]["each"]
    assert last["x"] + last["width"] < holder["x"] + holder["width"]


@pytest.mark.parametrize("parent", [None, "each"])
def test_a_copy_covers_neither_its_original_nor_others_and_stays_in_its_container(parent: str | None) -> None:
    scope = {"parent": parent} if parent else {}
    there = [wide_container(), node("a", 40, 900, **scope), node("b", 40, 1000, **scope)]
    drawing = edited(there, [edge("a", "b")], ["select", ["a", "b"]], ["duplicate"], ["duplicate"])
    assert len(drawing["definition"]["nodes"]) == 7
    assert overlaps(drawing) == []
    assert {by_id(drawing, one).get("parent") for one in drawing["selection"]} == {parent}


def test_what_is_pasted_comes_to_stand_beside_what_it_would_cover() -> None:
    text = '{"nodes": [{"id": "a", "kind": "template", "position": {"x": 0, "y": 0}}]}'
    drawing = edited([node("a"), node("b", 40, 60)], [], ["paste", text], ["paste", text])
    assert len(drawing["definition"]["nodes"]) == 4
    assert overlaps(drawing) == []
