"""The schema builder's model: loss-free both ways, and edits that keep a schema sound or say what is wrong."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.forms.schema_rows import (
    KINDS,
    SchemaRow,
    edit_rows,
    rows_from_json,
    rows_from_schema,
    rows_problem,
    schema_from_rows,
)
from engine.spec.output_schema import check_output_schema

INVOICE = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "customer": {
            "type": "object",
            "properties": {"name": {"type": "string", "description": "Full name"}, "email": {"type": "string", "format": "email"}},
            "required": ["name"],
            "additionalProperties": False,
        },
        "total": {"type": "number", "minimum": 0},
        "lines": {
            "type": "array",
            "minItems": 1,
            "items": {"type": "object", "properties": {"sku": {"type": "string"}, "count": {"type": "integer"}}, "required": ["sku"]},
        },
        "tags": {"type": "array", "items": {"type": "string", "enum": ["new", "vip"]}},
        "urgency": {"type": "string", "enum": ["low", "high"], "description": "How soon"},
    },
    "required": ["customer", "total"],
}


def test_a_schema_survives_the_way_through_the_builder() -> None:
    assert schema_from_rows(rows_from_schema(INVOICE)) == INVOICE


def test_rows_stand_in_reading_order_with_their_depth() -> None:
    rows = rows_from_schema(INVOICE)
    assert [(row.name, row.depth) for row in rows] == [
        ("customer", 0),
        ("name", 1),
        ("email", 1),
        ("total", 0),
        ("lines", 0),
        ("sku", 1),
        ("count", 1),
        ("tags", 0),
        ("urgency", 0),
    ]
    assert [row.name for row in rows if row.is_required] == ["customer", "name", "total", "sku"]


def test_no_rows_mean_no_structured_output() -> None:
    assert schema_from_rows([]) is None
    assert rows_from_schema(None) == []


def test_adding_renaming_and_typing_a_field_gives_its_schema() -> None:
    rows = edit_rows([], "add", 0)
    rows = edit_rows(rows, "name", 1, "score")
    rows = edit_rows(rows, "kind", 1, "integer")
    rows = edit_rows(rows, "description", 1, "From 1 to 10")
    assert schema_from_rows(rows) == {
        "type": "object",
        "properties": {"score": {"type": "integer", "description": "From 1 to 10"}},
        "required": ["score"],
        "additionalProperties": False,
    }


def test_a_group_begins_with_one_field_inside_and_loses_them_when_it_becomes_text() -> None:
    rows = edit_rows(edit_rows([], "add", 0), "kind", 1, "object")
    assert [row.depth for row in rows] == [0, 1]
    assert [row.depth for row in edit_rows(rows, "kind", 1, "text")] == [0]


def test_removing_a_group_removes_what_is_inside() -> None:
    rows = rows_from_schema(INVOICE)
    assert [row.name for row in edit_rows(rows, "remove", rows[0].uid)] == ["total", "lines", "sku", "count", "tags", "urgency"]


def test_moving_swaps_whole_groups_among_their_siblings() -> None:
    rows = rows_from_schema(INVOICE)
    moved = edit_rows(rows, "down", rows[0].uid)
    assert [row.name for row in moved][:4] == ["total", "customer", "name", "email"]
    assert [row.name for row in edit_rows(moved, "up", rows[0].uid)] == [row.name for row in rows]
    assert edit_rows(rows, "up", rows[1].uid)[1].name == "name", "the first field of a group stays in its group"


@pytest.mark.parametrize(
    ("action", "value", "problem"),
    [
        ("name", "", "Give the field a name."),
        ("name", "two words", "Use letters, digits, _ and - only, beginning with a letter."),
        ("name", "b", "Another field here has the same name. Rename one of them."),
        ("kind", "choice", "List the allowed values, separated by commas."),
    ],
)
def test_what_is_wrong_with_a_row_stands_on_the_row(action: str, value: str, problem: str) -> None:
    rows = edit_rows(edit_rows([], "add", 0), "add", 0)
    rows = edit_rows(edit_rows(rows, "name", 1, "b"), "name", 2, "c")
    assert edit_rows(rows, action, 2, value)[1].problem == problem


def test_what_keeps_rows_from_being_a_schema_names_the_field() -> None:
    rows = edit_rows(edit_rows([], "add", 0), "add", 0)
    assert rows_problem(rows) == ""
    assert rows_problem(edit_rows(rows, "name", 2, "field_1")) == (
        "Field 2 (“field_1”): Another field here has the same name. Rename one of them."
    )
    assert rows_problem(edit_rows(rows, "name", 1, "")) == "Field 1: Give the field a name."


def test_an_open_group_needs_no_fields_and_a_closed_one_does() -> None:
    groups = {"free": {"type": "object"}, "shut": {"type": "object", "additionalProperties": False}}
    rows = edit_rows(rows_from_schema({"type": "object", "properties": groups}), "description", 1, "x")
    assert [row.problem for row in rows] == ["", "Add at least one field inside."]


def test_the_same_name_may_stand_in_two_groups() -> None:
    schema = {"type": "object", "properties": {"a": {"type": "object", "properties": {"n": {"type": "string"}}}, "n": {"type": "string"}}}
    assert all(row.problem == "" for row in edit_rows(rows_from_schema(schema), "description", 1, "x"))


def test_raw_json_with_a_syntax_error_names_line_and_column() -> None:
    assert rows_from_json('{\n  "type": }')[2] == "This is not valid JSON: Expecting value at line 2, column 11."


def test_raw_json_with_an_unsupported_keyword_is_refused_in_words() -> None:
    text = json.dumps({"type": "object", "properties": {"a": {"type": "string", "pattern": "(a+)+$"}}})
    assert rows_from_json(text)[2].startswith("a: Patterns are not supported")


def test_alternatives_are_valid_but_edited_as_json_only() -> None:
    schema = {"type": "object", "properties": {"a": {"anyOf": [{"type": "string"}, {"type": "null"}]}}}
    assert rows_from_json(json.dumps(schema)) == ([], schema, "")


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["add", "remove", "up", "down", "kind", "item_kind", "name", "required", "choices", "nonsense"]),
            st.one_of(st.integers(-1, 12), st.none(), st.text(max_size=3)),
            st.one_of(st.sampled_from([*KINDS, "a", "b_1", "x, y", "true"]), st.booleans(), st.none(), st.lists(st.integers(), max_size=2)),
        ),
        max_size=30,
    )
)
def test_any_sequence_of_edits_leaves_rows_that_are_sound_or_marked(edits: list[tuple[object, object, object]]) -> None:
    rows: list[SchemaRow] = []
    for action, uid, value in edits:
        rows = edit_rows(rows, action, uid, value)
    depths = [row.depth for row in rows]
    assert all(after <= before + 1 for before, after in zip([-1, *depths], depths, strict=False))
    assert len({row.uid for row in rows}) == len(rows)
    if rows and not any(row.problem for row in rows):
        schema = schema_from_rows(rows)
        assert check_output_schema(schema) == []
        assert schema_from_rows(rows_from_schema(schema)) == schema
