"""Publishing: every check must pass, forms are refused field by field, versions only rise, others' listings are out of reach."""

import pytest
from sqlmodel import select

from app.core.errors import Invalid, NotAllowed, NotFound
from app.core.uow import UnitOfWork
from app.services.blueprints import import_blueprint
from app.services.market import get_listing, publish_listing, relist_listing, set_listing_price, start_publishing, unlist_listing
from app.services.market.publishing import NotReadyToPublish
from app.services.webhooks import create_webhook
from app.services.workflow_tests import run_tests
from models.ids import parse_id
from models.listing import Listing, ListingVersion
from models.run import Run, RunStatus
from models.workflow import Workflow
from models.workspace import Role
from pages import PAGES
from tests.support.market import BLUEPRINT, make_listing
from tests.support.people import make_member

FORM = {
    "name": "Order triage",
    "tagline": "Sorts orders before lunch",
    "description": "Reads every order, sorts it, and says what is missing. For shops with more than ten orders a day.",
    "category": "support",
    "price": "19.00",
    "licence": "standard",
    "version": "1.0.0",
    "changelog": "First version.",
}


def made(uow: UnitOfWork, *, tested: bool = True) -> str:
    """A workflow of the actor whose only test has passed."""
    workflow_id = import_blueprint(uow, text=BLUEPRINT).workflows[0].id
    if tested:
        run_tests(uow, workflow_id=workflow_id)
        run = uow.session.exec(select(Run)).one()
        run.status, run.output = RunStatus.SUCCEEDED, {"text": "It scatters light."}
        run.started_at = run.finished_at = uow.ports.clock.now()
        uow.session.flush()
    return workflow_id


@pytest.fixture
def seller(uow: UnitOfWork) -> UnitOfWork:
    uow.actor = make_member(uow, Role.ADMIN)
    return uow


def test_a_sound_workflow_becomes_a_listing(seller: UnitOfWork) -> None:
    workflow_id = made(seller)
    draft = start_publishing(seller, workflow_id=workflow_id)
    assert all(check.is_ok for check in draft.checks)
    slug = publish_listing(seller, workflow_id=workflow_id, form=FORM)
    detail = get_listing(seller, slug=slug)
    assert (slug, detail.access, detail.price_cents, detail.version, detail.is_intact) == ("order-triage", "own", 1900, "1.0.0", True)
    assert [(sample.status, sample.has_passed) for sample in detail.samples] == [("succeeded", True)]


def test_a_listing_holds_no_triggers_of_its_seller(seller: UnitOfWork) -> None:
    workflow_id = made(seller)
    create_webhook(seller, workflow_id=workflow_id, settings={"name": "Our orders"})
    publish_listing(seller, workflow_id=workflow_id, form=FORM)
    (version,) = seller.session.exec(select(ListingVersion)).all()
    assert "Our orders" not in version.bundle


def test_a_workflow_without_a_passed_test_is_not_published(seller: UnitOfWork) -> None:
    workflow_id = made(seller, tested=False)
    with pytest.raises(NotReadyToPublish) as refused:
        publish_listing(seller, workflow_id=workflow_id, form=FORM)
    assert set(refused.value.fields) == {"verdicts"}
    assert seller.session.exec(select(Listing.id)).all() == []


def test_a_key_in_the_workflow_is_found_and_named(seller: UnitOfWork) -> None:
    workflow_id = made(seller)
    workflow = seller.session.exec(select(Workflow).where(Workflow.id == parse_id(workflow_id))).one()
    draft = {**workflow.draft, "nodes": [dict(node) for node in workflow.draft["nodes"]]}
    draft["nodes"][1]["config"] = {**draft["nodes"][1]["config"], "message": "use sk-abcdefghijklmnopqrstuvwx for {{ inputs.question }}"}
    workflow.draft = draft
    seller.session.flush()
    with pytest.raises(NotReadyToPublish) as refused:
        publish_listing(seller, workflow_id=workflow_id, form=FORM)
    assert "message" in refused.value.fields["secrets"]


WRONG: dict[str, list[object]] = {
    "name": ["", None, "x" * 81],
    "tagline": [""],
    "description": ["short"],
    "category": ["everything"],
    "price": ["-5", "NaN", 19],
    "licence": ["mine"],
    "version": ["1.0", "v1.0.0", "01.0.0", None],
}


@pytest.mark.parametrize(("field", "value"), [(field, value) for field, values in WRONG.items() for value in values])
def test_a_wrong_field_is_named(seller: UnitOfWork, field: str, value: object) -> None:
    with pytest.raises(Invalid) as refused:
        publish_listing(seller, workflow_id=made(seller), form=FORM | {field: value})
    assert set(refused.value.fields) == {field}


def test_all_wrong_fields_are_told_at_once(seller: UnitOfWork) -> None:
    with pytest.raises(Invalid) as refused:
        publish_listing(seller, workflow_id=made(seller), form=["nonsense"])
    assert set(refused.value.fields) >= {"name", "tagline", "description", "category", "price", "licence", "version"}


def test_versions_rise_and_say_what_changed(seller: UnitOfWork) -> None:
    workflow_id = made(seller)
    slug = publish_listing(seller, workflow_id=workflow_id, form=FORM)
    assert start_publishing(seller, workflow_id=workflow_id).listing.version == "1.0.1"
    for form, field in (
        (FORM, "version"),
        (FORM | {"version": "0.9.9"}, "version"),
        (FORM | {"version": "1.0.10", "changelog": " "}, "changelog"),
    ):
        with pytest.raises(Invalid) as refused:
            publish_listing(seller, workflow_id=workflow_id, form=form)
        assert set(refused.value.fields) == {field}
    assert publish_listing(seller, workflow_id=workflow_id, form=FORM | {"version": "1.0.10"}) == slug
    detail = get_listing(seller, slug=slug)
    assert (detail.version, detail.is_intact) == ("1.0.10", True)
    assert len({version.digest for version in seller.session.exec(select(ListingVersion))}) == 2


def test_nothing_a_form_adds_reaches_the_listing(seller: UnitOfWork) -> None:
    forged = {
        "fee_bps": 0,
        "workspace_id": "x",
        "is_featured": True,
        "rating_sum": 500,
        "install_count": 9,
        "state": "removed",
        "slug": "mine",
    }
    slug = publish_listing(seller, workflow_id=made(seller), form=FORM | forged)
    listing = seller.session.exec(select(Listing)).one()
    assert (slug, listing.fee_bps, listing.workspace_id) == ("order-triage", 2000, seller.workspace_id)
    assert (listing.is_featured, listing.rating_sum, listing.install_count, listing.state) == (False, 0, 0, "in_review")


def test_a_member_sells_nothing_and_a_stranger_touches_nothing(seller: UnitOfWork) -> None:
    slug, workflow_id = make_listing(seller).slug, made(seller)
    stranger = make_member(seller, Role.OWNER)
    seller.actor = make_member(seller, Role.MEMBER)
    with pytest.raises(NotAllowed):
        start_publishing(seller, workflow_id=workflow_id)
    seller.actor = stranger
    with pytest.raises(NotFound):
        publish_listing(seller, workflow_id=workflow_id, form=FORM)
    for attempt in (unlist_listing, relist_listing):
        with pytest.raises(NotFound):
            attempt(seller, slug=slug)
    with pytest.raises(NotFound):
        set_listing_price(seller, slug=slug, price="0")


def test_no_listing_takes_the_address_of_a_page(seller: UnitOfWork) -> None:
    below = {page.route.split("/")[2] for page in PAGES if page.route.startswith("/marketplace/")}
    for name in sorted(below - {"[slug]"}):
        assert make_listing(seller, name=name.title()).slug == f"{name}-2"


def test_two_listings_of_one_name_have_two_addresses(seller: UnitOfWork) -> None:
    assert [make_listing(seller).slug for _ in range(3)] == ["order-triage", "order-triage-2", "order-triage-3"]
    assert len(seller.session.exec(select(ListingVersion.id)).all()) == 3
