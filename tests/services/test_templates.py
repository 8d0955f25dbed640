"""Every template comes in without a finding, runs offline with the demo models, and gives what it promises."""

from typing import Any

import pytest

from app.core.errors import NotAllowed, NotFound
from app.core.uow import UnitOfWork
from app.services.agents import list_agents
from app.services.templates import FOLDER, TEMPLATES, create_from_template, list_templates, read_template, sample_inputs
from app.services.workflows import get_workflow
from engine.blueprint.bundle import BundleTest
from engine.blueprint.cases import judge
from engine.graph.checker import check
from engine.nodes.fields import read_form
from engine.nodes.registry import KINDS
from engine.nodes.start import StartConfig
from engine.run.events import EventType, JournalEvent
from engine.run.memory import WallClock
from models.workspace import Role
from tests.support.people import make_member
from tests.support.template_runs import run_template

KEYS = [template.key for template in TEMPLATES]
TESTS = [pytest.param(key, test, id=f"{key}: {test.name}") for key in KEYS for test in read_template(key).tests]


def test_the_list_and_the_folder_agree() -> None:
    names = sorted(file.name.removesuffix(".yaml") for file in FOLDER.iterdir() if file.name.endswith(".yaml"))
    assert names == sorted(KEYS)


@pytest.mark.parametrize("key", KEYS)
def test_a_template_is_sound_by_itself(key: str) -> None:
    bundle = read_template(key)
    (spec,) = bundle.workflows.values()
    assert check(spec, kinds=KINDS, agents=bundle.agents) == []
    assert all(agent.model.startswith("demo/") for agent in bundle.agents.values())
    assert all(node.label for node in spec.nodes)
    assert spec.name == bundle.metadata.name
    assert len(bundle.tests) >= 1


@pytest.mark.parametrize("key", KEYS)
def test_a_template_explains_its_inputs(key: str) -> None:
    (spec,) = read_template(key).workflows.values()
    fields = StartConfig.model_validate(spec.nodes[0].config).fields
    assert fields
    assert all(field.title and (field.description or field.example is not None) for field in fields)
    assert all(field.example is not None for field in fields if field.required)
    for test in read_template(key).tests:
        assert read_form(fields, test.inputs)


@pytest.mark.parametrize("key", KEYS)
def test_no_two_nodes_of_a_template_lie_on_each_other(key: str) -> None:
    (spec,) = read_template(key).workflows.values()
    boxes: dict[str, list[tuple[float, float, float, float]]] = {}
    for node in spec.nodes:
        place = node.position
        boxes.setdefault(node.parent or "", []).append((place.x, place.y, place.width or 240, place.height or 100))
    for scope in boxes.values():
        for index, (x, y, width, height) in enumerate(scope):
            for other_x, other_y, other_width, other_height in scope[index + 1 :]:
                apart = x + width <= other_x or other_x + other_width <= x or y + height <= other_y or other_y + other_height <= y
                assert apart, (key, x, y, other_x, other_y)


@pytest.mark.parametrize(("key", "test"), TESTS)
async def test_the_tests_of_a_template_pass_offline(key: str, test: BundleTest) -> None:
    case = test.case()
    outcome, _ = await run_template(key, case.inputs, setup=case.setup())
    results = judge(case, status=outcome.status, output=outcome.output, error=str(outcome.error))
    assert [result for result in results if not result.has_passed] == []
    assert len(results) >= 2 or case.ends == "waiting" or key == "research_brief"


async def _output(key: str, name: str) -> Any:
    test = next(test for test in read_template(key).tests if test.name == name)
    return (await run_template(key, test.inputs))[0].output


async def test_sensitive_questions_wait_for_a_person_and_plain_ones_do_not() -> None:
    sensitive, _, plain = read_template("customer_triage").tests
    assert (await run_template("customer_triage", sensitive.inputs))[0].status == "waiting"
    outcome, _ = await run_template("customer_triage", plain.inputs)
    assert outcome.output["category"] == "card_delivery"  # type: ignore[index,call-overload]
    assert outcome.output["handled_by"] == "answered automatically"  # type: ignore[index,call-overload]


async def test_a_corrected_reply_replaces_the_draft() -> None:
    test = read_template("customer_triage").tests[0]
    _, events = await run_template("customer_triage", test.inputs)
    decision = {"button": "approve", "values": {"reply": "We sent it back."}, "by": None}
    resumed = JournalEvent(EventType.NODE_RESUMED, WallClock().now(), "approve", data={"reason": "approval", "decision": decision})
    outcome, _ = await run_template("customer_triage", test.inputs, [*events, resumed])
    assert outcome.output["reply"] == "We sent it back."  # type: ignore[index,call-overload]
    assert outcome.output["handled_by"] == "approved by a person"  # type: ignore[index,call-overload]


async def test_scoring_works_although_nobody_answers_the_lookup() -> None:
    hot, cold = await _output("lead_scoring", "A hot lead"), await _output("lead_scoring", "Somebody who looks around")
    assert hot["score"] >= 60
    assert hot["draft"]
    assert cold["score"] < 30
    assert cold["next_step"] == "Keep the contact, do nothing now."


def test_the_gallery_shows_every_template(uow: UnitOfWork) -> None:
    uow.actor = make_member(uow, Role.VIEWER)
    cards = list_templates(uow)
    assert [card.key for card in cards] == KEYS
    assert all(card.name and card.summary and card.miniature.nodes and card.features for card in cards)


@pytest.mark.parametrize("key", KEYS)
def test_a_template_becomes_a_workflow_of_the_workspace(uow: UnitOfWork, key: str) -> None:
    uow.actor = make_member(uow)
    report = create_from_template(uow, key=key)
    (workflow,) = report.workflows
    assert report.notes == ()
    detail = get_workflow(uow, workflow_id=workflow.id)
    assert detail.findings == ()
    assert sample_inputs(key)


def test_a_template_used_twice_shares_its_agents(uow: UnitOfWork) -> None:
    uow.actor = make_member(uow)
    create_from_template(uow, key="research_brief")
    second = create_from_template(uow, key="research_brief")
    assert {agent.action for agent in second.agents} == {"reuse"}
    assert second.workflows[0].name == "Research brief (2)"
    assert len(list_agents(uow).items) == 4


@pytest.mark.parametrize("key", ["", "nope", "../secrets", None, 7])
def test_an_unknown_template_is_not_there(uow: UnitOfWork, key: object) -> None:
    uow.actor = make_member(uow)
    with pytest.raises(NotFound):
        create_from_template(uow, key=key)


def test_a_viewer_does_not_create_from_templates(uow: UnitOfWork) -> None:
    uow.actor = make_member(uow, Role.VIEWER)
    with pytest.raises(NotAllowed):
        create_from_template(uow, key=KEYS[0])
