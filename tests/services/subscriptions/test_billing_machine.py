"""Orders, renewals, changes, refunds and disputes in every order, heard late, twice or not at all: the books are right."""

from contextlib import suppress
from datetime import datetime
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from app import subscribing
from app.adapters.subscriptions_local import FAILS_LATER
from app.core.errors import Conflict, Invalid
from app.core.payments import PaymentRefused
from app.core.subscriptions import SubscriptionFacts
from app.services.plans.catalogue import PLANS
from app.services.subscriptions import apply_subscription
from app.services.subscriptions.pricing import plan_of_price
from app.wiring import Wiring
from tests.support.billing import Desk
from tests.support.clock import FrozenClock
from tests.support.market import CARD

SOLD = st.sampled_from(["starter", "pro", "business"])


class Billing(RuleBasedStateMachine):
    """One workspace; `heard` are facts on their way, applied in any order and more than once."""

    wiring: Wiring
    clock: FrozenClock

    def __init__(self) -> None:
        super().__init__()
        self.desk = Desk(self.wiring, self.clock)
        self.before = self.desk.books
        self.checkouts: list[str] = []
        self.heard: list[tuple[SubscriptionFacts, datetime]] = []

    @rule(plan=SOLD)
    def order(self, plan: str) -> None:
        with suppress(Conflict):
            checkout = self.desk.order(plan).rsplit("/", 1)[-1]
            if checkout not in self.checkouts:  # the standing order's, opened once more
                self.checkouts.append(checkout)
        self.step()

    @precondition(lambda self: self.checkouts)
    @rule(data=st.data(), card=st.sampled_from([CARD, CARD, FAILS_LATER]))
    def pay(self, data: st.DataObject, card: str) -> None:
        with suppress(PaymentRefused):
            self.desk.gateway.pay(data.draw(st.sampled_from(self.checkouts)), card=card)
        self.step()

    @rule(plan=st.sampled_from(["free", "starter", "pro", "business"]))
    def change(self, plan: str) -> None:
        with suppress(Conflict, Invalid):
            self.desk.change(plan)
        self.step()

    @precondition(lambda self: self.checkouts)
    @rule(data=st.data(), share=st.floats(0.01, 1.1))
    def refund(self, data: st.DataObject, share: float) -> None:
        paid = self.paid(data)
        if paid:
            with suppress(PaymentRefused):
                cents = max(1, int(paid.paid_cents * share))
                self.desk.gateway.refund(paid.payment_id, amount_cents=cents, key=f"{paid.id}-{len(paid.refunds)}")
        self.step()

    @precondition(lambda self: self.checkouts)
    @rule(data=st.data(), state=st.sampled_from(["open", "lost", "won"]))
    def dispute(self, data: st.DataObject, state: str) -> None:
        paid = self.paid(data)
        states = [one.state for one in paid.disputes] if paid else ["over"]
        if states in ([], ["open"]) and sum(one.amount_cents for one in paid.refunds) < paid.paid_cents:
            self.desk.gateway.dispute(paid.payment_id, state if states else "open")
        self.step()

    @precondition(lambda self: self.checkouts)
    @rule(data=st.data())
    def news(self, data: st.DataObject) -> None:
        self.heard.append((self.now(data.draw(st.sampled_from(self.checkouts))), self.clock.now()))
        self.step()

    @precondition(lambda self: self.heard)
    @rule(data=st.data())
    def webhook(self, data: st.DataObject) -> None:
        facts, asked_at = data.draw(st.sampled_from(self.heard))
        with self.desk.wiring.unit() as uow:
            apply_subscription(uow, facts, asked_at=asked_at)

    @rule(days=st.integers(1, 40))
    def wait(self, days: int) -> None:
        self.clock.advance(days=days)

    @rule()
    def sweep(self) -> None:
        subscribing.ask_due(self.desk.wiring)
        self.step()

    @invariant()
    def the_platform_and_the_tax_office_have_what_the_gateway_holds(self) -> None:
        held, ours, tax = self.desk.books
        assert held == ours + tax >= 0

    def teardown(self) -> None:
        """Once all news is in, the books hold what came in and was not returned, and the plan is the one paid for last."""
        for checkout in self.checkouts:
            subscribing.hear_standing(self.desk.wiring, checkout)
        known = [self.now(checkout) for checkout in self.checkouts]
        self.end(known)
        paid = {one.id: one for facts in known for one in facts.invoices if one.state == "paid"}
        kept = {key: one.paid_cents - _returned(one) for key, one in paid.items()}
        assert self.desk.books[0] - self.before[0] == sum(kept.values())
        running = [facts for facts in known if facts.state in ("active", "past_due")]
        assert len(running) <= 1
        if running:
            grants = [one for one in running[0].invoices if one.state == "paid" and (kept[one.id] or _disputed(one) or not one.paid_cents)]
            newest = max(grants, key=lambda one: (one.period_end, one.issued_at), default=None)
            plan = plan_of_price(newest.price_key) if newest and newest.period_end > self.clock.now() else None
            assert plan is None or self.plan == plan.name
            assert newest or self.plan == PLANS["free"].name

    def end(self, known: list[SubscriptionFacts]) -> None:
        """The next example shares the database: what runs here must not renew there."""
        self.plan = self.desk.plan
        for facts in known:
            if facts.subscription_id:
                self.desk.gateway.end_now(facts.subscription_id)
                self.step()
                subscribing.hear_standing(self.desk.wiring, facts.subscription_id)

    def paid(self, data: st.DataObject) -> Any:
        invoices = [one for one in self.now(data.draw(st.sampled_from(self.checkouts))).invoices if one.paid_cents]
        return data.draw(st.sampled_from(invoices)) if invoices else None

    def now(self, checkout: str) -> SubscriptionFacts:
        facts = self.desk.gateway.subscription_facts(checkout)
        assert facts
        return facts

    def step(self) -> None:
        self.clock.advance(seconds=1)


def _disputed(invoice: Any) -> bool:
    return any(one.state == "open" for one in invoice.disputes)


def _returned(invoice: Any) -> int:
    return sum(one.amount_cents for one in invoice.refunds) + sum(one.amount_cents for one in invoice.disputes if one.state != "won")


CHECKS = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
PHASES = [Phase.explicit, Phase.reuse, Phase.generate]  # to shrink an example over a database takes minutes
SETTINGS = settings(max_examples=15, stateful_step_count=25, deadline=None, phases=PHASES, suppress_health_check=CHECKS)


def test_the_books_are_right_in_every_interleaving(wiring: Wiring, clock: FrozenClock) -> None:
    machine = type("BillingOfThisTest", (Billing,), {"wiring": wiring, "clock": clock})
    run_state_machine_as_test(machine, settings=SETTINGS)
