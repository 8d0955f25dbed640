"""What was paid and never heard of: reconciling finds it, and brings orders, months and the books to what the gateway says."""

from collections.abc import Iterator

import pytest

from app import checkout, subscribing
from app.adapters.payments_stripe import StripeGateway
from app.services.market import install_listing
from app.wiring import Wiring
from tests.services.payments.test_taxes import CENTS, Counter
from tests.support.clock import FrozenClock
from tests.support.fake_stripe import KEY, SECRET, fake_stripe
from tests.support.renting import RentalAnywhere, rental_at


@pytest.fixture
def counter(wiring: Wiring, clock: FrozenClock) -> Iterator[Counter]:
    with fake_stripe() as fake:
        assert fake.server
        yield Counter(wiring, clock, StripeGateway(key=KEY, webhook_secret=SECRET, url=fake.server.url), fake)


@pytest.fixture
def desk(wiring: Wiring, clock: FrozenClock) -> Iterator[RentalAnywhere]:
    with rental_at("stripe", RentalAnywhere, wiring, clock) as made:
        assert made.stripe
        made.stripe.now = clock.now()
        yield made


def test_an_order_that_was_paid_unheard_is_found_and_mended(counter: Counter) -> None:
    url = checkout.buy(counter.wiring, counter.run, slug=counter.slug, seen_cents=CENTS)
    assert checkout.reconcile_orders(counter.wiring) == (1, [])
    counter.stripe.pay(url.rsplit("/", 1)[-1])
    for _ in range(2):
        (found,) = checkout.reconcile_orders(counter.wiring)[1]
        assert "the ledger holds 0 cents, the gateway 1999" in found.text
        assert (found.is_mended, counter.order.state) == (False, "pending")
    (mended,) = checkout.reconcile_orders(counter.wiring, mend=True)[1]
    assert mended.is_mended
    assert checkout.reconcile_orders(counter.wiring) == (1, [])
    assert counter.run(install_listing, slug=counter.slug, version="1.0.0")


def test_a_first_month_that_was_paid_unheard_is_found_and_mended(desk: RentalAnywhere) -> None:
    url = desk.rent()
    assert desk.stripe
    desk.stripe.subscribe(url.rsplit("/", 1)[-1])
    (count, (found,)) = subscribing.reconcile_invoices(desk.wiring)
    assert (count, found.is_mended, "not known here" in found.text, desk.has_right()) == (1, False, True, False)
    (mended,) = subscribing.reconcile_invoices(desk.wiring, mend=True)[1]
    assert (mended.is_mended, desk.has_right()) == (True, True)
    assert subscribing.reconcile_invoices(desk.wiring) == (1, [])


def test_a_subscription_that_the_gateway_does_not_know_is_told(desk: RentalAnywhere) -> None:
    desk.begin(desk.rent())
    desk.gateway.subscription_facts = lambda subject: None
    for mend in (False, True):
        (found,) = subscribing.reconcile_invoices(desk.wiring, mend=mend)[1]
        assert ("the gateway does not know" in found.text, found.is_mended) == (True, False)
