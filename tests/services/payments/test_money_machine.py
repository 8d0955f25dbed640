"""Purchases, refunds, disputes and payouts in every order, heard twice, late or not at all: the books always say what happened."""

from contextlib import nullcontext
from dataclasses import astuple, replace
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule, run_state_machine_as_test
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

GIVES = {"sale_creator": 1, "sale_platform": 1, "dispute_won_creator": 1, "dispute_won_platform": 1}

CENTS = st.one_of(st.sampled_from([1, 3, 99]), st.integers(1, 20_000))
FEES = st.sampled_from([2000, 2000, 0, 333, 10_000])
SHARES = st.sampled_from([0.1, 1 / 3, 0.5, 0.9, 1.0, 1.2])
MOST_ORDERS = 2  # few, so that much happens to each


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
        self.on_their_way: dict[
            str, dict[str, Any]
        ] = {}  # orders by refunds that have not arrived; the gateway tells of them when they have
        self.payouts: list[TransferWish] = []
        self.paid_out = 0

    @initialize(cents=CENTS, fee=FEES)
    def first_order(self, cents: int, fee: int) -> None:
        self.order(cents, fee, is_paid=True)  # whichever rules an example goes without, there is money to move

    @precondition(lambda self: len(self.orders) < MOST_ORDERS)
    @rule(cents=CENTS, fee=FEES, is_paid=st.booleans())
    def order(self, cents: int, fee: int, is_paid: bool) -> None:
        with self.wiring.unit() as uow:
            purchase = make_purchase(uow, self.buyer, seller_id=self.seller, cents=cents, fee_bps=fee)
            wish, purchase_id = wish_of(purchase), purchase.id
        checkout = self.gateway.open_checkout(wish)
        self.orders.append({"id": purchase_id, "checkout": checkout.id, "cents": cents, "fee": fee})
        if is_paid:
            self.gateway.pay(checkout.id, card=CARD)
            self.tell(self.orders[-1], is_told=True)

    @precondition(lambda self: self.orders)
    @rule(data=st.data(), is_told=st.booleans())
    def pay(self, data: st.DataObject, is_told: bool) -> None:
        order = data.draw(st.sampled_from(self.orders))
        self.gateway.pay(order["checkout"], card=CARD)
        self.tell(order, is_told)

    @precondition(lambda self: self.orders)
    @rule(data=st.data(), share=SHARES, is_quick=st.booleans())
    def refund(self, data: st.DataObject, share: float, is_quick: bool) -> None:
        order = data.draw(st.sampled_from(self.orders))
        facts, wanted = self.asked(order), max(1, int(order["cents"] * share))
        may = facts.state == "paid" and wanted <= _kept(facts)
        with nullcontext() if may else pytest.raises(PaymentRefused):
            made = self.gateway.refund(facts.payment_id, amount_cents=wanted, key=f"{order['id']}-{len(facts.refunds)}-{wanted}")
            self.on_their_way |= {} if is_quick else {made.id: order}

    @precondition(lambda self: self.on_their_way)
    @rule(data=st.data(), is_told=st.booleans())
    def refund_arrives(self, data: st.DataObject, is_told: bool) -> None:
        arrived = data.draw(st.sampled_from(sorted(self.on_their_way)))
        order = self.on_their_way.pop(arrived)
        self.tell(order, is_told)

    @precondition(lambda self: self.orders)
    @rule(data=st.data(), end=st.sampled_from(["won", "lost"]), is_told=st.booleans())
    def dispute(self, data: st.DataObject, end: str, is_told: bool) -> None:
        order = data.draw(st.sampled_from(self.orders))
        facts = self.asked(order)
        states = [dispute.state for dispute in facts.disputes]
        left = facts.amount_cents - sum(refund.amount_cents for refund in facts.refunds)
        if facts.state == "paid" and left and states in ([], ["open"]):
            self.gateway.dispute(facts.payment_id, end if states else "open")
            self.tell(order, is_told)

    @precondition(lambda self: self.orders)
    @rule(data=st.data())
    def news(self, data: st.DataObject) -> None:
        self.heard.append(self.now(data.draw(st.sampled_from(self.orders))))

    @precondition(lambda self: self.heard)
    @rule(data=st.data())
    def webhook(self, data: st.DataObject) -> None:
        with self.wiring.unit() as uow:
            apply_facts(uow, data.draw(st.sampled_from(self.heard)))

    def tell(self, order: dict[str, Any], is_told: bool) -> None:
        """At once, where it is told; otherwise `news` and `webhook` may do so later."""
        if is_told:
            with self.wiring.unit() as uow:
                apply_facts(uow, self.now(order))

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
            for order in self.orders:
                entries = uow.session.exec(select(LedgerEntry).where(LedgerEntry.purchase_id == order["id"])).all()
                assert 0 <= sum(entry.amount_cents * GIVES.get(entry.kind, -1) for entry in entries) <= order["cents"]

    @invariant()
    def every_part_is_that_of_what_the_order_still_holds(self) -> None:
        with self.wiring.unit(write=False) as uow:
            for order in self.orders:
                entries = uow.session.exec(select(LedgerEntry).where(LedgerEntry.purchase_id == order["id"])).all()
                held = [
                    sum(entry.amount_cents * GIVES.get(entry.kind, -1) for entry in entries if entry.kind.endswith(whose))
                    for whose in ("creator", "platform")
                ]
                assert held == list(astuple(split(sum(held), platform_bps=order["fee"])))

    def teardown(self) -> None:
        """Once all news is in, every account holds exactly its part of what was not given back."""
        self.on_their_way.clear()
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

    def asked(self, order: dict[str, Any]) -> PaymentFacts:
        """With the refunds that are on their way."""
        facts = self.gateway.facts(order["checkout"])
        assert facts
        return facts

    def now(self, order: dict[str, Any]) -> PaymentFacts:
        facts = self.asked(order)
        return replace(facts, refunds=tuple(one for one in facts.refunds if one.id not in self.on_their_way))


def _kept(facts: PaymentFacts) -> int:
    if facts.state != "paid":
        return 0
    taken = sum(dispute.amount_cents for dispute in facts.disputes if dispute.state != "won")
    return facts.amount_cents - sum(refund.amount_cents for refund in facts.refunds) - taken


CHECKS = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
SETTINGS = settings(max_examples=40, stateful_step_count=40, deadline=None, suppress_health_check=CHECKS)


def test_the_books_are_right_in_every_interleaving(wiring: Wiring, clock: FrozenClock) -> None:
    machine = type("MarketOfThisTest", (Market,), {"wiring": wiring, "clock": clock})
    run_state_machine_as_test(machine, settings=SETTINGS)
    with wiring.database.connect() as connection:
        assert connection.execute(sa.text("SELECT count(*) FROM ledger_entry")).scalar_one() > 0
