"""Things of another workspace do not exist: for every service that takes an id, with the ids of real things of somebody else."""

from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import select

from app.core.errors import AppError, NotAllowed, NotFound
from app.core.uow import Actor
from app.services import agents, conversations, history, runs, workflows
from app.wiring import Wiring
from models.agent import Agent
from models.ids import new_id
from models.workflow import Workflow
from models.workspace import Role, Workspace
from tests.attacks import surface
from tests.attacks.test_hostile_arguments import an_owner, sound_arguments
from tests.support.people import make_member
from tests.support.workflows import make_workflow

IDS = (
    "key_id",
    "workflow_id",
    "agent_id",
    "conversation_id",
    "run_id",
    "version_id",
    "webhook_id",
    "delivery_id",
    "schedule_id",
    "rule_id",
    "endpoint_id",
    "message_id",
    "credential_id",
)


def takers(without: frozenset[str] = frozenset()) -> list[str]:
    asked = {name: set(surface.needed_arguments(surface.services()[name])) for name in surface.outer() if name != "runs.start_chat_run"}
    return [name for name, arguments in asked.items() if set(IDS) & arguments and not without & arguments]


@pytest.fixture(scope="module")
def theirs(attacked: Wiring) -> dict[str, Any]:
    """What belongs to another workspace."""
    with attacked.unit() as uow:
        uow.actor = an_owner(uow)
        return sound_arguments(uow)


@pytest.fixture(scope="module")
def attacker(attacked: Wiring) -> Actor:
    """The owner of a workspace of their own."""
    with attacked.unit() as uow:
        return an_owner(uow)


@pytest.mark.parametrize("name", takers())
def test_no_service_finds_what_belongs_to_another_workspace(attacked: Wiring, theirs: dict[str, Any], attacker: Actor, name: str) -> None:
    service = surface.services()[name]
    arguments = {one: theirs.get(one) for one in surface.needed_arguments(service)}
    with attacked.unit() as uow:
        uow.actor = attacker
        with pytest.raises(NotFound):
            service(uow, **arguments)


OF_THE_WORKSPACE = frozenset({"key_id", "credential_id", "endpoint_id", "message_id"})  # hang on no agent and no workflow


@pytest.mark.parametrize("role", [Role.MEMBER, Role.VIEWER])
def test_no_service_finds_for_a_colleague_what_is_private(wiring: Wiring, role: Role) -> None:
    with wiring.unit() as uow:
        uow.actor = an_owner(uow)
        theirs = sound_arguments(uow)
    with wiring.unit() as uow:
        for table in (Agent, Workflow):
            uow.session.connection().execute(sa.update(table).values(sharing="private"))
        space = uow.session.exec(select(Workspace)).one()
        colleague = replace(make_member(uow, role, workspace=space), session_id=new_id())
    names = takers(without=OF_THE_WORKSPACE)
    assert len(names) > 60
    told = {name: answer_to(wiring, colleague, name, theirs) for name in names}
    assert {name: answer for name, answer in told.items() if answer != "hidden"} == {}


def answer_to(wiring: Wiring, actor: Actor, name: str, known: dict[str, Any]) -> str:
    """What a service says; that something is there but not shared would tell too much."""
    service = surface.services()[name]
    try:
        with wiring.unit() as uow:
            uow.actor = actor
            service(uow, **{one: known.get(one) for one in surface.needed_arguments(service)})
    except (NotFound, NotAllowed) as refused:
        return refused.error_code if refused.error_code == "not_shared" else "hidden"
    return "answered"


def test_a_child_of_another_parent_is_not_found_below_ones_own(wiring: Wiring) -> None:
    with wiring.unit() as uow:
        uow.actor = an_owner(uow)
        one = sound_arguments(uow)
        other = make_workflow(uow, name="Other").id
        with pytest.raises(NotFound):
            history.compare_versions(uow, workflow_id=other, version_id=one["version_id"])


def test_a_colleague_cannot_open_a_private_conversation(wiring: Wiring) -> None:
    with wiring.unit() as uow:
        mine = uow.actor = make_member(uow)
        agent = agents.create_from_starter(uow, key="support_triage").id
        conversation = conversations.create_conversation(uow, agent_id=agent).id
        member = make_member(uow)
        uow.actor = Actor(user_id=member.user_id, workspace_id=mine.workspace_id, role=Role.OWNER)
        with pytest.raises(NotFound):
            conversations.get_conversation(uow, conversation_id=conversation)


def test_lists_filtered_by_foreign_ids_are_empty(attacked: Wiring, theirs: dict[str, Any], attacker: Actor) -> None:
    with attacked.unit() as uow:
        uow.actor = attacker
        assert runs.list_runs(uow, workflow_id=theirs["workflow_id"]).rows == ()
        assert runs.list_runs(uow, search=theirs["run_id"]).rows == ()
        assert workflows.list_workflows(uow, search="Greeting").total == 0
        with pytest.raises(AppError):
            runs.start_run(uow, workflow_id=theirs["workflow_id"], inputs={})
