"""Listings paid by the month: one order at one price, a ledger pair per paid month, and copies that run while that lasts."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlmodel import select

from app import checkout, subscribing
from app.adapters.subscriptions_local import FAILS_LATER
from app.core.errors import Conflict, NotAllowed, NotFound
from app.services.agents import list_agents
from app.services.mail import list_outbox
from app.services.market import export_sales, get_earnings, get_listing
from app.services.market.installing import ListingNotBought
from app.services.orders import get_order, list_orders
from app.services.payments.buying import OtherBilling, OwnListing, PriceChanged
from app.services.payments.refunding import RefundClosed
from app.services.rented import RentOver
from app.services.runs import cancel_run, retry_run
from app.services.subscriptions import apply_subscription, get_payable, list_invoices
from app.services.subscriptions.opening import AlreadySubscribed
from app.services.subscriptions.reading import PAID
from app.services.subscriptions.renting import RentEnded
from app.services.subscriptions.standing import GRACE
from app.services.workflows import duplicate_workflow, get_workflow
from app.wiring import Wiring
from engine.spec.workflow import NodeSpec
from models.ledger import LedgerEntry
from models.listing import Install
from models.workspace import Role
from tests.support.chats import send
from tests.support.clock import FrozenClock
from tests.support.people import make_member
from tests.support.renting import CENTS, Rental
from tests.support.workflows import make_workflow, node, spec_of

MONTH = 31


@pytest.fixture
def desk(wiring: Wiring, clock: FrozenClock) -> Rental:
    return Rental(wiring, clock)


def access(desk: Rental) -> str:
    return desk.run(get_listing, slug=desk.slug).access


def made(desk: Rental, own: NodeSpec) -> str:
    """A workflow of the buyer's own with one step."""
    with desk.wiring.unit(desk.owner) as uow:
        return str(make_workflow(uow, spec_of(node("start", "start"), own, edges="start>own")).id)


def test_a_month_counts_from_its_payment_on_and_not_from_the_order(desk: Rental) -> None:
    assert desk.run(get_listing, slug=desk.slug).card.price == "$19.99 a month"
    url = desk.rent()
    assert (access(desk), desk.shares) == ("pending", (0, 0, 0, 0))
    with pytest.raises(ListingNotBought):
        desk.install()
    desk.pay(url)
    assert (access(desk), desk.shares) == ("owned", (CENTS, 1_600, 399, 0))
    assert desk.start(desk.install())
    assert (access(desk), desk.seen.state, desk.seen.amount) == ("installed", "active", "$19.99 a month")
    assert desk.plan == "Free"  # a listing is no plan


def test_a_second_click_and_a_second_tab_give_the_same_order(desk: Rental) -> None:
    with ThreadPoolExecutor(4) as pool:
        urls = set(pool.map(lambda _: desk.rent(), range(4)))
    assert len(urls) == 1
    desk.pay(urls.pop())
    with pytest.raises(AlreadySubscribed, match="this listing"):
        desk.rent()
    assert len(desk.run(list_orders)) == 1


def test_only_what_was_seen_is_ordered(desk: Rental) -> None:
    for seen in (CENTS - 1, str(CENTS), float(CENTS), None, True):
        with pytest.raises(PriceChanged, match="a month"):
            desk.rent(cents=seen if seen is not None else "nothing")
    desk.change_listing(price_cents=CENTS + 1)
    with pytest.raises(PriceChanged, match="price has changed"):
        desk.rent()


def test_once_and_every_month_are_two_different_offers(desk: Rental) -> None:
    with pytest.raises(OtherBilling, match=r"paid monthly: \$19\.99 a month") as refused:
        checkout.buy(desk.wiring, desk.run, slug=desk.slug, seen_cents=CENTS)
    assert refused.value.fields == {"seen_billing": "Send “month” to order it at that price."}
    desk.change_listing(is_monthly=False)
    with pytest.raises(OtherBilling, match=r"paid once, not monthly: \$19\.99") as refused:
        desk.rent()
    assert "“once”" in refused.value.fields["seen_billing"]


def test_nobody_subscribes_to_their_own_listing_nor_without_the_right_to_edit(desk: Rental) -> None:
    with pytest.raises(OwnListing), desk.wiring.unit(desk.seller) as uow:
        subscribing.subscriptions.place_rent_order(uow, slug=desk.slug, seen_cents=CENTS)
    with desk.wiring.unit() as uow:
        viewer = make_member(uow, Role.VIEWER)
    with pytest.raises(NotAllowed), desk.wiring.unit(viewer) as uow:
        subscribing.subscriptions.place_rent_order(uow, slug=desk.slug, seen_cents=CENTS)


def test_each_paid_month_is_split_at_the_fee_of_its_time(desk: Rental) -> None:
    desk.renting()
    desk.change_listing(fee_bps=1_000)
    desk.wait(days=MONTH)
    assert [(one.paid_cents, one.fee_bps) for one in desk.invoices] == [(CENTS, 2_000), (CENTS, 1_000)]
    assert desk.shares == (2 * CENTS, 1_600 + 1_800, 399 + 199, 0)


def test_a_new_price_is_for_new_orders_only(desk: Rental) -> None:
    desk.renting()
    desk.change_listing(price_cents=4_900)
    desk.wait(days=MONTH)
    assert [one.paid_cents for one in desk.invoices] == [CENTS, CENTS]
    desk.end()
    desk.keep()
    desk.wait(days=MONTH)
    assert [one.paid_cents for one in desk.invoices] == [CENTS] * 3


def test_an_order_nobody_paid_takes_the_new_price(desk: Rental) -> None:
    first = desk.rent()
    desk.change_listing(price_cents=2_500)
    second = desk.rent(cents=2_500)
    assert first != second
    assert desk.gateway.subscription_facts(first.rsplit("/", 1)[-1]).state == "expired"
    desk.pay(second)
    assert desk.invoices[0].paid_cents == 2_500


def test_what_was_cancelled_runs_until_its_month_ends_and_then_says_why_not(desk: Rental) -> None:
    copy = desk.renting()
    run = desk.start(copy)
    desk.run(cancel_run, run_id=run.id)
    desk.end()
    assert (desk.seen.is_cancelled, desk.seen.can_keep, desk.seen.can_cancel) == (True, True, False)
    assert desk.start(copy)
    desk.wait(days=MONTH)
    with pytest.raises(RentOver, match="Subscribe again") as refused:
        desk.start(copy)
    assert (refused.value.status, desk.slug in refused.value.message) == (402, True)
    with pytest.raises(RentOver):
        desk.run(retry_run, run_id=run.id)
    assert (access(desk), desk.seen.state, len(desk.invoices)) == ("lapsed", "ended", 1)
    assert desk.run(get_workflow, workflow_id=copy).name  # nothing is taken away
    assert "Acme: Order triage has ended" in desk.letters


def test_who_takes_a_month_back_gets_one_letter_with_what_comes_back_and_that_it_has_ended(desk: Rental) -> None:
    desk.renting()
    before = set(desk.letters)
    subscribing.take_month_back(desk.wiring, desk.run, order_id=desk.seen.id)
    told = [subject for subject in desk.letters if subject not in before and subject.startswith("Acme: ") and "Refunded" not in subject]
    assert told == ["Acme: Refund for Order triage: $19.99"]
    with desk.wiring.unit() as uow:
        (text,) = [letter.text for letter in list_outbox(uow, address="127.0.0.1") if "Refund for" in letter.subject]
    assert "$19.99 of what was paid for Order triage" in text
    assert "Order triage has ended, and nothing more is charged." in text
    assert ([one.state for one in desk.seen.invoices], desk.seen.is_installed) == (["refunded"], True)


def test_who_subscribes_again_goes_on_with_the_same_copy(desk: Rental) -> None:
    copy = desk.renting()
    desk.end()
    desk.wait(days=MONTH)
    desk.pay(desk.rent())
    assert desk.install() == copy
    assert desk.start(copy)
    assert [row.state for row in desk.run(list_orders)] == ["active", "ended"]


def test_its_copies_its_agents_and_what_calls_them_end_with_it(desk: Rental) -> None:
    copy = desk.renting()
    second = desk.run(duplicate_workflow, workflow_id=copy).id
    agent = next(card for card in desk.run(list_agents).items if card.name == "Helper")
    desk.end()
    desk.wait(days=MONTH)
    with pytest.raises(RentOver):
        desk.start(str(second))
    with pytest.raises(RentOver):
        desk.run(send, agent_id=str(agent.id))
    for own in (
        node("own", "agent", agent=agent.slug, message="Why?"),
        node("own", "workflow", workflow=copy, inputs={"question": "Why?"}),
    ):
        with pytest.raises(RentOver):
            desk.start(made(desk, own))
    assert desk.start(made(desk, node("own", "template", text="Because.")))


def test_a_cancelled_one_goes_on_when_it_is_kept(desk: Rental) -> None:
    copy = desk.renting()
    desk.end()
    desk.keep()
    desk.wait(days=MONTH)
    assert (len(desk.invoices), desk.seen.is_cancelled) == (2, False)
    assert desk.start(copy)


def test_a_refused_renewal_has_its_grace_and_its_page(desk: Rental) -> None:
    copy = desk.renting(card=FAILS_LATER)
    desk.wait(days=MONTH + 1)
    assert (desk.seen.state, desk.start(copy).status) == ("past_due", "queued")
    assert "Acme: The payment for Order triage was refused" in desk.letters
    assert desk.seen.grace_until == desk.invoices[0].period_end + GRACE
    subject = desk.seen.pay_url.rsplit("/", 1)[-1]
    payable = desk.run(get_payable, checkout_id=subject)
    assert (payable.amount, payable.back, payable.ended) == ("$19.99", f"/purchases/{desk.standing.id}", "")
    desk.clock.advance(days=GRACE.days)
    with pytest.raises(RentOver):
        desk.start(copy)
    desk.pay(desk.seen.pay_url)
    assert desk.run(get_payable, checkout_id=subject).ended == PAID
    assert desk.start(copy)
    assert desk.shares[0] == 2 * CENTS


def test_the_newest_month_comes_back_once_and_ends_the_right(desk: Rental) -> None:
    copy = desk.renting()
    desk.wait(days=MONTH)
    assert desk.shares[0] == 2 * CENTS
    desk.take_back()
    assert desk.shares == (CENTS, 1_600, 399, 0)
    assert (desk.seen.state, desk.seen.refunded, desk.seen.can_refund) == ("ended", "$19.99", False)
    with pytest.raises(RentOver):
        desk.start(copy)
    with pytest.raises(RefundClosed):
        desk.take_back()
    with pytest.raises(RentEnded):
        desk.keep()
    desk.wait(days=2 * MONTH)
    assert desk.shares[0] == CENTS


def test_after_the_window_no_month_comes_back(desk: Rental) -> None:
    desk.renting()
    desk.clock.advance(days=15)
    assert not desk.seen.can_refund
    with pytest.raises(RefundClosed, match="14 days"):
        desk.take_back()
    assert desk.shares[0] == CENTS


def test_a_crash_between_refund_and_end_charges_nobody_again(desk: Rental) -> None:
    desk.renting()
    wish = desk.run(subscribing.subscriptions.plan_month_back, order_id=str(desk.standing.id))
    desk.gateway.cancel(wish.subscription_id)
    desk.gateway.refund(wish.payment_id, amount_cents=wish.amount_cents, key=wish.key)
    desk.hear(wish.payment_id)  # the webhook; the rest of the refund was never asked for
    desk.wait(days=2 * MONTH)
    assert (desk.shares, desk.seen.state, len(desk.invoices)) == ((0, 0, 0, 0), "ended", 1)


@pytest.mark.parametrize(("end", "right"), [("won", True), ("lost", False)])
def test_a_dispute_takes_the_shares_and_its_end_decides_about_the_right(desk: Rental, *, end: str, right: bool) -> None:
    copy = desk.renting()
    payment = desk.invoices[0].payment_id
    desk.gateway.dispute(payment, "open")
    desk.hear(payment)
    assert desk.shares == (0, 0, 0, 0)
    assert desk.start(copy)
    desk.gateway.dispute(payment, end)
    for _ in range(2):
        desk.hear(payment)
    assert desk.shares == ((CENTS, 1_600, 399, 0) if right else (0, 0, 0, 0))
    if right:
        assert desk.start(copy)
    else:
        with pytest.raises(RentOver):
            desk.start(copy)


def test_old_news_after_newer_changes_nothing(desk: Rental) -> None:
    desk.renting()
    subject = str(desk.standing.subscription_id)
    early = desk.gateway.subscription_facts(subject), desk.clock.now()
    desk.clock.advance(days=MONTH)
    desk.end()
    for _ in range(2):
        with desk.wiring.unit() as uow:
            apply_subscription(uow, early[0], asked_at=early[1])
    assert (desk.seen.is_cancelled, len(desk.invoices), desk.shares[0]) == (True, 2, 2 * CENTS)


def test_what_was_free_or_bought_before_goes_on_without_a_month(desk: Rental) -> None:
    desk.change_listing(price_cents=0, is_monthly=False)
    copy = desk.install()
    desk.change_listing(price_cents=CENTS, is_monthly=True)
    desk.pay(desk.rent())
    desk.end()
    desk.wait(days=MONTH)
    assert desk.start(copy)
    assert access(desk) == "installed"


def test_a_listing_that_became_free_needs_no_month(desk: Rental) -> None:
    copy = desk.renting()
    desk.end()
    desk.wait(days=MONTH)
    desk.change_listing(price_cents=0, is_monthly=False)
    assert desk.start(copy)


def test_another_workspace_neither_sees_nor_ends_it(desk: Rental) -> None:
    desk.renting()
    with desk.wiring.unit() as uow:
        other = make_member(uow, Role.OWNER)
    order = str(desk.standing.id)
    assert desk.run_as(other, list_orders) == ()
    for service in (get_order, subscribing.subscriptions.plan_rent_end, subscribing.subscriptions.plan_month_back):
        with pytest.raises(NotFound):
            desk.run_as(other, service, order_id=order)
    assert not desk.standing.is_cancelled


def test_a_plan_is_no_order_of_the_marketplace(desk: Rental) -> None:
    desk.subscribe("starter")
    assert desk.run(list_orders) == ()
    with pytest.raises(NotFound):
        desk.run(get_order, order_id=str(desk.standing.id))
    with pytest.raises(Conflict):
        desk.subscribe("starter")
    desk.pay(desk.rent())  # beside the plan
    assert (desk.plan, len(desk.run(list_invoices))) == ("Starter", 2)


def test_the_seller_sees_months_subscribers_and_revenue(desk: Rental) -> None:
    desk.renting()
    desk.wait(days=MONTH)
    desk.take_back()
    found = desk.run_as(desk.seller, get_earnings)
    row = found.listings[0]
    assert (row.sales, row.refunds, row.revenue, row.subscribers, found.balance) == (2, 1, "$19.99", 0, "$16.00")
    lines = desk.run_as(desk.seller, export_sales).text.splitlines()[1:]
    assert [line.split(",")[-9:] for line in lines] == [
        ["refunded", "test", "usd", "1999", "", "0", "0", "1999", "0"],
        ["paid", "test", "usd", "1999", "", "0", "0", "0", "1600"],
    ]


def test_payments_off_take_no_orders(desk: Rental) -> None:
    desk.wiring = replace(desk.wiring, ports=replace(desk.wiring.ports, payments=None))
    with pytest.raises(Exception, match="Payments are not set up"):
        desk.rent()


def test_every_booking_of_a_month_is_one_balanced_fact(desk: Rental) -> None:
    desk.renting()
    with desk.wiring.unit(write=False) as uow:
        rows = uow.session.exec(select(LedgerEntry)).all()
        assert {(row.kind, row.amount_cents) for row in rows} == {("sale_creator", 1_600), ("sale_platform", 399)}
        assert all(row.available_at for row in rows)
        assert uow.session.exec(select(Install)).one().is_rented
