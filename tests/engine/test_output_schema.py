"""What an output schema may say, and that every refusal names its field and the remedy."""

from typing import Any

import pytest

from engine.spec.output_schema import MAX_DEPTH, check_output_schema


def _object(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties}


def test_an_ordinary_schema_has_no_findings() -> None:
    schema = _object(
        name={"type": "string", "minLength": 1, "description": "Full name"},
        tags={"type": "array", "items": {"type": "string", "enum": ["a", "b"]}},
        maybe={"type": ["string", "null"]},
        either={"anyOf": [{"type": "string"}, {"type": "number"}]},
    )
    assert check_output_schema({**schema, "required": ["name"], "additionalProperties": False}) == []


@pytest.mark.parametrize(
    ("schema", "field", "words"),
    [
        ([], None, "must be a JSON object"),
        ({"type": "string"}, None, "must describe an object"),
        (_object(), None, "no fields yet"),
        (_object(a="text"), "a", "described by a JSON object"),
        (_object(a={"type": "text"}), "a", '"type" must be one of'),
        (_object(a={}), "a", '"type" is missing'),
        (_object(a={"type": "array"}), "a", '"items"'),
        (_object(a={"type": "array", "items": {"type": "bogus"}}), "a[]", '"type" must be one of'),
        (_object(a=_object(b={"type": 3})), "a.b", '"type" must be one of'),
        (_object(**{"two words": {"type": "string"}}), None, "cannot be a field name"),
        ({**_object(a={"type": "string"}), "required": ["b"]}, None, "'b' is not among the fields"),
        ({**_object(a={"type": "string"}), "required": "a"}, None, '"required" must be a list'),
        (_object(a={"type": "string", "enum": []}), "a", "at least one allowed value"),
        (_object(a={"type": "string", "minLength": -1}), "a", '"minLength" must be a whole number'),
        (_object(a={"type": "number", "minimum": "0"}), "a", '"minimum" must be a number'),
        (_object(a={"type": "string", "$ref": "https://evil.example/x"}), "a", "Unknown schema keyword '$ref'"),
        (_object(a={"type": "string", "pattern": "(a+)+$"}), "a", "Patterns are not supported"),
        ({"type": "object", "properties": []}, None, '"properties" must map'),
    ],
)
def test_each_fault_is_named_with_its_field(schema: object, field: str | None, words: str) -> None:
    found = check_output_schema(schema)[0]
    assert (found.field, words in found.message) == (field, True), found


def test_too_deep_and_too_large_schemas_are_refused() -> None:
    deep: dict[str, Any] = {"type": "string"}
    for _ in range(MAX_DEPTH + 1):
        deep = _object(a=deep)
    assert "nested more than" in check_output_schema(deep)[0].message
    assert "too large" in check_output_schema(_object(a={"type": "string", "description": "x" * 70_000}))[0].message


def test_schemas_that_are_not_json_are_refused() -> None:
    loop: dict[str, Any] = _object(a={"type": "string"})
    loop["properties"]["self"] = loop
    assert "not plain JSON" in check_output_schema(loop)[0].message
    assert "not plain JSON" in check_output_schema(_object(a={"type": "string", "default": {1, 2}}))[0].message


@pytest.mark.parametrize(
    "field",
    [
        {"type": "array", "items": {"type": "string"}, "minItems": 5_000_000},
        {"type": "string", "minLength": 1e9},
        {"type": "array", "minItems": 500, "items": {"type": "array", "minItems": 500, "items": {"type": "integer"}}},
    ],
)
def test_an_answer_that_could_never_be_given_is_not_asked_for(field: dict[str, Any]) -> None:
    schema = _object(x=field) | {"required": ["x"]}
    assert ["shortest answer" in finding.message for finding in check_output_schema(schema)] == [True]
    assert check_output_schema(_object(x=field)) == []
