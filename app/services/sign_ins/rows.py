"""The rows of workspaces' own sign-ins: found by who sets them up, by their door, and by a domain; opened for the one exchange."""

import uuid
from urllib.parse import quote

from sqlmodel import col, func, select

from app.core.errors import Invalid, NotFound
from app.core.ports import ProviderSettings, SealBroken
from app.core.uow import UnitOfWork
from app.services.accounts.entering import door_path
from app.services.accounts.external import ExternalRefused
from app.services.accounts.identity import email_key, email_problem
from app.services.accounts.open_space import is_closed
from app.views.sign_ins import DomainRow, SignInDetail, SignInDoor
from models.ids import parse_id
from models.sign_in import SignInDomain, WorkspaceIdentity, WorkspaceSignIn

WHAT = "The sign-in of this workspace"
MARK = "ws-"
RECORD = "_agent-factory"


def is_door(key: str) -> bool:
    """Whether the key of a provider names a workspace's own."""
    return key.startswith(MARK)


def key_of(row: WorkspaceSignIn) -> str:
    """The key of a workspace's provider: each has an address of its own to come back to."""
    return f"{MARK}{row.id.hex}"


def sealed_to(sign_in_id: uuid.UUID) -> str:
    """What a client secret is sealed to."""
    return f"sign-in:{sign_in_id}"


def present(uow: UnitOfWork) -> WorkspaceSignIn | None:
    """That of the actor's workspace."""
    return uow.session.exec(uow.scoped(WorkspaceSignIn)).first()


def load(uow: UnitOfWork) -> WorkspaceSignIn:
    """The same, or NotFound."""
    row = present(uow)
    if row is None:
        raise NotFound(WHAT)
    return row


def find_enabled(uow: UnitOfWork, key: str) -> WorkspaceSignIn:
    """The provider of a key that is in use; ExternalRefused for any other."""
    row_id = parse_id(key.removeprefix(MARK)) if is_door(key) else None
    row = uow.session.get(WorkspaceSignIn, row_id) if row_id is not None else None
    if row is None or not row.is_enabled or is_closed(uow, row.workspace_id):
        raise ExternalRefused()
    return row


def open_provider(uow: UnitOfWork, *, key: str) -> ProviderSettings:
    """What the exchange with the provider needs; stays on the server."""
    return settings_of(uow, find_enabled(uow, key))


def settings_of(uow: UnitOfWork, row: WorkspaceSignIn) -> ProviderSettings:
    """The same for a row; never counted among the operator's own network, whatever the installation's provider is."""
    try:
        secret = uow.ports.box.open(row.sealed, context=sealed_to(row.id)).decode()
    except SealBroken as error:
        raise ExternalRefused() from error
    return ProviderSettings(key_of(row), row.name, row.issuer, row.client_id, secret)


def find_door(uow: UnitOfWork, *, door: object = "", email: object = "") -> SignInDoor:
    """The way in that a link names, or that the proved domain of an address leads to. Nothing is told of any account."""
    if isinstance(email, str) and email:
        if problem := email_problem(email[:400]):
            raise Invalid("Please mend the marked field.", fields={"email": problem})
        query = select(WorkspaceSignIn).join(SignInDomain, col(SignInDomain.workspace_id) == col(WorkspaceSignIn.workspace_id))
        row = uow.session.exec(query.where(SignInDomain.held == email_key(email).rpartition("@")[2])).first()
        if row is None or not row.is_enabled or is_closed(uow, row.workspace_id):
            told = "No workspace signs in with addresses of this domain. Ask your administrator for the sign-in address of your workspace."
            raise Invalid("Please mend the marked field.", fields={"email": told})
        return SignInDoor(key_of(row), row.name)
    row_id = parse_id(door)
    row = uow.session.get(WorkspaceSignIn, row_id) if row_id is not None else None
    if row is None or not row.is_enabled or is_closed(uow, row.workspace_id):
        raise NotFound("This sign-in address")
    return SignInDoor(key_of(row), row.name)


def detail(uow: UnitOfWork, row: WorkspaceSignIn) -> SignInDetail:
    """The provider as its owners see it."""
    domains = uow.session.exec(uow.scoped(SignInDomain).order_by(col(SignInDomain.domain))).all()
    people = select(func.count()).where(WorkspaceIdentity.workspace_id == uow.workspace_id, WorkspaceIdentity.sign_in_id == row.id)
    return SignInDetail(
        id=row.id,
        name=row.name,
        issuer=row.issuer,
        client_id=row.client_id,
        last_four=row.last_four,
        default_role=row.default_role,
        believes_email=row.believes_email,
        is_enabled=row.is_enabled,
        is_required=row.is_required,
        address=f"{uow.ports.public_url}{door_path(row.id)}",
        redirect_uri=f"{uow.ports.public_url}/api/v1/auth/external/{quote(key_of(row))}/callback",
        people=uow.session.exec(people).one(),
        tested_at=row.tested_at,
        test_ok=row.test_ok,
        test_message=row.test_message,
        domains=tuple(domain_view(one) for one in domains),
    )


def domain_view(row: SignInDomain) -> DomainRow:
    """A domain and its record."""
    return DomainRow(row.domain, f"{RECORD}.{row.domain}", f"agent-factory={row.token}", row.confirmed_at)
