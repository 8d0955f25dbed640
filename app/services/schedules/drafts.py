"""Reads what a person filled in for a schedule; every wrong field gets its own message."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from app.core.errors import Invalid, NotFound
from app.core.problems import Problems
from app.core.text import clean_line
from app.core.uow import UnitOfWork
from app.services.runs.inputs import check_inputs, read_answers
from app.services.schedules.cron import Timing, zone_of
from app.services.schedules.wording import read_wording
from engine.errors import SpecError
from engine.json import JsonObject
from engine.spec.upgrade import load_workflow
from models.ids import parse_id
from models.schedule import MissedPolicy, OverlapPolicy
from models.workflow import Workflow

MOST_MISSED = 50
FIELDS = ("workflow_id", "name", "wording", "time_zone", "starts_on", "ends_on", "inputs", "missed", "most_missed", "overlap", "is_enabled")


@dataclass(frozen=True, slots=True)
class ScheduleDraft:
    """A checked schedule; `inputs` are as given, without the form's defaults."""

    workflow: Workflow
    name: str
    wording: str
    timing: Timing
    inputs: JsonObject
    missed: str
    most_missed: int
    overlap: str
    is_enabled: bool


def read_draft(uow: UnitOfWork, given: object) -> ScheduleDraft:
    """Check everything, then refuse with all problems at once. `given` has the keys of FIELDS."""
    if not isinstance(given, dict):
        raise Invalid("A schedule is an object with workflow_id, name, wording and time_zone.", fields={"schedule": "Give an object."})
    problems = Problems()
    for name in given:
        if not isinstance(name, str) or name not in FIELDS:
            problems.note("schedule", f"A schedule has only these fields: {', '.join(FIELDS)}.")
    workflow = problems.tried(lambda: find_target(uow, given.get("workflow_id")))
    name = problems.tried(lambda: clean_line(given.get("name"), max_length=120, label="The name", field="name"))
    timing = read_timing(given, problems)
    inputs = problems.tried(lambda: _read_inputs(workflow, given.get("inputs")))
    missed, most = _read_missed(given, problems)
    overlap = _choice(given, "overlap", OverlapPolicy.SKIP, problems)
    is_enabled = given.get("is_enabled", True)
    if not isinstance(is_enabled, bool):
        problems.note("is_enabled", "Give true or false.")
    problems.refuse()
    if workflow is None or timing is None or inputs is None or name is None:
        raise AssertionError("what is missing was noted")
    wording = " ".join(str(given["wording"]).split())
    return ScheduleDraft(workflow, name, wording, timing, inputs, missed, most, overlap, bool(is_enabled))


def find_target(uow: UnitOfWork, workflow_id: object) -> Workflow:
    """The workflow to start, or Invalid under `workflow_id`."""
    if workflow_id in (None, ""):
        raise Invalid("Choose a workflow.", fields={"workflow_id": "Choose the workflow to start."})
    try:
        return uow.load(Workflow, parse_id(workflow_id), what="This workflow")
    except NotFound as error:
        raise Invalid(error.message, fields={"workflow_id": f"{error.message} Choose another one."}) from error


def read_timing(given: dict[Any, Any], problems: Problems) -> Timing | None:
    """When it is due, or None with the problems noted; a moment must still come within ten years."""
    cron = problems.tried(lambda: read_wording(given.get("wording")))
    zone = problems.tried(lambda: zone_of(given.get("time_zone")))
    starts_on = problems.tried(lambda: _read_day(given, "starts_on"))
    ends_on = problems.tried(lambda: _read_day(given, "ends_on"))
    if starts_on is not None and ends_on is not None and ends_on < starts_on:
        problems.note("ends_on", "The last day lies before the first.")
    if cron is None or zone is None:
        return None
    return Timing(cron, zone.key, starts_on, ends_on)


def _read_day(given: dict[Any, Any], field: str) -> date | None:
    value = given.get(field)
    if value is None or value == "":
        return None
    try:
        day = date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        day = None
    if day is None or not 2000 <= day.year <= 2200:
        message = "Give a date such as 2026-03-31, or leave it empty."
        raise Invalid(message, fields={field: message})
    return day


def _read_inputs(workflow: Workflow | None, inputs: object) -> JsonObject:
    """Plain JSON that fits the form of the workflow as it stands now."""
    given = check_inputs({} if inputs is None else inputs)
    if workflow is None:
        return given
    try:
        spec = load_workflow(workflow.draft)
    except SpecError as error:
        raise Invalid("This workflow cannot be read.", fields={"workflow_id": "This workflow cannot be read. Open and mend it."}) from error
    try:
        read_answers(spec, given)
    except Invalid as error:
        raise Invalid(error.message, fields={f"inputs.{name}": text for name, text in error.fields.items()}) from error
    return given


def _read_missed(given: dict[Any, Any], problems: Problems) -> tuple[str, int]:
    most = given.get("most_missed", 5)
    if not isinstance(most, int) or isinstance(most, bool) or not 1 <= most <= MOST_MISSED:
        problems.note("most_missed", f"Give a whole number from 1 to {MOST_MISSED}.")
        most = 1
    return _choice(given, "missed", MissedPolicy.ONE, problems), most


def _choice(given: dict[Any, Any], field: str, default: MissedPolicy | OverlapPolicy, problems: Problems) -> str:
    value = given.get(field, default)
    choices = tuple(type(default))
    if not isinstance(value, str) or value not in choices:
        problems.note(field, f"Choose one of: {', '.join(choices)}.")
        return default
    return value
