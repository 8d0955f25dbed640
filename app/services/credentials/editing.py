"""Making, changing and deleting credentials. A secret comes in once and never goes out again."""

from sqlalchemy.exc import IntegrityError
from sqlmodel import col, func, select

from app.core.errors import Conflict, Invalid, LimitReached
from app.core.permissions import Permission, require
from app.core.uow import UnitOfWork
from app.services.credentials.kinds import PROVIDER_LABELS, PUBLIC_FIELD
from app.services.credentials.rows import load_credential, one_view, seal_secret, settings_of
from app.services.credentials.settings import CredentialSettings, read_settings
from app.services.credentials.users import users_of
from app.views.credentials import CredentialRow
from models.credential import Credential
from models.ids import new_id

MOST_PER_WORKSPACE = 200
_TEST_RELEVANT = ("public_name", "hosts", "test_url", "provider")


def create_credential(uow: UnitOfWork, *, settings: object) -> CredentialRow:
    """Keep a new secret under a name."""
    require(uow, Permission.MANAGE_CREDENTIALS)
    checked = read_settings(uow, settings, None)
    if uow.session.exec(select(func.count()).select_from(uow.scoped(Credential).subquery())).one() >= MOST_PER_WORKSPACE:
        raise LimitReached(f"This workspace has {MOST_PER_WORKSPACE} credentials already. Delete one first.")
    row = Credential(id=new_id(), workspace_id=uow.workspace_id, name="", name_key="", kind=checked.kind, public={}, hosts=[], sealed="")
    row.created_by = uow.actor.user_id if uow.actor else None
    row.created_at = row.changed_at = uow.ports.clock.now()
    _fill(row, checked)
    seal_secret(uow.ports.box, row, checked.secret)
    return _saved(uow, row)


def update_credential(uow: UnitOfWork, *, credential_id: object, settings: object) -> CredentialRow:
    """Change what is given; a secret that is given replaces the one before, at once and for everybody who uses it."""
    require(uow, Permission.MANAGE_CREDENTIALS)
    row = load_credential(uow, credential_id)
    before = settings_of(row)
    checked = read_settings(uow, settings, before)
    _refuse_breaking(uow, row, before, checked)
    has_news = any(getattr(before, name) != getattr(checked, name) for name in _TEST_RELEVANT)
    _fill(row, checked)
    if checked.secret:
        row.version += 1
        row.changed_at = uow.ports.clock.now()
        seal_secret(uow.ports.box, row, checked.secret)
    if checked.secret or has_news:
        row.tested_at, row.test_ok, row.test_message = None, None, ""
    return _saved(uow, row)


def delete_credential(uow: UnitOfWork, *, credential_id: object, even_if_used: object = False) -> None:
    """Forget it. While something uses it, only `even_if_used` deletes it: those runs fail from then on."""
    require(uow, Permission.MANAGE_CREDENTIALS)
    row = load_credential(uow, credential_id)
    users = users_of(uow, row)
    if users and even_if_used is not True:
        raise Conflict(f"'{row.name}' is used by {_listed([user.name for user in users])}. Without it they fail.", code="credential_in_use")
    uow.session.delete(row)
    uow.session.flush()


def _refuse_breaking(uow: UnitOfWork, row: Credential, before: CredentialSettings, after: CredentialSettings) -> None:
    """Steps find it by its name, models by its provider."""
    if (before.name, before.provider) == (after.name, after.provider):
        return
    users = users_of(uow, row) if row.kind != "model" or before.provider != after.provider else ()
    if users:
        field = "name" if before.name != after.name else "provider"
        message = f"It is used by {_listed([user.name for user in users])}, by this {field}. Change them first, or make another credential."
        raise Conflict(message, fields={field: message}, code="credential_in_use")


def _listed(names: list[str]) -> str:
    names = list(dict.fromkeys(names))
    shown = ", ".join(f"'{name}'" for name in names[:3])
    return shown if len(names) <= 3 else f"{shown} and {len(names) - 3} more"


def _fill(row: Credential, settings: CredentialSettings) -> None:
    row.name, row.name_key = settings.name, settings.name.lower()
    row.provider = settings.provider or None
    row.public = {PUBLIC_FIELD[row.kind]: settings.public_name} if row.kind in PUBLIC_FIELD else {}
    row.hosts = list(settings.hosts)
    row.description, row.test_url, row.expires_at = settings.description, settings.test_url, settings.expires_at


def _saved(uow: UnitOfWork, row: Credential) -> CredentialRow:
    """Write it, or say what it collides with; the unique constraints decide, also when two people save at once."""
    same = uow.scoped(Credential).where(Credential.id != row.id)
    with uow.session.no_autoflush:
        if uow.session.exec(same.where(col(Credential.name_key) == row.name_key)).first():
            raise _taken()
        if row.provider and uow.session.exec(same.where(Credential.provider == row.provider)).first():
            message = f"This workspace has a key of {PROVIDER_LABELS[row.provider]} already. Replace its secret instead."
            raise Conflict(message, fields={"provider": message})
    uow.session.add(row)
    try:
        uow.session.flush()
    except IntegrityError as error:
        raise _taken() from error
    return one_view(uow, row, can_manage=True)


def _taken() -> Invalid:
    message = "There is a credential of this name already. Choose another name."
    return Invalid(message, fields={"name": message})
