"""Plans ordered, renewed, changed, refunded and disputed in every order, heard late, twice or not at all: the books are right."""

from contextlib import suppress

from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule, run_state_machine_as_test

from app.core.errors import Conflict, Invalid
from app.core.subscriptions import InvoiceFact
from app.services.plans.catalogue import PLANS
from app.services.subscriptions.pricing import plan_of_price
from app.wiring import Wiring
from tests.support.billing import Desk
from tests.support.clock import FrozenClock
from tests.support.monthly_machine import SETTINGS, MonthlyPayments, is_disputed, kept_of

SOLD = st.sampled_from(["starter", "pro", "business"])


class Billing(MonthlyPayments):
    """One workspace and its plan."""

    def __init__(self) -> None:
        super().__init__()
        self.desk = Desk(self.wiring, self.clock)
        self.before = self.desk.books

    @rule(plan=SOLD)
    def order(self, plan: str) -> None:
        with suppress(Conflict):
            self.opened(self.desk.order(plan))
        self.step()

    @rule(plan=st.sampled_from(["free", "starter", "pro", "business"]))
    def change(self, plan: str) -> None:
        with suppress(Conflict, Invalid):
            self.desk.change(plan)
        self.step()

    @invariant()
    def the_platform_and_the_tax_office_have_what_the_gateway_holds(self) -> None:
        held, ours, tax = self.desk.books
        assert held == ours + tax >= 0

    def teardown(self) -> None:
        """Once all news is in, the books hold what came in and was not returned, and the plan is the one paid for last."""
        known = self.hear_all()
        plan_now = self.desk.plan
        self.end_all(known)
        kept = kept_of(known)
        assert self.desk.books[0] - self.before[0] == sum(cents for _, cents in kept.values())
        running = [facts for facts in known if facts.state in ("active", "past_due")]
        assert len(running) <= 1
        if running:
            paid = [one for one in running[0].invoices if one.state == "paid"]
            grants = [one for one in paid if kept[one.id][1] or is_disputed(one) or not one.paid_cents]
            newest = max(standing_of(grants), key=lambda one: (one.period_end, one.issued_at), default=None)
            plan = plan_of_price(newest.price_key) if newest and newest.period_end > self.clock.now() else None
            assert plan is None or plan_now == plan.name
            assert newest or plan_now == PLANS["free"].name


def standing_of(grants: list[InvoiceFact]) -> list[InvoiceFact]:
    """Those that count: a raise is none where nothing is paid of what it was raised from."""
    found: list[InvoiceFact] = []
    for one in sorted(grants, key=lambda each: each.issued_at):
        below = [each for each in found if (each.period_end, each.price_key) == (one.period_end, one.raised_from)]
        if below or not one.raised_from:
            found.append(one)
    return found


def test_the_books_are_right_in_every_interleaving(wiring: Wiring, clock: FrozenClock) -> None:
    machine = type("BillingOfThisTest", (Billing,), {"wiring": wiring, "clock": clock})
    run_state_machine_as_test(machine, settings=SETTINGS)
