"""Whether what a workspace uses fits into a plan, told before anybody orders it."""

from app.core.uow import UnitOfWork
from app.services.plans.catalogue import Plan
from app.services.plans.counting import count_agents, next_period, period_of
from models.plan import PlanUsage


def tell_too_small(uow: UnitOfWork, plan: Plan) -> tuple[str, ...]:
    """What of the use of now has no room in the plan, and what follows from that; nothing where all of it fits."""
    return tuple(filter(None, (_agents(uow, plan), _tasks(uow, plan))))


def _agents(uow: UnitOfWork, plan: Plan) -> str:
    has = count_agents(uow)
    if plan.agents is None or has <= plan.agents:
        return ""
    return (
        f"You have {has:,} agents; {plan.name} has room for {plan.agents:,}. Nothing is deleted and all of them go on working; "
        f"you cannot add one until there are fewer than {plan.agents:,}."
    )


def _tasks(uow: UnitOfWork, plan: Plan) -> str:
    now = uow.ports.clock.now()
    usage = uow.session.exec(uow.scoped(PlanUsage).where(PlanUsage.period == period_of(now))).first()
    used = usage.tasks if usage else 0
    if plan.tasks is None or plan.most_tasks is None or used <= plan.tasks:
        return ""
    begins = f"{next_period(now):%d %B}".lstrip("0")
    grace = f" and goes on until {plan.most_tasks:,}" if plan.most_tasks != plan.tasks else ""
    return (
        f"You have used {used:,} tasks this month; {plan.name} has {plan.tasks:,} a month{grace}. Beyond that, starts are refused. "
        f"The count begins anew on {begins}."
    )
