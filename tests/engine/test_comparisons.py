"""Conditions as rows and back."""

import pytest

from engine.expressions.comparisons import Comparison, read_comparisons, write_comparisons


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("", []),
        ("score > 0.5", [("", "score", ">", "0.5")]),
        ("user.role == 'admin'", [("", "user.role", "==", "admin")]),
        ('a.b[0].c contains "it\'s" and x != true', [("", "a.b[0].c", "contains", "it's"), ("and", "x", "!=", "true")]),
    ],
)
def test_simple_conditions_are_rows(text: str, rows: list[tuple[str, str, str, str]]) -> None:
    assert read_comparisons(text) == [Comparison(*row) for row in rows]


@pytest.mark.parametrize(
    "text", ["(a == 1)", "not a", "a == 1 and b == 2 or c == 3", "a", "a == 1 and", "a == 1 b == 2", "a | size > 1", "'x' == a"]
)
def test_richer_conditions_stay_text(text: str) -> None:
    assert read_comparisons(text) is None


@pytest.mark.parametrize("text", ["score > 0.5", "a == 'x' or b == 'y'", "a == true and b <= -3", 'a contains "it\'s"'])
def test_rows_write_the_condition_they_were_read_from(text: str) -> None:
    assert write_comparisons(read_comparisons(text) or []) == text


def test_a_known_path_on_the_right_is_not_a_text() -> None:
    rows = [Comparison("", "a.total", ">", "inputs.limit"), Comparison("and", "b", "==", "inputs.name")]
    assert write_comparisons(rows, paths={"inputs.limit"}) == "a.total > inputs.limit and b == 'inputs.name'"


def test_reading_a_path_on_the_right_and_writing_it_again_keeps_it() -> None:
    rows = read_comparisons("a == inputs.b") or []
    assert write_comparisons(rows, paths={"inputs.b"}) == "a == inputs.b"
