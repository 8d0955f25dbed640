"""The people of a deleted workspace: where they go on, and what they may still do with its listings."""

from dataclasses import replace

import pytest
from sqlmodel import select

from app.core.uow import Actor, UnitOfWork
from app.services.accounts import resolve_actor
from app.services.accounts.sign_in import Credentials, open_session
from app.services.closing import restore_workspace
from app.services.closing.workspaces import close, lock_open
from app.services.market import write_review
from app.services.market.reviews import NotYetReviewable
from app.services.payments.buying import OwnListing, place_order
from app.services.plans import list_plans
from app.wiring import Wiring
from models.sign_in import SignInDomain
from models.user import UserSession
from models.workspace import Membership, Role
from tests.services.market.test_reviews import a_user
from tests.support.deleting import sign_in
from tests.support.market import make_listing
from tests.support.people import make_member, make_workspace
from tests.support.racing import meet


def close_current(uow: UnitOfWork) -> None:
    assert uow.actor is not None
    close(uow, lock_open(uow, uow.actor.workspace_id), by=uow.actor.user_id)


def test_nobody_is_without_a_workspace_when_two_of_theirs_close_at_once(wiring: Wiring) -> None:
    with wiring.unit() as uow:
        a, b = make_workspace(uow, "A"), make_workspace(uow, "B")
        olga, pia = make_member(uow, Role.OWNER, workspace=a), make_member(uow, Role.OWNER, workspace=b)
        mia, token = sign_in(uow, make_member(uow, Role.MEMBER, workspace=a))
        uow.session.add(Membership(workspace_id=b.id, user_id=mia.user_id, role=Role.MEMBER))
    meet(wiring, (olga, close_current), (pia, close_current))
    with wiring.unit() as uow:
        left = uow.session.exec(select(Membership).where(Membership.user_id == mia.user_id)).one()
        actor = resolve_actor(uow, token=token)
        assert actor is not None
        assert actor.workspace_id == left.workspace_id


def test_who_has_no_workspace_gets_one_by_signing_in(wiring: Wiring) -> None:
    with wiring.unit() as uow:
        mia = make_member(uow, Role.MEMBER)
        uow.session.delete(uow.session.exec(select(Membership).where(Membership.user_id == mia.user_id)).one())
    with wiring.unit() as uow:
        opened = open_session(uow, credentials=Credentials(user_id=mia.user_id, password_hash="", has_second_factor=True))
    with wiring.unit() as uow:
        assert resolve_actor(uow, token=opened.token) is not None


def test_each_session_goes_where_its_person_goes_on(wiring: Wiring) -> None:
    with wiring.unit() as uow:
        space = make_workspace(uow)
        owner = make_member(uow, Role.OWNER, workspace=space)
        people = [sign_in(uow, make_member(uow, Role.MEMBER, workspace=space)) for _ in range(3)]
        _, confined = sign_in(uow, people[0][0], confined=True)
        elsewhere = make_workspace(uow, "Elsewhere").id
        uow.session.add(Membership(workspace_id=elsewhere, user_id=people[0][0].user_id, role=Role.VIEWER))
    with wiring.unit(owner) as uow:
        close_current(uow)
    with wiring.unit() as uow:
        actors = [resolve_actor(uow, token=token) for _, token in people]
        assert resolve_actor(uow, token=confined) is None
        assert len(uow.session.exec(select(UserSession)).all()) == 4
        assert [actor.user_id for actor in actors if actor] == [one.user_id for one, _ in people]
        places = [actor.workspace_id for actor in actors if actor]
        assert places[0] == elsewhere
        assert len({*places, owner.workspace_id}) == 4


@pytest.fixture
def seller_elsewhere(wiring: Wiring) -> tuple[Actor, Actor, str]:
    """A seller, a person of the seller's workspace who has run its listing to the end in a workspace of their own, and the listing."""
    with wiring.unit() as uow:
        uow.actor = seller = make_member(uow, Role.OWNER)
        listing = make_listing(uow)
        elsewhere = a_user(uow, listing)
        uow.session.add(Membership(workspace_id=seller.workspace_id, user_id=elsewhere.user_id, role=Role.OWNER))
        return seller, elsewhere, listing.slug


def test_who_sells_a_listing_does_not_review_it_while_the_workspace_is_deleted(
    wiring: Wiring, seller_elsewhere: tuple[Actor, Actor, str]
) -> None:
    seller, elsewhere, slug = seller_elsewhere
    with pytest.raises(NotYetReviewable):
        wiring.call(write_review, elsewhere, slug=slug, stars=5)
    with wiring.unit(seller) as uow:
        close_current(uow)
    with pytest.raises(NotYetReviewable, match="belong"):
        wiring.call(write_review, elsewhere, slug=slug, stars=5)


def test_nor_is_it_bought_by_its_people(wiring: Wiring, seller_elsewhere: tuple[Actor, Actor, str]) -> None:
    seller, elsewhere, slug = seller_elsewhere
    with wiring.unit(seller) as uow:
        close_current(uow)
    with pytest.raises(OwnListing):
        wiring.call(place_order, elsewhere, slug=slug, seen_cents=0)


@pytest.mark.parametrize("is_taken", [False, True])
def test_proved_domains_are_free_while_it_is_deleted_and_come_back_where_nobody_took_them(wiring: Wiring, is_taken: bool) -> None:
    with wiring.unit() as uow:
        uow.actor = owner = make_member(uow, Role.OWNER)
        other = make_member(uow, Role.OWNER)
        prove_domain(uow, owner)
    with wiring.unit(owner) as uow:
        close_current(uow)
    with wiring.unit() as uow:
        home = uow.session.exec(select(Membership.workspace_id).where(Membership.user_id == owner.user_id)).one()
        if is_taken:
            prove_domain(uow, other)
    wiring.call(restore_workspace, replace(owner, workspace_id=home), workspace_id=str(owner.workspace_id))
    with wiring.unit() as uow:
        row = uow.session.exec(select(SignInDomain).where(SignInDomain.workspace_id == owner.workspace_id)).one()
        assert (row.held, row.confirmed_at is None) == ((None, True) if is_taken else ("example.com", False))


def prove_domain(uow: UnitOfWork, actor: Actor) -> None:
    now = uow.ports.clock.now()
    row = SignInDomain(workspace_id=actor.workspace_id, domain="example.com", token="t" * 32, held="example.com", confirmed_at=now)
    uow.session.add(row)
    uow.session.flush()


def test_operators_see_no_deleted_workspace_among_the_plans(wiring: Wiring) -> None:
    with wiring.unit() as uow:
        owner = make_member(uow, Role.OWNER)
    assert str(owner.workspace_id) in {one.workspace_id for one in wiring.call(list_plans, None)}
    with wiring.unit(owner) as uow:
        close_current(uow)
    assert str(owner.workspace_id) not in {one.workspace_id for one in wiring.call(list_plans, None)}
