"""What the inspector's form does in the browser: texts of fields become values, conditions become rows and back."""

from typing import Any

import pytest

from app.services.inspector.form_values import text_of
from engine.nodes.forms import FormField
from tests.support.javascript import call_in_node

FORMS = "components/canvas/forms.js"
COMPARISONS = "components/forms/comparisons.js"


def read(widget: str, text: str, **more: Any) -> dict[str, Any]:
    [answer] = call_in_node(FORMS, "valueOf", [[{"widget": widget, "default": None, "low": None, "high": None, **more}, text]])
    return answer


VALUES: list[tuple[str, str, Any]] = [
    ("template", "Hi {{ inputs.name }}", "Hi {{ inputs.name }}"),
    ("number", "5", 5),
    ("number", "0.5", 0.5),
    ("duration", "1 h 30 min", 5400),
    ("duration", "90", 90),
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
]


def test_a_text_stands_for_its_value() -> None:
    empty = {"default": None, "low": None, "high": None}
    answers = call_in_node(FORMS, "valueOf", [[{"widget": widget, **empty}, text] for widget, text, _ in VALUES])
    assert [answer.get("value") for answer in answers] == [value for _, _, value in VALUES]


@pytest.mark.parametrize(
    ("widget", "text", "words"),
    [
        ("number", "many", "Write a number"),
        ("number", "nan", "Write a number"),
        ("number", "1e999", "Write a number"),
        ("number", "11", "From 1 to 10."),
        ("duration", "soon", "Write a duration"),
        ("duration", "11 s", "At most 10 s."),
        ("json", "{", "not valid JSON"),
        ("json", "[NaN]", "not valid JSON"),
    ],
)
def test_a_text_that_does_not_fit_is_refused_in_plain_words(widget: str, text: str, words: str) -> None:
    assert words in read(widget, text, low=1, high=10)["refused"]


def test_an_empty_number_falls_back_to_the_default() -> None:
    assert read("number", " ", default=7) == {"value": 7}


def test_a_value_shown_and_read_again_stays_the_same() -> None:
    values: list[tuple[str, Any]] = [
        ("value", "12"),
        ("value", "true"),
        ("value", {"a": [1]}),
        ("value", None),
        ("json", "x"),
        ("duration", 93_784.5),
        ("lines", ["a", "b"]),
    ]
    shown = [text_of(FormField("it", "It", "", widget, None), value) for widget, value in values]
    empty = {"default": None, "low": None, "high": None}
    calls = [[{"widget": widget, **empty}, text] for (widget, _), text in zip(values, shown, strict=True)]
    assert [answer["value"] for answer in call_in_node(FORMS, "valueOf", calls)] == [value for _, value in values]


def rows(text: str) -> list[list[str]] | None:
    found = call_in_node(COMPARISONS, "readRows", [[text]])[0]["value"]
    return found and [[row["joiner"], row["left"], row["operator"], row["right"]] for row in found]


def test_simple_conditions_are_rows() -> None:
    assert rows("score > 0.5") == [["and", "score", ">", "0.5"]]
    assert rows("user.role == 'admin'") == [["and", "user.role", "==", "admin"]]
    both = rows('a.b[0].c contains "it\'s" and x != true')
    assert both == [["and", "a.b[0].c", "contains", "it's"], ["and", "x", "!=", "true"]]


def test_richer_conditions_stay_text() -> None:
    rich = ["(a == 1)", "not a", "a == 1 and b == 2 or c == 3", "a", "a == 1 and", "a == 1 b == 2", "a | size > 1", "'x' == a", "a. == 1"]
    assert [answer["value"] for answer in call_in_node(COMPARISONS, "readRows", [[text] for text in rich])] == [None] * len(rich)


def test_rows_write_the_condition_they_were_read_from() -> None:
    texts = ["score > 0.5", "a == 'x' or b == 'y'", "a == true and b <= -3", 'a contains "it\'s"', "zip == '1234'", "a == inputs.b"]
    read_back = [answer["value"] for answer in call_in_node(COMPARISONS, "readRows", [[text] for text in texts])]
    assert [answer["value"] for answer in call_in_node(COMPARISONS, "writeRows", [[one, None] for one in read_back])] == texts


@pytest.mark.parametrize(
    ("text", "spots", "sides"),
    [
        ("a.b == c.d", [[1, 1]], ["0 left"]),
        ("a.b == c.d", [[1, 8]], ["0 right"]),
        ("a == 1 and b.c != d.e", [[1, 12], [1, 19]], ["1 left", "1 right"]),
        ("a == 1 and\nb != c", [[2, 6]], ["1 right"]),
        ("not (a == 1)", [[1, 6]], []),
        ("a == 1", [], []),
    ],
)
def test_a_place_in_a_condition_is_a_side_of_a_row(text: str, spots: list[list[int]], sides: list[str]) -> None:
    [answer] = call_in_node(COMPARISONS, "wrongSides", [[text, spots]])
    assert answer["value"] == sides
