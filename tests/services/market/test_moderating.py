"""Moderation: nothing is shown before an operator has looked at it; refusals have reasons, one appeal, and touch nobody's copies."""

from dataclasses import replace

import pytest
from sqlmodel import select

from app.core.errors import Invalid, NotAllowed, NotFound
from app.core.uow import Actor, UnitOfWork
from app.services.market import (
    appeal_case,
    approve_case,
    find_listings,
    get_case,
    get_desk,
    get_earnings,
    get_listing,
    install_listing,
    list_cases,
    publish_listing,
    refuse_case,
    relist_listing,
    set_listing_price,
    take_listing_down,
)
from app.services.market.moderating import CaseDecided, NoAppeal
from app.views.market import CaseDetail
from models.user import User
from models.workspace import Role
from tests.services.market.test_publishing import FORM, made
from tests.support.market import make_listing
from tests.support.people import make_member

NEXT = FORM | {"version": "1.1.0", "name": "Order triage plus", "changelog": "Also sorts returns."}


def make_operator(uow: UnitOfWork) -> Actor:
    """Somebody named in AF_OPERATORS, with a confirmed address."""
    actor = make_member(uow, Role.OWNER, name="Olga Operator")
    user = uow.session.exec(select(User).where(User.id == actor.user_id)).one()
    user.email_verified_at = uow.ports.clock.now()
    uow.ports = replace(uow.ports, operators=frozenset({user.email_key}))
    return actor


class Stage:
    """A seller with a published workflow that waits, an operator, and a buyer."""

    def __init__(self, uow: UnitOfWork) -> None:
        self.uow = uow
        self.operator = make_operator(uow)
        self.buyer = make_member(uow)
        uow.actor = self.seller = make_member(uow, Role.ADMIN)
        self.workflow_id = made(uow)
        self.slug = publish_listing(uow, workflow_id=self.workflow_id, form=FORM)

    def case(self) -> str:
        """The id of the only case that waits."""
        self.uow.actor = self.operator
        (case,) = list_cases(self.uow)
        return case.id

    def approve(self) -> None:
        """As the operator."""
        approve_case(self.uow, case_id=self.case())

    def refuse(self, reason: str = "It promises what it does not do.") -> None:
        """As the operator."""
        refuse_case(self.uow, case_id=self.case(), reason=reason)

    def own(self) -> object:
        """What the seller sees of it."""
        self.uow.actor = self.seller
        (row,) = get_earnings(self.uow).listings
        return (row.state, row.version, row.case_state, row.case_version, row.reason)


@pytest.fixture
def stage(uow: UnitOfWork) -> Stage:
    return Stage(uow)


def test_nobody_else_sees_what_waits(stage: Stage) -> None:
    uow = stage.uow
    assert stage.own() == ("in_review", "1.0.0", "waiting", "1.0.0", "")
    assert get_listing(uow, slug=stage.slug).state == "in_review"
    uow.actor = stage.buyer
    assert find_listings(uow, search="order").total == 0
    for attempt in (get_listing, lambda unit, slug: install_listing(unit, slug=slug, version="1.0.0")):
        with pytest.raises(NotFound):
            attempt(uow, slug=stage.slug)


def test_what_was_approved_is_on_the_shelf(stage: Stage) -> None:
    detail = get_case_of(stage)
    assert (detail.row.version, detail.price, detail.live_version, detail.widened, detail.is_intact) == ("1.0.0", "$19.00", "", (), True)
    stage.approve()
    stage.uow.actor = stage.buyer
    assert [card.slug for card in find_listings(stage.uow, search="order").cards] == [stage.slug]
    assert stage.own() == ("live", "1.0.0", "approved", "1.0.0", "")


def get_case_of(stage: Stage) -> CaseDetail:
    """The paper of the case that waits."""
    case = stage.case()
    return get_case(stage.uow, case_id=case)


def test_a_later_version_changes_nothing_until_it_is_approved(stage: Stage) -> None:
    uow = stage.uow
    stage.approve()
    uow.actor = stage.seller
    publish_listing(uow, workflow_id=stage.workflow_id, form=NEXT)
    uow.actor = stage.buyer
    seen = get_listing(uow, slug=stage.slug)
    assert (seen.card.name, seen.version, [row.number for row in seen.versions]) == ("Order triage", "1.0.0", ["1.0.0"])
    assert get_case_of(stage).live_version == "1.0.0"
    stage.approve()
    uow.actor = stage.buyer
    seen = get_listing(uow, slug=stage.slug)
    assert (seen.card.name, seen.version, [row.number for row in seen.versions]) == ("Order triage plus", "1.1.0", ["1.1.0", "1.0.0"])


def test_a_refused_later_version_leaves_the_earlier_one_on_the_shelf(stage: Stage) -> None:
    stage.approve()
    stage.uow.actor = stage.seller
    publish_listing(stage.uow, workflow_id=stage.workflow_id, form=NEXT)
    stage.refuse("The returns are not sorted.")
    assert stage.own() == ("live", "1.0.0", "refused", "1.1.0", "The returns are not sorted.")
    stage.uow.actor = stage.buyer
    assert get_listing(stage.uow, slug=stage.slug).version == "1.0.0"


def test_a_price_set_while_it_waits_is_the_one_it_is_shown_with(stage: Stage) -> None:
    set_listing_price(stage.uow, slug=stage.slug, price="29.00")
    stage.approve()
    assert get_listing(stage.uow, slug=stage.slug).price_cents == 2900


def test_a_refusal_has_a_reason_and_one_appeal(stage: Stage) -> None:
    uow = stage.uow
    with pytest.raises(Invalid):
        refuse_case(uow, case_id=stage.case(), reason="  ")
    stage.refuse()
    assert stage.own() == ("rejected", "1.0.0", "refused", "1.0.0", "It promises what it does not do.")
    with pytest.raises(Invalid):
        appeal_case(uow, slug=stage.slug, text="")
    appeal_case(uow, slug=stage.slug, text="Look at the second sample.")
    assert get_case_of(stage).row.appeal == "Look at the second sample."
    stage.refuse("Still not.")
    uow.actor = stage.seller
    with pytest.raises(NoAppeal):
        appeal_case(uow, slug=stage.slug, text="Please.")
    publish_listing(uow, workflow_id=stage.workflow_id, form=NEXT)
    stage.approve()
    assert stage.own() == ("live", "1.1.0", "approved", "1.1.0", "")


def test_a_newer_version_takes_the_place_of_one_that_waits_and_no_case_is_decided_twice(stage: Stage) -> None:
    first = stage.case()
    stage.uow.actor = stage.seller
    publish_listing(stage.uow, workflow_id=stage.workflow_id, form=NEXT)
    second = stage.case()
    assert second != first
    with pytest.raises(CaseDecided):
        approve_case(stage.uow, case_id=first)
    approve_case(stage.uow, case_id=second)
    with pytest.raises(CaseDecided):
        refuse_case(stage.uow, case_id=second, reason="Too late.")


def test_a_takedown_leaves_copies_and_can_be_answered(stage: Stage) -> None:
    uow = stage.uow
    uow.actor = stage.seller
    slug = make_listing(uow, name="Free digest").slug
    uow.actor = stage.buyer
    install_listing(uow, slug=slug, version="1.0.0")
    uow.actor = stage.operator
    take_listing_down(uow, slug=slug, reason="Copied from somebody else")
    uow.actor = stage.buyer
    assert get_listing(uow, slug=slug).access == "installed"
    uow.actor = make_member(uow)
    with pytest.raises(NotFound):
        get_listing(uow, slug=slug)
    uow.actor = stage.seller
    with pytest.raises(Exception, match="Copied"):
        relist_listing(uow, slug=slug)
    appeal_case(uow, slug=slug, text="I wrote it in May.")
    uow.actor = stage.operator
    (case,) = [one for one in list_cases(uow) if one.kind == "takedown"]
    approve_case(uow, case_id=case.id)
    uow.actor = make_member(uow)
    assert get_listing(uow, slug=slug).state == "live"


def test_only_operators_with_a_proven_address_decide(stage: Stage) -> None:
    uow, case = stage.uow, stage.case()
    assert get_desk(uow).is_operator
    user = uow.session.exec(select(User).where(User.id == stage.operator.user_id)).one()
    user.email_verified_at = None
    uow.session.flush()
    for actor in (stage.operator, stage.seller, replace(stage.operator, scopes=frozenset({"view"}))):
        uow.actor = actor
        assert (get_desk(uow).is_operator, get_desk(uow).waiting) == (False, 0)
        for attempt in (
            lambda: list_cases(uow),
            lambda: get_case(uow, case_id=case),
            lambda: approve_case(uow, case_id=case),
            lambda: refuse_case(uow, case_id=case, reason="No."),
            lambda: take_listing_down(uow, slug=stage.slug, reason="No."),
        ):
            with pytest.raises(NotAllowed):
                attempt()


def test_the_sellers_audit_trail_tells_who_decided(stage: Stage) -> None:
    stage.uow.trail.take()  # what one transaction tells is told as one: here, asking and deciding are two
    stage.refuse()
    notes = [note for note in stage.uow.trail.take() if note.kind == "moderation case"]
    assert {note.workspace_id for note in notes} == {stage.seller.workspace_id}
    assert ["waiting", "refused"] in [note.changes.get("state") for note in notes]
