"""Milestone: goes on only as long as another step has not begun, such as changing an order before it is shipped."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from engine.errors import Permanent
from engine.json import JsonSchema
from engine.nodes.base import NodeConfig, NodeContext, NodeKind, NodeResult, Port, Widget
from engine.spec.agent import AgentSpec


class MilestoneConfig(NodeConfig):
    """Which step closes the door."""

    step_id: Annotated[str, Widget("node")] = Field(
        "", title="Only before", description="The step that must not have begun yet. What must be done already is connected to this step."
    )


class Milestone(NodeKind[MilestoneConfig]):
    """Looks once, when it is its turn; the journal keeps what it saw."""

    kind = "milestone"
    title = "Only before"
    summary = "Goes on only as long as another step has not begun."
    category = "logic"
    icon = "milestone"
    immediate = True
    config_type = MilestoneConfig

    def ports(self, config: MilestoneConfig) -> tuple[Port, ...]:
        """In time, or not."""
        return (Port("open", "In time", "branch"), Port("late", "Too late", "branch"))

    def output_schema(self, config: MilestoneConfig, *, agents: Mapping[str, AgentSpec]) -> JsonSchema:
        """What it saw."""
        return {"type": "object", "properties": {"is_open": {"type": "boolean"}}, "required": ["is_open"]}

    async def run(self, ctx: NodeContext, config: MilestoneConfig) -> NodeResult:
        """A step that was skipped never begins, so the door stays open."""
        if not config.step_id:
            raise Permanent("missing_value", "No step is chosen. Choose the step that must not have begun.", field="step_id")
        is_open = ctx.status(config.step_id) in ("pending", "skipped")
        return NodeResult({"is_open": is_open}, "open" if is_open else "late")
