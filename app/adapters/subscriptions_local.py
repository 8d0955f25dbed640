"""Monthly payments of the test gateway. Time passes when it is asked: what fell due since then is charged to the test card first."""

import hashlib
import json
import re
from calendar import monthrange
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy.engine import Engine
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from app.core.money import tax_of
from app.core.payments import Checkout, DisputeFact, PaymentRefused, RefundFact, TaxSettings
from app.core.subscriptions import InvoiceFact, InvoiceLine, Price, Proration, SubscriptionFacts, SubscriptionWish
from engine.ports import Clock
from models.subscription import LocalSubscription

FAILS_LATER = "4000000000000341"
DECLINED = "Your card was declined."
COUPON = "Coupon "
GIVES_UP_AFTER = timedelta(days=14)
_OURS = re.compile(r"(?:cs|sub|in|pi)_localsub_([0-9a-f]{24})(?:_\d{1,6})?")
_TICK = timedelta(microseconds=1)
Content = dict[str, Any]


def is_local_subscription(subject: str) -> bool:
    """Whether this id belongs here and not to a single payment."""
    return _OURS.fullmatch(subject) is not None


class LocalSubscriptions:
    """SubscriptionGateway without a payment company."""

    def __init__(self, database: Engine, *, clock: Clock, taxes: TaxSettings) -> None:
        self._database = database
        self.taxes = taxes
        self._clock = clock

    def open_subscription(self, wish: SubscriptionWish) -> Checkout:
        mark = hashlib.sha256(wish.key.encode()).hexdigest()[:24]
        content: Content = asdict(wish) | {"mark": mark, "state": "open", "invoices": [], "is_cancelled": False}
        content |= {"tax_bps": self.taxes.test_bps if self.taxes.is_on else 0, "is_inclusive": self.taxes.is_inclusive}
        with Session(self._database) as session:
            if session.exec(select(LocalSubscription.id).where(col(LocalSubscription.mark) == mark)).first() is None:
                session.add(LocalSubscription(mark=mark, content=content))
                with suppress(IntegrityError):  # another tab made the same checkout at this moment
                    session.commit()
        return Checkout(f"cs_localsub_{mark}", f"/pay/cs_localsub_{mark}")

    def subscription_facts(self, subject: str) -> SubscriptionFacts | None:
        content = self.subscription_page(subject)
        if content is None or (subject.startswith(("in_", "pi_")) and not _invoice(content, subject)):
            return None
        return None if subject.startswith("sub_") and not content["invoices"] else _facts(content)

    def preview_change(self, subscription_id: str, *, price: Price, at: datetime) -> Proration:
        content = self.subscription_page(subscription_id)
        if content is None:
            raise PaymentRefused(f"No such subscription: {subscription_id}")
        return _with_tax(content, _prorate(content, price, at))

    def change_now(self, subscription_id: str, *, price: Price, at: datetime, key: str) -> None:
        def change(content: Content) -> None:
            _refuse_ended(content)
            if content["price"]["key"] != price.key:
                if content["state"] != "active" or content["fails_later"]:
                    raise PaymentRefused(DECLINED)
                lines, before = _prorate(content, price, at).lines, content["price"]["key"]
                content["price"] = asdict(price)
                _bill(content, (at, _moment(content["period_end"])), lines, is_paid=True)
                content["invoices"][-1]["raised_from"] = before
            content["is_cancelled"] = False

        self._change_subscription(subscription_id, change)

    def change_later(self, subscription_id: str, *, price: Price) -> None:
        def change(content: Content) -> None:
            _refuse_ended(content)
            content["price"], content["is_cancelled"] = asdict(price), False

        self._change_subscription(subscription_id, change)

    def cancel(self, subscription_id: str) -> None:
        def change(content: Content) -> None:
            content["is_cancelled"] = content["state"] != "ended" or content["is_cancelled"]

        self._change_subscription(subscription_id, change)

    def end_now(self, subscription_id: str) -> None:
        self._change_subscription(subscription_id, _end)

    # The buyer's and the bank's side, as the gateway's own page and tests play them.

    def begin_subscription(self, subject: str, *, card: str, billed_to: str = "") -> None:
        """The buyer's card is accepted: for the first month, whose `billed_to` later ones keep, or for an invoice that is open."""
        now = self._clock.now().replace(microsecond=0)  # as every gateway counts: a change in the same second comes after it

        def start(content: Content) -> None:
            fails = {"fails_later": "".join(card.split()) == FAILS_LATER}
            if subject.startswith("in_"):
                _settle(content, subject, fails)
            elif content["state"] == "expired":
                raise PaymentRefused("This checkout is closed. Go back and start again.")
            elif content["state"] == "open":
                content |= fails
                content |= {"state": "active", "anchor": now.isoformat(), "months": 1, "failing_since": "", "billed_to": billed_to}
                content["period_end"] = add_months(now, 1).isoformat()
                _bill(content, (now, add_months(now, 1)), _month_lines(content), is_paid=True)

        self._change_subscription(subject, start)

    def close_subscription_checkout(self, checkout_id: str) -> None:
        """Nothing can be paid there any more."""

        def close(content: Content) -> None:
            content["state"] = "expired" if content["state"] == "open" else content["state"]

        self._change_subscription(checkout_id, close)

    def refund_invoice(self, payment_id: str, *, made: RefundFact) -> None:
        """Money of an invoice goes back."""

        def give_back(content: Content) -> None:
            invoice = _invoice(content, payment_id)
            if invoice is None or any(one["id"] == made.id for one in invoice["refunds"]):
                return
            left = invoice["paid_cents"] - sum(one["amount_cents"] for one in invoice["refunds"])
            if not 0 < made.amount_cents <= left:
                raise PaymentRefused(f"Refund amount ({made.amount_cents}) is greater than unrefunded amount on charge ({left})")
            if any(one["state"] in ("open", "lost") for one in invoice["disputes"]):
                raise PaymentRefused("This payment is disputed, so it cannot be refunded.")
            invoice["refunds"].append(asdict(made))

        self._change_subscription(payment_id, give_back)

    def dispute_invoice(self, payment_id: str, state: str) -> None:
        """The buyer's bank asks about an invoice, opens a dispute, or ends it."""

        def move(content: Content) -> None:
            invoice = _invoice(content, payment_id)
            if invoice is not None:
                left = invoice["paid_cents"] - sum(one["amount_cents"] for one in invoice["refunds"])
                invoice["disputes"] = [{"id": payment_id.replace("pi_", "dp_", 1), "amount_cents": left, "state": state}]

        self._change_subscription(payment_id, move)

    def subscription_page(self, subject: str) -> Content | None:
        """What it keeps of a subscription, brought to this moment."""
        with self._database.connect().execution_options(af_write=False) as connection, Session(bind=connection) as session:
            row = _row(session, subject)
            content: Content | None = json.loads(json.dumps(row.content)) if row is not None else None
        if content is not None:
            _let_time_pass(content, self._clock.now())
        return content

    def _change_subscription(self, subject: str, change: Callable[[Content], None]) -> None:
        with Session(self._database) as session:
            row = _row(session, subject, lock=True)
            if row is None:
                raise PaymentRefused(f"No such subscription: {subject}")
            content: Content = json.loads(json.dumps(row.content))
            _let_time_pass(content, self._clock.now())
            change(content)
            row.content = content
            session.commit()


def add_months(moment: datetime, months: int) -> datetime:
    """The same day of a later month, or its last one."""
    years, month = divmod(moment.month - 1 + months, 12)
    year, month = moment.year + years, month + 1
    return moment.replace(year=year, month=month, day=min(moment.day, monthrange(year, month)[1]))


def _row(session: Session, subject: str, *, lock: bool = False) -> LocalSubscription | None:
    match = _OURS.fullmatch(subject)
    if match is None:
        return None
    wanted = select(LocalSubscription).where(col(LocalSubscription.mark) == match[1])
    return session.exec(wanted.with_for_update() if lock else wanted).first()


def _let_time_pass(content: Content, now: datetime) -> None:
    """Renew what fell due; a card that fails is tried no more, and after two weeks without money it is over."""
    while content["state"] in ("active", "past_due"):
        end = _moment(content["period_end"])
        if content["failing_since"] and _moment(content["failing_since"]) + GIVES_UP_AFTER <= min(now, end):
            _end(content)
        elif now < end:
            return
        elif content["is_cancelled"]:
            content["state"] = "ended"
        else:
            _renew(content, end)


def _renew(content: Content, start: datetime) -> None:
    content["months"] += 1
    end = add_months(_moment(content["anchor"]), content["months"])
    content["period_end"] = end.isoformat()
    _bill(content, (start, end), _month_lines(content), is_paid=not content["fails_later"])
    if content["fails_later"]:
        content["state"], content["failing_since"] = "past_due", content["failing_since"] or start.isoformat()


def _bill(content: Content, period: tuple[datetime, datetime], lines: tuple[InvoiceLine, ...], *, is_paid: bool) -> None:
    number, price = len(content["invoices"]) + 1, sum(line.amount_cents for line in lines)
    tax = _tax(content, price)
    total = price if content.get("is_inclusive") else price + tax
    gone = -sum(line.amount_cents for line in lines if line.amount_cents < 0 and line.text.startswith(COUPON))
    mark = f"localsub_{content['mark']}_{number}"
    content["invoices"].append(
        {
            "id": f"in_{mark}",
            "number": f"TEST-{content['mark'][:6].upper()}-{number:04d}",
            "state": "paid" if is_paid else "open",
            "price_key": content["price"]["key"],
            "total_cents": total,
            "paid_cents": max(0, total) if is_paid else 0,
            "tax_cents": tax,
            "included_tax_cents": tax if content.get("is_inclusive") else 0,
            "discount_cents": gone,
            "currency": content["price"]["currency"],
            "issued_at": period[0].isoformat(),
            "period_start": period[0].isoformat(),
            "period_end": period[1].isoformat(),
            "lines": [asdict(line) for line in lines],
            "payment_id": f"pi_{mark}" if is_paid else "",
            "billed_to": content.get("billed_to", ""),  # subscriptions of an earlier release have none
            "refunds": [],
            "disputes": [],
        }
    )


def _settle(content: Content, invoice_id: str, card: Content) -> None:
    """Take an open invoice's money; a second click on one that is paid changes nothing."""
    invoice = _invoice(content, invoice_id)
    if invoice is None or invoice["state"] == "void":
        raise PaymentRefused("This invoice cannot be paid any more.")
    if invoice["state"] == "paid":
        return
    if card["fails_later"]:
        raise PaymentRefused(DECLINED)
    invoice |= {"state": "paid", "paid_cents": invoice["total_cents"], "payment_id": invoice_id.replace("in_", "pi_", 1)}
    content |= {"state": "active", "failing_since": "", **card}


def _end(content: Content) -> None:
    if content["state"] in ("active", "past_due"):
        content["state"] = "ended"
        for invoice in content["invoices"]:
            invoice["state"] = "void" if invoice["state"] == "open" else invoice["state"]


def _refuse_ended(content: Content) -> None:
    if content["state"] not in ("active", "past_due"):
        raise PaymentRefused("This subscription is over.")


def _prorate(content: Content, price: Price, at: datetime) -> Proration:
    """What is left of the period, at the price it has and at the one it would have; to the cent nearest to the part of time."""
    start = max((_moment(one["period_start"]) for one in content["invoices"] if one["period_end"] == content["period_end"]), default=at)
    begin = add_months(_moment(content["anchor"]), content["months"] - 1)
    end = _moment(content["period_end"])
    if not start <= at <= end:
        raise PaymentRefused("This moment is not in the period that runs.")
    if content["price"]["key"] == price.key:
        return Proration(0, price.currency, ())
    whole = (end - begin) // _TICK
    left = min((end - at) // _TICK, whole)  # gateways count whole seconds
    unused, rest = ((2 * cents * left + whole) // (2 * whole) for cents in (content["price"]["amount_cents"], price.amount_cents))
    until = f"until {end:%d %b %Y}".replace(" 0", " ")
    lines = (
        InvoiceLine(f"Unused time of {content['price']['title']} {until}", -unused),
        InvoiceLine(f"{price.title} {until}", rest),
    )
    return Proration(rest - unused, price.currency, lines)


def _month_lines(content: Content) -> tuple[InvoiceLine, ...]:
    """The month that begins now, and what a coupon takes off it."""
    month, off = InvoiceLine(f"{content['price']['title']}, one month", content["price"]["amount_cents"]), content.get("discount")
    if off is None or (off["months"] and content["months"] > off["months"]):
        return (month,)
    return (month, InvoiceLine(f"{COUPON}{off['code']}", -off["cents"]))


def _tax(content: Content, price_cents: int) -> int:
    if price_cents <= 0:
        return 0
    return tax_of(price_cents, bps=content.get("tax_bps", 0), is_inclusive=content.get("is_inclusive", False))


def _with_tax(content: Content, found: Proration) -> Proration:
    """A change as it will be billed."""
    tax = 0 if content.get("is_inclusive") else _tax(content, found.due_cents)
    return Proration(found.due_cents + tax, found.currency, (*found.lines, InvoiceLine("Tax", tax))) if tax else found


def _invoice(content: Content, subject: str) -> Content | None:
    return next((one for one in content["invoices"] if subject in (one["id"], one["payment_id"])), None)


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def _facts(content: Content) -> SubscriptionFacts:
    has_begun = bool(content["invoices"])
    return SubscriptionFacts(
        reference=content["reference"],
        state=content["state"],
        price_key=content["price"]["key"],
        checkout_id=f"cs_localsub_{content['mark']}",
        subscription_id=f"sub_localsub_{content['mark']}" if has_begun else "",
        period_end=_moment(content["period_end"]) if has_begun else None,
        is_cancelled=content["is_cancelled"],
        invoices=tuple(_invoice_fact(one) for one in content["invoices"]),
    )


def _invoice_fact(one: Content) -> InvoiceFact:
    moments: dict[str, Any] = {name: _moment(one[name]) for name in ("issued_at", "period_start", "period_end")}
    return InvoiceFact(
        **{name: value for name, value in one.items() if name not in (*moments, "lines", "refunds", "disputes")},
        **moments,
        lines=tuple(InvoiceLine(**line) for line in one["lines"]),
        pay_url=f"/pay/{one['id']}" if one["state"] == "open" else "",
        refunds=tuple(RefundFact(**refund) for refund in one["refunds"]),
        disputes=tuple(DisputeFact(**dispute) for dispute in one["disputes"]),
    )
