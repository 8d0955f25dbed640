"""Changes of a plan in awkward moments: within one second, while an invoice is open, after money went back, and by a clock put back."""

import pytest
from sqlmodel import select

from app import checkout, subscribing
from app.adapters.payments_stripe import StripeGateway
from app.services.subscriptions.changing import ChangePending
from app.wiring import Wiring
from models.subscription import Invoice
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


def test_the_page_tells_what_the_plan_of_now_costs_and_not_the_first_one(paying: Desk) -> None:
    paying.clock.advance(days=3)
    paying.change("business")
    assert (paying.billing.price, paying.billing.next_plan) == ("$799.00", "")
    paying.change("pro")
    assert (paying.billing.price, paying.billing.next_plan, paying.billing.next_price) == ("$799.00", "Pro", "$299.00")
    paying.wait(days=32)
    assert (paying.plan, paying.billing.price) == ("Pro", "$299.00")


@pytest.mark.parametrize("is_disputed", [False, True])
def test_a_raise_that_went_back_leaves_what_was_paid_before_until_it_is_raised_again(paying: Desk, is_disputed: bool) -> None:
    paying.change("pro")
    raised = max(paying.invoices, key=lambda one: one.paid_cents)
    if is_disputed:
        paying.gateway.dispute(raised.payment_id, "lost")
    else:
        paying.gateway.refund(raised.payment_id, amount_cents=raised.paid_cents, key="r1")
    subscribing.hear_standing(paying.wiring, raised.payment_id)
    if is_disputed:
        assert (paying.plan, paying.standing.state, paying.books[0]) == ("Starter", "ended", 9_900)
        return
    assert (paying.plan, paying.billing.next_plan, paying.books[0]) == ("Starter", "Pro", 9_900)
    with pytest.raises(ChangePending, match="Keep “Starter” first"):
        paying.preview("pro")
    paying.change("starter")
    paying.clock.advance(seconds=1)
    assert paying.change("pro").due_cents == pytest.approx(20_000, abs=1)
    assert (paying.plan, paying.billing.next_plan) == ("Pro", "")


def took_back(desk: Desk, price: str, *, is_disputed: bool = True) -> None:
    """The bank, or the operator, returns the newest payment for this price."""
    paid = [one for one in desk.invoices if one.price_key.startswith(f"plan-{price}-")][-1]
    if is_disputed:
        desk.gateway.dispute(paid.payment_id, "lost")
    else:
        desk.gateway.refund(paid.payment_id, amount_cents=paid.paid_cents, key=f"r-{price}")
    subscribing.hear_standing(desk.wiring, paid.payment_id)


@pytest.mark.parametrize("is_disputed", [False, True])
def test_a_raise_does_not_outlast_what_it_was_paid_on_top_of(paying: Desk, is_disputed: bool) -> None:
    paying.clock.advance(days=3)
    raised = paying.change("pro").due_cents
    took_back(paying, "starter", is_disputed=is_disputed)
    assert (paying.plan, paying.books) == ("Free", (raised, raised, 0))
    assert paying.invoices[-1].raised_from == "plan-starter-9900"
    paying.wait(days=32)
    assert paying.plan == ("Free" if is_disputed else "Pro"), "the next month is paid in full, and none follows what a bank took back"


def test_who_got_everything_back_can_end_what_would_be_charged_and_choose_anew(paying: Desk) -> None:
    paying.clock.advance(days=3)
    paying.change("pro")
    took_back(paying, "starter", is_disputed=False)
    bill = paying.billing
    assert (bill.state, bill.plan, bill.next_plan, bill.next_price) == ("active", "", "Pro", "$299.00")
    with pytest.raises(ChangePending, match="went back"):
        paying.preview("business")
    assert paying.change("free").kind == "end"
    assert paying.standing.state == "ended"
    paying.wait(days=32)
    assert len(paying.invoices) == 2
    paying.subscribe("starter")
    assert paying.plan == "Starter"


def test_of_two_raises_the_plan_falls_to_what_is_paid_below_the_lost_one(paying: Desk) -> None:
    for plan in ("pro", "business"):
        paying.clock.advance(seconds=1)
        paying.change(plan)
    took_back(paying, "pro")
    assert paying.plan == "Starter"


def test_a_base_that_the_bank_gives_back_brings_the_raise_back(paying: Desk) -> None:
    paying.clock.advance(days=3)
    paying.change("pro")
    payment = paying.invoices[0].payment_id
    for state, plan in (("open", "Pro"), ("lost", "Free"), ("won", "Pro")):
        paying.gateway.dispute(payment, state)
        subscribing.hear_standing(paying.wiring, payment)
        assert paying.plan == plan


def test_a_raise_of_the_next_month_rests_on_that_month(paying: Desk) -> None:
    paying.wait(days=32)
    paying.change("pro")
    first = paying.invoices[0].payment_id
    paying.gateway.dispute(first, "lost")
    subscribing.hear_standing(paying.wiring, first)
    assert paying.plan == "Pro"


def test_what_an_earlier_release_kept_of_a_raise_is_made_up_for_with_the_next_news(paying: Desk) -> None:
    paying.clock.advance(days=3)
    paying.change("pro")
    with paying.wiring.unit() as uow:
        for invoice in uow.session.exec(select(Invoice)):
            invoice.raised_from = ""
    took_back(paying, "starter")
    assert paying.plan == "Free"


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
