"""Sealed listings: they run for who has installed them, and tell what they take, give and cost, and why in general they fail."""

import pytest
from sqlmodel import col, select

from app.core.errors import Invalid, NotFound
from app.core.uow import UnitOfWork
from app.services.blueprints import export_workflow, import_blueprint
from app.services.market import get_listing, install_listing, plan_install, plan_update, publish_listing, start_publishing, update_install
from app.services.rented import RentOver
from app.services.runs import get_run, list_runs, start_run
from app.services.runs.sealing import told_outside
from app.services.usage import list_usage
from app.services.workflows import get_workflow
from app.wiring import Wiring
from models.base import utc_now
from models.listing import Install, Listing, ListingVersion
from models.run import Plan
from models.workspace import Role
from tests.services.market.test_publishing import FORM, made
from tests.support.families import calling_once
from tests.support.people import make_member
from tests.support.sealing import CANARY, make_sealed, make_seller, run_all
from tests.support.workflows import make_workflow


@pytest.fixture
def offer(uow: UnitOfWork) -> str:
    """The address of a sealed listing; the actor is the owner of another workspace."""
    uow.actor = make_seller(uow)
    slug = make_sealed(uow).slug
    uow.actor = make_member(uow, Role.OWNER)
    return slug


def installed(uow: UnitOfWork, slug: str) -> str:
    workflow_id = install_listing(uow, slug=slug, version="1.0.0")
    uow.session.commit()
    return workflow_id


def test_it_runs_for_its_buyer_and_nobody_reads_how(uow: UnitOfWork, wiring: Wiring, offer: str) -> None:
    run_id, hidden = run_all(wiring, uow.actor, installed(uow, offer), {"question": "Will it rain?", "number": 1})  # type: ignore[arg-type]
    found = get_run(uow, run_id=run_id)
    assert (found.row.status, found.output, len(hidden)) == ("succeeded", "The oracle says Perhaps.", 2)
    today = str(utc_now().date())
    used = list_usage(uow, since=today, until=today).workflows
    assert (found.row.below_cost_micros, [line.cost_micros for line in used]) == (100, [100])
    assert [str(row.id) for row in list_runs(uow, workflow_id=found.row.workflow_id).rows] == [str(run_id)]
    for one in hidden:
        with pytest.raises(NotFound):
            get_run(uow, run_id=one)


def test_why_it_failed_is_told_without_what_is_inside(uow: UnitOfWork, wiring: Wiring, offer: str) -> None:
    run_id, _ = run_all(wiring, uow.actor, installed(uow, offer), {"question": "Why?", "number": 101})  # type: ignore[arg-type]
    error = get_run(uow, run_id=run_id).error or {}
    assert CANARY not in str(error)
    assert "What is inside is sealed" in error["message"]


def test_its_permissions_are_shown_and_its_parts_are_not(uow: UnitOfWork, offer: str) -> None:
    plan = plan_install(uow, slug=offer)
    assert ([line.detail for line in plan.permissions], plan.agents, plan.is_sealed) == (["demo/assistant"], (), True)
    detail = get_listing(uow, slug=offer)
    assert (detail.is_sealed, detail.agents, CANARY in repr(detail)) == (True, (), False)


def test_its_seller_sees_all_of_it(uow: UnitOfWork) -> None:
    uow.actor = make_seller(uow)
    assert CANARY in repr(get_listing(uow, slug=make_sealed(uow).slug))


def test_what_lacks_a_model_says_which_and_does_not_start(uow: UnitOfWork) -> None:
    uow.actor = make_seller(uow)
    slug = make_sealed(uow, model="openai/gpt-4o").slug
    uow.actor = make_member(uow, Role.OWNER)
    assert "openai/gpt-4o" in plan_install(uow, slug=slug).warnings[0]
    with pytest.raises(Invalid, match="openai/gpt-4o") as refused:
        start_run(uow, workflow_id=installed(uow, slug), inputs={"question": "?", "number": 1})
    assert CANARY not in f"{refused.value.message} {refused.value.fields}"


def test_an_exported_copy_names_the_listing_and_runs_only_where_it_is_installed(uow: UnitOfWork, offer: str) -> None:
    text = export_workflow(uow, workflow_id=installed(uow, offer)).text
    assert f"workflow: listing:{offer}" in text
    assert CANARY not in text
    uow.actor = make_member(uow, Role.OWNER)
    copy = import_blueprint(uow, text=text).workflows[0]
    assert [finding.code for finding in get_workflow(uow, workflow_id=copy.id).findings] == ["unknown_workflow"]
    with pytest.raises(Invalid):
        start_run(uow, workflow_id=copy.id, inputs={"question": "?", "number": 1})
    install_listing(uow, slug=offer, version="1.0.0")
    assert start_run(uow, workflow_id=copy.id, inputs={"question": "?", "number": 1}).status == "queued"


def test_a_newer_version_is_what_runs_after_the_update(uow: UnitOfWork) -> None:
    uow.actor = seller = make_seller(uow)
    listing = make_sealed(uow)
    uow.actor = buyer = make_member(uow, Role.OWNER)
    workflow_id = installed(uow, listing.slug)
    uow.actor = seller
    make_sealed(uow, version="1.1.0", listing=listing)
    uow.actor = buyer
    start_run(uow, workflow_id=workflow_id, inputs={"question": "?", "number": 1})
    plan = plan_update(uow, slug=listing.slug)
    assert (plan.after, CANARY in repr(plan)) == ("1.1.0", False)
    assert update_install(uow, slug=listing.slug, version="1.1.0") == workflow_id
    assert pinned(uow) == ["1.0.0"]
    start_run(uow, workflow_id=workflow_id, inputs={"question": "?", "number": 1})
    assert pinned(uow) == ["1.0.0", "1.1.0"]


def test_an_open_version_can_become_sealed_and_open_again(uow: UnitOfWork) -> None:
    uow.actor = seller = make_seller(uow)
    listing = make_sealed(uow, look="open")
    uow.actor = buyer = make_member(uow, Role.OWNER)
    workflow_id = install_listing(uow, slug=listing.slug, version="1.0.0")
    assert CANARY in repr(get_workflow(uow, workflow_id=workflow_id))
    for number, look in (("1.1.0", "sealed"), ("1.2.0", "open")):
        uow.actor = seller
        make_sealed(uow, version=number, listing=listing, look=look)
        uow.actor = buyer
        update_install(uow, slug=listing.slug, version=number, take="replace")
        kinds = {node["kind"] for node in get_workflow(uow, workflow_id=workflow_id).definition["nodes"]}
        assert ("agent" in kinds) == (look == "open")


def test_what_holds_something_sealed_is_not_published_again(uow: UnitOfWork, offer: str) -> None:
    checks = {check.key: check for check in start_publishing(uow, workflow_id=installed(uow, offer)).checks}
    assert (checks["sealed"].is_ok, "sealed listing" in checks["sealed"].remedy) == (False, True)


def test_the_wizard_asks_open_or_sealed_and_keeps_the_choice(uow: UnitOfWork) -> None:
    uow.actor = make_member(uow, Role.ADMIN)
    workflow_id = made(uow)
    assert start_publishing(uow, workflow_id=workflow_id).listing.look == "open"
    with pytest.raises(Invalid) as refused:
        publish_listing(uow, workflow_id=workflow_id, form=FORM | {"look": "opaque"})
    assert list(refused.value.fields) == ["look"]
    publish_listing(uow, workflow_id=workflow_id, form=FORM | {"look": "sealed"})
    assert start_publishing(uow, workflow_id=workflow_id).listing.look == "sealed"


def test_what_is_paid_by_the_month_runs_in_no_workflow_once_that_is_over(uow: UnitOfWork, offer: str) -> None:
    installed(uow, offer)
    own = make_workflow(uow, calling_once(f"listing:{offer}", inputs={"question": "?", "number": 1}))
    assert start_run(uow, workflow_id=own.id, inputs={}).status == "queued"
    install, listing = uow.session.exec(select(Install)).one(), uow.session.exec(select(Listing)).one()
    install.is_rented, listing.price_cents = True, 500
    uow.session.flush()
    with pytest.raises(RentOver):
        start_run(uow, workflow_id=own.id, inputs={})


def pinned(uow: UnitOfWork) -> list[str]:
    """The sealed versions that runs were started of."""
    marks = select(Plan.sealed_by).where(col(Plan.sealed_by).is_not(None))
    return sorted(uow.session.exec(select(ListingVersion.number).where(col(ListingVersion.id).in_(marks))).all())


def test_a_system_that_a_sealed_run_did_not_find_is_told_without_its_address() -> None:
    inside = {"code": "http_unknown_host", "message": "No server has the name in https://api.secret.example.", "node": "ask_them"}
    error = told_outside(inside)
    assert error
    assert (error["code"], error["node"]) == ("http_unknown_host", None)
    assert "under What it may do" in error["message"]
    assert "tell its creator" in error["message"]
    assert "secret" not in str(error)
