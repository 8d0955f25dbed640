"""Changes of a plan in awkward moments: within one second, while an invoice is open, after money went back, and by a clock put back."""

import pytest

from app import checkout, subscribing
from app.adapters.payments_stripe import StripeGateway
from app.services.subscriptions.changing import ChangePending
from app.wiring import Wiring
from tests.support.billing import Desk
from tests.support.clock import FrozenClock
from tests.support.fake_stripe import KEY, SECRET, fake_stripe


def test_a_plan_raised_in_the_second_of_its_payment_counts_at_once(desk: Desk) -> None:
    desk.clock.advance(milliseconds=50)
    desk.subscribe("starter")
    desk.clock.advance(milliseconds=900)
    assert desk.change("pro").kind == "up"
    assert (desk.plan, desk.billing.next_plan) == ("Pro", "")


def test_of_several_raises_in_one_second_the_last_counts(desk: Desk) -> None:
    desk.subscribe("starter")
    for plan in ("pro", "business"):
        desk.change(plan)
    assert (desk.plan, desk.books[0]) == ("Business", 79_900)
    assert sorted(one.paid_cents for one in desk.invoices) == [9_900, 20_000, 50_000]


@pytest.mark.parametrize("is_disputed", [False, True])
def test_a_raise_that_went_back_leaves_what_was_paid_before_until_it_is_raised_again(paying: Desk, is_disputed: bool) -> None:
    paying.change("pro")
    raised = max(paying.invoices, key=lambda one: one.paid_cents)
    if is_disputed:
        paying.gateway.dispute(raised.payment_id, "lost")
    else:
        paying.gateway.refund(raised.payment_id, amount_cents=raised.paid_cents, key="r1")
    subscribing.hear_standing(paying.wiring, raised.payment_id)
    assert (paying.plan, paying.billing.next_plan, paying.books[0]) == ("Starter", "Pro", 9_900)
    with pytest.raises(ChangePending, match="Keep “Starter” first"):
        paying.preview("pro")
    paying.change("starter")
    paying.clock.advance(seconds=1)
    assert paying.change("pro").due_cents == pytest.approx(20_000, abs=1)
    assert (paying.plan, paying.billing.next_plan) == ("Pro", "")


def test_while_an_invoice_is_open_it_is_paid_or_ended_and_nothing_else_is_chosen(desk: Desk) -> None:
    desk.subscribe("pro", fails_later=True)
    desk.change("starter")
    desk.wait(days=32)
    for plan in ("starter", "business"):
        with pytest.raises(ChangePending, match="An invoice is open"):
            desk.preview(plan)
    desk.pay(desk.billing.pay_url)
    assert (desk.plan, desk.billing.next_plan) == ("Starter", "")
    assert desk.preview("pro").kind == "up"


def test_news_that_a_clock_put_back_makes_look_old_is_asked_for_again(paying: Desk) -> None:
    paying.clock.advance(minutes=-5)
    subscribing.hear_standing(paying.wiring, str(paying.standing.subscription_id))
    assert paying.wait(minutes=5) == 0
    paying.clock.advance(minutes=-5)
    paying.change("free")
    assert not paying.billing.is_cancelled
    assert paying.wait(minutes=5) == 1
    assert paying.billing.is_cancelled
    assert paying.wait(minutes=1) == 0


def test_a_raise_that_the_card_refused_is_another_attempt_once_the_card_is_good(wiring: Wiring, clock: FrozenClock) -> None:
    with fake_stripe() as fake:
        assert fake.server
        fake.now = clock.now()
        desk = Desk(wiring, clock, gateway=StripeGateway(key=KEY, webhook_secret=SECRET, url=fake.server.url))
        checkout_id = desk.order("starter").rsplit("/", 1)[-1]
        fake.subscribe(checkout_id)
        subscribing.hear_standing(desk.wiring, checkout_id)
        shown = desk.preview("pro")
        fake.cards_fail = True
        for _ in range(2):
            with pytest.raises(checkout.GatewaySaidNo, match="declined"):
                subscribing.change_plan(desk.wiring, desk.run, plan="pro", at=shown.at, seen_cents=shown.due_cents)
        fake.cards_fail = False
        subscribing.change_plan(desk.wiring, desk.run, plan="pro", at=shown.at, seen_cents=shown.due_cents)
        assert (desk.plan, sorted(one.paid_cents for one in desk.invoices)) == ("Pro", [9_900, 20_000])
