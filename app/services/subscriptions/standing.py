"""The standing order for the workspace's plan, and what is paid of it; the other modules start from here."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import col, select

from app.core.errors import Conflict
from app.core.uow import UnitOfWork
from app.services.plans.catalogue import Plan
from app.services.subscriptions.pricing import plan_of_price
from models.plan import WorkspacePlan
from models.subscription import Invoice, Subscription

RUNNING = ("active", "past_due")
NEWEST = (col(Invoice.period_end).desc(), col(Invoice.issued_at).desc(), col(Invoice.id).desc())
MOST_LOOKED_AT = 50  # more raises than any period has
GRACE = timedelta(days=7)
"""How long a plan goes on whose renewal is late or was refused."""


class NoSubscription(Conflict):
    """There is nothing to change."""

    code = "no_subscription"

    def __init__(self) -> None:
        super().__init__("This workspace pays for no plan. Choose one first.")


class PlanFixed(Conflict):
    """Operators have chosen the plan of this workspace."""

    code = "plan_fixed"

    def __init__(self) -> None:
        super().__init__("The operators of this installation have put this workspace on its plan. Ask them to change it.")


@dataclass(frozen=True, slots=True)
class Paid:
    """A running subscription and its newest paid invoice."""

    standing: Subscription
    invoice: Invoice
    plan: Plan

    @property
    def is_changing(self) -> bool:
        """Whether the next period is another one than this, or there is none."""
        return self.standing.is_cancelled or self.standing.next_price_key != self.invoice.price_key


def claim_of(uow: UnitOfWork) -> str:
    """What only one order of the workspace may hold."""
    return f"{uow.workspace_id}:plan"


def find_standing(uow: UnitOfWork, *, lock: bool = False) -> Subscription | None:
    """The order that stands, paid or not."""
    wanted = uow.scoped(Subscription).where(Subscription.claim == claim_of(uow))
    return uow.session.exec(wanted.with_for_update() if lock else wanted).first()


def find_paid(uow: UnitOfWork) -> Paid | None:
    """What the workspace pays for now."""
    standing = find_standing(uow)
    if standing is None or standing.state not in RUNNING:
        return None
    invoice = newest_paid(uow, standing)
    plan = plan_of_price(invoice.price_key) if invoice else None
    return Paid(standing, invoice, plan) if invoice and plan else None


def newest_paid(uow: UnitOfWork, standing: Subscription) -> Invoice | None:
    """The invoice that says what is paid for, and until when; what was given back whole pays for nothing.

    A raise takes the difference only: it counts while what it was paid on top of counts.
    """
    kept = select(Invoice).where(Invoice.standing_id == standing.id, pays()).order_by(*NEWEST).limit(MOST_LOOKED_AT)
    counted: list[Invoice] = []
    for invoice in reversed(uow.session.exec(kept).all()):
        below = (invoice.period_end, invoice.raised_from)
        if not invoice.raised_from or below in {(one.period_end, one.price_key) for one in counted}:
            counted.append(invoice)
    return counted[-1] if counted else None


def newest_lost(uow: UnitOfWork, standing: Subscription) -> Invoice | None:
    """The newest of its payments that a bank took back for good."""
    lost = select(Invoice).where(Invoice.standing_id == standing.id, col(Invoice.is_lost))
    return uow.session.exec(lost.order_by(*NEWEST).limit(1)).first()


def pays() -> sa.ColumnElement[bool]:
    """Which invoices pay for something."""
    is_kept = (col(Invoice.refunded_cents) < col(Invoice.paid_cents)) | (col(Invoice.paid_cents) == 0)
    return sa.and_(col(Invoice.state) == "paid", col(Invoice.is_lost).is_(False), is_kept)


def refuse_fixed(uow: UnitOfWork) -> None:
    """Nobody pays for a plan that operators have chosen."""
    row = uow.session.exec(uow.scoped(WorkspacePlan)).first()
    if row is not None and row.plan:
        raise PlanFixed()


def unpaid_until(uow: UnitOfWork) -> datetime | None:
    """When the plan ends whose renewal was not paid; None where nothing is owed."""
    paid = find_paid(uow)
    return paid.invoice.period_end + GRACE if paid and paid.standing.state == "past_due" else None
