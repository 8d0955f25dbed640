"""The shipped worker with litellm and a provider on this machine: answers, fallbacks, refusals, and no key left lying about."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from app.core.config import Settings
from app.core.uow import Actor
from app.services.runs import get_run, get_step, start_run
from app.views.runs import RunDetail
from app.wiring import Wiring
from engine.spec.agent import AgentSpec
from engine.spec.workflow import WorkflowSpec
from models.agent import Agent, AgentVersion
from tests.support.fake_openai import FakeProvider, fake_openai
from tests.support.invariants import check_invariants
from tests.support.people import make_member
from tests.support.workers import WorkerProcess, wait_for
from tests.support.workflows import make_workflow, node, spec_of

CANARY = "sk-canary-fedcba9876543210"
MODEL = "openai/gpt-4.1-mini"


@pytest.fixture
def provider() -> Iterator[FakeProvider]:
    """The provider."""
    with fake_openai() as fake:
        yield fake


@pytest.fixture
def settings(settings: Settings, provider: FakeProvider) -> Settings:
    """An installation with a key."""
    return replace(settings, provider_keys={"openai": CANARY}, provider_urls={"openai": f"{provider.url}/v1"})


@pytest.fixture
def process(wiring: Wiring, provider: FakeProvider) -> Iterator[WorkerProcess]:
    """Its worker."""
    variables = {"OPENAI_API_KEY": CANARY, "OPENAI_BASE_URL": f"{provider.url}/v1"}
    running = WorkerProcess(wiring.settings, module="tests.support.shipped_worker", **variables)
    try:
        yield running.ready()
    finally:
        running.kill()


def asked(**config: object) -> WorkflowSpec:
    """A workflow that asks a model once."""
    return spec_of(
        node("start", "start"),
        node("ask", "llm", prompt="Hello?", **({"model": MODEL} | config)),
        node("end", "end", output="{{ ask.text }}"),
        edges="start>ask ask>end",
    )


def run(wiring: Wiring, process: WorkerProcess, spec: WorkflowSpec) -> tuple[Actor, RunDetail]:
    """Run it to its end."""
    with wiring.unit() as uow:
        actor = make_member(uow)
    with wiring.unit(actor) as uow:
        row = start_run(uow, workflow_id=make_workflow(uow, spec).id, inputs={})
    wait_for(wiring, actor, row.id)
    with wiring.unit(actor, write=False) as uow:
        return actor, get_run(uow, run_id=row.id)


def test_a_provider_answers_with_usage_and_cost_and_the_key_stays_out_of_everything(
    wiring: Wiring, process: WorkerProcess, provider: FakeProvider, tmp_path: Path
) -> None:
    _, detail = run(wiring, process, asked())
    assert detail.output == provider.text, process.log
    assert (detail.row.input_tokens, detail.row.output_tokens) == (11, 7)
    assert detail.row.cost_micros == round(11 * 0.4 + 7 * 1.6)
    assert provider.keys == [CANARY]
    check_invariants(wiring, [detail.row.id])
    written = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert not [path.name for path in written if CANARY.encode() in path.read_bytes()]


def test_an_overloaded_provider_hands_over_to_the_fallback_model(wiring: Wiring, process: WorkerProcess, provider: FakeProvider) -> None:
    provider.behaviour = "rate_limited"
    _, detail = run(wiring, process, asked(fallback_models=["demo/assistant"]))
    assert detail.row.status == "succeeded", process.log
    assert detail.output
    assert len(provider.requests) == 1


def test_a_refused_key_ends_the_run_with_what_to_do(wiring: Wiring, process: WorkerProcess, provider: FakeProvider) -> None:
    provider.behaviour = "bad_key"
    actor, detail = run(wiring, process, asked())
    assert detail.row.status == "failed"
    with wiring.unit(actor, write=False) as uow:
        step = get_step(uow, run_id=detail.row.id, node="ask")
    told = str(step) + str(detail) + process.log
    assert "Ask the administrator to check it" in told
    assert CANARY not in told


def test_a_supervisor_asks_other_agents_through_a_provider(wiring: Wiring, process: WorkerProcess, provider: FakeProvider) -> None:
    provider.offered_calls = [("ask_billing", '{"message": "Refund 4711?"}'), ("ask_tech", '{"message": "Reset?"}')]
    with wiring.unit() as uow:
        actor = make_member(uow)
    with wiring.unit(actor) as uow:
        for slug, role in (("lead", "support lead"), ("billing", "refunds"), ("tech", "passwords")):
            spec = AgentSpec(name=slug.capitalize(), role=role, model=MODEL)
            agent = Agent(workspace_id=uow.workspace_id, slug=slug, name=spec.name, model=MODEL)
            uow.session.add(agent)
            uow.session.flush()
            uow.session.add(AgentVersion(workspace_id=uow.workspace_id, agent_id=agent.id, number=1, spec=spec.model_dump(mode="json")))
        config = {"agent": "lead", "agents": ["billing", "tech"], "message": "Help me."}
        team = spec_of(node("start", "start"), node("team", "supervisor", **config), edges="start>team")
        row = start_run(uow, workflow_id=make_workflow(uow, team).id, inputs={})
    assert wait_for(wiring, actor, row.id, timeout_s=120).status == "succeeded", process.log
    with wiring.unit(actor, write=False) as uow:
        step = get_step(uow, run_id=row.id, node="team")
        detail = get_run(uow, run_id=row.id)
    said = [(one.sender, one.receiver) for one in step.transcript]
    assert said[0] == ("user", "lead")
    assert said[-1] == ("lead", "user")
    assert set(said[1:-1]) == {("lead", "billing"), ("billing", "lead"), ("lead", "tech"), ("tech", "lead")}
    assert sorted(request["messages"][-1]["content"] for request in provider.requests[1:3]) == ["Refund 4711?", "Reset?"]
    assert detail.row.input_tokens == 4 * 11
    check_invariants(wiring, [row.id])
