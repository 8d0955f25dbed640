"""Judges one node that calls another workflow: is there such a workflow, can it be called from here, and do the inputs fit its form."""

from collections.abc import Mapping
from typing import Any

from engine.errors import Finding
from engine.expressions.analysis import plain_reference
from engine.graph.outline import NodeView
from engine.graph.references import ReferenceCheck
from engine.graph.report import Report
from engine.graph.schemas import describe, follow, schema_of_value, types_of
from engine.json import JsonObject, JsonSchema, JsonValue
from engine.spec.workflow import CalledWorkflow

LACKS = "sealed_lacks"


def check_call(node: NodeView, workflows: Mapping[str, CalledWorkflow], types: ReferenceCheck, report: Report) -> None:
    """Report what keeps the call from working; nodes of other kinds pass."""
    if node.kind is None or node.config is None or not node.kind.is_caller:
        return
    reference = node.kind.calls(node.config)
    called = workflows.get(reference)
    if not reference:
        report.error("missing_value", "No workflow is chosen.", "Choose the one to run.", node=node.id, field="workflow")
    elif called is None:
        report.error("unknown_workflow", "There is no such workflow or version.", "Choose one that exists.", node=node.id, field="workflow")
    elif called.problem:
        remedy = "A workflow cannot call itself, also not through others. Use a loop inside it, or call another one."
        report.error("bad_call", called.problem, remedy, node=node.id, field="workflow")
    else:
        if called.warning:
            report.warning("called_has_errors", called.warning, "Open it and mend them.", node=node.id, field="workflow")
        for lack in called.lacks:
            report.add(Finding(LACKS, lack.message, lack.remedy, node=node.id, field="workflow", href=lack.place))
        _check_inputs(node, called, types, report)


def _check_inputs(node: NodeView, called: CalledWorkflow, types: ReferenceCheck, report: Report) -> None:
    properties: JsonObject = called.inputs.get("properties") or {}
    given: dict[str, JsonValue] = getattr(node.config, "inputs", {})
    if not properties and called.inputs.get("additionalProperties") is not False:
        return
    for name, value in given.items():
        if name not in properties:
            remedy = report.suggest(name, list(properties), what="inputs") or "Remove it."
            report.error("unknown_field", f"'{called.name}' has no input '{name}'.", remedy, node=node.id, field=f"inputs.{name}")
        else:
            _check_type(node, name, value, wanted=properties[name], types=types, report=report)
    for name in called.inputs.get("required") or []:
        if given.get(name) in (None, ""):
            title = properties.get(name, {}).get("title") or name
            report.error("missing_value", f"'{called.name}' asks for “{title}”.", "Fill it in.", node=node.id, field=f"inputs.{name}")


def _check_type(node: NodeView, name: str, value: JsonValue, *, wanted: JsonSchema, types: ReferenceCheck, report: Report) -> None:
    """Only where both types are certain: a plain reference, or a value that is no text."""
    given = _type_of(value, types)
    found, allowed = types_of(given), types_of(wanted)
    if not found or not allowed or found & allowed or ("integer" in found and "number" in allowed) or not found - {"null"}:
        return
    message = f"The input '{name}' must be {describe(wanted)}, but this is {describe(given)}."
    report.error("type_mismatch", message, "Refer to something else, or convert it.", node=node.id, field=f"inputs.{name}")


def _type_of(value: Any, types: ReferenceCheck) -> JsonSchema:
    if not isinstance(value, str):
        return {} if isinstance(value, dict | list) else schema_of_value(value)
    reference = plain_reference(value)
    if reference is None:
        return {}
    target = types.outline.nodes.get(reference.root)
    if target is None and reference.root != "inputs":
        return {}
    end = follow(types.inputs() if target is None else types.schema_of(target), reference.path[1:])
    return {} if end.is_missing else end.schema
