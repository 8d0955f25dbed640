"""The list of what a workspace has bought: single and monthly orders, read in as many statements for many as for one."""

from datetime import timedelta

from sqlalchemy.event import listen, remove

from app.core.uow import UnitOfWork
from app.services.orders import get_order, list_orders
from app.services.payments.settling import settle
from models.ids import new_id
from models.subscription import Invoice, Subscription
from models.workspace import Role
from tests.support.market import make_listing, make_purchase
from tests.support.people import make_member
from tests.support.statements import statements


def rented(uow: UnitOfWork, *, months: int = 2) -> Subscription:
    """A running order with paid months, and the newest of them not yet paid."""
    now, listing = uow.ports.clock.now(), make_listing(uow, name=f"Rented {new_id()}"[:60], cents=1999, is_monthly=True)
    order = Subscription(
        workspace_id=uow.workspace_id, title=listing.name, price_key="k", amount_cents=1999, currency="usd", mode="test",
        state="past_due", seller_id=listing.workspace_id, listing_id=listing.id, version="1.0.0", created_at=now,
    )  # fmt: skip
    uow.session.add(order)
    uow.session.flush()
    for month in range(months + 1):
        start, is_paid = now + timedelta(days=30 * (month - months)), month < months
        invoice = Invoice(
            workspace_id=uow.workspace_id, standing_id=order.id, invoice_id=f"in_{new_id().hex}", number=str(month),
            state="paid" if is_paid else "open", price_key="k", total_cents=1999, paid_cents=1999 if is_paid else 0, currency="usd",
            mode="test", lines=[], issued_at=start, period_start=start, period_end=start + timedelta(days=30),
            paid_at=start if is_paid else None, payment_id="pi_1", pay_url="" if is_paid else "https://pay.test/1",
            seller_id=listing.workspace_id, fee_bps=2000,
        )  # fmt: skip
        uow.session.add(invoice)
    uow.session.flush()
    return order


def test_many_orders_are_listed_with_as_little_asking_as_one(uow: UnitOfWork) -> None:
    uow.actor = buyer = make_member(uow, Role.OWNER)
    asked, rows = list[int](), ()
    for _ in range(3):
        settle(uow, make_purchase(uow, buyer, seller_id=new_id(), cents=1999), None)
        rented(uow)
        with statements(uow) as sent:
            rows = list_orders(uow)
        asked.append(len(sent))
    assert len(rows) == 6
    assert asked[0] == asked[1] == asked[2]


def test_a_row_of_the_list_says_what_the_order_itself_says(uow: UnitOfWork) -> None:
    uow.actor = buyer = make_member(uow, Role.OWNER)
    settle(uow, make_purchase(uow, buyer, seller_id=new_id(), cents=1999), None)
    order = rented(uow)
    once, monthly = sorted(list_orders(uow), key=lambda row: row.is_monthly)
    assert len(once.documents) == 1
    assert monthly.slug.startswith("rented-")
    assert (monthly.pay_url, monthly.invoices) == ("https://pay.test/1", ())
    assert monthly.grace_until is not None
    detail = get_order(uow, order_id=str(order.id))
    assert len(detail.invoices) == 3
    assert (detail.pay_url, detail.period_end, detail.can_refund) == (monthly.pay_url, monthly.period_end, monthly.can_refund)


def test_a_long_order_is_summed_and_only_what_its_row_shows_is_read(uow: UnitOfWork) -> None:
    uow.actor = make_member(uow, Role.OWNER)
    order_id = str(rented(uow, months=40).id)
    invoices = list(uow.session.exec(uow.scoped(Invoice)))
    for one in invoices[:3]:
        one.refunded_cents = one.paid_cents
    uow.session.flush()
    uow.session.expire_all()
    loaded = list[Invoice]()
    listen(Invoice, "load", note := lambda row, _: loaded.append(row))
    try:
        uow.session.expunge_all()
        (row,) = list_orders(uow)
    finally:
        remove(Invoice, "load", note)
    assert len(loaded) == 2, "the newest paid one and the open one"
    assert not any("lines" in vars(one) for one in loaded)
    whole = get_order(uow, order_id=order_id)
    assert (row.refunded, row.pay_url) == ("$59.97", "https://pay.test/1")
    assert (row.refunded, row.paid_at, row.period_end) == (whole.refunded, whole.paid_at, whole.period_end)
    assert len(whole.invoices) == 41
