"""A refund that the gateway refused is another attempt the next time: its answer to the first would be repeated for a day."""

from collections.abc import Callable, Iterator

import pytest

from app import checkout
from app.adapters.payments_stripe import StripeGateway
from app.wiring import Wiring
from tests.services.payments.test_taxes import Counter
from tests.support.clock import FrozenClock
from tests.support.fake_stripe import KEY, SECRET, FakeStripe, fake_stripe
from tests.support.renting import RentalAnywhere, rental_at

Refund = Callable[[], None]


@pytest.fixture(params=["order", "month"])
def bought(request: pytest.FixtureRequest, wiring: Wiring, clock: FrozenClock) -> Iterator[tuple[FakeStripe, Refund]]:
    """The gateway, and how what was bought is taken back."""
    if request.param == "month":
        with rental_at("stripe", RentalAnywhere, wiring, clock) as desk:
            desk.begin(desk.rent())
            assert desk.stripe
            yield desk.stripe, desk.take_back
        return
    with fake_stripe() as fake:
        assert fake.server
        counter = Counter(wiring, clock, StripeGateway(key=KEY, webhook_secret=SECRET, url=fake.server.url), fake)
        counter.buy()
        yield fake, lambda: checkout.take_back(counter.wiring, counter.run, purchase_id=str(counter.order.id))


def test_a_refund_is_tried_anew_after_refusals(bought: tuple[FakeStripe, Refund]) -> None:
    fake, take_back = bought
    fake.refunds_refused = "Insufficient funds in your balance"
    for _ in range(2):
        with pytest.raises(checkout.GatewaySaidNo, match="Insufficient funds"):
            take_back()
    fake.refunds_refused = ""
    take_back()
    assert len(fake.refunds) == 1
