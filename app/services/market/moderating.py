"""Moderation: each published version waits for the operators, who approve it or refuse it with a reason; its seller may appeal once."""

import uuid
from typing import Any

from sqlmodel import col, select

from app.core.errors import Conflict, Invalid, NotFound
from app.core.permissions import Permission, require
from app.core.text import clean_text
from app.core.uow import UnitOfWork
from app.services.accounts.open_space import is_closed
from app.services.letters import SELLING, tell_sellers
from app.services.market.access import is_slug, load_own
from app.services.market.filing import file_listing
from app.services.market.publishing import show_version
from app.services.operators import require_operator
from models.ids import parse_id
from models.listing import Listing, ListingVersion
from models.moderation import ModerationCase


class CaseDecided(Conflict):
    """Somebody else was quicker, or its seller published a later version meanwhile."""

    code = "case_decided"

    def __init__(self) -> None:
        super().__init__("This case does not wait any more: somebody decided it, or the seller replaced it. Reload the list.")


class NoAppeal(Conflict):
    """There is nothing to appeal against (any more)."""

    code = "no_appeal"


def approve_case(uow: UnitOfWork, *, case_id: object) -> str:
    """Put the version on the shelf, or a listing back that was taken down; returns the listing's name."""
    require_operator(uow)
    return decide(uow, load_case(uow, case_id), is_approved=True)


def refuse_case(uow: UnitOfWork, *, case_id: object, reason: object) -> str:
    """Keep it off the shelf and tell its seller why; what is live of it stays live."""
    require_operator(uow)
    return decide(uow, load_case(uow, case_id), is_approved=False, reason=written(reason, 1000, "reason"))


def take_listing_down(uow: UnitOfWork, *, slug: object, reason: object) -> str:
    """Off the shelf, with a reason for its seller; who has bought or installed it keeps their version."""
    require_operator(uow)
    return remove_listing(uow, find_listing(uow, slug), written(reason, 1000, "reason"))


def appeal_case(uow: UnitOfWork, *, slug: object, text: object) -> None:
    """The seller's answer to a refusal or a takedown: the case waits once more, for the last time."""
    require(uow, Permission.MANAGE_MEMBERS)
    listing = load_own(uow, slug, for_update=True)
    case = newest_case(uow, listing.id)
    if case is None or case.state != "refused":
        raise NoAppeal("There is no refusal to appeal against.")
    if case.appeal:
        raise NoAppeal("This was appealed before, and that decision stands. Publish a new version instead.")
    case.appeal, case.state = written(text, 2000, "appeal"), "waiting"
    if case.kind == "version" and listing.state == "rejected":
        listing.state = "in_review"
    uow.session.flush()


def decide(uow: UnitOfWork, case: ModerationCase, *, is_approved: bool, reason: str = "") -> str:
    """Settle a waiting case; the callers have asked who decides."""
    listing = uow.session.exec(select(Listing).where(Listing.id == case.listing_id).with_for_update()).one()
    uow.session.refresh(case, with_for_update=True)
    if case.state != "waiting":
        raise CaseDecided()
    _close(uow, case, "approved" if is_approved else "refused", reason)
    if not is_approved and listing.state in ("in_review", "removed"):
        listing.state, listing.reason = ("rejected" if listing.state == "in_review" else "removed"), reason
    elif is_approved and case.kind == "takedown":
        listing.state, listing.reason = "live", ""
    elif is_approved:
        version = uow.session.exec(select(ListingVersion).where(ListingVersion.id == case.version_id)).one()
        show_version(uow, listing, version, wish=case.form)
    if listing.state == "live" and is_closed(uow, listing.workspace_id):
        listing.state = "unlisted"
    file_listing(uow, listing.id)
    _tell_decision(uow, listing, case)
    return listing.name


def _tell_decision(uow: UnitOfWork, listing: Listing, case: ModerationCase) -> None:
    what = listing.name if case.kind == "takedown" else f"{case.form.get('name', listing.name)}, its new version,"
    is_final = bool(case.appeal)
    if case.state == "approved":
        subject, text, path = f"Accepted: {listing.name}", f"{what} is on the shelf.", f"/marketplace/{listing.slug}"
    else:
        answer = "It was looked at twice; this decision stands." if is_final else "You may answer once, under Sell."
        subject, text, path = f"Not accepted: {listing.name}", f"{what} was not accepted. The reason: {case.reason}\n\n{answer}", SELLING
    tell_sellers(uow, listing.workspace_id, kind="decision", subject=subject, text=text, path=path)


def remove_listing(uow: UnitOfWork, listing: Listing, reason: str) -> str:
    """Take it down; what waits of it is settled by that."""
    if listing.state == "removed":
        raise Conflict("This listing was taken down already.", code="listing_removed")
    for case in uow.session.exec(select(ModerationCase).where(ModerationCase.listing_id == listing.id, ModerationCase.state == "waiting")):
        _close(uow, case, "withdrawn", "")
    case = ModerationCase(workspace_id=listing.workspace_id, listing_id=listing.id, version_id=listing.version_id, kind="takedown", form={})
    _close(uow, case, "refused", reason)
    listing.state, listing.reason = "removed", reason
    told = f"{listing.name} was taken down. The reason: {reason}\n\nWho has it keeps it. You may answer once, under Sell."
    tell_sellers(uow, listing.workspace_id, kind="decision", subject=f"Taken down: {listing.name}", text=told)
    uow.session.add(case)
    file_listing(uow, listing.id)
    return listing.name


def load_case(uow: UnitOfWork, case_id: object) -> ModerationCase:
    """Any case of the installation; the callers have asked who looks."""
    row_id = parse_id(case_id)
    case = uow.session.exec(select(ModerationCase).where(ModerationCase.id == row_id)).first() if row_id else None
    if case is None:
        raise NotFound("This case")
    return case


def find_listing(uow: UnitOfWork, slug: Any) -> Listing:
    """Any listing of the installation by its address."""
    listing = uow.session.exec(select(Listing).where(Listing.slug == slug).with_for_update()).first() if is_slug(slug) else None
    if listing is None:
        raise NotFound("This listing")
    return listing


def newest_case(uow: UnitOfWork, listing_id: uuid.UUID) -> ModerationCase | None:
    """What was last asked about a listing."""
    asked = select(ModerationCase).where(ModerationCase.listing_id == listing_id).order_by(col(ModerationCase.id).desc())
    return uow.session.exec(asked.limit(1)).first()


def written(value: object, most: int, field: str) -> str:
    """The words of a reason or an appeal; Invalid where there are none."""
    said = clean_text(value, max_length=most, label=f"The {field}", field=field).strip()
    if not said:
        raise Invalid(f"Write the {field}: the other side reads it.", fields={field: f"Write the {field}."})
    return said


def _close(uow: UnitOfWork, case: ModerationCase, state: str, reason: str) -> None:
    case.state, case.reason = state, reason
    case.decided_at, case.decided_by = uow.ports.clock.now(), uow.actor.user_id if uow.actor else None
