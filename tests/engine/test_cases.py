"""Tests of workflows: what each rule means, what a failure shows, and what a run turned into a test expects."""

from typing import Any

import pytest
from pydantic import ValidationError

from engine.blueprint.bundle import BundleTest
from engine.blueprint.cases import Check, TestCase, check_output, expecting, judge
from engine.spec.setup import Pin

OUTPUT: dict[str, Any] = {
    "category": "refund",
    "reply": "Hello Ada,\n\nyour money is on its way.",
    "score": 72,
    "rows": [{"mood": "negative"}, {"mood": "positive"}],
    "is_urgent": False,
    "nothing": "",
}


@pytest.mark.parametrize(
    ("at", "rule", "value", "holds"),
    [
        ("category", "equals", "refund", True),
        ("category", "equals", " refund\n", True),
        ("category", "equals", "Refund", False),
        ("category", "differs", "fee", True),
        ("score", "equals", 72.0, True),
        ("is_urgent", "equals", 0, False),
        ("is_urgent", "equals", False, True),
        ("reply", "contains", "ada", True),
        ("reply", "lacks", "PIN", True),
        ("reply", "matches", "Hello *way.", True),
        ("reply", "matches", "Hello Ada", False),
        ("score", "at_least", 60, True),
        ("score", "at_most", 60, False),
        ("rows", "at_least", 2, True),
        ("is_urgent", "at_least", 0, False),
        ("category", "at_least", 1, False),
        ("rows[1].mood", "equals", "positive", True),
        ("rows[2].mood", "equals", "positive", False),
        ("rows[2].mood", "absent", None, True),
        ("rows", "contains", {"mood": "negative"}, True),
        ("nothing", "present", None, False),
        ("nothing", "absent", None, True),
        ("missing", "differs", "x", False),
        ("", "contains", "category", True),
        ("", "equals", OUTPUT, True),
    ],
)
def test_each_rule_means_what_it_says(at: str, rule: Any, value: Any, *, holds: bool) -> None:
    assert check_output(Check(at=at, rule=rule, value=value), OUTPUT).has_passed is holds


def test_a_failure_shows_what_was_wanted_and_found_line_by_line() -> None:
    result = check_output(Check(at="reply", rule="equals", value="Hello Ada,\n\nyour money is lost."), OUTPUT)
    assert result.what == "reply is exactly"
    assert result.difference == ("  Hello Ada,", "  ", "- your money is lost.", "+ your money is on its way.")


def test_a_pattern_of_many_stars_is_judged_at_once() -> None:
    assert not check_output(Check(rule="matches", value="*a" * 100 + "b"), "a" * 20_000).has_passed


def test_what_ended_otherwise_is_not_looked_at_any_further() -> None:
    case = TestCase(name="x", checks=(Check(at="a", rule="present"),))
    (result,) = judge(case, status="failed", output=None, error="No key.")
    assert (result.has_passed, result.wanted, result.found) == (False, "it succeeds", "it fails: No key.")
    assert judge(TestCase(name="x", ends="waiting"), status="waiting", output=None)[0].has_passed


def test_a_test_of_a_run_holds_what_is_short_and_only_asks_for_what_was_written() -> None:
    rules = {check.at: check.rule for check in expecting(OUTPUT)}
    assert rules == {"category": "equals", "reply": "present", "score": "equals", "rows": "present", "is_urgent": "equals"}
    assert expecting("short") == (Check(rule="equals", value="short"),)
    assert all(check_output(check, OUTPUT).has_passed for check in expecting(OUTPUT))


def test_buttons_and_stand_ins_become_pinned_outputs() -> None:
    case = TestCase(name="x", answers={"approve": "reject"}, stubs={"call": Pin(output={"status": 200})})
    pins = case.setup().pins
    assert (pins["approve"].port, pins["approve"].output["button"]) == ("reject", "reject")  # type: ignore[index,call-overload]
    assert pins["call"].output == {"status": 200}


def test_expect_is_short_for_the_whole_result() -> None:
    test = BundleTest(name="x", workflow="w", expect={"a": 1})
    assert test.case().checks == (Check(rule="equals", value={"a": 1}),)


@pytest.mark.parametrize("wrong", [{"at": "a b"}, {"at": "a[x]"}, {"rule": "like"}, {"at": "../x"}, {"extra": 1}])
def test_a_check_that_cannot_be_meant_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Check.model_validate({"rule": "equals", **wrong})


@pytest.mark.parametrize(
    ("rule", "value", "given", "wanted", "found"),
    [
        ("equals", "5", 5, 'text "5"', "number 5"),
        ("equals", 5, "5", "number 5", 'text "5"'),
        ("equals", "true", True, 'text "true"', "true/false true"),
        ("equals", "null", None, 'text "null"', "nothing"),
        ("at_least", 3, "5", "number 3", 'text "5"'),
        ("equals", 5, 6, "5", "6"),
        ("differs", 5, 5, "5", "5"),
    ],
)
def test_a_failure_names_the_kinds_where_both_read_the_same(rule: Any, value: Any, given: Any, wanted: str, found: str) -> None:
    result = check_output(Check(at="length", rule=rule, value=value), {"length": given})
    assert (result.has_passed, result.wanted, result.found) == (False, wanted, found)
