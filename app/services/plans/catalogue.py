"""The plans, written once."""

from dataclasses import dataclass

import sqlalchemy as sa
from sqlmodel import select

from app.core.uow import UnitOfWork
from models.plan import PlanDefault, WorkspacePlan

GRACE_PERCENT = 10


@dataclass(frozen=True, slots=True)
class Plan:
    """What a workspace may have; None is no limit. Prices are a month, in cents of US dollars."""

    key: str
    name: str
    price_cents: int | None
    agents: int | None
    tasks: int | None

    @property
    def most_tasks(self) -> int | None:
        """Where starts are refused: paid plans go on for a tenth of their tasks, so that a busy night does not stop at once."""
        grace = GRACE_PERCENT if self.price_cents else 0
        return None if self.tasks is None else self.tasks + self.tasks * grace // 100


PLANS: dict[str, Plan] = {
    plan.key: plan
    for plan in (
        Plan("free", "Free", 0, 2, 100),
        Plan("starter", "Starter", 9_900, 5, 1_000),
        Plan("pro", "Pro", 29_900, 20, 10_000),
        Plan("business", "Business", 79_900, 100, 50_000),
        Plan("enterprise", "Enterprise", None, None, None),
    )
}
plan_table: sa.Table = WorkspacePlan.__table__  # type: ignore[attr-defined]


def default_plan(uow: UnitOfWork, *, is_held: bool = False) -> str:
    """The key of the plan of workspaces that have no other, "" where there are no plans; `is_held` until the transaction ends."""
    if uow.ports.default_plan is not None:
        return uow.ports.default_plan
    chosen = select(PlanDefault.plan)
    return uow.session.exec(chosen.with_for_update(read=True) if is_held else chosen).first() or ""


def plan_of(uow: UnitOfWork) -> Plan | None:
    """The plan of the actor's workspace, by an operator, by what it pays, or everybody's; None where the installation has no plans."""
    everybodys = default_plan(uow)
    if not everybodys:
        return None
    wanted = select(WorkspacePlan.plan, WorkspacePlan.bought_plan, WorkspacePlan.bought_until)
    row = uow.session.exec(wanted.where(WorkspacePlan.workspace_id == uow.workspace_id)).first()
    if row is None:
        return PLANS[everybodys]
    chosen, bought, until = row
    is_paid = until is not None and uow.ports.clock.now() < until
    return PLANS.get(chosen) or (PLANS.get(bought) if is_paid else None) or PLANS[everybodys]
