"""What pages, API and command line see of coupons and of what they make a listing cost."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class CouponRow:
    """A code in its seller's list. `state` is active | paused | early | over | used_up."""

    id: str
    code: str
    discount: str
    listing: str  # its name; "" for all of the seller's
    slug: str
    uses: int
    most_uses: int | None
    months: int
    starts_at: datetime | None
    expires_at: datetime | None
    is_active: bool
    state: str


@dataclass(frozen=True, slots=True)
class Quote:
    """What a listing costs the workspace with a code, before anything is ordered. `total_cents` comes back with the order as seen."""

    slug: str
    code: str
    price: str
    discount: str
    total: str
    price_cents: int
    discount_cents: int
    total_cents: int
    is_monthly: bool
    note: str  # how long a monthly listing costs less, and what happens to taxes
