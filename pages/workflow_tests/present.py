"""Tests as the page shows them, and the rows of their form."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from app.views import words
from app.views.workflow_tests import TestResult, TestRow
from engine.json import JsonObject, JsonValue

RULES = (
    ("equals", "is exactly"),
    ("differs", "is anything but"),
    ("contains", "contains"),
    ("lacks", "does not contain"),
    ("matches", "matches (with * and ?)"),
    ("at_least", "is at least"),
    ("at_most", "is at most"),
    ("present", "is there"),
    ("absent", "is not there"),
)
ENDINGS = (("succeeded", "Succeeds"), ("failed", "Fails"), ("waiting", "Waits for a person"))
VERDICTS = {"never": "Not run yet", "running": "Running", "passed": "Passed", "failed": "Failed"}


@dataclass(frozen=True)
class DiffLine:
    """One line of a difference."""

    mark: str
    text: str


@dataclass(frozen=True)
class ResultItem:
    """One expectation that did not hold."""

    what: str
    wanted: str
    found: str
    lines: list[DiffLine] = field(default_factory=list[DiffLine])


@dataclass(frozen=True)
class TestItem:
    """One test of the list."""

    __test__ = False

    id: str
    name: str
    verdict: str
    label: str
    given: str
    note: str
    run_href: str
    failures: list[ResultItem] = field(default_factory=list[ResultItem])


@dataclass(frozen=True)
class CheckItem:
    """One row of the form's expectations."""

    uid: int
    at: str
    rule: str
    text: str
    problem: str = ""


@dataclass(frozen=True)
class Choice:
    """A button of an approval."""

    id: str
    label: str


@dataclass(frozen=True)
class ApprovalItem:
    """An approval of the workflow with the button that the test presses; "" presses none."""

    id: str
    label: str
    chosen: str
    buttons: list[Choice] = field(default_factory=list[Choice])


def test_item(row: TestRow, *, now: datetime) -> TestItem:
    """Present one test."""
    failures = [_result_item(result) for result in row.results if not result.has_passed]
    return TestItem(
        id=row.id,
        name=row.name,
        verdict=row.verdict,
        label=VERDICTS.get(row.verdict, row.verdict),
        given=_given(row.content.get("inputs") or {}),
        note=_note(row, now),
        run_href=f"/runs/{row.run_id}" if row.run_id else "",
        failures=failures if row.verdict == "failed" else [],
    )


def _given(inputs: JsonObject) -> str:
    parts = [f"{name}: {value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)}" for name, value in inputs.items()]
    line = " ".join(" · ".join(parts).split())
    return line if len(line) <= 160 else line[:159].rstrip() + "…"


def _note(row: TestRow, now: datetime) -> str:
    checks = len(row.content.get("checks") or [])
    parts = [f"{checks} expectation" + ("" if checks == 1 else "s")]
    if row.ran_at is not None and row.verdict != "running":
        parts.append(words.ago(row.ran_at, now=now))
    if row.duration_ms is not None:
        parts.append(words.duration(row.duration_ms))
    if row.is_outdated:
        parts.append("changed since")
    return " · ".join(parts)


def _result_item(result: TestResult) -> ResultItem:
    lines = [DiffLine(line[:1].strip(), line[2:]) for line in result.difference]
    return ResultItem(result.what, result.wanted, result.found, lines)


def check_items(checks: Sequence[JsonObject]) -> list[CheckItem]:
    """The expectations of a test as rows."""
    return [
        CheckItem(uid, str(one.get("at", "")), str(one.get("rule", "equals")), text_of(one.get("value"))) for uid, one in enumerate(checks)
    ]


def approval_items(approvals: Sequence[JsonObject], answers: Mapping[str, str]) -> list[ApprovalItem]:
    """The approvals of the workflow with what the test answers."""
    return [
        ApprovalItem(
            one["id"], one["label"], str(answers.get(one["id"], "")), [Choice(button["id"], button["label"]) for button in one["buttons"]]
        )
        for one in approvals
    ]


def text_of(value: JsonValue) -> str:
    """How a value stands in its field: texts plain, unless they would read as something else."""
    if value is None:
        return ""
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False) if not isinstance(value_of(value), str) else value
    return json.dumps(value, ensure_ascii=False)


def value_of(text: str) -> JsonValue:
    """What was typed: a number, true or false, a list or an object where it reads as one, else the text."""
    stripped = text.strip()
    if stripped[:1] in tuple('{["-0123456789') or stripped in ("true", "false", "null"):
        try:
            return json.loads(stripped, parse_constant=_refuse)
        except (ValueError, RecursionError):
            return text
    return text


def _refuse(name: str) -> Any:
    raise ValueError(name)
