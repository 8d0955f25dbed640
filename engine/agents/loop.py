"""The agent's turn: ask the model, run the tools it wants, tell it the results, until it answers; the agent node and the chat call it."""

import asyncio
from dataclasses import dataclass, field

from engine.agents.calls import ask
from engine.agents.schemas import parse_answer, problems
from engine.agents.tool_calls import call_tool, tool_message
from engine.agents.turn import Emit, Memory, ToolUse, Turn, TurnResult
from engine.errors import Held, LimitExceeded, Permanent
from engine.json import JsonValue, clean_value
from engine.ports import NO_USAGE, LanguageModel, Message, ModelReply, ModelRequest, Tool, ToolSchema, Usage

LONGEST_CALL_S = 120.0
MAX_TOOL_CALLS_AT_ONCE = 16


async def run_turn(turn: Turn, *, models: LanguageModel, memory: Memory, emit: Emit | None = None) -> TurnResult:
    """Take the turn. Raises what the models raise, LimitExceeded, or Permanent `answer_invalid` when the answer never fits the schema."""
    limit = turn.limits.timeout_s
    timer = asyncio.timeout(limit)
    try:
        async with timer:
            return await _Taking(turn, models, memory, emit).take()
    except TimeoutError as error:
        if not timer.expired():
            raise
        raise LimitExceeded("turn_timeout", f"The agent took longer than its limit of {limit:g} seconds.") from error


@dataclass(slots=True)
class _Taking:
    """One turn on its way."""

    turn: Turn
    models: LanguageModel
    memory: Memory
    emit: Emit | None
    said: list[Message] = field(default_factory=list[Message])
    uses: list[ToolUse] = field(default_factory=list[ToolUse])
    usage: Usage = NO_USAGE
    calls: int = 0
    told: int = 0

    async def take(self) -> TurnResult:
        tools = {tool.schema.name: tool for tool in self.turn.tools}
        steps = self.turn.limits.max_steps
        for step in range(steps):
            must_answer = step == steps - 1 and step > 0
            reply = await self._ask([] if must_answer else [tool.schema for tool in tools.values()])
            if not reply.tool_calls:
                return await self._answer(reply)
            ending = await self._use_tools(reply, tools, step)
            if ending is not None:
                return TurnResult("", None, tuple(self.uses), self.usage, reply.model, tuple(self.said), ending)
        message = f"The agent used tools {steps} times without answering. Allow more model calls per turn or simplify its task."
        raise LimitExceeded("too_many_model_calls", message)

    async def _ask(self, tools: list[ToolSchema]) -> ModelReply:
        turn = self.turn
        system = (Message("system", turn.system),) if turn.system else ()
        request = ModelRequest(
            model=turn.models[0],
            messages=(*system, *turn.messages, *self.said),
            tools=tuple(tools),
            temperature=turn.temperature,
            max_tokens=turn.limits.max_output_tokens,
            response_schema=turn.output_schema,
            timeout_s=min(LONGEST_CALL_S, turn.limits.timeout_s / len(turn.models)),
            idempotency_key=f"{turn.idempotency_key}:{self.calls}" if turn.idempotency_key else None,
            agent=turn.agent,
        )
        reply = await ask(
            request, models=self.models, fallbacks=turn.models[1:], memory=self.memory, emit=self.emit, call=self.calls, told=self.told
        )
        self.calls += 1
        self.told = len(request.messages) + 1
        self.usage = self.usage + reply.usage
        self.said.append(Message("assistant", reply.text, reply.tool_calls))
        return reply

    async def _use_tools(self, reply: ModelReply, tools: dict[str, Tool], step: int) -> ToolUse | None:
        """Run them all; the first that ends the turn is given back."""
        if len(reply.tool_calls) > MAX_TOOL_CALLS_AT_ONCE:
            raise LimitExceeded("too_many_tool_calls", f"The model asked for {len(reply.tool_calls)} tool calls at once.")
        running: list[asyncio.Task[ToolUse]] = []
        held: BaseException | None = None  # another agent, asked as a tool, has to wait: so has whoever asked
        try:
            async with asyncio.TaskGroup() as group:
                running = [
                    group.create_task(call_tool(call, tools, memory=self.memory, emit=self.emit, key=f"tool:{step}:{index}"))
                    for index, call in enumerate(reply.tool_calls)
                ]
        except* Held as waits:
            held = waits.exceptions[0]
        if held is not None:
            raise held
        used = [task.result() for task in running]
        self.uses.extend(used)
        self.said.extend(tool_message(use) for use in used)
        return next((use for use in used if use.name in self.turn.ending_tools and use.error is None), None)

    async def _answer(self, reply: ModelReply) -> TurnResult:
        schema = self.turn.output_schema
        if schema is None:
            return self._result(reply, None)
        data, wrong = _judge(reply, schema)
        if wrong:
            listed = "\n".join(f"- {problem}" for problem in wrong)
            text = f"Your answer does not fit the required JSON Schema:\n{listed}\nAnswer again with the corrected JSON only."
            self.said.append(Message("user", text))
            if self.emit is not None:
                self.emit("reset", {})
            reply = await self._ask([])
            data, wrong = _judge(reply, schema)
        if wrong:
            raise Permanent("answer_invalid", f"The model's answer does not fit the required schema: {'; '.join(wrong)}")
        return self._result(reply, data)

    def _result(self, reply: ModelReply, data: JsonValue) -> TurnResult:
        if reply.finish_reason == "length" and not reply.text:
            raise LimitExceeded("answer_cut_off", "The model reached its answer length before it said anything. Allow longer answers.")
        return TurnResult(reply.text, data, tuple(self.uses), self.usage, reply.model, tuple(self.said))


def _judge(reply: ModelReply, schema: dict[str, JsonValue]) -> tuple[JsonValue, list[str]]:
    """The answer's value, and what is wrong with it."""
    if reply.finish_reason == "length":
        return None, ["the answer was cut off because it is too long"]
    try:
        data = clean_value(parse_answer(reply.text))
    except (ValueError, RecursionError):
        return None, ["the answer is not JSON"]
    return data, problems(data, schema)
