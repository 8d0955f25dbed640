"""Budgets through a real worker: a cap is never passed; the run waits with its state and asks."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa

from app.core.config import Settings
from app.core.errors import Invalid
from app.core.uow import Actor
from app.services.budgets.accounts import budget_table, hold_table
from app.services.runs import decide_approval, get_run, list_approvals, read_events, start_run
from app.views.runs import RunDetail, RunRow
from app.wiring import Wiring
from engine.spec.workflow import RunLimits, WorkflowSpec
from tests.support.invariants import check_invariants
from tests.support.workers import WorkerProcess, wait_for, worker
from tests.support.workflows import make_workflow, node, spec_of

MODEL = "openai/gpt-4.1-mini"
ANSWER = 100  # tokens a call may write
MOST = 164  # micros that one call below may cost at most
COSTS = 11  # what one call of the worker's echoing model costs; it uses 10 tokens


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """An installation with a key."""
    return replace(settings, provider_keys={"openai": "sk-test"})


@pytest.fixture
def process(wiring: Wiring) -> Iterator[WorkerProcess]:
    """Its worker, whose models echo."""
    with worker(wiring.settings, OPENAI_API_KEY="sk-test") as running:
        yield running


def asking_twice(**limits: Any) -> WorkflowSpec:
    """Two model calls, one after the other."""
    call: dict[str, Any] = {"model": MODEL, "prompt": "Hello?", "max_tokens": ANSWER}
    return spec_of(
        node("start", "start"),
        node("first", "llm", **call),
        node("second", "llm", **call),
        node("end", "end", output="{{ second.text }}"),
        edges="start>first first>second second>end",
        limits=RunLimits(**limits),
    )


def begin(wiring: Wiring, actor: Actor, spec: WorkflowSpec) -> RunRow:
    """Start a run of it."""
    with wiring.unit(actor) as uow:
        return start_run(uow, workflow_id=make_workflow(uow, spec).id, inputs={})


def detail_of(wiring: Wiring, actor: Actor, row: RunRow) -> RunDetail:
    """The run."""
    with wiring.unit(actor, write=False) as uow:
        return get_run(uow, run_id=row.id)


def answer(wiring: Wiring, actor: Actor, button: str, **values: Any) -> None:
    """Decide what is asked."""
    with wiring.unit(actor) as uow:
        (card,) = list_approvals(uow)
        assert card.can_decide
        decide_approval(uow, approval_id=card.id, button=button, values=values)


def reservations(wiring: Wiring) -> int:
    """How many there are."""
    with wiring.database.connect().execution_options(af_write=False) as connection:
        return connection.execute(sa.select(sa.func.count()).select_from(hold_table)).scalar_one()


def test_a_reached_cap_parks_the_run_and_raising_it_lets_it_finish(wiring: Wiring, actor: Actor, process: WorkerProcess) -> None:
    row = begin(wiring, actor, asking_twice(max_cost_micros=MOST))
    waiting = wait_for(wiring, actor, row.id, "waiting")
    assert waiting.waiting_for == "The limit of $0.0002 for this run is reached. “Model call” waits.", process.log
    assert waiting.cost_micros == COSTS
    with wiring.unit(actor, write=False) as uow:
        (card,) = list_approvals(uow)
    assert card.title == "Budget reached: $0.0002 for this run"
    with pytest.raises(Invalid) as refused:
        answer(wiring, actor, "raise", amount=0.0001)
    assert refused.value.fields == {"amount": f"The next call needs a limit of at least $0.000{2}."}
    answer(wiring, actor, "raise", amount=0.01)
    assert wait_for(wiring, actor, row.id).status == "succeeded", process.log
    detail = detail_of(wiring, actor, row)
    assert detail.output == "You said: Hello?"
    assert detail.row.cost_micros == 2 * COSTS
    assert reservations(wiring) == 0
    check_invariants(wiring, [row.id])


def test_a_person_may_stop_the_run_at_its_cap(wiring: Wiring, actor: Actor, process: WorkerProcess) -> None:
    row = begin(wiring, actor, asking_twice(max_tokens=115))
    assert wait_for(wiring, actor, row.id, "waiting").waiting_for.startswith("The limit of 115 tokens for this run is reached.")
    answer(wiring, actor, "stop")
    stopped = wait_for(wiring, actor, row.id)
    assert (stopped.status, stopped.input_tokens + stopped.output_tokens) == ("cancelled", 10)
    check_invariants(wiring, [row.id])


def test_a_cheaper_model_takes_over_for_the_rest_of_the_run(wiring: Wiring, actor: Actor, process: WorkerProcess) -> None:
    row = begin(wiring, actor, asking_twice(max_cost_micros=MOST))
    wait_for(wiring, actor, row.id, "waiting")
    with wiring.unit(actor, write=False) as uow:
        (card,) = list_approvals(uow)
    offered = next(field for field in card.request["fields"] if field["name"] == "model")["options"]
    assert "demo/assistant" in offered
    assert MODEL not in offered
    with pytest.raises(Invalid) as refused:
        answer(wiring, actor, "cheaper", model=MODEL)
    assert refused.value.fields["model"].startswith("must be one of: ")
    answer(wiring, actor, "cheaper", model="demo/assistant")
    assert wait_for(wiring, actor, row.id).status == "succeeded", process.log
    with wiring.unit(actor, write=False) as uow:
        events = read_events(uow, run_id=row.id, limit=200)
    facts = [event.payload["fact"] for event in events if event.type == "node_progress"]
    assert [fact["model"] for fact in facts] == [MODEL, "demo/assistant"]
    check_invariants(wiring, [row.id])


def test_parallel_calls_never_pass_the_cap_together(wiring: Wiring, actor: Actor, process: WorkerProcess) -> None:
    each = node("ask", "llm", model=MODEL, prompt="Hello?", max_tokens=ANSWER, parent="all")
    spec = spec_of(
        node("start", "start"),
        node("all", "map", items=list(range(60)), parallel=30),
        each,
        edges="start>all",
        limits=RunLimits(max_cost_micros=4 * MOST, max_parallel=30),
    )
    row = begin(wiring, actor, spec)
    assert wait_for(wiring, actor, row.id, "waiting").status == "waiting", process.log
    with wiring.unit(actor, write=False) as uow:
        cards = list_approvals(uow)
    assert len(cards) == 1
    with wiring.database.connect().execution_options(af_write=False) as connection:
        budget = connection.execute(sa.select(budget_table)).one()
    assert budget.spent_micros == wait_for(wiring, actor, row.id, "waiting").cost_micros
    assert budget.spent_micros + MOST > 4 * MOST >= budget.spent_micros
    answer(wiring, actor, "raise", amount=0.1)
    assert wait_for(wiring, actor, row.id).status == "succeeded", process.log
    assert detail_of(wiring, actor, row).row.cost_micros == 60 * COSTS
    assert reservations(wiring) == 0
    check_invariants(wiring, [row.id])
