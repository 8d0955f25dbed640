"""Receipts and credit notes: written once with the money, numbered without gaps, for the buyer alone."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from sqlmodel import col, select

from app.api.invoice_markup import render_receipt
from app.core.errors import NotFound
from app.core.uow import UnitOfWork
from app.services.orders import get_order
from app.services.payments import get_receipt, list_receipts
from app.wiring import Wiring
from models.purchase import Purchase
from models.receipt import Receipt
from models.workspace import Role, Workspace
from tests.support.clock import FrozenClock
from tests.support.market import CARD, hear, make_purchase, till, wish_of
from tests.support.people import make_member, make_workspace


def paid_order(wiring: Wiring, *, cents: int = 1_999) -> str:
    """The id of an order of a buyer of its own."""
    with wiring.unit() as uow:
        buyer, seller = make_member(uow, Role.OWNER), make_member(uow, workspace=make_workspace(uow))
        purchase = make_purchase(uow, buyer, seller_id=seller.workspace_id, cents=cents)
        wish, order_id, gateway = wish_of(purchase), str(purchase.id), till(uow)
    checkout = gateway.open_checkout(wish)
    gateway.pay(checkout.id, card=CARD)
    with wiring.unit() as uow:
        hear(uow, checkout.id)
    return order_id


def documents(wiring: Wiring) -> list[Receipt]:
    with wiring.unit(write=False) as uow:
        rows = list(uow.session.exec(select(Receipt).order_by(col(Receipt.series), col(Receipt.sequence))))
        uow.session.expunge_all()
        return rows


def order_of(wiring: Wiring, order_id: str) -> Purchase:
    with wiring.unit(write=False) as uow:
        row = uow.session.exec(select(Purchase)).all()
        uow.session.expunge_all()
        return next(one for one in row if str(one.id) == order_id)


def test_an_order_gets_one_receipt_however_often_its_news_comes(wiring: Wiring, clock: FrozenClock) -> None:
    order = order_of(wiring, paid_order(wiring))
    for _ in range(3):
        with wiring.unit() as uow:
            hear(uow, order.checkout_id or "")
    (row,) = documents(wiring)
    assert (row.kind, row.number, row.total_cents, row.lines) == (
        "receipt",
        f"TEST-R-{clock.now().year}-000001",
        1999,
        [{"text": "Triage 1.0.0", "amount_cents": 1999}],
    )


def fail_after_paying(wiring: Wiring) -> None:
    """The transaction that would have written the receipt is rolled back."""
    with wiring.unit() as uow:
        buyer, seller = make_member(uow), make_member(uow)
        gateway, wish = till(uow), wish_of(make_purchase(uow, buyer, seller_id=seller.workspace_id, cents=500))
    checkout = gateway.open_checkout(wish)
    gateway.pay(checkout.id, card=CARD)
    with wiring.unit() as uow:
        hear(uow, checkout.id)
        assert len(uow.session.exec(select(Receipt)).all()) == 13
        _ = 1 // 0


def test_numbers_have_no_gaps_when_many_pay_at_once_and_some_fail(wiring: Wiring) -> None:
    with ThreadPoolExecutor(6) as pool:
        orders = list(pool.map(lambda _: paid_order(wiring), range(12)))
    with pytest.raises(ZeroDivisionError):
        fail_after_paying(wiring)
    orders.append(paid_order(wiring))
    assert [row.sequence for row in documents(wiring)] == list(range(1, len(orders) + 1))


def test_each_year_begins_anew(wiring: Wiring, clock: FrozenClock) -> None:
    first = clock.now().year
    paid_order(wiring)
    clock.advance(seconds=(datetime(first + 1, 1, 1, tzinfo=UTC) - clock.now()).total_seconds())
    paid_order(wiring)
    paid_order(wiring)
    assert [row.number for row in documents(wiring)] == [
        f"TEST-R-{first}-000001",
        f"TEST-R-{first + 1}-000001",
        f"TEST-R-{first + 1}-000002",
    ]


def test_what_goes_back_makes_credit_notes_that_sum_to_it(wiring: Wiring) -> None:
    order = order_of(wiring, paid_order(wiring))
    payment = order.payment_id or ""
    for cents in (1, 500):
        with wiring.unit() as uow:
            till(uow).refund(payment, amount_cents=cents, key=f"part-{cents}")
            for _ in range(2):
                hear(uow, payment)
    for state in ("open", "open", "lost", "lost"):
        with wiring.unit() as uow:
            till(uow).dispute(payment, state)
            hear(uow, payment)
    notes = [row for row in documents(wiring) if row.kind == "credit_note"]
    receipt = next(row for row in documents(wiring) if row.kind == "receipt")
    assert [(row.total_cents, row.reason, row.about) for row in notes] == [
        (1, "Refund", receipt.number),
        (500, "Refund", receipt.number),
        (1498, "Charged back by the bank", receipt.number),
    ]
    assert sum(row.total_cents for row in notes) == receipt.total_cents


def test_a_dispute_that_is_won_makes_no_credit_note(wiring: Wiring) -> None:
    order = order_of(wiring, paid_order(wiring))
    for state in ("open", "won"):
        with wiring.unit() as uow:
            till(uow).dispute(order.payment_id or "", state)
            hear(uow, order.payment_id or "")
    assert [row.kind for row in documents(wiring)] == ["receipt"]


def test_documents_are_the_buyers_alone(wiring: Wiring) -> None:
    order = order_of(wiring, paid_order(wiring))
    (row,) = documents(wiring)
    with wiring.unit() as uow:
        uow.actor = viewer = make_member(uow, Role.VIEWER, workspace=_workspace(uow, order))
        assert [one.number for one in list_receipts(uow)] == [row.number]
        assert get_receipt(uow, receipt_id=str(row.id)).row.total == "$19.99"
        assert [one.number for one in get_order(uow, order_id=str(order.id)).documents] == [row.number]
        assert viewer.workspace_id == order.workspace_id
        for stranger in (make_member(uow, Role.OWNER), make_member(uow, Role.OWNER, workspace=make_workspace(uow))):
            uow.actor = stranger
            assert list_receipts(uow) == ()
            with pytest.raises(NotFound):
                get_receipt(uow, receipt_id=str(row.id))


def _workspace(uow: UnitOfWork, order: Purchase) -> Workspace | None:
    return uow.session.get(Workspace, order.workspace_id)


def test_the_page_to_print_takes_no_markup_from_names(wiring: Wiring) -> None:
    order = order_of(wiring, paid_order(wiring))
    (row,) = documents(wiring)
    with wiring.unit() as uow:
        known = uow.session.exec(select(Receipt).where(Receipt.id == row.id)).one()
        known.lines = [{"text": "<img src=x onerror=alert(1)>", "amount_cents": 1999}]
        known.billed_to = '"><script>alert(1)</script>\nBath'
        uow.actor = make_member(uow, workspace=_workspace(uow, order))
        uow.session.flush()
        page = render_receipt(get_receipt(uow, receipt_id=str(row.id)), host="factory.test")
    assert "<script" not in page
    assert "<img" not in page
    assert "Bath" in page
    assert "Test mode" in page
