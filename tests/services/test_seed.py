"""Seeding gives the demo account something to look at, once."""

from dataclasses import replace

from sqlmodel import select

from app.adapters.llm_demo.model import DemoLanguageModel
from app.core.uow import Actor, UnitOfWork
from app.services.home import getting_started, home_view
from app.services.runs import start_run
from app.services.seed import AGENTS, GIVEN, WORKFLOWS, seed_demo
from app.services.templates import create_from_template
from app.wiring import Wiring
from models.agent import Agent
from models.run import Run, RunStatus
from models.user import User
from models.workflow import Workflow
from models.workspace import Membership, Role, Workspace
from tests.support.driving import drive


def test_the_demo_account_is_created_once_with_examples(uow: UnitOfWork) -> None:
    assert seed_demo(uow)
    assert not seed_demo(uow)
    assert uow.session.exec(select(User.is_demo)).all() == [True]
    assert uow.session.exec(select(Workspace.name)).all() == ["Demo workspace"]
    assert len(uow.session.exec(select(Agent.id)).all()) >= AGENTS  # the workflows bring theirs
    assert uow.session.exec(select(Workflow.error_count)).all() == [0] * WORKFLOWS
    assert uow.actor is None


def test_production_is_never_seeded(uow: UnitOfWork) -> None:
    uow.ports = replace(uow.ports, demo_account_allowed=False)
    assert not seed_demo(uow)
    assert uow.session.exec(select(User.id)).all() == []


def test_the_demo_workspace_has_a_finished_run_to_look_at_that_is_not_taken_for_the_persons(wiring: Wiring) -> None:
    assert wiring.call(seed_demo, None)
    with wiring.unit(write=False) as uow:
        own = uow.session.exec(select(Membership)).one()
        run = uow.session.exec(select(Run)).one().id
        actor = Actor(user_id=own.user_id, workspace_id=own.workspace_id, role=Role.OWNER)
    done = drive(wiring, actor, run, models=DemoLanguageModel(tokens_per_s=0))
    assert done.row.status == RunStatus.SUCCEEDED
    assert "38,000 euros" in str(done.output)
    with wiring.unit(write=False) as uow:
        uow.actor = actor
        assert [one.id for one in home_view(uow).runs] == [str(run)]
        assert [one.key for one in getting_started(uow) if one.is_done] == []
    with wiring.unit() as uow:
        uow.actor = actor
        create_from_template(uow, key="lead_scoring")
        start_run(uow, workflow_id=done.row.workflow_id, inputs=GIVEN)
        assert [one.key for one in getting_started(uow) if one.is_done] == ["workflow", "run"]


def test_the_examples_come_also_where_the_smallest_plan_has_no_room_for_them(wiring: Wiring) -> None:
    planned = replace(wiring, ports=replace(wiring.ports, default_plan="free"))
    with planned.unit() as uow:
        assert seed_demo(uow)
        assert len(uow.session.exec(select(Agent)).all()) > 2
        assert uow.ports.default_plan == "free"
