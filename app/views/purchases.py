"""What pages, API and command line see of the orders of a workspace."""

from dataclasses import dataclass
from datetime import datetime

from app.views.plans import DocumentLine, InvoiceRow


@dataclass(frozen=True, slots=True)
class ReceiptRow:
    """A receipt or credit note of a single order; the sum of a credit note is negative."""

    id: str
    kind: str  # receipt | credit_note
    number: str
    about: str  # of a credit note: the receipt's number
    total: str
    is_test: bool
    issued_at: datetime


@dataclass(frozen=True, slots=True)
class ReceiptDetail:
    """A document with its lines; its sums are told without a sign."""

    row: ReceiptRow
    lines: tuple[DocumentLine, ...]
    net: str
    tax: str
    billed_to: tuple[str, ...]
    order_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class BankFailure:
    """A payout that a creator's bank refused, and that was not sent again."""

    id: str
    amount: str
    reason: str
    at: datetime


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
    documents: tuple[ReceiptRow, ...] = ()
    net: str = ""  # of a single order that was taxed
    kept: str = ""  # what is left of what was paid, where some of it went back
    is_installed: bool = False
