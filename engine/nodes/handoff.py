"""Handoff: a conversation starts with one agent, and whoever has it may pass it on to another who is better placed to answer."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from engine.agents.team import pass_on
from engine.json import JsonSchema
from engine.nodes.base import Effect, Gap, NodeConfig, NodeContext, NodeKind, NodeResult, Widget, task_gaps
from engine.nodes.team import Members, has_data, task_of, team_of, team_output, team_schema
from engine.spec.agent import AgentSpec


class _First(NodeConfig):
    """Who begins."""

    agent: Annotated[str, Widget("agent")] = Field(
        "", max_length=63, title="First agent", description="Who gets the conversation first, such as a receptionist."
    )


class HandoffConfig(Members, _First):
    """Fields of the second base come first in the form."""


class Handoff(NodeKind[HandoffConfig]):
    """The next agent sees the whole conversation and why it was passed on; whoever answers ends it."""

    kind = "handoff"
    title = "Handoff"
    summary = "Agents pass a conversation on until the right one answers."
    category = "ai"
    icon = "waypoints"
    effect = Effect.IDEMPOTENT
    config_type = HandoffConfig

    def gaps(self, config: HandoffConfig) -> tuple[Gap, ...]:
        """They must be told something."""
        return () if config.history else task_gaps("message", config.message, who="The first agent")

    def output_schema(self, config: HandoffConfig, *, agents: Mapping[str, AgentSpec]) -> JsonSchema:
        """The last agent's answer; `data` only where every agent has the same structured output."""
        schemas = [spec.output_schema for slug in (config.agent, *config.agents) if (spec := agents.get(slug)) is not None]
        return team_schema(schemas[0] if schemas and all(schema == schemas[0] for schema in schemas) else None)

    async def run(self, ctx: NodeContext, config: HandoffConfig) -> NodeResult:
        """Let the first agent take its turn, and the others in theirs."""
        team = team_of(ctx, config, config.agent)
        result = await pass_on(team, config.agent, task_of(config))
        return NodeResult(team_output(result, has_data=has_data(team.agents[result.agent])), usage=result.usage)
