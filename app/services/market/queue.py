"""The operators' desk: what waits for a decision and what was decided, and one case with everything that a decision needs."""

from collections.abc import Sequence

from sqlmodel import col, select

from app.core.permissions import Permission, require_or_visitor
from app.core.uow import UnitOfWork
from app.services.blueprints import in_words
from app.services.market.cards import price_words
from app.services.market.inside import read_inside, tell_change
from app.services.market.measuring import samples_of
from app.services.market.moderating import load_case
from app.services.market.packages import is_intact, main_workflow, manifest_from, permission_lines, version_key, what_is_wider
from app.services.market.pictures import pictures_of
from app.services.market.reported import count_reported
from app.services.market.shelves import LABELS
from app.services.operators import is_operator, require_operator
from app.services.sealed import is_sealed, open_package
from app.services.workflows.lifecycle import dump_spec
from app.views.market import CaseDetail, CaseRow, Desk
from engine.json import JsonObject
from models.listing import Listing, ListingVersion
from models.moderation import ModerationCase

MOST_WAITING, MOST_DECIDED = 200, 50
SHOWN = ("live", "unlisted", "removed")  # states of listings that were on the shelf


def get_desk(uow: UnitOfWork) -> Desk:
    """Whether the actor decides what is shown, and how much waits."""
    require_or_visitor(uow, Permission.VIEW)
    if not is_operator(uow):
        return Desk(False, 0)
    waiting = uow.session.exec(select(ModerationCase.id).where(ModerationCase.state == "waiting").limit(MOST_WAITING)).all()
    return Desk(True, len(waiting), count_reported(uow))


def list_cases(uow: UnitOfWork, *, state: object = "waiting") -> tuple[CaseRow, ...]:
    """What waits, oldest first; or what was decided, newest first."""
    require_operator(uow)
    return read_cases(uow, is_waiting=state == "waiting")


def read_cases(uow: UnitOfWork, *, is_waiting: bool = True) -> tuple[CaseRow, ...]:
    """The same for the console."""
    if is_waiting:
        chosen = select(ModerationCase).where(ModerationCase.state == "waiting").order_by(col(ModerationCase.id)).limit(MOST_WAITING)
    else:
        ended = select(ModerationCase).where(col(ModerationCase.state).in_(("approved", "refused")))
        chosen = ended.order_by(col(ModerationCase.decided_at).desc(), col(ModerationCase.id).desc()).limit(MOST_DECIDED)
    return _rows(uow, uow.session.exec(chosen).all())


def get_case(uow: UnitOfWork, *, case_id: object) -> CaseDetail:
    """One case: what the listing would say and do, all that is in the version, and what that changes against the one before it."""
    require_operator(uow)
    case = load_case(uow, case_id)
    listing = uow.session.exec(select(Listing).where(Listing.id == case.listing_id)).one()
    version = uow.session.exec(select(ListingVersion).where(ListingVersion.id == case.version_id)).one()
    earlier, whole = _earlier_version(uow, version), open_package(version)
    form: JsonObject = case.form or {"tagline": listing.tagline, "description": listing.description, "category": listing.category}
    return CaseDetail(
        row=_rows(uow, [case])[0],
        tagline=form["tagline"],
        description=form["description"],
        category_label=LABELS.get(form["category"], ""),
        price=price_words(
            form.get("price_cents", listing.price_cents), listing.currency, is_monthly=form.get("is_monthly", listing.is_monthly)
        ),
        licence=version.licence,
        changelog=version.changelog,
        permissions=permission_lines(version.manifest),
        widened=tuple(in_words(what_is_wider(manifest_from(earlier.manifest), manifest_from(version.manifest)))) if earlier else (),
        live_version=_live_number(uow, listing),
        on_shelf=listing.state if listing.state in SHOWN else "",
        workflow=dump_spec(main_workflow(whole)),
        inside=read_inside(whole),
        change=tell_change(earlier.number, open_package(earlier), whole) if earlier else None,
        samples=samples_of(version),
        is_intact=is_intact(uow.ports.box, version),
        is_sealed=is_sealed(version.manifest),
        pictures=pictures_of(form.get("pictures", listing.pictures)),
    )


def _live_number(uow: UnitOfWork, listing: Listing) -> str:
    """The version that buyers get now."""
    if listing.state != "live":
        return ""
    return uow.session.exec(select(ListingVersion.number).where(ListingVersion.id == listing.version_id)).first() or ""


def _earlier_version(uow: UnitOfWork, version: ListingVersion) -> ListingVersion | None:
    """The newest one before it that was ever on the shelf."""
    unshown = select(ModerationCase.version_id).where(ModerationCase.kind == "version", ModerationCase.state != "approved")
    others = select(ListingVersion.number).where(ListingVersion.listing_id == version.listing_id, ~col(ListingVersion.id).in_(unshown))
    lower = [number for number in uow.session.exec(others) if version_key(number) < version_key(version.number)]
    if not lower:
        return None
    newest = max(lower, key=version_key)
    wanted = select(ListingVersion).where(ListingVersion.listing_id == version.listing_id, ListingVersion.number == newest)
    return uow.session.exec(wanted).one()


def _rows(uow: UnitOfWork, cases: Sequence[ModerationCase]) -> tuple[CaseRow, ...]:
    listings = select(Listing).where(col(Listing.id).in_([case.listing_id for case in cases]))
    by_id = {listing.id: listing for listing in uow.session.exec(listings)} if cases else {}
    versions = select(ListingVersion.id, ListingVersion.number).where(col(ListingVersion.id).in_([case.version_id for case in cases]))
    numbers = {row[0]: row[1] for row in uow.session.exec(versions).all()} if cases else {}
    return tuple(
        CaseRow(
            id=str(case.id),
            slug=by_id[case.listing_id].slug,
            name=case.form.get("name", by_id[case.listing_id].name),
            creator=by_id[case.listing_id].creator,
            kind=case.kind,
            version=numbers.get(case.version_id, ""),  # type: ignore[arg-type]
            state=case.state,
            reason=case.reason,
            appeal=case.appeal,
            asked_at=case.created_at,
            decided_at=case.decided_at,
        )
        for case in cases
    )
