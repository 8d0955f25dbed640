"""Builders of workflows that call each other."""

from typing import Any

from app.core.uow import UnitOfWork
from engine.spec.workflow import NodeSpec, WorkflowSpec
from models.workflow import Workflow
from tests.support.workflows import make_workflow, node, spec_of

NUMBER = [{"name": "number", "type": "integer", "title": "Number"}]


def doubling() -> WorkflowSpec:
    """Takes a number, gives an object with twice as much."""
    return spec_of(
        node("start", "start", fields=NUMBER),
        node("end", "end", output={"doubled": "{{ inputs.number | times: 2 }}", "number": "{{ inputs.number }}"}),
        edges="start>end",
    )


def call(workflow: Workflow | str, node_id: str = "call", **rest: Any) -> NodeSpec:
    """A step that calls the workflow; `inputs`, `version` and the node's policies go along."""
    return node(node_id, "workflow", workflow=workflow if isinstance(workflow, str) else str(workflow.id), **rest)


def calling_once(workflow: Workflow | str, **rest: Any) -> WorkflowSpec:
    """Start, the call, and an end with its result; errors branch to an end of their own when the policy says so."""
    spec = spec_of(
        node("start", "start"),
        call(workflow, **rest),
        node("end", "end", output="{{ call }}"),
        node("sorry", "end", output="{{ call.message }}"),
        edges="start>call call>end" + (" call.error>sorry" if "on_error" in rest else ""),
    )
    return spec if "on_error" in rest else spec.model_copy(update={"nodes": spec.nodes[:3]})


def calling_for_each(workflow: Workflow, count: int, *, parallel: int = 5) -> WorkflowSpec:
    """One child for each of the numbers from 0."""
    return spec_of(
        node("start", "start"),
        node("each", "map", items=list(range(count)), parallel=parallel, result="{{ call.doubled }}"),
        call(workflow, inputs={"number": "{{ item }}"}, parent="each"),
        node("end", "end", output="{{ each.results }}"),
        edges="start>each each>end",
    )


def make_pair(uow: UnitOfWork, child: WorkflowSpec | None = None, **rest: Any) -> tuple[Workflow, Workflow]:
    """A child workflow and a parent that calls it."""
    called = make_workflow(uow, child or doubling(), name="Doubling")
    rest.setdefault("inputs", {"number": 4} if child is None else {})
    return make_workflow(uow, calling_once(called, **rest), name="Calling"), called
