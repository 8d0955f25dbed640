"""Publishing: the checks of the wizard, a new listing or a new version of one, the price, and taking a listing off the shelf."""

import uuid
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from app.core.errors import Conflict, Invalid, NotAllowed
from app.core.money import CURRENCY, PLATFORM_BPS, read_price
from app.core.permissions import Permission, require
from app.core.problems import Problems
from app.core.text import clean_line, clean_text
from app.core.uow import UnitOfWork
from app.services.blueprints import export_workflow, read_bundle
from app.services.market.access import load_own
from app.services.market.cards import price_text
from app.services.market.checks import check_publish, samples_of_tests
from app.services.market.filing import file_listing
from app.services.market.mapping import asks_in
from app.services.market.naming import public_name
from app.services.market.packages import check_version, digest_of, make_package, manifest_from, permission_lines, sign
from app.services.market.pictures import claim_pictures, hold_pictures, pictures_of, read_pictures
from app.services.market.releases import announce_release
from app.services.market.shelves import check_category, check_licence, check_look
from app.services.market.words import file_words
from app.services.sealed import is_sealed
from app.services.workflows import load_workflow
from app.views.market import ListingForm, PublishDraft
from engine.blueprint.bundle import Bundle, slug_of
from engine.blueprint.manifest import Manifest
from engine.json import JsonObject
from models.listing import Listing, ListingVersion
from models.moderation import ModerationCase
from models.workflow import Workflow

SHORTEST_ABOUT = 80
FILLED = ("name", "tagline", "description", "category", "price_cents", "is_monthly", "pictures")
BILLING = ("once", "month")
OF_PAGES = ("sell", "moderation", "platform", "creators", "publish")  # below /marketplace


class NotReadyToPublish(Conflict):
    """One of the wizard's checks fails."""

    code = "not_ready_to_publish"


class LicenceForbidsSelling(NotAllowed):
    """Part of it came from somebody else's listing, under a licence that forbids to sell it."""

    code = "licence_forbids_selling"


def start_publishing(uow: UnitOfWork, *, workflow_id: object) -> PublishDraft:
    """The wizard for a workflow: its checks, its permissions, and the form as it was last published."""
    require(uow, Permission.MANAGE_MEMBERS)
    workflow = load_workflow(uow, workflow_id)
    listing, numbers = _listing_of(uow, workflow)
    checks = check_publish(uow, workflow)
    package = make_package(_bundle_of(uow, workflow)) if checks[0].is_ok else None
    return PublishDraft(
        workflow_id=str(workflow.id),
        workflow_name=workflow.name,
        checks=checks,
        permissions=permission_lines(package.content) if package else (),
        listing=_form(uow, workflow, listing, numbers),
        published=tuple(numbers),
    )


def _bundle_of(uow: UnitOfWork, workflow: Workflow) -> Bundle:
    return read_bundle(export_workflow(uow, workflow_id=workflow.id).text).without_triggers()


def publish_listing(uow: UnitOfWork, *, workflow_id: object, form: object) -> str:
    """Ask for the saved draft to be shown as a listing, or as its next version, if every check passes; returns the slug."""
    require(uow, Permission.MANAGE_MEMBERS)
    hold_pictures(uow)
    workflow = load_workflow(uow, workflow_id)
    listing, numbers = _listing_of(uow, workflow)
    wish = _read_form(form, numbers)
    wish["pictures"] = _read_pictures(uow, form, listing)
    failed = [check for check in check_publish(uow, workflow) if not check.is_ok]
    if any(check.key == "licence" for check in failed):
        told = next(check.remedy for check in failed if check.key == "licence")
        raise LicenceForbidsSelling(told, fields={"licence": told})
    if failed:
        raise NotReadyToPublish(f"{failed[0].title}: {failed[0].remedy}", fields={check.key: check.remedy for check in failed})
    bundle = _bundle_of(uow, workflow)
    titles = {"name": wish["name"], "version": wish["version"], "description": wish["tagline"]}
    named = bundle.model_copy(update={"metadata": bundle.metadata.model_copy(update=titles)})
    seller = public_name(uow, uow.workspace_id)
    listing = listing or Listing(
        workspace_id=uow.workspace_id, slug=free_slug(uow, wish["name"]), creator=seller, workflow_id=workflow.id,
        currency=CURRENCY, fee_bps=PLATFORM_BPS, icon="workflow", created_by=uow.actor.user_id if uow.actor else None,
        name="", tagline="", category="",
    )  # fmt: skip
    _submit(uow, listing, named, wish=wish, samples=samples_of_tests(uow, workflow))
    return listing.slug


def _submit(uow: UnitOfWork, listing: Listing, bundle: Bundle, *, wish: dict[str, Any], samples: list[dict[str, Any]]) -> None:
    """Write the version, which waits for the operators; what is on the shelf stays as it is until then."""
    is_shown = listing.state in ("live", "unlisted")
    if not is_shown:
        _fill(listing, wish)
        listing.state, listing.reason = "in_review", ""
    version = _write_version(uow, listing, bundle, wish=wish, samples=samples)
    claim_pictures(uow, listing, wish["pictures"])
    if not is_shown:
        listing.version_id = version.id
    for earlier in uow.session.exec(_waiting(listing)):
        earlier.state = "withdrawn"
    form = {name: wish[name] for name in FILLED}
    uow.session.add(
        ModerationCase(workspace_id=listing.workspace_id, listing_id=listing.id, version_id=version.id, kind="version", form=form)
    )
    uow.session.flush()


def add_version(uow: UnitOfWork, listing: Listing, bundle: Bundle, *, wish: dict[str, Any], samples: list[dict[str, Any]]) -> None:
    """Write the version and put it on the shelf, as the installation does with its own listings."""
    _fill(listing, wish)
    show_version(uow, listing, _write_version(uow, listing, bundle, wish=wish, samples=samples), wish=wish)


def show_version(uow: UnitOfWork, listing: Listing, version: ListingVersion, *, wish: Mapping[str, Any]) -> None:
    """Make it the version that buyers get; a listing that its seller took off the shelf stays off it."""
    now, allowed = uow.ports.clock.now(), manifest_from(version.manifest)
    if listing.version_id not in (None, version.id):
        announce_release(uow, version)
    _fill(listing, wish)
    listing.state, listing.reason = ("unlisted" if listing.state == "unlisted" else "live"), ""
    listing.published_at = listing.published_at or now
    listing.updated_at, listing.version_id = now, version.id
    listing.models, listing.needs = _spread(allowed.models), _needs(allowed)
    uow.session.flush()
    file_words(uow, listing, version.manifest)


def _fill(listing: Listing, wish: Mapping[str, Any]) -> None:
    for name in FILLED:
        if name in wish:
            setattr(listing, name, wish[name])


def _waiting(listing: Listing) -> SelectOfScalar[ModerationCase]:
    return select(ModerationCase).where(ModerationCase.listing_id == listing.id, ModerationCase.state == "waiting")


def _write_version(
    uow: UnitOfWork, listing: Listing, bundle: Bundle, *, wish: dict[str, Any], samples: list[dict[str, Any]]
) -> ListingVersion:
    now, package = uow.ports.clock.now(), make_package(bundle, sealed=listing.slug if wish.get("look") == "sealed" else "")
    uow.session.add(listing)
    uow.session.flush()
    digest, content = digest_of(package.text), package.content | {"asks": asks_in(uow, bundle, listing)}
    version = ListingVersion(
        workspace_id=listing.workspace_id, listing_id=listing.id, number=wish["version"], changelog=wish["changelog"],
        licence=wish["licence"], bundle=package.text, manifest=content, samples=samples, digest=digest,
        signature=sign(uow.ports.box, digest), created_at=now, updated_at=now,
    )  # fmt: skip
    uow.session.add(version)
    uow.session.flush()
    return version


def unlist_listing(uow: UnitOfWork, *, slug: object) -> None:
    """Take it off the shelf; who has it keeps it."""
    require(uow, Permission.MANAGE_MEMBERS)
    listing = load_own(uow, slug, for_update=True)
    if listing.state == "live":
        listing.state = "unlisted"
        file_listing(uow, listing.id)


def leave_shelf(uow: UnitOfWork, workspace_id: uuid.UUID) -> None:
    """Take everything of a workspace that is deleted off the shelf, and what waits for operators back; who has it keeps it."""
    mine = select(Listing).where(Listing.workspace_id == workspace_id, col(Listing.state).in_(("live", "in_review")))
    for listing in uow.session.exec(mine.order_by(col(Listing.id)).with_for_update()).all():
        listing.state = "unlisted" if listing.version_id and listing.published_at else "draft"
        file_listing(uow, listing.id)
    waiting = select(ModerationCase).where(ModerationCase.workspace_id == workspace_id, ModerationCase.state == "waiting")
    for case in uow.session.exec(waiting.where(ModerationCase.kind == "version")).all():
        case.state = "withdrawn"
    uow.session.flush()


def relist_listing(uow: UnitOfWork, *, slug: object) -> None:
    """Put it back; one that was taken down by the operators stays down."""
    require(uow, Permission.MANAGE_MEMBERS)
    listing = load_own(uow, slug, for_update=True)
    if listing.state == "removed":
        raise Conflict(f"The operators took this listing down: {listing.reason}", code="listing_removed")
    if listing.state == "unlisted":
        listing.state = "live"
        file_listing(uow, listing.id)


def set_listing_price(uow: UnitOfWork, *, slug: object, price: object) -> str:
    """A new price for orders from now on; returns it as text."""
    require(uow, Permission.MANAGE_MEMBERS)
    listing = load_own(uow, slug, for_update=True)
    listing.price_cents = read_price(price)
    for case in uow.session.exec(_waiting(listing)):
        case.form = {**case.form, "price_cents": listing.price_cents}
    file_listing(uow, listing.id)
    return price_text(listing)


def free_slug(uow: UnitOfWork, name: str) -> str:
    """A readable address that nobody has, no page either."""
    stem = slug_of(name).replace("_", "-")[:70]
    taken = {*OF_PAGES, *uow.session.exec(select(Listing.slug).where(col(Listing.slug).startswith(stem, autoescape=True)))}
    return stem if stem not in taken else next(f"{stem}-{n}" for n in range(2, len(taken) + 3) if f"{stem}-{n}" not in taken)


def _listing_of(uow: UnitOfWork, workflow: Workflow) -> tuple[Listing | None, list[str]]:
    listing = uow.session.exec(uow.scoped(Listing).where(Listing.workflow_id == workflow.id)).first()
    if listing is None:
        return None, []
    if listing.state == "removed":
        raise Conflict(f"The operators took this listing down: {listing.reason}", code="listing_removed")
    wanted = select(ListingVersion.number).where(ListingVersion.listing_id == listing.id).order_by(col(ListingVersion.created_at))
    return listing, list(uow.session.exec(wanted))


def _form(uow: UnitOfWork, workflow: Workflow, listing: Listing | None, numbers: list[str]) -> ListingForm:
    if listing is None:
        return ListingForm(name=workflow.name, tagline=workflow.description[:200], description=workflow.description)
    major, minor, patch = (int(part) for part in numbers[-1].split("."))
    form = ListingForm(name=listing.name, tagline=listing.tagline, description=listing.description, category=listing.category)
    newest = select(ListingVersion.manifest).where(ListingVersion.listing_id == listing.id, ListingVersion.number == numbers[-1])
    look = "sealed" if is_sealed(uow.session.exec(newest).first() or {}) else "open"
    billing, price = "month" if listing.is_monthly else "once", f"{listing.price_cents / 100:.2f}"
    pictures = pictures_of(listing.pictures)
    return replace(form, price=price, billing=billing, version=f"{major}.{minor}.{patch + 1}", look=look, pictures=pictures)


def _read_form(form: object, numbers: list[str]) -> dict[str, Any]:
    given: dict[str, Any] = form if isinstance(form, dict) else {}
    readers: dict[str, Any] = {
        "name": lambda: clean_line(given.get("name"), max_length=80, label="The name", field="name"),
        "tagline": lambda: clean_line(given.get("tagline"), max_length=160, label="The summary", field="tagline"),
        "description": lambda: _about(given.get("description")),
        "category": lambda: check_category(given.get("category")),
        "price_cents": lambda: read_price(given.get("price")),
        "is_monthly": lambda: _is_monthly(given.get("billing", "once")),
        "licence": lambda: check_licence(given.get("licence")),
        "look": lambda: check_look(given.get("look", "open")),
        "version": lambda: check_version(given.get("version"), after=numbers),
        "changelog": lambda: clean_text(given.get("changelog", ""), max_length=4000, label="The changelog", field="changelog"),
    }
    problems = Problems()
    wish: dict[str, Any] = {name: problems.tried(read) for name, read in readers.items()}
    if numbers and wish["changelog"] is not None and not wish["changelog"].strip():
        problems.note("changelog", "Say what has changed since the last version.")
    problems.refuse()
    wish["is_monthly"] = wish["is_monthly"] and wish["price_cents"] > 0
    return wish


def _read_pictures(uow: UnitOfWork, form: object, listing: Listing | None) -> list[JsonObject]:
    """A form that says nothing of pictures keeps those that are shown."""
    if not isinstance(form, dict) or "pictures" not in form:
        return list(listing.pictures or ()) if listing else []
    return read_pictures(uow, form["pictures"], listing)  # type: ignore[reportUnknownArgumentType]


def _is_monthly(value: object) -> bool:
    if value not in BILLING:
        problem = "Choose whether it is paid once or every month."
        raise Invalid(problem, fields={"billing": problem})
    return value == "month"


def _about(value: object) -> str:
    text = clean_text(value, max_length=20_000, label="The description", field="description").strip()
    if len(text) < SHORTEST_ABOUT:
        problem = f"Describe in {SHORTEST_ABOUT} characters or more what it does, for whom, and what it needs. Now it has {len(text)}."
        raise Invalid(problem, fields={"description": problem})
    return text


def _spread(names: tuple[str, ...]) -> str:
    return f" {' '.join(names)} "[:2000] if names else ""


def _needs(allowed: Manifest) -> str:
    flags = {"network": allowed.hosts, "code": allowed.runs_code, "tools": allowed.tools, "credentials": allowed.credentials}
    return _spread(tuple(name for name, is_needed in flags.items() if is_needed))
