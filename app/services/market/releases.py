"""Letters about a new version to the workspaces that have an earlier one installed: asked for with the release, written by workers."""

import uuid

import sqlalchemy as sa
from sqlmodel import col, select

from app.core.bulk import insert_into
from app.core.uow import UnitOfWork
from app.services.letters import tell_updates
from app.services.newer import is_outdated, may_have_later
from models.ids import new_id
from models.listing import Install, Listing, ListingVersion, Release
from models.workspace import Workspace

AT_ONCE = 100


def announce_release(uow: UnitOfWork, version: ListingVersion) -> None:
    """Have workers write the letters, once for each version; nothing where no e-mail is sent."""
    if uow.ports.mailer.kind == "none":
        return
    connection, now = uow.session.connection(), uow.ports.clock.now()
    table: sa.Table = Release.__table__  # type: ignore[attr-defined]
    row = {
        "id": new_id(), "created_at": now, "updated_at": now, "listing_id": version.listing_id, "version_id": version.id, "is_telling": True
    }  # fmt: skip
    connection.execute(insert_into(connection, table).values(row).on_conflict_do_nothing(index_elements=["version_id"]))


def has_release(connection: sa.Connection) -> bool:
    """Whether somebody is still to be told."""
    return connection.execute(sa.select(sa.literal(1)).where(col(Release.is_telling).is_(True)).limit(1)).first() is not None


def tell_release(uow: UnitOfWork) -> int:
    """Letters to the next installs of one release; returns how many were written.

    A version that is not on the shelf any more is told to nobody, nor one that must be paid for anew, nor to its own seller.
    """
    waiting = select(Release).where(col(Release.is_telling).is_(True)).order_by(col(Release.id)).limit(1)
    release = uow.session.exec(waiting.with_for_update(skip_locked=True)).first()
    if release is None:
        return 0
    listing = uow.session.exec(select(Listing).where(Listing.id == release.listing_id)).one()
    is_shown = listing.state == "live" and listing.version_id == release.version_id and uow.ports.mailer.kind != "none"
    found = _next_installs(uow, release) if is_shown else []
    release.is_telling = len(found) == AT_ONCE
    uow.session.add(release)
    if not found:
        return 0
    release.told_to = found[-1][0]
    number = uow.session.exec(select(ListingVersion.number).where(ListingVersion.id == release.version_id)).one()
    spaces = {workspace_id: (name, has) for _, workspace_id, name, has in found}
    return tell_updates(uow, spaces, title=listing.name, number=number, path=f"/marketplace/{listing.slug}")


def _next_installs(uow: UnitOfWork, release: Release) -> list[tuple[uuid.UUID, uuid.UUID, str, str]]:
    """Install, workspace, its name, and the version it has."""
    rows = (
        select(Install.id, Install.workspace_id, Workspace.name, ListingVersion.number)
        .join(Listing, col(Listing.id) == col(Install.listing_id))
        .join(ListingVersion, col(ListingVersion.id) == col(Install.version_id))
        .join(Workspace, col(Workspace.id) == col(Install.workspace_id))
        .where(Install.listing_id == release.listing_id, col(Install.workspace_id) != col(Listing.workspace_id))
        .where(is_outdated(), may_have_later(uow.ports.clock.now()))
    )
    later = rows.where(col(Install.id) > release.told_to) if release.told_to else rows
    return [(row[0], row[1], row[2], row[3]) for row in uow.session.exec(later.order_by(col(Install.id)).limit(AT_ONCE))]
