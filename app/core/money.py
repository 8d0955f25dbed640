"""Money: whole minor units only, how a price is read and written, and the one place where an amount is divided between two people."""

import re
from dataclasses import dataclass

from app.core.errors import Invalid

CURRENCY = "usd"
PLATFORM_BPS = 2000  # basis points of a sale that stay with the platform: 20 %
WHOLE_BPS = 10_000
LOWEST_PRICE_CENTS = 100  # card networks refuse smaller charges
HIGHEST_PRICE_CENTS = 1_000_000
SMALLEST_CHARGE_CENTS = 50  # what a coupon leaves below that cannot be charged, and is dropped
_PRICE = re.compile(r"(\d{1,18})(?:\.(\d{1,2}))?")


@dataclass(frozen=True, slots=True)
class Shares:
    """The two parts of an amount; they always sum to it."""

    creator_cents: int
    platform_cents: int


def split(gross_cents: int, *, platform_bps: int) -> Shares:
    """Divide an amount: the platform's part is rounded down to a whole cent and the creator has the rest."""
    if gross_cents < 0 or not 0 <= platform_bps <= WHOLE_BPS:
        raise ValueError(f"cannot split {gross_cents} cents at {platform_bps} basis points")
    platform = gross_cents * platform_bps // WHOLE_BPS
    return Shares(gross_cents - platform, platform)


@dataclass(frozen=True, slots=True)
class Parts:
    """A payment divided three ways; the parts sum to it."""

    creator: int
    platform: int
    tax: int

    @property
    def total(self) -> int:
        """What was divided."""
        return self.creator + self.platform + self.tax


def divide(paid_cents: int, *, tax_cents: int, platform_bps: int, part_cents: int) -> Parts:
    """How `part_cents` of a payment are divided: the tax's part is rounded down, the rest is split at the fee."""
    tax = tax_cents * part_cents // paid_cents if paid_cents else 0
    shares = split(part_cents - tax, platform_bps=platform_bps)
    return Parts(shares.creator_cents, shares.platform_cents, tax)


def divide_returned(paid_cents: int, *, tax_cents: int, platform_bps: int, before_cents: int, part_cents: int) -> Parts:
    """What each gives back when `part_cents` are returned after `before_cents` were, by refunds and by banks.

    It is the difference of two divisions of what remains, so that any sequence of parts that returns everything
    returns exactly what each was given. What goes back beyond the whole (a refund that crossed a dispute) is the platform's.
    """
    if part_cents < 0 or before_cents < 0:
        raise ValueError(f"cannot return {part_cents} after {before_cents} cents")
    left = paid_cents - before_cents
    earlier, later = (
        divide(paid_cents, tax_cents=tax_cents, platform_bps=platform_bps, part_cents=amount) if amount > 0 else Parts(0, amount, 0)
        for amount in (left, left - part_cents)
    )
    return Parts(earlier.creator - later.creator, earlier.platform - later.platform, earlier.tax - later.tax)


def discount_of(price_cents: int, *, percent: int, amount_cents: int) -> int:
    """What a coupon takes off: a percentage is rounded down, and never more than the price; a rest too small to be charged goes too."""
    off = min(price_cents * percent // 100 if percent else amount_cents, price_cents)
    return price_cents if price_cents - off < SMALLEST_CHARGE_CENTS else off


def tax_of(price_cents: int, *, bps: int, is_inclusive: bool) -> int:
    """The tax at a flat rate, to the nearest cent: what is in a price, or what comes on top of it."""
    whole = WHOLE_BPS + bps if is_inclusive else WHOLE_BPS
    return (2 * price_cents * bps + whole) // (2 * whole)


def format_cents(amount_cents: int, currency: str = CURRENCY) -> str:
    """`1999` as `$19.99`; negative amounts with a real minus sign."""
    sign = "\u2212" if amount_cents < 0 else ""
    whole, cents = divmod(abs(amount_cents), 100)
    figure = f"{whole:,}.{cents:02d}"
    return f"{sign}${figure}" if currency == "usd" else f"{sign}{figure} {currency.upper()}"


def read_price(value: object) -> int:
    """A typed price such as `19.99` in cents; 0 is free. Anything else raises Invalid for the field `price`."""
    text = str(value).strip().removeprefix("$").replace(",", "") if isinstance(value, str) else ""
    match = _PRICE.fullmatch(text) if text.isascii() else None
    if match is None:
        raise _wrong("Write the price in dollars, such as 19 or 19.99; 0 makes it free.")
    cents = int(match.group(1)) * 100 + int((match.group(2) or "").ljust(2, "0"))
    if cents and not LOWEST_PRICE_CENTS <= cents <= HIGHEST_PRICE_CENTS:
        limits = f"{format_cents(LOWEST_PRICE_CENTS)} and {format_cents(HIGHEST_PRICE_CENTS)}"
        raise _wrong(f"A price lies between {limits}, or is 0 for free.")
    return cents


def _wrong(message: str) -> Invalid:
    return Invalid(message, fields={"price": message})
