"""Structured output of the demo models: always valid against the schema, and filled from the text where the text says something."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from app.adapters.llm_demo.fields import FieldFiller
from app.adapters.llm_demo.reading import read
from engine.ports import Message, ModelRequest

TICKET = (
    "Hello, my name is Peter Novak (peter.novak@example.cz). Someone stole my card in Rome on 2 March 2026 and 1,120.50 EUR are missing. "
    "This is urgent! My order is A-1029, you can call me at +420 601 234 567.\nDepartment: Fraud\nAge: 44"
)


def fill(schema: dict[str, Any], text: str = TICKET, system: str = "") -> Any:
    messages = (Message("system", system), Message("user", text))
    return FieldFiller(schema, read(ModelRequest("demo/extractor", messages))).fill()


def test_facts_of_the_text_reach_the_fields_they_are_named_after() -> None:
    string: dict[str, Any] = {"type": "string"}
    properties: dict[str, Any] = {
        "customer_name": string,
        "email": {"type": "string", "format": "email"},
        "amount": {"type": "number"},
        "date": {"type": "string", "format": "date"},
        "city": string,
        "phone": string,
        "order_id": string,
        "department": string,
        "age": {"type": "integer"},
        "currency": string,
        "is_urgent": {"type": "boolean"},
        "sentiment": {"enum": ["positive", "neutral", "negative"]},
        "priority": {"enum": ["low", "medium", "high"]},
        "category": {"enum": ["card_arrival", "exchange_rate", "lost_or_stolen_card"]},
    }
    assert fill({"type": "object", "properties": properties, "required": list(properties)}) == {
        "customer_name": "Peter Novak",
        "email": "peter.novak@example.cz",
        "amount": 1120.5,
        "date": "2026-03-02",
        "city": "Rome",
        "phone": "+420 601 234 567",
        "order_id": "A-1029",
        "department": "Fraud",
        "age": 44,
        "currency": "EUR",
        "is_urgent": True,
        "sentiment": "negative",
        "priority": "high",
        "category": "lost_or_stolen_card",
    }


def test_json_in_the_text_is_read_by_its_keys() -> None:
    schema = {
        "type": "object",
        "properties": {"company": {"type": "string"}, "employees": {"type": "integer"}},
        "required": ["company", "employees"],
    }
    assert fill(schema, 'Enrich {"company": "Acme", "stats": {"employees": 1200}}') == {"company": "Acme", "employees": 1200}


def test_a_list_of_things_becomes_a_list_of_objects() -> None:
    item = {"type": "object", "properties": {"name": {"type": "string"}, "price": {"type": "number"}}, "required": ["price"]}
    schema = {"type": "object", "properties": {"items": {"type": "array", "items": item}}, "required": ["items"]}
    value = fill(schema, "Please order:\n- blue chair, price 40 euros\n- red lamp, price 25 euros")
    assert [row["price"] for row in value["items"]] == [40, 25]


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "string", "pattern": "^[A-Z]{3}-\\d{4}$"},
        {"type": "string", "pattern": "^(low|high)_[^a]+$", "minLength": 5},
        {"type": "string", "minLength": 50, "maxLength": 60},
        {"type": "string", "maxLength": 3},
        {"type": "string", "format": "date-time"},
        {"type": "integer", "minimum": 7, "maximum": 9},
        {"type": "integer", "exclusiveMinimum": 3, "multipleOf": 5},
        {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1},
        {"type": ["null", "string"]},
        {"type": "null"},
        {"const": {"a": [1]}},
        {"enum": [None, 3, "x"]},
        {"anyOf": [{"type": "null"}, {"type": "integer"}]},
        {"oneOf": [{"type": "object", "properties": {"kind": {"const": "a"}}, "required": ["kind"]}]},
        {"type": "array", "items": {"enum": ["a", "b", "c"]}, "minItems": 2, "uniqueItems": True},
        {"type": "array", "items": {"type": "integer"}, "minItems": 6, "uniqueItems": True},
        {"type": "array", "items": {"type": "string"}, "maxItems": 1},
        {"type": "object", "additionalProperties": False},
        {"type": "object", "required": ["anything"]},
        {
            "allOf": [
                {"properties": {"a": {"type": "integer"}}, "required": ["a"]},
                {"properties": {"b": {"type": "boolean"}}, "required": ["b"]},
            ]
        },
        {
            "$ref": "#/$defs/tree",
            "$defs": {"tree": {"type": "object", "properties": {"child": {"anyOf": [{"type": "null"}, {"$ref": "#/$defs/tree"}]}}}},
        },
        {},
    ],
    ids=lambda schema: json.dumps(schema)[:50],
)
def test_the_value_always_fits_the_schema(schema: dict[str, Any]) -> None:
    Draft202012Validator(schema).validate(fill(schema))


names = st.text(st.sampled_from("abcdefghij_"), min_size=1, max_size=12)
leaves = st.one_of(
    st.just({"type": "boolean"}),
    st.builds(lambda low, gap: {"type": "integer", "minimum": low, "maximum": low + gap}, st.integers(-50, 50), st.integers(0, 9)),
    st.builds(lambda low, gap: {"type": "number", "minimum": low, "maximum": low + gap}, st.integers(-5, 5), st.integers(0, 9)),
    st.builds(lambda low, gap: {"type": "string", "minLength": low, "maxLength": low + gap}, st.integers(0, 9), st.integers(0, 9)),
    st.builds(lambda values: {"enum": values}, st.lists(st.one_of(st.integers(), st.text(max_size=5)), min_size=1, max_size=4)),
)
schemas = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.builds(
            lambda parts: {"type": "object", "properties": parts, "required": list(parts), "additionalProperties": False},
            st.dictionaries(names, inner, max_size=4),
        ),
        st.builds(lambda item, low: {"type": "array", "items": item, "minItems": low, "maxItems": low + 3}, inner, st.integers(0, 3)),
    ),
    max_leaves=8,
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(schema=schemas, text=st.text(max_size=200))
def test_any_schema_with_any_text_gives_a_valid_value(schema: dict[str, Any], text: str) -> None:
    value = fill(schema, text)
    Draft202012Validator(schema).validate(value)
    json.dumps(value)
