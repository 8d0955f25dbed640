"""Reviews: only by people who ran it, once each, stars within bounds, no votes for oneself, a rank that one review does not win (M11)."""

from functools import partial

import pytest
from sqlmodel import select

from app.core.errors import Invalid, NotAllowed, NotFound
from app.core.uow import Actor, UnitOfWork
from app.services.market import (
    find_listings,
    get_listing,
    get_reviews,
    install_listing,
    reply_review,
    report_review,
    update_install,
    vote_review,
    write_review,
)
from app.services.market.publishing import add_version
from app.services.market.reviews import NotYetReviewable
from app.services.runs import start_run
from app.wiring import Wiring
from engine.blueprint.codec import decode
from models.listing import Listing
from models.purchase import Purchase
from models.run import Run, RunStatus
from models.workspace import Membership, Role
from tests.support.clock import FrozenClock
from tests.support.market import BLUEPRINT, make_listing, make_purchase
from tests.support.people import make_member
from tests.support.racing import meet


@pytest.fixture
def listing(uow: UnitOfWork) -> Listing:
    uow.actor = make_member(uow, Role.OWNER, name="Sal Seller")
    return make_listing(uow)


def a_user(uow: UnitOfWork, listing: Listing, *, status: RunStatus | None = RunStatus.SUCCEEDED) -> Actor:
    """Somebody who has installed the listing and run it to this end; the unit's actor from now on."""
    uow.actor = make_member(uow)
    workflow_id = install_listing(uow, slug=listing.slug, version="1.0.0")
    if status is not None:
        row = start_run(uow, workflow_id=workflow_id, inputs={"question": "Why?"})
        run = uow.session.exec(select(Run).where(Run.id == row.id)).one()
        run.status = status
        uow.session.flush()
    return uow.actor


def test_a_review_is_counted_shown_and_changed_in_place(uow: UnitOfWork, listing: Listing) -> None:
    a_user(uow, listing)
    write_review(uow, slug=listing.slug, stars=4, text="Saves an hour a day.")
    write_review(uow, slug=listing.slug, stars=5, text="Two hours.")
    reviews = get_reviews(uow, slug=listing.slug)
    assert [(row.stars, row.text, row.version, row.is_mine) for row in reviews.rows] == [(5, "Two hours.", "1.0.0", True)]
    assert (reviews.spread, listing.rating_count, listing.rating_sum) == ((1, 0, 0, 0, 0), 1, 5)


def test_a_review_is_of_the_version_in_use_here(uow: UnitOfWork, listing: Listing) -> None:
    a_user(uow, listing)
    wish = {"name": listing.name, "tagline": listing.tagline, "description": listing.description, "category": listing.category}
    terms = {"price_cents": 0, "licence": "standard", "version": "2.0.0", "changelog": "Anew.", "is_monthly": False}
    add_version(uow, listing, decode(BLUEPRINT.replace("version: 1.0.0", "version: 2.0.0")), wish=wish | terms, samples=[])
    write_review(uow, slug=listing.slug, stars=4)
    assert [row.version for row in get_reviews(uow, slug=listing.slug).rows] == ["1.0.0"]
    update_install(uow, slug=listing.slug, version="2.0.0")
    write_review(uow, slug=listing.slug, stars=5)
    assert [row.version for row in get_reviews(uow, slug=listing.slug).rows] == ["2.0.0"]


def test_the_same_review_sent_twice_is_not_edited_and_another_one_is(wiring: Wiring, clock: FrozenClock) -> None:
    with wiring.unit() as uow:
        uow.actor = make_member(uow, Role.OWNER)
        author, slug = a_user(uow, listing := make_listing(uow)), listing.slug
    edited = []
    for stars, text in ((4, "Saves an hour."), (4, "Saves an hour. "), (5, "Saves an hour.")):
        with wiring.unit(author) as uow:
            write_review(uow, slug=slug, stars=stars, text=text)
        clock.advance(seconds=5)
        with wiring.unit(author, write=False) as uow:
            edited.append([(row.stars, row.is_edited) for row in get_reviews(uow, slug=slug).rows])
    assert edited == [[(4, False)], [(4, False)], [(5, True)]]


def test_two_reviews_that_are_written_at_once_are_both_counted(wiring: Wiring) -> None:
    with wiring.unit() as uow:
        uow.actor = make_member(uow, Role.OWNER)
        listing = make_listing(uow)
        slug, listing_id = listing.slug, listing.id
        pair = [a_user(uow, listing) for _ in range(2)]
        uow.session.expunge_all()
    meet(wiring, *((actor, lambda uow: write_review(uow, slug=slug, stars=4)) for actor in pair))
    with wiring.unit(write=False) as uow:
        found = uow.session.exec(select(Listing).where(Listing.id == listing_id)).one()
        assert (found.rating_count, found.rating_sum) == (2, 8)


@pytest.mark.parametrize("stars", [0, 6, -1, "5", 4.0, True, None, [5]])
def test_stars_are_one_to_five(uow: UnitOfWork, listing: Listing, stars: object) -> None:
    a_user(uow, listing)
    with pytest.raises(Invalid) as refused:
        write_review(uow, slug=listing.slug, stars=stars)
    assert set(refused.value.fields) == {"stars"}


@pytest.mark.parametrize("status", [None, RunStatus.FAILED, RunStatus.WAITING])
def test_who_has_not_run_it_to_the_end_does_not_review_it(uow: UnitOfWork, listing: Listing, status: RunStatus | None) -> None:
    a_user(uow, listing, status=status)
    with pytest.raises(NotYetReviewable):
        write_review(uow, slug=listing.slug, stars=5)


@pytest.mark.parametrize("part", ["a step", "dry", "test", "fork"])
def test_what_is_no_whole_run_is_neither_reviewed_nor_measured(uow: UnitOfWork, listing: Listing, part: str) -> None:
    a_user(uow, listing)
    run = uow.session.exec(select(Run)).one()
    run.started_at = run.finished_at = run.created_at
    uow.session.flush()
    assert get_listing(uow, slug=listing.slug).measured.runs == 1
    run.kind, run.is_dry = "step" if part == "a step" else "workflow", part == "dry"
    run.trigger = part if part in ("test", "fork") else "manual"
    uow.session.flush()
    assert get_listing(uow, slug=listing.slug).measured.runs == 0
    with pytest.raises(NotYetReviewable):
        write_review(uow, slug=listing.slug, stars=5)


def test_runs_of_the_sellers_own_people_are_not_measured(uow: UnitOfWork, listing: Listing) -> None:
    workflow_id = install_listing(uow, slug=listing.slug, version="1.0.0")
    row = start_run(uow, workflow_id=workflow_id, inputs={"question": "Why?"})
    run = uow.session.exec(select(Run).where(Run.id == row.id)).one()
    run.status, run.started_at, run.finished_at = RunStatus.SUCCEEDED, run.created_at, run.created_at
    uow.session.flush()
    assert get_listing(uow, slug=listing.slug).measured.runs == 0


def test_strangers_and_colleagues_of_a_user_do_not_review(uow: UnitOfWork, listing: Listing) -> None:
    user = a_user(uow, listing)
    colleague = make_member(uow)
    uow.session.add(Membership(workspace_id=user.workspace_id, user_id=colleague.user_id, role=Role.MEMBER))
    uow.session.flush()
    for actor in (make_member(uow), Actor(user_id=colleague.user_id, workspace_id=user.workspace_id, role=Role.MEMBER)):
        uow.actor = actor
        with pytest.raises(NotYetReviewable):
            write_review(uow, slug=listing.slug, stars=1)


def test_the_seller_reviews_nothing_of_their_own_from_any_workspace(uow: UnitOfWork, listing: Listing) -> None:
    seller = uow.actor
    assert seller
    elsewhere = a_user(uow, listing)
    uow.session.add(Membership(workspace_id=elsewhere.workspace_id, user_id=seller.user_id, role=Role.MEMBER))
    uow.session.flush()
    for actor in (seller, Actor(user_id=seller.user_id, workspace_id=elsewhere.workspace_id, role=Role.MEMBER)):
        uow.actor = actor
        with pytest.raises(NotYetReviewable):
            write_review(uow, slug=listing.slug, stars=5)


def test_after_a_refund_there_is_no_review(uow: UnitOfWork, listing: Listing) -> None:
    user = a_user(uow, listing)
    listing.price_cents = 500
    purchase: Purchase = make_purchase(uow, user, seller_id=listing.workspace_id, cents=500)
    purchase.listing_id, purchase.state = listing.id, "paid"
    uow.session.flush()
    write_review(uow, slug=listing.slug, stars=5)
    purchase.state = "refunded"
    uow.session.flush()
    with pytest.raises(NotYetReviewable):
        write_review(uow, slug=listing.slug, stars=1)


def test_votes_and_reports_count_once_and_not_for_oneself(uow: UnitOfWork, listing: Listing) -> None:
    a_user(uow, listing)
    write_review(uow, slug=listing.slug, stars=2)
    (mine,) = get_reviews(uow, slug=listing.slug).rows
    with pytest.raises(NotAllowed):
        vote_review(uow, review_id=mine.id)
    uow.actor = make_member(uow)
    for _ in range(2):
        vote_review(uow, review_id=mine.id)
        report_review(uow, review_id=mine.id, ground="offensive", reason="Rude")
    (seen,) = get_reviews(uow, slug=listing.slug).rows
    assert (seen.helpful_count, seen.is_voted, seen.is_reported) == (1, True, True)


def test_only_the_creator_replies(uow: UnitOfWork, listing: Listing) -> None:
    seller = uow.actor
    a_user(uow, listing)
    write_review(uow, slug=listing.slug, stars=2)
    (review,) = get_reviews(uow, slug=listing.slug).rows
    uow.actor = make_member(uow, Role.OWNER)
    with pytest.raises(NotFound):
        reply_review(uow, review_id=review.id, text="Thank you")
    uow.actor = seller
    reply_review(uow, review_id=review.id, text="Thank you")
    assert get_reviews(uow, slug=listing.slug).rows[0].reply == "Thank you"


@pytest.mark.parametrize("service", [vote_review, partial(report_review, ground="spam")])
@pytest.mark.parametrize("review_id", ["", None, 7, "00000000-0000-0000-0000-000000000000"])
def test_an_unknown_review_is_not_there(uow: UnitOfWork, listing: Listing, service: object, review_id: object) -> None:
    with pytest.raises(NotFound):
        service(uow, review_id=review_id)  # type: ignore[operator]


def test_one_five_star_review_does_not_win_over_many_good_ones(uow: UnitOfWork, listing: Listing) -> None:
    seller = uow.actor
    other = make_listing(uow, name="Other triage")
    for stars in (5, 5, 4, 5):
        a_user(uow, listing)
        write_review(uow, slug=listing.slug, stars=stars)
    a_user(uow, other)
    write_review(uow, slug=other.slug, stars=5)
    uow.actor = seller
    assert [card.slug for card in find_listings(uow, sort="rating").cards] == [listing.slug, other.slug]
