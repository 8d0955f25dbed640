"""Finding listings: the shelves of the home page, and search with filters and sorting."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import reduce
from operator import and_, or_
from typing import Any

import sqlalchemy as sa
from sqlmodel import col, select

from app.core.errors import LimitReached
from app.core.permissions import Permission, require_or_visitor
from app.core.text import search_words
from app.core.uow import UnitOfWork
from app.services.market.cards import to_cards
from app.services.market.filing import FREE, LIVE, PAID, read_bits
from app.services.market.ranking import ids_of_page, most_words, tiers_of
from app.services.market.shelves import CATEGORIES, LABELS
from app.services.market.words import MISTYPED, expand, words_of
from app.views.market import Category, Found, ListingCard, Shelf
from models.ids import first_id_at
from models.listing import Install, Listing

PAGE = 24
SHELF = 4
MOST_QUERY_WORDS = 8
SORTS: dict[str, tuple[Any, ...]] = {
    "rating": (col(Listing.rating_rank).desc(),),
    "popular": (col(Listing.install_count).desc(), col(Listing.rating_rank).desc()),
    "newest": (col(Listing.published_at).desc(),),
    "cheapest": (col(Listing.price_cents), col(Listing.rating_rank).desc()),
    "dearest": (col(Listing.price_cents).desc(), col(Listing.rating_rank).desc()),
}
"""Sort key -> order; the first one counts where nothing is searched for. Nothing else ever reaches ORDER BY."""
RANKS = ("featured", "rising", "popular")
RISING_DAYS, RISING_FROM = 14, 2
RISING_ABOUT = f"Installed more often in the last {RISING_DAYS} days than in the {RISING_DAYS} before."
SEARCHES_A_MINUTE = 120  # of one visitor; whoever is signed in is known
WITHOUT = ("network", "code", "tools", "credentials")


@dataclass(frozen=True, slots=True)
class _Filters:
    category: str
    price: str
    stars: int
    model: str
    without: tuple[str, ...]

    def marks(self) -> tuple[str, ...]:
        """What a listing must be filed under."""
        chosen = (
            (self.category, f":in:{self.category}"),
            (self.price, FREE if self.price == "free" else PAID),
            (self.stars, f":stars:{self.stars}"),
            (self.model, f":model:{self.model}"),
        )
        return (LIVE, *(mark for value, mark in chosen if value))

    def unwanted(self) -> tuple[str, ...]:
        """What it must not be filed under."""
        return tuple(f":needs:{need}" for need in self.without)

    def apply(self, bits: Mapping[str, Mapping[int, int]]) -> int:
        """The listings that pass, bit by place."""
        without = reduce(or_, (bits.get(mark, {}).get(0, 0) for mark in self.unwanted()), 0)
        return reduce(and_, (bits.get(mark, {}).get(0, 0) for mark in self.marks())) & ~without

    def among(self) -> Any:
        """The part of the orders by price that all of them are in; elsewhere they are spread over the whole order."""
        return {"free": col(Listing.price_cents) == 0, "paid": col(Listing.price_cents) > 0}.get(self.price)


def list_categories(uow: UnitOfWork) -> tuple[Category, ...]:
    """The shelves in their order."""
    require_or_visitor(uow, Permission.VIEW)
    return CATEGORIES


def list_shelves(uow: UnitOfWork) -> tuple[Shelf, ...]:
    """The rows of the home page. Those that rank nothing, new and free, show what no row above them does; an empty row is left out."""
    require_or_visitor(uow, Permission.VIEW)
    live = select(Listing).where(Listing.state == "live")
    rows = (
        ("featured", "Featured", live.where(col(Listing.is_featured)).order_by(*SORTS["rating"], col(Listing.id))),
        ("popular", "Most installed", live.where(Listing.install_count > 0).order_by(*SORTS["popular"], col(Listing.id))),
        ("new", "New", live.order_by(*SORTS["newest"], col(Listing.id).desc())),
        ("free", "Free", live.where(Listing.price_cents == 0).order_by(*SORTS["rating"], col(Listing.id).desc())),
    )
    most = SHELF * (len(rows) + 1)  # enough to fill a row, whatever the others have taken
    found = [(key, title, "", uow.session.exec(query.limit(most)).all()) for key, title, query in rows]
    found.insert(1, ("rising", "Rising", RISING_ABOUT, _rising(uow)))
    shelves: list[Shelf] = []
    taken: set[uuid.UUID] = set()
    for key, title, about, listings in found:
        own = [listing for listing in listings if key in RANKS or listing.id not in taken][:SHELF]
        taken |= {listing.id for listing in own}
        shelves.append(Shelf(key, title, to_cards(uow, own), about))
    return tuple(shelf for shelf in shelves if shelf.cards)


def get_listing_count(uow: UnitOfWork) -> int:
    """How many there are on the shelf."""
    require_or_visitor(uow, Permission.VIEW)
    return read_bits(uow, (LIVE,)).get(LIVE, {}).get(0, 0).bit_count()


def _rising(uow: UnitOfWork) -> Sequence[Listing]:
    """By how many more installs there were lately than just before; ids are in the order of time, so this reads the newest only."""
    now, span = uow.ports.clock.now(), timedelta(days=RISING_DAYS)
    row = Install.__table__.c  # type: ignore[attr-defined]
    # made on its own: SQLite would rather read the whole index of what it groups by
    newest = sa.select(row.id, row.listing_id).where(row.id >= first_id_at(now - 2 * span)).cte("newest").prefix_with("MATERIALIZED")
    columns = newest.c
    lately = sa.func.sum(sa.case((columns.id >= first_id_at(now - span), 1), else_=0))
    gain = lately * 2 - sa.func.count()  # lately less before
    window = sa.select(columns.listing_id, gain.label("gain"))
    grown = window.group_by(columns.listing_id).having(lately >= RISING_FROM, gain > 0).subquery("grown")
    found = select(Listing).join(grown, grown.c.listing_id == Listing.id).where(Listing.state == "live")
    return uow.session.exec(found.order_by(grown.c.gain.desc(), *SORTS["rating"], col(Listing.id)).limit(SHELF)).all()


def find_listings(
    uow: UnitOfWork,
    *,
    search: object = "",
    category: object = "",
    price: object = "",
    stars: object = 0,
    model: object = "",
    without: object = (),
    sort: object = "",
    page: object = 1,
    network: str = "",
) -> Found:
    """A page of listings. Every word must fit, typing mistakes allowed, or where nothing has all of them as many as can be.

    What is no known filter or sort is left out.
    `network` is where a visitor comes from, as the edge knows it; too many searches from one raise LimitReached.
    """
    require_or_visitor(uow, Permission.VIEW)
    if uow.actor is None and network and uow.ports.limiter.hit(f"search:{network}", allowed=SEARCHES_A_MINUTE, window_s=60) > 0:
        raise LimitReached("You have searched very often within a minute. Wait a moment, or sign in.")
    filters = _Filters(
        category=category if isinstance(category, str) and category in LABELS else "",
        price=price if isinstance(price, str) and price in ("free", "paid") else "",
        stars=int(stars) if isinstance(stars, int) and 1 <= stars <= 5 else 0,
        model=model[:40] if isinstance(model, str) and model.replace("-", "").replace("_", "").isalnum() and model.isascii() else "",
        without=tuple(need for need in WITHOUT if isinstance(without, list | tuple) and need in without),
    )
    wanted = words_of(search_words(search))[:MOST_QUERY_WORDS]
    words = [expand(uow, word, is_last=index == len(wanted) - 1) for index, word in enumerate(wanted)]
    number = page if isinstance(page, int) and 1 <= page <= 1000 else 1
    chosen = sort if isinstance(sort, str) and sort in SORTS else ""
    corrected = tuple(word for word, fits in zip(wanted, words, strict=True) if fits and max(fits.values()) == MISTYPED)
    cards, total, has_all = _page(uow, filters, words, sort=chosen, number=number)
    return Found(cards, total, corrected if total else (), has_all or not total)


def _page(
    uow: UnitOfWork, filters: _Filters, words: Sequence[Mapping[str, int]], *, sort: str, number: int
) -> tuple[tuple[ListingCard, ...], int, bool]:
    """The cards, how many there are in all, and whether they have all the words."""
    bits = read_bits(uow, (*filters.marks(), *filters.unwanted(), *(word for fits in words for word in fits)))
    within = filters.apply(bits)
    tiers = tiers_of(within, words, bits)
    has_all = bool(tiers) or len(words) < 2
    if not has_all:
        tiers = tiers_of(most_words(within, words, bits), words, bits, is_each_needed=False)
    total = sum(listings.bit_count() for _, listings in tiers)
    if sort:
        tiers = [(0, reduce(or_, (listings for _, listings in tiers), 0))] if total else []
    among = filters.among() if sort in ("cheapest", "dearest") else None
    ids = ids_of_page(uow, tiers, order=SORTS[sort or "rating"], skip=(number - 1) * PAGE, take=PAGE, among=among)
    wanted = select(Listing).where(col(Listing.id).in_(ids), Listing.state == "live")
    rows = {row.id: row for row in uow.session.exec(wanted)} if ids else {}
    return to_cards(uow, [rows[one] for one in ids if one in rows]), total, has_all


def related_to(uow: UnitOfWork, listing: Listing) -> tuple[ListingCard, ...]:
    """Others of the same shelf, best first."""
    others = select(Listing).where(Listing.state == "live", Listing.category == listing.category, Listing.id != listing.id)
    return to_cards(uow, uow.session.exec(others.order_by(*SORTS["rating"], col(Listing.id)).limit(3)).all())
