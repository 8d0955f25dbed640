"""Credential rows: loaded, sealed and opened, and turned into views; the other modules of this package share it."""

import json
import uuid
from collections.abc import Mapping

from app.core.ports import SealBroken, SecretBox
from app.core.uow import UnitOfWork
from app.services.credentials.kinds import KINDS, PROVIDER_LABELS, PUBLIC_FIELD, SECRET_FIELD
from app.services.credentials.settings import CredentialSettings
from app.views.credentials import CredentialRow
from models.credential import Credential
from models.ids import parse_id
from models.user import User

WHAT = "This credential"


def load_credential(uow: UnitOfWork, credential_id: object) -> Credential:
    """The credential of the actor's workspace, or NotFound."""
    return uow.load(Credential, parse_id(credential_id), what=WHAT)


def seal_context(workspace_id: uuid.UUID, credential_id: uuid.UUID, version: int) -> str:
    """What a secret is sealed to."""
    return f"credential:{workspace_id}:{credential_id}:{version}"


def seal_secret(box: SecretBox, row: Credential, secret: str) -> None:
    """Put a secret into the row as its present version."""
    row.sealed = box.seal(json.dumps(secret).encode(), context=seal_context(row.workspace_id, row.id, row.version))
    row.last_four = secret[-4:] if len(secret) >= 12 else ""


def open_secret(box: SecretBox, row: Credential) -> dict[str, str]:
    """The fields that a request needs; raises SealBroken."""
    plain = json.loads(box.open(row.sealed, context=seal_context(row.workspace_id, row.id, row.version)))
    public = {str(name): str(value) for name, value in row.public.items()}
    return {"type": row.kind, **public, SECRET_FIELD[row.kind]: str(plain)}


def settings_of(row: Credential) -> CredentialSettings:
    """The stored settings, without the secret."""
    return CredentialSettings(
        name=row.name,
        kind=row.kind,
        provider=row.provider or "",
        public_name=str(row.public.get(PUBLIC_FIELD.get(row.kind, ""), "")),
        hosts=tuple(row.hosts),
        description=row.description,
        test_url=row.test_url,
        expires_at=row.expires_at,
    )


def row_view(uow: UnitOfWork, row: Credential, *, names: Mapping[uuid.UUID, str], can_manage: bool) -> CredentialRow:
    """One line of the list; the last four characters are for who may manage credentials."""
    kept = settings_of(row)
    return CredentialRow(
        id=row.id,
        name=row.name,
        kind=row.kind,
        kind_label=PROVIDER_LABELS.get(row.provider or "", KINDS[row.kind].label),
        provider=kept.provider,
        description=row.description,
        hosts=kept.hosts,
        public_name=kept.public_name,
        last_four=row.last_four if can_manage else "",
        version=row.version,
        state=_state(uow, row),
        created_at=row.created_at,
        changed_at=row.changed_at,
        expires_at=row.expires_at,
        last_used_at=row.last_used_at,
        tested_at=row.tested_at,
        test_ok=row.test_ok,
        test_message=row.test_message,
        test_url=row.test_url,
        created_by=names.get(row.created_by, "") if row.created_by else "",
    )


def _state(uow: UnitOfWork, row: Credential) -> str:
    try:
        open_secret(uow.ports.box, row)
    except SealBroken:
        return "locked"
    if row.expires_at is not None and row.expires_at <= uow.ports.clock.now():
        return "expired"
    return {None: "untested", True: "ok", False: "failing"}[row.test_ok]


def one_view(uow: UnitOfWork, row: Credential, *, can_manage: bool) -> CredentialRow:
    """The same for a single row."""
    author = uow.session.get(User, row.created_by) if row.created_by else None
    return row_view(uow, row, names={author.id: author.name} if author else {}, can_manage=can_manage)
