"""A refund that a buyer's bank sends back days later: the money is with the seller again, and the buyer can ask for it once more."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from app import checkout, subscribing
from app.adapters.payments_stripe import StripeGateway
from app.services.orders import get_order
from app.services.payments import apply_facts
from app.services.payments.documents import list_receipts
from app.services.payments.reconciling import compare_order, orders_to_ask
from app.services.payments.reporting import read_report
from app.services.subscriptions.reconciling import compare_invoice
from app.wiring import Wiring
from tests.services.payments.test_taxes import Counter
from tests.support.clock import FrozenClock
from tests.support.fake_stripe import KEY, SECRET, FakeStripe, fake_stripe
from tests.support.renting import RentalAnywhere, rental_at


@dataclass
class Bought:
    """A payment that can go back, and how the books stand."""

    stripe: FakeStripe
    take_back: Callable[[], None]
    hear: Callable[[], None]
    books: Callable[[], tuple[int, ...]]
    differs: Callable[[], str]

    def bank_sends_it_back(self) -> None:
        self.stripe.refunds[-1]["status"] = "failed"
        self.hear()


@pytest.fixture
def counter(wiring: Wiring, clock: FrozenClock) -> Iterator[Counter]:
    with fake_stripe() as fake:
        assert fake.server
        made = Counter(wiring, clock, StripeGateway(key=KEY, webhook_secret=SECRET, url=fake.server.url), fake)
        made.buy()
        yield made


def of_order(counter: Counter) -> Bought:
    payment = counter.order.payment_id or ""
    return Bought(
        counter.stripe,
        lambda: checkout.take_back(counter.wiring, counter.run, purchase_id=str(counter.order.id)),
        lambda: checkout.hear(counter.wiring, payment),
        lambda: counter.books,
        counter.agrees,
    )


def of_month(desk: RentalAnywhere) -> Bought:
    desk.begin(desk.rent())
    payment = desk.invoices[-1].payment_id

    def differs() -> str:
        facts = desk.gateway.subscription_facts(payment)
        return desk.run(lambda uow: compare_invoice(uow, fact=facts.invoices[-1]))

    def hear() -> None:
        subscribing.hear_standing(desk.wiring, payment)

    assert desk.stripe
    return Bought(desk.stripe, desk.take_back, hear, lambda: desk.shares, differs)


@pytest.fixture(params=["order", "month"])
def bought(request: pytest.FixtureRequest, wiring: Wiring, clock: FrozenClock) -> Iterator[Bought]:
    if request.param == "order":
        yield of_order(request.getfixturevalue("counter"))
        return
    with rental_at("stripe", RentalAnywhere, wiring, clock) as desk:
        yield of_month(desk)


def test_money_that_did_not_arrive_is_booked_back_and_can_be_sent_once_more(bought: Bought) -> None:
    before = bought.books()
    bought.take_back()
    assert bought.books()[0] == 0
    for _ in range(2):
        bought.bank_sends_it_back()
        assert (bought.books(), bought.differs()) == (before, "")
    bought.take_back()
    assert len(bought.stripe.refunds) == 2
    assert (bought.books()[:3], bought.differs()) == ((0, 0, 0), "")


def test_the_order_counts_again_and_every_document_says_what_happened(counter: Counter) -> None:
    known = of_order(counter)
    known.take_back()
    old_news = counter.gateway.facts(counter.checkout_id)
    known.bank_sends_it_back()
    with counter.wiring.unit() as uow:
        apply_facts(uow, old_news)
    order: Any = counter.run(get_order, order_id=str(counter.order.id))
    assert (order.state, order.refunded, order.can_refund) == ("paid", "", True)
    assert [(one.kind, one.total) for one in reversed(counter.run(list_receipts))] == [
        ("receipt", "$19.99"),
        ("credit_note", "\u2212$19.99"),
        ("receipt", "$19.99"),
    ]
    known.take_back()
    assert (counter.order.state, counter.run(list_receipts)[0].kind) == ("refunded", "credit_note")
    (report,) = counter.run(lambda uow: read_report(uow))
    figures = {line.key: line.cents for line in report.lines}
    assert (figures["refunds"], figures["kept"], figures["balance_gateway"]) == (-1999, 0, 0)


def test_a_refund_that_is_first_heard_of_when_it_has_failed_was_never_one(counter: Counter) -> None:
    before = counter.books
    counter.gateway.refund(counter.order.payment_id, amount_cents=500, key="by hand")
    old_news = counter.gateway.facts(counter.checkout_id)
    of_order(counter).bank_sends_it_back()
    with counter.wiring.unit() as uow:
        apply_facts(uow, old_news)
        (asked,) = orders_to_ask(uow, mode="test")
        assert compare_order(uow, asked=asked, facts=counter.gateway.facts(asked.checkout_id)) == ""
    assert (counter.books, counter.order.refunded_cents) == (before, 0)
