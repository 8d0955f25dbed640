"""Models that do not answer, through the shipped worker and a provider over HTTP: fallbacks, breakers, rates, what the run says."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from app.core.config import Settings
from app.core.uow import Actor
from app.services.budgets.policies import set_policy
from app.services.runs import get_run, read_events, start_run
from app.views.runs import RunRow
from app.wiring import Wiring
from engine.spec.workflow import WorkflowSpec
from models.workspace import Role
from tests.support.fake_openai import FakeProvider, fake_openai
from tests.support.invariants import check_invariants
from tests.support.people import make_member
from tests.support.waiting import until
from tests.support.workers import WorkerProcess, row_of, wait_for
from tests.support.workflows import make_workflow, node, spec_of

MODEL = "openai/gpt-4.1-mini"
PATIENCE_S = 120.0  # the provider library takes its time to load


@pytest.fixture
def provider() -> Iterator[FakeProvider]:
    """The provider."""
    with fake_openai() as fake:
        yield fake


@pytest.fixture
def settings(settings: Settings, provider: FakeProvider) -> Settings:
    """An installation with a key."""
    return replace(settings, provider_keys={"openai": "sk-test"}, provider_urls={"openai": f"{provider.url}/v1"})


@pytest.fixture
def process(wiring: Wiring, provider: FakeProvider) -> Iterator[WorkerProcess]:
    """Its worker."""
    address = {"OPENAI_API_KEY": "sk-test", "OPENAI_BASE_URL": f"{provider.url}/v1"}
    running = WorkerProcess(wiring.settings, module="tests.support.shipped_worker", **address)
    try:
        yield running.ready()
    finally:
        running.kill()


@pytest.fixture
def actor(wiring: Wiring) -> Actor:
    """An administrator."""
    with wiring.unit() as uow:
        return make_member(uow, Role.ADMIN)


def asking(**config: Any) -> WorkflowSpec:
    """One model call."""
    call = {"model": MODEL, "prompt": "Hello?", "max_tokens": 100} | config
    return spec_of(
        node("start", "start"), node("ask", "llm", **call), node("end", "end", output="{{ ask.text }}"), edges="start>ask ask>end"
    )


def begin(wiring: Wiring, actor: Actor, spec: WorkflowSpec) -> RunRow:
    """Start a run of it."""
    with wiring.unit(actor) as uow:
        return start_run(uow, workflow_id=make_workflow(uow, spec).id, inputs={})


def test_the_workspaces_fallback_answers_and_the_trace_says_for_whom(
    wiring: Wiring, actor: Actor, process: WorkerProcess, provider: FakeProvider
) -> None:
    provider.behaviour = "error_503"
    with wiring.unit(actor) as uow:
        set_policy(uow, fallback_models=["demo/assistant"], rates={})
    rows = [begin(wiring, actor, asking()) for _ in range(7)]
    for row in rows:
        assert wait_for(wiring, actor, row.id, timeout_s=PATIENCE_S).status == "succeeded", process.log
    last = begin(wiring, actor, asking())
    assert wait_for(wiring, actor, last.id, timeout_s=PATIENCE_S).status == "succeeded", process.log
    with wiring.unit(actor, write=False) as uow:
        (fact,) = [event.payload["fact"] for event in read_events(uow, run_id=last.id, limit=100) if event.type == "node_progress"]
        detail = get_run(uow, run_id=last.id)
    assert (fact["model"], fact["usage"]["cost_micros"], detail.row.cost_micros) == ("demo/assistant", 0, 0)
    assert [(one["model"], one["code"]) for one in fact["passed"]] == [(MODEL, "breaker")], "it is not even asked any more"
    check_invariants(wiring, [*(row.id for row in rows), last.id])


def test_without_a_fallback_the_run_waits_for_the_model_and_says_until_when(
    wiring: Wiring, actor: Actor, process: WorkerProcess, provider: FakeProvider
) -> None:
    provider.behaviour = "error_503"
    rows = [begin(wiring, actor, asking()) for _ in range(6)]
    for row in rows:
        wait_for(wiring, actor, row.id, "failed", "waiting", timeout_s=PATIENCE_S)
    asked = len(provider.requests)
    row = begin(wiring, actor, asking())
    waiting = wait_for(wiring, actor, row.id, "waiting", timeout_s=PATIENCE_S)
    assert "has failed several times and is left alone for a while. “Model call” waits. Goes on at" in waiting.waiting_for
    assert waiting.wake_at is not None
    assert len(provider.requests) == asked, "nobody asked in vain"
    provider.behaviour = "ok"
    assert wait_for(wiring, actor, row.id, timeout_s=PATIENCE_S).status == "succeeded", process.log
    check_invariants(wiring, [row.id])


def test_a_refused_key_is_never_hidden_by_a_fallback(wiring: Wiring, actor: Actor, process: WorkerProcess, provider: FakeProvider) -> None:
    provider.behaviour = "bad_key"
    row = begin(wiring, actor, asking(fallback_models=["demo/assistant"]))
    assert wait_for(wiring, actor, row.id, timeout_s=PATIENCE_S).status == "failed", process.log
    with wiring.unit(actor, write=False) as uow:
        error = get_run(uow, run_id=row.id).error
    assert error is not None
    assert error["code"] == "model_key_refused"


def test_runs_beyond_the_rate_limit_wait_and_say_so(wiring: Wiring, actor: Actor, process: WorkerProcess, provider: FakeProvider) -> None:
    with wiring.unit(actor) as uow:
        set_policy(uow, fallback_models=[], rates={"openai": {"requests": "2"}})
    rows = [begin(wiring, actor, asking()) for _ in range(4)]

    def at_rest() -> list[str]:
        return sorted(row_of(wiring, actor, row.id).status for row in rows)

    until(lambda: at_rest() == ["succeeded", "succeeded", "waiting", "waiting"], timeout_s=PATIENCE_S, what="two answered, two waiting")
    waiting = [found for row in rows if (found := row_of(wiring, actor, row.id)).status == "waiting"]
    assert len(provider.requests) == 2
    for row in waiting:
        assert row.waiting_for.startswith("The limit of requests a minute for openai is reached. “Model call” waits. Goes on at ")
        assert row.wake_at is not None
    check_invariants(wiring, [row.id for row in rows])
