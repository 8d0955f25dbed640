"""Turns moderation cases into what their pages show."""

from dataclasses import dataclass, field
from datetime import datetime

from app.views import words
from app.views.blueprints import PermissionLine
from app.views.market import CaseDetail, CaseRow
from app.views.pictures import ListingPicture
from app.views.reviews import ReportedReview, ReportReason
from pages.offer.present import LICENCES

STATES = {"waiting": "Waiting", "approved": "Approved", "refused": "Refused", "withdrawn": "Withdrawn"}
TAKEDOWN_STATES = STATES | {"approved": "Put back", "refused": "Taken down"}
OFF_SHELF = {"unlisted": "nothing: its creator took it off", "removed": "nothing: taken down"}


@dataclass(frozen=True, slots=True)
class CaseItem:
    """A case in words."""

    id: str = ""
    href: str = ""
    slug: str = ""
    name: str = ""
    creator: str = ""
    kind: str = ""
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
    on_shelf: str = ""
    earlier_version: str = ""
    can_take_down: bool = False
    is_intact: bool = True
    is_sealed: bool = False
    pictures: tuple[ListingPicture, ...] = ()
    permissions: tuple[PermissionLine, ...] = field(default=())
    widened: tuple[PermissionLine, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class ReasonItem:
    """Why people reported a review: "Offensive or hateful (2)", and what they wrote."""

    label: str
    texts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReviewItem:
    """A reported or hidden review in words."""

    id: str = ""
    href: str = ""
    name: str = ""
    author: str = ""
    stars: int = 0
    text: str = ""
    reports: str = ""
    about: str = ""
    reasons: tuple[ReasonItem, ...] = ()
    is_hidden: bool = False
    state: str = ""
    hidden: str = ""
    hidden_reason: str = ""
    appealed: str = ""
    appeal: str = ""
    answer: str = ""


def review_item(row: ReportedReview, *, now: datetime) -> ReviewItem:
    """One review on the operators' list."""
    reported = f"reported {words.ago(row.reported_at, now=now)}" if row.reported_at else f"written {words.ago(row.created_at, now=now)}"
    return ReviewItem(
        id=row.id,
        href=f"/marketplace/{row.slug}",
        name=row.name,
        author=row.author,
        stars=row.stars,
        text=row.text,
        reports=f"{row.reports} report{'' if row.reports == 1 else 's'}" if row.reports else "",
        about=f"version {row.version} · {reported}",
        reasons=tuple(_reason_item(one) for one in row.reasons),
        is_hidden=row.is_hidden,
        state=row.state,
        hidden=_hidden_words(row, now=now),
        hidden_reason=row.hidden_reason,
        appealed=words.ago(row.appealed_at, now=now) if row.appealed_at else "",
        appeal=row.appeal,
        answer=row.answer,
    )


def _reason_item(one: ReportReason) -> ReasonItem:
    return ReasonItem(f"{one.label} ({one.count})", one.texts)


def _hidden_words(row: ReportedReview, *, now: datetime) -> str:
    when = f" {words.ago(row.hidden_at, now=now)}" if row.hidden_at else ""
    return f"Hidden{when}{' by ' + row.hidden_by if row.hidden_by else ''}"


def case_item(row: CaseRow, *, now: datetime) -> CaseItem:
    """A line of the list, and the head of the case's page."""
    what = f"Version {row.version}" if row.kind == "version" else "Takedown"
    return CaseItem(
        id=row.id,
        href=f"/marketplace/moderation/{row.id}",
        slug=row.slug,
        name=row.name,
        creator=row.creator,
        kind=row.kind,
        what=f"{what}, appeal" if row.appeal else what,
        state=row.state,
        state_label=(STATES if row.kind == "version" else TAKEDOWN_STATES)[row.state],
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
        licence=LICENCES.get(detail.licence, detail.licence),
        changelog=detail.changelog,
        on_shelf=_shelf_words(detail),
        earlier_version=detail.change.earlier if detail.change else "",
        can_take_down=detail.on_shelf in ("live", "unlisted"),
        is_intact=detail.is_intact,
        is_sealed=detail.is_sealed,
        pictures=detail.pictures,
        permissions=detail.permissions,
        widened=detail.widened,
    )


def _shelf_words(detail: CaseDetail) -> str:
    """What buyers get now: "1.0.0", "1.0.0, this version", "nothing yet"."""
    if detail.live_version:
        return f"{detail.live_version}, this version" if detail.live_version == detail.row.version else detail.live_version
    return OFF_SHELF.get(detail.on_shelf, "nothing yet")
