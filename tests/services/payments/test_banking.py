"""A bank refuses what the gateway sent it: the seller hears of it once, the money's truth stays, and it is sent again."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from sqlmodel import select

from app import checkout
from app.adapters.payments_local import LocalGateway
from app.adapters.payments_stripe import StripeGateway
from app.core.errors import AppError, NotAllowed, Unavailable
from app.core.payments import BankPayoutFact, EventRefused, PaymentRefused
from app.services.market import get_earnings
from app.services.payments.banking import SentAgain, follow_bank_payout
from app.services.payments.ledger import GATEWAY, balance
from app.wiring import Wiring
from models.account import Mail
from models.purchase import BankPayout, PaymentEvent, PayoutAccount
from models.workspace import Role
from tests.support.clock import FrozenClock
from tests.support.fake_stripe import KEY, SECRET, FakeStripe, fake_stripe
from tests.support.people import make_member, make_workspace

CONNECT = "whsec_" + "connect" * 4


class Bank:
    """A creator with an account at a gateway, and the bank behind it."""

    def __init__(self, wiring: Wiring, clock: FrozenClock, stripe: FakeStripe | None) -> None:
        if stripe is None:
            self.gateway: Any = LocalGateway(wiring.database, clock=clock, secret=lambda: "secret")
        else:
            assert stripe.server
            self.gateway = StripeGateway(key=KEY, webhook_secret=SECRET, url=stripe.server.url, connect_secret=CONNECT)
        self.stripe = stripe
        self.wiring = replace(wiring, ports=replace(wiring.ports, payments=self.gateway))
        opened = self.gateway.open_account(account_id="", reference="ws", email="c@example.com", return_url="http://127.0.0.1/")
        self.account = opened.id
        with self.wiring.unit() as uow:
            self.owner = make_member(uow, Role.OWNER, workspace=make_workspace(uow))
            row = PayoutAccount(workspace_id=self.owner.workspace_id, account_id=self.account, mode="test", claim="x", is_ready=True)
            uow.session.add(row)

    def run(self, service: Any, **arguments: Any) -> Any:
        with self.wiring.unit(self.owner) as uow:
            return service(uow, **arguments)

    def payout(self, payout_id: str, state: str, *, cents: int = 1_600, secret: str = CONNECT) -> None:
        """The bank does something, and the gateway tells it."""
        reason = "The account is closed" if state == "failed" else ""
        if self.stripe is None:
            self.gateway.play_bank(self.account, payout_id, amount_cents=cents, state=state, reason=reason)
            body, signature = self.gateway.event(f"payout.{state}", payout_id, account=self.account)
        else:
            self.stripe.accounts[self.account]["payouts_enabled"] = state != "failed"
            thing = self.stripe.play_bank(self.account, payout_id, amount=cents, status=state, reason=reason)
            body, signature = self.stripe.event(f"payout.{state}", thing, account=self.account, secret=secret)
        checkout.deliver(self.wiring, body=body, signature=signature)

    def rows(self) -> list[BankPayout]:
        with self.wiring.unit(write=False) as uow:
            found = list(uow.session.exec(select(BankPayout).order_by(BankPayout.id)))  # type: ignore[arg-type]
            uow.session.expunge_all()
            return found

    def letters(self) -> list[str]:
        with self.wiring.unit(write=False) as uow:
            return [row.subject for row in uow.session.exec(select(Mail))]


@pytest.fixture(params=["local", "stripe"])
def bank(request: pytest.FixtureRequest, wiring: Wiring, clock: FrozenClock) -> Iterator[Bank]:
    if request.param == "local":
        yield Bank(wiring, clock, None)
        return
    with fake_stripe() as fake:
        yield Bank(wiring, clock, fake)


def test_a_failed_payout_is_told_once_and_shown_until_it_is_sent_again(bank: Bank) -> None:
    with bank.wiring.unit(write=False) as uow:
        before = balance(uow, GATEWAY, mode="test")
    for _ in range(3):
        bank.payout("po_1", "failed")
    (row,) = bank.rows()
    assert (row.state, row.amount_cents, row.reason) == ("failed", 1600, "The account is closed")
    (letter,) = bank.letters()
    assert "a payout of $16.00 has failed" in letter
    (shown,) = bank.run(get_earnings).bank_failures
    assert (shown.amount, shown.reason) == ("$16.00", "The account is closed")
    if bank.stripe:
        assert not bank.run(get_earnings).has_account, "nothing is sent to an account that cannot pay out"
        bank.stripe.accounts[bank.account]["payouts_enabled"] = True
    checkout.send_again(bank.wiring, bank.run, payout_id=shown.id)
    with pytest.raises(SentAgain):
        checkout.send_again(bank.wiring, bank.run, payout_id=shown.id)
    assert bank.run(get_earnings).bank_failures == ()
    first, second = bank.rows()
    assert (first.sent_again_as, second.amount_cents) == (second.gateway_id, 1600)
    with bank.wiring.unit(write=False) as uow:
        assert balance(uow, GATEWAY, mode="test") == before, "the ledger ends with the transfer"


def test_news_that_comes_late_undoes_no_failure(bank: Bank) -> None:
    bank.payout("po_1", "failed")
    owner = bank.run(lambda uow: uow.session.exec(uow.scoped(PayoutAccount)).one())
    for state in ("in_transit", "paid"):
        fact = BankPayoutFact("po_1", 1_600, "usd", state, "")
        bank.run(lambda uow, fact=fact: follow_bank_payout(uow, uow.session.merge(owner), fact) and None)
    assert [row.state for row in bank.rows()] == ["failed"]
    assert len(bank.run(get_earnings).bank_failures) == 1


def test_a_payout_sent_again_that_fails_too_is_told_again(bank: Bank) -> None:
    bank.payout("po_1", "failed")
    if bank.stripe:
        bank.stripe.accounts[bank.account]["payouts_enabled"] = True
    checkout.send_again(bank.wiring, bank.run, payout_id=bank.run(get_earnings).bank_failures[0].id)
    bank.payout(bank.rows()[1].gateway_id, "failed")
    assert len(bank.letters()) == 2
    assert len(bank.run(get_earnings).bank_failures) == 1


def test_a_refused_attempt_is_a_new_one_after_the_details_are_mended(wiring: Wiring, clock: FrozenClock) -> None:
    with fake_stripe() as fake:
        bank = Bank(wiring, clock, fake)
        bank.payout("po_1", "failed")
        (waiting,) = bank.run(get_earnings).bank_failures
        fake.bank_refuses = "Sorry, you don't have any external accounts in that currency"
        for _ in range(2):
            with pytest.raises(checkout.GatewaySaidNo, match="external accounts"):
                checkout.send_again(bank.wiring, bank.run, payout_id=waiting.id)
        fake.bank_refuses = ""
        checkout.send_again(bank.wiring, bank.run, payout_id=waiting.id)
        assert bank.run(get_earnings).bank_failures == ()


def test_an_answer_that_never_came_is_asked_for_with_the_same_key(wiring: Wiring, clock: FrozenClock) -> None:
    with fake_stripe() as fake:
        bank = Bank(wiring, clock, fake)
        bank.payout("po_1", "failed")
        (waiting,) = bank.run(get_earnings).bank_failures
        fake.failures = ["lost"] * 3
        with pytest.raises(Unavailable):
            checkout.send_again(bank.wiring, bank.run, payout_id=waiting.id)
        checkout.send_again(bank.wiring, bank.run, payout_id=waiting.id)
        assert len(fake.bank_payouts) == 2, "the one that failed, and one in its place"


def test_news_of_an_account_that_the_gateway_will_not_show_are_kept_and_answered(wiring: Wiring, clock: FrozenClock) -> None:
    with fake_stripe() as fake:
        bank = Bank(wiring, clock, fake)
        del fake.accounts[bank.account]
        thing = fake.play_bank(bank.account, "po_1", amount=1_600, status="failed", reason="The account is closed")
        body, signature = fake.event("payout.failed", thing, account=bank.account, secret=CONNECT)
        assert checkout.deliver(bank.wiring, body=body, signature=signature)
        assert not checkout.deliver(bank.wiring, body=body, signature=signature)
        assert [(row.gateway_id, row.state) for row in bank.rows()] == [("po_1", "failed")]
        assert len(bank.letters()) == 1


def test_news_that_the_key_may_not_read_about_are_left_to_be_repeated(wiring: Wiring, clock: FrozenClock) -> None:
    with fake_stripe() as fake:
        bank = Bank(wiring, clock, fake)
        fake.key_lacks = "The provided key does not have the required permissions for this endpoint"
        with pytest.raises(PaymentRefused, match="permissions"):
            bank.payout("po_1", "failed")
        assert (bank.rows(), bank.letters()) == ([], [])
        fake.key_lacks = ""
        bank.payout("po_1", "failed")
        assert [row.state for row in bank.rows()] == ["failed"]
        assert len(bank.letters()) == 1


def test_arrived_money_needs_nobody(bank: Bank) -> None:
    bank.payout("po_1", "paid")
    assert [row.state for row in bank.rows()] == ["paid"]
    assert bank.letters() == []
    with pytest.raises(SentAgain):
        checkout.send_again(bank.wiring, bank.run, payout_id=str(bank.rows()[0].id))


def test_only_owners_send_again_and_only_their_own(bank: Bank) -> None:
    bank.payout("po_1", "failed")
    row = bank.rows()[0]
    with bank.wiring.unit() as uow:
        stranger = make_member(uow, Role.OWNER, workspace=make_workspace(uow))

    def as_stranger(service: Any, **arguments: Any) -> Any:
        with bank.wiring.unit(stranger) as uow:
            return service(uow, **arguments)

    with pytest.raises(AppError):
        checkout.send_again(bank.wiring, as_stranger, payout_id=str(row.id))
    member = replace(bank.owner, role=Role.MEMBER)

    def as_member(service: Any, **arguments: Any) -> Any:
        with bank.wiring.unit(member) as uow:
            return service(uow, **arguments)

    with pytest.raises(NotAllowed):
        checkout.send_again(bank.wiring, as_member, payout_id=str(row.id))


def test_events_of_creators_accounts_settle_nothing(wiring: Wiring, clock: FrozenClock) -> None:
    with fake_stripe() as fake:
        bank = Bank(wiring, clock, fake)
        thing = {"id": "cs_1", "object": "checkout.session"}
        event = bank.gateway.read_event(*fake.event("checkout.session.completed", thing, account=bank.account, secret=CONNECT))
        assert (event.subject, event.account) == ("", "")
        with pytest.raises(EventRefused):
            bank.gateway.read_event(*fake.event("checkout.session.completed", thing, secret=CONNECT))
        with pytest.raises(EventRefused):
            bank.payout("po_1", "failed", secret="whsec_other")
        bank.account = "acct_foreign"
        fake.accounts["acct_foreign"] = {"id": "acct_foreign", "object": "account", "payouts_enabled": True}
        bank.payout("po_2", "failed")
        assert bank.rows() == []
        with wiring.unit(write=False) as uow:
            kept = [row.subject for row in uow.session.exec(select(PaymentEvent))]
        assert "po_2" in kept
        assert json.dumps(kept)


def test_who_comes_back_from_setting_payouts_up_learns_how_the_account_stands(bank: Bank) -> None:
    if bank.stripe:
        bank.stripe.accounts[bank.account]["payouts_enabled"] = False
        found = checkout.look_at_payouts(bank.wiring, bank.run)
        assert found
        assert (found.is_ready, found.asks[0]) == (False, "your bank account")
        assert not bank.run(get_earnings).has_account, "what the gateway says is noted, also without its event"
        bank.stripe.accounts[bank.account]["payouts_enabled"] = True
    found = checkout.look_at_payouts(bank.wiring, bank.run)
    assert found
    assert found.is_ready
    assert bank.run(get_earnings).has_account


def test_before_payouts_were_begun_there_is_nothing_to_look_at(bank: Bank) -> None:
    with bank.wiring.unit() as uow:
        bank.owner = make_member(uow, Role.OWNER, workspace=make_workspace(uow))
    assert checkout.look_at_payouts(bank.wiring, bank.run) is None
    with bank.wiring.unit() as uow:
        bank.owner = make_member(uow, Role.MEMBER)
    with pytest.raises(NotAllowed):
        checkout.look_at_payouts(bank.wiring, bank.run)
