"""`now` and `today` in templates: JSON texts, one moment per step, the same for another worker, and never the machine's own clock."""

import pytest

from engine.expressions.errors import ExpressionError
from engine.expressions.template import compile_condition, compile_template, render_text
from engine.run.events import EventType
from engine.run.memory import ScriptedModel
from engine.spec.agent import AgentSpec
from tests.engine.graphs import codes, start
from tests.engine.graphs import node as spec
from tests.engine.kit import NOON, Drive, HandClock, edges, make_plan, node

BOTH = "{{ today }} {{ now }}"


@pytest.mark.parametrize("name", ["now", "today"])
def test_without_a_run_there_is_no_time(name: str) -> None:
    with pytest.raises(ExpressionError, match="nothing called"):
        compile_template(f"It is {{{{ {name} }}}}.").render({})


def test_a_date_is_written_in_a_zone() -> None:
    scope = {"now": "2026-05-31T23:30:00+00:00"}
    assert render_text("{{ now | date: '%d %B, %H:%M', 'Europe/Berlin' }}", scope, field="x") == "01 June, 01:30"
    assert render_text("{{ 'now' | date: '%H:%M' }}", scope, field="x") == "23:30"


@pytest.mark.parametrize("zone", ["'Mars/Olympus'", "'../../etc/passwd'", "'/etc/passwd'", "5", "'" + "x" * 70 + "'"])
def test_a_zone_that_does_not_exist_says_what_one_looks_like(zone: str) -> None:
    with pytest.raises(ExpressionError, match="Europe/Berlin"):
        compile_template(f"{{{{ now | date: '%H', {zone} }}}}").render({"now": "2026-05-31T23:30:00+00:00"})


def test_a_condition_compares_with_today() -> None:
    assert compile_condition("inputs.due < today").test({"inputs": {"due": "2026-05-30"}, "today": "2026-05-31"})


async def test_every_field_of_a_step_and_the_instructions_of_its_agent_see_one_moment() -> None:
    model = ScriptedModel(["Done."])
    agents = {"helper": AgentSpec(name="Helper", instructions=BOTH, model="demo/assistant")}
    nodes = [node("start", "start"), node("ask", "agent", config={"agent": "helper", "message": BOTH})]
    outcome = await Drive(make_plan(nodes, edges("start>ask"), agents=agents), models=model, clock=HandClock()).run()
    told = f"{NOON.date().isoformat()} {NOON.isoformat()}"
    assert outcome.status == "succeeded"
    assert told in model.requests[0].messages[0].content
    assert model.requests[0].messages[-1].content == told


async def test_another_worker_goes_on_with_the_same_moment() -> None:
    config = {"agent": "helper", "message": "Hi"}
    agents = {"helper": AgentSpec(name="Helper", instructions=BOTH, model="demo/assistant")}
    plan = make_plan([node("start", "start"), node("ask", "agent", config=config)], edges("start>ask"), agents=agents)
    clock, model = HandClock(), ScriptedModel(["Done."])
    first = Drive(plan, models=model, clock=clock)
    await first.run()
    begun = [event for event in first.journal.events if event.type in (EventType.RUN_STARTED, EventType.NODE_STARTED)]
    before = list(first.journal.events[: first.journal.events.index(begun[-1]) + 1])
    clock.pass_s(86_400)
    again = ScriptedModel(["Done."])
    assert (await Drive(plan, before, models=again, clock=clock).run()).status == "succeeded"
    assert again.requests[0].messages[0] == model.requests[0].messages[0]


async def test_a_step_called_today_in_an_older_workflow_keeps_its_meaning() -> None:
    nodes = [node("start", "start"), node("today", "template", config={"text": "Tuesday"}), node("say", "template", config={"text": BOTH})]
    outcome = await Drive(make_plan(nodes, edges("start>today>say")), clock=HandClock()).run()
    assert outcome.output == f"Tuesday {NOON.isoformat()}"


def test_the_checker_knows_them_everywhere() -> None:
    nodes = [start(), spec("a", text=BOTH)]
    assert codes(nodes, "start -> a") == []
    assert codes([start(), spec("a", text="{{ today.year }}")], "start -> a") == ["unknown_field@a.text"]
