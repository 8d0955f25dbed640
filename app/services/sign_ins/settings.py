"""Setting a workspace's own sign-in up: owners only, for it decides who comes in."""

from urllib.parse import urlsplit

from sqlmodel import col, select

from app.core.errors import Conflict, Invalid
from app.core.permissions import Permission, require
from app.core.ports import ProviderSettings
from app.core.problems import Problems
from app.core.text import clean_line
from app.core.uow import UnitOfWork
from app.services.sign_ins.rows import detail, load, present, sealed_to, settings_of
from app.views.sign_ins import SignInDetail
from models.sign_in import WorkspaceIdentity, WorkspaceSignIn
from models.user import UserSession
from models.workspace import Role

NEWCOMERS = (Role.VIEWER.value, Role.MEMBER.value, Role.ADMIN.value)
SECRET_MAX = 2000


def get_sign_in(uow: UnitOfWork) -> SignInDetail | None:
    """How it is set up, or None."""
    require(uow, Permission.MANAGE_WORKSPACE)
    row = present(uow)
    return detail(uow, row) if row is not None else None


def save_sign_in(
    uow: UnitOfWork,
    *,
    name: object,
    issuer: object,
    client_id: object,
    client_secret: object = "",
    default_role: object = Role.MEMBER.value,
    believes_email: object = False,
    is_enabled: object = True,
) -> SignInDetail:
    """Set it up or change it; an empty secret keeps the saved one. Another issuer or client is a stranger, to whom nobody is known."""
    require(uow, Permission.MANAGE_WORKSPACE)
    row = present(uow)
    asked = _checked(uow, row, (name, issuer, client_id, client_secret, default_role))
    shown, where, client, secret, role = asked
    is_stranger = _is_stranger(row, where, client)
    row = row or WorkspaceSignIn(workspace_id=uow.workspace_id, name=shown, issuer=where, client_id=client, sealed="", default_role=role)
    row.name, row.issuer, row.client_id = shown, where, client
    row.default_role, row.believes_email, row.is_enabled = role, believes_email is True, is_enabled is True
    if secret:
        row.sealed, row.last_four = uow.ports.box.seal(secret.encode(), context=sealed_to(row.id)), secret[-4:] if len(secret) >= 12 else ""
    if secret or is_stranger:
        row.tested_at, row.test_ok, row.test_message = None, None, ""
    if is_stranger:
        row.is_required = False
        _forget_people(uow, row)
    if not row.is_enabled:
        row.is_required = False
        _end_sessions(uow)
    uow.session.add(row)
    uow.session.flush()
    return detail(uow, row)


def require_sign_in(uow: UnitOfWork, *, is_required: object) -> SignInDetail:
    """Whether members come in by it alone; owners always have their own way. It must have let somebody in before."""
    require(uow, Permission.MANAGE_WORKSPACE)
    row = load(uow)
    if not isinstance(is_required, bool):
        raise Invalid("Please mend the marked field.", fields={"is_required": "Say yes or no."})
    if is_required and (not row.is_enabled or uow.session.exec(uow.scoped(WorkspaceIdentity)).first() is None):
        raise Conflict("Sign in through it once before you require it, so that nobody is locked out by a mistake in its settings.")
    row.is_required = is_required
    uow.session.add(row)
    uow.session.flush()
    return detail(uow, row)


def remove_sign_in(uow: UnitOfWork) -> None:
    """Take it off: sessions opened by it end, people stay members and sign in in ways of their own."""
    require(uow, Permission.MANAGE_WORKSPACE)
    row = load(uow)
    _forget_people(uow, row)
    uow.session.delete(row)
    uow.session.flush()


def open_test(uow: UnitOfWork) -> ProviderSettings:
    """What a test asks; stays on the server."""
    require(uow, Permission.MANAGE_WORKSPACE)
    return settings_of(uow, load(uow))


def note_test(uow: UnitOfWork, *, is_good: bool, message: str) -> SignInDetail:
    """Keep what came of it."""
    require(uow, Permission.MANAGE_WORKSPACE)
    row = load(uow)
    row.tested_at, row.test_ok, row.test_message = uow.ports.clock.now(), bool(is_good), str(message)[:300]
    uow.session.add(row)
    uow.session.flush()
    return detail(uow, row)


def _checked(uow: UnitOfWork, row: WorkspaceSignIn | None, asked: tuple[object, object, object, object, object]) -> tuple[str, ...]:
    """Name, issuer, client id, secret ("" to keep the saved one) and role; Invalid for all that is wrong at once."""
    name, issuer, client_id, client_secret, default_role = asked
    problems = Problems()
    shown = problems.tried(lambda: clean_line(name, max_length=60, label="Name", field="name"))
    where = problems.tried(lambda: clean_line(issuer, max_length=500, label="Issuer", field="issuer"))
    client = problems.tried(lambda: clean_line(client_id, max_length=300, label="Client id", field="client_id"))
    secret = client_secret if isinstance(client_secret, str) else ""
    if where and (problem := _problem_of(uow, where)):
        problems.note("issuer", problem)
    if not secret and (row is None or _is_stranger(row, where, client)):
        problems.note("client_secret", "Enter the client secret of the provider.")
    elif len(secret) > SECRET_MAX or not secret.isprintable():
        problems.note("client_secret", f"A client secret has at most {SECRET_MAX} characters, on one line.")
    if default_role not in NEWCOMERS:
        problems.note("default_role", f"Choose one of: {', '.join(NEWCOMERS)}.")
    problems.refuse()
    return shown or "", where or "", client or "", secret, str(default_role)


def _is_stranger(row: WorkspaceSignIn | None, issuer: str | None, client_id: str | None) -> bool:
    return row is not None and (row.issuer, row.client_id) != (issuer, client_id)


def _problem_of(uow: UnitOfWork, issuer: str) -> str:
    parts = urlsplit(issuer)
    if parts.scheme != "https" and parts.hostname not in ("localhost", "127.0.0.1"):
        return "Enter the issuer's address; it begins with https://."
    if parts.query or parts.fragment:
        return "Leave out everything from ? or # on."
    return uow.ports.addresses.problem_of(issuer)


def _end_sessions(uow: UnitOfWork) -> None:
    opened = select(UserSession).where(UserSession.confined_to == uow.workspace_id, col(UserSession.revoked_at).is_(None))
    for session in uow.session.exec(opened).all():
        session.revoked_at = uow.ports.clock.now()
        uow.session.add(session)


def _forget_people(uow: UnitOfWork, row: WorkspaceSignIn) -> None:
    _end_sessions(uow)
    for known in uow.session.exec(select(WorkspaceIdentity).where(WorkspaceIdentity.sign_in_id == row.id)).all():
        uow.session.delete(known)
    uow.session.flush()
