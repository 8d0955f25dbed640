"""What the checker offers to mend with one click, and what it says of a model that is told nothing."""

from dataclasses import asdict
from typing import Any

import pytest

from engine.errors import Finding, Fix
from engine.spec.workflow import NodeSpec
from tests.engine.graphs import findings, node, start
from tests.support.javascript import call_in_node


def _of(code: str, nodes: list[NodeSpec], *edges: str) -> Finding:
    return next(one for one in findings(nodes, *edges) if one.code == code)


def _labels(finding: Finding) -> list[str]:
    return [fix.label for fix in finding.fixes]


def _mended(fix: Fix, nodes: list[NodeSpec]) -> list[NodeSpec]:
    """The nodes after the browser has made the fix's edits."""
    configs = {one.id: one.config for one in nodes}
    for edit in fix.edits:
        [answer] = call_in_node("components/canvas/fixes.js", "operationOf", [[asdict(edit), {"config": configs[edit.node]}]])
        operation = answer["value"]
        assert len(operation["path"]) == 1
        configs[edit.node] = {**configs[edit.node], operation["path"][0]: operation["value"]}
    return [one.model_copy(update={"config": configs[one.id]}) for one in nodes]


@pytest.mark.parametrize(
    ("step", "field"),
    [
        (node("a", "agent", agent="helper"), "message"),
        (node("a", "llm"), "prompt"),
        (node("a", "router"), "text"),
        (node("a", "supervisor", agent="helper", agents=["helper"]), "message"),
    ],
)
def test_a_model_that_is_told_nothing_is_a_hint(step: NodeSpec, field: str) -> None:
    found = _of("no_task", [start(topic="text"), step], "start -> a")
    assert (found.severity, found.node, found.field) == ("warning", "a", field)


def test_a_task_or_earlier_messages_are_enough() -> None:
    for given in ({"message": "Work"}, {"history": "{{ inputs.history }}"}):
        nodes = [start(history="list"), node("a", "agent", agent="helper", **given)]
        assert findings(nodes, "start -> a") == []


def test_a_step_without_a_task_can_take_what_is_before_it() -> None:
    nodes = [start(topic="text"), node("first", "llm", prompt="{{ inputs.topic }}"), node("second", "agent", agent="helper")]
    found = _of("no_task", nodes, "start -> first -> second")
    assert _labels(found) == ["Use the result of “Model call”", "Use the field “Topic”"]
    for fix in found.fixes:
        mended = _mended(fix, nodes)
        assert findings(mended, "start -> first -> second") == []
    assert _mended(found.fixes[0], nodes)[2].config["message"] == "{{ first.text }}"


def test_a_start_that_asks_nothing_can_ask_for_the_task() -> None:
    nodes = [start(), node("a", "agent", agent="helper")]
    found = _of("no_task", nodes, "start -> a")
    assert _labels(found) == ["Ask for it at the start"]
    mended = _mended(found.fixes[0], nodes)
    assert findings(mended, "start -> a") == []
    assert [field["name"] for field in mended[0].config["fields"]] == ["message"]


def test_an_input_that_nobody_asks_for_can_be_asked_for() -> None:
    nodes = [start(), node("a", text="{{ inputs.question }}")]
    found = _of("undeclared_input", nodes, "start -> a")
    assert _labels(found) == ["Add the field “question” to Start"]
    assert findings(_mended(found.fixes[0], nodes), "start -> a") == []


def test_a_misspelt_field_can_be_what_was_meant_or_a_new_one() -> None:
    nodes = [start(question="text"), node("a", text="{{ inputs.qestion }} and {{ inputs.qestion | upcase }}")]
    found = _of("unknown_field", nodes, "start -> a")
    assert _labels(found) == ["Change to “inputs.question”", "Add the field “qestion” to Start"]
    for fix in found.fixes:
        assert findings(_mended(fix, nodes), "start -> a") == []


def test_a_misspelt_step_can_be_what_was_meant() -> None:
    nodes = [start(topic="text"), node("research", "llm", prompt="{{ inputs.topic }}"), node("a", text="{{ reserch.text }}")]
    found = _of("unknown_reference", nodes, "start -> research -> a")
    assert _labels(found) == ["Change to “research”"]
    assert _mended(found.fixes[0], nodes)[2].config["text"] == "{{ research.text }}"


def test_a_name_that_can_be_no_field_is_not_offered() -> None:
    nodes = [start(), node("a", text="{{ inputs['Qu?'] }}")]
    assert _of("undeclared_input", nodes, "start -> a").fixes == ()


@pytest.mark.parametrize(
    ("edit", "config", "made"),
    [
        ({"how": "append", "path": "fields", "value": {"name": "a"}}, {"fields": [{"name": "a"}]}, None),
        ({"how": "replace", "path": "text", "value": "b", "old": "a"}, {"text": "aa x.a a_"}, None),
        ({"how": "replace", "path": "text", "value": "b.c", "old": "a.c"}, {"text": "{{ a.c }} {{ a.cd }}"}, "{{ b.c }} {{ a.cd }}"),
        ({"how": "replace", "path": "cases.0.condition", "value": "b", "old": "a"}, {"cases": [{"condition": "a > 1"}]}, "b > 1"),
    ],
)
def test_a_fix_changes_only_what_it_is_about(edit: dict[str, Any], config: dict[str, Any], made: str | None) -> None:
    whole = {"node": "n", "old": "", **edit}
    [answer] = call_in_node("components/canvas/fixes.js", "operationOf", [[whole, {"config": config}]])
    assert (answer["value"] or {}).get("value") == made


def test_what_other_products_call_the_answer_is_changed_to_its_name_here() -> None:
    nodes = [start(), node("a", "llm", prompt="x"), node("b", "template", text="{{ a.output }}")]
    found = _of("unknown_field", nodes, "start -> a -> b")
    assert _labels(found) == ["Change to “a.text”"]
    assert not [one for one in findings(_mended(found.fixes[0], nodes), "start -> a -> b") if one.code == "unknown_field"]


def test_a_step_without_a_list_can_take_the_lists_of_the_start() -> None:
    nodes = [start(items="list", topic="text"), node("each", "map"), node("inner", "template", parent="each", text="{{ item }}")]
    found = _of("missing_value", nodes, "start -> each")
    assert _labels(found) == ["Use the field “Items”"]
    assert _mended(found.fixes[0], nodes)[1].config["items"] == "{{ inputs.items }}"
