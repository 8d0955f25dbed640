"""The worker as the product ships it, demo models and all: a chat turn and a workflow with an agent, without any key."""

import uuid
from collections.abc import Iterator

import pytest

from app.core.uow import Actor
from app.services.conversations import create_conversation, get_conversation, send_message
from app.services.runs import get_run, start_run
from app.wiring import Wiring
from engine.spec.agent import AgentSpec
from models.agent import Agent, AgentVersion
from tests.support.invariants import check_invariants
from tests.support.waiting import until
from tests.support.workers import WorkerProcess, wait_for
from tests.support.workflows import make_workflow, node, spec_of


@pytest.fixture
def process(wiring: Wiring) -> Iterator[WorkerProcess]:
    """The shipped worker."""
    running = WorkerProcess(wiring.settings, module="tests.support.shipped_worker")
    try:
        yield running.ready()
    finally:
        running.kill()


def test_a_chat_turn_is_answered_by_the_demo_model(wiring: Wiring, actor: Actor, process: WorkerProcess) -> None:
    draft = AgentSpec(name="Helper", model="demo/assistant", instructions="You are a helpful assistant.").model_dump(mode="json")
    with wiring.unit(actor) as uow:
        conversation_id = create_conversation(uow, agent_id=None).id
        turn = send_message(uow, conversation_id=conversation_id, draft_spec=draft, text="What is 17 * 3?")

    def answered() -> bool:
        with wiring.unit(actor, write=False) as uow:
            return not get_conversation(uow, conversation_id=conversation_id).running_message_id

    until(answered, what="the answer")
    with wiring.unit(actor, write=False) as uow:
        answer = get_conversation(uow, conversation_id=conversation_id).messages[-1]
    assert (answer.role, answer.status) == ("assistant", "done"), process.log
    assert answer.content
    check_invariants(wiring, [uuid.UUID(turn.run_id)])


def test_a_workflow_with_an_agent_and_code_runs_without_any_key(wiring: Wiring, actor: Actor, process: WorkerProcess) -> None:
    with wiring.unit(actor) as uow:
        spec = AgentSpec(name="Writer", model="demo/assistant", instructions="Summarise in one sentence.")
        agent = Agent(workspace_id=uow.workspace_id, slug="writer", name="Writer", model=spec.model)
        uow.session.add(agent)
        uow.session.flush()
        uow.session.add(AgentVersion(workspace_id=uow.workspace_id, agent_id=agent.id, number=1, spec=spec.model_dump(mode="json")))
        workflow = spec_of(
            node("start", "start"),
            node("write", "agent", agent="writer", message="Summarise: The parcel is late. The customer is angry."),
            node("end", "end", output="{{ write.text }}"),
            edges="start>write write>end",
        )
        row = start_run(uow, workflow_id=make_workflow(uow, workflow).id, inputs={})
    assert wait_for(wiring, actor, row.id).status == "succeeded", process.log
    with wiring.unit(actor, write=False) as uow:
        detail = get_run(uow, run_id=row.id)
    assert detail.output
    assert detail.row.output_tokens > 0
    check_invariants(wiring, [row.id])
