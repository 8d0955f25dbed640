"""What people see of credentials: the list, one with what depends on it, and the choices of a picker."""

from sqlmodel import col, select

from app.core.permissions import Permission, permissions_of, require
from app.core.text import search_words
from app.core.uow import UnitOfWork
from app.services.credentials.kinds import KINDS
from app.services.credentials.rows import load_credential, one_view, row_view
from app.services.credentials.users import users_of
from app.views.credentials import CredentialChoice, CredentialDetail, CredentialKind, CredentialPage
from models.credential import Credential
from models.user import User


def list_credentials(uow: UnitOfWork, *, search: object = "") -> CredentialPage:
    """All of the workspace, by name; never a secret."""
    require(uow, Permission.VIEW)
    words = search_words(search).lower()
    rows = list(uow.session.exec(uow.scoped(Credential).order_by(Credential.name_key)))
    found = [row for row in rows if words in f"{row.name} {row.description} {row.provider} {' '.join(row.hosts)}".lower()]
    authors = {row.created_by for row in found if row.created_by}
    names = dict(uow.session.exec(select(User.id, User.name).where(col(User.id).in_(authors))).all())
    can_manage = _can_manage(uow)
    shown = tuple(row_view(uow, row, names=names, can_manage=can_manage) for row in found)
    return CredentialPage(shown, total=len(rows), can_manage=can_manage)


def get_credential(uow: UnitOfWork, *, credential_id: object) -> CredentialDetail:
    """One of them, and who uses it."""
    require(uow, Permission.VIEW)
    row = load_credential(uow, credential_id)
    return CredentialDetail(one_view(uow, row, can_manage=_can_manage(uow)), users_of(uow, row), _can_manage(uow))


def list_credential_kinds(uow: UnitOfWork) -> tuple[CredentialKind, ...]:
    """What the form of a new credential offers."""
    require(uow, Permission.VIEW)
    return tuple(KINDS.values())


def list_credential_choices(uow: UnitOfWork) -> tuple[CredentialChoice, ...]:
    """Those that a request can carry, for pickers."""
    require(uow, Permission.VIEW)
    rows = uow.session.exec(uow.scoped(Credential).where(Credential.kind != "model").order_by(Credential.name_key))
    return tuple(CredentialChoice(row.name, f"{KINDS[row.kind].label} · {', '.join(row.hosts[:2])}") for row in rows)


def _can_manage(uow: UnitOfWork) -> bool:
    return Permission.MANAGE_CREDENTIALS in permissions_of(uow.actor)
