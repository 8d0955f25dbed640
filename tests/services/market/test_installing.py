"""Installing: the permission screen, one install per workspace, nothing without payment, nothing that was tampered with."""

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DatabaseError
from sqlmodel import select

from app.core.errors import AppError, Conflict, NotFound
from app.core.uow import UnitOfWork
from app.services.market import get_listing, install_listing, note_view, plan_install, unlist_listing
from app.services.market.installing import ListingNotBought
from app.services.market.packages import is_intact
from app.services.workflows import delete_workflow, get_workflow
from models.listing import Install, Listing, ListingVersion
from models.workflow import Workflow
from models.workspace import Role
from tests.support.market import make_listing
from tests.support.people import make_member


def offered(uow: UnitOfWork, *, cents: int = 0) -> Listing:
    """A listing of somebody else, with a fresh buyer as the actor."""
    uow.actor = make_member(uow, Role.OWNER)
    listing = make_listing(uow, cents=cents)
    uow.actor = make_member(uow)
    return listing


def test_the_permission_screen_changes_nothing(uow: UnitOfWork) -> None:
    listing = offered(uow)
    plan = plan_install(uow, slug=listing.slug)
    assert [(line.title, line.detail) for line in plan.permissions] == [("Ask language models", "demo/assistant")]
    assert (plan.workflows, [agent.action for agent in plan.agents], plan.warnings) == (("Ask",), ["create"], ())
    assert uow.session.exec(select(Workflow.id)).all() == []


def test_a_free_listing_is_installed_once(uow: UnitOfWork) -> None:
    listing = offered(uow)
    assert get_listing(uow, slug=listing.slug).access == "free"
    first = install_listing(uow, slug=listing.slug, version="1.0.0")
    assert install_listing(uow, slug=listing.slug, version="1.0.0") == first
    assert get_workflow(uow, workflow_id=first).findings == ()
    detail = get_listing(uow, slug=listing.slug)
    assert (detail.access, detail.workflow_ids, detail.card.install_count) == ("installed", (first,), 1)


def test_what_was_deleted_is_installed_anew_and_counted_once(uow: UnitOfWork) -> None:
    listing = offered(uow)
    first = install_listing(uow, slug=listing.slug, version="1.0.0")
    delete_workflow(uow, workflow_id=first)
    second = install_listing(uow, slug=listing.slug, version="1.0.0")
    assert second != first
    assert get_listing(uow, slug=listing.slug).card.install_count == 1
    assert len(uow.session.exec(select(Install.id)).all()) == 1


def test_a_version_whose_permissions_nobody_saw_is_not_installed(uow: UnitOfWork) -> None:
    listing = offered(uow)
    with pytest.raises(Conflict):
        install_listing(uow, slug=listing.slug, version="0.9.0")


def test_what_has_a_price_is_not_installed_unpaid(uow: UnitOfWork) -> None:
    listing = offered(uow, cents=1900)
    assert get_listing(uow, slug=listing.slug).access == "for_sale"
    for attempt in (plan_install, lambda unit, slug: install_listing(unit, slug=slug, version="1.0.0")):
        with pytest.raises(ListingNotBought):
            attempt(uow, slug=listing.slug)


def test_a_listing_off_the_shelf_is_gone_for_strangers_and_stays_for_who_has_it(uow: UnitOfWork) -> None:
    uow.actor = seller = make_member(uow, Role.OWNER)
    listing = make_listing(uow)
    uow.actor = buyer = make_member(uow)
    install_listing(uow, slug=listing.slug, version="1.0.0")
    uow.actor = seller
    unlist_listing(uow, slug=listing.slug)
    uow.actor = buyer
    assert get_listing(uow, slug=listing.slug).access == "installed"
    uow.actor = make_member(uow)
    for service in (get_listing, plan_install, note_view):
        with pytest.raises(NotFound):
            service(uow, slug=listing.slug)


@pytest.mark.parametrize("slug", ["", "nope", None, 7, "x" * 1000, "../order-triage", "\x00"])
def test_an_unknown_listing_is_not_there(uow: UnitOfWork, slug: object) -> None:
    offered(uow)
    with pytest.raises(AppError):
        get_listing(uow, slug=slug)


def test_a_view_of_a_stranger_counts_and_the_sellers_own_does_not(uow: UnitOfWork) -> None:
    uow.actor = make_member(uow, Role.OWNER)
    listing = make_listing(uow)
    note_view(uow, slug=listing.slug)
    uow.actor = make_member(uow)
    note_view(uow, slug=listing.slug)
    uow.session.refresh(listing)
    assert listing.view_count == 1


def test_everybody_counts_once_a_day_visitors_too(uow: UnitOfWork) -> None:
    uow.actor = make_member(uow, Role.OWNER)
    listing = make_listing(uow)
    uow.actor = make_member(uow)
    for _ in range(3):
        note_view(uow, slug=listing.slug)
    uow.actor = None
    for network in ("192.0.2.1", "192.0.2.1", "192.0.2.2", ""):
        note_view(uow, slug=listing.slug, network=network)
    uow.session.refresh(listing)
    assert listing.view_count == 3


def test_a_published_version_is_never_changed(uow: UnitOfWork) -> None:
    offered(uow)
    version = uow.session.exec(select(ListingVersion)).one()
    assert is_intact(uow.ports.box, version)
    with pytest.raises(DatabaseError), uow.session.begin_nested():
        uow.session.connection().execute(sa.text("UPDATE listing_version SET bundle = 'kind: Bundle'"))


def test_a_package_with_a_foreign_signature_is_not_intact(uow: UnitOfWork) -> None:
    offered(uow)
    version = uow.session.exec(select(ListingVersion)).one()
    uow.session.expunge(version)
    for name, value in (("bundle", version.bundle + "\n"), ("digest", "0" * 64), ("signature", "x")):
        other = version.model_copy(update={name: value})
        assert not is_intact(uow.ports.box, other)
