"""Builders of workflow rows and definitions for tests of runs."""

from typing import Any

from app.core.uow import UnitOfWork
from engine.spec.workflow import EdgeSpec, NodeSpec, WorkflowSpec
from models.workflow import Workflow


def spec_of(*nodes: NodeSpec, edges: str = "", **settings: Any) -> WorkflowSpec:
    """A definition; `edges` reads like "start>a a.error>b": source, port (default out), target."""
    return WorkflowSpec(name="Test", nodes=nodes, edges=tuple(_edge(text) for text in edges.split()), **settings)


def _edge(text: str) -> EdgeSpec:
    source, target = text.split(">")
    node, _, port = source.partition(".")
    return EdgeSpec(source=node, port=port or "out", target=target)


def node(node_id: str, kind: str, **config: Any) -> NodeSpec:
    """A node; `retry`, `on_error`, `timeout_s`, `join`, `others`, `label` and `parent` go to the node, everything else into its config."""
    own = {name: config.pop(name) for name in ("retry", "on_error", "timeout_s", "join", "others", "label", "parent") if name in config}
    return NodeSpec(id=node_id, kind=kind, config=config, **own)


def greeting() -> WorkflowSpec:
    """Start (asks for a name), a template and an end."""
    fields = [{"name": "name", "type": "text", "title": "Your name"}, {"name": "times", "type": "integer", "required": False, "default": 1}]
    return spec_of(
        node("start", "start", fields=fields),
        node("greet", "template", text="Hello {{ inputs.name }}"),
        node("end", "end", output="{{ greet }}"),
        edges="start>greet greet>end",
    )


def asking(**approval: Any) -> WorkflowSpec:
    """Start, an approval with two buttons, and an end after each."""
    return spec_of(
        node("start", "start"),
        node("ask", "approval", label="Refund?", **approval),
        node("paid", "end", output="paid"),
        node("refused", "end", output="refused"),
        edges="start>ask ask.approve>paid ask.reject>refused",
    )


def make_workflow(uow: UnitOfWork, spec: WorkflowSpec | None = None, name: str = "Greeting") -> Workflow:
    """A workflow of the actor's workspace."""
    chosen = spec or greeting()
    row = Workflow(workspace_id=uow.workspace_id, name=name, draft=chosen.model_dump(mode="json", exclude_defaults=True))
    uow.session.add(row)
    uow.session.flush()
    return row
