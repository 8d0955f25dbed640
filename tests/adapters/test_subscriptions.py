"""The contract of gateways about monthly payments: the built-in one and Stripe, over real HTTP, keep the same promises."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from app.adapters.payments_local import LocalGateway
from app.adapters.payments_stripe import StripeGateway
from app.adapters.subscriptions_local import FAILS_LATER, add_months
from app.core.payments import PaymentRefused
from app.core.subscriptions import Discount, Gateway, Price, SubscriptionFacts, SubscriptionWish
from app.wiring import Wiring
from tests.support.clock import FrozenClock
from tests.support.fake_refusal import StripeRefusal
from tests.support.fake_stripe import KEY, SECRET, FakeStripe, fake_stripe

STARTER = Price("plan-starter-9900", "Agent Factory Starter", 9_900, "usd")
PRO = Price("plan-pro-29900", "Agent Factory Pro", 29_900, "usd")
BUSINESS = Price("plan-business-79900", "Agent Factory Business", 79_900, "usd")
CARD = "4242424242424242"


@dataclass
class Till:
    """A gateway, and the buyer, the card and the time on its other side."""

    gateway: Gateway
    clock: FrozenClock
    stripe: FakeStripe | None = None

    def subscribe(self, price: Price = STARTER, *, fails_later: bool = False) -> str:
        return self.begin(self.gateway.open_subscription(wish(price=price)).id, fails_later=fails_later)

    def begin(self, checkout_id: str, *, fails_later: bool = False) -> str:
        if self.stripe:
            self.stripe.subscribe(checkout_id)
            self.stripe.cards_fail = fails_later
        else:
            assert isinstance(self.gateway, LocalGateway)
            assert self.gateway.pay(checkout_id, card=FAILS_LATER if fails_later else CARD) == ""
        return self.at(checkout_id).subscription_id

    def pay(self, invoice_id: str) -> None:
        if self.stripe:
            self.stripe.cards_fail = False
            self.stripe.pay_invoice(invoice_id)
        else:
            assert isinstance(self.gateway, LocalGateway)
            assert self.gateway.pay(invoice_id, card=CARD) == ""

    def pay_again(self, invoice_id: str) -> None:
        """Whatever the page says to a payment that nobody owes."""
        with suppress(PaymentRefused, StripeRefusal):
            self.pay(invoice_id)

    def wait(self, **parts: float) -> None:
        self.clock.advance(**parts)
        if self.stripe:
            self.stripe.pass_time(**parts)

    def at(self, subject: str) -> SubscriptionFacts:
        found = self.gateway.subscription_facts(subject)
        assert found
        return found

    def states(self, subject: str) -> list[tuple[str, int]]:
        return [(one.state, one.paid_cents) for one in self.at(subject).invoices]


@pytest.fixture(params=["local", "stripe"])
def till(request: pytest.FixtureRequest, wiring: Wiring, clock: FrozenClock) -> Iterator[Till]:
    if request.param == "local":
        yield Till(LocalGateway(wiring.database, clock=clock, secret=lambda: "secret"), clock)
        return
    with fake_stripe() as fake:
        assert fake.server
        fake.now = clock.now()
        yield Till(StripeGateway(key=KEY, webhook_secret=SECRET, url=fake.server.url), clock, fake)


def wish(key: str = "k1", price: Price = STARTER) -> SubscriptionWish:
    return SubscriptionWish("order-1", key, price, "ada@example.com", "http://127.0.0.1/done", "http://127.0.0.1/back")


def test_a_checkout_is_open_until_its_first_month_is_paid(till: Till) -> None:
    checkout = till.gateway.open_subscription(wish())
    assert till.gateway.open_subscription(wish()) == checkout
    assert till.gateway.open_subscription(wish(key="k2")).id != checkout.id
    before = till.at(checkout.id)
    assert (before.state, before.reference, before.subscription_id, before.invoices) == ("open", "order-1", "", ())
    till.gateway.close_checkout(checkout.id)
    assert till.at(checkout.id).state == "expired"


def test_the_first_month_is_paid_with_an_invoice_that_says_what_for(till: Till) -> None:
    subject = till.subscribe()
    facts = till.at(subject)
    (invoice,) = facts.invoices
    assert (facts.state, facts.reference, facts.price_key, facts.is_cancelled) == ("active", "order-1", STARTER.key, False)
    assert (invoice.state, invoice.total_cents, invoice.paid_cents, invoice.price_key) == ("paid", 9_900, 9_900, STARTER.key)
    assert (invoice.period_start, invoice.period_end) == (till.clock.now(), add_months(till.clock.now(), 1))
    assert facts.period_end == invoice.period_end
    assert sum(line.amount_cents for line in invoice.lines) == 9_900
    assert invoice.number
    assert till.at(invoice.payment_id).subscription_id == subject


def test_every_month_is_billed_once(till: Till) -> None:
    subject = till.subscribe()
    till.wait(days=70)
    facts = till.at(subject)
    assert [one.paid_cents for one in facts.invoices] == [9_900] * 3
    assert [one.period_start for one in facts.invoices[1:]] == [one.period_end for one in facts.invoices[:-1]]
    assert len({one.id for one in facts.invoices}) == 3
    assert till.at(subject) == facts


def test_going_up_takes_what_was_previewed_and_the_next_month_in_full(till: Till) -> None:
    subject = till.subscribe()
    till.wait(days=10, hours=12)
    at = till.clock.now()
    shown = till.gateway.preview_change(subject, price=PRO, at=at)
    assert len(till.at(subject).invoices) == 1
    assert shown.due_cents == sum(line.amount_cents for line in shown.lines)
    part = 1 - timedelta(days=10, hours=12) / timedelta(days=31)
    assert abs(shown.due_cents - (29_900 - 9_900) * part) <= 1
    for _ in range(2):
        till.gateway.change_now(subject, price=PRO, at=at, key="c1")
    till.gateway.change_now(subject, price=PRO, at=at, key="another tab")
    facts = till.at(subject)
    assert [one.paid_cents for one in facts.invoices] == [9_900, shown.due_cents]
    assert (facts.invoices[1].price_key, facts.invoices[1].period_end) == (PRO.key, facts.invoices[0].period_end)
    assert till.gateway.preview_change(subject, price=PRO, at=at).due_cents == 0
    till.wait(days=25)
    assert till.states(subject)[-1] == ("paid", 29_900)


def test_a_card_that_refuses_the_difference_changes_nothing(till: Till) -> None:
    subject = till.subscribe(fails_later=True)
    before = till.at(subject)
    with pytest.raises(PaymentRefused, match="declined"):
        till.gateway.change_now(subject, price=PRO, at=till.clock.now(), key="c1")
    assert till.at(subject) == before


def test_going_down_costs_nothing_until_the_next_month(till: Till) -> None:
    subject = till.subscribe(PRO)
    till.wait(days=3)
    till.gateway.change_later(subject, price=STARTER)
    facts = till.at(subject)
    assert (facts.price_key, facts.invoices[-1].price_key, len(facts.invoices)) == (STARTER.key, PRO.key, 1)
    till.wait(days=30)
    assert till.states(subject) == [("paid", 29_900), ("paid", 9_900)]
    assert till.at(subject).invoices[-1].price_key == STARTER.key


def test_what_is_cancelled_ends_with_its_period_unless_it_is_taken_back(till: Till) -> None:
    subject = till.subscribe()
    till.gateway.cancel(subject)
    assert till.at(subject).is_cancelled
    till.gateway.change_later(subject, price=STARTER)
    assert not till.at(subject).is_cancelled
    till.gateway.cancel(subject)
    till.wait(days=32)
    assert (till.at(subject).state, len(till.at(subject).invoices)) == ("ended", 1)
    till.gateway.cancel(subject)
    till.gateway.end_now(subject)
    with pytest.raises(PaymentRefused):
        till.gateway.change_later(subject, price=PRO)


def test_a_failed_renewal_stays_open_with_a_way_to_pay_it(till: Till) -> None:
    subject = till.subscribe(fails_later=True)
    till.wait(days=32)
    facts = till.at(subject)
    assert (facts.state, till.states(subject)[-1]) == ("past_due", ("open", 0))
    assert facts.invoices[-1].pay_url
    till.pay(facts.invoices[-1].id)
    facts = till.at(subject)
    assert (facts.state, till.states(subject)[-1], facts.invoices[-1].pay_url) == ("active", ("paid", 9_900), "")
    till.wait(days=31)
    assert till.states(subject)[-1] == ("paid", 9_900)


def test_a_renewal_that_stays_unpaid_ends_it(till: Till) -> None:
    subject = till.subscribe(fails_later=True)
    till.wait(days=50)
    assert (till.at(subject).state, till.states(subject)) == ("ended", [("paid", 9_900), ("void", 0)])


def test_an_end_at_once_gives_nothing_back_and_bills_nothing_more(till: Till) -> None:
    subject = till.subscribe()
    till.gateway.end_now(subject)
    till.wait(days=40)
    assert (till.at(subject).state, till.states(subject)) == ("ended", [("paid", 9_900)])


def test_refunds_and_disputes_are_told_where_the_payment_is_asked_about(till: Till) -> None:
    payment = till.at(till.subscribe()).invoices[0].payment_id
    made = till.gateway.refund(payment, amount_cents=900, key="r1")
    assert till.gateway.refund(payment, amount_cents=900, key="r1") == made
    with pytest.raises(PaymentRefused):
        till.gateway.refund(payment, amount_cents=9_001, key="r2")
    other = till.stripe or till.gateway
    other.dispute(payment, "open")  # type: ignore[union-attr] - the fake's and the test gateway's own side
    (invoice,) = till.at(payment).invoices
    assert invoice.refunds == (made,)
    assert [(one.amount_cents, one.state) for one in invoice.disputes] == [(9_000, "open")]


def test_what_is_raised_in_the_second_of_its_payment_comes_after_it(till: Till) -> None:
    subject = till.subscribe()
    at = till.clock.now()
    for price in (PRO, BUSINESS):
        till.gateway.change_now(subject, price=price, at=at, key=f"to {price.key}")
    facts = till.at(subject)
    assert [one.price_key for one in facts.invoices] == [STARTER.key, PRO.key, BUSINESS.key]
    assert [one.paid_cents for one in facts.invoices] == [9_900, 20_000, 50_000]
    assert len({one.period_end for one in facts.invoices}) == 1
    assert till.at(facts.invoices[1].payment_id).invoices == facts.invoices


def test_months_that_begin_on_the_last_day_end_on_the_last_day(till: Till) -> None:
    till.wait(days=28, hours=11, minutes=59, seconds=59)  # 31 March, a second before midnight
    subject = till.subscribe()
    till.wait(days=95)
    ends = [(one.period_end.month, one.period_end.day, one.period_end.second) for one in till.at(subject).invoices]
    assert ends == [(4, 30, 59), (5, 31, 59), (6, 30, 59), (7, 31, 59)]


@pytest.mark.parametrize("seconds", [1, 10, 60, 150])
def test_a_raise_in_the_last_seconds_is_a_raise_whatever_it_costs(till: Till, seconds: int) -> None:
    subject = till.subscribe()
    end = till.at(subject).period_end
    assert end
    till.wait(seconds=(end - till.clock.now()).total_seconds() - seconds)
    shown = till.gateway.preview_change(subject, price=PRO, at=till.clock.now())
    till.gateway.change_now(subject, price=PRO, at=till.clock.now(), key="c1")
    raised = till.at(subject).invoices[-1]
    assert (raised.price_key, raised.paid_cents, raised.period_end) == (PRO.key, shown.due_cents, end)
    till.wait(seconds=seconds)
    assert till.states(subject)[-1] == ("paid", 29_900)


def test_a_moment_outside_of_the_period_is_refused(till: Till) -> None:
    subject = till.subscribe()
    before = till.clock.now() - timedelta(seconds=1)
    after = add_months(till.clock.now(), 1) + timedelta(seconds=1)
    for at in (before, after):
        with pytest.raises(PaymentRefused):
            till.gateway.preview_change(subject, price=PRO, at=at)
        with pytest.raises(PaymentRefused):
            till.gateway.change_now(subject, price=PRO, at=at, key=f"at {at}")
    assert till.states(subject) == [("paid", 9_900)]


def test_nothing_is_raised_while_a_renewal_is_not_paid(till: Till) -> None:
    subject = till.subscribe(fails_later=True)
    till.wait(days=32)
    before = till.at(subject)
    if till.stripe:
        till.stripe.cards_fail = False  # a card that is good again does not pay the open invoice by itself
    with pytest.raises(PaymentRefused):
        till.gateway.change_now(subject, price=PRO, at=till.clock.now(), key="c1")
    assert till.at(subject) == before
    till.pay(before.invoices[-1].id)
    till.gateway.change_now(subject, price=PRO, at=till.clock.now(), key="c2")
    assert till.at(subject).invoices[-1].price_key == PRO.key


def test_down_and_out_and_back_again_cost_nothing_and_leave_the_raise_what_it_was(till: Till) -> None:
    subject = till.subscribe(PRO)
    till.wait(days=2)
    at = till.clock.now()
    shown = till.gateway.preview_change(subject, price=BUSINESS, at=at)
    till.gateway.change_later(subject, price=STARTER)
    till.gateway.change_later(subject, price=PRO)
    till.gateway.cancel(subject)
    till.gateway.change_later(subject, price=PRO)
    assert till.gateway.preview_change(subject, price=BUSINESS, at=at) == shown
    till.gateway.change_now(subject, price=BUSINESS, at=at, key="c1")
    facts = till.at(subject)
    assert ([one.paid_cents for one in facts.invoices], facts.is_cancelled) == ([29_900, shown.due_cents], False)


def test_a_coupon_lasts_its_months_whatever_is_ended_and_kept(till: Till) -> None:
    checkout = till.gateway.open_subscription(replace(wish(), discount=Discount("SPRING", 4_000, 2)))
    subject = till.begin(checkout.id)
    till.gateway.cancel(subject)
    till.gateway.change_later(subject, price=STARTER)
    till.wait(days=70)
    assert [(one.paid_cents, one.discount_cents) for one in till.at(subject).invoices] == [(5_900, 4_000), (5_900, 4_000), (9_900, 0)]


def test_a_raise_that_is_given_back_is_told_beside_what_was_paid_before(till: Till) -> None:
    subject = till.subscribe()
    till.wait(seconds=1)
    till.gateway.change_now(subject, price=PRO, at=till.clock.now(), key="c1")
    raised = till.at(subject).invoices[-1]
    made = till.gateway.refund(raised.payment_id, amount_cents=raised.paid_cents, key="r1")
    facts = till.at(raised.payment_id)
    assert [one.refunds for one in facts.invoices] == [(), (made,)]
    assert facts.price_key == PRO.key


def test_each_raise_says_on_top_of_what_it_was_paid_whatever_goes_back(till: Till) -> None:
    subject = till.subscribe()
    for price in (PRO, STARTER, PRO, BUSINESS):
        till.wait(hours=1)
        if price == STARTER:
            till.gateway.change_later(subject, price=price)
        else:
            till.gateway.change_now(subject, price=price, at=till.clock.now(), key=f"to {price.key} at {till.clock.now()}")
    before = till.at(subject).invoices
    other = till.stripe or till.gateway
    other.dispute(before[0].payment_id, "lost")  # type: ignore[union-attr] - the fake's and the test gateway's own side
    facts = till.at(before[0].payment_id)
    assert [one.raised_from for one in facts.invoices] == ["", STARTER.key, STARTER.key, PRO.key]
    assert [[dispute.state for dispute in one.disputes] for one in facts.invoices] == [["lost"], [], [], []]
    assert ([one.paid_cents for one in facts.invoices], facts.state) == ([one.paid_cents for one in before], "active")
    till.wait(days=32)
    assert till.at(subject).invoices[-1].raised_from == ""


def test_an_invoice_that_is_paid_is_not_paid_again(till: Till) -> None:
    subject = till.subscribe(fails_later=True)
    till.wait(days=32)
    first, open_one = till.at(subject).invoices
    before = till.at(subject)
    till.pay_again(first.id)
    assert till.at(subject) == before
    till.wait(days=20)
    till.pay_again(first.id)
    assert (till.at(subject).state, till.states(subject)) == ("ended", [("paid", 9_900), ("void", 0)])
    till.pay_again(open_one.id)
    assert till.at(subject).state == "ended"


@pytest.mark.parametrize("subject", ["sub_nope", "cs_nope", "pi_nope", "", "in_nope", "sub_localsub_" + "0" * 24])
def test_nothing_is_known_of_a_subscription_that_is_not_there(till: Till, subject: str) -> None:
    assert till.gateway.subscription_facts(subject) is None
    assert till.gateway.facts(subject or "x") is None


def test_a_single_payment_is_no_subscription_and_the_other_way_round(till: Till) -> None:
    checkout = till.gateway.open_subscription(wish())
    assert till.gateway.facts(checkout.id) is None
    payment = till.at(till.subscribe()).invoices[0].payment_id
    assert till.gateway.facts(payment) is None


def test_stripe_tells_the_tax_of_an_invoice_and_makes_a_price_once() -> None:
    with fake_stripe() as fake:
        assert fake.server
        gateway = StripeGateway(key=KEY, webhook_secret=SECRET, url=fake.server.url)
        fake.tax_percent = 19
        fake.failures = ["", "lost"]  # the price was made, and the answer did not come
        fake.subscribe(gateway.open_subscription(wish()).id)
        again = StripeGateway(key=KEY, webhook_secret=SECRET, url=fake.server.url)
        facts = again.subscription_facts(again.open_subscription(wish()).id)
        assert facts
        (invoice,) = facts.invoices
        assert (invoice.total_cents, invoice.paid_cents, invoice.tax_cents) == (11_781, 11_781, 1_881)
        assert len(fake.prices) == 1


def test_lines_that_operators_put_on_an_invoice_change_nothing_of_what_it_pays_for() -> None:
    with fake_stripe() as fake:
        assert fake.server
        gateway = StripeGateway(key=KEY, webhook_secret=SECRET, url=fake.server.url)
        checkout = gateway.open_subscription(wish())
        fake.subscribe(checkout.id)
        (invoice,) = fake.invoices.values()
        period = {"start": 1, "end": 2}
        added = {"object": "line_item", "description": "Set-up", "amount": 50_000, "currency": "usd", "period": period, "pricing": None}
        for lines in ([added], [invoice["lines"]["data"][0], added], [added, invoice["lines"]["data"][0]]):
            invoice["lines"]["data"] = lines
            facts = gateway.subscription_facts(checkout.id)
            assert facts
            assert facts.invoices[0].price_key == (STARTER.key if len(lines) == 2 else "")
            assert (facts.invoices[0].period_end == facts.period_end) is (len(lines) == 2)


@pytest.mark.parametrize(
    ("kind", "thing", "subject"),
    [
        ("invoice.paid", {"id": "in_1", "object": "invoice", "parent": {"subscription_details": {"subscription": "sub_1"}}}, "sub_1"),
        ("invoice.paid", {"id": "in_1", "object": "invoice", "parent": None}, ""),
        ("customer.subscription.deleted", {"id": "sub_1", "object": "subscription"}, "sub_1"),
    ],
)
def test_events_about_subscriptions_lead_to_the_subscription(kind: str, thing: dict[str, object], subject: str) -> None:
    with fake_stripe() as fake:
        assert fake.server
        gateway = StripeGateway(key=KEY, webhook_secret=SECRET, url=fake.server.url)
        assert gateway.read_event(*fake.event(kind, thing)).subject == subject
