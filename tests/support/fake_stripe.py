"""A stateful stand-in for Stripe's HTTP API over real HTTP: Checkout, refunds, disputes, Connect, signed events, and faults on demand."""

import asyncio
import hashlib
import hmac
import json
import re
import time
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

from aiohttp import web

from tests.support.fake_billing import ASKED, FakeBilling, buyer_of
from tests.support.fake_refusal import StripeRefusal
from tests.support.slow_http import LocalServer

KEY = "sk_test_" + "fake" * 6
SECRET = "whsec_" + "fake" * 6


class FakeStripe(FakeBilling):
    """The server's books, and the sides of buyer and bank that no API call plays."""

    def __init__(self) -> None:
        super().__init__()
        self.server: LocalServer | None = None
        self.sessions: dict[str, dict[str, Any]] = {}
        self.refunds: list[dict[str, Any]] = []
        self.disputes: list[dict[str, Any]] = []
        self.accounts: dict[str, dict[str, Any]] = {}
        self.transfers: list[dict[str, Any]] = []
        self.by_bank: dict[str, str] = {}  # payments -> how they stand
        self.bank_payouts: dict[str, dict[str, Any]] = {}
        self.key_lacks = ""  # why the key may not read accounts
        self.refunds_refused = ""  # why money does not go back
        self.bank_refuses = ""  # why payouts to banks are refused
        self.calls: list[str] = []
        self.failures: list[str] = []  # what the next calls meet: 500 | 429 | lost (done, but the answer never comes)
        self._answers: dict[str, tuple[str, Any]] = {}
        self._numbers = 0

    def pay(self, checkout_id: str) -> None:
        """The buyer enters a card that works."""
        session = self.sessions[checkout_id]
        session.update(status="complete", payment_status="paid", payment_intent=session["payment_intent"] or self._id("pi"))
        session["customer_details"] = buyer_of(session)

    def pay_by_bank(self, checkout_id: str, status: str) -> None:
        """The buyer orders a transfer from a bank account, whose end comes days later: `status` is the payment's, as Stripe calls it."""
        session = self.sessions[checkout_id]
        session.update(status="complete", payment_intent=session["payment_intent"] or self._id("pi"))
        self.by_bank[session["payment_intent"]] = status

    def dispute(self, payment_id: str, state: str) -> None:
        """The bank opens a dispute (`open`) or ends it (`won`, `lost`); any other state is Stripe's own word."""
        status = {"open": "needs_response"}.get(state, state)
        known = next((one for one in self.disputes if one["payment_intent"] == payment_id), None)
        if known:
            known["status"] = status
            return
        self.disputes.append(
            {"id": self._id("dp"), "object": "dispute", "payment_intent": payment_id, "amount": self._left(payment_id), "status": status}
        )

    def play_bank(self, account_id: str, payout_id: str, *, amount: int, status: str, reason: str = "") -> dict[str, Any]:
        """A creator's bank takes a payout of their account, or refuses it."""
        told = {"id": payout_id, "object": "payout", "amount": amount, "currency": "usd", "status": status, "failure_message": reason}
        self.bank_payouts[payout_id] = told | {"account": account_id}
        return told

    def forget_keys(self) -> None:
        """A day has passed: what comes with an idempotency key from before is done anew."""
        self._answers.clear()

    def event(self, kind: str, thing: dict[str, Any], *, secret: str = SECRET, at: int | None = None, **more: Any) -> tuple[bytes, str]:
        """A webhook request: body and Stripe-Signature header."""
        event = {"id": self._id("evt"), "object": "event", "type": kind, "livemode": False, "data": {"object": thing}} | more
        body = json.dumps(event).encode()
        stamp = str(at if at is not None else int(time.time()))
        mark = hmac.new(secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
        return body, f"t={stamp},v1={mark}"

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """One API call."""
        form = nested(dict(await request.post()) if request.method == "POST" else dict(request.query))
        name = f"{request.method} {request.path.removeprefix('/v1/')}"
        self.calls.append(name)
        fault = self.failures.pop(0) if self.failures else ""
        if request.headers.get("Authorization") != f"Bearer {KEY}":
            return web.json_response({"error": {"type": "invalid_request_error", "message": "Invalid API Key"}}, status=401)
        if fault in ("500", "429"):
            return web.json_response({"error": {"type": "api_error", "message": "down"}}, status=int(fault))
        try:
            answer = self._once(request.headers.get("Idempotency-Key", "") if request.method == "POST" else "", name, form)
        except StripeRefusal as refusal:
            return refusal.answer
        if fault == "lost":
            assert request.transport
            request.transport.close()
            await asyncio.sleep(0)
        return web.json_response(answer)

    def _once(self, key: str, name: str, form: dict[str, Any]) -> Any:
        asked = json.dumps([name, form], sort_keys=True)
        if key and key in self._answers:
            if self._answers[key][0] != asked:
                raise StripeRefusal(400, "Keys for idempotent requests can only be used with the same parameters", "idempotency_key_in_use")
            return _told(self._answers[key][1])
        try:
            answer = self._act(name, form)
        except StripeRefusal as refusal:  # a refusal is kept as well as any other answer
            answer = refusal
        if key:
            self._answers[key] = (asked, answer if isinstance(answer, StripeRefusal) else json.loads(json.dumps(answer)))
        return _told(answer)

    def _act(self, name: str, form: dict[str, Any]) -> Any:
        simple = {
            "POST checkout/sessions": self._open,
            "GET checkout/sessions": lambda f: _list([s for s in self.sessions.values() if s["payment_intent"] == f["payment_intent"]]),
            "POST refunds": self._refund,
            "GET refunds": lambda f: _list([r for r in reversed(self.refunds) if r["payment_intent"] == f["payment_intent"]]),
            "GET disputes": lambda f: _list([d for d in reversed(self.disputes) if d["payment_intent"] == f["payment_intent"]]),
            "POST accounts": self._open_account,
            "POST account_links": lambda f: {"object": "account_link", "url": f"https://connect.test/{f['account']}"},
            "POST transfers": self._transfer,
            "GET transfers": lambda f: _list([one for one in reversed(self.transfers) if one["transfer_group"] == f["transfer_group"]]),
            "POST payouts": self._send_to_bank,
        }
        if name in simple:
            return simple[name](form)
        if match := re.fullmatch(r"GET checkout/sessions/(\w+)", name):
            return self._find(self.sessions, match[1])
        if match := re.fullmatch(r"POST checkout/sessions/(\w+)/expire", name):
            session = self._find(self.sessions, match[1])
            session["status"] = "expired"
            return session
        if match := re.fullmatch(r"GET accounts/(\w+)", name):
            return self._account(match[1])
        if match := re.fullmatch(r"GET payment_intents/(\w+)", name):
            return {"id": match[1], "object": "payment_intent", "status": self.by_bank[match[1]]}
        if match := re.fullmatch(r"GET payouts/(\w+)", name):
            return self._find(self.bank_payouts, match[1])
        answer = self.act_on_billing(name, form)
        if answer is not None:
            return answer
        raise StripeRefusal(404, f"Unrecognized request URL ({name})")

    def _open(self, form: dict[str, Any]) -> dict[str, Any]:
        if form["mode"] == "subscription":
            return self.open_subscription_session(form)
        item = form["line_items"]["0"]
        amount = int(item["price_data"]["unit_amount"]) * int(item["quantity"])
        tax, total = self.tax_of(form, amount, item["price_data"].get("tax_behavior", ""))
        if amount < 50:
            raise StripeRefusal(400, "The Checkout Session's total amount must convert to at least 50 cents.", "amount_too_small")
        made = self._id("cs")
        self.sessions[made] = {
            "id": made, "object": "checkout.session", "mode": "payment", "url": f"https://checkout.test/{made}", "status": "open",
            "payment_status": "unpaid", "client_reference_id": form["client_reference_id"], "amount_subtotal": amount,
            "amount_total": total, "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": tax},
            "currency": item["price_data"]["currency"], "payment_intent": None, "customer_details": None,
            "asked": {name: form.get(name) for name in ASKED},
            "shown": item["price_data"]["product_data"],
        }  # fmt: skip
        return self.sessions[made]

    def _refund(self, form: dict[str, Any]) -> dict[str, Any]:
        if self.refunds_refused:
            raise StripeRefusal(400, self.refunds_refused)
        payment, amount, left = form["payment_intent"], int(form["amount"]), self._left(form["payment_intent"])
        if any(one["payment_intent"] == payment and one["status"] in ("needs_response", "under_review", "lost") for one in self.disputes):
            raise StripeRefusal(400, "This charge has been charged back and cannot be refunded.", "charge_disputed")
        if not 0 < amount <= left:
            raise StripeRefusal(400, f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left})")
        made = {"id": self._id("re"), "object": "refund", "payment_intent": payment, "amount": amount, "status": "succeeded"}
        self.refunds.append(made)
        return made

    def _open_account(self, form: dict[str, Any]) -> dict[str, Any]:
        made = self._id("acct")
        due = ["external_account", "individual.verification.document", "person_1.relationship.title"]
        wants = {"past_due": due[:1], "currently_due": due, "pending_verification": []}
        account = {"id": made, "object": "account", "email": form.get("email"), "payouts_enabled": False, "requirements": wants}
        self.accounts[made] = account
        return self.accounts[made]

    def _transfer(self, form: dict[str, Any]) -> dict[str, Any]:
        if not self._find(self.accounts, form["destination"])["payouts_enabled"]:
            raise StripeRefusal(400, "Your destination account needs to have at least one of the following capabilities enabled: transfers")
        told = {name: form.get(name) for name in ("destination", "transfer_group")}
        made = {"id": self._id("tr"), "object": "transfer", "amount": int(form["amount"]), **told}
        self.transfers.append(made)
        return made

    def _send_to_bank(self, form: dict[str, Any]) -> dict[str, Any]:
        if self.bank_refuses:
            raise StripeRefusal(400, self.bank_refuses)
        return self.play_bank("", self._id("po"), amount=int(form["amount"]), status="in_transit")

    def _left(self, payment: str) -> int:
        session = next((one for one in self.sessions.values() if one["payment_intent"] == payment), None)
        amount = session["amount_total"] if session else self.paid_with(payment)
        if amount is None:
            raise StripeRefusal(404, f"No such payment_intent: '{payment}'", "resource_missing")
        return amount - sum(one["amount"] for one in self.refunds if one["payment_intent"] == payment and one["status"] == "succeeded")

    def _account(self, wanted: str) -> dict[str, Any]:
        if self.key_lacks:
            raise StripeRefusal(403, self.key_lacks, "more_permissions_required")
        if wanted not in self.accounts:
            raise StripeRefusal(403, f"The key has no access to '{wanted}' (or it does not exist)", "account_invalid")
        return self.accounts[wanted]

    def _find(self, kept: dict[str, dict[str, Any]], wanted: str) -> dict[str, Any]:
        if wanted not in kept:
            raise StripeRefusal(404, f"No such object: '{wanted}'", "resource_missing")
        return kept[wanted]

    def _id(self, prefix: str) -> str:
        self._numbers += 1
        return f"{prefix}_fake{self._numbers:06d}"


def _told(answer: Any) -> Any:
    if isinstance(answer, StripeRefusal):
        raise answer
    return answer


def _list(rows: list[dict[str, Any]]) -> dict[str, Any]:
    return {"object": "list", "data": rows, "has_more": False, "url": "/v1/list"}


def nested(flat: dict[str, Any]) -> dict[str, Any]:
    """`{"a[b][0]": 1}` as `{"a": {"b": {"0": 1}}}`."""
    found: dict[str, Any] = {}
    for name, value in flat.items():
        *path, last = re.findall(r"[^\[\]]+", name)
        place = found
        for part in path:
            place = place.setdefault(part, {})
        place[last] = value
    return found


@contextmanager
def fake_stripe() -> Generator[FakeStripe]:
    """The server on a free loopback port."""
    stripe = FakeStripe()
    application = web.Application()
    application.router.add_route("*", "/v1/{rest:.*}", stripe.handle)
    stripe.server = LocalServer(application)
    stripe.server.start()
    try:
        yield stripe
    finally:
        stripe.server.stop()
