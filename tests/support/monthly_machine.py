"""What happens to monthly payments, in any order: cards, refunds, disputes, time, and news heard late, twice or not at all."""

from contextlib import suppress
from datetime import datetime
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from app import subscribing
from app.adapters.subscriptions_local import FAILS_LATER
from app.core.payments import PaymentRefused
from app.core.subscriptions import SubscriptionFacts
from app.services.subscriptions import apply_subscription
from app.wiring import Wiring
from tests.support.billing import Desk
from tests.support.clock import FrozenClock
from tests.support.market import CARD

CHECKS = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
PHASES = [Phase.explicit, Phase.reuse, Phase.generate]  # to shrink an example over a database takes minutes
SETTINGS = settings(max_examples=15, stateful_step_count=25, deadline=None, phases=PHASES, suppress_health_check=CHECKS)


class MonthlyPayments(RuleBasedStateMachine):
    """`checkouts` are those that were opened; `heard` are facts on their way, applied in any order and more than once."""

    wiring: Wiring
    clock: FrozenClock
    desk: Desk

    def __init__(self) -> None:
        super().__init__()
        self.checkouts: list[str] = []
        self.heard: list[tuple[SubscriptionFacts, datetime]] = []

    @precondition(lambda self: self.checkouts)
    @rule(data=st.data(), card=st.sampled_from([CARD, CARD, FAILS_LATER]))
    def pay(self, data: st.DataObject, card: str) -> None:
        with suppress(PaymentRefused):
            self.desk.gateway.pay(data.draw(st.sampled_from(self.checkouts)), card=card)
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

    def opened(self, url: str) -> None:
        """Remember a checkout; the standing order's may be opened once more."""
        checkout = url.rsplit("/", 1)[-1]
        if checkout not in self.checkouts:
            self.checkouts.append(checkout)

    def hear_all(self) -> list[SubscriptionFacts]:
        """All news comes in; returns how everything stands."""
        for checkout in self.checkouts:
            subscribing.hear_standing(self.desk.wiring, checkout)
        return [self.now(checkout) for checkout in self.checkouts]

    def end_all(self, known: list[SubscriptionFacts]) -> None:
        """The next example shares the database: what runs here must not renew there."""
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


def is_disputed(invoice: Any) -> bool:
    """Whether a bank has not decided yet."""
    return any(one.state == "open" for one in invoice.disputes)


def returned(invoice: Any) -> int:
    """What of it went back, for good or for the time being."""
    return sum(one.amount_cents for one in invoice.refunds) + sum(one.amount_cents for one in invoice.disputes if one.state != "won")


def kept_of(known: list[SubscriptionFacts]) -> dict[str, tuple[Any, int]]:
    """Every paid invoice with what of it stays."""
    paid = [one for facts in known for one in facts.invoices if one.state == "paid"]
    return {one.id: (one, one.paid_cents - returned(one)) for one in paid}
