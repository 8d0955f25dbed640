"""What can be put on the shelf: workflows, and agents as workflows that ask them."""

import pytest

from app.core.errors import NotAllowed, NotFound
from app.core.uow import UnitOfWork
from app.services.agents import delete_agent
from app.services.agents.editing import add_agent
from app.services.blueprints import export_workflow, read_bundle
from app.services.market import list_offerable
from app.services.workflows import create_for_agent, find_problems
from app.views.agents import AgentDetail
from app.views.market import Offerable
from engine.spec.agent import AgentSpec
from models.workspace import Role
from tests.support.people import make_member
from tests.support.workflows import make_workflow


@pytest.fixture
def agent(uow: UnitOfWork) -> AgentDetail:
    uow.actor = make_member(uow, Role.OWNER)
    return add_agent(uow, AgentSpec(name="Helper", role="Answers what customers ask", model="demo/assistant", instructions="Answer."))


def test_workflows_and_agents_are_offered_by_name_and_nothing_deleted_or_foreign(uow: UnitOfWork, agent: AgentDetail) -> None:
    workflow = make_workflow(uow)
    gone = add_agent(uow, AgentSpec(name="Another", model="demo/assistant", instructions="Answer."))
    delete_agent(uow, agent_id=gone.id)
    expected = (Offerable("workflow", str(workflow.id), workflow.name), Offerable("agent", str(agent.id), "Helper"))
    assert list_offerable(uow) == expected
    uow.actor = make_member(uow, Role.OWNER)
    assert list_offerable(uow) == ()


def test_who_may_not_sell_is_offered_nothing(uow: UnitOfWork) -> None:
    uow.actor = make_member(uow, Role.MEMBER)
    with pytest.raises(NotAllowed):
        list_offerable(uow)


def test_an_agent_becomes_a_sound_workflow_that_asks_it(uow: UnitOfWork, agent: AgentDetail) -> None:
    made = create_for_agent(uow, agent_id=str(agent.id))
    assert (made.name, made.definition["description"]) == ("Helper", "Answers what customers ask")
    assert [one for one in find_problems(uow, made.definition) if one.severity == "error"] == []
    bundle = read_bundle(export_workflow(uow, workflow_id=made.id).text)
    assert [one.name for one in bundle.agents.values()] == ["Helper"]


def test_an_agent_of_others_becomes_nothing_and_viewers_make_nothing(uow: UnitOfWork, agent: AgentDetail) -> None:
    uow.actor = make_member(uow, Role.OWNER)
    with pytest.raises(NotFound):
        create_for_agent(uow, agent_id=str(agent.id))
    uow.actor = make_member(uow, Role.VIEWER)
    with pytest.raises(NotAllowed):
        create_for_agent(uow, agent_id=str(agent.id))
