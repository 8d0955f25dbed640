"""The seed catalogue: useful on each shelf, sound, tested, and showing what its tests really give."""

import json
from collections import Counter

import pytest
from sqlalchemy import delete, event
from sqlmodel import col, select

from app.core.first_rows import OFFERS
from app.core.uow import UnitOfWork
from app.services.market import get_listing, install_listing, seed_market
from app.services.market.catalogue import read_about, read_changes, read_offer, read_samples
from app.services.market.publishing import add_version
from app.services.market.shelves import CATEGORIES
from app.services.workflows import get_workflow
from app.wiring import Wiring
from engine.graph.checker import check
from engine.nodes.registry import KINDS
from models.listing import Listing, ListingVersion
from models.purchase import Purchase
from models.workspace import Role
from tests.support.catalogue import run_test
from tests.support.people import make_member

KEYS = [offer.key for offer in OFFERS]


def test_every_shelf_holds_three_listings_or_more() -> None:
    shelves = Counter(offer.category for offer in OFFERS)
    assert set(shelves) == {category.key for category in CATEGORIES}
    assert min(shelves.values()) >= 3
    assert len(KEYS) == len(set(KEYS)) >= 18
    assert {offer.price_cents == 0 for offer in OFFERS} == {True, False}


@pytest.mark.parametrize("key", KEYS)
async def test_an_offer_is_sound_and_its_tests_give_what_its_page_shows(key: str) -> None:
    bundle = read_offer(key)
    assert [finding for spec in bundle.workflows.values() for finding in check(spec, kinds=KINDS, agents=bundle.agents)] == []
    assert all(agent.model.startswith("demo/") for agent in bundle.agents.values())
    assert len(read_about()[key]) >= 200
    offer = next(offer for offer in OFFERS if offer.key == key)
    assert bundle.metadata.version == offer.version
    assert offer.version == "1.0.0" or read_changes()[key][offer.version]
    samples = [await run_test(bundle, test) for test in bundle.tests]
    assert all(sample["has_passed"] for sample in samples)
    shown = [{**sample, "seconds": 0} for sample in read_samples()[key]]
    assert json.loads(json.dumps([{**sample, "seconds": 0} for sample in samples])) == shown


def test_every_offer_is_installed_without_a_finding(uow: UnitOfWork) -> None:
    assert seed_market(uow) == len(OFFERS)
    uow.actor = make_member(uow, Role.OWNER)
    for offer in OFFERS:
        detail = get_listing(uow, slug=offer.slug)
        if offer.price_cents:
            _own(uow, detail.card.slug)
        workflow_id = install_listing(uow, slug=offer.slug, version=detail.version)
        assert get_workflow(uow, workflow_id=workflow_id).findings == ()


def test_an_installation_with_older_versions_gets_todays_beside_them(uow: UnitOfWork) -> None:
    seed_market(uow)
    listing = uow.session.exec(select(Listing).where(Listing.slug == "refund-decider")).one()
    uow.session.exec(delete(ListingVersion).where(col(ListingVersion.listing_id) == listing.id))
    before = read_offer("refund_decider")
    older = before.model_copy(update={"metadata": before.metadata.model_copy(update={"version": "1.0.0"})})
    wish = {"version": "1.0.0", "changelog": "First version.", "licence": "standard"}
    add_version(uow, listing, older, wish=wish, samples=[])
    listing.price_cents, listing.state = 2500, "unlisted"
    uow.session.flush()
    assert seed_market(uow) == 0
    uow.session.refresh(listing)
    shown = uow.session.get(ListingVersion, listing.version_id)
    assert shown
    assert (shown.number, shown.changelog) == ("1.1.0", read_changes()["refund_decider"]["1.1.0"])
    assert (listing.price_cents, listing.state) == (2500, "unlisted")
    kept = uow.session.exec(select(ListingVersion.number).where(ListingVersion.listing_id == listing.id)).all()
    assert sorted(kept) == ["1.0.0", "1.1.0"]


def _own(uow: UnitOfWork, slug: str) -> None:
    listing = uow.session.exec(select(Listing).where(Listing.slug == slug)).one()
    uow.session.add(
        Purchase(
            workspace_id=uow.workspace_id,
            listing_id=listing.id,
            version_id=listing.version_id,
            seller_id=listing.workspace_id,
            title=listing.name,
            version="1.0.0",
            amount_cents=listing.price_cents,
            currency="usd",
            fee_bps=10_000,
            mode="test",
            state="paid",
        )
    )
    uow.session.flush()


def test_a_second_start_reads_one_list_and_nothing_else(wiring: Wiring) -> None:
    with wiring.unit() as uow:
        seed_market(uow)
    statements: list[str] = []
    event.listen(wiring.database, "before_cursor_execute", lambda *call: statements.append(call[2]))
    with wiring.unit() as uow:
        assert seed_market(uow) == 0
    assert sum("listing" in statement for statement in statements) == 1
