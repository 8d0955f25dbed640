"""From bits to a page: listings by how well they fit the words that are searched for, then in a given order."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import reduce
from operator import or_
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from app.core.uow import UnitOfWork
from models.listing import Listing

Tier = tuple[int, int]  # a score, and the listings that have it, bit by place
MOST_READ = 20_000  # places named in one statement; SQLite takes 32,766
READ_COST = 3  # reading a listing by its place, against reading the next one of an order
_NAMED = sa.bindparam("places", expanding=True, literal_execute=True)  # numbers of our own: a thousand parameters cost more than they do


def most_words(within: int, words: Sequence[Mapping[str, int]], bits: Mapping[str, Mapping[int, int]]) -> int:
    """The listings of `within` that have the most of the words: all of them have as many, and at least one."""
    with_so_many = [within]
    for fits in words:
        has = reduce(or_, (listings for word in fits for listings in bits.get(word, {}).values()), 0)
        with_so_many = [
            (with_so_many[count] if count < len(with_so_many) else 0) | (with_so_many[count - 1] & has if count else 0)
            for count in range(len(with_so_many) + 1)
        ]
    return next((listings for listings in reversed(with_so_many[1:]) if listings), 0)


def tiers_of(
    within: int, words: Sequence[Mapping[str, int]], bits: Mapping[str, Mapping[int, int]], *, is_each_needed: bool = True
) -> list[Tier]:
    """The listings of `within` that have all the words, best first. Each word maps what it may stand for to how well that fits.

    Where not each is needed, a missing one scores nothing.

    The score of a word is the best of weight times fit, that of a listing the sum over the words.
    """
    tiers = {0: within} if within else {}
    for fits in words:
        scored: defaultdict[int, int] = defaultdict(int)
        for word, fit in fits.items():
            for weight, listings in bits.get(word, {}).items():
                scored[weight * fit] |= listings
        summed: defaultdict[int, int] = defaultdict(int)
        best = _best_only(scored)
        if not is_each_needed:
            best.append((0, within & ~reduce(or_, (listings for _, listings in best), 0)))
        for score, listings in best:
            for earlier, others in tiers.items():
                if both := listings & others:
                    summed[earlier + score] |= both
        tiers = summed
    return sorted(tiers.items(), reverse=True)


def _best_only(scored: Mapping[int, int]) -> list[Tier]:
    """Each listing under its highest score."""
    tiers: list[Tier] = []
    seen = 0
    for score in sorted(scored, reverse=True):
        tiers.append((score, scored[score] & ~seen))
        seen |= scored[score]
    return tiers


def ids_of_page(uow: UnitOfWork, tiers: Sequence[Tier], *, order: Sequence[Any], skip: int, take: int, among: Any = None) -> list[UUID]:
    """The ids from `skip` on, tier by tier. `among` narrows the order to a part of the shelf that all of them are in."""
    found: list[UUID] = []
    for _, listings in tiers:
        count = listings.bit_count()
        if skip >= count:
            skip -= count
            continue
        found += _of_tier(uow, listings, order=order, skip=skip, take=min(take - len(found), count - skip), among=among)
        skip = 0
        if len(found) >= take:
            break
    return found


def _of_tier(uow: UnitOfWork, listings: int, *, order: Sequence[Any], skip: int, take: int, among: Any) -> list[UUID]:
    """Named one by one when they are few, else by walking along the order until enough are met: what reads less."""
    count = listings.bit_count()
    steps = (skip + take) * listings.bit_length() // count
    if count <= MOST_READ and count * READ_COST <= steps:
        chosen = sa.select(col(Listing.id)).where(col(Listing.place).in_(_NAMED), col(Listing.state) == "live")
        ordered = chosen.order_by(*order, col(Listing.id).desc()).offset(skip).limit(take)
        return list(uow.session.connection().execute(ordered, {"places": _places(listings)}).scalars())
    met = _walk(uow, listings, order=order, wanted=skip + take, steps=steps, among=among)
    return met[skip : skip + take]


def _walk(uow: UnitOfWork, listings: int, *, order: Sequence[Any], wanted: int, steps: int, among: Any) -> list[UUID]:
    has = listings.to_bytes((listings.bit_length() + 7) // 8 + 1, "little")
    last = len(has) - 1
    live = sa.select(col(Listing.id), col(Listing.place)).where(col(Listing.state) == "live").order_by(*order, col(Listing.id).desc())
    live = live if among is None else live.where(among)
    met: list[UUID] = []
    start, length = 0, steps * 3 // 2 + 50
    while True:
        rows = uow.session.connection().execute(live.offset(start).limit(length)).all()
        for row_id, place in rows:
            if place is not None and place >> 3 <= last and has[place >> 3] >> (place & 7) & 1:
                met.append(row_id)
        if len(met) >= wanted or len(rows) < length:
            return met[:wanted]
        start, length = start + length, length * 4


def _places(listings: int) -> list[int]:
    """The numbers of the bits that are set."""
    places: list[int] = []
    for number, byte in enumerate(listings.to_bytes((listings.bit_length() + 7) // 8, "little")):
        while byte:
            lowest = byte & -byte
            places.append(number * 8 + lowest.bit_length() - 1)
            byte ^= lowest
    return places
