"""Values as people read them: answers of agents without their double, entries of lists with their names."""

from typing import Any

import pytest

from tests.support.javascript import call_in_node

READABLE = "components/ui/readable.js"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ({"text": '{"answer": "It is.", "n": 1}', "tool_calls": [], "data": {"n": 1, "answer": "It is."}}, {"n": 1, "answer": "It is."}),
        ({"text": "Plain.", "tool_calls": []}, "Plain."),
        ({"text": "{not json", "data": {"a": 1}}, {"text": "{not json", "data": {"a": 1}}),
        ({"text": '["a"]', "data": ["a"], "tool_calls": []}, {"data": ["a"]}),
        ({"text": "Plain.", "tool_calls": [{"name": "sum"}]}, {"text": "Plain.", "tool_calls": [{"name": "sum"}]}),
        ({"text": '{"a": 1}', "data": {"a": 1}, "tool_calls": [{"name": "x"}]}, {"a": 1, "tool_calls": [{"name": "x"}]}),
        ({"text": '{"hops": 1}', "data": {"hops": 1}, "hops": 2}, {"data": {"hops": 1}, "hops": 2}),
        ({"text": "A field of the person's own."}, {"text": "A field of the person's own."}),
        (["text"], ["text"]),
        (None, None),
    ],
)
def test_an_answer_is_shown_once(value: Any, shown: Any) -> None:
    [answer] = call_in_node(READABLE, "tidied", [[value]])
    assert answer["value"] == shown


def test_an_entry_with_a_name_is_shown_by_it() -> None:
    button = {"id": "send", "label": "Send the reply", "style": "primary", "note": ""}
    [named, plain] = call_in_node(READABLE, "entryOf", [[button], [{"score": 3}]])
    assert named["value"] == {"title": "Send the reply", "rest": {"style": "primary"}}
    assert plain["value"] is None


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        ("## Brief\n\nIt is so.", True),
        ("Points:\n- one\n- two", True),
        ("1. one\n2. two", True),
        ("This is **important**.", True),
        ("| a | b |\n|---|---|\n| 1 | 2 |", True),
        ("Hello Ada,\n\nthank you.\n\n- the team", False),
        ("#1 of 3, at 2 * 3 * 4", False),
        ("1. May 2026", False),
        ("# " + "x" * 60_000, False),
    ],
)
def test_only_what_was_written_as_markdown_is_shown_so(text: str, marked: bool) -> None:
    [answer] = call_in_node(READABLE, "isMarkdown", [[text]])
    assert answer["value"] is marked
