"""A buyer's code: what it takes off, and its uses, which are counted by one statement in the transaction that writes the order.

One answer for unknown, foreign, paused, early, expired and used-up codes: who guesses learns of none that it exists.
"""

import re
import uuid
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlmodel import col, or_, select

from app.core.bulk import insert_into, is_inserted
from app.core.errors import Conflict, LimitReached
from app.core.money import discount_of
from app.core.uow import UnitOfWork
from models.coupon import Coupon, CouponUse
from models.ids import new_id
from models.listing import Listing

TRIES_AN_HOUR, HOUR_S = 60, 3600
_CODE = re.compile(r"[A-Z0-9][A-Z0-9-]{2,39}")


class CouponRefused(Conflict):
    """It takes nothing off here."""

    code = "coupon_refused"

    def __init__(self) -> None:
        told = "This code is not valid for this listing. Check how it is written, or go on without it."
        super().__init__(told, fields={"coupon": told})


class CouponUsed(Conflict):
    """Once per buyer; only who used it hears of it."""

    code = "coupon_used"

    def __init__(self) -> None:
        told = "You have used this code already: it counts once for each buyer. Go on without it."
        super().__init__(told, fields={"coupon": told})


class CouponHeld(Conflict):
    """Another order of the buyer that waits for its payment holds it."""

    code = "coupon_held"

    def __init__(self) -> None:
        told = "Another order of yours that is not paid yet holds this code. Pay that one, or order it without the code to free it."
        super().__init__(told, fields={"coupon": told})


@dataclass(frozen=True, slots=True)
class Offer:
    """What a listing costs at this moment, with or without a code."""

    price_cents: int
    discount_cents: int = 0
    coupon_id: uuid.UUID | None = None
    code: str = ""
    months: int = 0  # of a monthly listing: how many months cost less; 0: every one

    @property
    def total_cents(self) -> int:
        """What is asked for."""
        return self.price_cents - self.discount_cents


def clean_code(value: object) -> str:
    """The code as it is kept, or "" for what can be none."""
    text = value.strip().upper() if isinstance(value, str) and len(value) <= 200 else ""
    return text if _CODE.fullmatch(text) else ""


def offer_of(uow: UnitOfWork, listing: Listing, coupon: object, *, held: Any = None) -> Offer:
    """The listing's price less what the code takes off; `held` is the buyer's order that may hold that code already."""
    if coupon in (None, ""):
        return Offer(listing.price_cents)
    code = clean_code(coupon)
    kept = _kept_by(listing, held, code)
    if kept is not None:
        return kept
    if uow.ports.limiter.hit(f"coupon:{uow.workspace_id}", allowed=TRIES_AN_HOUR, window_s=HOUR_S) > 0:
        raise LimitReached(f"You have tried {TRIES_AN_HOUR} codes within an hour. Try again later, or go on without one.")
    row = _find(uow, listing, code) if code else None
    if row is None:
        raise CouponRefused()
    off = discount_of(listing.price_cents, percent=row.percent, amount_cents=row.amount_cents)
    return Offer(listing.price_cents, off, row.id, row.code, row.months)


def _kept_by(listing: Listing, held: Any, code: str) -> Offer | None:
    """What an order fixed counts, also when the code has ended meanwhile; a changed price asks anew."""
    if held is None or not code or held.coupon_code != code:
        return None
    price = listing.price_cents
    before = held.amount_cents if hasattr(held, "discount_months") else held.amount_cents + held.discount_cents
    return Offer(price, held.discount_cents, held.coupon_id, code, getattr(held, "discount_months", 0)) if before == price else None


def _find(uow: UnitOfWork, listing: Listing, code: str) -> Coupon | None:
    """The seller's code, if it counts for this listing now and one use is left."""
    now = uow.ports.clock.now()
    wanted = select(Coupon).where(
        Coupon.workspace_id == listing.workspace_id,
        Coupon.code == code,
        or_(col(Coupon.listing_id).is_(None), Coupon.listing_id == listing.id),
        Coupon.currency == listing.currency,
        col(Coupon.is_active),
        or_(col(Coupon.starts_at).is_(None), col(Coupon.starts_at) <= now),
        or_(col(Coupon.expires_at).is_(None), col(Coupon.expires_at) > now),
    )
    row = uow.session.exec(wanted).first()
    if row is None:
        return None
    if "used" in _uses_by(uow, row.id):
        raise CouponUsed()
    return row if row.most_uses is None or row.use_count < row.most_uses else None


def _uses_by(uow: UnitOfWork, coupon_id: uuid.UUID) -> set[str]:
    """The states of the buyer's uses, through whichever workspace."""
    mine = or_(*(getattr(CouponUse, name) == claim for name, claim in _claims(uow, coupon_id).items()))
    return set(uow.session.exec(select(CouponUse.state).where(mine)))


def _claims(uow: UnitOfWork, coupon_id: uuid.UUID) -> dict[str, str]:
    assert uow.actor
    return {"claim": f"{coupon_id}:{uow.workspace_id}", "person_claim": f"{coupon_id}:{uow.actor.user_id}"}


def hold(uow: UnitOfWork, offer: Offer, *, order_id: uuid.UUID) -> None:
    """Take one of the code's uses for an order that was just written. One statement decides: of many at once, only as many as are left."""
    if offer.coupon_id is None:
        return
    connection, now = uow.session.connection(), uow.ports.clock.now()
    left = or_(col(Coupon.most_uses).is_(None), col(Coupon.use_count) < col(Coupon.most_uses))
    taken = sa.update(Coupon).where(col(Coupon.id) == offer.coupon_id, col(Coupon.is_active), left)
    if connection.execute(taken.values(use_count=Coupon.use_count + 1)).rowcount != 1:
        raise CouponRefused()
    table: sa.Table = CouponUse.__table__  # type: ignore[attr-defined]
    row = {"id": new_id(), "created_at": now, "updated_at": now, "workspace_id": uow.workspace_id, "coupon_id": offer.coupon_id}
    row |= {"order_id": order_id, "state": "held", **_claims(uow, offer.coupon_id)}
    if not is_inserted(connection, insert_into(connection, table).values(row).on_conflict_do_nothing()):
        raise CouponUsed() if "used" in _uses_by(uow, offer.coupon_id) else CouponHeld()


def release(uow: UnitOfWork, order_id: uuid.UUID) -> None:
    """The order came to nothing: its use is there again."""
    row = _use_of(uow, order_id)
    if row is not None and row.state == "held":
        row.state, row.claim, row.person_claim = "released", None, None
        _count(uow, row, -1)


def settle(uow: UnitOfWork, order_id: uuid.UUID) -> None:
    """The order was paid. One that was paid in the moment in which it was given up counts too, beyond the limit if need be."""
    row = _use_of(uow, order_id)
    if row is not None and row.state != "used":
        if row.state == "released":
            _count(uow, row, 1)
        row.state = "used"
        uow.session.add(row)
        uow.session.flush()


def _use_of(uow: UnitOfWork, order_id: uuid.UUID) -> CouponUse | None:
    return uow.session.exec(select(CouponUse).where(CouponUse.order_id == order_id).with_for_update()).first()


def _count(uow: UnitOfWork, row: CouponUse, by: int) -> None:
    uow.session.add(row)
    uow.session.flush()
    counted = sa.update(Coupon).where(col(Coupon.id) == row.coupon_id)
    uow.session.connection().execute(counted.values(use_count=Coupon.use_count + by))
