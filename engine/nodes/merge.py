"""Merge: waits for several paths and puts their results together."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from engine.json import JsonSchema
from engine.nodes.base import NodeConfig, NodeContext, NodeKind, NodeResult, Widget
from engine.spec.agent import AgentSpec

_MODES = (
    ("object", "By step: { research: ..., pricing: ... }"),
    ("list", "As a list, in the order of the connections"),
    ("first", "Only the first that is there"),
)


class MergeConfig(NodeConfig):
    """How results are put together."""

    mode: Annotated[Literal["object", "list", "first"], Widget("select", options=_MODES)] = Field(
        "object",
        title="Combine",
        description="How the results of the incoming paths are put together. Paths that were not taken are left out.",
    )


class Merge(NodeKind[MergeConfig]):
    """Joins paths; how many it waits for is the node's join setting."""

    kind = "merge"
    title = "Merge"
    summary = "Waits for several paths and puts their results together."
    category = "logic"
    icon = "merge"
    immediate = True
    config_type = MergeConfig

    def output_schema(self, config: MergeConfig, *, agents: Mapping[str, AgentSpec]) -> JsonSchema:
        """An object or a list; nothing is known of a single result."""
        return {"object": {"type": "object"}, "list": {"type": "array"}}.get(config.mode, {})

    async def run(self, ctx: NodeContext, config: MergeConfig) -> NodeResult:
        """Combine what came in."""
        outputs = ctx.incoming()
        if config.mode == "list":
            return NodeResult(list(outputs.values()))
        if config.mode == "first":
            return NodeResult(next((value for value in outputs.values() if value is not None), None))
        return NodeResult(outputs)
