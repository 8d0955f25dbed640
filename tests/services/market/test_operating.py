"""Operators: a takedown leaves what was bought, hidden reviews count no more, reconciliation finds what differs and nothing else."""

import pytest
from sqlmodel import select

from app.core.errors import Conflict, Invalid, NotFound
from app.core.uow import UnitOfWork
from app.services.market import find_listings, get_listing, get_reviews, install_listing, relist_listing
from app.services.market.operating import hide_review, put_back, take_down
from app.services.market.reported import read_reported
from app.services.payments.reconciling import compare_order, orders_to_ask
from app.wiring import Wiring
from models.purchase import Purchase
from models.review import Review
from models.workspace import Role
from tests.support.market import CARD, hear, make_listing, make_purchase, till, wish_of
from tests.support.people import make_member


def test_a_takedown_leaves_what_was_installed_and_tells_the_seller_why(uow: UnitOfWork) -> None:
    uow.actor = seller = make_member(uow, Role.OWNER)
    slug = make_listing(uow).slug
    uow.actor = buyer = make_member(uow)
    install_listing(uow, slug=slug, version="1.0.0")
    assert take_down(uow, slug=slug, reason="Copied from somebody else") == "Order triage"
    assert get_listing(uow, slug=slug).access == "installed"
    uow.actor = make_member(uow)
    assert find_listings(uow).total == 0
    with pytest.raises(NotFound):
        get_listing(uow, slug=slug)
    uow.actor = seller
    with pytest.raises(Conflict, match="Copied"):
        relist_listing(uow, slug=slug)
    put_back(uow, slug=slug)
    uow.actor = buyer
    assert find_listings(uow).total == 1


def test_a_hidden_review_is_neither_seen_nor_counted(uow: UnitOfWork) -> None:
    uow.actor = author = make_member(uow, Role.OWNER)
    listing = make_listing(uow)
    row = Review(workspace_id=author.workspace_id, listing_id=listing.id, author_id=author.user_id, author="Mia", stars=1, version="1.0.0")
    row.report_count, listing.rating_count, listing.rating_sum = 2, 1, 1
    uow.session.add(row)
    uow.session.flush()
    (reported,) = read_reported(uow)
    with pytest.raises(Invalid):
        hide_review(uow, review_id=reported.id, reason=" ")
    hide_review(uow, review_id=reported.id, reason="It insults.")
    assert (get_reviews(uow, slug=listing.slug).rows, read_reported(uow), listing.rating_count) == ((), (), 0)


def test_reconciliation_finds_a_payment_that_was_never_heard_of_and_nothing_else(wiring: Wiring) -> None:
    with wiring.unit() as uow:
        seller, buyer = make_member(uow, Role.OWNER), make_member(uow)
        wishes = [wish_of(make_purchase(uow, buyer, seller_id=seller.workspace_id, cents=cents)) for cents in (99, 1999)]
        gateway = till(uow)
    checkouts = [gateway.open_checkout(wish).id for wish in wishes]
    with wiring.unit() as uow:
        for wish, checkout in zip(wishes, checkouts, strict=True):
            row = next(one for one in uow.session.exec(select(Purchase)) if str(one.id) == wish.reference)
            row.checkout_id = checkout
    for checkout in checkouts:
        gateway.pay(checkout, card=CARD)
    with wiring.unit() as uow:
        hear(uow, checkouts[0])
        found = {
            asked.checkout_id: compare_order(uow, asked=asked, facts=gateway.facts(asked.checkout_id))
            for asked in orders_to_ask(uow, mode="test")
        }
        assert found == {checkouts[0]: "", checkouts[1]: "the ledger holds 0 cents, the gateway 1999"}
        hear(uow, checkouts[1])
        assert all(
            compare_order(uow, asked=asked, facts=gateway.facts(asked.checkout_id)) == "" for asked in orders_to_ask(uow, mode="test")
        )
