"""The monthly part of the stand-in for Stripe: prices, subscriptions, prorations, invoices, and a time of its own that renews them."""

import re
from calendar import monthrange
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.support.fake_refusal import StripeRefusal

GIVES_UP_AFTER = timedelta(days=14)
ASKED = ("automatic_tax", "tax_id_collection", "billing_address_collection")
ADDRESS = {"line1": "1 High Street", "line2": None, "city": "Bath", "state": None, "postal_code": "BA1 1AA", "country": "GB"}


class FakeBilling:
    """Mixin of FakeStripe. `now` stands until `pass_time`."""

    sessions: dict[str, dict[str, Any]]

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 3, 12, tzinfo=UTC)
        self.prices: dict[str, dict[str, Any]] = {}
        self.subscriptions: dict[str, dict[str, Any]] = {}
        self.invoices: dict[str, dict[str, Any]] = {}
        self.cards_fail = False
        self._inner: dict[str, dict[str, Any]] = {}  # what the API does not show of a subscription
        self.tax_percent = 0
        self.coupons: dict[str, dict[str, Any]] = {}

    def subscribe(self, checkout_id: str) -> str:
        """The buyer pays the first month on the checkout's page."""
        session = self.sessions[checkout_id]
        made, item = self._id("sub"), self._id("si")
        price = self.prices[session["price"]]
        self.subscriptions[made] = {
            "id": made, "object": "subscription", "status": "active", "metadata": session["metadata"], "cancel_at_period_end": False,
            "items": _list([{"id": item, "object": "subscription_item", "price": price}]),
        }  # fmt: skip
        self._inner[made] = {"anchor": self.now, "months": 0, "failing_since": None, "coupon": session["coupon"]}
        self._inner[made]["customer"] = session["customer_details"] = buyer_of(session)
        session.update(status="complete", payment_status="paid", subscription=made)
        self._next_period(self.subscriptions[made])
        return made

    def pass_time(self, **parts: float) -> None:
        """Renew what falls due on the way, and end what was not paid for two weeks."""
        goal = self.now + timedelta(**parts)
        for one in self.subscriptions.values():
            while one["status"] in ("active", "past_due"):
                end = datetime.fromtimestamp(one["items"]["data"][0]["current_period_end"], UTC)
                failing = self._inner[one["id"]]["failing_since"]
                gives_up = failing + GIVES_UP_AFTER if failing else None
                if gives_up and gives_up <= min(goal, end):
                    self._end(one)
                elif goal < end:
                    break
                elif one["cancel_at_period_end"]:
                    one["status"] = "canceled"
                else:
                    self.now = end
                    self._next_period(one)
        self.now = goal

    def pay_invoice(self, invoice_id: str) -> None:
        """The buyer pays an open invoice on its page with a good card."""
        invoice = self.invoices[invoice_id]
        if invoice["status"] != "open":
            raise StripeRefusal(400, f"Invoice is already {invoice['status']}")
        self._pay(invoice)
        one = self.subscriptions[invoice["parent"]["subscription_details"]["subscription"]]
        one["status"], self._inner[one["id"]]["failing_since"] = "active", None

    def act_on_billing(self, name: str, form: dict[str, Any]) -> Any:
        """A call of the API, or None where it is about something else."""
        simple = {
            "POST prices": self._open_price,
            "POST coupons": self._open_coupon,
            "GET prices": lambda f: _list([p for p in self.prices.values() if p["lookup_key"] in f["lookup_keys"].values()]),
            "GET invoices": self._listed,
            "GET invoice_payments": self._payments,
            "POST invoices/create_preview": self._preview,
        }
        if name in simple:
            return simple[name](form)
        for pattern, kept in (("prices", self.prices), ("invoices", self.invoices), ("subscriptions", self.subscriptions)):
            if match := re.fullmatch(rf"GET {pattern}/(\w+)", name):
                return self._find(kept, match[1])
        if match := re.fullmatch(r"POST subscriptions/(\w+)", name):
            return self._update(self._find(self.subscriptions, match[1]), form)
        if match := re.fullmatch(r"DELETE subscriptions/(\w+)", name):
            return self._end(self._find(self.subscriptions, match[1]))
        return None

    def open_subscription_session(self, form: dict[str, Any]) -> dict[str, Any]:
        """A Checkout session whose payment begins a subscription."""
        made, price = self._id("cs"), form["line_items"]["0"]["price"]
        self.tax_of(form, 0, self._find(self.prices, price)["tax_behavior"])
        coupon = self._find(self.coupons, form["discounts"]["0"]["coupon"]) if "discounts" in form else None
        self.sessions[made] = {
            "id": made, "object": "checkout.session", "mode": "subscription", "url": f"https://checkout.test/{made}", "status": "open",
            "payment_status": "unpaid", "client_reference_id": form["client_reference_id"], "payment_intent": None, "subscription": None,
            "price": price, "metadata": form["subscription_data"]["metadata"], "coupon": coupon,
            "asked": {name: form.get(name) for name in ASKED},
        }  # fmt: skip
        return self.sessions[made]

    def _open_price(self, form: dict[str, Any]) -> dict[str, Any]:
        made = self._id("price")
        fields = {"lookup_key": form["lookup_key"], "unit_amount": int(form["unit_amount"]), "currency": form["currency"]}
        fields["tax_behavior"] = form.get("tax_behavior", "unspecified")
        self.prices[made] = {"id": made, "object": "price", "name": form["product_data"]["name"], **fields}
        return self.prices[made]

    def _open_coupon(self, form: dict[str, Any]) -> dict[str, Any]:
        made = self._id("coupon")
        months = int(form["duration_in_months"]) if form["duration"] == "repeating" else {"once": 1, "forever": 0}[form["duration"]]
        self.coupons[made] = {"id": made, "object": "coupon", "amount_off": int(form["amount_off"]), "months": months}
        return self.coupons[made]

    def tax_of(self, form: dict[str, Any], amount: int, behaviour: str) -> tuple[int, int]:
        """The tax of a session, and its total; Stripe refuses automatic tax for prices that do not say how they are taxed."""
        if form.get("automatic_tax", {}).get("enabled") != "true":
            return 0, amount
        if behaviour not in ("inclusive", "exclusive"):
            raise StripeRefusal(400, "The price does not have a `tax_behavior` set.")
        if behaviour == "inclusive":
            return round(amount * self.tax_percent / (100 + self.tax_percent)), amount
        tax = round(amount * self.tax_percent / 100)
        return tax, amount + tax

    def _update(self, one: dict[str, Any], form: dict[str, Any]) -> dict[str, Any]:
        if one["status"] not in ("active", "past_due"):
            raise StripeRefusal(400, "A canceled subscription can only update its cancellation_details and metadata.")
        wanted = form.get("items", {}).get("0", {}).get("price")
        if wanted and form["proration_behavior"] == "always_invoice":
            if self.cards_fail:
                raise StripeRefusal(402, "Your card was declined.", "card_declined", kind="card_error")
            at = datetime.fromtimestamp(int(form["proration_date"]), UTC)
            lines = self._prorations(one, self.prices[wanted], at)
            one["items"]["data"][0]["price"] = self.prices[wanted]
            self._bill(one, lines, is_paid=True)
        elif wanted:
            one["items"]["data"][0]["price"] = self._find(self.prices, wanted)
        if "cancel_at_period_end" in form:
            one["cancel_at_period_end"] = form["cancel_at_period_end"] == "true"
        return one

    def _preview(self, form: dict[str, Any]) -> dict[str, Any]:
        one = self._find(self.subscriptions, form["subscription"])
        details = form["subscription_details"]
        at = datetime.fromtimestamp(int(details["proration_date"]), UTC)
        lines = self._prorations(one, self.prices[details["items"]["0"]["price"]], at)
        due, currency = sum(line["amount"] for line in lines), lines[0]["currency"]
        return {"object": "invoice", "amount_due": due, "currency": currency, "lines": _list(lines)}

    def _listed(self, form: dict[str, Any]) -> dict[str, Any]:
        """The newest first; those of one second in whatever order."""
        return _list(sorted((i for i in self.invoices.values() if _sub(i) == form["subscription"]), key=lambda i: -i["created"]))

    def _payments(self, form: dict[str, Any]) -> dict[str, Any]:
        wanted = form["payment"]["payment_intent"]
        found = [i["id"] for i in self.invoices.values() for p in i["payments"]["data"] if p["payment"]["payment_intent"] == wanted]
        return _list([{"id": "inpay_1", "object": "invoice_payment", "invoice": one} for one in found])

    def _prorations(self, one: dict[str, Any], price: dict[str, Any], at: datetime) -> list[dict[str, Any]]:
        item = one["items"]["data"][0]
        start, end = item["current_period_start"], item["current_period_end"]
        if not start <= int(at.timestamp()) <= end:
            raise StripeRefusal(400, "Cannot specify `proration_date` outside of the current billing period.")
        left = (end - int(at.timestamp())) / (end - start)
        period = {"start": int(at.timestamp()), "end": end}
        return [
            _line(f"Unused time on {item['price']['name']}", -round(item["price"]["unit_amount"] * left), item["price"], period),
            _line(f"Remaining time on {price['name']}", round(price["unit_amount"] * left), price, period),
        ]

    def _next_period(self, one: dict[str, Any]) -> None:
        inner = self._inner[one["id"]]
        inner["months"] += 1
        item = one["items"]["data"][0]
        item["current_period_start"] = int(self.now.timestamp())
        item["current_period_end"] = int(_later(inner["anchor"], inner["months"]).timestamp())
        period = {"start": item["current_period_start"], "end": item["current_period_end"]}
        is_paid = inner["months"] == 1 or not self.cards_fail
        coupon = inner["coupon"]
        off = coupon["amount_off"] if coupon and (not coupon["months"] or inner["months"] <= coupon["months"]) else 0
        line = _line(f"1 x {item['price']['name']}", item["price"]["unit_amount"], item["price"], period)
        self._bill(one, [line], is_paid=is_paid, off=off)
        if not is_paid:
            one["status"], inner["failing_since"] = "past_due", inner["failing_since"] or self.now

    def _bill(self, one: dict[str, Any], lines: list[dict[str, Any]], *, is_paid: bool, off: int = 0) -> None:
        made, subtotal = self._id("in"), sum(line["amount"] for line in lines) - off
        behaviour = one["items"]["data"][0]["price"]["tax_behavior"]
        is_inclusive = behaviour == "inclusive"
        tax = round(subtotal * self.tax_percent / (100 + self.tax_percent)) if is_inclusive else subtotal * self.tax_percent // 100
        taxes = [{"amount": tax, "tax_behavior": "inclusive" if is_inclusive else "exclusive"}] if tax else []
        invoice = {
            "id": made, "object": "invoice", "number": f"FAKE-{len(self.invoices) + 1:04d}", "status": "open",
            "total": subtotal if is_inclusive else subtotal + tax,
            "total_discount_amounts": [{"amount": off, "discount": "di_1"}] if off else [],
            "amount_paid": 0, "currency": lines[0]["currency"], "created": int(self.now.timestamp()), "lines": _list(lines),
            "total_taxes": taxes, "payments": _list([]), "hosted_invoice_url": f"https://pay.test/{made}",
            "parent": {"subscription_details": {"subscription": one["id"]}},
            **{f"customer_{name}": value for name, value in self._inner[one["id"]]["customer"].items()},
        }  # fmt: skip
        self.invoices[made] = invoice
        if is_paid:
            self._pay(invoice)

    def _pay(self, invoice: dict[str, Any]) -> None:
        paid = {"id": self._id("inpay"), "object": "invoice_payment", "status": "paid", "payment": {"payment_intent": self._id("pi")}}
        invoice.update(status="paid", amount_paid=invoice["total"], payments=_list([paid] if invoice["total"] else []))

    def _end(self, one: dict[str, Any]) -> dict[str, Any]:
        one["status"] = "canceled"
        for invoice in self.invoices.values():
            if _sub(invoice) == one["id"] and invoice["status"] == "open":
                invoice["status"] = "void"
        return one

    def paid_with(self, payment: str) -> int | None:
        """What an invoice's payment brought in."""
        for invoice in self.invoices.values():
            if any(one["payment"]["payment_intent"] == payment for one in invoice["payments"]["data"]):
                return int(invoice["amount_paid"])
        return None

    def _find(self, kept: dict[str, dict[str, Any]], wanted: str) -> dict[str, Any]:
        raise NotImplementedError

    def _id(self, prefix: str) -> str:
        raise NotImplementedError


def buyer_of(session: dict[str, Any]) -> dict[str, Any]:
    """What the buyer fills in on a session's page, which asks for no more than it was told to."""
    has_address, has_number = (session["asked"][name] is not None for name in ("billing_address_collection", "tax_id_collection"))
    numbers = [{"type": "gb_vat", "value": "GB123456789"}] if has_number else []
    return {"name": "Acme Ltd" if has_address or has_number else None, "address": ADDRESS if has_address else None, "tax_ids": numbers}


def _line(text: str, amount: int, price: dict[str, Any], period: dict[str, int]) -> dict[str, Any]:
    pricing = {"price_details": {"price": price["id"]}}
    return {
        "object": "line_item",
        "description": text,
        "amount": amount,
        "currency": price["currency"],
        "period": period,
        "pricing": pricing,
    }


def _sub(invoice: dict[str, Any]) -> str:
    return str(invoice["parent"]["subscription_details"]["subscription"])


def _list(rows: list[dict[str, Any]]) -> dict[str, Any]:
    return {"object": "list", "data": rows, "has_more": False, "url": "/v1/list"}


def _later(moment: datetime, months: int) -> datetime:
    years, month = divmod(moment.month - 1 + months, 12)
    year, month = moment.year + years, month + 1
    return moment.replace(year=year, month=month, day=min(moment.day, monthrange(year, month)[1]))
