"""The search index: whatever happens to listings, it says what their rows say, is the same when built anew, and pages have no gaps."""

import random
from datetime import UTC, datetime
from string import ascii_lowercase
from threading import Thread
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import col, select

from app.adapters.migrations import downgrade, upgrade
from app.core.uow import UnitOfWork
from app.services.market import (
    find_listings,
    note_view,
    relist_listing,
    set_listing_price,
    unlist_listing,
)
from app.services.market.browsing import PAGE, SORTS
from app.services.market.filing import MOST_PROVIDERS, file_all, file_listing, file_missing, marks_of
from app.services.market.operating import put_back, take_down
from app.services.market.ranking import tiers_of
from app.services.market.words import index_words
from app.wiring import Wiring
from models.listing import Listing, ListingWord, SearchBlock, SearchTypo
from models.workspace import Role
from tests.support.locks import waits_for_a_lock
from tests.support.market import make_listing
from tests.support.people import make_member
from tests.support.waiting import until

NAMES = ("Invoice reader", "Invoice chaser", "Quiz writer", "Menu translator", "Parcel watch", "Lead finder", "Standup notes")


@pytest.fixture
def shelf(uow: UnitOfWork) -> list[Listing]:
    """Sixty listings that differ in everything a search filters and sorts by, with many ties."""
    uow.actor = make_member(uow, Role.ADMIN)
    dice = random.Random(5)
    rows = [
        Listing(
            workspace_id=uow.workspace_id, slug=f"listing-{number}", creator="Acme", currency="usd", fee_bps=2000, icon="workflow",
            name=dice.choice(NAMES), tagline=dice.choice(NAMES), category=dice.choice(("sales", "support")),
            state=dice.choice(("live", "live", "live", "unlisted", "in_review", "removed")),
            price_cents=dice.choice((0, 900, 1900)), models=dice.choice((" demo/writer ", " openai/gpt-5 demo/writer ", "")),
            needs=dice.choice(("", " network ", " code network ")), install_count=dice.randrange(4), rating_count=dice.choice((0, 2)),
            rating_rank=dice.choice((0.0, 3.5, 4.2)), published_at=uow.ports.clock.now(),
        )
        for number in range(60)
    ]  # fmt: skip
    for row in rows:
        row.rating_sum = row.rating_count * dice.randrange(1, 6)
        uow.session.add(row)
    uow.session.flush()
    for row in rows:
        index_words(uow, row.id, {row.tagline: 4, row.name: 8})
    return rows


def blocks(uow: UnitOfWork) -> dict[tuple[str, int, int], bytes]:
    """The index without what is empty."""
    uow.session.flush()
    rows = uow.session.connection().execute(sa.select(SearchBlock.__table__))  # type: ignore[attr-defined]
    return {(row.word, row.weight, row.block): row.bits for row in rows if row.bits}


def slugs(uow: UnitOfWork, **wish: Any) -> list[str]:
    return [card.slug for card in find_listings(uow, **wish).cards]


WISHES: list[dict[str, Any]] = [
    {},
    {"category": "sales"},
    {"price": "free"},
    {"price": "paid", "sort": "cheapest"},
    {"stars": 3},
    {"stars": 5, "price": "paid", "category": "support"},
    {"model": "openai"},
    {"without": ["network"]},
    {"without": ["code"], "model": "demo", "sort": "newest"},
    *({"sort": sort} for sort in SORTS),
]


def passes(row: Listing, wish: dict[str, Any]) -> bool:
    """The filters in plain words."""
    has_price = {"free": row.price_cents == 0, "paid": row.price_cents > 0, None: True}[wish.get("price")]
    return (
        row.state == "live"
        and wish.get("category", row.category) == row.category
        and has_price
        and (not wish.get("stars") or (row.rating_count > 0 and row.rating_sum / row.rating_count >= wish["stars"]))
        and (not wish.get("model") or f" {wish['model']}/" in row.models)
        and not any(f" {need} " in row.needs for need in wish.get("without", ()))
    )


@pytest.mark.parametrize("wish", WISHES, ids=str)
@pytest.mark.parametrize("search", ["", "invoice", "invoice reader", "invoise", "wat"])
def test_a_search_finds_what_the_rows_say_and_its_pages_follow_each_other(
    uow: UnitOfWork, shelf: list[Listing], search: str, wish: dict[str, Any]
) -> None:
    begun = {"": "", "invoice": "invoice", "invoice reader": "invoice reader", "invoise": "invoice", "wat": "watch"}[search]
    fitting = [row for row in shelf if passes(row, wish) and set(begun.split()) <= set(f"{row.name} {row.tagline}".lower().split())]
    found = find_listings(uow, search=search, **wish)
    assert found.total == len(fitting)
    pages = [slug for page in range(1, found.total // PAGE + 2) for slug in slugs(uow, search=search, page=page, **wish)]
    assert len(pages) == len(set(pages))
    assert set(pages) == {row.slug for row in fitting}
    assert slugs(uow, search=search, page=found.total // PAGE + 2, **wish) == []
    order = SORTS[wish.get("sort", "rating")]
    if "sort" in wish or not search:
        sorted_by = select(Listing.slug).where(col(Listing.id).in_([row.id for row in fitting])).order_by(*order, col(Listing.id).desc())
        assert pages == list(uow.session.exec(sorted_by))


def test_the_name_counts_before_the_order_by_rating(uow: UnitOfWork, shelf: list[Listing]) -> None:
    first = {row.slug for row in shelf if row.state == "live" and "Invoice" in row.name}
    found = slugs(uow, search="invoice")
    assert first
    assert set(found[: len(first)]) == first


def test_whatever_happens_to_a_listing_the_index_is_what_it_would_be_if_built_anew(uow: UnitOfWork, shelf: list[Listing]) -> None:
    dice = random.Random(11)
    for _ in range(60):
        row = dice.choice(shelf)
        deed = dice.choice(("price", "rating", "unlist", "relist", "down", "back", "words"))
        if deed == "price":
            set_listing_price(uow, slug=row.slug, price=dice.choice(("0", "9", "19")))
        elif deed == "rating":
            row.rating_count, row.rating_sum = 3, dice.randrange(3, 16)
            file_listing(uow, row.id)
        elif deed == "unlist":
            unlist_listing(uow, slug=row.slug)
        elif deed == "relist" and row.state != "removed":
            relist_listing(uow, slug=row.slug)
        elif deed == "down" and row.state != "removed":
            take_down(uow, slug=row.slug, reason="A look at it.")
        elif deed == "back":
            put_back(uow, slug=row.slug)
        elif deed == "words":
            index_words(uow, row.id, {dice.choice(NAMES): 8, dice.choice(NAMES): dice.choice((4, 1))})
    grown = blocks(uow)
    assert file_all(uow) == len(shelf)
    assert blocks(uow) == grown
    uow.session.expire_all()
    assert find_listings(uow).total == sum(row.state == "live" for row in shelf)


def test_what_left_the_shelf_behind_the_index_is_not_shown(uow: UnitOfWork, shelf: list[Listing]) -> None:
    gone = next(row for row in shelf if row.state == "live")
    uow.session.connection().execute(sa.update(Listing).where(col(Listing.id) == gone.id).values(state="removed"))
    assert all(gone.slug not in slugs(uow, page=page) for page in (1, 2, 3))


def test_listings_of_an_earlier_release_are_filed_at_the_next_start(uow: UnitOfWork) -> None:
    uow.actor = make_member(uow, Role.ADMIN)
    make_listing(uow, name="Walrus counter", category="research")
    before = blocks(uow)
    assert file_missing(uow) == 0
    lose_the_index(uow)
    assert slugs(uow, search="walrus") == []
    assert file_missing(uow) == 1
    assert slugs(uow, search="walrus") == ["walrus-counter"]
    assert blocks(uow) == before


def test_a_listing_of_an_earlier_release_that_is_changed_is_filed_with_its_words(uow: UnitOfWork) -> None:
    uow.actor = make_member(uow, Role.ADMIN)
    row = make_listing(uow, name="Walrus counter", category="research")
    lose_the_index(uow)
    set_listing_price(uow, slug="walrus-counter", price="9")
    assert slugs(uow, search="walrus", price="paid") == ["walrus-counter"]
    lose_the_index(uow)
    uow.session.refresh(row)
    index_words(uow, row.id, {"Walrus counter": 8, "Seals": 4})
    assert slugs(uow, search="walrus seal") == ["walrus-counter"]
    grown = blocks(uow)
    assert file_all(uow) == 1
    assert blocks(uow) == grown


def lose_the_index(uow: UnitOfWork) -> None:
    """As if the release before it had written everything."""
    uow.session.flush()
    uow.session.connection().execute(sa.update(Listing).values(place=None, filed=""))
    uow.session.connection().execute(sa.delete(SearchBlock))
    uow.session.expire_all()


def test_an_index_whose_counter_is_lost_gives_no_place_twice(uow: UnitOfWork) -> None:
    uow.actor = make_member(uow, Role.ADMIN)
    for name in NAMES[:3]:
        make_listing(uow, name=name)
    uow.session.connection().execute(sa.delete(SearchBlock))
    assert file_all(uow) == 3
    make_listing(uow, name="Walrus counter")
    assert slugs(uow, search="walrus") == ["walrus-counter"]
    places = list(uow.session.exec(select(Listing.place)))
    assert len(set(places)) == 4


def test_filing_and_counting_are_no_change_of_the_page(uow: UnitOfWork) -> None:
    uow.actor = make_member(uow, Role.ADMIN)
    row = make_listing(uow, name="Walrus counter")
    before = datetime(2026, 1, 2, tzinfo=UTC)
    lose_the_index(uow)
    uow.session.connection().execute(sa.update(Listing).values(updated_at=before))
    file_listing(uow, row.id)
    lose_the_index(uow)
    uow.session.connection().execute(sa.update(Listing).values(updated_at=before))
    assert file_all(uow) == 1
    uow.actor = make_member(uow)
    note_view(uow, slug=row.slug)
    uow.session.refresh(row)
    assert (row.view_count, row.place, row.updated_at) == (1, 0, before)


def test_the_marks_of_a_listing_that_names_hundreds_of_providers_have_room(uow: UnitOfWork) -> None:
    uow.actor = make_member(uow, Role.ADMIN)
    row = make_listing(uow, name="Walrus counter")
    row.models = f" {' '.join(f'{one}{other}/m' for one in ascii_lowercase for other in ascii_lowercase[:15])} "
    row.needs, row.rating_count, row.rating_sum = " network code tools credentials ", 1, 5
    assert len(row.models) <= 2000
    file_listing(uow, row.id)
    uow.session.refresh(row)
    assert row.filed.count(":model:") == MOST_PROVIDERS
    assert find_listings(uow, model="aa").total == 1


def test_a_seller_who_changes_a_listing_while_the_index_is_built_anew_is_waited_for(wiring: Wiring) -> None:
    with wiring.unit() as uow:
        seller = uow.actor = make_member(uow, Role.ADMIN)
        make_listing(uow, name="Walrus counter", cents=900)
    built: list[int] = []
    builder = Thread(target=lambda: built.append(wiring.call(file_all, None)))
    with wiring.unit(seller) as uow:
        row = uow.session.exec(select(Listing).with_for_update()).one()
        builder.start()
        until(lambda: waits_for_a_lock(wiring), what="the builder waits for the seller")
        set_listing_price(uow, slug=row.slug, price="0")
    builder.join(60)
    assert built == [1]
    with wiring.unit(seller) as uow:
        assert slugs(uow, search="walrus", price="free") == ["walrus-counter"]
        assert slugs(uow, price="paid") == []


def test_writers_of_the_same_words_take_turns(wiring: Wiring) -> None:
    with wiring.unit() as uow:
        uow.actor = make_member(uow, Role.ADMIN)
        first, second, third = (make_listing(uow, name=name).id for name in NAMES[:3])
        uow.session.connection().execute(sa.delete(SearchTypo))
    other = Thread(target=lambda: wiring.call(index_words, None, third, {"apple": 8, "zebra": 4}))
    with wiring.unit() as uow:
        index_words(uow, first, {"zebra": 8})
        other.start()
        until(lambda: waits_for_a_lock(wiring), what="the other writer waits")
        index_words(uow, second, {"apple": 8})
    other.join(60)
    with wiring.unit() as uow:
        mine = select(ListingWord.word).where(ListingWord.listing_id == third).order_by(ListingWord.word)
        assert list(uow.session.exec(mine)) == ["apple", "zebra"]


def test_the_migration_files_what_was_there_before_it(wiring: Wiring, database_url: str) -> None:
    with wiring.unit() as uow:
        uow.actor = make_member(uow, Role.ADMIN)
        for name in NAMES:
            listing = make_listing(uow, name=name, category="sales", cents=900)
            listing.rating_count, listing.rating_sum = 2, 9
            file_listing(uow, listing.id)
        unlist_listing(uow, slug="quiz-writer")
        before = blocks(uow)
    downgrade(database_url, revision="0042")
    upgrade(database_url)
    with wiring.unit() as uow:
        uow.actor = make_member(uow, Role.ADMIN)
        assert blocks(uow) == before
        make_listing(uow, name="Walrus counter")
        assert slugs(uow, search="walrus") == ["walrus-counter"]
        assert "quiz-writer" not in slugs(uow)


def test_a_place_is_never_given_twice(uow: UnitOfWork) -> None:
    uow.actor = make_member(uow, Role.ADMIN)
    first = make_listing(uow, name="Walrus counter")
    uow.session.connection().execute(sa.delete(ListingWord))
    uow.session.connection().execute(sa.update(Listing).values(state="draft", version_id=None))
    uow.session.connection().execute(sa.text("DELETE FROM listing"))
    uow.session.expunge(first)
    make_listing(uow, name="Seal counter")
    assert slugs(uow, search="walrus") == []


def test_a_listing_without_a_review_has_no_stars_and_one_off_the_shelf_no_mark(uow: UnitOfWork, shelf: list[Listing]) -> None:
    for row in shelf:
        marks = marks_of(row)
        assert bool(marks) is (row.state == "live")
        stars = sum(mark.startswith(":stars:") for mark in marks)
        assert stars == (row.rating_sum // row.rating_count if row.rating_count and marks else 0)


def test_a_listing_counts_with_its_best_fit_for_each_word() -> None:
    bits = {"cat": {8: 0b011, 1: 0b110}, "cats": {4: 0b111}, "dog": {2: 0b101}}
    assert tiers_of(0b111, [{"cat": 10, "cats": 4}, {"dog": 10}], bits) == [(100, 0b001), (36, 0b100)]
    assert tiers_of(0b010, [{"cat": 10}], bits) == [(80, 0b010)]
    assert tiers_of(0, [], bits) == []
