"""What a listing costs with a code, told before anything is ordered; nothing is held by asking."""

from app.core.errors import NotFound
from app.core.money import format_cents
from app.core.permissions import Permission, require
from app.core.uow import UnitOfWork
from app.services.coupons.redeeming import Offer, offer_of
from app.services.market.access import load_listing
from app.services.market.cards import price_text
from app.views.coupons import Quote
from models.listing import Listing
from models.purchase import Purchase
from models.subscription import Subscription


def get_quote(uow: UnitOfWork, *, slug: object, coupon: object = "") -> Quote:
    """The price, what the code takes off, and what is left to pay."""
    require(uow, Permission.EDIT)
    listing = load_listing(uow, slug)
    if listing.state != "live" or listing.price_cents == 0:
        raise NotFound("This offer")
    offer = offer_of(uow, listing, coupon, held=held_order(uow, listing))
    return Quote(
        slug=listing.slug,
        code=offer.code,
        price=price_text(listing),
        discount=format_cents(-offer.discount_cents, listing.currency) if offer.discount_cents else "",
        total=format_cents(offer.total_cents, listing.currency),
        price_cents=offer.price_cents,
        discount_cents=offer.discount_cents,
        total_cents=offer.total_cents,
        is_monthly=listing.is_monthly,
        note=" ".join(part for part in (_length(listing, offer), tax_words(uow)) if part),
    )


def held_order(uow: UnitOfWork, listing: Listing) -> Purchase | Subscription | None:
    """The order of the workspace that waits for its payment."""
    kind = Subscription if listing.is_monthly else Purchase
    waiting = uow.scoped(kind).where(kind.claim == f"{uow.workspace_id}:{listing.id}", kind.state == "pending")
    return uow.session.exec(waiting).first()


def tax_words(uow: UnitOfWork) -> str:
    """What a buyer is told of taxes before paying."""
    gateway = uow.ports.payments
    if gateway is None or not gateway.taxes.is_on:
        return ""
    return "Prices include tax." if gateway.taxes.is_inclusive else "Tax is added on the payment page."


def _length(listing: Listing, offer: Offer) -> str:
    if not listing.is_monthly or not offer.discount_cents:
        return ""
    price = price_text(listing)
    if offer.months == 0:
        return "Every month, as long as the subscription goes on."
    first = "The first month" if offer.months == 1 else f"The first {offer.months} months"
    return f"{first}, then {price}."
