"""The seller's side: making a code, pausing it, changing how often and how long it counts. What it takes off never changes."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from app.core.errors import Conflict, Invalid
from app.core.money import CURRENCY, HIGHEST_PRICE_CENTS, format_cents
from app.core.permissions import Permission, require
from app.core.problems import Problems
from app.core.uow import UnitOfWork
from app.services.coupons.redeeming import clean_code
from app.services.market.access import load_own
from app.views.coupons import CouponRow
from models.coupon import Coupon
from models.ids import parse_id
from models.listing import Listing

MOST_COUPONS, MOST_MONTHS, MOST_USES = 500, 36, 1_000_000
_DOLLARS = re.compile(r"(\d{1,6})(?:\.(\d{1,2}))?")


def list_coupons(uow: UnitOfWork) -> tuple[CouponRow, ...]:
    """The workspace's codes, the newest first."""
    require(uow, Permission.MANAGE_MEMBERS)
    rows = list(uow.session.exec(uow.scoped(Coupon).order_by(col(Coupon.id).desc()).limit(MOST_COUPONS)))
    return tuple(_row(uow, row) for row in rows)


def create_coupon(uow: UnitOfWork, *, form: object) -> CouponRow:
    """Make a code for one of the workspace's listings, or (`listing` empty) for all of them.

    `kind` is percent or amount, `value` its number as text (`20`, `5.00`); `months` counts for monthly listings, 0 is every month.
    """
    require(uow, Permission.MANAGE_MEMBERS)
    given: Mapping[str, Any] = form if isinstance(form, Mapping) else {}
    listing = load_own(uow, given["listing"]) if given.get("listing") else None
    row = _read(uow, given, listing)
    if uow.session.exec(uow.scoped(Coupon).where(Coupon.code == row.code)).first() is not None:
        raise _taken(row.code)
    uow.session.add(row)
    try:
        uow.session.flush()
    except IntegrityError as twice:
        raise _taken(row.code) from twice
    return _row(uow, row)


def change_coupon(uow: UnitOfWork, *, coupon_id: object, form: object) -> CouponRow:
    """Pause it or let it count again (`is_active`), or change `most_uses` and `expires_at`; orders that hold it keep it."""
    require(uow, Permission.MANAGE_MEMBERS)
    given: Mapping[str, Any] = form if isinstance(form, Mapping) else {}
    row = uow.load(Coupon, parse_id(coupon_id), what="This coupon")
    if "is_active" in given:
        row.is_active = row.is_active if given["is_active"] is None else given["is_active"] is True
    if "most_uses" in given:
        row.most_uses = _uses(given["most_uses"])
    if "expires_at" in given:
        row.expires_at = _moment("expires_at", given["expires_at"], ends=True)
    uow.session.add(row)
    uow.session.flush()
    return _row(uow, row)


def _read(uow: UnitOfWork, given: Mapping[str, Any], listing: Listing | None) -> Coupon:
    """The form as a row; everything that is wrong in it is told at once."""
    wrong = Problems()
    code = wrong.tried(lambda: _code(given.get("code"))) or ""
    percent, cents = wrong.tried(lambda: _discount(given)) or (0, 0)
    months = wrong.tried(lambda: _months(given.get("months", 1)))
    row = Coupon(
        workspace_id=uow.workspace_id, listing_id=listing.id if listing else None, code=code, percent=percent, amount_cents=cents,
        currency=listing.currency if listing else CURRENCY, most_uses=wrong.tried(lambda: _uses(given.get("most_uses"))),
        months=months or 0, starts_at=wrong.tried(lambda: _moment("starts_at", given.get("starts_at"))),
        expires_at=wrong.tried(lambda: _moment("expires_at", given.get("expires_at"), ends=True)),
    )  # fmt: skip
    wrong.tried(lambda: _check_times(uow, row))
    wrong.refuse()
    return row


def _code(value: object) -> str:
    code = clean_code(value)
    if not code:
        raise _wrong("code", "Write three to forty letters, digits and hyphens, such as SPRING-20.")
    return code


def _discount(given: Mapping[str, Any]) -> tuple[int, int]:
    """Percent and cents; one of them is 0."""
    kind, value = given.get("kind"), given.get("value")
    text = value.strip().removesuffix("%").removeprefix("$").strip() if isinstance(value, str) else str(value)
    if kind == "percent":
        if not (text.isascii() and text.isdecimal() and len(text) <= 3 and 1 <= int(text) <= 100):
            raise _wrong("value", "Write a whole number from 1 to 100.")
        return int(text), 0
    if kind != "amount":
        raise _wrong("kind", "Choose percent or amount.")
    match = _DOLLARS.fullmatch(text) if text.isascii() else None
    cents = int(match[1]) * 100 + int((match[2] or "").ljust(2, "0")) if match else 0
    if not 1 <= cents <= HIGHEST_PRICE_CENTS:
        raise _wrong("value", f"Write an amount in dollars up to {format_cents(HIGHEST_PRICE_CENTS)}, such as 5 or 7.50.")
    return 0, cents


def _uses(value: object) -> int | None:
    if value in (None, ""):
        return None
    return _whole("most_uses", value, low=1, high=MOST_USES, remedy="Write how many orders may use it, or leave it empty for any number.")


def _months(value: object) -> int:
    remedy = f"Write how many months it counts, up to {MOST_MONTHS}; 0 is every month."
    return _whole("months", 1 if value == "" else value, low=0, high=MOST_MONTHS, remedy=remedy)


def _whole(name: str, value: object, *, low: int, high: int, remedy: str) -> int:
    text = str(value).strip() if isinstance(value, (int, str)) and not isinstance(value, bool) else ""
    if not (text.isascii() and text.isdecimal() and len(text) <= 9 and low <= int(text) <= high):
        raise _wrong(name, remedy)
    return int(text)


def _moment(name: str, value: object, *, ends: bool = False) -> datetime | None:
    """A day counts whole, in UTC; a moment needs its offset."""
    if value in (None, ""):
        return None
    try:
        if isinstance(value, datetime) and value.tzinfo is not None:
            value = value.isoformat()
        if isinstance(value, str) and len(value) == 10:
            day = date.fromisoformat(value)
            return datetime.combine(day, time(tzinfo=UTC)) + timedelta(days=int(ends))
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
    except (ValueError, OverflowError):
        moment = None
    if moment is None or moment.tzinfo is None or not 2000 <= moment.year <= 9000:
        raise _wrong(name, "Write a day, such as 2027-03-31.")
    return moment.astimezone(UTC)


def _check_times(uow: UnitOfWork, row: Coupon) -> None:
    if row.expires_at and row.expires_at <= max(uow.ports.clock.now(), row.starts_at or row.expires_at - timedelta(days=1)):
        raise _wrong("expires_at", "It ends before it counts. Choose a later day, or leave it empty.")


def _row(uow: UnitOfWork, row: Coupon) -> CouponRow:
    found = select(Listing.name, Listing.slug).where(Listing.id == row.listing_id)
    name, slug = (uow.session.exec(found).first() if row.listing_id else None) or ("", "")
    return CouponRow(
        id=str(row.id),
        code=row.code,
        discount=f"{row.percent} %" if row.percent else format_cents(row.amount_cents, row.currency),
        listing=name,
        slug=slug,
        uses=row.use_count,
        most_uses=row.most_uses,
        months=row.months,
        starts_at=row.starts_at,
        expires_at=row.expires_at,
        is_active=row.is_active,
        state=_state(row, uow.ports.clock.now()),
    )


def _state(row: Coupon, now: datetime) -> str:
    if not row.is_active:
        return "paused"
    if row.expires_at and row.expires_at <= now:
        return "over"
    if row.most_uses is not None and row.use_count >= row.most_uses:
        return "used_up"
    return "early" if row.starts_at and row.starts_at > now else "active"


def _taken(code: str) -> Conflict:
    told = f"There is a code {code} already. Choose another."
    return Conflict(told, fields={"code": told}, code="code_taken")


def _wrong(name: str, told: str) -> Invalid:
    return Invalid(told, fields={name: told})
