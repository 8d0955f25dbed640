"""What the steps with several agents share: who takes part, the task, and how often they may turn to one another."""

from typing import Annotated

from pydantic import Field

from engine.agents.team import Team, TeamResult
from engine.agents.turn import Turn, turn_of
from engine.errors import Permanent
from engine.json import JsonObject, JsonSchema, JsonValue
from engine.nodes.agent import history_of
from engine.nodes.base import NodeConfig, NodeContext, Widget
from engine.nodes.live import watcher
from engine.ports import Message
from engine.spec.agent import AgentSlug, AgentSpec

MAX_MEMBERS = 20
_SAID: JsonSchema = {
    "type": "object",
    "properties": {"from": {"type": "string"}, "to": {"type": "string"}, "text": {"type": "string"}, "is_error": {"type": "boolean"}},
}
_USED: JsonSchema = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "arguments": {}, "result": {}, "error": {"type": "string"}},
}


class Members(NodeConfig):
    """The agents, the task and the limit; the kinds say what the first agent is."""

    agents: Annotated[tuple[AgentSlug, ...], Widget("agents")] = Field(
        (),
        max_length=MAX_MEMBERS,
        title="Other agents",
        description="Whom it can turn to. Each agent's name and role say what it is for, so write good ones.",
    )
    message: Annotated[str, Widget("template")] = Field(
        "", max_length=100_000, title="Message", description="The task, with references to earlier results, such as {{ inputs.question }}"
    )
    max_hops: Annotated[int, Widget("number", advanced=True)] = Field(
        6, ge=1, le=50, title="Most turns to others", description="How often the agents may turn to one another; then an answer is due."
    )
    history: Annotated[JsonValue, Widget("value", advanced=True)] = Field(
        None, title="Earlier messages", description="A list of {role, content}, oldest first, such as {{ inputs.history }}."
    )


def team_of(ctx: NodeContext, config: Members, first: str) -> Team:
    """Everybody who takes part, the first agent included; raises Permanent when somebody is missing."""
    slugs = tuple(dict.fromkeys((first, *config.agents)))
    if len(slugs) < 2:
        raise Permanent("missing_value", "No other agent is chosen. Choose at least one.", field="agents")
    agents = {slug: ctx.agent(slug) for slug in slugs}

    def turn(slug: str, messages: tuple[Message, ...], key: str) -> Turn:
        spec = agents[slug]
        return turn_of(
            spec,
            models=ctx.chain(spec.model, spec.fallback_models),
            instructions=ctx.render(spec.instructions, "agent.instructions"),
            messages=messages,
            tools=tuple(ctx.tools(spec.tools)),
            idempotency_key=f"{ctx.idempotency_key}:{key}" if key else ctx.idempotency_key,
            agent=slug,
        )

    return Team(agents, turn, ctx.models, ctx, watcher(ctx), config.max_hops)


def task_of(config: Members) -> tuple[Message, ...]:
    """What the first agent is told."""
    return (*history_of(config.history), Message("user", config.message))


def team_output(result: TeamResult, *, has_data: bool) -> JsonObject:
    """The answer, who gave it, and what was said on the way."""
    output: JsonObject = {
        "text": result.turn.text,
        "agent": result.agent,
        "hops": result.hops,
        "transcript": list(result.transcript),
        "tool_calls": [use.as_json() for use in result.turn.tool_uses],
    }
    return {**output, "data": result.turn.data} if has_data else output


def team_schema(data: JsonSchema | None) -> JsonSchema:
    """The shape of `team_output`."""
    properties: JsonSchema = {
        "text": {"type": "string"},
        "agent": {"type": "string"},
        "hops": {"type": "integer"},
        "transcript": {"type": "array", "items": _SAID},
        "tool_calls": {"type": "array", "items": _USED},
    }
    if data is not None:
        properties["data"] = data
    return {"type": "object", "properties": properties, "required": list(properties)}


def has_data(spec: AgentSpec | None) -> bool:
    """Whether the agent gives a structured answer."""
    return spec is not None and spec.output_schema is not None
