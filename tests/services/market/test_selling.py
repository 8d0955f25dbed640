"""The seller's overview: own figures only, and to the cent."""

import pytest

from app.core.errors import NotAllowed
from app.core.uow import Actor, UnitOfWork
from app.services.market import get_earnings, list_bookings
from app.services.payments.ledger import GATEWAY, Pair, Source, book, creator_account
from app.wiring import Wiring
from models.fee import ListingFee
from models.workspace import Role
from tests.support.clock import FrozenClock
from tests.support.market import CARD, hear, make_listing, make_payout_account, make_purchase, till, wish_of
from tests.support.people import make_member
from tests.support.statements import statements


def test_sales_refunds_and_the_hold_are_shown(wiring: Wiring, clock: FrozenClock) -> None:
    with wiring.unit() as uow:
        uow.actor = seller = make_member(uow, Role.OWNER)
        listing = make_listing(uow, cents=1999)
        make_payout_account(uow, seller.workspace_id)
        orders = [make_purchase(uow, make_member(uow), seller_id=seller.workspace_id, cents=cents) for cents in (1999, 99)]
        for order in orders:
            order.listing_id, order.version_id = listing.id, listing.version_id
        wishes, gateway = [wish_of(order) for order in orders], till(uow)
    checkouts = [gateway.open_checkout(wish).id for wish in wishes]
    for checkout in checkouts:
        gateway.pay(checkout, card=CARD)
    facts = gateway.facts(checkouts[1])
    assert facts
    gateway.refund(facts.payment_id, amount_cents=99, key="r")
    with wiring.unit() as uow:
        for checkout in checkouts:
            hear(uow, checkout)
    with wiring.unit(seller, write=False) as uow:
        found = get_earnings(uow)
    (row,) = found.listings
    assert (row.sales, row.refunds, row.revenue) == (2, 1, "$19.99")
    assert (found.balance, found.available, found.lifetime, found.can_pay_out) == ("$16.00", "$0.00", "$16.80", False)
    booked = [("Refund", "Triage", "\u2212$0.80"), ("Sale", "Triage", "$0.80"), ("Sale", "Triage", "$16.00")]
    assert [(entry.what, entry.title, entry.amount) for entry in found.ledger] == booked
    clock.advance(seconds=8 * 86_400)
    with wiring.unit(seller, write=False) as uow:
        assert (get_earnings(uow).available, get_earnings(uow).can_pay_out) == ("$16.00", True)


def test_the_account_is_read_page_by_page_to_its_end(uow: UnitOfWork) -> None:
    uow.actor = seller = make_member(uow, Role.OWNER)
    mine, others = creator_account(seller.workspace_id), creator_account(make_member(uow).workspace_id)
    for number in range(1, 8):
        account = others if number == 4 else mine
        book(uow, Source(f"sale:{number}", "usd", "test", None), [Pair("sale_creator", GATEWAY, account, number * 100)])
    pages, cursor = list[list[str]](), ""
    while not pages or cursor:
        page = list_bookings(uow, cursor=cursor, limit=4)
        pages.append([row.amount for row in page.rows])
        assert page.total == 6
        cursor = page.next_cursor
    assert pages == [["$7.00", "$6.00", "$5.00", "$3.00"], ["$2.00", "$1.00"]]
    uow.actor = Actor(user_id=seller.user_id, workspace_id=seller.workspace_id, role=Role.MEMBER)
    with pytest.raises(NotAllowed):
        list_bookings(uow)


def test_the_page_asks_as_little_for_many_listings_as_for_one(uow: UnitOfWork) -> None:
    uow.actor = make_member(uow, Role.OWNER)
    asked, found = list[int](), get_earnings(uow)
    for number in range(3):
        listing = make_listing(uow, name=f"Listing {number}", cents=1999)
        fee = ListingFee(workspace_id=uow.workspace_id, listing_id=listing.id, fee_bps=1000 * number, starts_at=uow.ports.clock.now())
        uow.session.add(fee)
        with statements(uow) as sent:
            found = get_earnings(uow)
        asked.append(len(sent))
    assert len(found.listings) == 3
    assert found.share == "80 % to 100 %"
    assert asked[0] == asked[1] == asked[2]


def test_what_listings_brought_is_read_from_the_sellers_orders_only(uow: UnitOfWork) -> None:
    uow.actor = make_member(uow, Role.OWNER)
    make_listing(uow, cents=1999)
    with statements(uow) as sent:
        get_earnings(uow)
    sums = [one for one in sent if "sum(" in one and "order_id" in one]
    assert len(sums) == 2
    assert all("ledger_entry.purchase_id IN (SELECT" in one for one in sums)


def test_a_member_sees_no_earnings_and_a_stranger_only_their_own(uow: UnitOfWork) -> None:
    uow.actor = make_member(uow, Role.OWNER)
    make_listing(uow)
    uow.actor = make_member(uow, Role.MEMBER)
    with pytest.raises(NotAllowed):
        get_earnings(uow)
    uow.actor = make_member(uow, Role.OWNER)
    assert get_earnings(uow).listings == ()
