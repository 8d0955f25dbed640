"""What of a workspace has to be settled before it can be deleted: money that is owed either way, and what is still being decided."""

import uuid

from sqlmodel import select

from app.core.money import format_cents
from app.core.uow import UnitOfWork
from app.services.closing.standing import mode_of
from app.services.payments.ledger import balance, creator_account
from app.services.payments.payouts import LOWEST_CENTS
from app.views.closing import Obstacle
from models.purchase import Payout, Purchase

SELLING = "/marketplace/sell"
_SHOWN = 5


def find_obstacles(uow: UnitOfWork, workspace_id: uuid.UUID) -> tuple[Obstacle, ...]:
    """All of them; the caller has asked the permission. None on an installation without payments, where nothing is owed."""
    return (*_balances(uow, workspace_id), *_payouts(uow, workspace_id), *_disputes(uow, workspace_id))


def _balances(uow: UnitOfWork, workspace_id: uuid.UUID) -> list[Obstacle]:
    mode = mode_of(uow)
    account = creator_account(workspace_id)
    owed = balance(uow, account, mode=mode)
    held = owed - balance(uow, account, mode=mode, available_by=uow.ports.clock.now())
    found: list[Obstacle] = []
    if held > 0:
        text = f"{format_cents(held)} of your sales is still on hold."
        found.append(Obstacle("hold", text, "Wait until it is available, a week after the sale, and pay it out.", SELLING))
    if owed - max(held, 0) >= LOWEST_CENTS:
        text = f"{format_cents(owed - max(held, 0))} of your balance is not paid out."
        found.append(Obstacle("balance", text, "Pay it out under Sell.", SELLING))
    if owed < 0:
        text = f"Your balance is {format_cents(owed)}: more went back to buyers than was left."
        found.append(Obstacle("debt", text, "Settle it with the operators of this installation.", SELLING))
    return found


def _payouts(uow: UnitOfWork, workspace_id: uuid.UUID) -> list[Obstacle]:
    under_way = select(Payout).where(Payout.workspace_id == workspace_id, Payout.state == "requested", Payout.mode == mode_of(uow))
    return [
        Obstacle("payout", f"A payout of {format_cents(one.amount_cents, one.currency)} is under way.", "Wait until it is made.", SELLING)
        for one in uow.session.exec(under_way.limit(_SHOWN))
    ]


def _disputes(uow: UnitOfWork, workspace_id: uuid.UUID) -> list[Obstacle]:
    disputed = select(Purchase).where(Purchase.state == "disputed", Purchase.mode == mode_of(uow))
    bought = uow.session.exec(disputed.where(Purchase.workspace_id == workspace_id).limit(_SHOWN)).all()
    sold = uow.session.exec(disputed.where(Purchase.seller_id == workspace_id).limit(_SHOWN)).all()
    remedy = "Wait until the bank has decided."
    return [
        *(Obstacle("dispute", f"The payment of “{one.title}” is disputed.", remedy, f"/purchases/{one.id}") for one in bought),
        *(Obstacle("dispute", f"A buyer's bank disputes the payment of “{one.title}”.", remedy, SELLING) for one in sold),
    ]
