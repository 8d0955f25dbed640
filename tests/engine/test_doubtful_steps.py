"""Steps that would show a person only a decision, and code that cannot be read: told before anything runs."""

import pytest

from engine.graph.checker import check
from engine.nodes.registry import KINDS
from tests.engine.graphs import node, start, workflow

APPROVED = [
    start(topic="text"),
    node("write", "template", text="{{ inputs.topic }}"),
    node("long", "condition", cases=[{"id": "yes", "label": "Yes", "condition": "inputs.topic == 'a'"}]),
    node("ask", "approval"),
    node("fin", "end"),
]


def test_whoever_would_be_shown_only_a_decision_is_told_what_says_more() -> None:
    spec = workflow(APPROVED, "start -> write -> long", "long.yes -> ask", "ask.approve -> fin")
    found = [one for one in check(spec, kinds=KINDS) if one.code == "only_decision"]
    assert [(one.node, one.field, one.severity) for one in found] == [("ask", "message", "warning"), ("fin", "output", "warning")]
    assert [fix.label for fix in found[0].fixes] == ["Use the result of “Text template”"]
    assert found[0].fixes[0].edits[0].value == "{{ write }}"


@pytest.mark.parametrize("edges", [("start -> write -> ask", "ask.reject -> long"), ("start -> long", "long.yes -> ask")])
def test_nothing_is_said_where_something_is_shown_or_nothing_could_be(edges: tuple[str, ...]) -> None:
    assert "only_decision" not in [one.code for one in check(workflow(APPROVED, *edges), kinds=KINDS)]


@pytest.mark.parametrize(("source", "place"), [("x = 1 +", (1, 8)), ("a = 1\nif a\n  b", (2, 5)), ("a" + chr(0), (None, None))])
def test_code_that_python_cannot_read_is_told_with_its_place(source: str, place: tuple[int | None, int | None]) -> None:
    (found,) = [one for one in check(workflow([start(), node("a", "code", source=source)], "start -> a"), kinds=KINDS) if one.node == "a"]
    assert (found.code, found.field, found.severity, (found.line, found.column)) == ("code_syntax", "source", "error", place)


def test_code_that_can_be_read_is_left_alone() -> None:
    spec = workflow([start(), node("a", "code", source="def f(x):\n    return x\nf(1)")], "start -> a")
    assert [one for one in check(spec, kinds=KINDS) if one.node == "a"] == []
