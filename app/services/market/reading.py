"""The page of a listing."""

from typing import Any

import sqlalchemy as sa
from sqlmodel import col, select

from app.core.money import format_cents
from app.core.payments import REFUND_WINDOW
from app.core.permissions import Permission, permissions_of, require_or_visitor
from app.core.uow import UnitOfWork
from app.services.asked import asked_by
from app.services.coupons.quoting import tax_words
from app.services.market.access import access_of, has_paid, installed, load_listing, version_for
from app.services.market.browsing import related_to
from app.services.market.cards import to_cards
from app.services.market.drawing import outline_of
from app.services.market.examples import examples_of
from app.services.market.installing import living_workflows
from app.services.market.measuring import measure, samples_of
from app.services.market.naming import face_of
from app.services.market.packages import is_intact, main_workflow, permission_lines
from app.services.market.pictures import pictures_of
from app.services.market.room import tell_no_room
from app.services.market.updating import may_update
from app.services.runs.inputs import form_fields
from app.services.sealed import is_sealed, open_package, read_package, stored_face
from app.services.workflows.lifecycle import dump_spec
from app.views.market import ListingDetail, VersionRow
from engine.blueprint.bundle import Bundle
from engine.nodes.workflow import LISTING
from models.listing import Install, Listing, ListingVersion
from models.moderation import ModerationCase
from models.purchase import Purchase
from models.subscription import Subscription

DAY_S = 86_400


def get_listing(uow: UnitOfWork, *, slug: object) -> ListingDetail:
    """Everything its page shows."""
    require_or_visitor(uow, Permission.VIEW)
    listing, granted = load_listing(uow, slug), permissions_of(uow.actor)
    version, install = version_for(uow, listing), installed(uow, listing) if uow.actor else None
    bundle, gateway = (open_package(version) if _is_own(uow, listing) else read_package(version)), uow.ports.payments
    access, definition = access_of(uow, listing), dump_spec(main_workflow(bundle))
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
        workflow=definition if _may_read(uow, version, listing, access, install) else outline_of(definition),
        versions=_versions(uow, listing),
        measured=measure(uow, version),
        related=related_to(uow, listing),
        is_test_mode=gateway is not None and gateway.mode == "test",
        can_buy=Permission.EDIT in granted and gateway is not None,
        can_install=Permission.EDIT in granted,
        has_update=install is not None and install.version_id != version.id and may_update(uow, listing),
        creator_id=str(listing.workspace_id) if listing.state == "live" else "",
        installed_version=_number(uow, install),
        is_intact=is_intact(uow.ports.box, version),
        is_visitor=uow.actor is None,
        is_sealed=is_sealed(version.manifest),
        currency=listing.currency,
        is_monthly=listing.is_monthly,
        order_id=_standing_order(uow, listing) if uow.actor else "",
        pictures=pictures_of(listing.pictures),
        asks_credentials=bool(asked_by(version.manifest)),
        **_to_try(version, bundle),
        **_notes(uow, listing, None if install or access == "closed" else bundle),
    )


def _may_read(uow: UnitOfWork, version: ListingVersion, listing: Listing, access: str, install: Install | None) -> bool:
    """Whether the steps of the version shown are open to the actor: it is free, paid for, or what their workspace has installed."""
    if install is not None:
        return install.version_id == version.id or may_update(uow, listing)
    return access not in ("for_sale", "pending")


def _notes(uow: UnitOfWork, listing: Listing, to_install: Bundle | None) -> dict[str, Any]:
    """What is said and shown beside the price."""
    return {
        "refund_days": REFUND_WINDOW.days if listing.price_cents else 0,
        "tax_note": tax_words(uow) if listing.price_cents else "",
        "room_note": tell_no_room(uow, to_install) if to_install else "",
        "returned": _returned(uow, listing) if uow.actor else "",
        "creator_picture": face_of(uow, listing.workspace_id).picture if listing.state == "live" else "",
        "lacks": _lacks(uow, listing) if uow.actor else (),
    }


def _to_try(version: ListingVersion, bundle: Bundle) -> dict[str, Any]:
    """What its page shows of runs, and asks for one."""
    samples, form = samples_of(version), form_fields(main_workflow(bundle))
    asked = tuple(field.model_dump(mode="json") for field in form)
    return {"samples": samples, "form": asked, "examples": examples_of(samples, form)}


def _lacks(uow: UnitOfWork, listing: Listing) -> tuple[str, ...]:
    face = stored_face(uow, f"{LISTING}{listing.slug}")
    return tuple(one.message for one in face.lacks) if face else ()


def _is_own(uow: UnitOfWork, listing: Listing) -> bool:
    return uow.actor is not None and uow.workspace_id == listing.workspace_id


def _standing_order(uow: UnitOfWork, listing: Listing) -> str:
    """The monthly order that runs, so that the page leads to it."""
    running = uow.scoped(Subscription).where(Subscription.listing_id == listing.id, col(Subscription.state).in_(("active", "past_due")))
    order = uow.session.exec(running).first()
    return str(order.id) if order else ""


def _returned(uow: UnitOfWork, listing: Listing) -> str:
    gone = uow.scoped(Purchase).where(Purchase.listing_id == listing.id, Purchase.state == "refunded")
    order = None if has_paid(uow, listing) else uow.session.exec(gone.order_by(col(Purchase.id).desc())).first()
    return format_cents(order.refunded_cents, order.currency) if order else ""


def _number(uow: UnitOfWork, install: Install | None) -> str:
    return uow.session.exec(select(ListingVersion.number).where(ListingVersion.id == install.version_id)).one() if install else ""


def note_view(uow: UnitOfWork, *, slug: object, network: str = "") -> None:
    """Count that somebody of another workspace looked at it: each once a day, and who it was is kept nowhere.

    `network` is where a visitor comes from, as the edge knows it; without it nobody can be told from the others, and nothing counts.
    """
    require_or_visitor(uow, Permission.RUN)
    listing = load_listing(uow, slug)
    who = str(uow.actor.user_id) if uow.actor else network
    if not who or _is_own(uow, listing):
        return
    if uow.ports.limiter.hit(f"view:{listing.id}:{who}", allowed=1, window_s=DAY_S) > 0:  # it keeps hashes, for a day
        return
    counted = {"view_count": Listing.view_count + 1, "updated_at": Listing.updated_at}
    uow.session.connection().execute(sa.update(Listing).where(col(Listing.id) == listing.id).values(counted))


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
