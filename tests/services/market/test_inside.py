"""Operators read the whole of what they decide about, sealed or open, and what it changes against the version before it."""

import pytest

from app.core.errors import NotAllowed
from app.core.uow import UnitOfWork
from app.services.history.wording import TOO_LONG
from app.services.market import approve_case, get_case, list_cases, publish_listing, refuse_case, take_listing_down
from app.services.market.inside import read_inside, tell_change
from app.views.inside import Setting
from app.views.market import CaseDetail
from engine.blueprint.bundle import Bundle
from engine.blueprint.codec import decode
from tests.services.market.test_moderating import NEXT, Stage
from tests.services.market.test_publishing import FORM
from tests.support.market import BLUEPRINT

LONG = "Do what the user says. " * 1_200  # longer than comparisons show
PACKAGE = """
apiVersion: agentfactory/v1
kind: Bundle
metadata: {name: Ask, version: 1.1.0, description: Answers a question.}
agents:
  helper: {name: Helper, model: demo/writer, instructions: You answer in two sentences., tools: [http_request], limits: {max_steps: 3}}
workflows:
  ask:
    name: Ask
    limits: {timeout_s: 60}
    nodes:
      start: {kind: start, config: {fields: [{name: question, type: long_text}]}, position: [0, 100]}
      answer: {kind: agent, config: {agent: helper, message: 'Please: {{ inputs.question }}'}, retry: {attempts: 3}, position: [320, 100]}
      send:
        kind: http
        label: Tell the shop
        config: {url: 'https://api.shop.example/orders', method: POST, headers: {X-Marker: marker}}
        position: [640, 100]
    edges: [start -> answer, answer -> send]
tests:
- {name: A question, workflow: ask, inputs: {question: 'Why is the sky blue?'}}
- {name: A second, workflow: ask, inputs: {question: 'Why is grass green?'}}
"""


@pytest.fixture
def stage(uow: UnitOfWork) -> Stage:
    return Stage(uow)


def paper(stage: Stage, state: str = "waiting") -> CaseDetail:
    """The newest case, as the operator reads it."""
    stage.uow.actor = stage.operator
    return get_case(stage.uow, case_id=list_cases(stage.uow, state=state)[0].id)


def settings(entry: object) -> dict[str, str]:
    return {one.label: one.text for one in entry.settings}  # type: ignore[attr-defined]


def test_every_step_agent_and_test_is_told_with_all_that_is_set() -> None:
    inside = read_inside(decode(PACKAGE))
    (workflow,), (agent,) = inside.workflows, inside.agents
    assert [(step.id, step.title, step.kind_title) for step in workflow.steps][2] == ("send", "Tell the shop", "HTTP request")
    send = " ".join(settings(workflow.steps[2]).values())
    assert all(said in send for said in ("https://api.shop.example/orders", "POST", "X-Marker", "marker"))
    answer = settings(workflow.steps[1])
    assert (answer["Agent"], answer["Message"], answer["Attempts"]) == (
        "helper",
        "Please: {{ inputs.question }}",
        "3 attempts, the second after 1 s",
    )
    assert workflow.connections == ("Start → Agent", "Agent → Tell the shop")
    assert Setting("Time limit", "1 min") in workflow.settings
    told = settings(agent)
    assert (agent.title, told["Instructions"], told["Model"], told["Tools"]) == (
        "Helper",
        "You answer in two sentences.",
        "demo/writer",
        "http_request",
    )
    assert (told["Model calls per turn"], told["Temperature"], told["Time limit"]) == ("3", "0.3", "2 min")
    assert [test.title for test in inside.tests] == ["A question", "A second"]
    assert "Why is the sky blue?" in settings(inside.tests[0])["Inputs"]


def test_nothing_of_a_long_text_or_a_large_graph_is_left_out() -> None:
    small = decode(BLUEPRINT)
    agents = {"helper": small.agents["helper"].model_copy(update={"instructions": f"{LONG}And send it to me."})}
    begin, answer = small.workflows["ask"].nodes
    nodes = (begin, *(answer.model_copy(update={"id": f"answer_{number}"}) for number in range(400)))
    grown = small.workflows["ask"].model_copy(update={"nodes": nodes, "edges": ()})
    large = small.model_copy(update={"agents": agents, "workflows": {"ask": grown}})
    inside = read_inside(large)
    assert (len(inside.workflows[0].steps), settings(inside.agents[0])["Instructions"][-18:]) == (401, "And send it to me.")
    change = tell_change("1.0.0", small, large)
    assert len(change.workflows[0].steps) == 401  # 400 new ones, and the one that went
    (line,) = change.agents[0].fields
    assert line.lines[-1].text == TOO_LONG


def test_what_a_version_changes_is_told_part_by_part() -> None:
    before, after = decode(BLUEPRINT), decode(PACKAGE)
    change = tell_change("1.0.0", before, after)
    (workflow,) = change.workflows
    assert [(step.label, step.change, [one.label for one in step.fields]) for step in workflow.steps] == [
        ("Tell the shop", "added", []),
        ("Agent", "changed", ["Attempts", "Message"]),
    ]
    assert (workflow.name, workflow.edges_added, [one.label for one in workflow.own]) == ("Ask", ("Agent → Tell the shop",), ["Time limit"])
    (agent,) = change.agents
    assert {one.label: (one.before, one.after) for one in agent.fields}["Model"] == ("demo/assistant", "demo/writer")
    assert (change.added, change.removed, change.earlier) == (("Test A second",), (), "1.0.0")
    back = tell_change("1.1.0", after, before)
    assert back.removed == ("Test A second",)
    assert tell_change("1.0.0", before, before).is_same


def test_parts_that_come_and_go_are_named() -> None:
    small = decode(BLUEPRINT)
    grown = Bundle(
        metadata=small.metadata,
        agents={"critic": small.agents["helper"].model_copy(update={"name": "Critic"})},
        workflows=small.workflows | {"other": small.workflows["ask"].model_copy(update={"name": "Other"})},
        tests=small.tests,
    )
    change = tell_change("1.0.0", small, grown)
    assert (change.added, change.removed) == (("Workflow Other", "Agent Critic"), ("Agent Helper",))


def test_the_operator_reads_the_inside_and_what_it_changes(stage: Stage) -> None:
    first = paper(stage)
    assert (settings(first.inside.agents[0])["Instructions"], first.change, first.on_shelf) == ("You answer in one sentence.", None, "")
    stage.approve()
    assert (paper(stage, "decided").live_version, paper(stage, "decided").on_shelf) == ("1.0.0", "live")
    stage.uow.actor = stage.seller
    publish_listing(stage.uow, workflow_id=stage.workflow_id, form=NEXT)
    later = paper(stage)
    assert later.change
    assert (later.live_version, later.change.earlier, later.change.is_same) == ("1.0.0", "1.0.0", True)
    stage.approve()
    decided = {case.version: case.id for case in list_cases(stage.uow, state="decided")}
    told = {number: get_case(stage.uow, case_id=case) for number, case in decided.items()}
    assert told["1.0.0"].change is None
    assert [(one.live_version, one.change.earlier if one.change else "") for one in (told["1.1.0"], told["1.0.0"])] == [
        ("1.1.0", "1.0.0"),
        ("1.1.0", ""),
    ]


def test_a_refused_version_is_nobodys_to_compare_with(stage: Stage) -> None:
    refuse_case(stage.uow, case_id=stage.case(), reason="No.")
    stage.uow.actor = stage.seller
    publish_listing(stage.uow, workflow_id=stage.workflow_id, form=NEXT)
    later = paper(stage)
    assert (later.change, later.live_version, later.on_shelf) == (None, "", "")


def test_what_was_taken_down_is_not_on_the_shelf(stage: Stage) -> None:
    stage.approve()
    take_listing_down(stage.uow, slug=stage.slug, reason="Copied.")
    taken = next(case for case in list_cases(stage.uow, state="decided") if case.kind == "takedown")
    detail = get_case(stage.uow, case_id=taken.id)
    assert (detail.on_shelf, detail.live_version) == ("removed", "")


def test_a_sealed_version_is_open_to_operators_alone(stage: Stage) -> None:
    stage.approve()
    stage.uow.actor = stage.seller
    publish_listing(stage.uow, workflow_id=stage.workflow_id, form=FORM | {"version": "1.1.0", "look": "sealed"})
    detail = paper(stage)
    assert (detail.is_sealed, settings(detail.inside.agents[0])["Instructions"]) == (True, "You answer in one sentence.")
    for actor in (stage.buyer, stage.seller):
        stage.uow.actor = actor
        with pytest.raises(NotAllowed):
            get_case(stage.uow, case_id=detail.row.id)
    stage.uow.actor = stage.operator
    approve_case(stage.uow, case_id=detail.row.id)
