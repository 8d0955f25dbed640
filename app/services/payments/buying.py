"""Placing an order: once per workspace and listing, with title, price and fee as they are at this moment. No client ever names a price."""

import uuid
from dataclasses import dataclass

import sqlalchemy as sa
from sqlmodel import col, select

from app.core.audit import record
from app.core.bulk import insert_into, is_inserted
from app.core.errors import Conflict, NotFound
from app.core.money import format_cents
from app.core.payments import Checkout, CheckoutWish
from app.core.permissions import Permission, require
from app.core.uow import UnitOfWork
from app.services.accounts.open_space import is_closed
from app.services.coupons.redeeming import Offer, hold, offer_of
from app.services.market.access import is_seller, load_listing
from app.services.market.cards import price_text
from app.services.market.room import refuse_without_room
from app.services.payments.fees import fee_of
from app.services.payments.noting import checkout_key
from app.services.payments.payouts import gateway_of
from app.services.payments.settling import give_up, settle
from models.ids import new_id, parse_id
from models.listing import Listing, ListingVersion
from models.purchase import HOLDING, Purchase
from models.user import User


class ListingAlreadyOwned(Conflict):
    """It was bought before."""

    code = "listing_already_owned"

    def __init__(self) -> None:
        super().__init__("This workspace has bought this listing already. Install it from its page.")


class OwnListing(Conflict):
    """Nobody buys from themselves, through whichever workspace."""

    code = "own_listing"

    def __init__(self) -> None:
        super().__init__("You belong to the workspace that sells this listing, so you cannot buy it. Install it there.")


class PriceChanged(Conflict):
    """What the buyer saw is not what it costs now."""

    code = "price_changed"

    def __init__(self, price: str) -> None:
        super().__init__(f"The price has changed: it is {price} now. Look again before you buy.")


class OtherBilling(PriceChanged):
    """It is paid by the month and was ordered once, or the other way round."""

    code = "other_billing"

    def __init__(self, listing: Listing) -> None:
        wanted = "month" if listing.is_monthly else "once"
        how = "monthly" if listing.is_monthly else "once, not monthly"
        told = f"This listing is paid {how}: {price_text(listing)}."
        Conflict.__init__(self, told, fields={"seen_billing": f"Send “{wanted}” to order it at that price."})


def require_seen(listing: Listing, offer: Offer, seen_cents: object, *, is_monthly: bool) -> None:
    """Raise OtherBilling or PriceChanged unless this is the offer that the buyer saw."""
    if listing.is_monthly != is_monthly:
        raise OtherBilling(listing)
    if type(seen_cents) is not int or seen_cents != offer.total_cents:
        raise PriceChanged(format_cents(offer.total_cents, listing.currency) if offer.code else price_text(listing))


@dataclass(frozen=True, slots=True)
class Order:
    """What the edge does next: close the checkout `to_close` and ask again, or open the one of `wish`."""

    purchase_id: uuid.UUID
    wish: CheckoutWish | None  # None: it costs nothing and is settled
    to_close: str = ""
    known: Checkout | None = None


def place_order(uow: UnitOfWork, *, slug: object, seen_cents: object, coupon: object = "") -> Order:
    """The standing order of the workspace for this listing, made if there is none; refused when the price is not the one seen.

    `seen_cents` is what the buyer saw as the sum to pay, with the code in `coupon` taken off.
    """
    require(uow, Permission.EDIT)
    assert uow.actor
    mode = gateway_of(uow).mode
    listing = load_listing(uow, slug)
    refuse_own(uow, listing)
    if listing.state != "live" or listing.price_cents == 0:
        raise NotFound("This offer")
    claim = f"{uow.workspace_id}:{listing.id}"
    purchase = uow.session.exec(uow.scoped(Purchase).where(Purchase.claim == claim).with_for_update()).first()
    if purchase is not None and purchase.state in HOLDING:
        raise ListingAlreadyOwned()
    offer = offer_of(uow, listing, coupon, held=purchase)
    require_seen(listing, offer, seen_cents, is_monthly=False)
    refuse_without_room(uow, listing)
    if purchase is None:
        purchase = _insert(uow, listing, claim, mode, offer)
    return _stand(uow, purchase, listing, offer)


def _stand(uow: UnitOfWork, purchase: Purchase, listing: Listing, offer: Offer) -> Order:
    """What is next for the order that stands; one that is not what was asked for is given up, or closed first where it could be paid."""
    if purchase.state in HOLDING:  # a second tab was quicker
        raise ListingAlreadyOwned()
    mode = gateway_of(uow).mode
    known = Checkout(purchase.checkout_id, purchase.checkout_url) if purchase.checkout_id else None
    stands = (purchase.amount_cents, purchase.coupon_id, purchase.version_id, purchase.mode)
    is_stale = stands != (offer.total_cents, offer.coupon_id, listing.version_id, mode)
    if is_stale and known is None:  # nobody could pay it yet
        claim = str(purchase.claim)
        give_up(uow, purchase)
        purchase, is_stale = _insert(uow, listing, claim, mode, offer), False
    if not is_stale and purchase.amount_cents == 0:
        settle(uow, purchase, None)
        return Order(purchase.id, None)
    return Order(purchase.id, _wish(uow, purchase, listing), to_close=known.id if known and is_stale else "", known=known)


def note_checkout(uow: UnitOfWork, *, purchase_id: uuid.UUID, checkout: Checkout) -> bool:
    """Remember where the order is paid; False when another order or page took its place while this one was opened."""
    require(uow, Permission.EDIT)
    purchase = uow.session.exec(uow.scoped(Purchase).where(Purchase.id == purchase_id).with_for_update()).first()
    if purchase is None or purchase.claim is None or is_closed(uow, purchase.seller_id):
        return False
    if purchase.checkout_id in (None, checkout.id):
        purchase.checkout_id, purchase.checkout_url = checkout.id, checkout.url
    return purchase.checkout_id == checkout.id


def refuse_own(uow: UnitOfWork, listing: Listing) -> None:
    """Raise OwnListing for the people of the seller's workspace, whichever they ask from."""
    if is_seller(uow, listing):
        raise OwnListing()


def _insert(uow: UnitOfWork, listing: Listing, claim: str, mode: str, offer: Offer) -> Purchase:
    assert uow.actor
    now, connection = uow.ports.clock.now(), uow.session.connection()
    version = uow.session.exec(select(ListingVersion.number).where(ListingVersion.id == listing.version_id)).one()
    row = Purchase(
        id=new_id(), workspace_id=uow.workspace_id, buyer_id=uow.actor.user_id, listing_id=listing.id, version_id=listing.version_id,
        seller_id=listing.workspace_id, title=listing.name, version=version, amount_cents=offer.total_cents,
        discount_cents=offer.discount_cents, coupon_id=offer.coupon_id, coupon_code=offer.code,
        currency=listing.currency, fee_bps=fee_of(uow, listing.id, listing.fee_bps), mode=mode, claim=claim, created_at=now, updated_at=now,
    )  # fmt: skip
    table: sa.Table = Purchase.__table__  # type: ignore[attr-defined]
    once = insert_into(connection, table).values(row.model_dump()).on_conflict_do_nothing(index_elements=["claim"])
    if is_inserted(connection, once):
        changes = {"amount_cents": [None, row.amount_cents], "currency": [None, row.currency], "state": [None, row.state]}
        if offer.code:
            changes["coupon_code"] = [None, offer.code]
        record(uow.trail, kind="purchase", resource_id=row.id, name=row.title, changes=changes)
        hold(uow, offer, order_id=row.id)
    # in a second tab the row of the first is the one that stands
    return uow.session.exec(select(Purchase).where(col(Purchase.claim) == claim).with_for_update()).one()


def _wish(uow: UnitOfWork, purchase: Purchase, listing: Listing) -> CheckoutWish:
    assert uow.actor
    email = uow.session.exec(select(User.email).where(User.id == uow.actor.user_id)).one()
    site = uow.ports.public_url
    taken_off = format_cents(purchase.discount_cents, purchase.currency)
    return CheckoutWish(
        reference=str(purchase.id),
        key=checkout_key(f"checkout-{purchase.id}", email),
        title=purchase.title,
        amount_cents=purchase.amount_cents,
        currency=purchase.currency,
        email=email,
        success_url=f"{site}/purchases/{purchase.id}",
        cancel_url=f"{site}/marketplace/{listing.slug}",
        note=f"Coupon {purchase.coupon_code}: {taken_off} off" if purchase.discount_cents else "",
    )


def find_order(uow: UnitOfWork, purchase_id: object) -> Purchase:
    """An order of the workspace."""
    return uow.load(Purchase, parse_id(purchase_id), what="This order")
