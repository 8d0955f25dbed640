"""Pinned outputs and dry runs: what is not really done, what stands in for it, and that nothing leaves."""

import json
from collections.abc import Sequence
from typing import Any

import pytest

from engine.agents.schemas import problems
from engine.json import JsonObject, JsonValue
from engine.nodes.base import Effect, NodeContext
from engine.nodes.registry import ALL
from engine.nodes.sample import sample
from engine.ports import HttpRequest, HttpResponse, ModelReply, ModelRequest, Tool, ToolCall, ToolSchema
from engine.run.dry import DEMO_MODEL, ReadingHttp, ReadingTools
from engine.run.events import EventType
from engine.run.memory import ScriptedModel
from engine.spec.agent import AgentSpec
from engine.spec.setup import Pin, RunSetup
from tests.engine.kit import NOON, Drive, Step, edges, make_plan, node

DRY = RunSetup(is_dry=True)


class Wire:
    """An HTTP client that remembers what left."""

    def __init__(self) -> None:
        self.sent: list[HttpRequest] = []

    async def send(self, request: HttpRequest) -> HttpResponse:
        """Answer."""
        self.sent.append(request)
        return HttpResponse(200, {"content-type": "application/json"}, b'{"real": true}', request.url)


async def test_a_pinned_step_is_not_run_and_its_output_is_used() -> None:
    step = Step()
    nodes = [node("start", "start"), node("a"), node("b", "template", config={"text": "got {{ a.x }}"})]
    setup = RunSetup(pins={"a": Pin(output={"x": 5})})
    drive = Drive(make_plan(nodes, edges("start>a>b"), step, setup=setup))
    assert (await drive.run()).output == "got 5"
    assert not step.ran
    assert drive.data(EventType.NODE_FINISHED, "a")["source"] == "pinned"


async def test_a_pin_chooses_the_way_out_and_counts_for_every_entry_of_a_list() -> None:
    nodes = [
        node("m", "map", config={"items": [1, 2]}),
        node("f", "condition", parent="m", config={"cases": [{"id": "yes", "condition": "item > 5"}]}),
        node("y", "template", parent="m", config={"text": "yes {{ item }}"}),
    ]
    setup = RunSetup(pins={"f": Pin(output={"case": "yes"}, port="yes")})
    drive = Drive(make_plan(nodes, edges("f.yes>y"), setup=setup))
    assert (await drive.run()).output["results"] == ["yes 1", "yes 2"]  # type: ignore[index]


async def test_a_dry_run_writes_down_a_changing_call_and_does_not_make_it() -> None:
    wire = Wire()
    nodes = [
        node("start", "start"),
        node("look", "http", config={"url": "https://example.com/{{ inputs.id }}"}),
        node("pay", "http", config={"url": "https://example.com/pay/{{ inputs.id }}", "method": "POST"}),
    ]
    drive = Drive(make_plan(nodes, edges("start>look>pay"), setup=DRY), inputs={"id": 7}, http=wire)
    assert (await drive.run()).status == "succeeded"
    assert [request.method for request in wire.sent] == ["GET"]
    paid = drive.data(EventType.NODE_FINISHED, "pay")
    assert paid["source"] == "stubbed"
    assert paid["inputs"] == {"url": "https://example.com/pay/7", "method": "POST"}
    assert paid["output"]["status"] == 200


async def test_a_dry_run_decides_approvals_itself_and_waits_for_nothing() -> None:
    fields = [{"name": "reason", "type": "text"}, {"name": "amount", "type": "integer", "default": 9}]
    nodes = [
        node("start", "start"),
        node("ask", "approval", config={"fields": fields, "expires_s": 60}),
        node("pause", "delay", config={"duration_s": 86_400}),
        node("end", "end", config={"output": "{{ ask.values }}"}),
    ]
    drive = Drive(make_plan(nodes, edges("start>ask", "ask.approve>pause>end"), setup=DRY))
    assert (await drive.run()).output == {"reason": "Example text", "amount": 9}
    assert not drive.of(EventType.NODE_WAITING)
    assert drive.data(EventType.NODE_FINISHED, "pause")["source"] == "stubbed"


async def test_a_stubbed_step_still_fails_where_its_settings_cannot_be_filled_in() -> None:
    nodes = [node("pay", "http", config={"url": "{{ nothing.there | plus: }}", "method": "POST"})]
    outcome = await Drive(make_plan(nodes, setup=DRY)).run()
    assert outcome.status == "failed"


async def test_every_kind_with_an_effect_is_stubbed() -> None:
    step = Step(effect=Effect.EFFECT)
    drive = Drive(make_plan([node("a")], (), step, setup=DRY))
    assert (await drive.run()).status == "succeeded"
    assert not step.ran


async def test_models_answer_as_the_demo_model_when_asked_to() -> None:
    model = ScriptedModel(["hi"])
    plan = make_plan([node("ask", "llm", config={"model": "openai/gpt-5", "prompt": "x"})], setup=RunSetup(is_dry=True, models="demo"))
    await Drive(plan, models=model).run()
    assert [request.model for request in model.requests] == [DEMO_MODEL]


async def test_nothing_that_changes_something_leaves_whoever_calls() -> None:
    wire = Wire()
    guarded = ReadingHttp(wire)
    for method in ("POST", "PUT", "PATCH", "DELETE", "post"):
        assert b"stubbed" in (await guarded.send(HttpRequest(method, "https://example.com"))).body
    assert not wire.sent


class Mailer:
    """A tool that sends something."""

    schema = ToolSchema("send_mail", "Sends.", {"type": "object"})

    def __init__(self) -> None:
        self.sent: list[JsonObject] = []

    async def call(self, arguments: JsonObject) -> JsonValue:
        """Send."""
        self.sent.append(arguments)
        return "sent"


class Box:
    """Grants one tool."""

    def __init__(self, tool: Tool) -> None:
        self.tool = tool

    def tools(self, names: Sequence[str]) -> list[Tool]:
        """It."""
        return [self.tool] if names else []


async def test_an_agent_in_a_dry_run_may_ask_for_tools_that_are_not_called() -> None:
    mailer = Mailer()
    wish = ModelReply("", (ToolCall("1", "send_mail", '{"to": "x"}'),))
    model = ScriptedModel([wish, last_message])
    agents = {"helper": AgentSpec(name="Helper", tools=("send_mail",))}
    plan = make_plan([node("ask", "agent", config={"agent": "helper", "message": "go"})], agents=agents, setup=DRY)
    drive = Drive(plan, models=model, tools=Box(mailer))
    assert "dry run" in str((await drive.run()).output)
    assert not mailer.sent
    assert ReadingTools(Box(mailer)).tools(["send_mail"])[0].schema is mailer.schema


def last_message(request: ModelRequest) -> ModelReply:
    return ModelReply(request.messages[-1].content)


@pytest.mark.parametrize("kind", [kind for kind in ALL if not kind.is_drawing], ids=lambda kind: kind.kind)
def test_the_stub_of_every_kind_fits_its_own_schema_and_ways_out(kind: Any) -> None:
    config = kind.config_type()
    result = kind.stub(config, agents={}, now=NOON)
    ports = [port.name for port in kind.ports(config)]
    assert result.port in (ports or ["out"])
    assert problems(result.output, kind.output_schema(config, agents={})) == []


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({}, None),
        ({"type": "string"}, "Example text"),
        ({"type": "string", "format": "date"}, "2026-03-31"),
        ({"type": ["null", "integer"], "minimum": 5}, 5),
        ({"enum": ["b", "a"]}, "b"),
        ({"const": 0}, 0),
        ({"default": False}, False),
        ({"examples": [3]}, 3),
        ({"type": "array", "items": {"type": "boolean"}, "minItems": 2}, [True, True]),
        ({"properties": {"a": {"type": "number"}}}, {"a": 1}),
        ({"anyOf": [{"type": "string"}, {}]}, "Example text"),
        ({"$ref": "#/$defs/x", "$defs": {"x": {"type": "integer"}}}, 1),
        ({"$ref": "#/$defs/nowhere"}, None),
        ({"$ref": "#"}, None),
        ({"type": "array", "items": {"$ref": "#"}}, [[[[[[[None]]]]]]]),
        ({"type": "string", "minLength": "many"}, "Example text"),
    ],
)
def test_an_example_is_made_of_any_schema(schema: JsonObject, expected: JsonValue) -> None:
    assert sample(schema, now=NOON) == expected


def test_a_schema_that_describes_an_endless_value_is_cut_short() -> None:
    schema: JsonObject = {"type": "object", "properties": {f"p{index}": {"$ref": "#"} for index in range(100)}}
    assert len(json.dumps(sample(schema, now=NOON))) < 100_000


async def test_a_run_without_a_setup_is_untouched_by_all_this() -> None:
    wire = Wire()
    seen: list[object] = []

    async def look(ctx: NodeContext) -> None:
        seen.append(ctx.http)

    await Drive(make_plan([node("a")], (), Step({"a": look})), http=wire).run()
    assert seen == [wire]
