"""Paying for a plan: one order and one price whatever is clicked, settled by the gateway's word, up at once, down with the period."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from sqlmodel import select

from app import checkout, subscribing
from app.adapters.payments_stripe import StripeGateway
from app.core.errors import AppError, Conflict, Invalid, NotAllowed, NotFound
from app.core.payments import PaymentRefused, RefundFact
from app.core.uow import Actor
from app.jobs.billing import BillingWatch
from app.services.home import home_view
from app.services.payments.buying import PriceChanged
from app.services.plans import set_plan
from app.services.subscriptions import apply_subscription, get_invoice, get_payable, list_invoices
from app.services.subscriptions.changing import ChangePending
from app.services.subscriptions.opening import AlreadySubscribed
from app.services.subscriptions.reconciling import compare_invoice, standings_to_ask
from app.services.subscriptions.standing import GRACE, NoSubscription, PlanFixed
from models.ledger import LedgerEntry
from models.subscription import Subscription
from models.workspace import Role, Workspace
from tests.support.billing import Desk
from tests.support.clock import FrozenClock
from tests.support.fake_stripe import KEY, SECRET, fake_stripe
from tests.support.market import CARD
from tests.support.people import make_member


def test_a_plan_counts_from_the_payment_on_and_not_from_the_order(desk: Desk) -> None:
    url = desk.order("starter")
    assert (desk.plan, desk.billing.state, desk.books) == ("Free", "pending", (0, 0, 0))
    desk.pay(url)
    assert (desk.plan, desk.billing.state, desk.books) == ("Starter", "active", (9_900, 9_900, 0))
    assert desk.letters == ["Acme: Receipt for Plan Starter: $99.00"]


def test_a_second_click_and_a_second_tab_give_the_same_order(desk: Desk) -> None:
    with ThreadPoolExecutor(4) as pool:
        urls = set(pool.map(lambda _: desk.order("pro"), range(4)))
    assert len(urls) == 1
    desk.pay(urls.pop())
    with pytest.raises(AlreadySubscribed):
        desk.order("business")


@pytest.mark.parametrize("cents", [0, 1, 9_899, -9_900, 1e308, "9900", None, True, 99.0])
def test_a_price_the_client_names_never_counts(desk: Desk, cents: Any) -> None:
    with pytest.raises(PriceChanged):
        subscribing.order_plan(desk.wiring, desk.run, plan="starter", seen_cents=cents)


@pytest.mark.parametrize("plan", ["free", "enterprise", "gold", "", None, 1, {}, "plan-starter-1"])
def test_only_plans_with_a_price_above_everybodys_are_sold(desk: Desk, plan: Any) -> None:
    with pytest.raises(Invalid) as refused:
        subscribing.order_plan(desk.wiring, desk.run, plan=plan, seen_cents=0)
    assert refused.value.fields["plan"] == "Choose one of: starter, pro, business."
    desk.wiring = replace(desk.wiring, ports=replace(desk.wiring.ports, default_plan="pro"))
    assert desk.billing.sold == ("business",)


def test_another_choice_before_the_payment_closes_the_first_page(desk: Desk) -> None:
    first = desk.order("starter")
    second = desk.order("pro")
    assert first != second
    with pytest.raises(Invalid, match="closed"):
        desk.pay(first)
    desk.pay(second)
    assert (desk.plan, len(desk.invoices)) == ("Pro", 1)


def test_only_owners_pay_and_only_owners_and_admins_read_invoices(paying: Desk) -> None:
    with paying.wiring.unit() as uow:
        space = uow.session.get(Workspace, paying.owner.workspace_id)
        admin, member = (make_member(uow, role, workspace=space) for role in (Role.ADMIN, Role.MEMBER))
        stranger = make_member(uow, Role.OWNER)
    for actor in (admin, member):
        with pytest.raises(NotAllowed):
            _preview(paying, actor, "pro")
    assert len(paying.run_as(admin, list_invoices)) == 1
    with pytest.raises(NotAllowed):
        paying.run_as(member, list_invoices)
    invoice = str(paying.invoices[0].id)
    for foreign in (stranger,):
        assert paying.run_as(foreign, list_invoices) == ()
        with pytest.raises(NotFound):
            paying.run_as(foreign, get_invoice, invoice_id=invoice)
        with pytest.raises(NoSubscription):
            _preview(paying, foreign, "pro")
        with pytest.raises(NotFound):
            paying.run_as(foreign, get_payable, checkout_id=paying.standing.checkout_id)


def _preview(desk: Desk, actor: Actor, plan: str) -> Any:
    return subscribing.preview(desk.wiring, lambda service, **given: desk.run_as(actor, service, **given), plan=plan)


def test_going_up_charges_what_was_shown_and_gives_the_plan_at_once(paying: Desk) -> None:
    paying.clock.advance(days=10)
    shown = paying.preview("pro")
    assert (shown.kind, paying.plan, len(paying.invoices)) == ("up", "Starter", 1)
    part = 21 / 31
    assert shown.due_cents == pytest.approx(20_000 * part, abs=1)
    subscribing.change_plan(paying.wiring, paying.run, plan="pro", at=shown.at, seen_cents=shown.due_cents)
    assert (paying.plan, [one.paid_cents for one in paying.invoices]) == ("Pro", [9_900, shown.due_cents])
    assert paying.books[:2] == (9_900 + shown.due_cents,) * 2
    paying.wait(days=22)
    assert [one.paid_cents for one in paying.invoices] == [9_900, shown.due_cents, 29_900]


def test_what_was_not_shown_is_not_charged(paying: Desk) -> None:
    shown = paying.preview("pro")
    for cents in (shown.due_cents - 1, 0, str(shown.due_cents), None, True):
        with pytest.raises(PriceChanged):
            subscribing.change_plan(paying.wiring, paying.run, plan="pro", at=shown.at, seen_cents=cents)
    for moment in ("2026-03-03T12:00:00", "x", None, 5, shown.at.replace("+00:00", ".5+00:00")):
        with pytest.raises(Invalid):
            subscribing.change_plan(paying.wiring, paying.run, plan="pro", at=moment, seen_cents=shown.due_cents)
    paying.clock.advance(minutes=16)
    with pytest.raises(Conflict) as refused:
        subscribing.change_plan(paying.wiring, paying.run, plan="pro", at=shown.at, seen_cents=shown.due_cents)
    assert refused.value.error_code == "preview_too_old"
    assert (paying.plan, len(paying.invoices)) == ("Starter", 1)


def test_two_tabs_that_go_up_at_once_charge_once(paying: Desk) -> None:
    shown = paying.preview("pro")

    def confirm(_: int) -> str:
        try:
            subscribing.change_plan(paying.wiring, paying.run, plan="pro", at=shown.at, seen_cents=shown.due_cents)
        except AppError as refused:
            return refused.error_code
        return "done"

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(confirm, range(4)))
    assert "done" in answers
    assert set(answers) <= {"done", "same_plan", "price_changed"}
    assert [one.paid_cents for one in paying.invoices] == [9_900, shown.due_cents]
    assert paying.plan == "Pro"


def test_going_down_waits_for_the_period_and_can_be_taken_back(desk: Desk) -> None:
    desk.subscribe("pro")
    assert desk.change("starter").due_cents == 0
    assert (desk.plan, desk.billing.next_plan) == ("Pro", "Starter")
    with pytest.raises(ChangePending, match="Keep “Pro” first"):
        desk.preview("business")
    desk.change("pro")
    assert desk.billing.next_plan == ""
    desk.change("starter")
    desk.wait(days=32)
    assert (desk.plan, desk.billing.next_plan, [one.paid_cents for one in desk.invoices]) == ("Starter", "", [29_900, 9_900])
    with pytest.raises(Conflict) as refused:
        desk.preview("starter")
    assert refused.value.error_code == "same_plan"


def test_a_cancelled_plan_ends_with_its_period_to_the_second_and_bills_nothing_more(paying: Desk) -> None:
    paying.change("free")
    end = paying.paid_until()
    assert (paying.plan, paying.billing.is_cancelled) == ("Starter", True)
    paying.clock.advance(seconds=(end - paying.clock.now()).total_seconds() - 1)
    assert paying.plan == "Starter"
    paying.clock.advance(seconds=1)
    assert paying.plan == "Free"
    paying.wait(hours=1)
    assert (paying.billing.state, paying.standing.state, len(paying.invoices)) == ("", "ended", 1)
    assert "Acme: Plan Starter has ended" in paying.letters
    paying.subscribe("pro")
    assert paying.plan == "Pro"


def test_a_cancellation_can_be_taken_back(paying: Desk) -> None:
    paying.change("free")
    paying.change("starter")
    paying.wait(days=32)
    assert (paying.plan, [one.paid_cents for one in paying.invoices]) == ("Starter", [9_900, 9_900])


def test_a_failed_renewal_has_days_of_grace_and_is_told_once(desk: Desk) -> None:
    desk.subscribe("starter", fails_later=True)
    end = desk.paid_until()
    desk.wait(days=32)
    for _ in range(3):
        desk.wait(hours=7)
    told = [subject for subject in desk.letters if "refused" in subject]
    assert (desk.plan, desk.billing.state, told) == ("Starter", "past_due", ["Acme: The payment for Plan Starter was refused"])
    assert desk.billing.grace_until == end + GRACE
    assert any("did not go through" in notice.title for notice in desk.run(home_view).notices)
    with pytest.raises(ChangePending, match="open"):
        desk.preview("pro")
    desk.clock.advance(seconds=(end + GRACE - desk.clock.now()).total_seconds())
    assert desk.plan == "Free"
    desk.pay(desk.billing.pay_url)
    assert (desk.plan, desk.billing.state, desk.billing.pay_url) == ("Starter", "active", "")
    assert desk.books[0] == 19_800


def test_a_plan_that_stays_unpaid_ends(desk: Desk) -> None:
    desk.subscribe("starter", fails_later=True)
    desk.wait(days=32)
    for _ in range(20):
        desk.wait(days=1)
    assert (desk.plan, desk.billing.state, [one.state for one in desk.invoices]) == ("Free", "", ["paid", "void"])
    assert desk.books == (9_900, 9_900, 0)


def test_a_late_renewal_does_not_take_the_plan_away(paying: Desk) -> None:
    paying.clock.advance(seconds=(paying.paid_until() - paying.clock.now()).total_seconds() + 3_600)
    assert paying.plan == "Starter"
    assert subscribing.ask_due(paying.wiring) == 1
    assert subscribing.ask_due(paying.wiring) == 0
    assert len(paying.invoices) == 2


def test_a_replayed_event_and_old_news_change_nothing(paying: Desk) -> None:
    subject = str(paying.standing.checkout_id)
    old, asked_at = paying.gateway.subscription_facts(subject), paying.clock.now()
    paying.clock.advance(seconds=5)
    paying.change("free")
    event = paying.gateway.event("invoice.paid", subject)
    for _ in range(2):
        checkout.deliver(paying.wiring, body=event[0], signature=event[1])
    with paying.wiring.unit() as uow:
        apply_subscription(uow, old, asked_at=asked_at)
    assert paying.billing.is_cancelled
    assert (len(paying.invoices), paying.books[0], len(paying.letters)) == (1, 9_900, 1)


@pytest.mark.parametrize("change", [{"reference": "x"}, {"checkout_id": "cs_other"}, {"subscription_id": "sub_other"}])
def test_news_with_swapped_marks_settles_nothing(desk: Desk, change: dict[str, str]) -> None:
    url = desk.order("starter")
    desk.gateway.pay(url.rsplit("/", 1)[-1], card=CARD)
    facts = desk.gateway.subscription_facts(url.rsplit("/", 1)[-1])
    if "subscription_id" in change:
        with desk.wiring.unit() as uow:
            apply_subscription(uow, facts, asked_at=desk.clock.now())
        assert desk.plan == "Starter"
        facts = replace(facts, invoices=(replace(facts.invoices[0], id="in_other"),))
    with desk.wiring.unit() as uow:
        assert apply_subscription(uow, replace(facts, **change), asked_at=desk.clock.now()) is None
    assert desk.books[0] == (9_900 if "subscription_id" in change else 0)


@pytest.mark.parametrize("change", [{"total_cents": 1}, {"currency": "jpy"}, {"price_key": "plan-business-79900"}])
def test_a_first_invoice_for_something_else_settles_nothing(desk: Desk, change: dict[str, Any]) -> None:
    url = desk.order("starter")
    desk.gateway.pay(url.rsplit("/", 1)[-1], card=CARD)
    facts = desk.gateway.subscription_facts(url.rsplit("/", 1)[-1])
    forged = replace(facts, invoices=(replace(facts.invoices[0], **change),))
    with desk.wiring.unit() as uow:
        assert apply_subscription(uow, forged, asked_at=desk.clock.now()) is None
    assert (desk.plan, desk.books) == ("Free", (0, 0, 0))


def test_taxes_are_the_tax_offices_and_partial_refunds_return_exactly_what_each_was_given(desk: Desk) -> None:
    url = desk.order("starter")
    desk.gateway.pay(url.rsplit("/", 1)[-1], card=CARD)
    facts = desk.gateway.subscription_facts(url.rsplit("/", 1)[-1])
    taxed = replace(facts.invoices[0], total_cents=11_781, paid_cents=11_781, tax_cents=1_881)
    with desk.wiring.unit() as uow:
        apply_subscription(uow, replace(facts, invoices=(taxed,)), asked_at=desk.clock.now())
    assert desk.books == (11_781, 9_900, 1_881)
    refunds = tuple(RefundFact(f"re_{n}", cents) for n, cents in enumerate((1, 3, 99, 5_000)))
    with desk.wiring.unit() as uow:
        apply_subscription(uow, replace(facts, invoices=(replace(taxed, refunds=refunds),)), asked_at=desk.clock.now())
    held, ours, tax = desk.books
    assert held == 11_781 - 5_103 == ours + tax
    assert desk.plan == "Starter"
    rest = RefundFact("re_rest", 11_781 - 5_103)
    with desk.wiring.unit() as uow:
        apply_subscription(uow, replace(facts, invoices=(replace(taxed, refunds=(*refunds, rest)),)), asked_at=desk.clock.now())
    assert (desk.books, desk.plan) == ((0, 0, 0), "Free")


def test_a_lost_dispute_takes_the_plan_and_a_won_one_gives_it_back(paying: Desk) -> None:
    payment = paying.invoices[0].payment_id
    for state, held, plan in (("open", 0, "Starter"), ("lost", 0, "Free")):
        paying.gateway.dispute(payment, state)
        subscribing.hear_standing(paying.wiring, payment)
        assert (paying.books[0], paying.plan) == (held, plan)
    paying.gateway.dispute(payment, "won")
    subscribing.hear_standing(paying.wiring, payment)
    assert (paying.books[0], paying.plan) == (9_900, "Starter")


def test_what_operators_choose_comes_first_and_cannot_be_bought_away(paying: Desk) -> None:
    paying.run(set_plan, workspace=str(paying.owner.workspace_id), plan="enterprise")
    assert (paying.plan, paying.billing.is_fixed, paying.billing.can_buy) == ("Enterprise", True, False)
    for act in (lambda: paying.order("pro"), lambda: paying.preview("pro")):
        with pytest.raises(PlanFixed):
            act()
    paying.run(set_plan, workspace=str(paying.owner.workspace_id), plan="default")
    assert paying.plan == "Starter"


@pytest.mark.parametrize("before", ["starter", "pro going down to starter"])
def test_nobody_goes_on_paying_because_operators_chose_the_plan(desk: Desk, before: str) -> None:
    plan, _, coming = before.partition(" going down to ")
    desk.subscribe(plan)
    if coming:
        desk.change(coming)
    desk.run(set_plan, workspace=str(desk.owner.workspace_id), plan="enterprise")
    assert desk.change("free").kind == "cancel"
    desk.wait(days=40)
    assert (len(desk.invoices), desk.standing.state, desk.plan) == (1, "ended", "Enterprise")


def test_a_card_that_refuses_the_difference_leaves_the_plan(desk: Desk) -> None:
    desk.subscribe("starter", fails_later=True)
    shown = desk.preview("pro")
    with pytest.raises(checkout.GatewaySaidNo, match="declined"):
        subscribing.change_plan(desk.wiring, desk.run, plan="pro", at=shown.at, seen_cents=shown.due_cents)
    assert (desk.plan, len(desk.invoices)) == ("Starter", 1)


def test_a_gateway_that_is_away_in_the_sweep_is_asked_again_later(paying: Desk) -> None:
    class Away:
        mode = "test"

        def subscription_facts(self, subject: str) -> None:
            raise PaymentRefused(subject)

    gateway = paying.gateway
    paying.wiring = replace(paying.wiring, ports=replace(paying.wiring.ports, payments=Away()))  # type: ignore[arg-type]
    assert paying.wait(days=32) == 1
    assert len(paying.invoices) == 1
    paying.wiring = replace(paying.wiring, ports=replace(paying.wiring.ports, payments=gateway))
    assert paying.wait(minutes=1) == 0
    assert paying.wait(minutes=30) == 1
    assert len(paying.invoices) == 2


def test_an_invoice_is_a_document_whose_lines_sum_to_its_total(paying: Desk) -> None:
    paying.clock.advance(days=3)
    paying.change("pro")
    rows = paying.run(list_invoices)
    assert [row.state for row in rows] == ["paid", "paid"]
    document = paying.run(get_invoice, invoice_id=rows[0].id)
    assert (len(document.lines), document.buyer, document.row.is_test, document.tax) == (2, "Acme", True, "")
    assert document.net == document.row.total == document.row.paid
    with paying.wiring.unit(write=False) as uow:
        assert len(uow.session.exec(select(LedgerEntry)).all()) == len({row.payment_id for row in paying.invoices}) == 2
        assert len(uow.session.exec(select(Subscription)).all()) == 1


def test_workers_look_for_what_fell_due(paying: Desk) -> None:
    assert BillingWatch(paying.wiring).look() == 0
    paying.clock.advance(days=32)
    assert BillingWatch(paying.wiring).look() == 1
    assert len(paying.invoices) == 2
    closed = replace(paying.wiring, ports=replace(paying.wiring.ports, payments=None))
    assert BillingWatch(closed).look() == 0


def test_books_and_gateway_are_compared_and_differences_are_named(paying: Desk) -> None:
    payment = paying.invoices[0].payment_id
    paying.gateway.refund(payment, amount_cents=900, key="r1")

    def found() -> list[str]:
        (fact,) = paying.gateway.subscription_facts(payment).invoices
        return [paying.run(compare_invoice, fact=fact), paying.run(compare_invoice, fact=replace(fact, paid_cents=1))]

    assert found()[0] == "the ledger holds 9900 cents, the gateway 9000"
    subscribing.hear_standing(paying.wiring, payment)
    assert found() == ["", "it is paid with 9900 usd here, and paid with 1 usd there"]
    assert paying.run(standings_to_ask, mode="test") == [paying.standing.subscription_id]
    assert paying.run(standings_to_ask, mode="live") == []


def test_what_was_paid_with_test_cards_ends_once_real_money_is_taken(paying: Desk, clock: FrozenClock) -> None:
    with fake_stripe() as fake:
        assert fake.server
        real = StripeGateway(key=KEY, webhook_secret=SECRET, url=fake.server.url)
        real.mode = "live"
        live = Desk(paying.wiring, clock, gateway=real)
        live.owner = paying.owner
        for _ in range(8):
            live.wait(days=7)
        assert (live.standing.state, live.billing.plan, live.plan) == ("ended", "", "Free")
        assert live.order("starter")
