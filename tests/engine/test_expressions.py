"""What people write in text fields and conditions, and what comes out."""

import pytest

from engine.errors import LimitExceeded, Permanent
from engine.expressions.template import compile_condition, compile_template, render_text, resolve_value
from engine.expressions.template import test_condition as holds

SCOPE = {
    "inputs": {"email": "ada@example.com", "count": 3, "tags": ["b", "a", "b"], "score": "0.7", "flag": False, "note": None},
    "research": {"summary": "It rains.", "items": [{"title": "one", "n": 2}, {"title": "two", "n": 0.5}], "ok": True},
    "now": "2026-05-31T10:20:30Z",
}


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("no markup } %}", "no markup } %}"),
        ("Hello {{ inputs.email }}!", "Hello ada@example.com!"),
        ("{{ research.items[1].title | upcase }}", "TWO"),
        ("{{ research.items[-1].n }} {{ research.items.first.title }} {{ inputs.tags.size }}", "0.5 one 3"),
        ("{{ inputs.tags }}|{{ research.ok }}|{{ inputs.note }}|{{ research.items[0] }}", '["b", "a", "b"]|true||{"title": "one", "n": 2}'),
        ("{% for item in research.items %}{{ forloop.index }}. {{ item.title }}\n{% endfor %}", "1. one\n2. two\n"),
        ("{% if inputs.count > 2 and not inputs.flag %}many{% elsif inputs.count %}few{% else %}none{% endif %}", "many"),
        ("{% unless inputs.flag %}off{% endunless %}", "off"),
        ("{% case inputs.count %}{% when 1, 3 %}odd{% when 3 %}again{% else %}other{% endcase %}", "odd"),
        ("{% assign total = research.items | sum: 'n' %}{{ total }}", "2.5"),
        ("{% raw %}{{ untouched }}{% endraw %}{% comment %}{{ gone }}{% endcomment %}", "{{ untouched }}"),
        ("{{ inputs.missing | default: 'none' }}{{ nowhere.at.all | default: '-' }}", "none-"),
        ("{% if nowhere %}yes{% endif %}{% if inputs.missing == nil %}absent{% endif %}", "absent"),
        ("{{ inputs.score | number | times: 2 }} {{ 0.1 | plus: 0.2 }} {{ 7 | divided_by: 2 }} {{ 2.5 | round }}", "1.4 0.3 3 3"),
        ("{{ inputs.tags | uniq | sort | join: ', ' }}", "a, b"),
        ("{{ research.items | map: 'title' | bullets }}", "- one\n- two"),
        ("{{ research.items | where: 'n', 2 | map: 'title' }}", '["one"]'),
        ("{{ '```json\n{\"a\": [1]}\n```' | from_json | json }}", '{"a": [1]}'),
        ("{{ 'now' | date: '%d %B %Y %H:%M' }}", "31 May 2026 10:20"),
        ("{{ '2026-01-02T23:30:00-05:00' | date }} {{ 0 | date: '%Y' }}", "2026-01-03 1970"),
        ("{{ '<p>Hi <b>you</b><script>x<y</script> 1 < 2</p>' | strip_html }}", "Hi you 1 < 2"),
        (
            "{{ 'a,b,,c' | split: ',' | compact | size }} {{ 'abcdef' | slice: -3, 2 }} {{ 'one two three' | truncatewords: 2 }}",
            "4 de one two...",
        ),
    ],
)
def test_a_template_gives_the_text_people_expect(source: str, text: str) -> None:
    assert render_text(source, SCOPE, field="prompt") == text


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("{{ inputs.tags }}", ["b", "a", "b"]),
        ("  {{ research.items[0] }}\n", {"title": "one", "n": 2}),
        ("{{ inputs.count }}", 3),
        ("{{ inputs.flag }}", False),
        ("{{ inputs.note }}", None),
        ("{{ inputs.tags | size }}", 3),
        ("{{ (1..3) }}", [1, 2, 3]),
        ("{{ inputs.count }} of 9", "3 of 9"),
        ("{{ inputs.count }}{{ inputs.count }}", "33"),
        ({"a": ["{{ inputs.count }}", 1], "b": "x{{ inputs.count }}"}, {"a": [3, 1], "b": "x3"}),
        (None, None),
        (7, 7),
    ],
)
def test_a_lone_expression_keeps_its_json_type(source: object, value: object) -> None:
    made = resolve_value(source, SCOPE, field="value")  # type: ignore[arg-type]
    assert made == value
    assert type(made) is type(value)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("inputs.count > 2 and research.ok == true", True),
        ("true or false and false", True),  # `and` binds tighter
        ("not inputs.flag and inputs.count == 3", True),
        ("not (inputs.flag or inputs.count == 3)", False),
        ("not not research.ok", True),
        ("inputs.tags contains 'a' and 'b' in inputs.tags", True),
        ("inputs.email contains '@example'", True),
        ("inputs.email | downcase == 'ada@example.com'", True),
        ("inputs.score | number >= 0.7", True),
        ("(inputs.tags | size) > 2 and '..' == '..'", True),
        ("inputs.note > 3", False),
        ("inputs.note == nil and inputs.missing == nil and inputs.tags != empty", True),
        ("inputs.missing or nowhere", False),
        ("inputs.missing == blank and inputs.missing == empty", True),
        ("1 == true", False),
        ("{{ inputs.count == 3 }}", True),
        ("\n  inputs.count\n  == 3\n", True),
    ],
)
def test_a_condition_reads_like_logic(source: str, expected: bool) -> None:
    assert holds(source, SCOPE, field="when") is expected


@pytest.mark.parametrize(
    ("source", "parts", "line", "column"),
    [
        ("{{ imputs.email }}", ("nothing called 'imputs'", "Did you mean 'inputs'?"), 1, 4),
        ("Dear\n  {{ inputs.emial }}", ("'inputs' has no field 'emial'", "Did you mean 'email'?"), 2, 6),
        ("{{ inputs.email.host }}", ("'inputs.email' is text",), 1, 4),
        ("{{ inputs.tags[9] }}", ("no entry 9", "it has 3"), 1, 4),
        ("{{ inputs.tags | joined }}", ("Unknown filter 'joined'", "Did you mean 'join'?"), 1, 18),
        ("{{ inputs.email | plus: 1 }}", ("filter 'plus'", "expected a number", "ada@"), 1, 19),
        ("{{ inputs.email | join }}", ("expected a list, found text",), 1, 19),
        ("{{ inputs.email ", ("Close what is open",), 1, 1),
        ("{% if inputs.count %}x", ("endif",), 1, 23),
        ("{% for x in %}{% endfor %}", ("",), 1, None),
        ("{% include 'a' %}", ("no tag 'include'", "cannot load other templates"), 1, 4),
        ("{% fro x in y %}", ("no tag 'fro'", "Did you mean 'for'?"), 1, 4),
        ("{% break %}", ("break",), 1, 4),
        ("{{ 5 | divided_by: 0 }}", ("divide by zero",), 1, 8),
        ("{{ 'soon' | date }}", ("'soon' is not a date",), 1, 13),
        ("{{ '{' | from_json }}", ("not JSON",), 1, 10),
        ("{{ inputs.email | append }}", ("after the colon",), 1, 19),
    ],
)
def test_a_wrong_template_says_where_and_what_to_do(source: str, parts: tuple[str, ...], line: int, column: int | None) -> None:
    with pytest.raises(Permanent) as caught:
        render_text(source, SCOPE, field="prompt")
    assert caught.value.code == "template_error"
    assert caught.value.field == "prompt"
    assert all(part in caught.value.message for part in parts)
    assert caught.value.details["line"] == line
    assert column is None or caught.value.details["column"] == column


@pytest.mark.parametrize(
    ("source", "part"),
    [
        ("", "empty"),
        ("inputs.count = 3", "Write '==' instead of '='"),
        ("inputs.flag && research.ok", "Write 'and'"),
        ("inputs.flag || research.ok", "Write 'or'"),
        ("!inputs.flag", "Write 'not'"),
        ("(inputs.flag", "never closed"),
        ("inputs.count == 3 inputs", "after a complete condition"),
        ("inputs.score > 0.5", "Turn a text into a number with '| number'"),
        ("inputs.count >", "too early"),
        ("inputs.missing > 3", "no field 'missing'"),
        ("inputs.missing == 'x'", "no field 'missing'"),
    ],
)
def test_a_wrong_condition_says_what_to_do(source: str, part: str) -> None:
    with pytest.raises(Permanent) as caught:
        holds(source, SCOPE, field="when")
    assert caught.value.code == "condition_error"
    assert part in caught.value.message


def test_the_field_of_a_nested_value_is_named() -> None:
    with pytest.raises(Permanent) as caught:
        resolve_value({"rows": [{"name": "{{ nope }}"}]}, SCOPE, field="body")
    assert caught.value.field == "body.rows.0.name"


def test_what_is_compiled_once_is_kept() -> None:
    assert compile_template("{{ a }} kept") is compile_template("{{ a }} kept")
    assert compile_condition("a == 1") is compile_condition("a == 1")


def test_a_limit_is_told_apart_from_a_mistake() -> None:
    with pytest.raises(LimitExceeded) as caught:
        render_text("{% for i in (1..99999) %}{% for j in (1..99999) %}x{% endfor %}{% endfor %}", {}, field="prompt")
    assert caught.value.code == "template_limit"


def test_values_that_are_not_json_never_show() -> None:
    class Row:
        secret = "hidden"

        def __str__(self) -> str:
            return self.secret

    for source in (
        "{{ row }}",
        "{{ row.secret }}",
        "{{ row | json }}",
        "{{ rows | join: ',' }}",
        "{{ rows }}",
        "{{ rows | map: 'secret' }}",
    ):
        with pytest.raises(Permanent):
            render_text(source, {"row": Row(), "rows": [Row()]}, field="prompt")
