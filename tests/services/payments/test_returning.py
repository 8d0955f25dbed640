"""Money that goes back by refunds and by banks, in whatever order it is heard: each gives back exactly what it was given."""

from dataclasses import replace

import pytest
from sqlmodel import select

from app.core.money import split
from app.core.payments import DisputeFact, PaymentFacts, RefundFact
from app.core.uow import UnitOfWork
from app.services.payments import apply_facts
from app.services.payments.ledger import GATEWAY, PLATFORM, Pair, Source, balance, book, creator_account
from app.services.payments.reconciling import Asked, compare_order
from models.account import Mail
from models.purchase import Purchase
from models.receipt import Receipt
from models.workspace import Role, Workspace
from tests.support.market import make_purchase, owed
from tests.support.people import make_member, make_workspace


class Book:
    """One order of a dollar and what the gateway tells of it."""

    def __init__(self, uow: UnitOfWork, *, cents: int = 100) -> None:
        self.uow, self.seller_id = uow, make_workspace(uow).id
        self.before = [balance(uow, account, mode="test") for account in (GATEWAY, PLATFORM)]
        self.order = make_purchase(uow, make_member(uow), seller_id=self.seller_id, cents=cents)
        self.facts = PaymentFacts("cs_1", str(self.order.id), "paid", cents, "usd", "pi_1", cents)
        self.hear()

    def hear(self, **told: object) -> None:
        self.facts = replace(self.facts, **told)
        for _ in range(2):
            apply_facts(self.uow, self.facts)

    def disputed(self, cents: int, state: str) -> None:
        self.hear(disputes=(DisputeFact("dp_1", cents, state),))

    def refunded(self, *parts: int) -> None:
        self.hear(refunds=tuple(RefundFact(f"re_{number}", cents) for number, cents in enumerate(parts)))

    def compare(self) -> str:
        return compare_order(self.uow, asked=Asked(str(self.order.id), "cs_1"), facts=self.facts)

    @property
    def state(self) -> str:
        return self.uow.session.exec(select(Purchase.state).where(Purchase.id == self.order.id)).one()

    @property
    def credited(self) -> list[int]:
        """The totals of its credit notes."""
        notes = select(Receipt.total_cents).where(Receipt.purchase_id == self.order.id, Receipt.kind == "credit_note")
        return sorted(self.uow.session.exec(notes))

    @property
    def held(self) -> tuple[int, int, int]:
        """Of this order: with the gateway, the creator's and the platform's."""
        gateway, platform = (
            balance(self.uow, account, mode="test") - before for account, before in zip((GATEWAY, PLATFORM), self.before, strict=True)
        )
        return -gateway, owed(self.uow, self.seller_id), platform


@pytest.mark.parametrize("state", ["open", "lost"])
def test_refunds_after_a_bank_took_its_part_go_on_where_it_stopped(uow: UnitOfWork, state: str) -> None:
    book = Book(uow)
    book.disputed(34, state)
    book.refunded(33)
    assert book.held == (33, split(33, platform_bps=2000).creator_cents, 6)
    book.refunded(33, 33)
    assert book.held == (0, 0, 0)


def test_a_dispute_that_is_won_brings_back_what_the_order_holds_then(uow: UnitOfWork) -> None:
    book = Book(uow)
    book.disputed(67, "open")
    book.refunded(33)
    assert book.held == (0, 0, 0)
    book.disputed(67, "won")
    assert book.held == (67, 54, 13)


def test_what_goes_back_twice_is_the_platforms_loss(uow: UnitOfWork) -> None:
    book = Book(uow)
    book.disputed(100, "lost")
    book.refunded(30)
    assert book.held == (-30, 0, -30)
    asked = Asked(str(book.order.id), "cs_1")
    assert compare_order(uow, asked=asked, facts=book.facts) == ""
    order = uow.session.exec(select(Purchase).where(Purchase.id == book.order.id)).one()
    assert (order.refunded_cents, order.state) == (30, "lost")
    book.disputed(100, "won")
    assert book.held == (70, 56, 14)


@pytest.mark.parametrize("is_refunded", [False, True])
def test_an_inquiry_moves_no_money_and_is_told_once(uow: UnitOfWork, is_refunded: bool) -> None:
    book = Book(uow)
    make_member(uow, Role.OWNER, workspace=uow.session.exec(select(Workspace).where(Workspace.id == book.seller_id)).one())
    if is_refunded:
        book.refunded(100)
    before, state = book.held, book.state
    for _ in range(2):
        book.disputed(100, "inquiry")
        assert (book.held, book.state, book.compare()) == (before, state, "")
    told = [row.to for row in uow.session.exec(select(Mail)) if "Asked about" in row.subject]
    assert len(told) == 1
    book.disputed(100, "won")
    assert (book.held, book.state, book.compare()) == (before, state, "")


def test_an_inquiry_that_becomes_a_dispute_is_booked_then(uow: UnitOfWork) -> None:
    book = Book(uow)
    for state, held in (("inquiry", (100, 80, 20)), ("open", (0, 0, 0)), ("won", (100, 80, 20))):
        book.disputed(100, state)
        assert (book.held, book.compare()) == (held, "")


@pytest.mark.parametrize(("refunds", "notes"), [((100,), [100]), ((30,), [30, 70])])
def test_credit_notes_are_never_over_more_than_the_receipt(uow: UnitOfWork, refunds: tuple[int, ...], notes: list[int]) -> None:
    book = Book(uow)
    book.refunded(*refunds)
    book.disputed(100, "lost")
    assert book.credited == notes
    assert book.held == (-sum(refunds), 0, -sum(refunds))


@pytest.mark.parametrize(("booked", "said"), [(70, ""), (60, "the ledger holds 10 cents, the gateway -30"), (71, "the ledger holds -1")])
def test_what_an_earlier_release_booked_of_a_dispute_stands(uow: UnitOfWork, booked: int, said: str) -> None:
    """It took at most what the refunds before had left; anything else differs."""
    book_ = Book(uow)
    book_.refunded(30)
    source = Source("dispute:dp_1", "usd", "test", book_.order.id)
    creator = split(booked, platform_bps=2000).creator_cents
    book(
        uow,
        source,
        [
            Pair("dispute_creator", creator_account(book_.seller_id), GATEWAY, creator),
            Pair("dispute_platform", PLATFORM, GATEWAY, booked - creator),
        ],
    )
    for state in ("open", "lost"):
        book_.disputed(100, state)
        assert book_.compare().startswith(said)
        assert bool(book_.compare()) == bool(said)
