"""The contract of payment gateways: the built-in one and Stripe (real HTTP, a stateful fake behind it) keep the same promises."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from app.adapters.payments_local import CARDS, LocalGateway
from app.adapters.payments_stripe import StripeGateway
from app.core.clock import SystemClock
from app.core.errors import Unavailable
from app.core.payments import CheckoutWish, EventRefused, PaymentGateway, PaymentRefused
from app.wiring import Wiring
from tests.support.fake_stripe import KEY, SECRET, FakeStripe, fake_stripe

GOOD_CARD = "4242 4242 4242 4242"


@dataclass
class Till:
    """A gateway, and the buyer and the bank on its other side."""

    gateway: PaymentGateway
    stripe: FakeStripe | None = None

    def pay(self, checkout_id: str) -> None:
        if self.stripe:
            self.stripe.pay(checkout_id)
        else:
            assert isinstance(self.gateway, LocalGateway)
            assert self.gateway.pay(checkout_id, card=GOOD_CARD) == ""

    def dispute(self, payment_id: str, state: str) -> None:
        other: Any = self.stripe or self.gateway
        other.dispute(payment_id, state)

    def event(self, checkout_id: str) -> tuple[bytes, str]:
        if self.stripe:
            return self.stripe.event("checkout.session.completed", self.stripe.sessions[checkout_id])
        assert isinstance(self.gateway, LocalGateway)
        return self.gateway.event("checkout.session.completed", checkout_id)


def make_stripe(fake: FakeStripe) -> StripeGateway:
    assert fake.server
    return StripeGateway(key=KEY, webhook_secret=SECRET, url=fake.server.url)


@pytest.fixture(params=["local", "stripe"])
def till(request: pytest.FixtureRequest, wiring: Wiring) -> Iterator[Till]:
    if request.param == "local":
        yield Till(LocalGateway(wiring.database, clock=SystemClock(), secret=lambda: "secret"))
        return
    with fake_stripe() as fake:
        yield Till(make_stripe(fake), fake)


def wish(key: str = "k1", cents: int = 1999) -> CheckoutWish:
    urls = {"success_url": "http://127.0.0.1/done", "cancel_url": "http://127.0.0.1/back"}
    return CheckoutWish(reference="order-1", key=key, title="Triage", amount_cents=cents, currency="usd", email="ada@example.com", **urls)


def paid(till: Till) -> tuple[str, str]:
    checkout = till.gateway.open_checkout(wish())
    till.pay(checkout.id)
    facts = till.gateway.facts(checkout.id)
    assert facts
    return checkout.id, facts.payment_id


def test_a_checkout_is_open_until_it_is_paid(till: Till) -> None:
    checkout = till.gateway.open_checkout(wish())
    assert checkout.url
    before = till.gateway.facts(checkout.id)
    assert before
    assert (before.state, before.reference, before.amount_cents, before.currency, before.payment_id) == ("open", "order-1", 1999, "usd", "")
    till.pay(checkout.id)
    after = till.gateway.facts(checkout.id)
    assert after
    assert after.state == "paid"
    assert till.gateway.facts(after.payment_id) == after


def test_the_same_key_opens_one_checkout(till: Till) -> None:
    assert till.gateway.open_checkout(wish()) == till.gateway.open_checkout(wish())
    assert till.gateway.open_checkout(wish(key="k2")).id != till.gateway.open_checkout(wish()).id


def test_a_closed_checkout_expires_and_a_paid_one_stays_paid(till: Till) -> None:
    checkout = till.gateway.open_checkout(wish(key="k2"))
    till.gateway.close_checkout(checkout.id)
    till.gateway.close_checkout(checkout.id)
    facts = till.gateway.facts(checkout.id)
    assert facts
    assert facts.state == "expired"
    paid_id, _ = paid(till)
    till.gateway.close_checkout(paid_id)
    kept = till.gateway.facts(paid_id)
    assert kept
    assert kept.state == "paid"


def test_refunds_add_up_to_the_payment_and_never_beyond(till: Till) -> None:
    checkout_id, payment_id = paid(till)
    first = till.gateway.refund(payment_id, amount_cents=999, key="r1")
    assert till.gateway.refund(payment_id, amount_cents=999, key="r1") == first
    with pytest.raises(PaymentRefused):
        till.gateway.refund(payment_id, amount_cents=1001, key="r2")
    second = till.gateway.refund(payment_id, amount_cents=1000, key="r3")
    facts = till.gateway.facts(checkout_id)
    assert facts
    assert facts.refunds == (first, second)


def test_a_disputed_payment_is_not_refunded_and_tells_how_it_ended(till: Till) -> None:
    checkout_id, payment_id = paid(till)
    till.dispute(payment_id, "open")
    with pytest.raises(PaymentRefused):
        till.gateway.refund(payment_id, amount_cents=1, key="r1")
    states: list[str] = []
    for state in ("open", "lost", "won"):
        till.dispute(payment_id, state)
        facts = till.gateway.facts(checkout_id)
        assert facts
        (dispute,) = facts.disputes
        assert dispute.amount_cents == 1999
        states.append(dispute.state)
    assert states == ["open", "lost", "won"]


def test_a_bank_that_only_asks_has_taken_nothing(till: Till) -> None:
    checkout_id, payment_id = paid(till)
    for word in ("warning_needs_response", "warning_under_review") if till.stripe else ("inquiry",):
        till.dispute(payment_id, word)
        facts = till.gateway.facts(checkout_id)
        assert facts
        assert [one.state for one in facts.disputes] == ["inquiry"]
    assert till.gateway.refund(payment_id, amount_cents=1, key="r1").amount_cents == 1, "which ends an inquiry best"


@pytest.mark.parametrize("subject", ["", "cs_nope", "pi_nope"])
def test_nothing_is_known_of_a_payment_that_is_not_there(till: Till, subject: str) -> None:
    assert till.gateway.facts(subject or "cs_") is None


def test_an_event_is_read_when_its_signature_fits(till: Till) -> None:
    checkout_id, _ = paid(till)
    body, signature = till.event(checkout_id)
    event = till.gateway.read_event(body, signature)
    assert (event.kind, event.subject) == ("checkout.session.completed", checkout_id)
    assert event.id


@pytest.mark.parametrize("spoil", ["body", "signature", "missing", "old", "garbage"])
def test_an_event_is_refused_when_anything_of_it_is_wrong(till: Till, spoil: str) -> None:
    checkout_id, _ = paid(till)
    body, signature = till.event(checkout_id)
    stamp = signature.split(",")[0]
    wrong = {
        "body": (body.replace(b"completed", b"expired"), signature),
        "signature": (body, f"{stamp},v1={'0' * 64}"),
        "missing": (body, ""),
        "old": (body, signature.replace(stamp, f"t={int(stamp[2:]) - 3600}")),
        "garbage": (body, "t=\u00b2,v1=\u00e9,=,,"),
    }
    with pytest.raises(EventRefused):
        till.gateway.read_event(*wrong[spoil])


def test_a_creator_gets_an_account_and_one_transfer_per_key(till: Till) -> None:
    wanted = {"account_id": "", "reference": "ws-1", "email": "c@example.com", "return_url": "http://127.0.0.1/back"}
    account = till.gateway.open_account(**wanted)
    assert account.url
    assert (
        till.gateway.open_account(account_id="", reference="ws-1", email="c@example.com", return_url="http://127.0.0.1/back").id
        == account.id
    )
    if till.stripe:
        with pytest.raises(PaymentRefused):
            till.gateway.transfer(account.id, amount_cents=500, currency="usd", key="early")
        assert till.gateway.account(account.id).asks == ("your bank account", "a proof of identity", "more about you or your business")
        till.stripe.accounts[account.id]["requirements"] = {
            "currently_due": [],
            "pending_verification": ["individual.verification.document"],
        }
        assert (till.gateway.account(account.id).asks, till.gateway.account(account.id).is_checking) == ((), True)
        till.stripe.accounts[account.id]["payouts_enabled"] = True
    assert till.gateway.account(account.id).is_ready
    made = till.gateway.transfer(account.id, amount_cents=500, currency="usd", key="t1")
    assert till.gateway.transfer(account.id, amount_cents=500, currency="usd", key="t1") == made
    assert till.gateway.transfer(account.id, amount_cents=500, currency="usd", key="t2") != made


@pytest.mark.parametrize(("status", "state"), [("processing", "open"), ("requires_payment_method", "expired"), ("canceled", "expired")])
def test_a_payment_by_bank_that_fails_days_later_ends_its_checkout(status: str, state: str) -> None:
    with fake_stripe() as fake:
        gateway = make_stripe(fake)
        checkout = gateway.open_checkout(wish())
        fake.pay_by_bank(checkout.id, status)
        facts = gateway.facts(checkout.id)
        assert facts
        assert (facts.state, facts.payment_id) == (state, "")


def test_a_transfer_whose_answer_was_lost_is_found_after_stripe_has_forgotten_its_key() -> None:
    with fake_stripe() as fake:
        gateway = make_stripe(fake)
        account = gateway.open_account(account_id="", reference="ws-1", email="c@example.com", return_url="http://127.0.0.1/back")
        fake.accounts[account.id]["payouts_enabled"] = True
        made = gateway.transfer(account.id, amount_cents=500, currency="usd", key="t1")
        fake.forget_keys()
        assert gateway.transfer(account.id, amount_cents=500, currency="usd", key="t1") == made
        assert len(fake.transfers) == 1


@pytest.mark.parametrize("faults", [["500"], ["lost"], ["lost", "500"]])
def test_stripe_is_asked_again_and_still_acts_once(faults: list[str]) -> None:
    with fake_stripe() as fake:
        gateway = make_stripe(fake)
        fake.failures = list(faults)
        gateway.open_checkout(wish())
        assert len(fake.sessions) == 1
        assert len(fake.calls) == len(faults) + 1


def test_a_stripe_that_stays_away_is_unavailable_and_no_detail_leaks() -> None:
    with fake_stripe() as fake:
        gateway = make_stripe(fake)
        fake.failures = ["500"] * 3
        with pytest.raises(Unavailable) as refused:
            gateway.open_checkout(wish())
        assert KEY not in refused.value.message


def test_live_and_connected_account_events_do_not_count_here() -> None:
    with fake_stripe() as fake:
        gateway = make_stripe(fake)
        thing = {"id": "cs_1", "object": "checkout.session"}
        with pytest.raises(EventRefused):
            gateway.read_event(*fake.event("checkout.session.completed", thing, livemode=True))
        with pytest.raises(EventRefused):
            gateway.read_event(*fake.event("checkout.session.completed", thing, secret="whsec_other"))
        assert gateway.read_event(*fake.event("checkout.session.completed", thing, account="acct_1")).subject == ""
        assert gateway.read_event(*fake.event("payout.paid", {"id": "po_1", "object": "payout"})).subject == ""


def test_only_the_test_cards_pay_and_a_closed_page_takes_none(wiring: Wiring) -> None:
    gateway = LocalGateway(wiring.database, clock=SystemClock(), secret=lambda: "secret")
    checkout = gateway.open_checkout(wish())
    refusals = [gateway.pay(checkout.id, card=card) for card in (*[card for card, why in CARDS.items() if why], "5555555555554444", "")]
    assert all(refusals)
    facts = gateway.facts(checkout.id)
    assert facts
    assert facts.state == "open"
    gateway.close_checkout(checkout.id)
    with pytest.raises(PaymentRefused):
        gateway.pay(checkout.id, card=GOOD_CARD)
