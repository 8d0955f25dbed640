"""What is said to gateways about what is paid month by month, plans and listings; single payments are in app.core.payments."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from app.core.payments import Checkout, DisputeFact, PaymentGateway, RefundFact


@dataclass(frozen=True, slots=True)
class Price:
    """What a month costs. The key names it for good: another amount has another key."""

    key: str
    title: str
    amount_cents: int
    currency: str


@dataclass(frozen=True, slots=True)
class Discount:
    """What each of the first months costs less; `months` 0: every one."""

    code: str
    cents: int
    months: int


@dataclass(frozen=True, slots=True)
class SubscriptionWish:
    """What a buyer is to subscribe to. `reference` comes back with every fact; the same `key` never opens two checkouts."""

    reference: str
    key: str
    price: Price
    email: str
    success_url: str
    cancel_url: str
    discount: Discount | None = None


@dataclass(frozen=True, slots=True)
class InvoiceLine:
    """One line of an invoice; what is given back for unused time is negative."""

    text: str
    amount_cents: int


@dataclass(frozen=True, slots=True)
class InvoiceFact:
    """An invoice as it stands. `price_key` is what it pays for until `period_end`; `paid_cents` is what came in, tax included.

    Refunds and disputes are told where the gateway was asked about that payment; their absence says nothing.
    """

    id: str
    number: str
    state: str  # open | paid | void
    price_key: str
    total_cents: int
    paid_cents: int
    tax_cents: int
    currency: str
    issued_at: datetime
    period_start: datetime
    period_end: datetime
    lines: tuple[InvoiceLine, ...] = ()
    payment_id: str = ""
    pay_url: str = ""
    refunds: tuple[RefundFact, ...] = ()
    failed_refunds: tuple[str, ...] = ()  # those that did not arrive, also days after they were told as refunds
    disputes: tuple[DisputeFact, ...] = ()
    discount_cents: int = 0
    included_tax_cents: int = 0  # the part of `tax_cents` that the prices include
    billed_to: str = ""  # name, address and tax number as the buyer gave them, one a line
    raised_from: str = ""  # of a raise: the key of the price whose unused time it credits; it pays for the difference only

    @property
    def asked_cents(self) -> int:
        """The price less the discount, as it was ordered: with the tax in it where prices include tax, without it elsewhere."""
        return self.total_cents - self.tax_cents + self.included_tax_cents


@dataclass(frozen=True, slots=True)
class SubscriptionFacts:
    """How a subscription stands at the gateway now."""

    reference: str
    state: str  # open | expired | active | past_due | ended
    price_key: str  # what its next invoice is for
    checkout_id: str = ""
    subscription_id: str = ""
    period_end: datetime | None = None
    is_cancelled: bool = False  # ends with the period
    invoices: tuple[InvoiceFact, ...] = ()


@dataclass(frozen=True, slots=True)
class Proration:
    """What changing the price at one moment costs at once."""

    due_cents: int
    currency: str
    lines: tuple[InvoiceLine, ...]


class SubscriptionGateway(Protocol):
    """The part of a payment gateway that takes money every month. No transaction may be open during a call.

    Raises Unavailable when the gateway does not answer, PaymentRefused when it says no.
    """

    def open_subscription(self, wish: SubscriptionWish) -> Checkout:
        """Open a page on which the buyer pays the first month."""
        ...

    def subscription_facts(self, subject: str) -> SubscriptionFacts | None:
        """How the subscription behind a checkout, a subscription's id or a payment stands; None when there is none."""
        ...

    def preview_change(self, subscription_id: str, *, price: Price, at: datetime) -> Proration:
        """What `change_now` would take at that moment."""
        ...

    def change_now(self, subscription_id: str, *, price: Price, at: datetime, key: str) -> None:
        """Go over to a price at once and take the difference for the rest of the period; nothing changes when the card refuses.

        Where it costs that already, nothing happens. A cancellation is taken back.
        """
        ...

    def change_later(self, subscription_id: str, *, price: Price) -> None:
        """The next period costs this. A cancellation is taken back."""
        ...

    def cancel(self, subscription_id: str) -> None:
        """Let it end with the period that is paid; an ended one stays as it is."""
        ...

    def end_now(self, subscription_id: str) -> None:
        """End it at once, without giving anything back; an ended one stays as it is."""
        ...


class Gateway(PaymentGateway, SubscriptionGateway, Protocol):
    """What app.wiring gives: single payments and monthly ones."""
