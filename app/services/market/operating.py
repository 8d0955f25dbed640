"""What the operators of an installation do from its console: decide on versions, take listings down, hide reviews."""

from app.core.uow import UnitOfWork
from app.services.market.filing import file_listing
from app.services.market.moderating import decide, find_listing, load_case, remove_listing, written
from app.services.market.reported import hide, load_review


def take_down(uow: UnitOfWork, *, slug: str, reason: str) -> str:
    """Take a listing off the shelf for good; who has bought or installed it keeps their version. Returns its name."""
    return remove_listing(uow, find_listing(uow, slug), reason[:1000])


def put_back(uow: UnitOfWork, *, slug: str) -> str:
    """Undo a takedown."""
    listing = find_listing(uow, slug)
    if listing.state == "removed":
        listing.state, listing.reason = "live", ""
    file_listing(uow, listing.id)
    return listing.name


def approve(uow: UnitOfWork, *, case_id: str) -> str:
    """Let a version onto the shelf, or grant an appeal."""
    return decide(uow, load_case(uow, case_id), is_approved=True)


def refuse(uow: UnitOfWork, *, case_id: str, reason: str) -> str:
    """Keep it off the shelf."""
    return decide(uow, load_case(uow, case_id), is_approved=False, reason=reason[:1000])


def hide_review(uow: UnitOfWork, *, review_id: str, reason: str) -> None:
    """Take a review out of sight and out of the rating."""
    hide(uow, load_review(uow, review_id), written(reason, 1000, "reason"))
