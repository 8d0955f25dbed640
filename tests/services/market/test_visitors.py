"""What people without an account see of the marketplace, and what they do not."""

import json
from dataclasses import replace

import pytest
from sqlmodel import select

from app.core.errors import NotFound, NotSignedIn
from app.core.uow import UnitOfWork
from app.services.market import (
    find_listings,
    get_address_parts,
    get_creator,
    get_listing,
    get_reviews,
    list_addresses,
    list_shelves,
    plan_install,
    unlist_listing,
)
from app.services.market.drawing import outline_of
from models.listing import Listing
from models.workspace import Role
from tests.support.market import make_listing
from tests.support.people import make_member


@pytest.fixture
def shop(uow: UnitOfWork) -> UnitOfWork:
    """A free, a paid and a withdrawn listing; and nobody signed in."""
    uow.actor = make_member(uow, Role.ADMIN)
    for name, cents in (("Invoice reader", 0), ("Invoice chaser", 1900), ("Withdrawn reader", 0)):
        make_listing(uow, name=name, cents=cents)
    unlist_listing(uow, slug="withdrawn-reader")
    uow.actor = None
    return uow


def test_visitors_find_and_read_what_is_on_the_shelf(shop: UnitOfWork) -> None:
    assert {card.slug for card in find_listings(shop, search="reader").cards} == {"invoice-reader"}
    assert {card.slug for shelf in list_shelves(shop) for card in shelf.cards} == {"invoice-reader", "invoice-chaser"}
    free, paid = get_listing(shop, slug="invoice-reader"), get_listing(shop, slug="invoice-chaser")
    assert (free.is_visitor, free.access, free.can_install, free.can_buy) == (True, "free", False, False)
    assert (paid.access, paid.workflow_ids, paid.has_update) == ("for_sale", (), False)
    assert get_creator(shop, creator_id=free.creator_id).listing_count == 2
    assert get_reviews(shop, slug="invoice-reader").problem.startswith("Sign in")


@pytest.mark.parametrize("slug", ["withdrawn-reader", "no-such-thing", None, {"a": 1}])
def test_what_is_off_the_shelf_is_not_there_for_visitors(shop: UnitOfWork, slug: object) -> None:
    with pytest.raises(NotFound):
        get_listing(shop, slug=slug)
    with pytest.raises(NotFound):
        get_reviews(shop, slug=slug)


def test_visitors_cannot_begin_an_install(shop: UnitOfWork) -> None:
    with pytest.raises(NotSignedIn):
        plan_install(shop, slug="invoice-reader")


def test_an_installation_may_keep_its_marketplace_to_its_people(shop: UnitOfWork) -> None:
    shop.ports = replace(shop.ports, has_public_market=False)
    for ask in (list_shelves, find_listings, get_address_parts):
        with pytest.raises(NotSignedIn):
            ask(shop)
    with pytest.raises(NotSignedIn):
        get_listing(shop, slug="invoice-reader")


def test_who_has_not_bought_it_sees_the_shape_of_a_paid_graph_and_none_of_its_content(shop: UnitOfWork) -> None:
    shown = {slug: json.dumps(get_listing(shop, slug=slug).workflow) for slug in ("invoice-reader", "invoice-chaser")}
    assert "inputs.question" in shown["invoice-reader"]
    assert "inputs.question" not in shown["invoice-chaser"]
    paid = get_listing(shop, slug="invoice-chaser").workflow
    assert [node["kind"] for node in paid["nodes"]] == ["start", "agent"]
    assert paid["edges"] == [{"source": "start", "port": "out", "target": "answer"}]
    shop.actor = make_member(shop, Role.ADMIN)
    assert "inputs.question" not in json.dumps(get_listing(shop, slug="invoice-chaser").workflow)


def test_an_outline_keeps_ways_out_and_drops_every_text() -> None:
    cases = [{"id": "angry", "label": "secret", "when": "secret"}]
    node = {
        "id": "sort", "kind": "switch", "label": "Sort", "position": {"x": 1}, "on_error": {"action": "branch", "default": "secret"},
        "config": {"cases": cases, "prompt": "secret", "expires_s": 3600, "headers": {"x": "secret"}, "on": True, "words": ["secret"]},
    }  # fmt: skip
    note = {"id": "note", "kind": "note", "config": {"text": "secret"}}
    definition = {"schema_version": 3, "name": "N", "description": "secret", "nodes": [node, note], "edges": []}
    drawn = outline_of(definition)
    assert "secret" not in json.dumps(drawn)
    assert drawn["nodes"] == [
        {
            "id": "sort", "kind": "switch", "label": "Sort", "position": {"x": 1}, "on_error": {"action": "branch"},
            "config": {"cases": [{"id": "angry"}], "expires_s": 1},
        }
    ]  # fmt: skip


def test_the_site_map_names_what_visitors_may_read(shop: UnitOfWork) -> None:
    assert get_address_parts(shop) == 1
    listed = {one.path for one in list_addresses(shop, part=1)}
    assert listed == {"/marketplace/invoice-reader", "/marketplace/invoice-chaser"}
    seller = shop.session.exec(select(Listing).where(Listing.slug == "invoice-reader")).one()
    top = {one.path for one in list_addresses(shop, part=0)}
    assert {"/marketplace", "/marketplace?category=support", f"/marketplace/creators/{seller.workspace_id}"} <= top
    assert list_addresses(shop, part=2) == list_addresses(shop, part=-1) == list_addresses(shop, part="1") == ()
