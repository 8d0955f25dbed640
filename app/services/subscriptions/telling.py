"""Letters about monthly payments, to the owners and admins of the workspace that pays."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.core.money import format_cents
from app.core.uow import UnitOfWork
from app.services.mail import queue_mail
from app.services.plans.counting import leading_people
from app.services.subscriptions.opening import page_of
from app.services.subscriptions.pricing import read_price_key
from app.services.subscriptions.standing import GRACE, newest_paid
from app.views import words
from models.subscription import Invoice, Subscription
from models.workspace import Workspace

PLAN_OVER = "What the workspace has stays; a plan can be chosen anew."


@dataclass(frozen=True, slots=True)
class Returned:
    """So much of an invoice, by one refund."""

    invoice: Invoice
    cents: int


def tell_paid(uow: UnitOfWork, standing: Subscription, invoice: Invoice) -> None:
    """A receipt, with the way to the invoice."""
    if invoice.paid_cents:
        paid = format_cents(invoice.paid_cents, invoice.currency)
        text = f"{paid} was paid. The invoice {invoice.number} is under {_place(standing)}."
        _write(uow, standing, f"Receipt for {_what(standing, invoice.price_key)}: {paid}", text)


def tell_returned(uow: UnitOfWork, standing: Subscription, back: Sequence[Returned], *, has_ended: bool) -> None:
    """What goes back, in one letter; also that nothing more is charged, where it ended with that."""
    newest = back[-1].invoice
    cents, what = format_cents(sum(one.cents for one in back), newest.currency), _what(standing, newest.price_key)
    numbers = " and ".join(dict.fromkeys(one.invoice.number for one in back))
    text = f"{cents} of what was paid for {what} (invoice {numbers}) goes back to the card it was paid with. Banks take up to ten days."
    over = f"\n\n{what} has ended, and nothing more is charged. {_after(standing)}" if has_ended else ""
    _write(uow, standing, f"Refund for {what}: {cents}", f"{text}{over}")


def tell_not_arrived(uow: UnitOfWork, standing: Subscription, invoice: Invoice, cents: int) -> None:
    """A refund that the buyer's bank has sent back."""
    what, gone = _what(standing, invoice.price_key), format_cents(cents, invoice.currency)
    text = f"The refund of {gone} for {what} (invoice {invoice.number}) did not arrive: the bank sent it back."
    _write(uow, standing, f"The refund for {what} did not arrive", text)


def tell_failed(uow: UnitOfWork, standing: Subscription) -> None:
    """The card was refused; what happens when nothing comes."""
    paid = newest_paid(uow, standing)
    until = f" Without a payment it ends on {words.long_day(paid.period_end + GRACE)}." if paid else ""
    goes_on = "What came with it goes on running for now." if standing.seller_id else "The plan goes on for now."
    text = f"The payment for the next month did not go through. {goes_on}{until} Pay the open invoice under {_place(standing)}."
    _write(uow, standing, f"The payment for {standing.title} was refused", text)


def tell_ended(uow: UnitOfWork, standing: Subscription) -> None:
    """Nothing more is charged."""
    paid = newest_paid(uow, standing)
    what = _what(standing, paid.price_key if paid else standing.next_price_key)
    _write(uow, standing, f"{what} has ended", f"Nothing more is charged. {_after(standing)}")


def tell_taken_back(uow: UnitOfWork, standing: Subscription, invoice: Invoice) -> None:
    """A bank decided a dispute for its customer, so nothing is charged any more: why, what stays, and the way back."""
    paid, kept = format_cents(invoice.paid_cents, invoice.currency), newest_paid(uow, standing)
    until = f" What else is paid stays until {words.long_day(kept.period_end)}." if kept else ""
    again = "Subscribe again on its page" if standing.seller_id else "Choose a plan again under Plan"
    after = "What it has made stays, and it starts no more runs." if standing.seller_id else "Nothing that the workspace has is deleted."
    text = (
        f"The bank decided the dispute over {paid} (invoice {invoice.number}) for its customer and keeps the money. So {standing.title} "
        f"has ended, and the card is charged no more.{until} {after}\n\n{again} whenever you like. If nobody "
        "of you meant to dispute the payment, tell the bank first: it takes the next one back, too."
    )
    _write(uow, standing, f"{standing.title} has ended: the bank took a payment back", text)


def tell_deserted(uow: UnitOfWork, standing: Subscription) -> None:
    """The workspace that sells it was deleted, so its month is the last one."""
    until = f" You can use it until {words.long_day(standing.period_end)}." if standing.period_end else ""
    text = (
        f"The creator of {standing.title} has left the marketplace. The month that is paid is the last one: nothing more is charged.{until}"
    )
    _write(uow, standing, f"{standing.title} ends with this month", text)


def _what(standing: Subscription, price_key: str) -> str:
    """What a price is for: the plan that was gone over to since, or the listing."""
    plan = read_price_key(price_key) if standing.seller_id is None else None
    return plan.title if plan else standing.title


def _after(standing: Subscription) -> str:
    return "What it has made stays, and it starts no more runs; subscribe again whenever you like." if standing.seller_id else PLAN_OVER


def _place(standing: Subscription) -> str:
    return "Purchases" if standing.seller_id else "Plan"


def _write(uow: UnitOfWork, standing: Subscription, subject: str, text: str) -> None:
    space = uow.session.get(Workspace, standing.workspace_id)
    name = space.name if space else "Your workspace"
    test = "This was test mode: no money moved.\n\n" if standing.mode == "test" else ""
    for email in leading_people(uow, standing.workspace_id):
        queue_mail(uow, to=email, subject=f"{name}: {subject}", text=f"{text}\n\n{test}{uow.ports.public_url}{page_of(standing)}\n")
