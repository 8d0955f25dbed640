"""Stop: cancels other steps, such as a reminder that is not needed any more."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from engine.json import JsonSchema
from engine.nodes.base import NodeConfig, NodeContext, NodeKind, NodeResult, Then, Widget
from engine.spec.agent import AgentSpec


class StopConfig(NodeConfig):
    """What to stop."""

    step_ids: Annotated[tuple[str, ...], Widget("nodes")] = Field(
        (),
        max_length=200,
        title="Steps to stop",
        description="What runs or waits is cancelled, what has not begun is skipped, what is done stays. A container stops with all in it.",
    )


class Stop(NodeKind[StopConfig]):
    """Names steps beside it, or beside a container around it."""

    kind = "stop"
    title = "Stop steps"
    summary = "Cancels other steps that run or wait, and skips those that have not begun."
    category = "logic"
    icon = "hand"
    immediate = True
    can_fail = False
    config_type = StopConfig

    def output_schema(self, config: StopConfig, *, agents: Mapping[str, AgentSpec]) -> JsonSchema:
        """Which of them were stopped."""
        return {"type": "object", "properties": {"stopped": {"type": "array", "items": {"type": "string"}}}, "required": ["stopped"]}

    def stops(self, config: StopConfig) -> tuple[str, ...]:
        """Those that are named."""
        return config.step_ids

    async def run(self, ctx: NodeContext, config: StopConfig) -> NodeResult:
        """Name those that are not over."""
        live = tuple(name for name in dict.fromkeys(config.step_ids) if ctx.status(name) in ("pending", "running", "waiting"))
        return NodeResult({"stopped": list(live)}, then=Then(stop=live) if live else None)
