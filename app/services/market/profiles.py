"""A creator's public profile: written by who may sell for the workspace, emptied by operators with a reason."""

import re
import unicodedata
import uuid
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from app.core.errors import Invalid, NotFound
from app.core.permissions import Permission, require
from app.core.problems import Problems
from app.core.text import clean_line, clean_text
from app.core.uow import UnitOfWork
from app.services.letters import tell_sellers
from app.services.market.catalogue import CREATOR
from app.services.market.moderating import written
from app.services.market.naming import picture_href, public_name
from app.services.market.pictures import hold_pictures
from app.services.market.words import file_words
from app.services.operators import require_operator
from app.views.market import CreatorForm
from models.creator import Creator
from models.ids import parse_id
from models.listing import Listing, ListingVersion
from models.picture import Picture
from models.workspace import Workspace

LONGEST_NAME, LONGEST_ABOUT, LONGEST_WEBSITE = 60, 500, 200
_HOST = re.compile(r"(?=.{4,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")
TAKEN = "Another creator has this name. Choose one that people can tell apart."


def get_creator_profile(uow: UnitOfWork) -> CreatorForm:
    """The profile as its creator edits it, and what is shown where it is empty."""
    require(uow, Permission.MANAGE_MEMBERS)
    return _form(uow, uow.session.exec(uow.scoped(Creator)).first())


def set_creator_profile(uow: UnitOfWork, *, form: object) -> CreatorForm:
    """Write the whole profile; what is empty is shown as it is without one. Listings stand under the name from now on."""
    require(uow, Permission.MANAGE_MEMBERS)
    hold_pictures(uow)  # two who save at once do so one after the other
    wish = _read(uow, form if isinstance(form, dict) else {})  # type: ignore[reportUnknownArgumentType]
    row = uow.session.exec(uow.scoped(Creator)).first() or Creator(workspace_id=uow.workspace_id)
    before = row.name
    row.name, row.about, row.website, row.picture_id = wish["name"], wish["about"], wish["website"], wish["picture"]
    row.name_key, row.cleared_reason, row.updated_at = _key(row.name) or None, "", uow.ports.clock.now()
    try:
        with uow.session.begin_nested():
            uow.session.add(row)
            uow.session.flush()
    except IntegrityError as clash:
        raise Invalid(TAKEN, fields={"name": TAKEN}) from clash
    if row.name != before:
        _rename_listings(uow, row.workspace_id)
    return _form(uow, row)


def clear_creator_profile(uow: UnitOfWork, *, creator_id: object, reason: object) -> None:
    """Empty a profile that breaks the rules; its creator reads the reason, and is called as the workspace is."""
    require_operator(uow)
    said, wanted = written(reason, 1000, "reason"), parse_id(creator_id)
    row = uow.session.exec(select(Creator).where(Creator.workspace_id == wanted).with_for_update()).first() if wanted else None
    if row is None or not (row.name or row.about or row.website or row.picture_id):
        raise NotFound("A profile of this creator")
    row.name = row.about = row.website = ""
    row.name_key = row.picture_id = None
    row.cleared_reason, row.updated_at = said, uow.ports.clock.now()
    uow.session.add(row)
    uow.session.flush()
    _rename_listings(uow, row.workspace_id)
    told = f"Name, text, link and picture of your creator page were taken away. The reason: {said}\n\nYou can write them anew under Sell."
    tell_sellers(uow, row.workspace_id, kind="decision", subject="Your creator page was emptied", text=told)


def _rename_listings(uow: UnitOfWork, workspace_id: uuid.UUID) -> None:
    """Every listing of the workspace stands under its public name, and is found by it."""
    name = public_name(uow, workspace_id)
    mine = select(Listing).where(Listing.workspace_id == workspace_id).order_by(col(Listing.id)).with_for_update()
    for listing in uow.session.exec(mine).all():
        listing.creator = name
        uow.session.add(listing)
        uow.session.flush()
        if listing.published_at is not None:
            content = uow.session.exec(select(ListingVersion.manifest).where(ListingVersion.id == listing.version_id)).one()
            file_words(uow, listing, content)


def _form(uow: UnitOfWork, row: Creator | None) -> CreatorForm:
    space = uow.session.exec(select(Workspace.name).where(Workspace.id == uow.workspace_id)).one()
    on_shelf = uow.session.exec(uow.scoped(Listing).where(Listing.state == "live").limit(1)).first()
    shown = row or Creator(workspace_id=uow.workspace_id)
    return CreatorForm(
        name=shown.name,
        about=shown.about,
        website=shown.website,
        picture=str(shown.picture_id or ""),
        picture_href=picture_href(shown),
        shown_name=shown.name or (on_shelf.creator if on_shelf else space),
        creator_id=str(uow.workspace_id) if on_shelf else "",
        cleared_reason=shown.cleared_reason,
    )


def _read(uow: UnitOfWork, given: Mapping[str, Any]) -> dict[str, Any]:
    about = given.get("about", "")
    problems = Problems()
    wish = {
        "name": problems.tried(lambda: _name(given.get("name", ""))),
        "about": problems.tried(lambda: clean_text(about, max_length=LONGEST_ABOUT, label="The text", field="about").strip()),
        "website": problems.tried(lambda: _website(given.get("website", ""))),
        "picture": problems.tried(lambda: _picture(uow, given.get("picture", ""))),
    }
    problems.refuse()
    return wish


def _key(name: str) -> str:
    """What makes two names the same to a reader: case, width and blanks do not tell them apart."""
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())


def _name(value: object) -> str:
    name = clean_line(value, max_length=LONGEST_NAME, label="The name", field="name", is_required=False)
    if _key(name) == _key(CREATOR):
        raise Invalid(TAKEN, fields={"name": TAKEN})
    return name


def _website(value: object) -> str:
    text = clean_line(value, max_length=LONGEST_WEBSITE, label="The address", field="website", is_required=False)
    if not text:
        return ""
    told = "Write an address that begins with https://, such as https://example.com."
    try:
        parts = urlsplit(text)
        is_fit = parts.scheme == "https" and _HOST.fullmatch(parts.netloc.lower()) is not None and " " not in text
    except ValueError:
        is_fit = False
    if not is_fit or not text.isascii():
        raise Invalid(told, fields={"website": told})
    return text


def _picture(uow: UnitOfWork, value: object) -> uuid.UUID | None:
    if value in ("", None):
        return None
    wanted = parse_id(value)
    row = uow.session.exec(uow.scoped(Picture).where(Picture.id == wanted, col(Picture.listing_id).is_(None))).first() if wanted else None
    if row is None:
        told = "This picture is not there any more. Choose the file again."
        raise Invalid(told, fields={"picture": told})
    return row.id
