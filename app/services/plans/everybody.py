"""The plan of workspaces that have no other: AF_PLANS names it, or the operators of the installation choose it while it runs."""

import uuid

from sqlmodel import col, select

from app.core.audit import record
from app.core.errors import Conflict, Invalid
from app.core.uow import UnitOfWork
from app.services.operators import require_operator
from app.services.plans.catalogue import PLANS, default_plan
from app.views.plans import EverybodysPlan
from models.plan import PlanDefault
from models.subscription import Subscription

OFF = "off"


def get_everybodys_plan(uow: UnitOfWork) -> EverybodysPlan:
    """What operators see before they choose."""
    require_operator(uow)
    return EverybodysPlan(default_plan(uow) or OFF, is_fixed=uow.ports.default_plan is not None, choices=(OFF, *PLANS))


def set_everybodys_plan(uow: UnitOfWork, *, plan: object) -> str:
    """At once, for every workspace that has no other; `off` ends plans. What a workspace has beyond its plan stays. Returns its name."""
    require_operator(uow)
    return change_everybodys_plan(uow, plan=plan)


def change_everybodys_plan(uow: UnitOfWork, *, plan: object) -> str:
    """The same for the console."""
    if uow.ports.default_plan is not None:
        raise Conflict("AF_PLANS decides this here. Take it out of the settings of the installation and start it again.")
    if not isinstance(plan, str) or (plan not in PLANS and plan != OFF):
        raise Invalid("There is no such plan.", fields={"plan": f"Choose one of {', '.join((OFF, *PLANS))}."})
    row = uow.session.exec(select(PlanDefault).with_for_update()).first() or PlanDefault()
    _refuse_in_vain(uow, plan)
    before, row.plan = row.plan, "" if plan == OFF else plan
    row.updated_at = uow.ports.clock.now()
    uow.session.add(row)
    uow.session.flush()
    record(uow.trail, kind="plan", name="everybody's plan", operation="changed", changes={"plan": (before or OFF, plan)})
    return PLANS[plan].name if plan in PLANS else OFF


def _refuse_in_vain(uow: UnitOfWork, plan: str) -> None:
    """Nobody goes on paying for what everybody has."""
    of_plans = select(Subscription.amount_cents, Subscription.workspace_id).where(
        col(Subscription.claim).is_not(None), col(Subscription.seller_id).is_(None)
    )
    price = PLANS[plan].price_cents if plan in PLANS else None
    spaces: set[uuid.UUID] = {space for cents, space in uow.session.exec(of_plans) if price is None or cents <= price}
    if spaces:
        who = "One workspace pays" if len(spaces) == 1 else f"{len(spaces)} workspaces pay"
        told = f"{who} for a plan that would then be worth nothing. Their owners cancel it first, and it ends with what is paid."
        raise Conflict(told, code="plans_paid")
