"""A workspace's plan and what of it is used."""

from app.core.permissions import Permission, require
from app.core.uow import UnitOfWork
from app.services.plans.catalogue import PLANS, plan_of
from app.services.plans.counting import count_agents, next_period, period_of
from app.services.plans.fitting import tell_too_small
from app.views.plans import PlanCard, PlanDetail
from models.plan import PlanUsage


def get_plan(uow: UnitOfWork) -> PlanDetail:
    """What the page of the plan shows."""
    require(uow, Permission.VIEW)
    plan, now = plan_of(uow), uow.ports.clock.now()
    if plan is None:
        return PlanDetail(is_on=False)
    usage = uow.session.exec(uow.scoped(PlanUsage).where(PlanUsage.period == period_of(now))).first()
    return PlanDetail(
        is_on=True,
        name=plan.name,
        tasks=usage.tasks if usage else 0,
        tasks_of_plan=plan.tasks,
        most_tasks=plan.most_tasks,
        agents=count_agents(uow),
        most_agents=plan.agents,
        resets_on=next_period(now),
        cards=tuple(
            PlanCard(
                one.key, one.name, one.price_cents, one.agents, one.tasks, one is plan, () if one is plan else tell_too_small(uow, one)
            )
            for one in PLANS.values()
        ),
    )


def get_plan_name(uow: UnitOfWork) -> str:
    """The name of the workspace's plan, "" where there are none; the frame of pages asks it."""
    require(uow, Permission.VIEW)
    plan = plan_of(uow)
    return plan.name if plan else ""
