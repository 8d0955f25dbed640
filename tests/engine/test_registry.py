"""Every node kind, tool and widget keeps its promises to the palette, the inspector and old workflows."""

from typing import Any

import jsonschema
import pytest

from engine.nodes.base import Effect, NodeKind, widget_of
from engine.nodes.registry import ALL, KINDS
from engine.run.memory import ScriptedModel
from engine.spec.agent import AgentSpec
from engine.spec.workflow import CalledWorkflow
from engine.tools.registry import ALL as TOOLS
from engine.tools.registry import BuiltinTools
from tests.engine.kit import Drive, HandClock, make_plan, node
from tests.engine.test_kinds import FakeCode, FakeHttp, reply

CATEGORIES = {"start", "ai", "logic", "data", "people", "end"}
WIDGETS = {
    "text", "textarea", "number", "toggle", "select", "template", "value", "condition", "late_template", "late_value", "code", "model",
    "models", "agent", "agents", "tools", "node",
    "nodes", "schema", "credential", "key_values", "values", "json", "cases", "buttons", "form_fields", "duration",
    "workflow", "workflow_version", "called_inputs",
}  # fmt: skip
PORTS = {
    "add_entries": ["out"],
    "agent": ["out"],
    "approval": ["approve", "reject"],
    "batch": ["out"],
    "code": ["out"],
    "condition": ["yes", "otherwise"],
    "delay": ["out"],
    "end": [],
    "fail": [],
    "handoff": ["out"],
    "http": ["out"],
    "leave": [],
    "llm": ["out"],
    "loop": ["out"],
    "map": ["out"],
    "merge": ["out"],
    "milestone": ["open", "late"],
    "note": [],
    "region": ["out"],
    "respond": ["out"],
    "router": ["case_1", "otherwise"],
    "set_variables": ["out"],
    "start": ["out"],
    "stop": ["out"],
    "supervisor": ["out"],
    "switch": ["case_1", "otherwise"],
    "template": ["out"],
    "signal": ["out"],
    "wait": ["out"],
    "workflow": ["out"],
}
"""Port names of fresh nodes: saved workflows name them, so they never change."""

EXAMPLES: dict[str, dict[str, Any]] = {
    "agent": {"agent": "ann", "message": "Hi"},
    "batch": {"items": [1]},
    "code": {"source": "sum(numbers)", "inputs": {"numbers": [1]}},
    "condition": {"cases": [{"id": "yes", "condition": "1 == 1"}]},
    "handoff": {"agent": "ann", "agents": ["bob"], "message": "Hi"},
    "http": {"url": "https://x.test"},
    "llm": {"prompt": "Hi"},
    "loop": {"condition": "true"},
    "map": {"items": [1]},
    "milestone": {"step_id": "n"},
    "router": {"text": "Hi", "classes": [{"id": "case_1"}]},
    "supervisor": {"agent": "ann", "agents": ["bob"], "message": "Hi"},
    "signal": {"key": "paid"},
    "wait": {"key": "paid"},
    "workflow": {"workflow": "other"},
}
REPLIES = {"router": '{"class": "case_1", "reason": "It fits."}'}
ASKING = {"agent", "llm", "router", "supervisor", "handoff"}  # kinds that ask models
INSIDE = {"add_entries", "leave"}  # kinds that mean something in a container only


@pytest.mark.parametrize("kind", ALL, ids=lambda kind: kind.kind)
def test_a_kind_says_what_it_is_in_plain_words(kind: NodeKind[Any]) -> None:
    assert kind.title
    assert kind.title[0].isupper()
    assert kind.summary.endswith(".")
    assert len(kind.summary) <= 90
    assert kind.category in CATEGORIES
    assert kind.icon
    assert type(kind).__doc__


@pytest.mark.parametrize("kind", ALL, ids=lambda kind: kind.kind)
def test_every_setting_of_a_kind_has_a_title_and_a_known_widget(kind: NodeKind[Any]) -> None:
    for name, info in kind.config_type.model_fields.items():
        assert info.title, f"{kind.kind}.{name} has no title"
        widget = widget_of(info)
        if widget is None:
            continue
        assert widget.name in WIDGETS, f"{kind.kind}.{name}: {widget.name}"
        if widget.show_if is not None:
            assert widget.show_if[0] in kind.config_type.model_fields


@pytest.mark.parametrize("kind", ALL, ids=lambda kind: kind.kind)
def test_a_fresh_node_is_valid_and_has_its_stable_ports(kind: NodeKind[Any]) -> None:
    config = kind.config_type()
    assert [port.name for port in kind.ports(config)] == PORTS[kind.kind]
    assert kind.config_type.model_validate(config.model_dump(mode="json")) == config


@pytest.mark.parametrize("kind", [kind for kind in ALL if not kind.is_drawing], ids=lambda kind: kind.kind)
async def test_a_kind_runs_in_a_minimal_graph_and_gives_what_its_schema_says(kind: NodeKind[Any]) -> None:
    agents = {"ann": AgentSpec(name="Ann"), "bob": AgentSpec(name="Bob")}
    around = [node("each", "map", config={"items": [1]})] if kind.kind in INSIDE else []
    parent, iteration = ("each", "0") if around else (None, "")
    called = {"other": CalledWorkflow(name="Other")}
    tested = node("n", kind.kind, config=EXAMPLES.get(kind.kind, {}), parent=parent)
    plan = make_plan([*around, tested], agents=agents, workflows=called)
    deps: dict[str, Any] = {
        "models": ScriptedModel([REPLIES.get(kind.kind, "hello")]),
        "http": FakeHttp(reply()),
        "code": FakeCode(),
        "clock": HandClock(),
    }
    drive = Drive(plan, **deps)
    outcome = await drive.run()
    if kind.kind in ("approval", "delay", "wait", "workflow"):
        assert outcome.status == "waiting"
        return
    if kind.kind == "fail":
        assert outcome.error == {"code": "failed", "message": "The workflow ended with a failure.", "node": "n"}
        return
    assert outcome.status == "succeeded", outcome
    schema = kind.output_schema(plan.nodes["n"].config, agents=agents)
    jsonschema.validate(drive.output("n", iteration), schema)


def test_kinds_are_listed_once_and_say_truly_what_repeating_them_may_do() -> None:
    assert len(KINDS) == len(ALL)
    assert {kind.kind for kind in ALL if kind.effect is not Effect.PURE} == ASKING | {"http"}
    assert {kind.kind for kind in ALL if not kind.immediate and not kind.is_drawing} == ASKING | {"http", "code"}


@pytest.mark.parametrize("kind", TOOLS, ids=lambda tool: tool.name)
def test_a_tool_is_described_for_people_and_for_models(kind: Any) -> None:
    tool = BuiltinTools(FakeHttp(), HandClock()).tools([kind.name])[0]
    assert tool.schema.name == kind.name
    assert kind.title
    assert kind.description.endswith(".")
    assert kind.icon
    assert len(tool.schema.description) > 40
    jsonschema.Draft202012Validator.check_schema(tool.schema.parameters)
    assert tool.schema.parameters["additionalProperties"] is False
