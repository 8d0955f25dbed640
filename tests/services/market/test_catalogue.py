"""The seed catalogue: useful on each shelf, sound, tested, and showing what its tests really give."""

import json
from collections import Counter

import pytest
from sqlalchemy import event
from sqlmodel import select

from app.core.first_rows import OFFERS
from app.core.uow import UnitOfWork
from app.services.market import get_listing, install_listing, seed_market
from app.services.market.catalogue import read_about, read_offer, read_samples
from app.services.market.shelves import CATEGORIES
from app.services.workflows import get_workflow
from app.wiring import Wiring
from engine.graph.checker import check
from engine.nodes.registry import KINDS
from models.listing import Listing
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
