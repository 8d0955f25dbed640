"""Sealed listings: what is inside is opened here only, to be pinned for a run; whoever else asks gets the face, which tells what it takes.

A version is sealed when its content says so. Everything that shows packages reads `read_package`.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlmodel import col, select

from app.core.errors import Invalid
from app.core.permissions import Permission, require
from app.core.uow import UnitOfWork
from app.services.asked import asked_by
from app.services.definitions import load_credential_names, rename_credentials
from engine.blueprint.bundle import Bundle
from engine.blueprint.codec import decode
from engine.graph.called import LACKS
from engine.graph.calls import Stored
from engine.json import JsonObject
from engine.nodes.workflow import LISTING, is_listing
from engine.spec.workflow import EdgeSpec, Lack, NodeSpec, Position, WorkflowSpec
from models.listing import Install, Listing, ListingVersion

STEP = "sealed"
ADD_KEY = "Add a key of its provider under Settings, Credentials."
CHOOSE = "Choose one on the listing's page in the marketplace, under “Credentials it uses”."


@dataclass(frozen=True, slots=True)
class Sealed:
    """A sealed version that this workspace has installed. `credentials` are those it uses here, by their names in the package."""

    version_id: uuid.UUID
    name: str
    bundle: Bundle
    credentials: Mapping[str, str]
    lacks: tuple[Lack, ...]


def is_sealed(content: Mapping[str, object]) -> bool:
    """Whether the content of a version (its `manifest` column) says that it is sealed."""
    return bool(content.get("sealed"))


def read_package(version: ListingVersion) -> Bundle:
    """The package as who has it may see and keep it: of a sealed version the face only."""
    slug = str(version.manifest.get("sealed") or "")
    whole = open_package(version)
    return face_of(whole, slug) if slug else whole


def open_package(version: ListingVersion) -> Bundle:
    """The whole package, for its seller, the operators, and runs; tests/architecture/test_sealed.py names who may call it."""
    return decode(version.bundle)


def face_of(bundle: Bundle, slug: str) -> Bundle:
    """A package whose workflow asks for the same and hands it to the sealed one."""
    key, spec = next(iter(bundle.workflows.items()))
    begin = next((node for node in spec.nodes if node.kind == "start" and node.parent is None), NodeSpec(id="start", kind="start"))
    fields = begin.config.get("fields") or []
    names = [str(one["name"]) for one in fields if isinstance(one, dict) and one.get("name")]
    call: JsonObject = {"workflow": f"{LISTING}{slug}", "inputs": {name: f"{{{{ inputs.{name} }}}}" for name in names}}
    nodes = (
        NodeSpec(id="start", kind="start", config={"fields": fields}, position=Position(x=0, y=100)),
        NodeSpec(id=STEP, kind="workflow", label=bundle.metadata.name[:80], config=call, position=Position(x=320, y=100)),
        NodeSpec(id="end", kind="end", position=Position(x=640, y=100)),
    )
    edges = (EdgeSpec(source="start", target=STEP), EdgeSpec(source=STEP, target="end"))
    face = WorkflowSpec(name=bundle.metadata.name, description=bundle.metadata.description, nodes=nodes, edges=edges)
    return Bundle(metadata=bundle.metadata, workflows={key: face})


def stored_face(uow: UnitOfWork, reference: str) -> Stored | None:
    """How a sealed listing looks to a workflow that calls it; None where this workspace has not installed it."""
    found = _installed(uow, reference)
    if found is None:
        return None
    listing, version, install = found
    spec = next(iter(read_package(version).workflows.values()))
    inner = spec.model_copy(update={"nodes": tuple(node for node in spec.nodes if node.id != STEP), "edges": ()})
    return Stored(listing.name, inner, lacks=_lacks(uow, version, install), is_sealed=True)


def open_installed(uow: UnitOfWork, reference: str) -> Sealed | None:
    """What a run of this workspace needs of it."""
    found = _installed(uow, reference)
    if found is None:
        return None
    listing, version, install = found
    bundle, mapping = open_package(version), _chosen(install)
    named = bundle.model_copy(update={"workflows": {slug: rename_credentials(spec, mapping) for slug, spec in bundle.workflows.items()}})
    return Sealed(version.id, listing.name, named, mapping, _lacks(uow, version, install))


def list_installed(uow: UnitOfWork) -> tuple[tuple[str, str], ...]:
    """What steps of this workspace may call: reference and name of each sealed listing that is installed."""
    require(uow, Permission.VIEW)
    joined = select(Listing.slug, Listing.name, ListingVersion.manifest).join(Install, col(Install.listing_id) == col(Listing.id))
    mine = joined.join(ListingVersion, col(ListingVersion.id) == col(Install.version_id)).where(Install.workspace_id == uow.workspace_id)
    rows = uow.session.exec(mine.order_by(col(Listing.name))).all()
    return tuple((f"{LISTING}{slug}", name) for slug, name, content in rows if is_sealed(content))


def _installed(uow: UnitOfWork, reference: str) -> tuple[Listing, ListingVersion, Install] | None:
    if not is_listing(reference):
        return None
    listing = uow.session.exec(select(Listing).where(Listing.slug == reference.removeprefix(LISTING)[:80])).first()
    install = uow.session.exec(uow.scoped(Install).where(Install.listing_id == listing.id)).first() if listing else None
    version = uow.session.exec(select(ListingVersion).where(ListingVersion.id == install.version_id)).first() if install else None
    return (listing, version, install) if listing and install and version and is_sealed(version.manifest) else None


def missing_models(uow: UnitOfWork, content: Mapping[str, Any]) -> tuple[Lack, ...]:
    """The models that the content of a version says it uses, and that cannot be used here."""
    usable = {card.id for card in uow.catalogue.cards() if card.is_available}
    models = [str(one) for one in (content.get("permissions") or {}).get("models") or [] if one not in usable]
    told = "The model “{}” cannot be used here."
    return tuple(Lack(name=f"models.{one}", message=told.format(one), remedy=ADD_KEY, place="/settings/credentials") for one in models)


def _chosen(install: Install) -> dict[str, str]:
    return {str(name): str(here) for name, here in (install.credentials or {}).items()}


def _lacks(uow: UnitOfWork, version: ListingVersion, install: Install) -> tuple[Lack, ...]:
    """What this workspace lacks of what the version says it uses: models, and credentials that nobody has chosen or that are gone."""
    here, chosen, place = load_credential_names(uow), _chosen(install), f"/marketplace/{version.manifest['sealed']}?keys=1"
    open_asks = [ask for ask in asked_by(version.manifest) if chosen.get(ask.name, ask.name) not in here]
    credentials = (
        Lack(name=f"credentials.{ask.name}", message=f"Needs a credential: {ask.words}.", remedy=CHOOSE, place=place) for ask in open_asks
    )
    return (*missing_models(uow, version.manifest), *credentials)


def require_usable(sealed: Sealed) -> None:
    """The gate before a run; it names nothing that the permission screen does not name."""
    if sealed.lacks:
        first = sealed.lacks[0]
        told = f"“{sealed.name}” cannot run here yet. {first.message} {first.remedy}"
        raise Invalid(told, fields={one.name: f"{one.message} {one.remedy}" for one in sealed.lacks}, code=LACKS)
