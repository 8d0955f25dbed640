"""Stripe behind the PaymentGateway port: Checkout, refunds, disputes, signed webhooks, Connect accounts and transfers.

app.wiring loads this module only where a key is configured, as the library is heavy.
"""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import stripe

from app.core.errors import Unavailable
from app.core.payments import (
    Checkout,
    CheckoutWish,
    DisputeFact,
    EventRefused,
    GatewayAccount,
    GatewayEvent,
    PaymentFacts,
    PaymentRefused,
    RefundFact,
)

AWAY = "The payment service does not answer. Nothing was charged; try again in a minute."
_DISPUTES = {"won": "won", "warning_closed": "won", "prevented": "won", "lost": "lost"}


class StripeGateway:
    """PaymentGateway at api.stripe.com, or at `url` where something stands in for it."""

    is_local = False

    def __init__(self, *, key: str, webhook_secret: str, url: str = "") -> None:
        self.mode = "live" if "_live_" in key else "test"
        self._secret = webhook_secret
        addresses: Any = {"api": url} if url else None
        self._client = stripe.StripeClient(key, base_addresses=addresses, max_network_retries=2)

    def open_checkout(self, wish: CheckoutWish) -> Checkout:
        price: Any = {"currency": wish.currency, "unit_amount": wish.amount_cents, "product_data": {"name": wish.title}}
        params: Any = {
            "mode": "payment",
            "client_reference_id": wish.reference,
            "line_items": [{"quantity": 1, "price_data": price}],
            "success_url": wish.success_url,
            "cancel_url": wish.cancel_url,
            "customer_email": wish.email,
            "payment_intent_data": {"metadata": {"purchase": wish.reference}},
        }
        with _translated():
            session = self._client.v1.checkout.sessions.create(params, {"idempotency_key": wish.key})
        return Checkout(session.id, session.url or "")

    def close_checkout(self, checkout_id: str) -> None:
        with _translated():
            session = self._client.v1.checkout.sessions.retrieve(checkout_id)
            if session.status == "open":
                self._client.v1.checkout.sessions.expire(checkout_id)

    def facts(self, subject: str) -> PaymentFacts | None:
        try:
            with _translated():
                session = self._session(subject)
                return None if session is None else self._facts(session)
        except PaymentRefused as refused:
            if isinstance(refused.__cause__, stripe.InvalidRequestError) and refused.__cause__.code == "resource_missing":
                return None
            raise

    def refund(self, payment_id: str, *, amount_cents: int, key: str) -> RefundFact:
        with _translated():
            made = self._client.v1.refunds.create({"payment_intent": payment_id, "amount": amount_cents}, {"idempotency_key": key})
        return RefundFact(made.id, made.amount)

    def read_event(self, body: bytes, signature: str) -> GatewayEvent:
        try:
            event = self._client.construct_event(body, signature, self._secret)
        except (stripe.SignatureVerificationError, ValueError) as error:
            raise EventRefused("The signature does not fit the body, or the event is too old.") from error
        if event.livemode != (self.mode == "live"):
            raise EventRefused(f"This installation takes {self.mode} events only.")
        if getattr(event, "account", None):
            return GatewayEvent(event.id, event.type, "")
        return GatewayEvent(event.id, event.type, _subject(event.type, event.data.object))

    def open_account(self, *, account_id: str, reference: str, email: str, return_url: str) -> GatewayAccount:
        wish: Any = {
            "type": "express",
            "email": email,
            "metadata": {"workspace": reference},
            "capabilities": {"transfers": {"requested": True}},
        }
        with _translated():
            made = account_id or self._client.v1.accounts.create(wish, {"idempotency_key": f"account-{reference}"}).id
            link = self._client.v1.account_links.create(
                {"account": made, "type": "account_onboarding", "refresh_url": return_url, "return_url": return_url}
            )
        return GatewayAccount(made, is_ready=False, url=link.url)

    def account(self, account_id: str) -> GatewayAccount:
        with _translated():
            found = self._client.v1.accounts.retrieve(account_id)
        return GatewayAccount(found.id, is_ready=bool(found.payouts_enabled))

    def transfer(self, account_id: str, *, amount_cents: int, currency: str, key: str) -> str:
        params: Any = {"amount": amount_cents, "currency": currency, "destination": account_id}
        with _translated():
            return self._client.v1.transfers.create(params, {"idempotency_key": key}).id

    def _session(self, subject: str) -> Any:
        if subject.startswith("cs_"):
            return self._client.v1.checkout.sessions.retrieve(subject)
        return next(iter(self._client.v1.checkout.sessions.list({"payment_intent": subject}).data), None)

    def _facts(self, session: Any) -> PaymentFacts:
        payment = session.payment_intent or ""
        refunds = list(self._client.v1.refunds.list({"payment_intent": payment, "limit": 100}).auto_paging_iter()) if payment else []
        disputes = list(self._client.v1.disputes.list({"payment_intent": payment, "limit": 100}).auto_paging_iter()) if payment else []
        is_paid = session.payment_status == "paid"
        return PaymentFacts(
            checkout_id=session.id,
            reference=session.client_reference_id or "",
            state="paid" if is_paid else "expired" if session.status == "expired" else "open",
            amount_cents=session.amount_total,
            currency=session.currency,
            payment_id=payment if is_paid else "",
            refunds=tuple(RefundFact(one.id, one.amount) for one in reversed(refunds) if one.status == "succeeded"),
            disputes=tuple(DisputeFact(one.id, one.amount, _DISPUTES.get(one.status, "open")) for one in reversed(disputes)),
        )


def _subject(kind: str, thing: Any) -> str:
    if kind.startswith(("checkout.session.", "payment_intent.")):
        return str(thing.id)
    if kind.startswith(("charge.", "refund.")):
        return str(getattr(thing, "payment_intent", None) or "")
    return ""


@contextmanager
def _translated() -> Generator[None]:
    """Stripe's errors as ours; what it says of a refusal is written for people."""
    try:
        yield
    except (stripe.CardError, stripe.InvalidRequestError, stripe.PermissionError) as error:
        raise PaymentRefused(error.user_message or str(error)) from error
    except stripe.StripeError as error:
        raise Unavailable(AWAY, code="payments_away") from error
