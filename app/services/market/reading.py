"""The page of a listing."""

from typing import Any

import sqlalchemy as sa
from sqlmodel import col, select

from app.core.permissions import Permission, permissions_of, require, require_or_visitor
from app.core.uow import UnitOfWork
from app.services.market.access import access_of, installed, load_listing, version_for
from app.services.market.browsing import related_to
from app.services.market.cards import to_cards
from app.services.market.drawing import outline_of
from app.services.market.installing import living_workflows
from app.services.market.measuring import measure, samples_of
from app.services.market.packages import is_intact, main_workflow, permission_lines, read_package
from app.services.market.updating import may_update
from app.services.workflows.lifecycle import dump_spec
from app.views.market import ListingDetail, VersionRow
from models.listing import Install, Listing, ListingVersion
from models.moderation import ModerationCase


def get_listing(uow: UnitOfWork, *, slug: object) -> ListingDetail:
    """Everything its page shows."""
    require_or_visitor(uow, Permission.VIEW)
    listing = load_listing(uow, slug)
    version, granted = version_for(uow, listing), permissions_of(uow.actor)
    install = installed(uow, listing) if uow.actor else None
    access, gateway = access_of(uow, listing), uow.ports.payments
    bundle = read_package(version)
    definition = dump_spec(main_workflow(bundle))
    return ListingDetail(
        card=to_cards(uow, [listing])[0],
        description=listing.description,
        price_cents=listing.price_cents,
        state=listing.state,
        access=access,
        workflow_ids=tuple(living_workflows(uow, install)) if install else (),
        version=version.number,
        licence=version.licence,
        permissions=permission_lines(version.manifest),
        agents=tuple(agent.name for agent in bundle.agents.values()),
        workflow=outline_of(definition) if access in ("for_sale", "pending") else definition,
        samples=samples_of(version),
        versions=_versions(uow, listing),
        measured=measure(uow, listing, version),
        related=related_to(uow, listing),
        is_test_mode=gateway is not None and gateway.mode == "test",
        can_buy=Permission.EDIT in granted and gateway is not None,
        can_install=Permission.EDIT in granted,
        has_update=install is not None and install.version_id != version.id and may_update(uow, listing),
        creator_id=str(listing.workspace_id) if listing.state == "live" else "",
        installed_version=_number(uow, install),
        is_intact=is_intact(uow.ports.box, version),
        is_visitor=uow.actor is None,
        currency=listing.currency,
    )


def _number(uow: UnitOfWork, install: Install | None) -> str:
    return uow.session.exec(select(ListingVersion.number).where(ListingVersion.id == install.version_id)).one() if install else ""


def note_view(uow: UnitOfWork, *, slug: object) -> None:
    """Count that somebody of another workspace, who could use it, looked at it."""
    require(uow, Permission.RUN)
    listing = load_listing(uow, slug)
    if listing.workspace_id != uow.workspace_id:
        added = sa.update(Listing).where(col(Listing.id) == listing.id).values(view_count=Listing.view_count + 1)
        uow.session.connection().execute(added)


def _unshown(listing: Listing) -> Any:
    """Versions that were never on the shelf."""
    asked = select(ModerationCase.version_id).where(ModerationCase.listing_id == listing.id, ModerationCase.kind == "version")
    return asked.where(ModerationCase.state != "approved")


def _versions(uow: UnitOfWork, listing: Listing) -> tuple[VersionRow, ...]:
    shown = (ListingVersion.id, ListingVersion.number, ListingVersion.changelog, ListingVersion.licence)
    wanted = sa.select(*map(col, shown), col(ListingVersion.created_at), col(ListingVersion.digest)).where(
        col(ListingVersion.listing_id) == listing.id, ~col(ListingVersion.id).in_(_unshown(listing))
    )
    rows = uow.session.connection().execute(wanted.order_by(col(ListingVersion.created_at).desc(), col(ListingVersion.id).desc()))
    return tuple(
        VersionRow(row.number, row.changelog, row.licence, row.created_at, row.digest, is_current=row.id == listing.version_id)
        for row in rows
    )
