"""After a refund the listing says what came back and is for sale again; the review box says why there is no review."""

from datetime import timedelta

import pytest
from sqlmodel import select

from app.core.payments import PaymentFacts, RefundFact
from app.core.uow import UnitOfWork
from app.services.market import get_listing, get_reviews, install_listing
from app.services.market.publishing import add_version
from app.services.payments import apply_facts, get_purchase
from app.services.payments.buying import place_order
from app.services.rented import TakenBack
from app.services.runs import start_run
from app.services.workflows import duplicate_workflow
from engine.blueprint.codec import decode
from models.listing import Install, Listing
from models.purchase import Purchase
from models.workspace import Role
from pages.offer.present import offer_item
from pages.purchases.state import purchase_item
from tests.support.market import BLUEPRINT, make_listing
from tests.support.people import make_member


def returned(uow: UnitOfWork, *, is_installed: bool) -> tuple[str, Purchase]:
    """A listing that was bought for $12.00 and taken back."""
    uow.actor = make_member(uow, Role.OWNER)
    slug = make_listing(uow, cents=1200).slug
    uow.actor = make_member(uow, Role.OWNER)
    order = place_order(uow, slug=slug, seen_cents=1200)
    paid = PaymentFacts("cs_1", str(order.purchase_id), "paid", 1200, "usd", "pi_1", paid_cents=1200)
    apply_facts(uow, paid)
    assert get_listing(uow, slug=slug).returned == ""
    if is_installed:
        install_listing(uow, slug=slug, version="1.0.0")
    back = PaymentFacts("cs_1", str(order.purchase_id), "paid", 1200, "usd", "pi_1", paid_cents=1200, refunds=(RefundFact("re_1", 1200),))
    purchase = apply_facts(uow, back)
    assert purchase is not None
    return slug, purchase


@pytest.mark.parametrize(("is_installed", "access"), [(False, "for_sale"), (True, "installed")])
def test_the_listing_says_what_came_back_and_can_be_bought_again(uow: UnitOfWork, *, is_installed: bool, access: str) -> None:
    slug, _ = returned(uow, is_installed=is_installed)
    detail = get_listing(uow, slug=slug)
    shown = offer_item(detail)
    assert (detail.access, shown.returned, shown.is_sold) == (access, "$12.00", True)
    again = place_order(uow, slug=slug, seen_cents=1200)
    assert again.wish is not None
    uow.session.get_one(Purchase, again.purchase_id).state = "paid"
    assert get_listing(uow, slug=slug).returned == ""


@pytest.mark.parametrize("state", ["refunded", "lost"])
def test_a_copy_whose_money_went_back_starts_no_runs_until_it_is_bought_again(uow: UnitOfWork, state: str) -> None:
    slug, purchase = returned(uow, is_installed=True)
    purchase.state = state
    uow.session.flush()
    workflow_id = install_listing(uow, slug=slug, version="1.0.0")
    copied = duplicate_workflow(uow, workflow_id=workflow_id).id
    for one in (workflow_id, copied):
        with pytest.raises(TakenBack, match="went back"):
            start_run(uow, workflow_id=one, inputs={"question": "Why?"})
    again = place_order(uow, slug=slug, seen_cents=1200)
    uow.session.get_one(Purchase, again.purchase_id).state = "paid"
    uow.session.flush()
    assert start_run(uow, workflow_id=workflow_id, inputs={"question": "Why?"})


def test_what_was_there_for_nothing_runs_on_after_a_refund(uow: UnitOfWork) -> None:
    uow.actor = make_member(uow, Role.OWNER)
    listing = make_listing(uow)
    uow.actor = make_member(uow, Role.OWNER)
    workflow_id = install_listing(uow, slug=listing.slug, version="1.0.0")
    uow.session.exec(select(Install)).one().created_at -= timedelta(hours=1)
    listing.price_cents = 1200
    uow.session.flush()
    order = place_order(uow, slug=listing.slug, seen_cents=1200)
    for refunds in ((), (RefundFact("re_1", 1200),)):
        paid = PaymentFacts("cs_1", str(order.purchase_id), "paid", 1200, "usd", "pi_1", paid_cents=1200, refunds=refunds)
        apply_facts(uow, paid)
    assert start_run(uow, workflow_id=workflow_id, inputs={"question": "Why?"})


def test_the_page_shows_nothing_of_a_version_that_is_not_paid_for(uow: UnitOfWork) -> None:
    slug, purchase = returned(uow, is_installed=True)
    listing = uow.session.exec(select(Listing).where(Listing.slug == slug)).one()
    terms = {"price_cents": 1200, "licence": "standard", "version": "2.0.0", "changelog": "Anew.", "is_monthly": False}
    wish = {"name": listing.name, "tagline": listing.tagline, "description": listing.description, "category": listing.category}
    text = BLUEPRINT.replace("version: 1.0.0", "version: 2.0.0").replace("'{{ inputs.question }}'", "'Mulberry: {{ inputs.question }}'")
    assert "'answer'" in str(get_listing(uow, slug=slug).workflow)
    add_version(uow, listing, decode(text), wish=wish | terms, samples=[])
    assert "Mulberry" not in str(get_listing(uow, slug=slug))
    purchase.state = "paid"
    uow.session.flush()
    assert "Mulberry" in str(get_listing(uow, slug=slug).workflow)


def test_the_review_box_says_that_it_was_taken_back(uow: UnitOfWork) -> None:
    slug, _ = returned(uow, is_installed=True)
    assert get_reviews(uow, slug=slug).problem.endswith("what this workspace paid is over or was taken back.")


def test_an_order_with_a_coupon_tells_the_price_before_it(uow: UnitOfWork) -> None:
    _, purchase = returned(uow, is_installed=False)
    assert purchase_item(get_purchase(uow, purchase_id=purchase.id)).price == ""
    purchase.amount_cents, purchase.discount_cents, purchase.coupon_code = 900, 300, "LESS"
    assert purchase_item(get_purchase(uow, purchase_id=purchase.id)).price == "$12.00"
