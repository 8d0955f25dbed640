"""What is empty that a step needs is found before a run: as an error where the run can only fail, as a warning elsewhere."""

import pytest

from engine.json import JsonObject
from tests.engine.graphs import findings, node, start

CHOICE: JsonObject = {"name": "plan", "type": "choice"}


@pytest.mark.parametrize(
    ("kind", "config", "field", "severity"),
    [
        ("http", {"url": "  "}, "url", "error"),
        ("map", {}, "items", "error"),
        ("batch", {"items": " "}, "items", "error"),
        ("approval", {"fields": [{"name": "a"}, CHOICE]}, "fields.1.options", "warning"),
        ("template", {"text": "\n"}, "text", "warning"),
        ("set_variables", {}, "values", "warning"),
    ],
)
def test_what_a_step_needs_is_asked_for_once_with_its_field_and_a_remedy(kind: str, config: JsonObject, field: str, severity: str) -> None:
    nodes = [start(rows="list"), node("n", kind, config=config)]
    inside = [node("inner", parent="n")] if kind in ("map", "batch") else []
    (found,) = [one for one in findings([*nodes, *inside], "start -> n") if one.code != "dead_port"]
    assert (found.code, found.node, found.field, found.severity) == ("missing_value", "n", field, severity)
    assert found.remedy


@pytest.mark.parametrize(
    ("kind", "config"),
    [
        ("http", {"url": "https://example.com"}),
        ("map", {"items": "{{ inputs.rows }}"}),
        ("map", {"items": []}),
        ("batch", {"items": {"a": 1}}),
        ("template", {"text": "{{ inputs.rows | size }}"}),
        ("set_variables", {"values": {"total": 0}}),
    ],
)
def test_what_is_filled_in_is_not_asked_for(kind: str, config: JsonObject) -> None:
    inside = [node("inner", parent="n")] if kind in ("map", "batch") else []
    assert findings([start(rows="list"), node("n", kind, config=config), *inside], "start -> n") == []


def test_a_choice_of_the_start_needs_options() -> None:
    form = node("start", "start", config={"fields": [CHOICE, {**CHOICE, "name": "size", "options": ["s", "m"]}]})
    (found,) = findings([form])
    assert (found.field, found.severity) == ("fields.0.options", "warning")
    assert "'plan'" in found.message


@pytest.mark.parametrize(("kind", "offers_removal"), [("loop", False), ("condition", True)])
def test_only_an_empty_condition_of_several_can_be_removed(kind: str, offers_removal: bool) -> None:
    config = {"cases": [{"id": "yes", "condition": ""}]} if kind == "condition" else {}
    nodes = [start(), node("n", kind, config=config), *([node("inner", parent="n")] if kind == "loop" else [])]
    (found,) = [one for one in findings(nodes, "start -> n") if one.code == "missing_value"]
    assert ("remove the case" in found.remedy) is offers_removal
