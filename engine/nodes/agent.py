"""Agent: hands a task to one of the workspace's agents, which may use its tools before it answers."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from engine.agents.loop import run_turn
from engine.agents.turn import TurnResult, turn_of
from engine.errors import Permanent
from engine.json import JsonObject, JsonSchema, JsonValue
from engine.nodes.base import Effect, Gap, NodeConfig, NodeContext, NodeKind, NodeResult, Widget, task_gaps
from engine.nodes.live import watcher
from engine.ports import Message
from engine.spec.agent import AgentSpec


class AgentConfig(NodeConfig):
    """Which agent, and what it is told."""

    agent: Annotated[str, Widget("agent")] = Field(
        "", max_length=63, title="Agent", description="Who does it. Role, model and tools are set in the agent itself."
    )
    message: Annotated[str, Widget("template")] = Field(
        "",
        max_length=100_000,
        title="Message",
        description="The task, with references to earlier results, such as: Answer this question: {{ inputs.question }}",
    )
    history: Annotated[JsonValue, Widget("value", advanced=True)] = Field(
        None,
        title="Earlier messages",
        description="A list of {role, content}, oldest first, such as {{ inputs.history }}. Roles are user and assistant.",
    )


class Agent(NodeKind[AgentConfig]):
    """One turn of an agent. It resumes after the model calls that were already paid for."""

    kind = "agent"
    title = "Agent"
    summary = "An agent works on a task, using its tools, and answers."
    category = "ai"
    icon = "bot"
    effect = Effect.IDEMPOTENT
    first_attempts = 3
    config_type = AgentConfig

    def gaps(self, config: AgentConfig) -> tuple[Gap, ...]:
        """It must be told something."""
        return () if config.history else task_gaps("message", config.message, who="The agent")

    def output_schema(self, config: AgentConfig, *, agents: Mapping[str, AgentSpec]) -> JsonSchema:
        """The text; `data` where the agent has a structured output."""
        spec = agents.get(config.agent)
        call = {"type": "object", "properties": {"name": {"type": "string"}, "arguments": {}, "result": {}, "error": {"type": "string"}}}
        properties: JsonSchema = {"text": {"type": "string"}, "tool_calls": {"type": "array", "items": call}}
        if spec is not None and spec.output_schema is not None:
            properties["data"] = spec.output_schema
        return {"type": "object", "properties": properties, "required": list(properties)}

    async def run(self, ctx: NodeContext, config: AgentConfig) -> NodeResult:
        """Take the turn."""
        spec = ctx.agent(config.agent)
        turn = turn_of(
            spec,
            models=ctx.chain(spec.model, spec.fallback_models),
            instructions=ctx.render(spec.instructions, "agent.instructions"),
            messages=(*history_of(config.history), Message("user", config.message)),
            tools=tuple(ctx.tools(spec.tools)),
            idempotency_key=ctx.idempotency_key,
            agent=config.agent,
        )
        result = await run_turn(turn, models=ctx.models, memory=ctx, emit=watcher(ctx))
        return NodeResult(_output(result, has_data=spec.output_schema is not None), usage=result.usage)


def _output(result: TurnResult, *, has_data: bool) -> JsonObject:
    output: JsonObject = {"text": result.text, "tool_calls": [use.as_json() for use in result.tool_uses]}
    return {**output, "data": result.data} if has_data else output


def history_of(value: JsonValue) -> list[Message]:
    """Earlier messages as they stand in a config; raises Permanent `invalid_history`."""
    if value in (None, ""):
        return []
    if isinstance(value, list) and all(isinstance(said, dict) and isinstance(said.get("content"), str) for said in value):
        roles = {said.get("role") for said in value}
        if roles <= {"user", "assistant"}:
            return [Message(said["role"], said["content"]) for said in value]
    raise Permanent(
        "invalid_history", "'Earlier messages' must be a list of {role, content} with the roles user and assistant.", field="history"
    )
