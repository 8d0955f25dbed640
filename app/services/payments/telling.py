"""Letters to who bought a single order: what was paid and what came back, with the way to the document."""

from app.core.money import format_cents
from app.core.uow import UnitOfWork
from app.services.mail import queue_mail
from app.services.plans.counting import leading_people
from models.purchase import Purchase
from models.user import User
from models.workspace import Workspace


def tell_paid(uow: UnitOfWork, purchase: Purchase, number: str) -> None:
    """The receipt `number`; nothing for an order that cost nothing."""
    if purchase.paid_cents:
        paid = format_cents(purchase.paid_cents, purchase.currency)
        text = f"{paid} was paid for {purchase.title} {purchase.version}. The receipt {number} is on the order's page."
        _write(uow, purchase, f"Receipt for {purchase.title}: {paid}", text)


def tell_returned(uow: UnitOfWork, purchase: Purchase, cents: int, number: str) -> None:
    """A refund of so much, with the credit note `number` where one was written."""
    back = format_cents(cents, purchase.currency)
    note = f" The credit note {number} is on the order's page." if number else ""
    text = f"{back} of what was paid for {purchase.title} goes back to the card it was paid with. Banks take up to ten days.{note}"
    _write(uow, purchase, f"Refund for {purchase.title}: {back}", text)


def tell_not_arrived(uow: UnitOfWork, purchase: Purchase, cents: int) -> None:
    """A refund that the buyer's bank has sent back."""
    back = format_cents(cents, purchase.currency)
    text = f"The refund of {back} for {purchase.title} did not arrive: the bank sent it back. The order counts as paid again."
    _write(uow, purchase, f"The refund for {purchase.title} did not arrive", text)


def _write(uow: UnitOfWork, purchase: Purchase, subject: str, text: str) -> None:
    space = uow.session.get(Workspace, purchase.workspace_id)
    name = space.name if space else "Your workspace"
    test = "This was test mode: no money moved.\n\n" if purchase.mode == "test" else ""
    for email in _readers(uow, purchase):
        told = f"{text}\n\n{test}{uow.ports.public_url}/purchases/{purchase.id}\n"
        queue_mail(uow, to=email, subject=f"{name}: {subject}", text=told)


def _readers(uow: UnitOfWork, purchase: Purchase) -> list[str]:
    """Who ordered it; once they have left, the owners and admins. None where no e-mail is sent."""
    if uow.ports.mailer.kind == "none":
        return []
    buyer = uow.session.get(User, purchase.buyer_id) if purchase.buyer_id else None
    if buyer is not None and buyer.is_demo:
        return []
    return [buyer.email] if buyer is not None and buyer.disabled_at is None else list(leading_people(uow, purchase.workspace_id))
