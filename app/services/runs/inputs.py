"""What a run is asked for and what it is given: the start form, and the check of answers against it."""

from pydantic import ValidationError
from sqlmodel import col

from app.core.errors import Invalid
from app.core.permissions import Permission, require
from app.core.uow import UnitOfWork
from engine.errors import Permanent, SpecError
from engine.json import JsonObject, JsonValue
from engine.nodes.fields import FormField, read_form
from engine.nodes.start import Start, StartConfig
from engine.spec.guard import JsonLimits, check_json
from engine.spec.upgrade import load_workflow
from engine.spec.workflow import WorkflowSpec
from models.ids import parse_id
from models.run import Run
from models.workflow import Workflow

INPUT_LIMITS = JsonLimits(depth=40, values=200_000, string_chars=1_000_000, total_chars=4_000_000)


def check_inputs(inputs: object) -> JsonObject:
    """Plain, storable JSON of a sane size, or Invalid naming the field."""
    if not isinstance(inputs, dict):
        raise Invalid("The inputs must be an object with one value per field.", fields={"inputs": "Give an object, such as {}."})
    try:
        check_json(inputs, limits=INPUT_LIMITS)
    except SpecError as error:
        raise Invalid(
            "Check the inputs.",
            fields={(item.field or "inputs").split(".")[0]: f"{item.message} {item.remedy}".strip() for item in error.findings},
        ) from error
    return inputs


def form_fields(spec: WorkflowSpec) -> tuple[FormField, ...]:
    """The fields of the workflow's start node; none when it takes anything."""
    start = next((node for node in spec.nodes if node.kind == Start.kind and node.parent is None), None)
    if start is None:
        return ()
    try:
        return StartConfig.model_validate(start.config).fields
    except ValidationError as error:
        raise Invalid("The start step's fields are not valid.", fields={start.id: "Open the start step and mend its fields."}) from error


def read_answers(spec: WorkflowSpec, given: JsonObject) -> JsonObject:
    """The answers with defaults filled in, or Invalid with one message per field."""
    fields = form_fields(spec)
    if not fields:
        return given
    try:
        return read_form(fields, given)
    except Permanent as error:
        titles = {field.name: field.label for field in fields}
        problems = {name: f"{titles.get(name, name)} {problem}." for name, problem in error.details.items()}
        raise Invalid("Check the inputs.", fields=problems) from error


def get_run_form(uow: UnitOfWork, *, workflow_id: object) -> list[JsonObject]:
    """The fields to fill in before a run of the draft, as engine.nodes.fields.FormField JSON; `value` is what the person gave last."""
    require(uow, Permission.VIEW)
    workflow = uow.load(Workflow, parse_id(workflow_id), what="This workflow")
    try:
        spec = load_workflow(workflow.draft)
    except SpecError as error:
        raise Invalid("This workflow cannot be read.") from error
    given = _last_inputs(uow, workflow)
    return [field.model_dump(mode="json") | _starting_value(field, given.get(field.name)) for field in form_fields(spec)]


def _last_inputs(uow: UnitOfWork, workflow: Workflow) -> JsonObject:
    """What the person gave the workflow last."""
    assert uow.actor is not None
    own = uow.scoped(Run).where(Run.workflow_id == workflow.id, Run.created_by == uow.actor.user_id)
    run = uow.session.exec(own.order_by(col(Run.id).desc()).limit(1)).first()
    return run.inputs if run else {}


def _starting_value(field: FormField, given: JsonValue) -> JsonObject:
    return {} if given is None or field.problem(given) else {"value": given}
