"""Supervisor: one agent leads others, asks them as it would use tools, and answers in the end."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from engine.agents.team import lead_team
from engine.json import JsonSchema
from engine.nodes.base import Effect, Gap, NodeConfig, NodeContext, NodeKind, NodeResult, Widget, task_gaps
from engine.nodes.team import Members, has_data, task_of, team_of, team_output, team_schema
from engine.spec.agent import AgentSpec


class _Lead(NodeConfig):
    """Who leads."""

    agent: Annotated[str, Widget("agent")] = Field(
        "", max_length=63, title="Supervisor", description="Who gets the task, decides whom to ask for what, and answers."
    )


class SupervisorConfig(Members, _Lead):
    """Fields of the second base come first in the form."""


class Supervisor(NodeKind[SupervisorConfig]):
    """Every agent keeps its own instructions, model, tools and limits; only messages pass between them."""

    kind = "supervisor"
    title = "Supervisor"
    summary = "An agent leads others: asks them for parts of the work, then answers."
    category = "ai"
    icon = "users"
    effect = Effect.IDEMPOTENT
    config_type = SupervisorConfig

    def gaps(self, config: SupervisorConfig) -> tuple[Gap, ...]:
        """They must be told something."""
        return () if config.history else task_gaps("message", config.message, who="The first agent")

    def output_schema(self, config: SupervisorConfig, *, agents: Mapping[str, AgentSpec]) -> JsonSchema:
        """The supervisor's answer and everything that was said."""
        lead = agents.get(config.agent)
        return team_schema(lead.output_schema if lead is not None else None)

    async def run(self, ctx: NodeContext, config: SupervisorConfig) -> NodeResult:
        """Let the lead take its turn."""
        team = team_of(ctx, config, config.agent)
        result = await lead_team(team, config.agent, task_of(config))
        return NodeResult(team_output(result, has_data=has_data(team.agents[config.agent])), usage=result.usage)
