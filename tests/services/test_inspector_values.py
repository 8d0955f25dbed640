"""Texts of the inspector and the values they stand for."""

import pytest

from app.core.errors import Invalid
from app.services.inspector.form_values import span_text, text_of, value_of
from engine.nodes.forms import FormField


def field(widget: str, **more: object) -> FormField:
    return FormField(name="it", label="It", help="", widget=widget, default=more.pop("default", None), **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("widget", "text", "value"),
    [
        ("template", "Hi {{ inputs.name }}", "Hi {{ inputs.name }}"),
        ("number", "5", 5),
        ("number", "0.5", 0.5),
        ("duration", "1 h 30 min", 5400.0),
        ("duration", "90", 90.0),
        ("duration", "", None),
        ("value", "{{ a.items }}", "{{ a.items }}"),
        ("value", '{"a": "{{ b }}"}', {"a": "{{ b }}"}),
        ("value", "12", 12),
        ("value", '"12"', "12"),
        ("value", "plain words", "plain words"),
        ("value", "{% if a %}x{% endif %}", "{% if a %}x{% endif %}"),
        ("value", "{not json", "{not json"),
        ("json", "[1, null]", [1, None]),
        ("lines", "a\n\n b ", ["a", "b"]),
        ("toggle", "true", True),
    ],
)
def test_a_text_stands_for_its_value(widget: str, text: str, value: object) -> None:
    assert value_of(field(widget), text) == value


@pytest.mark.parametrize(
    ("widget", "text"),
    [
        ("number", "many"),
        ("number", "nan"),
        ("number", "1e999"),
        ("number", "11"),
        ("duration", "soon"),
        ("json", "{"),
        ("json", "[NaN]"),
        ("json", "[" * 9999),
    ],
)
def test_a_text_that_does_not_fit_is_refused_with_the_field_s_name(widget: str, text: str) -> None:
    with pytest.raises(Invalid) as refused:
        value_of(field(widget, low=1, high=10), text)
    assert refused.value.fields["it"]


@pytest.mark.parametrize(
    ("widget", "value"),
    [
        ("value", "12"),
        ("value", "true"),
        ("value", {"a": [1]}),
        ("value", None),
        ("json", "x"),
        ("duration", 93_784.5),
        ("lines", ["a", "b"]),
    ],
)
def test_a_value_shown_and_read_again_stays_the_same(widget: str, value: object) -> None:
    assert value_of(field(widget), text_of(field(widget), value)) == value  # type: ignore[arg-type]


def test_an_empty_number_falls_back_to_the_default() -> None:
    assert value_of(field("number", default=7), " ") == 7


def test_spans_read_like_speech() -> None:
    assert [span_text(value) for value in (0, 45, 3600, 90_061)] == ["0 s", "45 s", "1 h", "1 d 1 h 1 min 1 s"]
