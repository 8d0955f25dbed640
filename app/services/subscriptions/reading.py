"""What a workspace pays for its plan, and its invoices as documents."""

import re
from collections.abc import Sequence
from dataclasses import replace
from types import MappingProxyType

from sqlmodel import col, select

from app.core.money import format_cents
from app.core.payments import TaxSettings
from app.core.permissions import Permission, permissions_of, require
from app.core.uow import UnitOfWork
from app.services.payments import get_checkout
from app.services.payments.documents import buyer_now
from app.services.payments.refunding import WINDOW
from app.services.plans.catalogue import PLANS, default_plan
from app.services.subscriptions.opening import page_of
from app.services.subscriptions.pricing import plan_of_price, read_price_key
from app.services.subscriptions.standing import RUNNING, find_paid, find_standing, newest_lost, unpaid_until
from app.views.plans import BillingDetail, DocumentLine, InvoiceDetail, InvoiceRow, Payable
from models.ids import parse_id
from models.plan import WorkspacePlan
from models.subscription import Invoice, Subscription
from models.user import User

MOST = 120
_SUBJECT = re.compile(r"[A-Za-z0-9_]{1,120}")


def get_billing(uow: UnitOfWork) -> BillingDetail:
    """What is paid for, when the next payment comes, and what is about to change."""
    require(uow, Permission.VIEW)
    gateway, standing, paid = uow.ports.payments, find_standing(uow), find_paid(uow)
    fixed = uow.session.exec(uow.scoped(WorkspacePlan)).first()
    coming = plan_of_price(standing.next_price_key) if standing else None
    everybodys = default_plan(uow)
    is_open = gateway is not None and bool(everybodys)
    is_running = standing is not None and standing.state in RUNNING
    return BillingDetail(
        can_buy=is_open and not (fixed and fixed.plan),
        can_manage=Permission.MANAGE_WORKSPACE in permissions_of(uow.actor),
        is_fixed=bool(fixed and fixed.plan),
        is_test=gateway is not None and gateway.mode == "test",
        adds_tax=gateway is not None and gateway.taxes.is_on and not gateway.taxes.is_inclusive,
        state=standing.state if standing else "",
        plan=paid.plan.key if paid else "",
        plan_name=paid.plan.name if paid else "",
        price=price_in_words(paid.invoice.price_key) if paid else "",
        period_end=standing.period_end if standing else None,
        next_plan=coming.name if is_running and coming and not (paid and coming == paid.plan) else "",
        next_price=price_in_words(standing.next_price_key) if standing and is_running else "",
        is_cancelled=bool(standing and standing.is_cancelled),
        grace_until=unpaid_until(uow),
        pay_url=open_url(uow, standing),
        sold=_sold(everybodys) if is_open else (),
        taken_back="" if standing else _taken_back(uow),
    )


def _taken_back(uow: UnitOfWork) -> str:
    """What a bank took back, where that ended the newest order for a plan."""
    plans = uow.scoped(Subscription).where(col(Subscription.seller_id).is_(None), col(Subscription.subscription_id).is_not(None))
    last = uow.session.exec(plans.order_by(col(Subscription.id).desc()).limit(1)).first()
    lost = newest_lost(uow, last) if last and last.state == "ended" else None
    return format_cents(lost.paid_cents, lost.currency) if lost else ""


def list_invoices(uow: UnitOfWork) -> tuple[InvoiceRow, ...]:
    """The workspace's invoices, newest first."""
    require(uow, Permission.MANAGE_BUDGETS)
    found = uow.session.exec(uow.scoped(Invoice).order_by(col(Invoice.issued_at).desc(), col(Invoice.id).desc()).limit(MOST))
    return tuple(invoice_row(invoice) for invoice in found)


def get_invoice(uow: UnitOfWork, *, invoice_id: object) -> InvoiceDetail:
    """One invoice with its lines, to be read and printed."""
    require(uow, Permission.VIEW)
    invoice = uow.load(Invoice, parse_id(invoice_id), what="This invoice")
    if invoice.seller_id is None:  # who sees purchases sees their receipts
        require(uow, Permission.MANAGE_BUDGETS)
    standing = uow.load(Subscription, invoice.standing_id, what="This invoice")
    email = uow.session.exec(select(User.email).where(User.id == standing.buyer_id)).first() if standing.buyer_id else None
    billed_to = (invoice.billed_to or buyer_now(uow, invoice.workspace_id, standing.buyer_id)).split("\n")
    return InvoiceDetail(
        row=invoice_row(invoice),
        lines=tuple(DocumentLine(str(line["text"]), format_cents(int(line["amount_cents"]), invoice.currency)) for line in invoice.lines),
        net=format_cents(invoice.total_cents - invoice.tax_cents, invoice.currency),
        tax=format_cents(invoice.tax_cents, invoice.currency) if invoice.tax_cents else "",
        period_start=invoice.period_start,
        period_end=invoice.period_end,
        buyer=billed_to[0],
        buyer_email=email or "",
        billed_to=tuple(filter(None, billed_to)),
        seller=uow.ports.public_url,
    )


MONTHLY = "Paid again every month until you cancel; what you have paid for stays until its month ends."
PAID = "It is paid, and nothing more is charged here."
ENDED = MappingProxyType(
    {
        "pending": "",
        "expired": "This order lapsed before it was paid. Nothing was charged: place it again if you still want it.",
        "ended": "It was paid, and has ended since.",
        "refunded": "It was paid, and the money went back.",
        "lost": "It was paid, and the buyer's bank took the money back.",
        "open": "",  # of an invoice
        "void": "The gateway has given this invoice up. Nothing is charged for it any more.",
    }
)
"""What the page says by the state of an order or invoice; every other one is paid."""
ONCE = f"Paid once. Refunded on request within {WINDOW.days} days."


def get_payable(uow: UnitOfWork, *, checkout_id: object) -> Payable:
    """What the test gateway's page takes or took money for: an order, the first month of one, or an invoice."""
    require(uow, Permission.VIEW)
    wanted = checkout_id if isinstance(checkout_id, str) and _SUBJECT.fullmatch(checkout_id) else ""
    order = uow.session.exec(uow.scoped(Subscription).where(Subscription.checkout_id == wanted)).first()
    if order is not None:
        first = order.amount_cents - order.discount_cents
        made_of = (order.amount_cents, order.discount_cents, order.coupon_code, order.currency)
        return _told(payable(uow, order.title, page_of(order), first, made_of), order.state)
    invoice = uow.session.exec(uow.scoped(Invoice).where(Invoice.invoice_id == wanted)).first()
    if invoice is not None:
        about = uow.load(Subscription, invoice.standing_id, what="This payment")
        amount = format_cents(invoice.total_cents, invoice.currency)
        return _told(Payable(f"Invoice {invoice.number}", amount, page_of(about)), invoice.state)
    purchase = get_checkout(uow, checkout_id=checkout_id)
    is_open = purchase.state == "pending"
    back = f"/purchases/{purchase.id}" if not is_open else f"/marketplace/{purchase.slug}" if purchase.slug else ""
    made_of = (purchase.amount_cents + purchase.discount_cents, purchase.discount_cents, purchase.coupon, purchase.currency)
    return _told(payable(uow, purchase.title, back, purchase.amount_cents, made_of, is_once=True), purchase.state)


def _told(found: Payable, state: str) -> Payable:
    return replace(found, ended=ENDED.get(state, PAID))


def payable(
    uow: UnitOfWork, title: str, back: str, asked_cents: int, made_of: tuple[int, int, str, str], *, is_once: bool = False
) -> Payable:
    """What the test gateway's page says: price, coupon, tax and sum. `made_of` is the price, the discount, its code and the currency."""
    price, off, code, currency = made_of
    taxes = uow.ports.payments.taxes if uow.ports.payments else TaxSettings()
    tax = taxes.test_tax(asked_cents)
    total = asked_cents if taxes.is_inclusive else asked_cents + tax
    lines = [DocumentLine("Price" if is_once else "A month", format_cents(price, currency))]
    if off:
        lines.append(DocumentLine(f"Coupon {code}", format_cents(-off, currency)))
    if tax:
        rate = f"{taxes.test_bps / 100:g} %"
        lines.append(DocumentLine(f"Tax in it ({rate})" if taxes.is_inclusive else f"Tax ({rate})", format_cents(tax, currency)))
    shown = tuple(lines) if len(lines) > 1 else ()
    amount = format_cents(total, currency) + ("" if is_once or shown else " a month")
    terms = ONCE if is_once else MONTHLY
    return Payable(title, amount, back, is_once, shown, taxes.wants_address, taxes.collects_ids, terms=terms)


def price_in_words(key: str) -> str:
    """What a price of this key costs, which may be less than the plan costs by now; "" for one that is not ours."""
    price = read_price_key(key)
    return format_cents(price.amount_cents, price.currency) if price else ""


def _sold(everybodys: str) -> tuple[str, ...]:
    least = PLANS[everybodys].price_cents or 0
    return tuple(plan.key for plan in PLANS.values() if plan.price_cents and plan.price_cents > least)


def open_url(uow: UnitOfWork, standing: Subscription | None) -> str:
    """Where the order or its open invoice is paid, or ""."""
    if standing is None or standing.state not in RUNNING:
        return standing.checkout_url if standing else ""
    unpaid = select(Invoice.pay_url).where(Invoice.standing_id == standing.id, Invoice.state == "open")
    return uow.session.exec(unpaid.order_by(col(Invoice.issued_at).desc())).first() or ""


def url_of(order: Subscription, invoices: Sequence[Invoice]) -> str:
    """The same where the order's invoices, the newest first, are read already."""
    if order.state not in RUNNING:
        return order.checkout_url
    return next((one.pay_url for one in invoices if one.state == "open"), "")


def invoice_row(invoice: Invoice) -> InvoiceRow:
    """An invoice in a list."""
    return InvoiceRow(
        id=str(invoice.id),
        number=invoice.number,
        title=", ".join(str(line["text"]) for line in invoice.lines),
        total=format_cents(invoice.total_cents, invoice.currency),
        paid=format_cents(invoice.paid_cents, invoice.currency) if invoice.paid_at else "",
        refunded=format_cents(invoice.refunded_cents, invoice.currency) if invoice.refunded_cents else "",
        state=_state_of(invoice),
        is_test=invoice.mode == "test",
        issued_at=invoice.issued_at,
        paid_at=invoice.paid_at,
        pay_url=invoice.pay_url if invoice.state == "open" else "",
    )


def _state_of(invoice: Invoice) -> str:
    if invoice.is_lost:
        return "disputed"
    return "refunded" if 0 < invoice.paid_cents == invoice.refunded_cents else invoice.state
