"""Typed answers of designed forms."""

import pytest

from components.forms.answers import MOST_CHARS, AnswerField, answer_fields, as_text, typed_answers


def fields(**more: object) -> list[AnswerField]:
    return answer_fields([{"name": "value", "type": "text", **more}])


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("text", "hello", "hello"),
        ("integer", " 12 ", 12),
        ("number", "1.5", 1.5),
        ("boolean", "true", True),
        ("boolean", "", False),
        ("list", "a\n\n b \n", ["a", "b"]),
        ("list", "[1, 2]", [1, 2]),
        ("json", '{"a": [1]}', {"a": [1]}),
    ],
)
def test_texts_become_values_of_the_field_s_type(kind: str, text: str, value: object) -> None:
    assert typed_answers(fields(type=kind), {"value": text}) == ({"value": value}, {})


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("integer", "1.5"),
        ("number", "many"),
        ("number", "nan"),
        ("number", "inf"),
        ("json", "{"),
        ("json", "NaN"),
        ("list", "[1"),
        ("json", "[" * 5000),
    ],
)
def test_a_wrong_text_is_told_at_its_field(kind: str, text: str) -> None:
    answers, problems = typed_answers(fields(type=kind), {"value": text})
    assert answers == {}
    assert problems["value"]


def test_a_required_field_left_empty_is_told_and_an_optional_one_left_out() -> None:
    assert typed_answers(fields(), {}) == ({}, {"value": "Fill this in."})
    assert typed_answers(fields(required=False), {}) == ({}, {})


def test_a_default_is_used_when_nothing_was_typed() -> None:
    assert typed_answers(fields(default=3, type="integer"), {}) == ({"value": 3}, {})


def test_values_stand_in_their_field_as_people_write_them() -> None:
    assert as_text(["a", {"b": 1}], "list") == 'a\n{"b": 1}'
    assert as_text(False, "boolean") == "false"


def test_a_text_that_no_message_can_carry_is_refused_with_the_limit() -> None:
    answers, problems = typed_answers(fields(type="long_text"), {"value": "x" * (MOST_CHARS + 1)})
    assert answers == {}
    assert "200,000 characters" in problems["value"]
    assert typed_answers(fields(type="long_text"), {"value": "x" * MOST_CHARS})[1] == {}
