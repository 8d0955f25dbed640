"""Finding listings: shelves, every filter, typing mistakes, and what hostile searches must not do."""

from typing import Any

import pytest
import sqlalchemy as sa

from app.core.errors import LimitReached
from app.core.uow import UnitOfWork
from app.services.market import find_listings, get_listing, get_listing_count, install_listing, list_shelves, seed_market, unlist_listing
from app.services.market.browsing import RISING_DAYS, SEARCHES_A_MINUTE
from app.services.market.words import index_words, is_near, variants, words_of
from models.base import utc_now
from models.listing import Listing
from models.workspace import Role
from tests.support.clock import FrozenClock
from tests.support.market import make_listing
from tests.support.people import make_member


@pytest.fixture
def shop(uow: UnitOfWork) -> UnitOfWork:
    uow.actor = make_member(uow, Role.ADMIN)
    for name, category, cents in (
        ("Invoice reader", "operations", 0),
        ("Invoice chaser", "sales", 1900),
        ("Quiz writer", "education", 900),
        ("Café menu translator", "operations", 0),
    ):
        make_listing(uow, name=name, category=category, cents=cents)
    return uow


def names(uow: UnitOfWork, **wish: Any) -> set[str]:
    return {card.name for card in find_listings(uow, **wish).cards}


@pytest.mark.parametrize("search", ["invoice", "INVOICE", "invoices", "invoise", "invocie", "invioce", "nvoice", "invooice", "inv"])
def test_a_word_is_found_as_people_type_it(shop: UnitOfWork, search: str) -> None:
    assert names(shop, search=search) == {"Invoice reader", "Invoice chaser"}


def test_every_word_must_fit_and_the_name_weighs_most(shop: UnitOfWork) -> None:
    assert names(shop, search="invoice reader") == {"Invoice reader"}
    assert names(shop, search="giraffe") == set()
    assert names(shop, search="cafe") == {"Café menu translator"}
    make_listing(shop, name="Ledger tidier", category="operations", description="Tidies what a quiz left behind. " * 4)
    assert [card.name for card in find_listings(shop, search="quiz").cards] == ["Quiz writer", "Ledger tidier"]


def test_a_corrected_word_is_told(shop: UnitOfWork) -> None:
    assert find_listings(shop, search="invoise").corrected == ("invoise",)
    assert find_listings(shop, search="invoice").corrected == ()


def test_filters_and_sorts(shop: UnitOfWork) -> None:
    assert names(shop, category="operations") == {"Invoice reader", "Café menu translator"}
    assert names(shop, price="paid") == {"Invoice chaser", "Quiz writer"}
    assert names(shop, price="free", search="invoice") == {"Invoice reader"}
    assert names(shop, stars=4) == set()
    assert names(shop, model="demo") == names(shop)
    assert names(shop, model="openai") == set()
    assert [card.name for card in find_listings(shop, sort="dearest").cards][:2] == ["Invoice chaser", "Quiz writer"]
    assert names(shop, without=["network"]) == names(shop)


@pytest.mark.parametrize(
    "wish",
    [
        {"search": "'; DROP TABLE listing; --"},
        {"search": "%%%"},
        {"search": "a" * 10_000},
        {"search": "\x00\ud800"},
        {"search": {"a": 1}},
        {"sort": "price_cents; DROP TABLE listing"},
        {"category": "' OR 1=1"},
        {"model": "%"},
        {"page": -1},
        {"page": 10**30},
        {"stars": "5"},
        {"without": "network"},
        {"without": [{}]},
    ],
)
def test_nothing_that_is_sent_breaks_a_search(shop: UnitOfWork, wish: dict[str, Any]) -> None:
    find_listings(shop, **wish)
    assert len(names(shop)) == 4


def test_what_is_off_the_shelf_is_not_found(shop: UnitOfWork) -> None:
    slug = find_listings(shop, search="quiz").cards[0].slug
    unlist_listing(shop, slug=slug)
    assert names(shop, search="quiz") == set()
    assert all(card.slug != slug for shelf in list_shelves(shop) for card in shelf.cards)


def test_renamed_listings_lose_their_earlier_words(shop: UnitOfWork) -> None:
    listing: Listing = make_listing(shop, name="Walrus counter", category="research")
    index_words(shop, listing.id, {"Seal counter": 8})
    assert names(shop, search="walrus") == set()
    assert names(shop, search="seal") == {"Walrus counter"}


def test_the_catalogue_is_seeded_once_and_shown(uow: UnitOfWork) -> None:
    assert seed_market(uow) >= 6
    assert seed_market(uow) == 0
    uow.actor = make_member(uow, Role.VIEWER)
    shelves = {shelf.key: shelf.cards for shelf in list_shelves(uow)}
    assert len(shelves["featured"]) >= 3
    assert all(card.miniature.nodes and card.step_count and card.tests for card in shelves["featured"])
    slugs = [card.slug for cards in shelves.values() for card in cards]
    assert len(slugs) == len(set(slugs)) == 12
    assert get_listing_count(uow) == find_listings(uow, sort="rating").total > 0


@pytest.mark.parametrize(
    ("one", "other", "near"),
    [("cat", "cat", True), ("cast", "cat", True), ("act", "cat", True), ("cut", "cat", True), ("dog", "cat", False), ("ab", "abcd", False)],
)
def test_one_letter_makes_a_neighbour(one: str, other: str, near: bool) -> None:
    assert is_near(one, other) is is_near(other, one) is near


def test_words_are_folded() -> None:
    assert words_of("The Queries of ÉCOLE's classes") == ["query", "ecole", "s", "classe"]
    assert variants("abcd") == {"abcd", "bcd", "acd", "abd", "abc"}
    assert variants("abc") == {"abc"}


def test_what_is_installed_more_often_than_before_is_rising(shop: UnitOfWork, clock: FrozenClock) -> None:
    clock.advance(seconds=(utc_now() - clock.now()).total_seconds() + 1)  # installs are dated by the machine's clock
    shop.session.connection().execute(sa.update(Listing).values(price_cents=0))
    for count, slug in ((3, "invoice-reader"), (2, "quiz-writer"), (1, "invoice-chaser")):
        for _ in range(count):
            shop.actor = make_member(shop)
            install_listing(shop, slug=slug, version="1.0.0")
    assert rising(shop) == ["Invoice reader", "Quiz writer"]
    clock.advance(days=RISING_DAYS + 1)
    assert rising(shop) == []


def rising(uow: UnitOfWork) -> list[str]:
    return [card.name for shelf in list_shelves(uow) if shelf.key == "rising" for card in shelf.cards]


def test_a_visitor_who_searches_without_end_has_to_wait_and_others_do_not(shop: UnitOfWork) -> None:
    shop.actor = None
    for _ in range(SEARCHES_A_MINUTE):
        find_listings(shop, search="invoice", network="192.0.2.1")
    with pytest.raises(LimitReached):
        find_listings(shop, search="invoice", network="192.0.2.1")
    assert find_listings(shop, search="invoice", network="192.0.2.2").total == 2


@pytest.mark.parametrize(("name", "days"), [("Invoice chaser", 14), ("Invoice reader", 0)])
def test_what_costs_money_says_how_long_it_is_refunded(shop: UnitOfWork, name: str, days: int) -> None:
    slug = next(card.slug for card in find_listings(shop, search=name).cards if card.name == name)
    assert get_listing(shop, slug=slug).refund_days == days
