"""Stripe behind the PaymentGateway port: Checkout, refunds, disputes, signed webhooks, Connect accounts and transfers.

app.wiring loads this module only where a key is configured, as the library is heavy.
"""

from typing import Any

import stripe

from app.adapters.stripe_asks import asked_for
from app.adapters.stripe_errors import is_missing, translated
from app.adapters.stripe_taxes import behaviour, billed_to, tax_fields
from app.adapters.subscriptions_stripe import StripeSubscriptions, subject_of
from app.core.payments import (
    BankPayoutFact,
    Checkout,
    CheckoutWish,
    EventRefused,
    GatewayAccount,
    GatewayEvent,
    PaymentFacts,
    PaymentRefused,
    RefundFact,
    TaxSettings,
)

UNPAID = ("requires_payment_method", "canceled")


class StripeGateway(StripeSubscriptions):
    """PaymentGateway at api.stripe.com, or at `url` where something stands in for it."""

    is_local = False

    def __init__(self, *, key: str, webhook_secret: str, url: str = "", taxes: TaxSettings | None = None, connect_secret: str = "") -> None:
        self.mode = "live" if "_live_" in key else "test"
        self._secret, self._connect_secret = webhook_secret, connect_secret
        addresses: Any = {"api": url} if url else None
        super().__init__(stripe.StripeClient(key, base_addresses=addresses, max_network_retries=2), taxes=taxes or TaxSettings())

    def open_checkout(self, wish: CheckoutWish) -> Checkout:
        product = {"name": wish.title} | ({"description": wish.note} if wish.note else {})
        price: Any = {"currency": wish.currency, "unit_amount": wish.amount_cents, "product_data": product}
        if self.taxes.is_on:
            price["tax_behavior"] = behaviour(self.taxes)
        params: Any = {
            "mode": "payment",
            "client_reference_id": wish.reference,
            "line_items": [{"quantity": 1, "price_data": price}],
            "success_url": wish.success_url,
            "cancel_url": wish.cancel_url,
            "customer_email": wish.email,
            "payment_intent_data": {"metadata": {"purchase": wish.reference}},
            **tax_fields(self.taxes),
        }
        with translated():
            session = self._client.v1.checkout.sessions.create(params, {"idempotency_key": wish.key})
        return Checkout(session.id, session.url or "")

    def close_checkout(self, checkout_id: str) -> None:
        with translated():
            session = self._client.v1.checkout.sessions.retrieve(checkout_id)
            if session.status == "open":
                self._client.v1.checkout.sessions.expire(checkout_id)

    def facts(self, subject: str) -> PaymentFacts | None:
        try:
            with translated():
                session = self._session(subject)
                return None if session is None else self._facts(session)
        except PaymentRefused as refused:
            if is_missing(refused):
                return None
            raise

    def refund(self, payment_id: str, *, amount_cents: int, key: str) -> RefundFact:
        with translated():
            made = self._client.v1.refunds.create({"payment_intent": payment_id, "amount": amount_cents}, {"idempotency_key": key})
        return RefundFact(made.id, made.amount)

    def read_event(self, body: bytes, signature: str) -> GatewayEvent:
        event = self._verified(body, signature)
        if event.livemode != (self.mode == "live"):
            raise EventRefused(f"This installation takes {self.mode} events only.")
        account = getattr(event, "account", None)
        if account:  # of a creator's own account: nothing that settles an order
            is_about_bank = event.type.startswith("payout.") or event.type == "account.updated"
            subject = str(event.data.object.id) if event.type.startswith("payout.") else ""
            return GatewayEvent(event.id, event.type, subject, str(account) if is_about_bank else "")
        return GatewayEvent(event.id, event.type, subject_of(event.type, event.data.object))

    def open_account(self, *, account_id: str, reference: str, email: str, return_url: str) -> GatewayAccount:
        wish: Any = {
            "type": "express",
            "email": email,
            "metadata": {"workspace": reference},
            "capabilities": {"transfers": {"requested": True}},
        }
        with translated():
            made = account_id or self._client.v1.accounts.create(wish, {"idempotency_key": f"account-{reference}"}).id
            link = self._client.v1.account_links.create(
                {"account": made, "type": "account_onboarding", "refresh_url": return_url, "return_url": return_url}
            )
        return GatewayAccount(made, is_ready=False, url=link.url)

    def account(self, account_id: str) -> GatewayAccount:
        with translated():
            found = self._client.v1.accounts.retrieve(account_id)
        wants = getattr(found, "requirements", None)
        asks = asked_for([*(getattr(wants, "past_due", None) or ()), *(getattr(wants, "currently_due", None) or ())])
        is_checking = bool(getattr(wants, "pending_verification", None)) and not asks
        return GatewayAccount(found.id, is_ready=bool(found.payouts_enabled), asks=asks, is_checking=is_checking)

    def transfer(self, account_id: str, *, amount_cents: int, currency: str, key: str) -> str:
        params: Any = {"amount": amount_cents, "currency": currency, "destination": account_id, "transfer_group": key}
        with translated():
            known = self._client.v1.transfers.list({"transfer_group": key}).data  # Stripe forgets idempotency keys after a day
            if known:
                return known[0].id
            return self._client.v1.transfers.create(params, {"idempotency_key": key}).id

    def bank_payout(self, account_id: str, payout_id: str) -> BankPayoutFact | None:
        try:
            with translated():
                return _bank_fact(self._client.v1.payouts.retrieve(payout_id, options={"stripe_account": account_id}))
        except PaymentRefused as refused:
            if is_missing(refused):
                return None
            raise

    def send_again(self, account_id: str, *, amount_cents: int, currency: str, key: str) -> BankPayoutFact:
        options: Any = {"stripe_account": account_id, "idempotency_key": key}
        with translated():
            return _bank_fact(self._client.v1.payouts.create({"amount": amount_cents, "currency": currency}, options))

    def _verified(self, body: bytes, signature: str) -> Any:
        """Events of creators' accounts come from a webhook of their own, with a secret of its own."""
        refused: Exception | None = None
        for secret in filter(None, (self._secret, self._connect_secret)):
            try:
                event = self._client.construct_event(body, signature, secret)
            except (stripe.SignatureVerificationError, ValueError) as error:
                refused = error
                continue
            if secret == self._secret or getattr(event, "account", None):
                return event
        raise EventRefused("The signature does not fit the body, or the event is too old.") from refused

    def _session(self, subject: str) -> Any:
        if subject.startswith("cs_"):
            session = self._client.v1.checkout.sessions.retrieve(subject)
            return session if session.mode == "payment" else None
        if not subject.startswith("pi_"):
            return None
        return next(iter(self._client.v1.checkout.sessions.list({"payment_intent": subject}).data), None)

    def _facts(self, session: Any) -> PaymentFacts:
        payment = session.payment_intent or ""
        is_paid = session.payment_status == "paid"
        return PaymentFacts(
            checkout_id=session.id,
            reference=session.client_reference_id or "",
            state="paid" if is_paid else "expired" if self._is_over(session) else "open",
            amount_cents=session.amount_subtotal,
            currency=session.currency,
            payment_id=payment if is_paid else "",
            paid_cents=session.amount_total,
            tax_cents=int(getattr(session.total_details, "amount_tax", 0) or 0),
            billed_to=billed_to(session.customer_details) if is_paid else "",
            **(self._returned(payment) if payment else {}),
        )

    def _is_over(self, session: Any) -> bool:
        """Whether nothing comes of an unpaid one; of a complete one that is told by its payment, which banks decide about days later."""
        if session.status != "complete" or not session.payment_intent:
            return session.status == "expired"
        return self._client.v1.payment_intents.retrieve(session.payment_intent).status in UNPAID


def _bank_fact(found: Any) -> BankPayoutFact:
    state = found.status if found.status in ("paid", "failed", "canceled") else "in_transit"
    return BankPayoutFact(found.id, found.amount, found.currency, state, found.failure_message or "")
