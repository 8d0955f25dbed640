"""What an agent turn takes and gives: plain values, shared by the agent node, the chat and the tests."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from engine.json import JsonObject, JsonSchema, JsonValue
from engine.ports import NO_USAGE, Message, Tool, Usage
from engine.spec.agent import AgentLimits, AgentSpec

BILLED = ("model_call", "partial")  # the recorded facts whose usage counts

Emit = Callable[[str, Mapping[str, Any]], None]


class Memory(Protocol):
    """Facts that outlive a crash; a NodeContext is one."""

    def recall(self, key: str) -> JsonObject | None:
        """What was recorded under the key."""
        ...

    def record(self, key: str, fact: JsonObject) -> None:
        """Keep a fact; durable after the next checkpoint."""
        ...

    async def checkpoint(self) -> None:
        """Make durable what was recorded."""
        ...


class Forgetful:
    """Keeps nothing: for a turn that is simply asked again when it is interrupted."""

    def recall(self, key: str) -> JsonObject | None:
        """Nothing."""
        return None

    def record(self, key: str, fact: JsonObject) -> None:
        """Nothing."""

    async def checkpoint(self) -> None:
        """Nothing."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn to take: the models to ask in order, what the agent is told, what was said, and what it may use."""

    models: tuple[str, ...]
    system: str
    messages: tuple[Message, ...]
    tools: tuple[Tool, ...] = ()
    temperature: float | None = None
    limits: AgentLimits = field(default_factory=AgentLimits)
    output_schema: JsonSchema | None = None
    idempotency_key: str = ""
    ending_tools: frozenset[str] = frozenset()  # calling one of these ends the turn
    agent: str = ""  # slug


@dataclass(frozen=True, slots=True)
class ToolUse:
    """One tool call and how it ended: `error` is None when `result` counts."""

    id: str
    name: str
    arguments: JsonValue
    result: JsonValue = None
    error: str | None = None
    ms: float = 0.0

    def as_json(self) -> JsonObject:
        """For a step's output: name, arguments and result or error."""
        shown: JsonObject = {"name": self.name, "arguments": self.arguments}
        return {**shown, "error": self.error} if self.error is not None else {**shown, "result": self.result}


@dataclass(frozen=True, slots=True)
class TurnResult:
    """The answer: text, its JSON value when a schema was asked for, what was used; `messages` continue the conversation.

    `ended_by` is the call of an ending tool; then there is no answer.
    """

    text: str
    data: JsonValue = None
    tool_uses: tuple[ToolUse, ...] = ()
    usage: Usage = NO_USAGE
    model: str = ""
    messages: tuple[Message, ...] = ()
    ended_by: ToolUse | None = None


def system_prompt(spec: AgentSpec, instructions: str) -> str:
    """What the agent is told first: its name and role, then its (rendered) instructions."""
    head = ""
    if spec.name and spec.role:
        head = f"You are {spec.name}, {spec.role}."
    elif spec.name or spec.role:
        head = f"You are {spec.name or spec.role}."
    return "\n\n".join(part for part in (head, instructions.strip()) if part)


def turn_of(
    spec: AgentSpec,
    *,
    models: tuple[str, ...],
    instructions: str,
    messages: tuple[Message, ...],
    tools: tuple[Tool, ...],
    idempotency_key: str = "",
    agent: str = "",
) -> Turn:
    """The turn that an agent's definition asks for."""
    return Turn(
        models=models,
        system=system_prompt(spec, instructions),
        messages=messages,
        tools=tools,
        temperature=spec.temperature,
        limits=spec.limits,
        output_schema=spec.output_schema,
        idempotency_key=idempotency_key,
        agent=agent,
    )
