"""The port of payment gateways, and what is said across it; app.adapters holds Stripe's and the built-in one."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from app.core.money import tax_of

REFUND_WINDOW = timedelta(days=14)  # after a payment, in which its buyer gets it back on request


@dataclass(frozen=True, slots=True)
class TaxSettings:
    """What an operator has chosen for the payment page."""

    is_on: bool = False  # the gateway works taxes out
    is_inclusive: bool = False  # prices include them; otherwise they are added
    collects_ids: bool = False  # companies may give their tax number
    wants_address: bool = False
    test_bps: int = 0  # the flat rate of the test gateway, in basis points

    def test_tax(self, price_cents: int) -> int:
        """What the test gateway takes as tax."""
        return tax_of(price_cents, bps=self.test_bps, is_inclusive=self.is_inclusive) if self.is_on and price_cents > 0 else 0


@dataclass(frozen=True, slots=True)
class Buyer:
    """Whom receipts and invoices are made out to, as a payment page asks for it."""

    name: str = ""
    address: str = ""
    tax_id: str = ""

    @property
    def lines(self) -> str:
        """What was given, one a line; control characters and spare spaces are left out."""
        given = ("".join(sign if sign.isprintable() else " " for sign in one) for one in (self.name, self.address, self.tax_id))
        return "\n".join(filter(None, (" ".join(one.split()) for one in given)))

    def missing(self, taxes: TaxSettings) -> dict[str, str]:
        """By the field of the page: what has to be given where these are the settings."""
        wanted = {}
        if not self.name.strip() and (taxes.wants_address or (taxes.collects_ids and self.tax_id.strip())):
            wanted["billing_name"] = "Give the name of the person or company that pays."
        if taxes.wants_address and not self.address.strip():
            wanted["billing_address"] = "Give the billing address."
        return wanted


@dataclass(frozen=True, slots=True)
class CheckoutWish:
    """What a buyer is to pay. `reference` comes back with every fact; the same `key` never opens two checkouts."""

    reference: str
    key: str
    title: str
    amount_cents: int
    currency: str
    email: str
    success_url: str
    cancel_url: str
    note: str = ""  # a line below the title, such as the coupon that was taken off


@dataclass(frozen=True, slots=True)
class Checkout:
    """A page of the gateway on which one payment can be made."""

    id: str
    url: str


@dataclass(frozen=True, slots=True)
class RefundFact:
    """Money that went back to the buyer."""

    id: str
    amount_cents: int


@dataclass(frozen=True, slots=True)
class DisputeFact:
    """A buyer's bank asks about a payment and moves no money (`inquiry`), took it back for the time being (`open`) or for good
    (`lost`), or has returned it (`won`)."""

    id: str
    amount_cents: int
    state: str


@dataclass(frozen=True, slots=True)
class PaymentFacts:
    """How a payment stands at the gateway now; whoever applies facts twice or late changes nothing.

    `amount_cents` is the price that was asked for, `paid_cents` what is charged with the tax in it or on top of it.
    """

    checkout_id: str
    reference: str
    state: str  # open | paid | expired
    amount_cents: int
    currency: str
    payment_id: str = ""
    paid_cents: int = 0
    tax_cents: int = 0
    billed_to: str = ""  # name, address and tax number as the buyer gave them, one a line
    refunds: tuple[RefundFact, ...] = ()
    failed_refunds: tuple[str, ...] = ()  # those that did not arrive, also days after they were told as refunds
    disputes: tuple[DisputeFact, ...] = ()


@dataclass(frozen=True, slots=True)
class GatewayEvent:
    """News of the gateway with a verified signature. `subject` is what to ask `facts` about; "" when it concerns no payment.

    With `account` it is about a creator's own account there, and `subject` the payout to their bank, if it is about one.
    """

    id: str
    kind: str
    subject: str
    account: str = ""


@dataclass(frozen=True, slots=True)
class BankPayoutFact:
    """Money on its way from a creator's account to their bank; `reason` is the bank's."""

    id: str
    amount_cents: int
    currency: str
    state: str  # in_transit | paid | failed | canceled
    reason: str = ""


@dataclass(frozen=True, slots=True)
class GatewayAccount:
    """A creator's account at the gateway; `url` is where the creator completes it.

    `asks` are the things that it still wants, in words; with `is_checking` it looks at what it was given.
    """

    id: str
    is_ready: bool
    url: str = ""
    asks: tuple[str, ...] = ()
    is_checking: bool = False


class EventRefused(Exception):
    """A gateway event without a valid, fresh signature, or of the wrong mode; the message says which."""


class PaymentRefused(Exception):
    """The gateway will not do this, now or later, in its own words."""


class PaymentGone(PaymentRefused):
    """There is no such thing at the gateway (any more), or the installation's right to see it was taken back."""


class PaymentGateway(Protocol):
    """Takes money from buyers and passes it on. No transaction may be open during a call; calls with the same `key` act once.

    Raises Unavailable when the gateway does not answer, PaymentRefused when it says no.
    """

    mode: str  # live | test
    is_local: bool  # the built-in test gateway
    taxes: TaxSettings

    def open_checkout(self, wish: CheckoutWish) -> Checkout:
        """Open a page on which the buyer pays."""
        ...

    def close_checkout(self, checkout_id: str) -> None:
        """Make sure that nothing can be paid there any more; a paid or closed one stays as it is."""
        ...

    def facts(self, subject: str) -> PaymentFacts | None:
        """How a checkout or payment stands; None when there is none."""
        ...

    def refund(self, payment_id: str, *, amount_cents: int, key: str) -> RefundFact:
        """Send money back to the buyer."""
        ...

    def read_event(self, body: bytes, signature: str) -> GatewayEvent:
        """Verify the signature over the raw body and read the event, or raise EventRefused."""
        ...

    def open_account(self, *, account_id: str, reference: str, email: str, return_url: str) -> GatewayAccount:
        """Make (with `account_id` "") or continue a creator's account."""
        ...

    def account(self, account_id: str) -> GatewayAccount:
        """How an account stands."""
        ...

    def transfer(self, account_id: str, *, amount_cents: int, currency: str, key: str) -> str:
        """Send a creator money; returns the transfer's id."""
        ...

    def bank_payout(self, account_id: str, payout_id: str) -> BankPayoutFact | None:
        """How a payout of a creator's account stands; None when there is none."""
        ...

    def send_again(self, account_id: str, *, amount_cents: int, currency: str, key: str) -> BankPayoutFact:
        """Send what stands in a creator's account to their bank."""
        ...
