"""Agents that work together inside one step: a lead asks others as if they were tools, or one passes the conversation on to another."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from engine.agents.loop import MAX_TOOL_CALLS_AT_ONCE, run_turn
from engine.agents.turn import BILLED, Emit, Memory, ToolUse, Turn, TurnResult
from engine.errors import LimitExceeded, Permanent
from engine.json import JsonObject, JsonValue
from engine.ports import NO_USAGE, LanguageModel, Message, ToolSchema, Usage
from engine.spec.agent import AgentSpec

ASK, HAND_OVER = "ask_", "hand_over_to_"
PERSON = "user"  # who speaks first in a transcript
CALLS_OF_A_PART = 1000  # more than one turn may make
MAX_SAID = 20_000  # characters of one message that the transcript keeps
_MESSAGE = {"type": "string", "description": "What they must do, with everything they need to know: they see nothing else."}
_REASON = {"type": "string", "description": "Why, and what was found out so far."}
TurnOf = Callable[[str, tuple[Message, ...], str], Turn]  # slug, messages, suffix of the idempotency key


@dataclass(frozen=True, slots=True)
class Part:
    """The facts of one agent's turn, kept apart from those of the others in the same step."""

    memory: Memory
    prefix: str
    agent: str
    part: int = 0  # numbers the parts of a step

    def recall(self, key: str) -> JsonObject | None:
        """What was recorded under the key in this part."""
        return self.memory.recall(self.prefix + key)

    def record(self, key: str, fact: JsonObject) -> None:
        """Keep a fact, and whose it is. Model calls are billed by their number in the step, so each part counts in a range of its own."""
        own: JsonObject = {**fact, "agent": self.agent}
        if fact.get("type") in BILLED:
            own["call"] = self.part * CALLS_OF_A_PART + fact["call"]
        self.memory.record(self.prefix + key, own)

    async def checkpoint(self) -> None:
        """Make durable what was recorded."""
        await self.memory.checkpoint()


def say(memory: Memory, key: str, *, sender: str, receiver: str, text: str) -> JsonObject:
    """Note in the journal what one agent told another; said once, also when the step is resumed."""
    said: JsonObject = {"from": sender, "to": receiver, "text": text[:MAX_SAID]}
    if memory.recall(key) is None:
        memory.record(key, {"type": "message", **said})
    return said


@dataclass(frozen=True, slots=True)
class Team:
    """Who takes part, and how often they may turn to one another."""

    agents: Mapping[str, AgentSpec]
    turn_of: TurnOf
    models: LanguageModel
    memory: Memory
    emit: Emit | None
    most: int

    def name(self, slug: str) -> str:
        """What people call the agent."""
        return self.agents[slug].name or slug


@dataclass(frozen=True, slots=True)
class TeamResult:
    """The answer, who gave it, and everything that was said on the way."""

    turn: TurnResult
    agent: str
    transcript: tuple[JsonObject, ...]
    usage: Usage
    hops: int


# --- a lead who asks others -------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Asked:
    """What the lead's questions have used so far."""

    count: int = 0
    usage: Usage = NO_USAGE
    heard: dict[str, list[JsonObject]] = field(default_factory=dict[str, list[JsonObject]])


@dataclass(frozen=True, slots=True)
class Colleague:
    """Another agent as a tool."""

    team: Team
    lead: str
    slug: str
    asked: _Asked

    @property
    def schema(self) -> ToolSchema:
        """Whom to ask, and for what."""
        spec = self.team.agents[self.slug]
        what = f"Ask {self.team.name(self.slug)}, {spec.role}." if spec.role else f"Ask {self.team.name(self.slug)}."
        parameters = {"type": "object", "properties": {"message": _MESSAGE}, "required": ["message"], "additionalProperties": False}
        return ToolSchema(f"{ASK}{self.slug}", what, parameters, reads_only=True)

    @property
    def timeout_s(self) -> float:
        """An agent may take longer than a tool."""
        return self.team.agents[self.slug].limits.timeout_s + 1

    async def call(self, arguments: JsonObject) -> JsonValue:
        """Ask without a place in the conversation."""
        return await self.call_as(arguments, "tool:0:0")

    async def call_as(self, arguments: JsonObject, key: str) -> JsonValue:
        """Ask; the key keeps the facts of this question apart."""
        team, asked = self.team, self.asked
        asked.count += 1
        if asked.count > team.most:
            message = f"The team may turn to one another {team.most} times, and that is used up. Answer with what is known."
            raise LimitExceeded("too_many_hops", message)
        text = str(arguments.get("message", ""))
        heard = asked.heard.setdefault(key, [])
        heard.append(say(team.memory, f"{key}:asked", sender=self.lead, receiver=self.slug, text=text))
        turn = team.turn_of(self.slug, (Message("user", text),), key)
        result = await run_turn(turn, models=team.models, memory=Part(team.memory, f"{key}:", self.slug, _part_of(key)), emit=None)
        asked.usage = asked.usage + result.usage
        heard.append(say(team.memory, f"{key}:answered", sender=self.slug, receiver=self.lead, text=result.text))
        return result.text if result.data is None else result.data


def _as_text(value: JsonValue) -> str:
    """What was said: a text as it is, a structured answer as JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _part_of(key: str) -> int:
    """A number for each tool call of the lead (`tool:<step>:<index>`), from 1; the lead itself is 0."""
    _, step, index = key.split(":")
    return int(step) * MAX_TOOL_CALLS_AT_ONCE + int(index) + 1


async def lead_team(team: Team, lead: str, messages: tuple[Message, ...]) -> TeamResult:
    """The lead's turn with the others as tools."""
    asked = _Asked()
    others = tuple(Colleague(team, lead, slug, asked) for slug in team.agents if slug != lead)
    turn = team.turn_of(lead, messages, "")
    first = say(team.memory, "said:task", sender=PERSON, receiver=lead, text=messages[-1].content)
    result = await run_turn(with_tools(turn, others), models=team.models, memory=Part(team.memory, "", lead), emit=team.emit)
    last = say(team.memory, "said:answer", sender=lead, receiver=PERSON, text=result.text)
    between = [said for use in result.tool_uses for said in _said_in(use, lead)]
    calls = sum(1 for use in result.tool_uses if use.name.startswith(ASK))
    return TeamResult(result, lead, (first, *between, last), result.usage + asked.usage, calls)


def _said_in(use: ToolUse, lead: str) -> list[JsonObject]:
    """A question and its answer, from the tool call that they were."""
    if not use.name.startswith(ASK) or not isinstance(use.arguments, dict):
        return []
    other = use.name.removeprefix(ASK)
    answer = use.error if use.error is not None else _as_text(use.result)
    question: JsonObject = {"from": lead, "to": other, "text": str(use.arguments.get("message", ""))[:MAX_SAID]}
    return [question, {"from": other, "to": lead, "text": answer[:MAX_SAID], **({"is_error": True} if use.error is not None else {})}]


# --- a conversation that is passed on ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class HandOver:
    """The tool by which an agent passes the conversation on; the turn ends with it."""

    team: Team
    slug: str

    @property
    def schema(self) -> ToolSchema:
        """To whom, and why."""
        spec = self.team.agents[self.slug]
        what = f"Hand over to {self.team.name(self.slug)}, {spec.role}." if spec.role else f"Hand over to {self.team.name(self.slug)}."
        parameters = {"type": "object", "properties": {"reason": _REASON}, "required": ["reason"], "additionalProperties": False}
        return ToolSchema(f"{HAND_OVER}{self.slug}", what, parameters, reads_only=True)

    async def call(self, arguments: JsonObject) -> JsonValue:
        """Nothing happens yet: the one who passes on is told that it is done."""
        return "handed over"


async def pass_on(team: Team, first: str, messages: tuple[Message, ...]) -> TeamResult:
    """Whoever has the conversation answers, or hands it over, at most `most` times; then whoever has it must answer."""
    slug, hops, usage = first, 0, NO_USAGE
    transcript = [say(team.memory, "said:0", sender=PERSON, receiver=first, text=messages[-1].content)]
    while True:
        others = tuple(HandOver(team, other) for other in team.agents if other != slug) if hops < team.most else ()
        turn = with_tools(team.turn_of(slug, messages, f"hop:{hops}"), others, ends=True)
        if hops and team.emit is not None:
            team.emit("reset", {})
        result = await run_turn(turn, models=team.models, memory=Part(team.memory, f"hop:{hops}:", slug, hops), emit=team.emit)
        usage = usage + result.usage
        hops += 1
        if result.ended_by is None:
            transcript.append(say(team.memory, f"said:{hops}", sender=slug, receiver=PERSON, text=result.text))
            return TeamResult(result, slug, tuple(transcript), usage, hops - 1)
        receiver, reason = _receiver(result.ended_by)
        transcript.append(say(team.memory, f"said:{hops}", sender=slug, receiver=receiver, text=reason))
        messages = (*messages, *_retold(team.name(slug), result, reason))
        slug = receiver


def _receiver(use: ToolUse) -> tuple[str, str]:
    reason = use.arguments.get("reason") if isinstance(use.arguments, dict) else ""
    return use.name.removeprefix(HAND_OVER), str(reason or "")


def _retold(name: str, result: TurnResult, reason: str) -> list[Message]:
    """What the one before said and found out, as plain words: the next one has other tools."""
    said = [f"{name}: {message.content}" for message in result.messages if message.role == "assistant" and message.content.strip()]
    found = [
        f"{name} used {use.name}: {use.result if use.error is None else use.error}" for use in result.tool_uses if use != result.ended_by
    ]
    earlier = [Message("assistant", "\n".join([*said, *found])[:MAX_SAID])] if said or found else []
    return [*earlier, Message("user", f"[{name} handed this conversation over to you. {reason}]")]


# --- both -------------------------------------------------------------------------------------------------------------------


def with_tools(turn: Turn, tools: Sequence[Colleague] | Sequence[HandOver], *, ends: bool = False) -> Turn:
    """The turn with the other agents among its tools; with `ends` it is over as soon as one of them is called."""
    names = [tool.schema.name for tool in (*turn.tools, *tools)]
    if len(set(names)) < len(names):
        raise Permanent("ambiguous_tools", "A tool of the agent has the same name as a way to reach another agent. Rename one.")
    ending = frozenset(tool.schema.name for tool in tools) if ends else frozenset[str]()
    return Turn(
        models=turn.models,
        system=turn.system,
        messages=turn.messages,
        tools=(*turn.tools, *tools),
        temperature=turn.temperature,
        limits=turn.limits,
        output_schema=turn.output_schema,
        idempotency_key=turn.idempotency_key,
        ending_tools=ending,
        agent=turn.agent,
    )
