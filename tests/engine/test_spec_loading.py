"""Definitions from outside: bad ones are refused with one clear word each, old ones are brought up to date."""

import json
from typing import Any

import pytest

from engine.errors import SpecError
from engine.json import JsonObject
from engine.spec.guard import check_json, parse_json
from engine.spec.upgrade import load_agent, load_workflow, upgrade
from engine.spec.workflow import WorkflowSpec

NODE = {"id": "start", "kind": "start"}


def _findings(raw: object) -> list[str]:
    with pytest.raises(SpecError) as caught:
        load_workflow(raw)
    return [str(finding) for finding in caught.value.findings]


def test_a_good_workflow_loads() -> None:
    spec = load_workflow({"name": "A", "nodes": [NODE], "edges": []})
    assert spec == WorkflowSpec.model_validate({"name": "A", "nodes": [NODE]})


def test_ten_thousand_nodes_load_quickly() -> None:
    nodes = [{"id": f"n{index}", "kind": "template", "config": {"template": "{{ inputs.x }}"}} for index in range(10_000)]
    assert len(load_workflow({"nodes": nodes}).nodes) == 10_000


def _deep(levels: int) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = [value]
    return value


def _cyclic() -> Any:
    value: dict[str, Any] = {}
    value["config"] = value
    return value


@pytest.mark.parametrize(
    ("raw", "parts"),
    [
        ([], ("must be an object",)),
        ("text", ("must be an object",)),
        ({"nodes": [{**NODE, "config": {"x": float("nan")}}]}, ("nodes.0.config.x", "NaN")),
        ({"nodes": [{**NODE, "config": {"x": float("-inf")}}]}, ("nodes.0.config.x", "NaN and Infinity")),
        ({"name": "a\x00b"}, ("name", "NUL")),
        ({"name": "a\ud800b"}, ("name", "surrogate")),
        ({"a\x00": 1}, ("NUL",)),
        ({"nodes": [{**NODE, "config": {"x": 2**70}}]}, ("nodes.0.config.x", "64 bits")),
        ({"nodes": [{**NODE, "config": {"x": _deep(50)}}]}, ("nested deeper",)),
        ({"nodes": _cyclic()}, ("nested deeper",)),
        ({"nodes": [{**NODE, "config": {"x": "y" * 200_001}}]}, ("longer than 200,000",)),
        ({"nodes": [{**NODE, "config": {"x": object()}}]}, ("object is not JSON",)),
        ({1: 2}, ("key is not text",)),
        ({"nodes": [0] * 1_000_001}, ("more than 1,000,000 values",)),
        ({"nodes": [{**NODE, "id": f"n{i}"} for i in range(10_001)]}, ("nodes", "has 10,001 entries; at most 10,000")),
        ({"schema_version": 99}, ("newer version", "Update the product")),
        ({"schema_version": "1"}, ("schema_version", "whole number")),
        ({"schema_version": True}, ("whole number",)),
        ({"schema_version": 0}, ("whole number",)),
        ({"nmae": "x"}, ("no field 'nmae'", "Did you mean 'name'?")),
        ({"nodes": [{"kind": "start"}]}, ("nodes.0.id", "'id' is missing")),
        ({"nodes": [{**NODE, "id": "Draft Reply"}]}, ("small letters", "Rename it")),
        ({"nodes": [{**NODE, "join": "some"}]}, ("start.join",)),
        ({"nodes": [{**NODE, "retry": {"attempts": 99}}]}, ("start.retry.attempts", "at most 10")),
        ({"nodes": [{**NODE, "on_error": {"action": "ignore"}}]}, ("start.on_error.action", "'fail', 'branch' or 'default'")),
        ({"nodes": {"start": NODE}}, ("'nodes' must be a list, not an object",)),
    ],
    ids=lambda value: None if isinstance(value, tuple) else repr(type(value)),
)
def test_a_bad_workflow_is_refused_with_the_field_and_the_remedy(raw: object, parts: tuple[str, ...]) -> None:
    found = _findings(raw)
    assert all(part in " ".join(found) for part in parts)


def test_all_faults_are_told_at_once() -> None:
    found = _findings({"nodes": [{**NODE, "id": "X"}, {**NODE, "kind": 5}, {**NODE, "timeout_s": -1}], "extra": 1})
    assert len(found) == 4


def test_an_agent_with_an_unknown_field_is_refused() -> None:
    with pytest.raises(SpecError, match="Did you mean 'instructions'"):
        load_agent({"instruction": "x"})


def test_old_versions_are_upgraded_step_by_step() -> None:
    def rename(document: JsonObject) -> JsonObject:
        return {"title": document["name"]}

    def shout(document: JsonObject) -> JsonObject:
        return {"title": document["title"].upper()}

    made = upgrade({"name": "a"}, what="workflow", current=3, upgraders={1: rename, 2: shout})
    assert made == {"title": "A", "schema_version": 3}


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("{", "line 1, column 2"),
        ("[NaN]", "NaN is not a JSON number"),
        ("[1e999]", "NaN and Infinity"),
        ("[" * 100_000, "nested deeper"),
        ('"\\u0000"', "NUL"),
        ('"\\ud800"', "surrogate"),
        ("9" * 5000, "not JSON"),
        (b"\xff\xfe\x00", "UTF-8"),
    ],
)
def test_hostile_json_text_is_refused(text: str | bytes, part: str) -> None:
    with pytest.raises(SpecError, match=part):
        parse_json(text)


def test_ordinary_json_passes_the_guard() -> None:
    value = {"a": [1, 2.5, None, True, "ä 🙂"], "b": {"c": "\n"}}
    check_json(value)
    assert parse_json(json.dumps(value)) == value
