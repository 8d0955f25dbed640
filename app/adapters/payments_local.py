"""The test gateway that ships with the product: the whole flow of a purchase without a Stripe key and without real money.

It keeps its books in a table of its own, in transactions of its own, and signs its events as Stripe does.
"""

import hashlib
import hmac
import json
import re
import secrets
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict
from typing import Any

from sqlalchemy.engine import Engine
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, or_, select

from app.adapters.subscriptions_local import FAILS_LATER, LocalSubscriptions, is_local_subscription
from app.core.payments import (
    BankPayoutFact,
    Checkout,
    CheckoutWish,
    DisputeFact,
    EventRefused,
    GatewayAccount,
    GatewayEvent,
    PaymentFacts,
    PaymentRefused,
    RefundFact,
    TaxSettings,
)
from engine.ports import Clock
from models.purchase import LocalPayment

CARDS = {
    "4242424242424242": "",
    "4000000000000002": "Your card was declined. Nothing was charged: try another card.",
    "4000000000009995": "Your card has insufficient funds. Nothing was charged: try another card.",
    "4000000000000069": "Your card has expired. Nothing was charged: try another card.",
    FAILS_LATER: "",
}
"""Test card -> why it is refused, or "" when it pays. The same numbers as Stripe's."""
OTHER_CARD = "This is a test page: use one of the test cards. No real card is ever accepted here."
TOLERANCE_S = 300
_SUBJECT = re.compile(r"[A-Za-z0-9_]{1,120}")


class LocalGateway(LocalSubscriptions):
    """PaymentGateway without a payment company."""

    mode = "test"
    is_local = True

    def __init__(self, database: Engine, *, clock: Clock, secret: Callable[[], str], taxes: TaxSettings | None = None) -> None:
        super().__init__(database, clock=clock, taxes=taxes or TaxSettings())
        self._secret = secret

    def open_checkout(self, wish: CheckoutWish) -> Checkout:
        checkout_id = f"cs_local_{_digest(wish.key)}"
        with Session(self._database) as session:
            if _find(session, checkout_id) is None:
                content = {name: getattr(wish, name) for name in wish.__dataclass_fields__}
                tax = self.taxes.test_tax(wish.amount_cents)
                content |= {"tax_cents": tax, "paid_cents": wish.amount_cents + (0 if self.taxes.is_inclusive else tax)}
                session.add(LocalPayment(checkout_id=checkout_id, content=content | {"state": "open", "refunds": [], "disputes": []}))
                with suppress(IntegrityError):  # another tab made the same checkout at this moment
                    session.commit()
        return Checkout(checkout_id, f"/pay/{checkout_id}")

    def close_checkout(self, checkout_id: str) -> None:
        if is_local_subscription(checkout_id):
            self.close_subscription_checkout(checkout_id)
            return

        def close(content: dict[str, Any]) -> None:
            if content["state"] == "open":
                content["state"] = "expired"

        self._change(checkout_id, close)

    def facts(self, subject: str) -> PaymentFacts | None:
        with self._database.connect().execution_options(af_write=False) as connection, Session(bind=connection) as session:
            row = _find(session, subject)
            return _facts(row) if row is not None and "reference" in row.content else None

    def refund(self, payment_id: str, *, amount_cents: int, key: str) -> RefundFact:
        made = RefundFact(f"re_local_{_digest(key)}", amount_cents)
        if is_local_subscription(payment_id):
            self.refund_invoice(payment_id, made=made)
            return made

        def give_back(content: dict[str, Any]) -> None:
            if any(refund["id"] == made.id for refund in content["refunds"]):
                return
            left = _left(content)
            if content["state"] != "paid" or not 0 < amount_cents <= left:
                raise PaymentRefused(f"Refund amount ({amount_cents}) is greater than unrefunded amount on charge ({left})")
            if any(dispute["state"] in ("open", "lost") for dispute in content["disputes"]):
                raise PaymentRefused("This payment is disputed, so it cannot be refunded.")
            content["refunds"].append({"id": made.id, "amount_cents": amount_cents})

        self._change(payment_id, give_back)
        return made

    def read_event(self, body: bytes, signature: str) -> GatewayEvent:
        parts = {name: value for name, _, value in (part.partition("=") for part in signature.split(","))}
        stamp, given = parts.get("t", ""), parts.get("v1", "")
        if not stamp.isascii() or not stamp.isdecimal() or not hmac.compare_digest(self._sign(stamp, body).encode(), given.encode()):
            raise EventRefused("The signature does not fit the body.")
        if abs(self._clock.now().timestamp() - int(stamp)) > TOLERANCE_S:
            raise EventRefused(f"The event is older than {TOLERANCE_S} seconds.")
        event = json.loads(body)
        return GatewayEvent(event["id"], event["type"], event["subject"], event.get("account", ""))

    def open_account(self, *, account_id: str, reference: str, email: str, return_url: str) -> GatewayAccount:
        return GatewayAccount(account_id or f"acct_local_{_digest(reference)}", is_ready=True, url=return_url)

    def account(self, account_id: str) -> GatewayAccount:
        return GatewayAccount(account_id, is_ready=True)

    def transfer(self, account_id: str, *, amount_cents: int, currency: str, key: str) -> str:
        return f"tr_local_{_digest(key)}"

    def bank_payout(self, account_id: str, payout_id: str) -> BankPayoutFact | None:
        with self._database.connect().execution_options(af_write=False) as connection, Session(bind=connection) as session:
            row = _find(session, payout_id)
            found = row.content.get("bank") if row is not None and row.checkout_id == payout_id else None
            return BankPayoutFact(**found) if found and row and row.content["account"] == account_id else None

    def send_again(self, account_id: str, *, amount_cents: int, currency: str, key: str) -> BankPayoutFact:
        return self.play_bank(account_id, f"po_local_{_digest(key)}", amount_cents=amount_cents, currency=currency, state="paid")

    # What the gateway's own page and tests do: the buyer's and the bank's side.

    def pay(self, checkout_id: str, *, card: str, billed_to: str = "") -> str:
        """The buyer presses Pay; returns "" or why the card is refused. A checkout is paid once."""
        refusal = CARDS.get("".join(card.split()), OTHER_CARD)
        if refusal:
            return refusal
        if is_local_subscription(checkout_id):
            self.begin_subscription(checkout_id, card=card, billed_to=billed_to[:600])
            return ""

        def take(content: dict[str, Any]) -> None:
            if content["state"] == "expired":
                raise PaymentRefused("This checkout is closed. Go back to the listing and start again.")
            content["state"] = "paid"
            content.setdefault("payment_id", f"pi_local_{secrets.token_hex(8)}")
            content.setdefault("billed_to", billed_to[:600])

        self._change(checkout_id, take)
        return ""

    def dispute(self, payment_id: str, state: str) -> None:
        """The buyer's bank asks (`inquiry`), opens a dispute (`open`), or ends it (`won`, `lost`)."""
        if is_local_subscription(payment_id):
            self.dispute_invoice(payment_id, state)
            return

        def move(content: dict[str, Any]) -> None:
            content["disputes"] = [{"id": f"dp_local_{_digest(payment_id)}", "amount_cents": _left(content), "state": state}]

        self._change(payment_id, move)

    def play_bank(
        self, account_id: str, payout_id: str, *, amount_cents: int, state: str, currency: str = "usd", reason: str = ""
    ) -> BankPayoutFact:
        """A creator's bank takes a payout, or refuses it."""
        fact = BankPayoutFact(payout_id, amount_cents, currency, state, reason)
        with Session(self._database) as session:
            row = _find(session, payout_id, lock=True) or LocalPayment(checkout_id=payout_id, content={})
            row.content = {"account": account_id, "bank": asdict(fact)}
            session.add(row)
            session.commit()
        return fact

    def event(self, kind: str, subject: str, *, account: str = "") -> tuple[bytes, str]:
        """News about a payment as the webhook gets it: body and signature."""
        news = {"id": f"evt_local_{secrets.token_hex(10)}", "type": kind, "subject": subject, "account": account}
        body = json.dumps(news).encode()
        stamp = str(int(self._clock.now().timestamp()))
        return body, f"t={stamp},v1={self._sign(stamp, body)}"

    def page(self, checkout_id: str) -> dict[str, Any] | None:
        """What the payment page shows."""
        if is_local_subscription(checkout_id):
            return self.subscription_page(checkout_id)
        with self._database.connect().execution_options(af_write=False) as connection, Session(bind=connection) as session:
            row = _find(session, checkout_id)
            return dict(row.content) if row is not None and row.checkout_id == checkout_id else None

    def _sign(self, stamp: str, body: bytes) -> str:
        return hmac.new(self._secret().encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()

    def _change(self, subject: str, change: Callable[[dict[str, Any]], None]) -> None:
        with Session(self._database) as session:
            row = _find(session, subject, lock=True)
            if row is None:
                raise PaymentRefused(f"No such payment: {subject}")
            content: dict[str, Any] = json.loads(json.dumps(row.content))
            change(content)
            row.content, row.payment_id = content, content.get("payment_id", "")
            session.commit()


def _find(session: Session, subject: str, *, lock: bool = False) -> LocalPayment | None:
    if not _SUBJECT.fullmatch(subject):
        return None
    wanted = select(LocalPayment).where(or_(col(LocalPayment.checkout_id) == subject, col(LocalPayment.payment_id) == subject))
    return session.exec(wanted.with_for_update() if lock else wanted).first()


def _facts(row: LocalPayment) -> PaymentFacts:
    content = row.content
    return PaymentFacts(
        checkout_id=row.checkout_id,
        reference=content["reference"],
        state=content["state"],
        amount_cents=content["amount_cents"],
        currency=content["currency"],
        payment_id=row.payment_id,
        paid_cents=_charged(content),
        tax_cents=content.get("tax_cents", 0),
        billed_to=content.get("billed_to", ""),
        refunds=tuple(RefundFact(**refund) for refund in content["refunds"]),
        disputes=tuple(DisputeFact(**dispute) for dispute in content["disputes"]),
    )


def _charged(content: dict[str, Any]) -> int:
    return int(content.get("paid_cents", content["amount_cents"]))


def _left(content: dict[str, Any]) -> int:
    return _charged(content) - sum(refund["amount_cents"] for refund in content["refunds"])


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()[:24]
