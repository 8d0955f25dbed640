"""What pages, API and command line see of the orders of a workspace."""

from dataclasses import dataclass
from datetime import datetime

from app.views.plans import InvoiceRow


@dataclass(frozen=True, slots=True)
class PurchaseRow:
    """An order of the workspace."""

    id: str
    slug: str
    title: str
    version: str
    amount: str
    refunded: str
    state: str
    is_test: bool
    ordered_at: datetime
    paid_at: datetime | None
    can_refund: bool
    refund_until: datetime | None
    is_monthly: bool = False
    period_end: datetime | None = None  # of the month that is paid
    is_cancelled: bool = False  # ends with that month
    can_cancel: bool = False
    can_keep: bool = False
    grace_until: datetime | None = None
    pay_url: str = ""  # where an order or an invoice waits for money
    invoices: tuple[InvoiceRow, ...] = ()
    amount_cents: int = 0  # what is asked for, a month of a monthly one
    discount_cents: int = 0
    discount: str = ""
    coupon: str = ""
    tax: str = ""
    currency: str = "usd"
