"""A verdict counts for the workflow and its agents as they were run: what changed since says so, and is not published."""

from collections.abc import Callable

import pytest
from sqlmodel import select

from app.core.uow import UnitOfWork
from app.services.agents import get_agent, save_agent
from app.services.blueprints import import_blueprint
from app.services.market import get_listing, install_listing, publish_listing, start_publishing, update_install
from app.services.market.publishing import NotReadyToPublish, add_version
from app.services.runs import start_run
from app.services.workflow_tests import list_tests, run_tests
from app.services.workflows import apply_operations, create_workflow, get_workflow
from engine.blueprint.codec import decode
from engine.spec.workflow import NodeSpec, WorkflowSpec
from models.agent import Agent
from models.ids import parse_id
from models.run import Run, RunStatus
from models.workspace import Role
from tests.support.market import BLUEPRINT, make_listing
from tests.support.people import make_member

FORM = {
    "name": "Order triage", "tagline": "Sorts orders before lunch", "category": "support", "price": "0", "licence": "standard",
    "version": "1.0.0", "changelog": "First.", "description": "Reads every order, sorts it, and says what is missing. " * 3,
}  # fmt: skip


def edit(uow: UnitOfWork, workflow_id: object, *operations: dict[str, object]) -> None:
    revision = get_workflow(uow, workflow_id=workflow_id).revision
    apply_operations(uow, workflow_id=workflow_id, base_revision=revision, client_key=f"mine:{revision}", operations=list(operations))


def succeed(uow: UnitOfWork, run_id: object) -> None:
    run = uow.session.exec(select(Run).where(Run.id == parse_id(run_id))).one()
    run.status, run.output = RunStatus.SUCCEEDED, {"text": "It scatters light."}
    run.started_at = run.finished_at = uow.ports.clock.now()
    uow.session.flush()


def add_step(uow: UnitOfWork, workflow_id: object) -> None:
    edit(uow, workflow_id, {"op": "add_node", "node": {"id": "note", "kind": "template", "config": {"text": "Hello"}}})


def change_text(uow: UnitOfWork, workflow_id: object) -> None:
    edit(uow, workflow_id, {"op": "set_config", "id": "answer", "path": ["message"], "value": "Briefly: {{ inputs.question }}"})


def change_agent(uow: UnitOfWork, workflow_id: object) -> None:
    agent = uow.session.exec(select(Agent).where(Agent.workspace_id == uow.workspace_id)).one()
    draft = get_agent(uow, agent_id=agent.id).spec
    save_agent(uow, agent_id=agent.id, base_version=agent.version, draft={**draft, "instructions": "You answer in French."})


@pytest.fixture
def tested(uow: UnitOfWork) -> str:
    """A workflow of an admin whose only test passed."""
    uow.actor = make_member(uow, Role.ADMIN)
    workflow_id = import_blueprint(uow, text=BLUEPRINT).workflows[0].id
    succeed(uow, run_tests(uow, workflow_id=workflow_id)[0].run_id)
    return workflow_id


def verdict(uow: UnitOfWork, workflow_id: object) -> tuple[str, bool]:
    (row,) = list_tests(uow, workflow_id=workflow_id).rows
    return row.verdict, row.is_outdated


@pytest.mark.parametrize("change", [add_step, change_text, change_agent])
def test_a_verdict_is_of_before_once_the_workflow_or_its_agent_changed(
    uow: UnitOfWork, tested: str, change: Callable[[UnitOfWork, object], None]
) -> None:
    assert verdict(uow, tested) == ("passed", False)
    change(uow, tested)
    assert verdict(uow, tested) == ("passed", True)
    (shown,) = [check for check in start_publishing(uow, workflow_id=tested).checks if check.key == "verdicts"]
    assert not shown.is_ok
    assert "was last run before it, the workflow or an agent was changed" in shown.remedy
    with pytest.raises(NotReadyToPublish) as refused:
        publish_listing(uow, workflow_id=tested, form=FORM)
    assert set(refused.value.fields) == {"verdicts"}
    succeed(uow, run_tests(uow, workflow_id=tested)[0].run_id)
    assert verdict(uow, tested) == ("passed", False)
    assert publish_listing(uow, workflow_id=tested, form=FORM) == "order-triage"


def test_moving_a_step_on_the_canvas_changes_no_verdict(uow: UnitOfWork, tested: str) -> None:
    edit(uow, tested, {"op": "move", "moves": [{"id": "answer", "x": 700, "y": 40}]})
    assert get_workflow(uow, workflow_id=tested).revision == 2
    assert verdict(uow, tested) == ("passed", False)


def test_a_change_in_a_called_workflow_is_one_too(uow: UnitOfWork, tested: str) -> None:
    below = create_workflow(uow, name="Below", spec=WorkflowSpec(nodes=(NodeSpec(id="start", kind="start"),)))
    call = NodeSpec(id="call", kind="workflow", config={"workflow": below.id})
    edit(uow, tested, {"op": "add_node", "node": call.model_dump(mode="json")})
    edit(uow, tested, {"op": "connect", "source": "answer", "target": "call"})
    succeed(uow, run_tests(uow, workflow_id=tested)[0].run_id)
    assert verdict(uow, tested) == ("passed", False)
    add_step(uow, below.id)
    assert verdict(uow, tested) == ("passed", True)


def test_the_measured_label_counts_runs_of_the_version_that_is_shown(uow: UnitOfWork) -> None:
    uow.actor = make_member(uow, Role.OWNER)
    listing, seller = make_listing(uow), uow.actor
    uow.actor = buyer = make_member(uow)
    installed = install_listing(uow, slug=listing.slug, version="1.0.0")
    succeed(uow, start_run(uow, workflow_id=installed, inputs={"question": "Why?"}).id)
    assert get_listing(uow, slug=listing.slug).measured.runs == 1
    uow.actor = seller
    wish = {
        "version": "1.1.0",
        "changelog": "More.",
        "licence": "standard",
        "name": "Order triage",
        "tagline": "Sorts",
        "category": "support",
    }
    add_version(uow, listing, decode(BLUEPRINT.replace("one sentence", "two sentences")), wish=wish, samples=[])
    uow.actor = buyer
    assert get_listing(uow, slug=listing.slug).measured.runs == 0
    update_install(uow, slug=listing.slug, version="1.1.0")
    assert get_listing(uow, slug=listing.slug).measured.runs == 0
    succeed(uow, start_run(uow, workflow_id=installed, inputs={"question": "Why?"}).id)
    assert get_listing(uow, slug=listing.slug).measured.runs == 1


@pytest.mark.parametrize("change", [change_text, add_step, change_agent])
def test_the_measured_label_leaves_out_what_copies_did_after_their_buyer_changed_them(
    uow: UnitOfWork, change: Callable[[UnitOfWork, object], None]
) -> None:
    uow.actor = make_member(uow, Role.OWNER)
    listing = make_listing(uow)
    uow.actor = make_member(uow)
    installed = install_listing(uow, slug=listing.slug, version="1.0.0")
    succeed(uow, start_run(uow, workflow_id=installed, inputs={"question": "Why?"}).id)
    edit(
        uow,
        installed,
        {"op": "set_label", "id": "answer", "label": "Say it"},
        {"op": "move", "moves": [{"id": "answer", "x": 40, "y": 80}]},
    )
    succeed(uow, start_run(uow, workflow_id=installed, inputs={"question": "Why?"}).id)
    assert get_listing(uow, slug=listing.slug).measured.runs == 2, "a step that is moved and named does what it did"
    change(uow, installed)
    succeed(uow, start_run(uow, workflow_id=installed, inputs={"question": "Why?"}).id)
    assert get_listing(uow, slug=listing.slug).measured.runs == 2
    uow.actor = make_member(uow)
    other = install_listing(uow, slug=listing.slug, version="1.0.0")
    succeed(uow, start_run(uow, workflow_id=other, inputs={"question": "Why?"}).id)
    assert get_listing(uow, slug=listing.slug).measured.runs == 3, "what others have as it came counts"
