"""Two people of one workspace order the same thing: both come to the one page that can be paid, whoever opened it."""

from collections.abc import Iterator
from typing import Any

import pytest

from app import checkout, subscribing
from app.adapters.payments_stripe import StripeGateway
from app.core.uow import Actor
from app.services.payments import note_checkout, place_order
from app.services.subscriptions import note_rent_checkout, place_rent_order
from app.wiring import Wiring
from models.user import User
from models.workspace import Membership, Role
from tests.services.payments.test_taxes import CENTS, Counter
from tests.support.clock import FrozenClock
from tests.support.fake_stripe import KEY, SECRET, fake_stripe
from tests.support.market import make_listing
from tests.support.people import make_member

PLACES = {"order": place_order, "month": place_rent_order}
NOTES = (note_checkout, note_rent_checkout)


class Two:
    """A buyer and a colleague at Stripe."""

    def __init__(self, counter: Counter, *, is_monthly: bool) -> None:
        self.counter, self.is_monthly = counter, is_monthly
        with counter.wiring.unit() as uow:
            uow.actor = counter.seller
            self.slug = make_listing(uow, name="Both want it", cents=CENTS, is_monthly=is_monthly).slug
            stranger = make_member(uow)
            uow.session.add(Membership(workspace_id=counter.buyer.workspace_id, user_id=stranger.user_id, role=Role.ADMIN))
            uow.session.get_one(User, stranger.user_id).email = "colleague@example.com"
        self.colleague = Actor(user_id=stranger.user_id, workspace_id=counter.buyer.workspace_id, role=Role.ADMIN)

    def run(self, service: Any, **arguments: Any) -> Any:
        with self.counter.wiring.unit(self.colleague) as uow:
            return service(uow, **arguments)

    def buy(self, run: Any) -> str:
        order = subscribing.order_listing if self.is_monthly else checkout.buy
        return order(self.counter.wiring, run, slug=self.slug, seen_cents=CENTS)

    def open_pages(self) -> list[str]:
        return [one["url"] for one in self.counter.stripe.sessions.values() if one["status"] == "open"]


@pytest.fixture(params=["order", "month"])
def two(request: pytest.FixtureRequest, wiring: Wiring, clock: FrozenClock) -> Iterator[Two]:
    with fake_stripe() as fake:
        assert fake.server
        counter = Counter(wiring, clock, StripeGateway(key=KEY, webhook_secret=SECRET, url=fake.server.url), fake)
        yield Two(counter, is_monthly=request.param == "month")


def test_a_page_that_was_opened_and_forgotten_stops_no_colleague(two: Two) -> None:
    place = PLACES["month" if two.is_monthly else "order"]
    order = two.counter.run(place, slug=two.slug, seen_cents=CENTS)
    gateway: Any = two.counter.gateway
    (gateway.open_subscription if two.is_monthly else gateway.open_checkout)(order.wish)
    url = two.buy(two.run)
    assert url in two.open_pages()
    assert two.buy(two.counter.run) == url


def test_of_two_who_order_at_once_both_come_to_one_page(two: Two) -> None:
    of_colleague: list[str] = []

    def slow(service: Any, **arguments: Any) -> Any:
        if service in NOTES and not of_colleague:
            of_colleague.append(two.buy(two.run))
        return two.counter.run(service, **arguments)

    assert [two.buy(slow)] == of_colleague == two.open_pages()
