"""Short spellings for workflows in tests, and small node kinds beside the real ones."""

from collections.abc import Mapping
from itertools import pairwise
from types import MappingProxyType
from typing import Annotated, Any

from pydantic import Field

from engine.errors import Finding
from engine.graph.checker import check
from engine.json import JsonSchema, JsonValue
from engine.nodes.base import NodeConfig, NodeContext, NodeKind, NodeResult, Port, Value, Widget
from engine.nodes.registry import KINDS
from engine.spec.agent import AgentSpec
from engine.spec.workflow import EdgeSpec, NodeSpec, WorkflowSpec


class StepConfig(NodeConfig):
    """A step with everything in it."""

    text: Annotated[str, Widget("template")] = ""
    value: Value = None
    agent: Annotated[str, Widget("agent")] = "helper"
    model: Annotated[str, Widget("model")] = "demo/assistant"
    tools: Annotated[tuple[str, ...], Widget("tools")] = ()
    schema_: Annotated[JsonSchema, Widget("schema")] = Field(default_factory=dict, alias="schema")
    amount: int = Field(default=1, ge=1, le=9)


class Step(NodeKind[StepConfig]):
    """Gives what its schema says."""

    kind = "step"
    title = summary = category = icon = "step"
    config_type = StepConfig

    def output_schema(self, config: StepConfig, *, agents: Mapping[str, AgentSpec]) -> JsonSchema:
        """As configured."""
        return config.schema_

    async def run(self, ctx: NodeContext, config: StepConfig) -> NodeResult:
        """Nothing."""
        return NodeResult()


class EachConfig(NodeConfig):
    """A container over a list."""

    items: Value = None
    output: Annotated[JsonValue, Widget("late_value")] = None


class Each(NodeKind[EachConfig]):
    """A container."""

    kind = "each"
    title = summary = category = icon = "each"
    is_container = True
    gives = MappingProxyType({"item": {}, "index": {"type": "integer"}})
    config_type = EachConfig

    def output_schema(self, config: EachConfig, *, agents: Mapping[str, AgentSpec]) -> JsonSchema:
        """A list."""
        return {"type": "array"}

    async def run(self, ctx: NodeContext, config: EachConfig) -> NodeResult:
        """Nothing."""
        return NodeResult()


class VarsConfig(NodeConfig):
    """Names and values."""

    values: Annotated[dict[str, Any], Widget("values")] = Field(default_factory=dict)


class Vars(NodeKind[VarsConfig]):
    """Sets variables."""

    kind = "vars"
    title = summary = category = icon = "vars"
    sets_variables = True
    config_type = VarsConfig

    def output_schema(self, config: VarsConfig, *, agents: Mapping[str, AgentSpec]) -> JsonSchema:
        """One field per variable."""
        return {"type": "object", "properties": {name: {} for name in config.values}}

    async def run(self, ctx: NodeContext, config: VarsConfig) -> NodeResult:
        """Nothing."""
        return NodeResult()


class Drawing(NodeKind[NodeConfig]):
    """A note."""

    kind = "drawing"
    title = summary = category = icon = "note"
    is_drawing = True
    config_type = NodeConfig

    def ports(self, config: NodeConfig) -> tuple[Port, ...]:
        """None."""
        return ()

    async def run(self, ctx: NodeContext, config: NodeConfig) -> NodeResult:
        """Never."""
        return NodeResult()


TEST_KINDS: dict[str, NodeKind[Any]] = {**KINDS, "step": Step(), "each": Each(), "vars": Vars(), "drawing": Drawing()}
AGENTS = {"helper": AgentSpec(name="Helper")}


def node(node_id: str, kind: str = "step", parent: str | None = None, **given: Any) -> NodeSpec:
    """A node; `config` and policies by keyword, everything else is config."""
    policies = {key: given.pop(key) for key in ("join", "others", "lock", "on_error", "retry", "config") if key in given}
    return NodeSpec.model_validate({"id": node_id, "kind": kind, "parent": parent, "config": given, **policies})


def decide(node_id: str, *ports: str, condition: str = "inputs.n > 1", parent: str | None = None) -> NodeSpec:
    """A condition node with one case per port, and `otherwise`."""
    return node(node_id, "condition", parent, cases=[{"id": port, "condition": condition} for port in ports or ("yes",)])


def start(**types: str) -> NodeSpec:
    """A start whose input fields have these types."""
    return node("start", "start", fields=[{"name": name, "type": kind} for name, kind in types.items()])


def edges(*texts: str) -> tuple[EdgeSpec, ...]:
    """Edges spelled `a -> b -> c` and `a.yes -> b`."""
    made: list[EdgeSpec] = []
    for text in texts:
        names = text.split(" -> ")
        for left, right in pairwise(names):
            source, _, port = left.partition(".")
            made.append(EdgeSpec(source=source, port=port or "out", target=right.partition(".")[0]))
    return tuple(made)


def workflow(nodes: list[NodeSpec], *texts: str) -> WorkflowSpec:
    """Nodes and edges."""
    return WorkflowSpec(nodes=tuple(nodes), edges=edges(*texts))


def findings(nodes: list[NodeSpec], *texts: str, **known: Any) -> list[Finding]:
    """What the checker says."""
    return check(workflow(nodes, *texts), kinds=TEST_KINDS, agents=AGENTS, **known)


def codes(nodes: list[NodeSpec], *texts: str, **known: Any) -> list[str]:
    """Only the codes and where they stand, such as `unknown_field@b.text`."""
    return [f"{item.code}@{'.'.join(filter(None, (item.node, item.field)))}" for item in findings(nodes, *texts, **known)]
