"""What earlier runs gave fills what the schemas of steps leave open."""

import pytest

from engine.graph.seen import SEEN, fill, is_open
from engine.graph.variables import Names, Variable
from engine.json import JsonSchema, JsonValue
from engine.nodes.registry import KINDS
from engine.spec.workflow import EdgeSpec, NodeSpec, WorkflowSpec

TEXT: JsonSchema = {"type": "string"}
CLOSED: JsonSchema = {"type": "object", "properties": {"a": TEXT}, "additionalProperties": False}


@pytest.mark.parametrize(
    ("schema", "open_"),
    [({}, True), ({"type": "object"}, True), ({"type": "array"}, True), (TEXT, False), (CLOSED, False),
     ({"type": "object", "properties": {"a": {}}}, True), ({"type": "array", "items": TEXT}, False), ({"anyOf": [TEXT, {}]}, False)],
)  # fmt: skip
def test_what_is_open(schema: JsonSchema, open_: bool) -> None:
    assert is_open(schema) is open_


@pytest.mark.parametrize(
    ("schema", "value"), [(TEXT, {"a": 1}), (CLOSED, {"b": 1}), ({"type": "object"}, [1]), ({"type": "array"}, {"a": 1}), ({}, None)]
)
def test_what_is_promised_is_never_overruled(schema: JsonSchema, value: JsonValue) -> None:
    assert fill(schema, value) == schema


def test_only_the_open_place_is_filled() -> None:
    schema: JsonSchema = {"type": "object", "properties": {"status": {"type": "integer"}, "json": {}}}
    filled = fill(schema, {"status": "odd", "json": {"total": 2}, "more": 1})
    assert filled["properties"]["status"] == {"type": "integer"}
    assert filled["properties"]["json"]["properties"] == {"total": {"type": "integer"}}
    assert filled["properties"]["json"][SEEN]
    assert set(filled["properties"]) == {"status", "json"}


def offered(output: JsonValue, *, of: str, nodes: list[NodeSpec] | None = None) -> dict[str, Variable]:
    asked: list[str] = []

    def look_back(wanted: object) -> dict[str, JsonValue]:
        asked.extend(wanted)  # type: ignore[call-overload]
        return {"call": output}

    call = NodeSpec(id="call", kind="http", config={"url": "https://example.com"})
    chain = [NodeSpec(id="start", kind="start"), call, *(nodes or [NodeSpec(id="end", kind="end")])]
    edges = (EdgeSpec(source="start", target="call"), EdgeSpec(source="call", target=chain[2].id))
    found = Names(WorkflowSpec(nodes=tuple(chain), edges=edges), kinds=KINDS, agents={}, seen=look_back).seen_from(of)
    assert asked == ["call"]
    return {variable.path: variable for variable in found}


def test_fields_of_an_answer_are_offered_and_told_apart_from_what_the_step_promises() -> None:
    found = offered({"status": 200, "json": {"customer": {"name": "Mia"}, "not a name": 1}}, of="end")
    assert (found["call.json.customer.name"].type, found["call.json.customer.name"].is_seen) == ("text", True)
    assert found["call.status"].is_seen is False
    assert not any("not a name" in path for path in found)


def test_inside_a_container_the_fields_of_an_entry_are_offered() -> None:
    nodes = [
        NodeSpec(id="each", kind="map", config={"items": "{{ call.json.rows }}"}),
        NodeSpec(id="inner", kind="template", parent="each"),
    ]
    found = offered({"json": {"rows": [{"email": "a@example.com"}]}}, of="inner", nodes=nodes)
    assert (found["item.email"].type, found["item.email"].group) == ("text", "Inside For each")


def test_a_huge_or_deep_answer_offers_a_bounded_number_of_names() -> None:
    deep: JsonValue = 1
    for _ in range(50):
        deep = {"x": deep}
    wide: JsonValue = {f"f{number}": deep for number in range(500)}
    assert len(offered({"json": wide}, of="end")) < 200
