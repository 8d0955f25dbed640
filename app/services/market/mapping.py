"""Which credential of this workspace stands for each that a package names: what a version asks for, what fits here, what was chosen.

A package holds names, kinds and hosts, never a secret; the choice stands on the install and in the copies.
"""

from collections.abc import Mapping, Sequence

from sqlmodel import col, select

from app.core.allowed_hosts import is_allowed
from app.core.audit import record
from app.core.errors import Conflict, Invalid, NotFound
from app.core.permissions import Permission, permissions_of, require
from app.core.uow import UnitOfWork
from app.services.asked import Asked, asked_by, kept_mapping
from app.services.credentials.kinds import KINDS as CREDENTIAL_KINDS
from app.services.definitions import rename_credentials
from app.services.market.access import installed, load_listing
from app.services.sealed import is_sealed
from app.services.workflows.checking import find_problems
from app.views.credentials import CredentialChoice
from app.views.installs import CredentialAsk
from engine.blueprint.bundle import Bundle
from engine.blueprint.manifest import ANY_HOST, credential_hosts
from engine.json import JsonObject, as_object
from engine.nodes.registry import KINDS
from models.credential import Credential
from models.ids import parse_id
from models.listing import Install, Listing, ListingVersion
from models.workflow import Workflow

LONGEST_NAME = 120


class CredentialDoesNotFit(Invalid):
    """The chosen credential is not there, or of another kind than the package asks for."""

    code = "credential_does_not_fit"


def asks_in(uow: UnitOfWork, bundle: Bundle, listing: Listing) -> list[JsonObject]:
    """What a new version tells of the credentials that its steps name: the kind they have at the seller's, and where they are sent."""
    wanted = select(Credential.name, Credential.kind).where(Credential.workspace_id == listing.workspace_id, Credential.kind != "model")
    kinds = dict(uow.session.exec(wanted).all())
    hosts = credential_hosts(bundle, KINDS)
    return [{"name": name, "kind": kinds.get(name, ""), "hosts": list(hosts[name])} for name in hosts]


def plan_asks(uow: UnitOfWork, asked: Sequence[Asked], kept: Mapping[str, str]) -> tuple[CredentialAsk, ...]:
    """Each with what fits it here and the one that is proposed."""
    rows = _rows(uow) if asked else []
    return tuple(_ask(one, [row for row in rows if one.kind in ("", row.kind)], kept.get(one.name, "")) for one in asked)


def can_make(uow: UnitOfWork) -> bool:
    """Whether the actor may add a credential where none fits."""
    return Permission.MANAGE_CREDENTIALS in permissions_of(uow.actor)


def read_mapping(uow: UnitOfWork, asked: Sequence[Asked], given: object, kept: Mapping[str, str]) -> dict[str, str]:
    """The credentials to write into the copies, by the name in the package. `given` None takes what is proposed; "" means later."""
    wanted = None if given is None else as_object(given)
    if given is not None and wanted is None:
        raise Invalid("The credentials must be an object.", fields={"credentials": "Give one name, or an empty text, for each."})
    names = {row.name for row in _rows(uow)} if asked else set[str]()
    mapping = dict(kept)
    for ask in plan_asks(uow, asked, kept):
        choice = ask.chosen if wanted is None else wanted.get(ask.name, ask.chosen)
        if choice and choice not in [one.name for one in ask.choices]:
            problem = f"“{str(choice)[:60]}” is no {ask.kind_label or 'credential'} of this workspace. Choose another one, or choose later."
            raise CredentialDoesNotFit(problem, fields={f"credentials.{ask.name}": problem})
        mapping[ask.name] = str(choice) or _unset(ask.name, names)
    return mapping


def with_credentials(bundle: Bundle, mapping: Mapping[str, str]) -> Bundle:
    """The package naming the chosen ones."""
    named = {slug: rename_credentials(spec, mapping) for slug, spec in bundle.workflows.items()}
    return bundle.model_copy(update={"workflows": named})


def get_credential_asks(uow: UnitOfWork, *, slug: object) -> tuple[CredentialAsk, ...]:
    """What an installed sealed listing asks for, and what it uses."""
    require(uow, Permission.EDIT)
    install, version = _sealed_copy(uow, slug)
    return plan_asks(uow, asked_by(version.manifest), kept_mapping(install, version.manifest))


def choose_credentials(uow: UnitOfWork, *, slug: object, credentials: object) -> None:
    """Let an installed sealed listing use other credentials from its next run on."""
    require(uow, Permission.EDIT)
    install, version = _sealed_copy(uow, slug, lock=True)
    asked = asked_by(version.manifest)
    install.credentials = read_mapping(uow, asked, credentials, kept_mapping(install, version.manifest))
    record(uow.trail, kind="install", resource_id=install.id, name=load_listing(uow, slug).name, note="credentials chosen")
    uow.session.flush()
    _count_anew(uow, install)


def _count_anew(uow: UnitOfWork, install: Install) -> None:
    """Lists say how much of a workflow is to mend; what the choice has mended is no longer."""
    ids = [parsed for one in install.workflow_ids if (parsed := parse_id(one))]
    for workflow in uow.session.exec(uow.scoped(Workflow).where(col(Workflow.id).in_(ids), col(Workflow.deleted_at).is_(None))):
        workflow.error_count = sum(finding.severity == "error" for finding in find_problems(uow, workflow.draft))
    uow.session.flush()


def _sealed_copy(uow: UnitOfWork, slug: object, *, lock: bool = False) -> tuple[Install, ListingVersion]:
    install = installed(uow, load_listing(uow, slug))
    if install is None:
        raise NotFound("This installation")
    if lock:  # who chooses at the same moment keeps what this one chose, and an update does not slip in between
        uow.session.refresh(install, with_for_update=True)
    version = uow.session.exec(select(ListingVersion).where(ListingVersion.id == install.version_id)).one()
    if not is_sealed(version.manifest):
        raise Conflict("This copy is open: choose the credential in its steps.", code="copy_is_open")
    return install, version


def _ask(one: Asked, rows: Sequence[Credential], kept: str) -> CredentialAsk:
    choices = tuple(CredentialChoice(row.name, f"{CREDENTIAL_KINDS[row.kind].label} · {', '.join(row.hosts[:2])}") for row in rows)
    names = [row.name for row in rows]
    fitting = [row.name for row in rows if one.hosts and all(_reaches(row, host) for host in one.hosts)]
    chosen = next((name for name in (kept, one.name) if name in names), fitting[0] if len(fitting) == 1 else "")
    kept_unset = kept and kept not in names  # somebody has answered "later" before
    return CredentialAsk(one.name, one.kind, one.kind_label, one.hosts, choices, "" if kept_unset else chosen)


def _reaches(row: Credential, host: str) -> bool:
    return host != ANY_HOST and any(is_allowed(f"{scheme}://{host}/", row.hosts) for scheme in ("https", "http"))


def _rows(uow: UnitOfWork) -> list[Credential]:
    wanted = uow.scoped(Credential).where(Credential.kind != "model").order_by(col(Credential.name_key))
    return list(uow.session.exec(wanted))


def _unset(name: str, taken: set[str]) -> str:
    """A name that no credential has, so that nothing is used before somebody has chosen."""
    return name if name not in taken else next(free for n in range(1, len(taken) + 2) if (free := f"{name} (choose {n})") not in taken)
