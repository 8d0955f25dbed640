"""The agent's turn: tools, structured answers, fallbacks, limits, and what a watcher sees."""

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from engine.agents.loop import run_turn
from engine.agents.schemas import parse_answer, problems
from engine.agents.turn import Forgetful, Turn, TurnResult, system_prompt
from engine.errors import LimitExceeded, NodeFailed, Permanent, Transient
from engine.json import JsonObject, JsonValue
from engine.ports import Message, ModelReply, ModelRequest, ToolCall, ToolSchema, Usage
from engine.run.memory import ScriptedModel
from engine.spec.agent import AgentLimits, AgentSpec

SCHEMA: JsonObject = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}


class Echo:
    """Gives its argument back; `boom` fails on purpose, `crash` by accident."""

    def __init__(self, name: str = "echo") -> None:
        self.name = name
        self.inside = 0
        self.most = 0

    @property
    def schema(self) -> ToolSchema:
        parameters = {"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"], "additionalProperties": False}
        return ToolSchema(self.name, "Echo.", parameters)

    async def call(self, arguments: JsonObject) -> JsonValue:
        self.inside += 1
        self.most = max(self.most, self.inside)
        await asyncio.sleep(0)
        self.inside -= 1
        if arguments["text"] == "boom":
            raise Permanent("boom", "The tool is broken.")
        if arguments["text"] == "crash":
            raise ZeroDivisionError("inner secret")
        return arguments["text"]


def calls(*texts: str, name: str = "echo") -> ModelReply:
    tool_calls = tuple(ToolCall(f"c{index}", name, text) for index, text in enumerate(texts))
    return ModelReply("", tool_calls, Usage(10, 2, 7, 1))


def answer(text: str, finish: str = "stop") -> ModelReply:
    return ModelReply(text, (), Usage(5, 3, 2, 1), finish)


async def take(model: ScriptedModel, *, emit: Any = None, **turn: Any) -> TurnResult:
    settings: dict[str, Any] = {"models": ("m1",), "system": "Be brief.", "messages": (Message("user", "Hi"),), **turn}
    return await run_turn(Turn(**settings), models=model, memory=Forgetful(), emit=emit)


def told(request: ModelRequest) -> list[str]:
    return [message.content for message in request.messages if message.role == "tool"]


async def test_an_answer_without_tools_ends_the_turn() -> None:
    model = ScriptedModel([answer("Hello.")])
    result = await take(model)
    assert (result.text, result.usage, result.model) == ("Hello.", Usage(5, 3, 2, 1), "m1")
    assert [message.role for message in model.requests[0].messages] == ["system", "user"]


async def test_tools_run_side_by_side_and_their_results_go_back_in_order() -> None:
    model = ScriptedModel([calls('{"text": "a"}', '{"text": "b"}', '{"text": "c"}'), answer("Done.")])
    echo = Echo()
    result = await take(model, tools=(echo,))
    assert echo.most == 3
    assert told(model.requests[1]) == ["a", "b", "c"]
    assert [use.result for use in result.tool_uses] == ["a", "b", "c"]
    assert result.usage == Usage(15, 5, 9, 2)
    assert [message.role for message in result.messages] == ["assistant", "tool", "tool", "tool", "assistant"]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ("not json", "not valid JSON"),
        ("[1]", "must be a JSON object"),
        ("{}", "'text' is missing"),
        ('{"text": 5}', "text: 5 is not a text"),
        ('{"text": "a", "more": 1}', "Additional properties are not allowed"),
        ('{"text": "boom"}', "The tool is broken."),
        ('{"text": "crash"}', "The tool failed unexpectedly."),
    ],
)
async def test_what_goes_wrong_with_a_tool_is_told_to_the_model(arguments: str, says: str) -> None:
    model = ScriptedModel([calls(arguments), answer("I see.")])
    result = await take(model, tools=(Echo(),))
    assert says in told(model.requests[1])[0]
    assert "inner secret" not in told(model.requests[1])[0]
    assert result.text == "I see."


async def test_a_tool_that_was_not_granted_is_not_run() -> None:
    model = ScriptedModel([calls("{}", name="send_email"), answer("I cannot.")])
    await take(model, tools=(Echo(),))
    assert "There is no tool 'send_email'. Tools: echo." in told(model.requests[1])[0]


async def test_a_huge_tool_result_is_cut_and_says_so() -> None:
    model = ScriptedModel([calls('{"text": "' + "x" * 60_000 + '"}'), answer("ok")])
    await take(model, tools=(Echo(),))
    assert told(model.requests[1])[0].endswith("[cut: the result has 60,000 characters]")


async def test_the_last_model_call_must_answer_and_gets_no_tools() -> None:
    model = ScriptedModel([calls('{"text": "a"}'), answer("Enough.")])
    result = await take(model, tools=(Echo(),), limits=AgentLimits(max_steps=2))
    assert (model.requests[0].tools != (), model.requests[1].tools) == (True, ())
    assert result.text == "Enough."


async def test_a_model_that_never_answers_is_stopped() -> None:
    model = ScriptedModel([calls('{"text": "a"}') for _ in range(9)])
    with pytest.raises(LimitExceeded, match="used tools 3 times"):
        await take(model, tools=(Echo(),), limits=AgentLimits(max_steps=3))
    assert len(model.requests) == 3


async def test_a_turn_that_takes_too_long_is_stopped() -> None:
    with pytest.raises(LimitExceeded, match="longer than its limit"):
        await take(ScriptedModel([answer("late")], delay_s=30), limits=AgentLimits.model_construct(timeout_s=0.01, max_steps=1))


@pytest.mark.parametrize("text", ['{"n": 4}', '```json\n{"n": 4}\n```', 'Here you are: {"n": 4} - as asked', ' {"n":4}\n'])
async def test_a_structured_answer_is_read(text: str) -> None:
    result = await take(ScriptedModel([answer(text)]), output_schema=SCHEMA)
    assert result.data == {"n": 4}


async def test_an_answer_that_does_not_fit_gets_one_chance_to_be_mended() -> None:
    model = ScriptedModel([answer('{"n": "four"}'), answer('{"n": 4}')])
    result = await take(model, output_schema=SCHEMA)
    assert result.data == {"n": 4}
    assert result.usage.calls == 2
    assert 'n: "four" is not a whole number' in model.requests[1].messages[-1].content


async def test_an_answer_that_never_fits_fails_the_turn() -> None:
    with pytest.raises(Permanent) as caught:
        await take(ScriptedModel([answer("no"), answer("still no")]), output_schema=SCHEMA)
    assert caught.value.code == "answer_invalid"


async def test_an_answer_that_was_cut_off_is_not_taken_for_a_whole_one() -> None:
    model = ScriptedModel([answer('{"n": 4}', "length"), answer('{"n": 5}')])
    assert (await take(model, output_schema=SCHEMA)).data == {"n": 5}
    with pytest.raises(LimitExceeded):
        await take(ScriptedModel([answer("", "length")]))


async def test_the_next_model_is_asked_when_one_is_overloaded() -> None:
    model = ScriptedModel([Transient("busy", "Busy."), answer("From the second.")])
    result = await take(model, models=("m1", "m2"))
    assert [request.model for request in model.requests] == ["m1", "m2"]
    assert result.model == "m2"


@pytest.mark.parametrize("error", [Permanent("auth", "Bad key."), Transient("busy", "Busy.")])
async def test_without_another_model_the_failure_stands(error: NodeFailed) -> None:
    with pytest.raises(type(error)):
        await take(ScriptedModel([error]))


async def test_a_watcher_sees_text_tools_and_results_as_they_come() -> None:
    seen: list[tuple[str, Mapping[str, Any]]] = []
    model = ScriptedModel([calls('{"text": "a"}'), answer("two words")])
    await take(model, tools=(Echo(),), emit=lambda kind, payload: seen.append((kind, payload)))
    assert [kind for kind, _ in seen] == ["tool_call", "tool_result", "text", "text"]
    assert seen[0][1]["name"] == "echo"
    assert seen[1][1]["result"] == "a"


async def test_text_of_a_model_that_broke_off_is_taken_back() -> None:
    class Breaking:
        """Streams a little, then breaks; the second model answers."""

        async def complete(self, request: ModelRequest, *, on_text: Any = None) -> ModelReply:
            on_text("par")
            if request.model == "m1":
                raise Transient("cut", "Cut.")
            return answer("par excellence")

    seen: list[str] = []
    turn = Turn(models=("m1", "m2"), system="", messages=())
    await run_turn(turn, models=Breaking(), memory=Forgetful(), emit=lambda kind, _: seen.append(kind))
    assert seen == ["text", "reset", "text"]


class Remembering(Forgetful):
    """Keeps what is recorded."""

    def __init__(self) -> None:
        self.facts: dict[str, JsonObject] = {}

    def record(self, key: str, fact: JsonObject) -> None:
        self.facts[key] = fact


class Endless:
    """Streams words until it is stopped or breaks."""

    def __init__(self, error: BaseException | None = None) -> None:
        self.error = error
        self.begun = asyncio.Event()

    async def complete(self, request: ModelRequest, *, on_text: Any = None) -> ModelReply:
        for word in ("Once ", "upon\x00 ", "a time"):
            on_text(word)
        self.begun.set()
        if self.error is not None:
            raise self.error
        await asyncio.Event().wait()
        return answer("never")


async def test_what_was_said_before_a_stop_is_recorded() -> None:
    model, memory = Endless(), Remembering()
    taking = asyncio.create_task(run_turn(Turn(models=("m1",), system="", messages=()), models=model, memory=memory, emit=lambda *_: None))
    await model.begun.wait()
    taking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await taking
    fact = memory.facts["partial:0"]
    assert (fact["type"], fact["call"], fact["model"], fact["text"]) == ("partial", 0, "m1", "Once upon\ufffd a time")
    assert "usage" not in fact, "these models cannot tell what a broken-off answer used"


class Counting(Endless):
    """Can tell what a broken-off answer used."""

    def estimate_usage(self, request: ModelRequest, said: str) -> Usage:
        return Usage(len(request.messages), len(said.split()), 5, 1, is_estimated=True)


async def test_a_stopped_answer_is_paid_for_by_an_estimate() -> None:
    model, memory = Counting(), Remembering()
    hello = Message("user", "Tell me a story")
    running = run_turn(Turn(models=("m1",), system="", messages=(hello,)), models=model, memory=memory, emit=lambda *_: None)
    taking = asyncio.create_task(running)
    await model.begun.wait()
    taking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await taking
    fact = memory.facts["partial:0"]
    assert fact["usage"] == {"input_tokens": 1, "output_tokens": 4, "cost_micros": 5, "calls": 1, "is_estimated": True}
    assert [message["content"] for message in fact["request"]["messages"]] == ["Tell me a story"]


async def test_what_was_said_before_a_failure_is_recorded_and_stays_with_the_watcher() -> None:
    seen: list[str] = []
    memory = Remembering()
    turn = Turn(models=("m1", "m2"), system="", messages=())
    with pytest.raises(Transient):
        await run_turn(turn, models=Endless(Transient("cut", "Cut.")), memory=memory, emit=lambda kind, _: seen.append(kind))
    assert memory.facts["partial:0"]["text"] == "Once upon\ufffd a time", "the last model's words only"
    assert seen == ["text"] * 3 + ["reset"] + ["text"] * 3


def test_the_system_prompt_names_the_agent_and_its_role() -> None:
    assert system_prompt(AgentSpec(name="Ann", role="triage specialist"), " Sort mail. ") == "You are Ann, triage specialist.\n\nSort mail."
    assert system_prompt(AgentSpec(), "") == ""


@pytest.mark.parametrize(
    "schema",
    [
        {"$ref": "#"},
        {"$ref": "http://127.0.0.1:1/schema.json"},
        {"type": 5},
        {"$defs": {f"d{n}": {"allOf": [{"$ref": f"#/$defs/d{n + 1}"}] * 2} for n in range(40)}, "$ref": "#/$defs/d0"},
    ],
)
def test_a_hostile_schema_is_a_typed_error(schema: JsonObject) -> None:
    with pytest.raises(Permanent) as caught:
        problems({"a": 1}, schema)
    assert caught.value.code == "schema_invalid"


def test_patterns_of_authors_are_never_run() -> None:
    schema = {
        "type": "object",
        "patternProperties": {"(a+)+$": {}},
        "properties": {"pattern": {"pattern": "(a+)+$"}},
        "additionalProperties": False,
    }
    assert problems({"pattern": "a" * 60 + "!"}, schema) == []


def test_an_answer_without_json_is_refused() -> None:
    with pytest.raises(ValueError, match="Expecting value"):
        parse_answer("I would rather not.")


async def test_what_models_and_tools_say_can_always_be_stored() -> None:
    model = ScriptedModel([calls('{"text": "a\\u0000\\ud800b"}'), answer("x\x00y\ud800z")])
    result = await take(model, tools=(Echo(),))
    assert result.text == "x\ufffdy?z"
    assert result.tool_uses[0].result == "a\ufffd?b"


class Notebook(Forgetful):
    """Remembers what was recorded."""

    def __init__(self) -> None:
        self.facts: dict[str, JsonObject] = {}

    def record(self, key: str, fact: JsonObject) -> None:
        self.facts[key] = fact


async def test_the_journal_says_once_what_each_model_call_was_told() -> None:
    notebook = Notebook()
    long = "x" * 30_000
    said = tuple(Message("user", f"m{index}") for index in range(40))
    model = ScriptedModel([calls('{"text": "a"}'), answer("done")])
    turn = Turn(models=("m1",), system="Be brief.", messages=(*said, Message("user", long)), tools=(Echo(),), temperature=0.5)
    await run_turn(turn, models=model, memory=notebook)
    first, second = notebook.facts["model:0"]["request"], notebook.facts["model:1"]["request"]
    assert first["messages"][0] == {"role": "system", "content": "Be brief."}
    assert (len(first["messages"]), first["left_out"]) == (30, 12)
    assert first["messages"][-1]["content"].endswith("[cut: 30,000 characters]")
    assert (first["model"], first["tools"], first["temperature"]) == ("m1", ["echo"], 0.5)
    assert second["messages"] == [{"role": "tool", "content": "a", "name": "echo"}]
