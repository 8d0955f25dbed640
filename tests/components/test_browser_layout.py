"""Tidy up, and the templates as they are drawn: no step on another, no line behind a step, no crossing that need not be."""

import random
from typing import Any

import pytest

from app.services.templates import TEMPLATES, read_template
from app.services.workflows.lifecycle import dump_spec
from components.canvas.catalog import kind_catalog
from tests.support.javascript import call_in_node

SESSION = "tests/support/editing.js"
CLEAN = {"overlaps": [], "crossings": [], "behind": []}
Json = dict[str, Any]


def ask(name: str, *drawings: Json) -> list[Any]:
    kinds = kind_catalog()
    answers = call_in_node(SESSION, name, [[kinds, drawing] for drawing in drawings])
    assert not [answer for answer in answers if "refused" in answer], answers
    return [answer["value"] for answer in answers]


def drawings_of_templates() -> dict[str, Json]:
    return {one.key: dump_spec(next(iter(read_template(one.key).workflows.values()))) for one in TEMPLATES}


def drawing(edges: list[tuple[str, str, str]], **kinds: str) -> Json:
    """Steps of the named kinds, all at one place."""
    nodes = [{"id": node_id, "kind": kind, "position": {"x": 0, "y": 0}} for node_id, kind in kinds.items()]
    return {"nodes": nodes, "edges": [{"source": source, "port": port, "target": target} for source, port, target in edges]}


def places(made: Json) -> dict[str, Json]:
    return {node["id"]: node["position"] for node in made["nodes"]}


def test_every_template_is_drawn_cleanly() -> None:
    drawings = drawings_of_templates()
    assert dict(zip(drawings, ask("flaws", *drawings.values()), strict=True)) == dict.fromkeys(drawings, CLEAN)


def test_every_template_is_as_clean_after_tidying_up_and_tidy_to_begin_with() -> None:
    drawings = drawings_of_templates()
    arranged = ask("arranged", *drawings.values())
    assert ask("flaws", *arranged) == [CLEAN] * len(drawings)
    assert [places(one) for one in arranged] == [places(one) for one in ask("arranged", *arranged)]


def test_targets_stand_in_the_order_of_the_ways_out() -> None:
    made = places(ask("arranged", drawing([("ask", "approve", "no"), ("ask", "reject", "yes")], ask="approval", no="end", yes="end"))[0])
    assert made["no"]["y"] < made["yes"]["y"]


def test_branches_keep_the_order_in_which_they_were_drawn() -> None:
    edges = [("start", "out", name) for name in ("a", "b", "c")] + [(name, "out", "join") for name in ("a", "b", "c")]
    made = places(ask("arranged", drawing(edges, start="start", a="llm", b="llm", c="llm", join="merge"))[0])
    assert made["a"]["y"] < made["b"]["y"] < made["c"]["y"]
    assert made["start"]["y"] == made["b"]["y"] == made["join"]["y"]


def test_a_chain_is_a_straight_line_past_steps_of_any_height() -> None:
    made = places(
        ask("arranged", drawing([("a", "out", "b"), ("b", "approve", "c"), ("c", "out", "d")], a="llm", b="map", c="llm", d="end"))[0]
    )
    assert made["a"]["y"] == made["b"]["y"]
    assert made["c"]["y"] == made["d"]["y"]
    assert made["a"]["x"] < made["b"]["x"] < made["c"]["x"] < made["d"]["x"]


def test_a_line_that_passes_a_column_gets_room() -> None:
    edges = [("a", "out", "b"), ("b", "out", "c"), ("a", "out", "c"), ("c", "out", "d"), ("a", "out", "d")]
    made = ask("arranged", drawing(edges, a="llm", b="llm", c="llm", d="llm"))
    assert ask("flaws", *made)[0]["behind"] == []


@pytest.mark.parametrize("seed", range(4))
def test_no_arrangement_puts_a_step_on_another_or_a_line_backwards(seed: int) -> None:
    chance = random.Random(seed)
    names = [f"s{number}" for number in range(25)]
    edges = {
        (names[chance.randrange(max(0, at - 5), at)], "out", names[at]) for at in range(1, 25) for _ in range(chance.choice((1, 1, 2)))
    }
    made = ask("arranged", drawing(sorted(edges), **dict.fromkeys(names, "llm")))[0]
    assert ask("flaws", made)[0]["overlaps"] == []
    where = places(made)
    assert all(where[source]["x"] + 240 < where[target]["x"] for source, _, target in edges)


def test_a_note_goes_along_with_its_step_and_a_frame_with_what_it_frames() -> None:
    nodes = [
        {"id": "a", "kind": "llm", "position": {"x": 0, "y": 0}},
        {"id": "b", "kind": "llm", "position": {"x": 2000, "y": 900}},
        {"id": "hint", "kind": "note", "position": {"x": 2000, "y": 1000, "width": 240, "height": 140}},
        {"id": "frame", "kind": "note", "position": {"x": -40, "y": -60, "width": 320, "height": 180}},
    ]
    made = places(ask("arranged", {"nodes": nodes, "edges": [{"source": "a", "port": "out", "target": "b"}]})[0])
    assert (made["hint"]["x"] - made["b"]["x"], made["hint"]["y"] - made["b"]["y"]) == (0, 100)
    assert made["frame"] == {"x": made["a"]["x"] - 40, "y": made["a"]["y"] - 60, "width": 320, "height": 180}


def test_of_chosen_steps_in_a_container_only_these_move() -> None:
    inner = [
        {"id": name, "kind": "llm", "parent": "each", "position": {"x": 400, "y": y}} for name, y in (("a", 100), ("b", 400), ("c", 700))
    ]
    whole = {"nodes": [{"id": "each", "kind": "map", "position": {"x": 0, "y": 0, "width": 900, "height": 900}}, *inner]}
    whole["edges"] = [{"source": "b", "port": "out", "target": "a"}]
    made = places(call_in_node(SESSION, "arranged", [[kind_catalog(), whole, ["a", "b"]]])[0]["value"])
    assert made["c"] == {"x": 400, "y": 700}
    assert made["b"]["x"] < made["a"]["x"]
    assert made["b"]["y"] == made["a"]["y"]
