"""References the checker sees: their paths, places, uses and whether they may be missing."""

import pytest

from engine.expressions.analysis import Reference, analyze_condition, analyze_template
from engine.expressions.errors import ExpressionError


def _all(references: tuple[Reference, ...]) -> list[str]:
    return [str(reference) for reference in references]


def test_every_path_is_found_with_its_place() -> None:
    (first, second) = analyze_template("Hi {{ a.b[0].c }}\n and {{ d }}").references
    assert (str(first), first.line, first.column) == ("a.b[0].c", 1, 7)
    assert (str(second), second.line, second.column) == ("d", 2, 9)


def test_local_names_are_followed_to_what_they_stand_for() -> None:
    found = analyze_template("{% for p in r.points %}{{ p.name }}{{ forloop.index }}{% endfor %}{% assign z = a.b %}{{ z.c }}").references
    assert _all(found) == ["r.points", "r.points[*].name", "a.b", "a.b.c"]
    assert found[0].use == "list"


def test_names_made_inside_the_text_are_not_references() -> None:
    assert analyze_template("{% assign n = 1 | plus: 2 %}{{ n }}{% capture c %}x{% endcapture %}{{ c }}").references == ()


def test_an_index_that_is_a_path_is_a_reference_too() -> None:
    assert _all(analyze_template("{{ a[b.c].d }}").references) == ["b.c", "a[*].d"]


@pytest.mark.parametrize(
    "source", ["{{ a.b | default: 1 }}", "{% if a.b %}{{ a.b }}{% endif %}", "{% unless a == nil %}{{ a.b }}{% endunless %}"]
)
def test_what_is_tested_or_defaulted_may_be_missing(source: str) -> None:
    assert all(reference.guarded for reference in analyze_template(source).references)


def test_the_first_filter_tells_what_the_value_must_be() -> None:
    uses = [reference.use for reference in analyze_template("{{ a | join }}{{ b | plus: c }}{{ d | keys }}{{ e | upcase }}").references]
    assert uses == ["list", "any", "number", "object", "any"]


def test_a_plain_path_is_recognised() -> None:
    assert analyze_template(" {{ a.b }} ").is_plain_path
    assert not analyze_template("{{ a.b | size }}").is_plain_path
    assert not analyze_template("x {{ a.b }}").is_plain_path
    assert analyze_template("just text").is_constant


def test_a_condition_gives_its_references() -> None:
    found = analyze_condition("score > 0.5 and (user.role == 'admin' or extra)").references
    assert _all(found) == ["score", "user.role", "extra"]
    assert [reference.guarded for reference in found] == [False, False, True]


def test_an_unknown_filter_is_found_without_running() -> None:
    with pytest.raises(ExpressionError, match=r"Unknown filter 'upcas'.*line 1, column 8.*upcase"):
        analyze_template("{{ a | upcas }}")
