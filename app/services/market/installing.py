"""Installing a listing: first what it would bring and may do, then everything or nothing of it. Nothing runs, nothing is scheduled."""

import sqlalchemy as sa
from sqlmodel import col, select

from app.core.audit import record
from app.core.bulk import insert_into, is_inserted
from app.core.errors import Conflict, NotAllowed, NotFound
from app.core.permissions import Permission, require
from app.core.uow import UnitOfWork
from app.services.asked import asked_by
from app.services.blueprints import import_bundle, preview_bundle
from app.services.market.access import access_of, bought, has_paid, installed, load_listing, rented, version_for
from app.services.market.mapping import can_make, plan_asks, read_mapping, with_credentials
from app.services.market.packages import is_intact, permission_lines
from app.services.market.room import tell_no_room
from app.services.sealed import is_sealed, missing_models, read_package
from app.views.installs import InstallPlan
from engine.blueprint.bundle import Origin
from models.ids import new_id, parse_id
from models.listing import Install, Listing, ListingVersion
from models.purchase import Purchase
from models.workflow import Workflow


class ListingNotBought(NotAllowed):
    """It has a price and this workspace has not paid it."""

    code = "listing_not_bought"

    def __init__(self) -> None:
        super().__init__("This listing has a price. Buy it first; then it can be installed.")


class PackageChanged(Conflict):
    """Digest or signature do not fit the text any more."""

    code = "package_changed"

    def __init__(self) -> None:
        super().__init__("This package is not what its creator published, so it is not installed. Tell an operator of this installation.")


def plan_install(uow: UnitOfWork, *, slug: object) -> InstallPlan:
    """The permission screen."""
    require(uow, Permission.EDIT)
    listing = load_listing(uow, slug)
    version = allowed_version(uow, listing)
    if is_sealed(version.manifest):
        return _plan_sealed(uow, listing, version)
    asks = plan_asks(uow, asked_by(version.manifest), {})
    answered = with_credentials(read_package(version), {ask.name: ask.chosen for ask in asks})
    preview = preview_bundle(uow, answered)
    return InstallPlan(
        name=listing.name,
        version=version.number,
        permissions=permission_lines(version.manifest),
        agents=preview.agents,
        workflows=tuple(workflow.name for workflow in preview.workflows),
        warnings=tuple(dict.fromkeys(text for workflow in preview.workflows for text in (*workflow.errors, *workflow.warnings))),
        asks=asks,
        can_make=can_make(uow),
        room_note=tell_no_room(uow, answered),
    )


def _plan_sealed(uow: UnitOfWork, listing: Listing, version: ListingVersion) -> InstallPlan:
    """Of what is sealed: what it may do, and what this workspace lacks of that."""
    return InstallPlan(
        name=listing.name,
        version=version.number,
        permissions=permission_lines(version.manifest),
        agents=(),
        workflows=tuple(spec.name for spec in read_package(version).workflows.values()),
        warnings=tuple(f"{one.message} {one.remedy}" for one in missing_models(uow, version.manifest)),
        is_sealed=True,
        asks=plan_asks(uow, asked_by(version.manifest), {}),
        can_make=can_make(uow),
    )


def install_listing(uow: UnitOfWork, *, slug: object, version: object, credentials: object = None) -> str:
    """Bring in the version whose permissions were shown; returns the workflow's id. A second install opens the first one.

    `credentials` says which one of this workspace stands for each that the package names: see `mapping.read_mapping`.
    """
    require(uow, Permission.EDIT)
    assert uow.actor
    listing = load_listing(uow, slug)
    before = installed(uow, listing)
    if before is not None and (kept := _living(uow, before)):
        return kept
    chosen = allowed_version(uow, listing)
    if chosen.number != version:
        raise Conflict(f"Version {chosen.number} came out meanwhile. Look at what it may do, then install it.", code="other_version")
    if before is not None:  # all its workflows were deleted: it comes anew
        uow.session.delete(before)
        uow.session.flush()
    mapping = read_mapping(uow, asked_by(chosen.manifest), credentials, {})
    return _install(uow, listing, chosen, mapping, is_first=before is None)


def _install(uow: UnitOfWork, listing: Listing, version: ListingVersion, mapping: dict[str, str], *, is_first: bool) -> str:
    assert uow.actor
    connection, now = uow.session.connection(), uow.ports.clock.now()
    table: sa.Table = Install.__table__  # type: ignore[attr-defined]
    row = {
        "id": new_id(), "created_at": now, "updated_at": now, "workspace_id": uow.workspace_id, "listing_id": listing.id,
        "version_id": version.id, "workflow_ids": [], "installed_by": uow.actor.user_id, "is_rented": _is_rented(uow, listing),
        "credentials": mapping,
    }  # fmt: skip
    once = insert_into(connection, table).values(row).on_conflict_do_nothing(index_elements=["workspace_id", "listing_id"])
    if not is_inserted(connection, once):  # another tab was quicker by a moment
        raise Conflict("This listing is being installed already. Reload the page to open it.", code="installing")
    record(uow.trail, kind="install", resource_id=row["id"], name=listing.name, note=f"version {version.number}")
    report = import_bundle(uow, with_credentials(read_package(version), mapping), origin=origin_for(uow, listing, version))
    install = uow.session.exec(select(Install).where(Install.id == row["id"])).one()
    install.workflow_ids = [workflow.id for workflow in report.workflows]
    install.agents = {agent.slug: {"slug": agent.target, "is_own": agent.action != "reuse"} for agent in report.agents}
    if is_first:
        connection.execute(
            sa.update(Listing).where(col(Listing.id) == listing.id).values(install_count=Listing.install_count + 1, updated_at=now)
        )
        uow.session.expire(listing)
    uow.session.flush()
    return report.workflows[0].id


def origin_for(uow: UnitOfWork, listing: Listing, version: ListingVersion) -> Origin | None:
    """What the copies remember; the seller's own stay theirs."""
    if listing.workspace_id == uow.workspace_id:
        return None
    return Origin(listing=listing.slug, title=listing.name, version=version.number, licence=version.licence, creator=listing.creator)


def allowed_version(uow: UnitOfWork, listing: Listing) -> ListingVersion:
    access = access_of(uow, listing)
    if access in ("for_sale", "pending", "lapsed"):
        raise ListingNotBought()
    if access == "installed" and _was_taken_back(uow, listing):
        raise ListingNotBought()
    if access == "closed":
        raise NotFound("This listing")
    version = version_for(uow, listing)
    if not is_intact(uow.ports.box, version):
        raise PackageChanged()
    return version


def _was_taken_back(uow: UnitOfWork, listing: Listing) -> bool:
    """Whether it was paid for and the money went back: what is installed stays, nothing comes anew."""
    ended = uow.scoped(Purchase).where(Purchase.listing_id == listing.id, col(Purchase.state).in_(("refunded", "lost")))
    return bool(listing.price_cents) and not has_paid(uow, listing) and uow.session.exec(ended).first() is not None


def _is_rented(uow: UnitOfWork, listing: Listing) -> bool:
    """Whether only a monthly payment gives the right to it."""
    return listing.workspace_id != uow.workspace_id and bought(uow, listing) is None and rented(uow, listing) is not None


def living_workflows(uow: UnitOfWork, install: Install) -> list[str]:
    """The installed workflows that still exist, in their order."""
    ids = [parsed for one in install.workflow_ids if (parsed := parse_id(one))]
    alive = uow.scoped(Workflow).where(col(Workflow.id).in_(ids), col(Workflow.deleted_at).is_(None))
    found = {str(row.id) for row in uow.session.exec(alive)}
    return [one for one in install.workflow_ids if one in found]


def _living(uow: UnitOfWork, install: Install) -> str:
    return next(iter(living_workflows(uow, install)), "")
