"""Tests of a workflow: what goes in, what stands in for people and other systems, and what must come out. Judged without any model."""

import difflib
import fnmatch
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from engine.expressions.values import type_name
from engine.json import JsonObject, JsonValue
from engine.spec.setup import Pin, RunSetup

Rule = Literal["equals", "differs", "contains", "lacks", "matches", "present", "absent", "at_least", "at_most"]
Ending = Literal["succeeded", "failed", "waiting"]
NodeName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,62}$")]
WITHOUT_VALUE = frozenset({"present", "absent"})
MAX_DIFF = 60  # lines of a difference that are shown
MAX_SHOWN = 2_000  # characters of a value that are shown
_STEP = re.compile(r"\.?([A-Za-z_][\w-]*)|\[(\d{1,6})\]")
_MISSING = object()


class Check(BaseModel):
    """One expectation. `at` names a part of the result, such as `rows[0].mood`; empty, it is the whole result."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    at: str = Field(default="", max_length=200, pattern=r"^(?:[A-Za-z_][\w-]*(?:\.[A-Za-z_][\w-]*|\[\d{1,6}\])*)?$")
    rule: Rule
    value: JsonValue = None


class TestCase(BaseModel):
    """`answers` presses a button at an approval; `stubs` gives a step's output instead of running it."""

    __test__ = False
    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(min_length=1, max_length=120)
    inputs: JsonObject = Field(default_factory=dict)
    answers: dict[NodeName, NodeName] = Field(default_factory=dict, max_length=100)
    stubs: dict[NodeName, Pin] = Field(default_factory=dict, max_length=100)
    ends: Ending = "succeeded"
    checks: tuple[Check, ...] = Field(default=(), max_length=100)

    def setup(self) -> RunSetup:
        """How the run of the test differs from any other."""
        pressed = {
            node: Pin(output={"button": button, "values": {}, "note": "", "by": None}, port=button) for node, button in self.answers.items()
        }
        return RunSetup(pins={**pressed, **self.stubs})


@dataclass(frozen=True, slots=True)
class Result:
    """How one expectation came out; `difference` are lines that begin with a space, + (found) or - (wanted)."""

    what: str
    has_passed: bool
    wanted: str = ""
    found: str = ""
    difference: tuple[str, ...] = ()


def judge(case: TestCase, *, status: str, output: JsonValue, error: str = "") -> tuple[Result, ...]:
    """Every expectation, the ending first; what a run gave that ended otherwise is not looked at."""
    if status != case.ends:
        found = f"{_ENDINGS.get(status, status)}: {error}" if error else _ENDINGS.get(status, status)
        return (Result("how it ends", has_passed=False, wanted=_ENDINGS[case.ends], found=found),)
    ending = Result("how it ends", has_passed=True, wanted=_ENDINGS[case.ends], found=_ENDINGS[case.ends])
    return (ending, *(check_output(check, output) for check in case.checks))


_ENDINGS = {"succeeded": "it succeeds", "failed": "it fails", "waiting": "it waits for a person", "cancelled": "it was cancelled"}


def check_output(check: Check, output: JsonValue) -> Result:
    """Whether the result is as one check wants it."""
    found = pick(output, check.at)
    what = f"{check.at or 'the result'} {_WORDS[check.rule]}"
    shown = "nothing" if found is _MISSING else as_text(found)
    if check.rule in WITHOUT_VALUE:
        is_there = found is not _MISSING and found not in (None, "", [], {})
        return Result(what, has_passed=is_there == (check.rule == "present"), found=shown)
    wanted = as_text(check.value)
    has_passed = found is not _MISSING and _holds(check.rule, found, check.value)
    if not has_passed and found is not _MISSING and _is_of_another_kind(check, found):
        wanted, shown = _with_kind(check.value), _with_kind(found)
    difference = () if has_passed or check.rule != "equals" else _difference(wanted, shown)
    return Result(what, has_passed=has_passed, wanted=wanted, found=shown, difference=difference)


_WORDS: dict[str, str] = {
    "equals": "is exactly",
    "differs": "is anything but",
    "contains": "contains",
    "lacks": "does not contain",
    "matches": "matches",
    "present": "is there",
    "absent": "is not there",
    "at_least": "is at least",
    "at_most": "is at most",
}


def _holds(rule: Rule, found: JsonValue, wanted: JsonValue) -> bool:
    if rule in ("equals", "differs"):
        return (_same(found, wanted)) == (rule == "equals")
    if rule in ("contains", "lacks"):
        return _contains(found, wanted) == (rule == "contains")
    if rule == "matches":
        return isinstance(found, str) and fnmatch.fnmatchcase(found.casefold().strip(), str(wanted).casefold().strip())
    left, right = _number(found), _number(wanted)
    if left is None or right is None:
        return False
    return left >= right if rule == "at_least" else left <= right


def _same(found: JsonValue, wanted: JsonValue) -> bool:
    if isinstance(found, str) and isinstance(wanted, str):
        return found.strip() == wanted.strip()
    return isinstance(found, bool) == isinstance(wanted, bool) and found == wanted


def _contains(found: JsonValue, wanted: JsonValue) -> bool:
    if isinstance(found, list):
        return any(_same(item, wanted) for item in found)
    if isinstance(found, dict):
        return isinstance(wanted, str) and wanted in found
    return as_text(wanted).casefold() in as_text(found).casefold()


def _number(value: JsonValue) -> float | None:
    """The number itself, or how long a list is."""
    if isinstance(value, list):
        return float(len(value))
    return None if isinstance(value, bool) or not isinstance(value, int | float) else float(value)


def pick(value: JsonValue, at: str) -> Any:
    """The part of a value that a path names."""
    for name, index in _STEP.findall(at):
        if name:
            if not isinstance(value, dict) or name not in value:
                return _MISSING
            value = value[name]
        else:
            if not isinstance(value, list) or int(index) >= len(value):
                return _MISSING
            value = value[int(index)]
    return value


def as_text(value: object) -> str:
    """A text as it stands, anything else as JSON."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=2)
    return text if len(text) <= MAX_SHOWN else f"{text[:MAX_SHOWN]}… ({len(text) - MAX_SHOWN:,} more characters)"


def _is_of_another_kind(check: Check, found: JsonValue) -> bool:
    """Whether the kind is what is wrong: both read the same, or something else was found than a number to compare."""
    if check.rule in ("at_least", "at_most"):
        return isinstance(found, str) and _number(check.value) is not None
    return check.rule in ("equals", "matches") and type_name(check.value) != type_name(found) and as_text(check.value) == as_text(found)


def _with_kind(value: object) -> str:
    """Where two values read the same and are not: `text "5"` and `number 5`."""
    kind = type_name(value).removeprefix("a ").removeprefix("an ")
    return kind if value is None else f"{kind} {as_text(json.dumps(value, ensure_ascii=False))}"


def _difference(wanted: str, found: str) -> tuple[str, ...]:
    if "\n" not in wanted and "\n" not in found:
        return ()
    lines: Sequence[str] = [line for line in difflib.ndiff(wanted.splitlines(), found.splitlines()) if not line.startswith("?")]
    return tuple(lines[:MAX_DIFF])


def expecting(output: JsonValue) -> tuple[Check, ...]:
    """Checks that hold a result as it is: what is short must stay the same, what was written freely must be there."""
    parts: list[tuple[str, JsonValue]] = list(output.items())[:50] if isinstance(output, dict) else [("", output)]
    made: list[Check] = []
    for name, value in parts:
        if name and not re.fullmatch(r"[A-Za-z_][\w-]*", name):
            continue
        is_short = not isinstance(value, list | dict) and not (isinstance(value, str) and (len(value) > 40 or "\n" in value))
        if is_short and value not in (None, ""):
            made.append(Check(at=name, rule="equals", value=value))
        elif value not in (None, "", [], {}):
            made.append(Check(at=name, rule="present"))
    return tuple(made)
