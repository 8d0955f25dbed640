"""Pictures of listings: uploaded by sellers, handed in with a version, looked at by the operators, then shown to everybody."""

import uuid
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import col, select

from app.core.audit import record
from app.core.errors import Invalid, LimitReached, NotFound
from app.core.permissions import Permission, require, require_or_visitor
from app.core.pictures import PictureUnfit, read_picture
from app.core.text import clean_line
from app.core.uow import UnitOfWork
from app.services.market.access import has_right
from app.services.operators import is_operator
from app.views.pictures import ListingPicture, PictureFile
from engine.json import JsonObject, as_list, as_object
from models.creator import Creator
from models.ids import parse_id
from models.listing import Listing
from models.moderation import ModerationCase
from models.picture import Picture
from models.workspace import Workspace

MOST = 6
MOST_PER_WORKSPACE = 300
LONGEST_ALT = 200
UNUSED_FOR = timedelta(days=1)


def add_picture(uow: UnitOfWork, *, content: object) -> ListingPicture:
    """Keep an uploaded picture for the wizard; one that no version is handed in with, or shows any more, is gone after a day."""
    require(uow, Permission.MANAGE_MEMBERS)
    try:
        made = read_picture(content if isinstance(content, bytes) else b"")
    except PictureUnfit as unfit:
        raise Invalid(str(unfit), fields={"pictures": str(unfit)}, code="picture_unfit") from unfit
    hold_pictures(uow)
    _forget_unused(uow)
    mine = sa.select(sa.func.count()).select_from(Picture).where(col(Picture.workspace_id) == uow.workspace_id)
    if uow.session.connection().execute(mine).scalar_one() >= MOST_PER_WORKSPACE:
        told = f"This workspace has {MOST_PER_WORKSPACE} pictures already. Those that no version shows go after a day."
        raise LimitReached(told)
    row = Picture(workspace_id=uow.workspace_id, kind=made.kind, width=made.width, height=made.height, content=made.content)
    row.created_by = uow.actor.user_id if uow.actor else None
    row.created_at = row.updated_at = uow.ports.clock.now()
    uow.session.add(row)
    uow.session.flush()
    record(uow.trail, kind="picture", resource_id=row.id, name="Picture of a listing", note=f"{made.width} x {made.height}")
    return _shown(str(row.id), "", row.width, row.height)


def get_picture(uow: UnitOfWork, *, picture_id: object) -> PictureFile:
    """The picture, for its seller and the operators, and for everybody who may see the listing that shows it."""
    require_or_visitor(uow, Permission.VIEW)
    wanted = parse_id(picture_id)
    row = uow.session.exec(select(Picture).where(Picture.id == wanted)).first() if wanted else None
    listing = uow.session.exec(select(Listing).where(Listing.id == row.listing_id)).first() if row and row.listing_id else None
    is_shown = listing is not None and any(one["id"] == str(wanted) for one in listing.pictures or ())
    is_public = (is_shown and listing is not None and listing.state == "live") or _is_face(uow, row)
    if row is None or not (is_public or _may_see(uow, row, listing if is_shown else None)):
        raise NotFound("This picture")
    return PictureFile(row.kind, row.content, is_public)


def _is_face(uow: UnitOfWork, row: Picture | None) -> bool:
    """Whether it stands on the page of a creator who has something on the shelf."""
    if row is None or row.listing_id is not None:
        return False
    shown = select(Creator.id).join(Listing, col(Listing.workspace_id) == col(Creator.workspace_id))
    return uow.session.exec(shown.where(Creator.picture_id == row.id, Listing.state == "live").limit(1)).first() is not None


def _may_see(uow: UnitOfWork, row: Picture, listing: Listing | None) -> bool:
    if uow.actor is None:
        return False
    return uow.workspace_id == row.workspace_id or is_operator(uow) or (listing is not None and has_right(uow, listing))


def hold_pictures(uow: UnitOfWork) -> None:
    """Until this transaction ends, nobody else of the workspace hands pictures in or forgets some. Call it before reading any."""
    uow.session.exec(select(Workspace.id).where(Workspace.id == uow.workspace_id).with_for_update(key_share=True)).one()


def read_pictures(uow: UnitOfWork, given: object, listing: Listing | None) -> list[JsonObject]:
    """The pictures of a version that is handed in, in their order; each needs words for who cannot see it."""
    wanted = as_list(given) or []
    if len(wanted) > MOST:
        raise _unfit(f"A listing shows {MOST} pictures at most. Take {len(wanted) - MOST} away.")
    pictures: list[JsonObject] = []
    for number, item in enumerate(wanted, start=1):
        one = as_object(item) or {}
        row = uow.session.exec(uow.scoped(Picture).where(Picture.id == parse_id(one.get("id")))).first()
        if row is None or row.listing_id not in (None, listing.id if listing else None):
            raise _unfit(f"Picture {number} is not there any more. Choose the file again.")
        alt = str(one.get("alt") or "").strip()
        if not alt:
            raise _unfit(f"Say what picture {number} shows, for people who cannot see it.")
        alt = clean_line(alt, max_length=LONGEST_ALT, label=f"What picture {number} shows", field="pictures")
        pictures.append({"id": str(row.id), "alt": alt, "width": row.width, "height": row.height})
    return pictures


def claim_pictures(uow: UnitOfWork, listing: Listing, pictures: list[JsonObject]) -> None:
    """They belong to this listing from now on."""
    ids = [parse_id(one["id"]) for one in pictures]
    for row in uow.session.exec(select(Picture).where(col(Picture.id).in_(ids), Picture.workspace_id == listing.workspace_id)):
        row.listing_id = listing.id


def pictures_of(pictures: list[Any] | None) -> tuple[ListingPicture, ...]:
    """As pages show them."""
    return tuple(_shown(one["id"], one["alt"], one["width"], one["height"]) for one in pictures or ())


def _shown(picture_id: str, alt: str, width: int, height: int) -> ListingPicture:
    return ListingPicture(picture_id, f"/pictures/{picture_id}", alt, width, height)


def _forget_unused(uow: UnitOfWork) -> None:
    """What no page shows, and no version would show that waits."""
    before, mine = uow.ports.clock.now() - UNUSED_FOR, col(Picture.workspace_id) == uow.workspace_id
    unused = (mine, col(Picture.created_at) < before, col(Picture.id).not_in(_in_use(uow)))
    uow.session.connection().execute(sa.delete(Picture).where(*unused))


def _in_use(uow: UnitOfWork) -> set[uuid.UUID]:
    """By the creator's page, by pages of listings, by what waits, and by a listing's newest refusal, as that may be appealed against.

    Cases are read before listings: what is approved in between is met in one of them at least.
    """
    shown: list[object] = []
    decided: set[uuid.UUID] = set()
    for case in uow.session.exec(uow.scoped(ModerationCase).order_by(col(ModerationCase.id).desc())):
        if case.state == "waiting" or (case.state == "refused" and case.listing_id not in decided):
            shown.append(case.form.get("pictures"))
        decided.add(case.listing_id)
    shown += [listing.pictures for listing in uow.session.exec(uow.scoped(Listing).where(col(Listing.pictures).is_not(None)))]
    faces = [row.picture_id for row in uow.session.exec(uow.scoped(Creator)) if row.picture_id]
    named = (parse_id((as_object(one) or {}).get("id")) for pictures in shown for one in as_list(pictures) or ())
    return {picture_id for picture_id in named if picture_id} | set(faces)


def _unfit(problem: str) -> Invalid:
    return Invalid(problem, fields={"pictures": problem})
