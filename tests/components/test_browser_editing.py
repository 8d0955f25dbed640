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


def test_a_step_becomes_another_kind_and_keeps_name_text_policies_and_connections() -> None:
    ask = node("ask", 300, kind="llm", label="Ask", config={"prompt": "About {{ inputs.topic }}"}, retry={"attempts": 3})
    there = [node("start", kind="start"), ask, node("done", 600, kind="end", config={"output": "{{ ask.text }}"})]
    drawing = edited(there, [edge("start", "ask"), edge("ask", "done")], ["replace", "ask", "agent"])
    made = by_id(drawing, "ask")
    assert (made["kind"], made["label"], made["retry"]) == ("agent", "Ask", {"attempts": 3})
    assert made["config"]["message"] == "About {{ inputs.topic }}"
    assert edges_of(drawing) == {("start", "out", "ask"), ("ask", "out", "done")}
    assert drawing["selection"] == ["ask"]


def test_a_name_that_only_was_the_kind_goes_with_it() -> None:
    drawing = edited([node("text_2", label="Text template 2", kind="template")], [], ["replace", "text_2", "llm"])
    assert "label" not in by_id(drawing, "text_2")


def test_ways_out_go_over_by_name_else_by_place_and_what_has_none_is_told() -> None:
    cases = [{"id": "vip", "condition": "true"}, {"id": "late", "condition": "true"}]
    there = [node("decide", kind="condition", config={"cases": cases}), node("a", 300), node("b", 300, 100), node("c", 300, 200)]
    wires = [edge("decide", "a", "vip"), edge("decide", "b", "late"), edge("decide", "c", "otherwise")]
    drawing = edited(there, wires, ["replace", "decide", "approval"])
    buttons = drawing["ports"]["decide"]
    assert {(source, target) for source, _, target in edges_of(drawing)} == {("decide", "a"), ("decide", "b")}
    assert {port for _, port, _ in edges_of(drawing)} <= set(buttons)
    assert drawing["said"].startswith("1 connection removed")


def test_a_container_keeps_its_steps_when_it_becomes_another() -> None:
    there = [wide_container(), node("a", 40, 80, parent="each"), node("b", 320, 80, parent="each"), node("after", 900)]
    drawing = edited(there, [edge("a", "b"), edge("each", "after")], ["replace", "each", "loop"])
    assert by_id(drawing, "each")["kind"] == "loop"
    assert {one["id"] for one in drawing["definition"]["nodes"] if one.get("parent") == "each"} == {"a", "b"}
    assert edges_of(drawing) == {("a", "out", "b"), ("each", "out", "after")}


@pytest.mark.parametrize(
    ("one", "wanted"), [("start", "llm"), ("note", "llm"), ("each", "llm"), ("a", "map"), ("a", "start"), ("a", "note")]
)
def test_what_cannot_become_another_kind_stays(one: str, wanted: str) -> None:
    there = [node("start", kind="start"), node("note", 0, 300, kind="note"), wide_container(), node("a", 0, 600)]
    assert edited(there, [], ["replace", one, wanted])["sent"] == []


def test_a_container_is_put_around_chosen_steps_and_takes_their_connections() -> None:
    there = [node("start", kind="start"), node("a", 300), node("b", 600), node("done", 900, kind="end")]
    wires = [edge("start", "a"), edge("a", "b"), edge("b", "done"), edge("a", "done")]
    drawing = edited(there, wires, ["select", ["a", "b"]], ["wrap", "map"])
    [holder] = drawing["selection"]
    assert {by_id(drawing, one).get("parent") for one in ("a", "b")} == {holder}
    assert edges_of(drawing) == {("start", "out", holder), ("a", "out", "b"), (holder, "out", "done")}
    assert (drawing["boxes"]["a"]["x"], drawing["boxes"]["b"]["x"]) == (300, 600)
    assert all(covers(drawing["boxes"][one], drawing["boxes"][holder]) for one in ("a", "b"))


def test_a_container_is_not_put_around_steps_that_enclose_another() -> None:
    there = [node("a"), node("b", 300), node("c", 600)]
    drawing = edited(there, [edge("a", "b"), edge("b", "c")], ["select", ["a", "c"]], ["wrap", "map"])
    assert drawing["sent"] == []
    assert "not chosen" in drawing["said"]


def test_no_container_is_put_around_start_or_steps_of_several_containers() -> None:
    there = [node("start", kind="start"), node("a", 0, 300), wide_container(), node("b", 40, 80, parent="each")]
    for ids in (["start", "a"], ["a", "b"], []):
        assert edited(there, [], ["select", ids], ["wrap", "loop"])["sent"] == []


CHOICE = {"cases": [{"id": "vip", "condition": "true"}, {"id": "late", "condition": "true"}]}


def follow(nodes: list[Json], edges: list[Json], kind: str = "llm", chosen: str = "a") -> Json:
    """The drawing after a step was added behind the chosen one by keyboard."""
    return edited(nodes, edges, ["select", [chosen]], ["addNext", kind])


def test_a_step_added_behind_one_that_leads_on_stands_between_both() -> None:
    drawing = follow([node("a"), node("b", 320), node("c", 640)], [edge("a", "b"), edge("b", "c")])
    [made] = drawing["selection"]
    assert edges_of(drawing) == {("a", "out", made), (made, "out", "b"), ("b", "out", "c")}
    assert drawing["boxes"]["a"]["x"] < drawing["boxes"][made]["x"] < drawing["boxes"]["b"]["x"] < drawing["boxes"]["c"]["x"]
    assert overlaps(drawing) == []


def test_a_step_added_behind_one_with_a_free_way_out_goes_there() -> None:
    drawing = follow([node("a", kind="condition", config=CHOICE), node("b", 320)], [edge("a", "b", "vip")])
    assert edges_of(drawing) == {("a", "vip", "b"), ("a", "late", drawing["selection"][0])}


def test_a_step_added_behind_one_whose_ways_all_lead_on_goes_into_the_first() -> None:
    there = [node("a", kind="condition", config=CHOICE), node("b", 320), node("c", 320, 200), node("d", 320, 400)]
    drawing = follow(there, [edge("a", "b", "vip"), edge("a", "c", "late"), edge("a", "d", "otherwise")])
    [made] = drawing["selection"]
    assert edges_of(drawing) == {("a", "vip", made), (made, "out", "b"), ("a", "late", "c"), ("a", "otherwise", "d")}
    assert overlaps(drawing) == []


@pytest.mark.parametrize(("wires", "kind"), [([edge("a", "b"), edge("a", "c")], "llm"), ([edge("a", "b")], "end")])
def test_a_step_added_where_ways_part_or_where_nothing_can_follow_it_runs_beside_what_is_there(wires: list[Json], kind: str) -> None:
    drawing = follow([node("a"), node("b", 320), node("c", 320, 200)], wires, kind)
    assert edges_of(drawing) == {*((one["source"], one["port"], one["target"]) for one in wires), ("a", "out", drawing["selection"][0])}
    assert overlaps(drawing) == []


def reasons(*wishes: tuple[str, str]) -> list[str]:
    """Why each of these connections cannot be; an empty text where it can."""
    there = [node("start", kind="start"), node("a"), node("b"), wide_container(), node("in", parent="each"), node("in_2", parent="each")]
    there += [node("note", kind="note"), node("end", kind="end")]
    drawing = {"name": "Drawn", "nodes": there, "edges": [edge("start", "a"), edge("a", "b")]}
    answers = call_in_node(SESSION, "reasons", [[kind_catalog(), drawing, [{"source": one, "target": two} for one, two in wishes]]])
    return answers[0]["value"]


def test_a_connection_that_cannot_be_says_why_and_what_to_do_instead() -> None:
    refused = {
        ("b", "a"): "circle. Use a Repeat step",
        ("a", "a"): "circle. Use a Repeat step",
        ("a", "start"): "every run begins there",
        ("a", "b"): "connected already",
        ("a", "in"): "Lead to “For each” itself",
        ("in", "b"): "Lead on from “For each” itself",
        ("a", "note"): "note is not a step",
        ("end", "b"): "it has no way out",
    }
    for (wish, words), told in zip(refused.items(), reasons(*refused), strict=True):
        assert words in told, wish
    assert reasons(("b", "end"), ("b", "each"), ("in", "in_2")) == ["", "", ""]


def test_the_palette_finds_the_agents_of_the_workspace_by_name() -> None:
    agents = {"critic": "Strict critic", "summary-writer": "Writer"}
    searches = ["critic", "writer", "summary", "json", ""]
    critic, writer, summary, json, everything = call_in_node(SESSION, "offers", [[kind_catalog(), agents, searches]])[0]["value"]
    assert (critic, writer[0], summary[0]) == (["agent:critic"], "agent:summary-writer", "agent:summary-writer")
    assert {"code", "set_variables", "http"} <= set(json)
    assert everything == list(kind_catalog())


def test_an_agent_out_of_the_palette_is_a_step_with_that_agent_and_its_name() -> None:
    there = {"name": "Drawn", "nodes": [node("start", kind="start")], "edges": [], "agents": {"critic": "Strict critic"}}
    calls = [[kind_catalog(), there, [["select", ["start"]], ["addNext", "agent:critic"], ["addNext", "agent:critic"]]]]
    drawing = call_in_node(SESSION, "edited", calls)[0]["value"]
    made, second = by_id(drawing, "strict_critic"), by_id(drawing, "strict_critic_2")
    assert (made["kind"], made["label"], made["config"]) == ("agent", "Strict critic", {"agent": "critic"})
    assert (second["label"], second["config"]) == ("Strict critic 2", {"agent": "critic"})


def test_the_next_step_goes_into_an_empty_container_and_behind_one_that_holds_something() -> None:
    drawing = edited(
        [node("start", kind="start"), wide_container()], [edge("start", "each")], ["select", ["each"]], ["addNext", "template"]
    )
    assert by_id(drawing, drawing["selection"][0])["parent"] == "each"
    assert edges_of(drawing) == {("start", "out", "each")}
    drawing = edited(
        [node("start", kind="start"), wide_container(), node("inner", 40, 80, parent="each")],
        [edge("start", "each")],
        ["select", ["each"]],
        ["addNext", "template"],
    )
    [added] = drawing["selection"]
    assert not by_id(drawing, added).get("parent")
    assert ("each", "out", added) in edges_of(drawing)


def test_a_text_that_refers_to_a_step_calls_it_as_the_canvas_does() -> None:
    ends = [node("end", kind="end", config={"output": "{{ each }}"})]
    drawing = edited([node("start", kind="start"), wide_container(), *ends], [])
    assert drawing["summaries"]["end"] == "For each"


@pytest.mark.parametrize(
    ("workflow", "told"),
    [
        ("listing:order-triage", "A sealed listing"),
        ("night_report", "Night report"),
        ("0198c3f0-aaaa-7bbb-8ccc-dddddddddddd", "Runs another workflow and goes on with its result."),
    ],
)
def test_a_step_that_runs_another_workflow_shows_no_reference(workflow: str, told: str) -> None:
    drawing = edited([node("start", kind="start"), node("call", kind="workflow", config={"workflow": workflow})], [])
    assert drawing["summaries"]["call"] == told
