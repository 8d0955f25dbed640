"""Reads what a person filled in for a rule; every wrong field gets its own message."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from app.core.errors import AppError, Invalid, NotFound
from app.core.problems import Problems
from app.core.text import clean_line
from app.core.uow import UnitOfWork
from app.services.rules.scope import known_names
from app.services.runs.inputs import check_inputs, form_fields
from engine.errors import SpecError
from engine.expressions.analysis import Analysis, analyze_condition, analyze_template
from engine.expressions.errors import ExpressionError
from engine.json import JsonObject
from engine.spec.upgrade import load_workflow
from models.event_rule import RUN_ENDED, FactKind
from models.ids import parse_id
from models.workflow import Workflow

FIELDS = ("name", "workflow_id", "kind", "source_id", "button", "condition", "mapping", "is_enabled")
EVENTS = (RUN_ENDED, *FactKind)
MOST_MAPPED = 50
MOST_CHARS = 4000


@dataclass(frozen=True, slots=True)
class RuleDraft:
    """A checked rule."""

    name: str
    workflow: Workflow
    kind: str
    source_id: uuid.UUID | None
    button: str
    condition: str
    mapping: JsonObject
    is_enabled: bool


def read_draft(uow: UnitOfWork, given: object) -> RuleDraft:
    """Check everything, then refuse with all problems at once. `given` has the keys of FIELDS."""
    if not isinstance(given, dict):
        raise Invalid("A rule is an object with name, kind and workflow_id.", fields={"rule": "Give an object."})
    problems = Problems()
    for name in given:
        if not isinstance(name, str) or name not in FIELDS:
            problems.note("rule", f"A rule has only these fields: {', '.join(FIELDS)}.")
    name = problems.tried(lambda: clean_line(given.get("name"), max_length=120, label="The name", field="name"))
    kind = _read_kind(given.get("kind"), problems)
    workflow = problems.tried(lambda: _find(uow, given.get("workflow_id"), "workflow_id", "Choose the workflow to start."))
    source = None
    if given.get("source_id") not in (None, ""):
        source = problems.tried(lambda: _find(uow, given.get("source_id"), "source_id", "Choose a workflow, or any."))
    _refuse_circles(kind, source, workflow, problems)
    button = _short(given, "button", 63, problems) if kind == FactKind.APPROVAL_DECIDED else ""
    condition = _short(given, "condition", MOST_CHARS, problems)
    if condition:
        _check(condition, analyze_condition, kind, "condition", problems)
    mapping = problems.tried(lambda: _read_mapping(given.get("mapping"), workflow, kind, problems))
    is_enabled = given.get("is_enabled", True)
    if not isinstance(is_enabled, bool):
        problems.note("is_enabled", "Give true or false.")
    problems.refuse()
    if workflow is None or name is None or mapping is None:
        raise AssertionError("what is missing was noted")
    return RuleDraft(name, workflow, kind, source.id if source else None, button, condition, mapping, bool(is_enabled))


def _read_kind(kind: object, problems: Problems) -> str:
    if isinstance(kind, str) and kind in EVENTS:
        return kind
    problems.note("kind", f"Choose what must happen: {', '.join(EVENTS)}.")
    return ""


def _find(uow: UnitOfWork, workflow_id: object, field: str, remedy: str) -> Workflow:
    try:
        return uow.load(Workflow, parse_id(workflow_id), what="This workflow")
    except NotFound as error:
        message = remedy if workflow_id in (None, "") else f"{error.message} {remedy}"
        raise Invalid(message, fields={field: message}) from error


def _refuse_circles(kind: str, source: Workflow | None, workflow: Workflow | None, problems: Problems) -> None:
    if source is not None and workflow is not None and source.id == workflow.id and kind.startswith("run_"):
        problems.note("workflow_id", "A workflow cannot be started by its own end: it would never stop. Choose another one.")


def _short(given: dict[Any, Any], field: str, most: int, problems: Problems) -> str:
    value = given.get(field) or ""
    if not isinstance(value, str) or len(value) > most or "\x00" in value:
        problems.note(field, f"Give a text of at most {most} characters, or leave it empty.")
        return ""
    return value.strip()


def _read_mapping(mapping: object, workflow: Workflow | None, kind: str, problems: Problems) -> JsonObject:
    given = check_inputs({} if mapping is None else mapping)
    if len(given) > MOST_MAPPED:
        raise Invalid("Too many inputs.", fields={"mapping": f"Give at most {MOST_MAPPED} inputs."})
    kept = {name: text for name, text in given.items() if text not in (None, "")}
    for name, text in kept.items():
        if not isinstance(text, str) or len(text) > MOST_CHARS:
            problems.note(f"mapping.{name}", f"Give a text of at most {MOST_CHARS} characters, such as {{{{ event.workflow.name }}}}.")
        else:
            _check(text, analyze_template, kind, f"mapping.{name}", problems)
    if workflow is not None:
        _fit(kept, workflow, problems)
    return kept


def _fit(mapping: JsonObject, workflow: Workflow, problems: Problems) -> None:
    """Every input it needs is given, and none that it does not know."""
    try:
        fields = form_fields(load_workflow(workflow.draft))
    except (SpecError, AppError):
        problems.note("workflow_id", "This workflow cannot be read. Open and mend it.")
        return
    for field in fields:
        if field.required and field.default is None and field.name not in mapping:
            problems.note(f"mapping.{field.name}", "Say what this input gets.")
    for name in set(mapping) - {field.name for field in fields} if fields else ():
        problems.note(f"mapping.{name}", f"The workflow has no input named {name[:60]}.")


def _check(text: str, analyze: Callable[[str], Analysis], kind: str, field: str, problems: Problems) -> None:
    try:
        found = analyze(text)
    except ExpressionError as error:
        problems.note(field, str(error))
        return
    names = known_names(kind)
    for reference in found.references:
        parts = [str(part) for part in reference.path[:3]]
        if reference.root != "event":
            problems.note(field, f"{reference.root} is not known here. Write event.run.output, event.workflow.name and so on.")
        elif kind and len(parts) > 1 and parts[1] not in names:
            problems.note(field, f"event.{parts[1]} is not known for this event. It has: {', '.join(names)}.")
        elif kind and len(parts) > 2 and names[parts[1]] and parts[2] not in names[parts[1]]:
            problems.note(field, f"event.{parts[1]}.{parts[2]} is not known. It has: {', '.join(names[parts[1]])}.")
