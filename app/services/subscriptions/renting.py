"""Listings that are paid by the month: ordering one, ending it with its month, going on after all, and taking the newest month back."""

import uuid
from dataclasses import dataclass

from sqlmodel import col, select

from app.core.errors import Conflict, NotFound
from app.core.payments import Checkout
from app.core.permissions import Permission, require
from app.core.subscriptions import Price
from app.core.uow import UnitOfWork
from app.services.accounts.open_space import is_closed
from app.services.coupons.redeeming import offer_of
from app.services.market.access import bought, load_listing
from app.services.market.room import refuse_without_room
from app.services.payments.buying import ListingAlreadyOwned, refuse_own, require_seen
from app.services.payments.noting import attempt_of, note_refused, refund_name, refusals_of
from app.services.payments.payouts import gateway_of
from app.services.payments.refunding import WINDOW, RefundClosed
from app.services.subscriptions.opening import AlreadySubscribed, Ordered, PlanOrder, note_order_checkout, open_order
from app.services.subscriptions.pricing import price_of_listing
from app.services.subscriptions.standing import RUNNING, newest_paid
from models.ids import parse_id
from models.listing import Listing, ListingVersion
from models.subscription import Invoice, Subscription

PAID_ALREADY = "This workspace pays for this listing already. Install it from its page."


class RentEnded(Conflict):
    """Nothing more is charged for it, so nothing can be changed."""

    code = "subscription_ended"

    def __init__(self) -> None:
        super().__init__("This subscription is over. Subscribe anew on the page of the listing.")


class SellerGone(Conflict):
    """Nobody is left to be paid."""

    code = "seller_gone"

    def __init__(self) -> None:
        super().__init__("The creator of this listing has left the marketplace, so it ends with the month that is paid.")


@dataclass(frozen=True, slots=True)
class MonthBack:
    """What the edge asks the gateway for: the subscription ends, and what is left of its newest month goes back."""

    subscription_id: str
    payment_id: str
    amount_cents: int
    key: str
    refusals: int = 0


def place_rent_order(uow: UnitOfWork, *, slug: object, seen_cents: object, coupon: object = "") -> PlanOrder:
    """The standing order of the workspace for the listing, made if there is none; refused when the first month is not the one seen."""
    require(uow, Permission.EDIT)
    gateway_of(uow)
    listing = load_listing(uow, slug)
    refuse_own(uow, listing)
    if listing.state != "live" or listing.price_cents == 0:
        raise NotFound("This offer")
    claim, back = f"{uow.workspace_id}:{listing.id}", f"/marketplace/{listing.slug}"
    standing = uow.session.exec(uow.scoped(Subscription).where(Subscription.claim == claim)).first()
    if standing is not None and standing.state in RUNNING:
        raise AlreadySubscribed(PAID_ALREADY)
    offer = offer_of(uow, listing, coupon, held=standing)
    require_seen(listing, offer, seen_cents, is_monthly=True)
    if bought(uow, listing) is not None:
        raise ListingAlreadyOwned()
    refuse_without_room(uow, listing)
    of_listing = {
        "listing_id": listing.id, "version_id": listing.version_id, "seller_id": listing.workspace_id, "version": _number(uow, listing),
    }  # fmt: skip
    return open_order(uow, Ordered(claim, price_of_listing(listing), back, PAID_ALREADY, of_listing, offer))


def note_rent_checkout(uow: UnitOfWork, *, order_id: uuid.UUID, checkout: Checkout) -> bool:
    """Remember where the order is paid; False when another one took its place while the page was opened."""
    require(uow, Permission.EDIT)
    wanted = uow.scoped(Subscription).where(Subscription.id == order_id, col(Subscription.seller_id).is_not(None))
    order = uow.session.exec(wanted.with_for_update()).first()
    if order is not None and order.seller_id is not None and is_closed(uow, order.seller_id):
        return False
    return note_order_checkout(order, checkout)


def plan_rent_end(uow: UnitOfWork, *, order_id: object) -> str:
    """Which subscription the gateway lets end with its month."""
    require(uow, Permission.EDIT)
    return str(_running(uow, order_id).subscription_id)


def plan_rent_keep(uow: UnitOfWork, *, order_id: object) -> tuple[str, Price]:
    """Which subscription goes on after all, and at what price: the one it was ordered for."""
    require(uow, Permission.EDIT)
    order = _running(uow, order_id)
    if order.seller_id is not None and is_closed(uow, order.seller_id):
        raise SellerGone()
    return str(order.subscription_id), Price(order.price_key, order.title, order.amount_cents, order.currency)


def plan_month_back(uow: UnitOfWork, *, order_id: object) -> MonthBack:
    """What is left of the newest month, within the window after it was paid."""
    require(uow, Permission.EDIT)
    order = find_rent(uow, order_id)
    invoice = refundable(uow, order)
    if invoice is None or order.subscription_id is None:
        raise RefundClosed(f"A month can be taken back within {WINDOW.days} days after its payment. Write to the creator about this one.")
    left = invoice.paid_cents - invoice.refunded_cents
    name = refund_name(invoice.id, invoice.refunded_cents)
    refusals = refusals_of(uow, name)
    return MonthBack(order.subscription_id, invoice.payment_id, left, attempt_of(name, refusals), refusals)


def note_month_refused(uow: UnitOfWork, *, order_id: object, refusals: int) -> None:
    """The gateway would not give the newest month back: the next attempt is another one."""
    require(uow, Permission.EDIT)
    invoice = refundable(uow, find_rent(uow, order_id))
    if invoice is not None:
        note_refused(uow, refund_name(invoice.id, invoice.refunded_cents), refusals=refusals, payment_id=invoice.payment_id)


def find_rent(uow: UnitOfWork, order_id: object) -> Subscription:
    """A monthly order of the workspace for a listing."""
    order = uow.load(Subscription, parse_id(order_id), what="This order")
    if order.seller_id is None:
        raise NotFound("This order")
    return order


def refundable(uow: UnitOfWork, order: Subscription) -> Invoice | None:
    """The newest month, while it may be taken back."""
    return may_go_back(uow, newest_paid(uow, order))


def may_go_back(uow: UnitOfWork, invoice: Invoice | None) -> Invoice | None:
    """The month itself while that lasts."""
    if invoice is None or not invoice.payment_id or invoice.paid_at is None or invoice.paid_cents <= invoice.refunded_cents:
        return None
    return invoice if uow.ports.clock.now() <= invoice.paid_at + WINDOW else None


def _running(uow: UnitOfWork, order_id: object) -> Subscription:
    order = find_rent(uow, order_id)
    if order.state not in RUNNING or order.subscription_id is None:
        raise RentEnded()
    return order


def _number(uow: UnitOfWork, listing: Listing) -> str:
    return uow.session.exec(select(ListingVersion.number).where(ListingVersion.id == listing.version_id)).one()
