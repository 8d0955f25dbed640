"""Purchases, refunds, disputes and payouts in every order, heard twice, late or not at all: the books always say what happened."""

from contextlib import nullcontext
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from sqlmodel import select

from app.core.errors import Conflict, Invalid
from app.core.money import split
from app.core.payments import PaymentFacts, PaymentRefused
from app.services.payments import apply_facts, start_payout
from app.services.payments.ledger import GATEWAY, balance
from app.services.payments.payouts import TransferWish, available_cents
from app.wiring import Wiring
from models.ledger import LedgerEntry
from models.purchase import Purchase
from models.workspace import Role
from tests.support.clock import FrozenClock
from tests.support.market import CARD, make_payout_account, make_purchase, owed, till, wish_of
from tests.support.payouts import end_payout
from tests.support.people import make_member, make_workspace


class Market(RuleBasedStateMachine):
    """One creator and many buyers; `heard` are facts on their way, applied in any order and more than once."""

    wiring: Wiring
    clock: FrozenClock

    def __init__(self) -> None:
        super().__init__()
        with self.wiring.unit() as uow:
            workspace = make_workspace(uow)
            self.owner = make_member(uow, Role.OWNER, workspace=workspace)
            self.buyer = make_member(uow)
            make_payout_account(uow, self.owner.workspace_id)
            self.before_gateway = balance(uow, GATEWAY, mode="test")
            self.gateway = till(uow)
        self.seller = self.owner.workspace_id
        self.orders: list[dict[str, Any]] = []
        self.heard: list[PaymentFacts] = []
        self.payouts: list[TransferWish] = []
        self.paid_out = 0

    @rule(cents=st.one_of(st.sampled_from([1, 3, 99]), st.integers(1, 20_000)), fee=st.sampled_from([2000, 2000, 0, 333, 10_000]))
    def order(self, cents: int, fee: int) -> None:
        with self.wiring.unit() as uow:
            purchase = make_purchase(uow, self.buyer, seller_id=self.seller, cents=cents, fee_bps=fee)
            wish, purchase_id = wish_of(purchase), purchase.id
        checkout = self.gateway.open_checkout(wish)
        self.orders.append({"id": purchase_id, "checkout": checkout.id, "cents": cents, "fee": fee})

    @precondition(lambda self: self.orders)
    @rule(data=st.data())
    def pay(self, data: st.DataObject) -> None:
        self.gateway.pay(data.draw(st.sampled_from(self.orders))["checkout"], card=CARD)

    @precondition(lambda self: self.orders)
    @rule(data=st.data(), share=st.floats(0.01, 1.2))
    def refund(self, data: st.DataObject, share: float) -> None:
        order = data.draw(st.sampled_from(self.orders))
        facts, wanted = self.now(order), max(1, int(order["cents"] * share))
        may = facts.state == "paid" and wanted <= _kept(facts)
        with nullcontext() if may else pytest.raises(PaymentRefused):
            self.gateway.refund(facts.payment_id, amount_cents=wanted, key=f"{order['id']}-{len(facts.refunds)}-{wanted}")

    @precondition(lambda self: self.orders)
    @rule(data=st.data(), end=st.sampled_from(["won", "lost"]))
    def dispute(self, data: st.DataObject, end: str) -> None:
        facts = self.now(data.draw(st.sampled_from(self.orders)))
        states = [dispute.state for dispute in facts.disputes]
        left = facts.amount_cents - sum(refund.amount_cents for refund in facts.refunds)
        if facts.state == "paid" and left and states in ([], ["open"]):
            self.gateway.dispute(facts.payment_id, end if states else "open")

    @precondition(lambda self: self.orders)
    @rule(data=st.data())
    def news(self, data: st.DataObject) -> None:
        self.heard.append(self.now(data.draw(st.sampled_from(self.orders))))

    @precondition(lambda self: self.heard)
    @rule(data=st.data())
    def webhook(self, data: st.DataObject) -> None:
        with self.wiring.unit() as uow:
            apply_facts(uow, data.draw(st.sampled_from(self.heard)))

    @rule(days=st.integers(1, 9))
    def wait(self, days: int) -> None:
        self.clock.advance(seconds=days * 86_400)

    @rule()
    def ask_for_payout(self) -> None:
        with self.wiring.unit(write=False) as uow:
            uow.actor, before = self.owner, owed(uow, self.seller)
            may = not self.payouts and available_cents(uow, mode="test") >= 100
        with nullcontext() if may else pytest.raises((Invalid, Conflict)), self.wiring.unit(self.owner) as uow:
            self.payouts.append(start_payout(uow))
            assert 100 <= self.payouts[-1].amount_cents <= before

    @precondition(lambda self: self.payouts)
    @rule(is_paid=st.booleans(), twice=st.booleans())
    def end_payout(self, is_paid: bool, twice: bool) -> None:
        self.paid_out += end_payout(self.wiring, self.owner, self.payouts.pop(0), is_paid=is_paid, twice=twice)

    @invariant()
    def no_order_gives_back_more_than_it_took(self) -> None:
        with self.wiring.unit(write=False) as uow:
            gives = {"sale_creator": 1, "sale_platform": 1, "dispute_won_creator": 1, "dispute_won_platform": 1}
            for order in self.orders:
                entries = uow.session.exec(select(LedgerEntry).where(LedgerEntry.purchase_id == order["id"])).all()
                assert 0 <= sum(entry.amount_cents * gives.get(entry.kind, -1) for entry in entries) <= order["cents"]

    def teardown(self) -> None:
        """Once all news is in, every account holds exactly its part of what was not given back."""
        with self.wiring.unit() as uow:
            for order in self.orders:
                apply_facts(uow, self.now(order))
        kept = [(order, _kept(self.now(order))) for order in self.orders]
        with self.wiring.unit(write=False) as uow:
            reserved = sum(wish.amount_cents for wish in self.payouts)
            creator = sum(split(cents, platform_bps=order["fee"]).creator_cents for order, cents in kept)
            assert owed(uow, self.seller) == creator - self.paid_out - reserved
            assert balance(uow, GATEWAY, mode="test") - self.before_gateway == self.paid_out - sum(cents for _, cents in kept)
            for order, cents in kept:
                purchase = uow.session.exec(select(Purchase).where(Purchase.id == order["id"])).one()
                assert purchase.paid_at is None or (cents == 0) == (purchase.state in ("refunded", "disputed", "lost"))

    def now(self, order: dict[str, Any]) -> PaymentFacts:
        facts = self.gateway.facts(order["checkout"])
        assert facts
        return facts


def _kept(facts: PaymentFacts) -> int:
    if facts.state != "paid":
        return 0
    taken = sum(dispute.amount_cents for dispute in facts.disputes if dispute.state != "won")
    return facts.amount_cents - sum(refund.amount_cents for refund in facts.refunds) - taken


CHECKS = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
SETTINGS = settings(max_examples=40, stateful_step_count=25, deadline=None, suppress_health_check=CHECKS)


def test_the_books_are_right_in_every_interleaving(wiring: Wiring, clock: FrozenClock) -> None:
    machine = type("MarketOfThisTest", (Market,), {"wiring": wiring, "clock": clock})
    run_state_machine_as_test(machine, settings=SETTINGS)
    with wiring.database.connect() as connection:
        assert connection.execute(sa.text("SELECT count(*) FROM ledger_entry")).scalar_one() > 0
