"""The inspector's fields of a step that calls another workflow: what can be chosen, which versions there are, and what it asks for."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from sqlmodel import col, select

from app.core.uow import UnitOfWork
from app.services.inspector.form_values import text_of
from app.services.sealed import list_installed
from app.views.node_form import Cell, Choice, Entry, FieldRow
from engine.graph.calls import CallTree
from engine.json import JsonObject, JsonValue
from engine.nodes.forms import FormField
from models.ids import parse_id
from models.workflow import Workflow, WorkflowVersion

MOST_VERSIONS = 50
_VALUE = FormField("value", "Value", "", "value", None)


def fill_called(
    uow: UnitOfWork, rows: Sequence[FieldRow], config: JsonObject, *, tree: CallTree, reference: str, caller: UUID
) -> list[FieldRow]:
    """The rows with choices and inputs; `reference` is what the step calls, `caller` the workflow it stands in."""
    filled: list[FieldRow] = []
    for row in rows:
        if row.widget == "workflow":
            filled.append(replace(row, choices=_workflows(uow, config.get("workflow"), caller)))
        elif row.widget == "workflow_version":
            filled.append(replace(row, choices=_versions(uow, config)))
        elif row.widget == "called_inputs":
            filled.append(_inputs(row, config.get("inputs") or {}, tree, reference))
        else:
            filled.append(row)
    return filled


def _workflows(uow: UnitOfWork, chosen: JsonValue, caller: UUID) -> list[Choice]:
    query = uow.scoped(Workflow).where(col(Workflow.deleted_at).is_(None), col(Workflow.id) != caller).order_by(col(Workflow.name))
    choices = [Choice(str(row.id), row.name) for row in uow.session.exec(query)]
    choices += [Choice(reference, f"{name} (sealed)") for reference, name in list_installed(uow)]
    if chosen and all(choice.value != chosen for choice in choices):
        name = "This workflow itself" if chosen == str(caller) else "A workflow that is not there any more"
        choices.insert(0, Choice(str(chosen), name))
    return choices if chosen else [Choice("", "Choose…"), *choices]


def _versions(uow: UnitOfWork, config: JsonObject) -> list[Choice]:
    latest, chosen = Choice("", "Latest, as it is when a run starts"), config.get("version")
    workflow_id = parse_id(config.get("workflow"))
    query = select(WorkflowVersion.number, WorkflowVersion.name).where(
        WorkflowVersion.workspace_id == uow.workspace_id,
        WorkflowVersion.workflow_id == workflow_id,
        uow.within_reach(WorkflowVersion),
    )
    kept = uow.session.exec(query.order_by(col(WorkflowVersion.number).desc()).limit(MOST_VERSIONS)).all() if workflow_id else []
    choices = [Choice(str(number), f"Version {number} · {name}" if name else f"Version {number}") for number, name in kept]
    if chosen is not None and all(choice.value != str(chosen) for choice in choices):
        choices.append(Choice(str(chosen), f"Version {chosen}"))
    return [latest, *choices]


def _inputs(row: FieldRow, given: JsonObject, tree: CallTree, reference: str) -> FieldRow:
    """One entry for each input the called workflow asks for, and one for each value under a name it does not know."""
    face = tree.face(reference) if reference else None
    if face is None:
        return replace(row, listed=[], placeholder="Choose a workflow first." if not reference else "The inputs are not known.")
    properties: JsonObject = face.inputs.get("properties") or {}
    if not properties and face.inputs.get("additionalProperties") is not False:
        pairs = [Entry(index, name, [_name_cell(name), _cell(name, {}, value)]) for index, (name, value) in enumerate(given.items())]
        return replace(row, listed=pairs, is_open=True, entry_word="value", placeholder=f"“{face.name}” takes any values.")
    required = face.inputs.get("required") or []
    listed = [
        Entry(index, "" if name in required else "optional", [_cell(name, schema, given.get(name))])
        for index, (name, schema) in enumerate(properties.items())
    ]
    unknown = [name for name in given if name not in properties]
    listed += [Entry(len(listed) + index, "unknown", [_cell(name, {}, given[name])]) for index, name in enumerate(unknown)]
    return replace(row, listed=listed, placeholder="" if listed else f"“{face.name}” asks for nothing.")


def _cell(name: str, schema: JsonObject, value: JsonValue) -> Cell:
    return Cell(name, str(schema.get("title") or name), str(schema.get("description") or ""), "value", text_of(_VALUE, value))


def _name_cell(name: str) -> Cell:
    return Cell("key", "Name", "", "text", name)
