"""Monthly payments through Stripe Billing: Checkout in subscription mode, prices by lookup key, prorations, invoices."""

from datetime import UTC, datetime
from typing import Any

import stripe

from app.adapters.stripe_errors import is_missing, translated
from app.adapters.stripe_taxes import behaviour, billed_to, tax_fields
from app.core.payments import Checkout, DisputeFact, PaymentRefused, RefundFact, TaxSettings
from app.core.subscriptions import InvoiceFact, InvoiceLine, Price, Proration, SubscriptionFacts, SubscriptionWish

DISPUTES = {
    "won": "won", "warning_closed": "won", "prevented": "won", "lost": "lost",
    "warning_needs_response": "inquiry", "warning_under_review": "inquiry",
}  # fmt: skip
FAILED_REFUNDS = ("failed", "canceled")  # a bank sends money back days after Stripe has called the refund succeeded
STATES = {
    "incomplete": "open",
    "incomplete_expired": "expired",
    "trialing": "active",
    "active": "active",
    "past_due": "past_due",
    "unpaid": "past_due",
    "canceled": "ended",
}
INVOICE_STATES = {"draft": "", "open": "open", "paid": "paid", "uncollectible": "void", "void": "void"}
NEWEST_INVOICES = 24
TAXED = "-tax-"  # in lookup keys, before how a price is taxed


class StripeSubscriptions:
    """SubscriptionGateway at Stripe; shares the client of StripeGateway."""

    def __init__(self, client: stripe.StripeClient, *, taxes: TaxSettings) -> None:
        self._client = client
        self.taxes = taxes
        self._price_ids: dict[str, str] = {}  # lookup key -> id; a key always means the same amount
        self._price_keys: dict[str, str] = {}

    def open_subscription(self, wish: SubscriptionWish) -> Checkout:
        with translated():
            params: Any = {
                "mode": "subscription",
                "client_reference_id": wish.reference,
                "line_items": [{"quantity": 1, "price": self._price_id(wish.price)}],
                "success_url": wish.success_url,
                "cancel_url": wish.cancel_url,
                "customer_email": wish.email,
                "subscription_data": {"metadata": {"standing": wish.reference}},
                **tax_fields(self.taxes),
            }
            if wish.discount is not None:
                params["discounts"] = [{"coupon": self._coupon_id(wish)}]
            session = self._client.v1.checkout.sessions.create(params, {"idempotency_key": wish.key})
        return Checkout(session.id, session.url or "")

    def subscription_facts(self, subject: str) -> SubscriptionFacts | None:
        try:
            with translated():
                return self._standing(subject)
        except PaymentRefused as refused:
            if is_missing(refused):
                return None
            raise

    def preview_change(self, subscription_id: str, *, price: Price, at: datetime) -> Proration:
        with translated():
            item = self._item(subscription_id)
            if self._key_of(item.price.id) == price.key:
                return Proration(0, price.currency, ())
            details: Any = {
                "items": [{"id": item.id, "price": self._price_id(price)}],
                "proration_behavior": "always_invoice",
                "proration_date": int(at.timestamp()),
            }
            found = self._client.v1.invoices.create_preview({"subscription": subscription_id, "subscription_details": details})
        return Proration(found.amount_due, found.currency, _lines(found))

    def change_now(self, subscription_id: str, *, price: Price, at: datetime, key: str) -> None:
        with translated():
            found: Any = self._client.v1.subscriptions.retrieve(subscription_id)
            item = found["items"].data[0]
            params: Any = {"cancel_at_period_end": False}
            if self._key_of(item.price.id) == price.key:
                self._client.v1.subscriptions.update(subscription_id, params)
                return
            if STATES.get(found.status) == "past_due":  # Stripe would credit time that nobody has paid for
                raise PaymentRefused("An invoice is open. Pay it first.")
            params |= {
                "items": [{"id": item.id, "price": self._price_id(price)}],
                "proration_behavior": "always_invoice",
                "proration_date": int(at.timestamp()),
                "payment_behavior": "error_if_incomplete",
            }
            self._client.v1.subscriptions.update(subscription_id, params, {"idempotency_key": key})

    def change_later(self, subscription_id: str, *, price: Price) -> None:
        with translated():
            wanted: Any = {"id": self._item(subscription_id).id, "price": self._price_id(price)}
            params: Any = {"items": [wanted], "proration_behavior": "none", "cancel_at_period_end": False}
            self._client.v1.subscriptions.update(subscription_id, params)

    def cancel(self, subscription_id: str) -> None:
        with translated():
            if self._client.v1.subscriptions.retrieve(subscription_id).status != "canceled":
                self._client.v1.subscriptions.update(subscription_id, {"cancel_at_period_end": True})

    def end_now(self, subscription_id: str) -> None:
        with translated():
            if self._client.v1.subscriptions.retrieve(subscription_id).status != "canceled":
                self._client.v1.subscriptions.cancel(subscription_id)

    def _standing(self, subject: str) -> SubscriptionFacts | None:
        if subject.startswith("cs_"):
            session = self._client.v1.checkout.sessions.retrieve(subject)
            if session.mode != "subscription":
                return None
            if not session.subscription:
                state = "expired" if session.status == "expired" else "open"
                return SubscriptionFacts(session.client_reference_id or "", state, "", checkout_id=session.id)
            return self._standing_facts(str(session.subscription), checkout_id=session.id)
        if subject.startswith("sub_"):
            return self._standing_facts(subject)
        if not subject.startswith("pi_"):
            return None
        paid: Any = self._client.v1.invoice_payments.list({"payment": {"type": "payment_intent", "payment_intent": subject}})
        for one in paid.data:
            invoice = self._client.v1.invoices.retrieve(str(one.invoice))
            return self._standing_facts(_subscription_of(invoice), asked_payment=subject)
        return None

    def _standing_facts(self, subscription_id: str, *, checkout_id: str = "", asked_payment: str = "") -> SubscriptionFacts | None:
        if not subscription_id:
            return None
        found: Any = self._client.v1.subscriptions.retrieve(subscription_id)
        item = found["items"].data[0]
        listed: Any = {"subscription": subscription_id, "limit": NEWEST_INVOICES, "expand": ["data.payments"]}
        invoices = self._client.v1.invoices.list(listed).data
        return SubscriptionFacts(
            reference=getattr(found.metadata, "standing", ""),
            state=STATES.get(found.status, "past_due"),
            price_key=self._key_of(item.price.id),
            checkout_id=checkout_id,
            subscription_id=found.id,
            period_end=_moment(item.current_period_end),
            is_cancelled=bool(found.cancel_at_period_end),
            invoices=tuple(self._invoice(one, asked_payment) for one in sorted(invoices, key=_age) if INVOICE_STATES.get(one.status or "")),
        )

    def _invoice(self, found: Any, asked_payment: str) -> InvoiceFact:
        charged, price_key = self._charged(found)
        payment = next((str(one.payment.payment_intent) for one in found.payments.data if one.status == "paid"), "")
        state = INVOICE_STATES[found.status]
        return InvoiceFact(
            id=found.id,
            number=found.number or found.id,
            state=state,
            price_key=price_key,
            total_cents=found.total,
            paid_cents=found.amount_paid,
            tax_cents=sum(tax.amount for tax in found.total_taxes or ()),
            currency=found.currency,
            issued_at=_moment(found.created),
            period_start=_moment(charged.period.start),
            period_end=_moment(charged.period.end),
            lines=_lines(found),
            payment_id=payment,
            pay_url=(found.hosted_invoice_url or "") if state == "open" else "",
            **(self._returned(payment) if payment and payment == asked_payment else {}),
            discount_cents=_discount(found),
            included_tax_cents=sum(tax.amount for tax in found.total_taxes or () if tax.tax_behavior == "inclusive"),
            billed_to=billed_to(found, prefix="customer_"),
            raised_from=self._credited(found, price_key),
        )

    def _charged(self, invoice: Any) -> tuple[Any, str]:
        """The line that says what is paid for, and its price's key. Operators may have put lines of their own beside it."""
        keyed = [(line, self._key_of_line(line)) for line in reversed(invoice.lines.data)]
        return max(((line, key) for line, key in keyed if key), key=lambda one: one[0].amount, default=keyed[0])

    def _credited(self, invoice: Any, price_key: str) -> str:
        """The price whose unused time goes back in it; "" where it pays for a whole period."""
        credits = [(line, self._key_of_line(line)) for line in invoice.lines.data if line.amount < 0]
        keyed = [(line, key) for line, key in credits if key not in ("", price_key)]
        return min(keyed, key=lambda one: one[0].amount)[1] if keyed else ""

    def _key_of_line(self, line: Any) -> str:
        details = getattr(getattr(line, "pricing", None), "price_details", None)
        return self._key_of(details.price) if details else ""

    def _returned(self, payment: str) -> dict[str, Any]:
        """What facts tell of money that went back, the oldest first."""
        of: Any = {"payment_intent": payment, "limit": 100}
        refunds = list(self._client.v1.refunds.list(of).auto_paging_iter())[::-1]
        disputes = list(self._client.v1.disputes.list(of).auto_paging_iter())[::-1]
        return {
            "refunds": tuple(RefundFact(one.id, one.amount) for one in refunds if one.status == "succeeded"),
            "failed_refunds": tuple(one.id for one in refunds if one.status in FAILED_REFUNDS),
            "disputes": tuple(DisputeFact(one.id, one.amount, DISPUTES.get(one.status, "open")) for one in disputes),
        }

    def _item(self, subscription_id: str) -> Any:
        found: Any = self._client.v1.subscriptions.retrieve(subscription_id)
        return found["items"].data[0]

    def _coupon_id(self, wish: SubscriptionWish) -> str:
        """One of Stripe's coupons for this order alone, over the very amount that the order has fixed."""
        assert wish.discount is not None
        off = wish.discount
        length: dict[str, Any] = {0: {"duration": "forever"}, 1: {"duration": "once"}}.get(off.months) or {
            "duration": "repeating",
            "duration_in_months": off.months,
        }
        made: Any = {"amount_off": off.cents, "currency": wish.price.currency, "name": f"Coupon {off.code}"[:40], "max_redemptions": 1}
        return self._client.v1.coupons.create(made | length, {"idempotency_key": f"coupon-{wish.key}"}).id

    def _price_id(self, price: Price) -> str:
        lookup = price.key + (f"{TAXED}{behaviour(self.taxes)}" if self.taxes.is_on else "")  # a price keeps how it is taxed for good
        if price.key not in self._price_ids:
            known = self._client.v1.prices.list({"lookup_keys": [lookup]}).data
            made: Any = {
                "lookup_key": lookup,
                "currency": price.currency,
                "unit_amount": price.amount_cents,
                "recurring": {"interval": "month"},
                "product_data": {"name": price.title},
            }
            if self.taxes.is_on:
                made["tax_behavior"] = behaviour(self.taxes)
            once: Any = {"idempotency_key": f"price-{lookup}"}
            self._price_ids[price.key] = known[0].id if known else self._client.v1.prices.create(made, once).id
        return self._price_ids[price.key]

    def _key_of(self, price_id: str) -> str:
        if price_id not in self._price_keys:
            self._price_keys[price_id] = (self._client.v1.prices.retrieve(price_id).lookup_key or "").partition(TAXED)[0]
        return self._price_keys[price_id]


def subject_of(kind: str, thing: Any) -> str:
    """What to ask about after an event: a checkout, a subscription or a payment; "" for what concerns none."""
    if kind.startswith(("checkout.session.", "payment_intent.", "customer.subscription.")):
        return str(thing.id)
    if kind.startswith("invoice."):
        return _subscription_of(thing)
    if kind.startswith(("charge.", "refund.")):
        return str(getattr(thing, "payment_intent", None) or "")
    return ""


def _subscription_of(invoice: Any) -> str:
    details = getattr(getattr(invoice, "parent", None), "subscription_details", None)
    return str(getattr(details, "subscription", None) or "")


def _age(invoice: Any) -> tuple[int, int]:
    """For the order in which invoices were made. Of one second, the one that charges more came later: only going up is billed at once."""
    return invoice.created, max((line.amount for line in invoice.lines.data), default=0)


def _lines(invoice: Any) -> tuple[InvoiceLine, ...]:
    lines = tuple(InvoiceLine(line.description or "", line.amount) for line in invoice.lines.data)
    off = _discount(invoice)
    return (*lines, InvoiceLine("Coupon", -off)) if off else lines


def _discount(invoice: Any) -> int:
    return sum(one.amount for one in getattr(invoice, "total_discount_amounts", None) or ())


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
