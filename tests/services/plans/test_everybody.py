"""The plan of everybody: chosen by operators while the installation runs, at once, and never in vain for who pays."""

from dataclasses import replace

import pytest
from sqlmodel import col, select

from app.core.errors import Conflict, Invalid, NotAllowed
from app.core.uow import Actor
from app.services.plans import PLANS, TaskLimitReached, get_everybodys_plan, get_plan, set_everybodys_plan
from app.services.plans.counting import period_of
from app.services.runs import start_run
from app.services.seed import seed_demo
from app.wiring import Wiring
from models.audit import AuditEntry
from models.plan import PlanUsage
from models.user import User
from models.workspace import Membership, Role
from tests.support.billing import Desk
from tests.support.clock import FrozenClock
from tests.support.people import make_member
from tests.support.workflows import make_workflow


@pytest.fixture
def operator(wiring: Wiring) -> Actor:
    """The demo account, who operates installations outside production."""
    with wiring.unit() as uow:
        seed_demo(uow)
        demo = uow.session.exec(select(Membership).join(User, col(User.id) == Membership.user_id).where(col(User.is_demo))).one()
        return Actor(user_id=demo.user_id, workspace_id=demo.workspace_id, role=Role.OWNER)


def choose(wiring: Wiring, operator: Actor, plan: object) -> str:
    return wiring.call(set_everybodys_plan, operator, plan=plan)


def test_plans_are_off_until_an_operator_turns_them_on_and_count_at_once(wiring: Wiring, operator: Actor) -> None:
    with wiring.unit() as uow:
        uow.actor = ada = make_member(uow, Role.OWNER)
        workflow_id = make_workflow(uow).id
        period = period_of(uow.ports.clock.now())
        uow.session.add(PlanUsage(workspace_id=uow.workspace_id, period=period, tasks=100, alerted=100))
    assert wiring.call(get_plan, ada).is_on is False
    wiring.call(start_run, ada, workflow_id=workflow_id, inputs={"name": "Ada"})
    assert choose(wiring, operator, "free") == "Free"
    assert wiring.call(get_everybodys_plan, operator).plan == "free"
    assert (wiring.call(get_plan, ada).name, wiring.call(get_plan, ada).most_agents) == ("Free", 2)
    with pytest.raises(TaskLimitReached):
        wiring.call(start_run, ada, workflow_id=workflow_id, inputs={"name": "Ada"})
    assert choose(wiring, operator, "off") == "off"
    wiring.call(start_run, ada, workflow_id=workflow_id, inputs={"name": "Ada"})


def test_the_trail_tells_of_it(wiring: Wiring, operator: Actor) -> None:
    choose(wiring, operator, "pro")
    with wiring.unit(write=False) as uow:
        told = uow.session.exec(select(AuditEntry).where(AuditEntry.kind == "plan")).one()
        assert (told.name, told.changes) == ("everybody's plan", {"plan": ["off", "pro"]})


def test_only_operators_choose(wiring: Wiring, operator: Actor) -> None:
    with wiring.unit() as uow:
        owner = make_member(uow, Role.OWNER)
    with pytest.raises(NotAllowed):
        choose(wiring, owner, "free")
    with pytest.raises(NotAllowed):
        wiring.call(get_everybodys_plan, owner)


@pytest.mark.parametrize("plan", ["", "gold", None, 7, ["free"]])
def test_what_is_no_plan_is_refused(wiring: Wiring, operator: Actor, plan: object) -> None:
    with pytest.raises(Invalid) as refused:
        choose(wiring, operator, plan)
    assert set(refused.value.fields) == {"plan"}


@pytest.mark.parametrize("named", ["", *PLANS])
def test_what_the_settings_name_is_not_changed_while_it_runs(wiring: Wiring, operator: Actor, named: str) -> None:
    fixed = replace(wiring, ports=replace(wiring.ports, default_plan=named))
    assert fixed.call(get_everybodys_plan, operator).is_fixed
    with pytest.raises(Conflict, match="AF_PLANS"):
        choose(fixed, operator, "free")


def test_nobody_goes_on_paying_for_what_everybody_has(wiring: Wiring, clock: FrozenClock, operator: Actor) -> None:
    choose(wiring, operator, "free")
    desk = Desk(wiring, clock)
    desk.wiring = replace(desk.wiring, ports=replace(desk.wiring.ports, default_plan=None))
    desk.subscribe("starter")
    for plan in ("off", "starter", "pro", "enterprise"):
        with pytest.raises(Conflict, match="One workspace pays"):
            choose(wiring, operator, plan)
    desk.change("free")
    desk.wait(days=31)
    assert choose(wiring, operator, "off") == "off"
