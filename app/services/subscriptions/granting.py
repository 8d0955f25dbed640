"""What a workspace has by what it paid: the newest paid invoice says what, and until when."""

from datetime import datetime, timedelta

from sqlmodel import select

from app.core.uow import UnitOfWork
from app.services.plans.catalogue import plan_table
from app.services.plans.counting import open_row
from app.services.subscriptions.pricing import plan_of_price
from app.services.subscriptions.standing import GRACE, newest_paid
from models.plan import WorkspacePlan
from models.subscription import Invoice, Subscription


def grant(uow: UnitOfWork, standing: Subscription) -> None:
    """Bring the workspace's plan, or its right to a listing, to what is paid for."""
    invoice = newest_paid(uow, standing)
    if standing.seller_id is not None:
        standing.paid_until = _until(standing, invoice) if invoice else None
        uow.session.add(standing)
        uow.session.flush()
    else:
        _grant_plan(uow, standing, invoice)


def _grant_plan(uow: UnitOfWork, standing: Subscription, invoice: Invoice | None) -> None:
    plan = plan_of_price(invoice.price_key) if invoice else None
    if plan is None and standing.state == "pending":
        return
    open_row(uow, plan_table, {"workspace_id": standing.workspace_id, "plan": "", "bought_plan": ""}, key=["workspace_id"])
    row = uow.session.exec(select(WorkspacePlan).where(WorkspacePlan.workspace_id == standing.workspace_id).with_for_update()).one()
    row.bought_plan = plan.key if plan else ""
    row.bought_until = _until(standing, invoice) if plan and invoice else None
    uow.session.add(row)
    uow.session.flush()


def _until(standing: Subscription, invoice: Invoice) -> datetime:
    renews = standing.state in ("active", "past_due") and not standing.is_cancelled
    return invoice.period_end + (GRACE if renews else timedelta())
