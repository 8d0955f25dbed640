"""Turns moderation cases into what their pages show."""

from dataclasses import dataclass, field
from datetime import datetime

from app.views import words
from app.views.blueprints import PermissionLine
from app.views.market import CaseDetail, CaseRow
from app.views.pictures import ListingPicture

STATES = {"waiting": "Waiting", "approved": "Approved", "refused": "Refused", "withdrawn": "Withdrawn"}


@dataclass(frozen=True, slots=True)
class CaseItem:
    """A case in words."""

    id: str = ""
    href: str = ""
    slug: str = ""
    name: str = ""
    creator: str = ""
    what: str = ""
    state: str = ""
    state_label: str = ""
    asked: str = ""
    decided: str = ""
    reason: str = ""
    appeal: str = ""


@dataclass(frozen=True, slots=True)
class CasePaper:
    """What a decision needs besides the picture and the sample runs."""

    tagline: str = ""
    description: str = ""
    shelf: str = ""
    price: str = ""
    licence: str = ""
    changelog: str = ""
    live_version: str = ""
    is_intact: bool = True
    is_sealed: bool = False
    pictures: tuple[ListingPicture, ...] = ()
    permissions: tuple[PermissionLine, ...] = field(default=())
    widened: tuple[PermissionLine, ...] = field(default=())


def case_item(row: CaseRow, *, now: datetime) -> CaseItem:
    """A line of the list, and the head of the case's page."""
    what = f"Version {row.version}" if row.kind == "version" else "Taken down"
    return CaseItem(
        id=row.id,
        href=f"/marketplace/moderation/{row.id}",
        slug=row.slug,
        name=row.name,
        creator=row.creator,
        what=f"{what}, appeal" if row.appeal else what,
        state=row.state,
        state_label=STATES[row.state],
        asked=words.ago(row.asked_at, now=now),
        decided=words.ago(row.decided_at, now=now) if row.decided_at else "",
        reason=row.reason,
        appeal=row.appeal,
    )


def case_paper(detail: CaseDetail) -> CasePaper:
    """The case's papers."""
    return CasePaper(
        tagline=detail.tagline,
        description=detail.description,
        shelf=detail.category_label,
        price=detail.price,
        licence=detail.licence,
        changelog=detail.changelog,
        live_version=detail.live_version,
        is_intact=detail.is_intact,
        is_sealed=detail.is_sealed,
        pictures=detail.pictures,
        permissions=detail.permissions,
        widened=detail.widened,
    )
