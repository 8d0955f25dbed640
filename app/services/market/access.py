"""Which listing somebody means, and what their workspace may do with it."""

import re

from sqlmodel import col, select

from app.core.errors import NotFound
from app.core.uow import UnitOfWork
from models.listing import Install, Listing, ListingVersion
from models.purchase import HOLDING, Purchase
from models.subscription import Subscription
from models.workspace import ClosedMembership, Membership

_SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,79}")


def is_slug(value: object) -> bool:
    """Whether it can be the address of a listing; nothing else ever reaches the database."""
    return isinstance(value, str) and _SLUG.fullmatch(value) is not None


def load_listing(uow: UnitOfWork, slug: object) -> Listing:
    """A listing that the actor may see: a live one, one of their own, or one they have bought or installed."""
    row = uow.session.exec(select(Listing).where(Listing.slug == slug)).first() if is_slug(slug) else None
    if row is None or not (row.state == "live" or _is_known_to(uow, row)):
        raise NotFound("This listing")
    return row


def _is_known_to(uow: UnitOfWork, listing: Listing) -> bool:
    return uow.actor is not None and (listing.workspace_id == uow.workspace_id or has_right(uow, listing))


def is_seller(uow: UnitOfWork, listing: Listing) -> bool:
    """Whether the actor belongs to the workspace that offers it, from whichever they ask, or did when it was deleted."""
    assert uow.actor is not None
    kinds = (Membership, ClosedMembership)
    mine = (select(kind.user_id).where(kind.workspace_id == listing.workspace_id, kind.user_id == uow.actor.user_id) for kind in kinds)
    return listing.workspace_id == uow.workspace_id or any(uow.session.exec(one).first() is not None for one in mine)


def load_own(uow: UnitOfWork, listing_id: object, *, for_update: bool = False) -> Listing:
    """A listing that the actor's workspace sells."""
    query = uow.scoped(Listing).where(Listing.slug == listing_id) if is_slug(listing_id) else None
    row = uow.session.exec(query.with_for_update() if for_update else query).first() if query is not None else None
    if row is None:
        raise NotFound("This listing")
    return row


def has_right(uow: UnitOfWork, listing: Listing) -> bool:
    """Whether the workspace has bought or installed it."""
    return has_paid(uow, listing) or installed(uow, listing) is not None


def has_paid(uow: UnitOfWork, listing: Listing) -> bool:
    """Whether the workspace has bought it, or a month of it that is not over."""
    return bought(uow, listing) is not None or rented(uow, listing) is not None


def bought(uow: UnitOfWork, listing: Listing) -> Purchase | None:
    """The standing purchase of the workspace."""
    query = uow.scoped(Purchase).where(Purchase.listing_id == listing.id, col(Purchase.state).in_(HOLDING))
    return uow.session.exec(query).first()


def rented(uow: UnitOfWork, listing: Listing) -> Subscription | None:
    """The monthly order of the workspace under which it may be used now."""
    orders = uow.scoped(Subscription).where(Subscription.listing_id == listing.id, col(Subscription.paid_until) > uow.ports.clock.now())
    return uow.session.exec(orders.order_by(col(Subscription.paid_until).desc())).first()


def is_lapsed(uow: UnitOfWork, listing: Listing) -> bool:
    """Whether what is installed came by a monthly payment that has ended."""
    install = installed(uow, listing)
    return install is not None and install.is_rented and listing.price_cents > 0 and not has_paid(uow, listing)


def installed(uow: UnitOfWork, listing: Listing) -> Install | None:
    """The install of the workspace."""
    return uow.session.exec(uow.scoped(Install).where(Install.listing_id == listing.id)).first()


def access_of(uow: UnitOfWork, listing: Listing) -> str:
    """own | installed | lapsed (installed, no longer paid for) | owned (may be installed) | free | pending | for_sale | closed.

    Visitors meet free or for_sale.
    """
    if uow.actor is None:
        return "for_sale" if listing.price_cents else "free"
    if installed(uow, listing) is not None:
        return "lapsed" if is_lapsed(uow, listing) else "installed"
    if listing.workspace_id == uow.workspace_id:
        return "own"
    if has_paid(uow, listing):
        return "owned"
    if listing.state != "live":
        return "closed"
    if listing.price_cents == 0:
        return "free"
    return "pending" if any(_is_waiting(uow, listing, kind) for kind in (Purchase, Subscription)) else "for_sale"


def _is_waiting(uow: UnitOfWork, listing: Listing, kind: type[Purchase] | type[Subscription]) -> bool:
    waiting = uow.scoped(kind).where(kind.listing_id == listing.id, kind.state == "pending")  # type: ignore[arg-type]
    return uow.session.exec(waiting).first() is not None


def version_for(uow: UnitOfWork, listing: Listing) -> ListingVersion:
    """What an install brings: the current version, or after a takedown the one that was bought or installed."""
    wanted = listing.version_id
    if listing.state == "removed" and (uow.actor is None or listing.workspace_id != uow.workspace_id):
        paid, install = bought(uow, listing) or rented(uow, listing), installed(uow, listing)
        wanted = install.version_id if install else paid.version_id if paid else None
    row = uow.session.exec(select(ListingVersion).where(ListingVersion.id == wanted)).first() if wanted else None
    if row is None:
        raise NotFound("This listing")
    return row
