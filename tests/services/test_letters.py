"""Letters to sellers: one for each fact, to who leads the workspace and wants them, with a link that ends their kind."""

import re

import pytest
from fastapi.testclient import TestClient
from sqlmodel import select

from app.api.server import build_api
from app.core.errors import NotFound
from app.core.payments import DisputeFact, PaymentFacts, RefundFact
from app.core.uow import Actor, UnitOfWork
from app.services.letters import choose_letters, find_letters, get_letters, stop_letters, tell_sellers, token_of
from app.services.mail import claim_mail, list_outbox
from app.services.market import delete_review, install_listing, publish_listing, write_review
from app.services.market.moderating import decide, remove_listing
from app.services.payments import apply_facts, fail_payout, finish_payout, start_payout
from app.services.runs import start_run
from app.wiring import Wiring, get_wiring
from models.listing import Listing
from models.moderation import ModerationCase
from models.purchase import Purchase
from models.run import Run, RunStatus
from models.user import User
from models.workspace import Role, Workspace
from tests.services.market.test_publishing import FORM, made
from tests.support.clock import FrozenClock
from tests.support.market import make_listing, make_payout_account, make_purchase
from tests.support.people import make_member


@pytest.fixture
def seller(uow: UnitOfWork) -> Actor:
    uow.actor = make_member(uow, Role.OWNER)
    return uow.actor


def sold(uow: UnitOfWork, seller: Actor) -> Purchase:
    uow.actor = make_member(uow, Role.OWNER)
    return make_purchase(uow, uow.actor, seller_id=seller.workspace_id, cents=1999)


def news(purchase: Purchase, *, refunds: tuple[RefundFact, ...] = (), disputes: tuple[DisputeFact, ...] = ()) -> PaymentFacts:
    return PaymentFacts("cs_1", str(purchase.id), "paid", 1999, "usd", "pi_1", paid_cents=1999, refunds=refunds, disputes=disputes)


def letters(uow: UnitOfWork) -> list[str]:
    """The subjects of letters to sellers without the workspace's name, the first one first."""
    uow.session.flush()
    subjects = [letter.subject.partition(": ")[2] for letter in reversed(list_outbox(uow, address="127.0.0.1"))]
    return [subject for subject in subjects if not subject.startswith(("Receipt for", "Refund for"))]


def test_news_of_a_payment_is_told_once_however_often_it_comes(uow: UnitOfWork, seller: Actor) -> None:
    purchase = sold(uow, seller)
    refund = (RefundFact("re_1", 1000),)
    for _ in range(3):
        apply_facts(uow, news(purchase))
        apply_facts(uow, news(purchase, refunds=refund))
    assert letters(uow) == ["Sold: Triage", "Refunded: Triage"]


@pytest.mark.parametrize(("end", "last"), [("won", "Dispute won: Triage"), ("lost", "Dispute lost: Triage")])
def test_a_dispute_is_told_when_it_begins_and_when_it_ends(uow: UnitOfWork, seller: Actor, end: str, last: str) -> None:
    purchase = sold(uow, seller)
    for state in ("open", "open", end, end):
        apply_facts(uow, news(purchase, disputes=(DisputeFact("dp_1", 1999, state),)))
    assert letters(uow) == ["Sold: Triage", "Disputed: Triage", last]


def test_it_tells_the_share_and_nothing_of_the_buyer(uow: UnitOfWork, seller: Actor) -> None:
    purchase = sold(uow, seller)
    apply_facts(uow, news(purchase))
    uow.session.flush()
    (letter,) = [one for one in list_outbox(uow, address="127.0.0.1") if "Sold" in one.subject]
    assert "Your share is $16.00" in letter.text
    assert "test mode" in letter.text
    buyer = uow.session.exec(select(User).where(User.id == purchase.buyer_id)).one()
    assert buyer.email not in letter.text


def reviewable(uow: UnitOfWork) -> Listing:
    """A listing that the actor from now on has run to the end."""
    listing = make_listing(uow)
    uow.actor = make_member(uow)
    row = start_run(uow, workflow_id=install_listing(uow, slug=listing.slug, version="1.0.0"), inputs={"question": "?"})
    uow.session.exec(select(Run).where(Run.id == row.id)).one().status = RunStatus.SUCCEEDED
    return listing


def test_a_first_review_is_told_and_a_changed_one_is_not(uow: UnitOfWork, seller: Actor) -> None:
    listing = reviewable(uow)
    for stars in (4, 5):
        write_review(uow, slug=listing.slug, stars=stars, text="Good.")
    assert letters(uow) == ["A review of Order triage"]


def test_a_review_that_is_taken_back_and_written_anew_is_told_once_a_day(uow: UnitOfWork, seller: Actor) -> None:
    listing = reviewable(uow)
    for _ in range(3):
        write_review(uow, slug=listing.slug, stars=1, text="Bad.")
        delete_review(uow, slug=listing.slug)
    assert letters(uow) == ["A review of Order triage"]


def test_a_review_that_is_written_anew_after_a_day_is_told_again(uow: UnitOfWork, seller: Actor, clock: FrozenClock) -> None:
    listing = reviewable(uow)
    told = []
    for hours in (0, 23, 1, 1):
        clock.advance(hours=hours)
        write_review(uow, slug=listing.slug, stars=1, text="Bad.")
        delete_review(uow, slug=listing.slug)
        told.append(len(letters(uow)))
    assert told == [1, 1, 2, 2]


def test_a_review_that_could_not_be_kept_uses_up_no_letter(uow: UnitOfWork, seller: Actor) -> None:
    listing = reviewable(uow)
    slug = listing.slug
    lost = uow.session.begin_nested()
    write_review(uow, slug=slug, stars=4, text="Good.")
    lost.rollback()
    assert letters(uow) == []
    write_review(uow, slug=slug, stars=4, text="Good.")
    assert letters(uow) == ["A review of Order triage"]


def test_decisions_are_told_with_their_reasons(uow: UnitOfWork) -> None:
    uow.actor = make_member(uow, Role.OWNER)
    workflow_id, form = made(uow), FORM | {"name": "Greeter"}
    publish_listing(uow, workflow_id=workflow_id, form=form)
    decide(uow, uow.session.exec(select(ModerationCase)).one(), is_approved=False, reason="Tell what it needs.")
    publish_listing(uow, workflow_id=workflow_id, form=form | {"version": "1.0.1", "changelog": "Told."})
    waiting = uow.session.exec(select(ModerationCase).where(ModerationCase.state == "waiting")).one()
    decide(uow, waiting, is_approved=True)
    remove_listing(uow, uow.session.exec(select(Listing)).one(), "Copied from somebody.")
    assert letters(uow) == ["Not accepted: Greeter", "Accepted: Greeter", "Taken down: Greeter"]
    texts = " ".join(letter.text for letter in list_outbox(uow, address="127.0.0.1"))
    assert "Tell what it needs." in texts
    assert "Copied from somebody." in texts


def test_payouts_are_told_when_they_end(uow: UnitOfWork, seller: Actor, wiring: Wiring) -> None:
    purchase = sold(uow, seller)
    apply_facts(uow, news(purchase))
    make_payout_account(uow, seller.workspace_id)
    uow.actor = seller
    wiring.ports.clock.advance(days=8)  # type: ignore[attr-defined]
    wish = start_payout(uow)
    fail_payout(uow, payout_id=wish.payout_id, reason="The account is closed.")
    fail_payout(uow, payout_id=wish.payout_id, reason="The account is closed.")
    wish = start_payout(uow)
    finish_payout(uow, payout_id=wish.payout_id, transfer_id="tr_1")
    assert letters(uow)[1:] == ["A payout failed", "A payout was made"]


def test_a_kind_that_is_switched_off_comes_no_more_and_others_do(uow: UnitOfWork, seller: Actor) -> None:
    choose_letters(uow, kind="refund", is_on=False)
    choose_letters(uow, kind="refund", is_on=False)
    assert [one.kind for one in get_letters(uow).choices if not one.is_on] == ["refund"]
    purchase = sold(uow, seller)
    apply_facts(uow, news(purchase, refunds=(RefundFact("re_1", 100),)))
    assert letters(uow) == ["Sold: Triage"]
    uow.actor = seller
    choose_letters(uow, kind="refund", is_on=True)
    assert all(one.is_on for one in get_letters(uow).choices)


def test_viewers_and_members_get_none(uow: UnitOfWork, seller: Actor) -> None:
    for role in (Role.ADMIN, Role.MEMBER, Role.VIEWER):
        make_member(uow, role, workspace=uow.session.get(Workspace, seller.workspace_id))
    tell_sellers(uow, seller.workspace_id, kind="sale", subject="Sold", text="Sold.")
    uow.session.flush()
    assert len(list_outbox(uow, address="127.0.0.1")) == 2


def test_the_link_of_a_letter_ends_its_kind_by_one_button(uow: UnitOfWork, seller: Actor, wiring: Wiring) -> None:
    tell_sellers(uow, seller.workspace_id, kind="sale", subject="Sold", text="Sold.")
    uow.session.commit()
    (letter,) = claim_mail(uow)
    uow.session.commit()
    path = re.search(r"/letters/stop/\S+", letter.text)
    assert path is not None
    assert letter.stop_url.endswith(path[0])
    api = build_api()
    api.dependency_overrides[get_wiring] = lambda: wiring
    client = TestClient(api)
    assert "No more letters about sales" in client.get(path[0]).text
    assert find_letters(uow, token=path[0].rpartition("/")[2]).is_stopped is False
    uow.session.rollback()
    assert "no more letters about sales" in client.post(path[0]).text
    uow.session.rollback()
    tell_sellers(uow, seller.workspace_id, kind="sale", subject="Sold", text="Sold.")
    tell_sellers(uow, seller.workspace_id, kind="review", subject="A review", text="Good.")
    assert letters(uow)[1:] == ["A review"]


def test_a_forged_link_ends_nothing(uow: UnitOfWork, seller: Actor) -> None:
    good = token_of(uow, seller.user_id, "sale")
    nobody = token_of(uow, seller.workspace_id, "sale")
    for forged in (good.replace("sale", "review"), good[:-1], f"{good}x", "..", "", None, "x" * 400, nobody):
        with pytest.raises(NotFound):
            stop_letters(uow, token=forged)
    assert all(one.is_on for one in get_letters(uow).choices)
