"""A new version is told to who has an earlier one and may take the new one: by letter, at home and on the cards of workflows."""

import pytest
from sqlalchemy import event
from sqlmodel import select

from app.core.permissions import Permission, permissions_of
from app.core.uow import Actor, UnitOfWork
from app.jobs.mail import MailPost
from app.services.home import home_view
from app.services.letters import choose_letters
from app.services.mail import list_outbox
from app.services.market import install_listing, unlist_listing
from app.services.market.publishing import add_version
from app.services.market.releases import AT_ONCE, has_release, tell_release
from app.services.runs import start_run
from app.services.workflows import duplicate_workflow, list_workflows
from app.wiring import Wiring
from engine.blueprint.codec import decode
from models.ids import new_id
from models.listing import Install, Listing, ListingVersion
from models.purchase import Purchase
from models.run import Run, RunStatus
from models.workspace import Role, Workspace
from tests.support.market import BLUEPRINT, make_listing, make_purchase
from tests.support.people import make_member, make_workspace


@pytest.fixture
def listing(uow: UnitOfWork) -> Listing:
    uow.actor = make_member(uow, Role.OWNER)
    return make_listing(uow)


def release(uow: UnitOfWork, listing: Listing, number: str = "1.1.0", *, cents: int = 0) -> None:
    """The next version, on the shelf."""
    wish = {"name": listing.name, "tagline": listing.tagline, "description": listing.description, "category": listing.category,
            "price_cents": cents, "licence": "standard", "version": number, "changelog": "Better."}  # fmt: skip
    add_version(uow, listing, decode(BLUEPRINT), wish=wish, samples=[])


def buyer(uow: UnitOfWork, listing: Listing, name: str = "Buyers") -> Actor:
    """The owner of a workspace that has installed it; they act from now on."""
    uow.actor = make_member(uow, Role.OWNER, workspace=make_workspace(uow, name))
    install_listing(uow, slug=listing.slug, version="1.0.0")
    return uow.actor


def letters(uow: UnitOfWork) -> list[str]:
    """The subjects of what workers write until nobody is left to be told."""
    while has_release(uow.session.connection()):
        tell_release(uow)
    uow.session.flush()
    return sorted(letter.subject for letter in list_outbox(uow, address="127.0.0.1") if "Update of" in letter.subject)


def test_who_leads_a_workspace_that_has_it_gets_one_letter_for_each_version(uow: UnitOfWork, listing: Listing) -> None:
    first = buyer(uow, listing, "One")
    make_member(uow, Role.ADMIN, workspace=uow.session.get(Workspace, first.workspace_id))
    make_member(uow, Role.MEMBER, workspace=uow.session.get(Workspace, first.workspace_id))
    buyer(uow, listing, "Two")
    assert letters(uow) == []
    release(uow, listing)
    once = ["One: Update of Order triage to 1.1.0"] * 2 + ["Two: Update of Order triage to 1.1.0"]
    assert letters(uow) == once
    assert letters(uow) == once
    release(uow, listing, "1.2.0")
    assert len(letters(uow)) == 6


def test_the_letter_tells_what_is_there_and_nothing_of_the_package(uow: UnitOfWork, listing: Listing) -> None:
    buyer(uow, listing)
    release(uow, listing)
    letters(uow)
    (letter,) = list_outbox(uow, address="127.0.0.1")
    assert "Version 1.1.0 of Order triage is out; Buyers has 1.0.0." in letter.text
    assert f"/marketplace/{listing.slug}" in letter.text
    assert "/letters/stop/" in letter.text
    assert "one sentence" not in letter.text


def test_nobody_else_gets_one(uow: UnitOfWork, listing: Listing) -> None:
    seller = make_member(uow, Role.OWNER, workspace=uow.session.get(Workspace, listing.workspace_id))
    uow.actor = seller
    install_listing(uow, slug=listing.slug, version="1.0.0")
    buyer(uow, listing, "Wants none")
    choose_letters(uow, kind="update", is_on=False)
    late = make_member(uow, Role.OWNER)
    release(uow, listing)
    uow.actor = late
    install_listing(uow, slug=listing.slug, version="1.1.0")
    assert letters(uow) == []


def test_a_version_that_must_be_paid_for_is_told_to_who_has_paid(uow: UnitOfWork, listing: Listing) -> None:
    buyer(uow, listing, "Unpaid")
    payer = buyer(uow, listing, "Paid")
    order: Purchase = make_purchase(uow, payer, seller_id=listing.workspace_id, cents=900)
    order.listing_id, order.state = listing.id, "paid"
    release(uow, listing, cents=900)
    assert letters(uow) == ["Paid: Update of Order triage to 1.1.0"]
    assert [notice.title for notice in home_view(uow).notices] == ["Update “Order triage” to 1.1.0"]
    order.state = "refunded"
    assert home_view(uow).notices == ()
    assert list_workflows(uow).items[0].came_from.newer == ""  # type: ignore[union-attr]


def test_what_has_left_the_shelf_is_told_to_nobody(uow: UnitOfWork, listing: Listing) -> None:
    seller = uow.actor
    buyer(uow, listing)
    release(uow, listing)
    uow.actor = seller
    unlist_listing(uow, slug=listing.slug)
    assert letters(uow) == []


def test_many_installs_are_told_in_batches_of_bounded_statements(uow: UnitOfWork, listing: Listing) -> None:
    old = uow.session.exec(select(ListingVersion)).one()
    for number in range(AT_ONCE + 3):
        actor = make_member(uow, Role.OWNER, workspace=make_workspace(uow, f"No. {number}"))
        uow.session.add(Install(workspace_id=actor.workspace_id, listing_id=listing.id, version_id=old.id, workflow_ids=[]))
    release(uow, listing)
    statements: list[str] = []
    connection = uow.session.connection()
    event.listen(connection, "before_cursor_execute", lambda *given: statements.append(given[2]))
    assert tell_release(uow) == AT_ONCE
    uow.session.flush()
    assert len(statements) < 10
    assert tell_release(uow) == 3
    assert not has_release(connection)
    assert len(set(letters(uow))) == min(50, AT_ONCE + 3)  # as many as the outbox shows, each workspace once


def test_workers_write_and_send_them(wiring: Wiring) -> None:
    with wiring.unit() as uow:
        uow.actor = make_member(uow, Role.OWNER)
        listing = make_listing(uow)
        buyer(uow, listing)
        release(uow, listing)
    assert MailPost(wiring).look() == 1
    assert MailPost(wiring).look() == 0


def test_cards_tell_where_a_workflow_came_from_and_what_is_newer(uow: UnitOfWork, listing: Listing) -> None:
    buyer(uow, listing)
    duplicate_workflow(uow, workflow_id=list_workflows(uow).items[0].id)
    release(uow, listing)
    origins = [card.came_from for card in list_workflows(uow, sort="created").items]
    assert [(one.title, one.version, one.slug, one.newer) for one in origins if one] == [
        ("Order triage", "1.0.0", listing.slug, ""),
        ("Order triage", "1.0.0", listing.slug, "1.1.0"),
    ]


def test_a_listing_that_cannot_be_seen_is_named_without_a_link(uow: UnitOfWork, listing: Listing) -> None:
    seller = uow.actor
    actor = buyer(uow, listing)
    uow.session.delete(uow.session.exec(select(Install).where(Install.workspace_id == actor.workspace_id)).one())
    uow.actor = seller
    unlist_listing(uow, slug=listing.slug)
    uow.actor = actor
    (card,) = list_workflows(uow).items
    assert card.came_from
    assert (card.came_from.title, card.came_from.slug) == ("Order triage", "")


def test_the_last_run_is_told_although_one_inside_it_is_sealed(uow: UnitOfWork, listing: Listing) -> None:
    buyer(uow, listing)
    workflow = list_workflows(uow).items[0]
    outer = uow.session.exec(select(Run).where(Run.id == start_run(uow, workflow_id=workflow.id, inputs={"question": "?"}).id)).one()
    outer.status = RunStatus.FAILED
    inner = Run(workspace_id=outer.workspace_id, workflow_id=outer.workflow_id, plan_id=outer.plan_id, parent_run_id=outer.id,
                parent_node="sealed", sealed_by=new_id(), inputs={}, status=RunStatus.FAILED)  # fmt: skip
    uow.session.add(inner)
    uow.session.flush()
    assert list_workflows(uow).items[0].last_run_status == RunStatus.FAILED


def test_buyers_who_may_only_look_see_it_too(uow: UnitOfWork, listing: Listing) -> None:
    actor = buyer(uow, listing)
    release(uow, listing)
    uow.actor = make_member(uow, Role.VIEWER, workspace=uow.session.get(Workspace, actor.workspace_id))
    assert Permission.EDIT not in permissions_of(uow.actor)
    assert list_workflows(uow).items[0].came_from.newer == "1.1.0"  # type: ignore[union-attr]
