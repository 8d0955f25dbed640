"""Things of another workspace do not exist: for every service that takes an id, with the ids of real things of somebody else."""

from typing import Any

import pytest

from app.core.errors import AppError, NotFound
from app.core.uow import Actor
from app.services import agents, conversations, history, runs, workflows
from app.wiring import Wiring
from models.workspace import Role
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


def takers() -> list[str]:
    found = surface.services()
    return [name for name in surface.outer() if set(IDS) & set(surface.needed_arguments(found[name])) and name != "runs.start_chat_run"]


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
