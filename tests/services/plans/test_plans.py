"""Plans: what is counted, where starts and new agents are refused, who is told, and that fifty at once take what is left and no more."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import select

from app.core.errors import Invalid, NotFound
from app.core.uow import Actor, UnitOfWork
from app.services.agents import delete_agent, undelete_agent
from app.services.agents.editing import add_agent
from app.services.home import home_view
from app.services.plans import PLANS, AgentLimitReached, TaskLimitReached, get_plan, get_plan_name, list_plans, set_plan
from app.services.plans.counting import next_period
from app.services.runs import cancel_run, retry_run, run_step, run_until, start_run
from app.services.runs.start import NewRun, StartedBy, is_task
from app.wiring import Wiring
from engine.spec.agent import AgentSpec
from models.account import Mail
from models.ids import new_id
from models.plan import PlanUsage
from models.run import Run, RunTrigger
from models.workspace import Role, Workspace
from tests.support.clock import FrozenClock
from tests.support.people import make_member
from tests.support.workflows import make_workflow, node, spec_of

INPUTS = {"name": "Ada"}


@pytest.fixture
def planned(wiring: Wiring) -> Wiring:
    """An installation whose workspaces are on the free plan."""
    return replace(wiring, ports=replace(wiring.ports, default_plan="free"))


@pytest.fixture
def uow(planned: Wiring) -> Any:
    with planned.unit() as unit:
        unit.actor = make_member(unit, Role.OWNER)
        yield unit


def used(uow: UnitOfWork, tasks: int) -> None:
    """So many of this month's tasks are gone."""
    period = f"{uow.ports.clock.now():%Y-%m}"
    uow.session.add(PlanUsage(workspace_id=uow.workspace_id, period=period, tasks=tasks, alerted=100))
    uow.session.flush()


def put_on(uow: UnitOfWork, plan: str) -> None:
    set_plan(uow, workspace=str(uow.workspace_id), plan=plan)


def agent(name: str) -> AgentSpec:
    return AgentSpec(name=name, model="demo/assistant", instructions="Answer.")


def letters(uow: UnitOfWork) -> list[str]:
    return [row.subject for row in uow.session.exec(select(Mail).order_by(Mail.subject))]


def test_without_plans_nothing_is_counted_and_nothing_is_limited(wiring: Wiring) -> None:
    with wiring.unit() as uow:
        uow.actor = make_member(uow, Role.OWNER)
        workflow = make_workflow(uow)
        for name in ("A", "B", "C"):
            start_run(uow, workflow_id=workflow.id, inputs=INPUTS)
            add_agent(uow, agent(name))
        assert not get_plan(uow).is_on
        assert get_plan_name(uow) == ""
        assert uow.session.exec(select(PlanUsage)).first() is None


def test_the_last_task_goes_through_and_the_next_is_refused_whole(uow: UnitOfWork) -> None:
    workflow = make_workflow(uow)
    used(uow, 99)
    start_run(uow, workflow_id=workflow.id, inputs=INPUTS)
    with pytest.raises(TaskLimitReached) as refused, uow.session.begin_nested():
        start_run(uow, workflow_id=workflow.id, inputs=INPUTS)
    assert (refused.value.status, refused.value.error_code) == (402, "task_limit")
    assert "100 tasks" in refused.value.message
    assert len(uow.session.exec(select(Run)).all()) == 1
    assert get_plan(uow).tasks == 100


def test_one_piece_of_work_counts_once_however_often_it_is_asked_for_or_retried(uow: UnitOfWork) -> None:
    workflow = make_workflow(uow)
    first = start_run(uow, workflow_id=workflow.id, inputs=INPUTS, idempotency_key="k")
    assert start_run(uow, workflow_id=workflow.id, inputs=INPUTS, idempotency_key="k").id == first.id
    cancel_run(uow, run_id=first.id)
    again = retry_run(uow, run_id=first.id)
    assert again.id != first.id
    assert get_plan(uow).tasks == 1


@pytest.mark.parametrize(
    ("kind", "trigger", "is_dry", "counts"),
    [
        ("workflow", RunTrigger.MANUAL, False, True),
        ("chat", RunTrigger.CHAT, False, True),
        ("workflow", RunTrigger.SCHEDULE, False, True),
        ("workflow", RunTrigger.WEBHOOK, False, True),
        ("workflow", RunTrigger.FORK, False, True),
        ("workflow", RunTrigger.RETRY, False, False),
        ("workflow", RunTrigger.TEST, False, False),
        ("workflow", RunTrigger.MANUAL, True, False),
        ("step", RunTrigger.MANUAL, False, False),
    ],
)
def test_trying_out_is_no_task(kind: str, trigger: RunTrigger, is_dry: bool, counts: bool) -> None:
    new = NewRun(kind=kind, title="T", plan_id=new_id(), inputs={}, started_by=StartedBy(trigger), is_dry=is_dry)
    assert is_task(new) == counts


def test_running_up_to_the_last_step_or_a_step_that_runs_others_is_a_task(uow: UnitOfWork) -> None:
    workflow = make_workflow(uow)
    steps = (
        node("start", "start"),
        node("call", "workflow", workflow=str(workflow.id), inputs=INPUTS),
        node("say", "template", text="Hello"),
    )
    caller = make_workflow(uow, spec_of(*steps, edges="start>call start>say"), name="Calls")
    used(uow, 99)
    run_step(uow, workflow_id=caller.id, node="say", results={}, inputs={})
    run_until(uow, workflow_id=workflow.id, node="end", inputs=INPUTS, is_dry=True)
    assert get_plan(uow).tasks == 99
    run_until(uow, workflow_id=workflow.id, node="end", inputs=INPUTS)
    assert get_plan(uow).tasks == 100
    with pytest.raises(TaskLimitReached), uow.session.begin_nested():
        run_step(uow, workflow_id=caller.id, node="call", results={}, inputs={})


def test_paid_plans_go_on_for_a_tenth_and_enterprise_for_ever(uow: UnitOfWork) -> None:
    assert {plan.key: plan.most_tasks for plan in PLANS.values()} == {
        "free": 100, "starter": 1_100, "pro": 11_000, "business": 55_000, "enterprise": None,
    }  # fmt: skip
    workflow = make_workflow(uow)
    used(uow, 1_099)
    put_on(uow, "starter")
    start_run(uow, workflow_id=workflow.id, inputs=INPUTS)
    with pytest.raises(TaskLimitReached), uow.session.begin_nested():
        start_run(uow, workflow_id=workflow.id, inputs=INPUTS)
    put_on(uow, "enterprise")
    start_run(uow, workflow_id=workflow.id, inputs=INPUTS)
    assert (get_plan(uow).tasks, get_plan(uow).most_tasks) == (1_101, None)


def test_a_month_begins_anew(uow: UnitOfWork, clock: FrozenClock) -> None:
    workflow = make_workflow(uow)
    used(uow, 100)
    with pytest.raises(TaskLimitReached), uow.session.begin_nested():
        start_run(uow, workflow_id=workflow.id, inputs=INPUTS)
    clock.advance(days=32)
    start_run(uow, workflow_id=workflow.id, inputs=INPUTS)
    assert get_plan(uow).tasks == 1
    assert str(next_period(datetime(2026, 12, 31, tzinfo=UTC))) == "2027-01-01"


def test_owners_and_admins_are_told_once_at_80_and_once_at_100_percent(uow: UnitOfWork) -> None:
    workflow = make_workflow(uow)
    space = uow.session.get(Workspace, uow.workspace_id)
    make_member(uow, Role.ADMIN, workspace=space)
    make_member(uow, Role.MEMBER, workspace=space)
    uow.session.add(PlanUsage(workspace_id=uow.workspace_id, period=f"{uow.ports.clock.now():%Y-%m}", tasks=78))
    uow.session.flush()
    for expected in (0, 2, 2):
        start_run(uow, workflow_id=workflow.id, inputs=INPUTS)
        assert len(letters(uow)) == expected
    uow.session.connection().execute(sa.update(PlanUsage).values(tasks=99))
    start_run(uow, workflow_id=workflow.id, inputs=INPUTS)
    assert [subject.partition(" ")[0] for subject in letters(uow)] == ["100", "100", "80", "80"]
    assert any("All of this month's tasks" in notice.title for notice in home_view(uow).notices)


def test_an_agent_more_than_the_plan_has_is_refused_and_so_is_bringing_one_back(uow: UnitOfWork) -> None:
    first = add_agent(uow, agent("First"))
    add_agent(uow, agent("Second"))
    with pytest.raises(AgentLimitReached, match="room for 2 agents"):
        add_agent(uow, agent("Third"))
    delete_agent(uow, agent_id=first.id)
    add_agent(uow, agent("Third"))
    with pytest.raises(AgentLimitReached):
        undelete_agent(uow, agent_id=first.id)
    put_on(uow, "starter")
    undelete_agent(uow, agent_id=first.id)
    put_on(uow, "free")
    assert (get_plan(uow).agents, get_plan(uow).most_agents) == (3, 2)


def starting(workflow_id: object) -> Any:
    return lambda unit: start_run(unit, workflow_id=workflow_id, inputs=INPUTS)


def attempt(planned: Wiring, actor: Actor, what: Any) -> bool:
    try:
        with planned.unit() as uow:
            uow.actor = actor
            what(uow)
    except (TaskLimitReached, AgentLimitReached):
        return False
    return True


def test_fifty_starts_at_once_with_one_task_left_give_exactly_one_run(planned: Wiring) -> None:
    with planned.unit() as uow:
        actor = uow.actor = make_member(uow, Role.MEMBER)
        workflow_id = make_workflow(uow).id
        used(uow, 99)
    with ThreadPoolExecutor(16) as pool:
        tries = [
            pool.submit(attempt, planned, actor, lambda unit: start_run(unit, workflow_id=workflow_id, inputs=INPUTS)) for _ in range(50)
        ]
        assert sum(one.result() for one in tries) == 1
    with planned.unit(write=False) as uow:
        uow.actor = actor
        assert get_plan(uow).tasks == 100
        assert len(uow.session.exec(select(Run)).all()) == 1


def test_agents_made_at_once_take_the_room_there_is(planned: Wiring) -> None:
    with planned.unit() as uow:
        actor = uow.actor = make_member(uow, Role.MEMBER)
        add_agent(uow, agent("First"))
    with ThreadPoolExecutor(8) as pool:
        tries = [pool.submit(attempt, planned, actor, lambda unit, n=n: add_agent(unit, agent(f"More {n}"))) for n in range(8)]
        assert sum(one.result() for one in tries) == 1


def test_the_first_starts_of_a_month_at_once_are_all_counted(planned: Wiring) -> None:
    with planned.unit() as uow:
        actor = uow.actor = make_member(uow, Role.MEMBER)
        workflow_id = make_workflow(uow).id
    with ThreadPoolExecutor(8) as pool:
        tries = [
            pool.submit(attempt, planned, actor, lambda unit: start_run(unit, workflow_id=workflow_id, inputs=INPUTS)) for _ in range(8)
        ]
        assert all(one.result() for one in tries)
    with planned.unit(write=False) as uow:
        uow.actor = actor
        assert get_plan(uow).tasks == 8


def test_operators_name_workspaces_and_plans_exactly(uow: UnitOfWork) -> None:
    put_on(uow, "pro")
    assert [(row.workspace, row.plan) for row in list_plans(uow)] == [("Acme", "pro")]
    assert get_plan(uow).name == "Pro"
    assert set_plan(uow, workspace="Acme", plan="business") == "Acme: pro -> business"
    with pytest.raises(Invalid, match="no plan 'gold'"):
        set_plan(uow, workspace="Acme", plan="gold")
    with pytest.raises(NotFound):
        set_plan(uow, workspace="Nobody", plan="pro")
    make_member(uow, Role.OWNER)
    with pytest.raises(Invalid, match="Several"):
        set_plan(uow, workspace="Acme", plan="pro")


def test_the_plan_of_another_workspace_counts_nothing_here(uow: UnitOfWork) -> None:
    used(uow, 100)
    uow.actor = make_member(uow, Role.OWNER)
    start_run(uow, workflow_id=make_workflow(uow).id, inputs=INPUTS)
    assert get_plan(uow).tasks == 1


def test_a_plan_that_is_too_small_is_told_with_its_numbers_before_it_is_ordered(uow: UnitOfWork) -> None:
    put_on(uow, "pro")
    for number in range(7):
        add_agent(uow, agent(f"Agent {number}"))
    used(uow, 1_200)
    cards = {card.key: card.too_small for card in get_plan(uow).cards}
    assert (cards["pro"], cards["business"], cards["enterprise"]) == ((), (), ())
    agents, tasks = cards["starter"]
    assert agents == (
        "You have 7 agents; Starter has room for 5. Nothing is deleted and all of them go on working; "
        "you cannot add one until there are fewer than 5."
    )
    assert tasks.startswith("You have used 1,200 tasks this month; Starter has 1,000 a month and goes on until 1,100.")
    put_on(uow, "starter")
    with pytest.raises(AgentLimitReached):
        add_agent(uow, agent("Another"))
