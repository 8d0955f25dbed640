"""A month of a listing or a plan that a bank took back for good is the last one, whatever gets lost on the way."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest

from app import checkout, subscribing
from app.core.errors import Unavailable
from app.core.payments import PaymentRefused
from app.services.mail import list_outbox
from app.services.subscriptions.opening import AlreadySubscribed
from app.wiring import Wiring
from tests.support.billing import Desk
from tests.support.clock import FrozenClock
from tests.support.renting import GATEWAYS, MONTH, RentalAnywhere, rental_at


class Charged(RentalAnywhere):
    """A rental whose payments banks take back."""

    def subscribe_once(self) -> str:
        """Its payment."""
        self.begin(self.rent())
        return self.invoices[-1].payment_id

    def dispute(self, payment: str, state: str) -> None:
        (self.stripe or self.gateway).dispute(payment, state)

    def tell(self, payment: str) -> None:
        if self.stripe:
            thing = {"id": "dp_1", "object": "dispute", "payment_intent": payment}
            body, signature = self.stripe.event("charge.dispute.closed", thing)
        else:
            body, signature = self.gateway.event("charge.dispute.closed", payment)
        checkout.deliver(self.wiring, body=body, signature=signature)

    def later(self) -> int:
        """A month later: how many invoices there are."""
        self.pass_month()
        return len(self.invoices)


@pytest.fixture(params=GATEWAYS)
def desk(request: pytest.FixtureRequest, wiring: Wiring, clock: FrozenClock) -> Iterator[Charged]:
    with rental_at(request.param, Charged, wiring, clock) as made:
        yield made


@pytest.fixture
def paying(wiring: Wiring, clock: FrozenClock) -> Desk:
    """A workspace that pays for the plan Starter at the test gateway."""
    made = Desk(wiring, clock)
    made.subscribe("starter")
    return made


def test_a_lost_dispute_ends_the_renewals(desk: Charged) -> None:
    payment = desk.subscribe_once()
    desk.dispute(payment, "open")
    desk.tell(payment)
    assert desk.standing.state == "active", "nothing is decided yet"
    desk.dispute(payment, "lost")
    for _ in range(2):
        desk.tell(payment)
    assert desk.standing.state == "ended"
    assert not desk.has_right()
    assert desk.shares == (0, 0, 0, 0)
    assert desk.later() == 1


def test_a_lost_dispute_ends_the_renewals_of_a_plan_too(desk: Charged) -> None:
    desk.begin(desk.order("starter"))
    payment = desk.invoices[-1].payment_id
    assert (desk.plan, desk.books) == ("Starter", (9_900, 9_900, 0))
    desk.dispute(payment, "lost")
    for _ in range(2):
        desk.tell(payment)
    assert (desk.standing.state, desk.plan, desk.books) == ("ended", "Free", (0, 0, 0))
    assert desk.later() == 1, "the card is charged no more"
    assert sum("has ended" in subject for subject in desk.letters) == 1


def test_a_lost_dispute_ends_the_plan_says_why_and_leaves_the_way_back(paying: Desk) -> None:
    payment = paying.invoices[0].payment_id
    for state in ("open", "lost", "lost"):
        paying.gateway.dispute(payment, state)
        subscribing.hear_standing(paying.wiring, payment)
    assert (paying.standing.state, paying.plan, paying.books) == ("ended", "Free", (0, 0, 0))
    assert (paying.billing.taken_back, paying.billing.state) == ("$99.00", "")
    letters = paying.wiring.call(list_outbox, None, address="127.0.0.1")
    (letter,) = [one for one in letters if "has ended" in one.subject]
    assert "decided the dispute over $99.00" in letter.text
    assert "Choose a plan again under Plan" in letter.text
    paying.wait(days=32)
    assert len(paying.invoices) == 1, "the card is charged no more"
    paying.subscribe("starter")
    assert (paying.plan, paying.billing.taken_back, paying.books[0]) == ("Starter", "", 9_900)


def test_a_lost_dispute_about_an_earlier_month_leaves_what_else_is_paid(paying: Desk) -> None:
    paying.wait(days=32)
    payment = paying.invoices[0].payment_id
    paying.gateway.dispute(payment, "lost")
    subscribing.hear_standing(paying.wiring, payment)
    assert (paying.standing.state, paying.plan, paying.books[0]) == ("ended", "Starter", 9_900)
    paying.wait(days=32)
    assert (paying.plan, len(paying.invoices)) == ("Free", 2)


def test_a_won_dispute_changes_nothing(desk: Charged) -> None:
    payment = desk.subscribe_once()
    for state in ("open", "won"):
        desk.dispute(payment, state)
        desk.tell(payment)
    assert desk.standing.state == "active"
    assert desk.later() == 2


def test_a_gateway_that_will_not_is_asked_rarely_and_in_the_end_once_a_month(wiring: Wiring, clock: FrozenClock) -> None:
    desk = Charged(wiring, clock)
    payment = desk.subscribe_once()
    desk.dispute(payment, "lost")
    asked: list[datetime] = []

    def never(subscription_id: str) -> None:
        asked.append(clock.now())
        raise PaymentRefused("not this one")

    desk.gateway.end_now = never
    desk.tell(payment)
    assert desk.wait(seconds=1) == 1, "at once, should the first attempt have been lost"
    assert [desk.wait(minutes=30) for _ in range(11)] == [0] * 11
    for _ in range(60):
        desk.wait(hours=24)
    quiet = len(asked)
    for _ in range(20):
        desk.wait(hours=24)
    assert len(asked) - quiet <= 1, "only when the month is over, as with every subscription"


def test_what_the_gateway_does_not_know_is_asked_about_rarely_and_ends_with_what_was_paid(wiring: Wiring, clock: FrozenClock) -> None:
    desk = Charged(wiring, clock)
    desk.subscribe_once()
    known = desk.gateway.subscription_facts
    desk.gateway.subscription_facts = lambda subject: None
    assert [desk.wait(days=MONTH), desk.wait(hours=1), desk.wait(days=6)] == [1, 0, 0]
    assert desk.standing.state == "active"
    with pytest.raises(AlreadySubscribed):
        desk.rent()
    assert [desk.wait(days=1), desk.wait(days=6), desk.wait(days=1)] == [1, 0, 1]
    assert (desk.standing.state, desk.standing.claim, desk.has_right()) == ("ended", None, False)
    desk.gateway.subscription_facts = known
    assert desk.rent(), "another order can be placed"


def test_what_the_gateway_knows_again_goes_on(wiring: Wiring, clock: FrozenClock) -> None:
    desk = Charged(wiring, clock)
    desk.subscribe_once()
    known = desk.gateway.subscription_facts
    desk.gateway.subscription_facts = lambda subject: None
    desk.wait(days=MONTH)
    desk.wait(days=8)
    assert desk.standing.state == "ended"
    desk.gateway.subscription_facts = known
    assert desk.wait(days=8) == 1
    assert desk.standing.state == "active"
    assert desk.standing.claim
    assert desk.has_right()


@pytest.mark.parametrize("refusal", [PaymentRefused("not now"), Unavailable("away")])
def test_a_gateway_that_was_away_is_asked_again_by_the_workers(wiring: Wiring, clock: FrozenClock, refusal: Exception) -> None:
    desk = Charged(wiring, clock)
    payment = desk.subscribe_once()
    desk.dispute(payment, "lost")
    ended: list[str] = []
    end_now = desk.gateway.end_now

    def away_once(subscription_id: str) -> Any:
        ended.append(subscription_id)
        if len(ended) == 1:
            raise refusal
        return end_now(subscription_id)

    desk.gateway.end_now = away_once
    try:
        desk.tell(payment)
    except Unavailable:
        assert isinstance(refusal, Unavailable)
    assert desk.standing.state == "active"
    assert desk.wait(seconds=1) == 1
    assert desk.standing.state == "ended"
    assert len(ended) == 2
