"""Creators: a public page for who has something on the shelf, revenue week by week to the cent, and sales as a table."""

import csv
import io
from datetime import timedelta

import pytest

from app.core.errors import NotAllowed, NotFound
from app.core.uow import Actor, UnitOfWork
from app.services.market import export_sales, get_creator, get_listing, get_revenue
from app.services.market.moderating import find_listing, remove_listing
from app.services.market.reviews import count_reviews
from app.services.payments.ledger import GATEWAY, PLATFORM, Pair, Source, book, creator_account
from models.purchase import Purchase
from models.review import Review
from models.workspace import Role
from tests.support.market import make_listing, make_purchase
from tests.support.people import make_member


def sell(uow: UnitOfWork, seller: Actor, *, cents: int, back: int = 0, title: str = "Triage") -> Purchase:
    """A settled order of 80 to 20, of which `back` cents of the creator's share went back."""
    order = make_purchase(uow, make_member(uow), seller_id=seller.workspace_id, cents=cents)
    order.state, order.title, order.paid_at = ("refunded" if back else "paid"), title, uow.ports.clock.now()
    order.paid_cents = cents
    account, share = creator_account(seller.workspace_id), cents * 8 // 10
    source = Source(f"purchase:{order.id}", "usd", "test", order.id)
    book(uow, source, [Pair("sale_creator", GATEWAY, account, share), Pair("sale_platform", GATEWAY, PLATFORM, cents - share)])
    if back:
        order.refunded_cents = cents
        book(uow, Source(f"refund:{order.id}", "usd", "test", order.id), [Pair("refund_creator", account, GATEWAY, back)])
    uow.session.flush()
    return order


@pytest.fixture
def seller(uow: UnitOfWork) -> Actor:
    uow.actor = make_member(uow, Role.OWNER)
    return uow.actor


def test_revenue_is_the_share_less_what_went_back_and_nobody_elses(uow: UnitOfWork, seller: Actor) -> None:
    sell(uow, seller, cents=1000)
    sell(uow, seller, cents=500, back=400)
    sell(uow, make_member(uow, Role.OWNER), cents=9900)
    weeks = get_revenue(uow)
    assert len(weeks) == 12
    assert [(week.amount, week.percent) for week in weeks] == [("$0.00", 0)] * 11 + [("$8.00", 100)]
    monday = uow.ports.clock.now() - timedelta(days=uow.ports.clock.now().weekday())
    assert weeks[-1].label == f"{monday:%d %b}".lstrip("0")


def test_the_sales_table_holds_each_order_to_the_cent_and_no_formula(uow: UnitOfWork, seller: Actor) -> None:
    first = sell(uow, seller, cents=999, title="=HYPERLINK(1)")
    second = sell(uow, seller, cents=500, back=400)
    sell(uow, make_member(uow, Role.OWNER), cents=9900)
    rows = list(csv.DictReader(io.StringIO(export_sales(uow).text)))
    told = {
        row["order"]: (row["listing"], row["state"], row["price_cents"], row["refunded_cents"], row["your_share_cents"]) for row in rows
    }
    assert told == {str(first.id): ("'=HYPERLINK(1)", "paid", "999", "0", "799"), str(second.id): ("Triage", "refunded", "500", "500", "0")}


def test_members_see_no_figures(uow: UnitOfWork, seller: Actor) -> None:
    uow.actor = Actor(user_id=seller.user_id, workspace_id=seller.workspace_id, role=Role.MEMBER)
    for service in (get_revenue, export_sales):
        with pytest.raises(NotAllowed):
            service(uow)


def test_a_creators_page_adds_up_what_is_on_the_shelf(uow: UnitOfWork, seller: Actor) -> None:
    one, other = make_listing(uow), make_listing(uow, name="Digest")
    for listing, stars in ((one, 5), (other, 2)):
        author = make_member(uow)
        uow.session.add(
            Review(
                workspace_id=author.workspace_id,
                listing_id=listing.id,
                author_id=author.user_id,
                author="Mia",
                stars=stars,
                version="1.0.0",
            )
        )
        uow.session.flush()
        count_reviews(uow, listing)
    uow.actor = make_member(uow)
    creator_id = get_listing(uow, slug=one.slug).creator_id
    page = get_creator(uow, creator_id=creator_id)
    assert (page.name, page.listing_count, page.rating_count, page.stars) == ("Acme", 2, 2, "3.5")
    assert [card.slug for card in page.cards] == ["order-triage", "digest"]
    assert [(said.stars, said.listing) for said in page.reviews] == [(2, "Digest"), (5, "Order triage")]
    remove_listing(uow, find_listing(uow, one.slug), "Copied")
    page = get_creator(uow, creator_id=creator_id)
    assert ([card.slug for card in page.cards], [said.listing for said in page.reviews]) == (["digest"], ["Digest"])


@pytest.mark.parametrize("creator_id", ["", "x", None, 7, "00000000-0000-7000-8000-000000000001"])
def test_who_has_nothing_on_the_shelf_has_no_page(uow: UnitOfWork, seller: Actor, creator_id: object) -> None:
    for wanted in (creator_id, str(seller.workspace_id)):
        with pytest.raises(NotFound):
            get_creator(uow, creator_id=wanted)
