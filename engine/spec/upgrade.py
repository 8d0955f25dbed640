"""Loading stored or untrusted definitions: the guard, then the upgraders from older schema versions, then pydantic."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from engine.errors import Finding, SpecError
from engine.json import JsonObject
from engine.spec import agent as agent_module
from engine.spec import workflow as workflow_module
from engine.spec.agent import AgentSpec
from engine.spec.explain import Problem, explain, shown
from engine.spec.guard import check_json
from engine.spec.workflow import RunPlan, WorkflowSpec

Upgrader = Callable[[JsonObject], JsonObject]
M = TypeVar("M", bound=BaseModel)

# version n -> what makes version n + 1 of it; an entry is never removed, so the oldest definition opens for ever
WORKFLOW_UPGRADERS: Mapping[int, Upgrader] = {
    1: dict,  # version 2 adds `others` and `lock` to nodes, both optional
    2: dict,  # version 3 adds `max_cost_micros` and `max_tokens` to limits, both optional
}
AGENT_UPGRADERS: Mapping[int, Upgrader] = {}


def load_workflow(raw: object) -> WorkflowSpec:
    """A workflow from parsed JSON that nobody vouches for; raises SpecError with every fault, each naming node, field and remedy."""
    document = _document(raw, "workflow")
    document = upgrade(document, what="workflow", current=workflow_module.SCHEMA_VERSION, upgraders=WORKFLOW_UPGRADERS)
    try:
        return WorkflowSpec.model_validate(document)
    except ValidationError as error:
        raise SpecError([_workflow_finding(problem, document) for problem in explain(error, WorkflowSpec)]) from error


def load_agent(raw: object) -> AgentSpec:
    """The same for an agent."""
    document = _document(raw, "agent")
    document = upgrade(document, what="agent", current=agent_module.SCHEMA_VERSION, upgraders=AGENT_UPGRADERS)
    try:
        return AgentSpec.model_validate(document)
    except ValidationError as error:
        problems = explain(error, AgentSpec)
        raise SpecError([Finding(problem.code, problem.message, problem.remedy, field=problem.field) for problem in problems]) from error


def load_plan(raw: JsonObject) -> RunPlan:
    """A pinned plan as this product stored it, perhaps long ago; raises SpecError when it is of a version that is not known here."""
    workflow = upgrade(
        _document(raw.get("workflow"), "workflow"), what="workflow", current=workflow_module.SCHEMA_VERSION, upgraders=WORKFLOW_UPGRADERS
    )
    agents = {
        slug: upgrade(agent, what="agent", current=agent_module.SCHEMA_VERSION, upgraders=AGENT_UPGRADERS)
        for slug, agent in raw.get("agents", {}).items()
    }
    return RunPlan.model_validate({**raw, "workflow": workflow, "agents": agents})


def upgrade(document: JsonObject, *, what: str, current: int, upgraders: Mapping[int, Upgrader]) -> JsonObject:
    """Bring a document to the current schema version, one step at a time."""
    version = document.get("schema_version", 1)
    if isinstance(version, bool) or not isinstance(version, int) or version < 1:
        message = f"'schema_version' must be a whole number from 1 to {current}, not {shown(version)}."
        raise SpecError(
            [Finding("invalid_version", message, "Write the number without quotes, or remove the line.", field="schema_version")]
        )
    if version > current:
        message = f"This {what} was made by a newer version of the product (schema {version}; this one knows up to {current})."
        raise SpecError([Finding("newer_version", message, "Update the product, then open it again.", field="schema_version")])
    while version < current:
        document = upgraders[version](document)
        version += 1
        document = {**document, "schema_version": version}
    return document


def _document(raw: object, what: str) -> JsonObject:
    check_json(raw)
    if not isinstance(raw, dict):
        raise SpecError([Finding("invalid_json", f"The {what} must be an object.", "Export it again.")])
    return raw


def _workflow_finding(problem: Problem, document: JsonObject) -> Finding:
    """Name the node by its id rather than by its number, where it has one."""
    loc = problem.loc
    node, rest = None, loc
    nodes: Any = document.get("nodes")
    if len(loc) > 1 and loc[0] == "nodes" and isinstance(loc[1], int) and isinstance(nodes, list) and isinstance(nodes[loc[1]], dict):
        found = nodes[loc[1]].get("id")
        if isinstance(found, str):
            node, rest = found[:63], loc[2:]
    return Finding(problem.code, problem.message, problem.remedy, node=node, field=".".join(map(str, rest)) or None)
