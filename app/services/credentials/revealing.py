"""Opens a credential for the moment of its use. Only workers call this, for a run whose workspace they know; every use is written down."""

import uuid

from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from app.core.audit import record
from app.core.ports import OpenedCredential, SealBroken
from app.core.uow import UnitOfWork
from app.services.credentials.rows import open_secret
from engine.errors import Permanent
from models.credential import Credential

HTTP_ONLY = "'{name}' is a key of a model provider. Choose a credential for requests."


def reveal_for_request(uow: UnitOfWork, *, workspace_id: uuid.UUID, name: str) -> OpenedCredential:
    """The credential of this name, or Permanent `credential_missing`, `_unusable`, `_expired` or `_locked` with what to do."""
    row = uow.session.exec(_of(workspace_id).where(col(Credential.name_key) == name[:200].lower())).first()
    if row is None:
        text = f"There is no credential named '{name[:60]}' in this workspace. Add it under Settings, Credentials, or choose another."
        raise Permanent("credential_missing", text, field="credential")
    if row.kind == "model":
        raise Permanent("credential_unusable", HTTP_ONLY.format(name=row.name), field="credential")
    return _open(uow, row)


def reveal_for_model(uow: UnitOfWork, *, workspace_id: uuid.UUID, provider: str) -> OpenedCredential | None:
    """The workspace's own key of a provider, or None where it has none."""
    row = uow.session.exec(_of(workspace_id).where(Credential.provider == provider)).first()
    return None if row is None else _open(uow, row)


def note_use(uow: UnitOfWork, *, workspace_id: uuid.UUID, credential_id: uuid.UUID, run_id: uuid.UUID) -> None:
    """A run is about to use it for the first time."""
    row = uow.session.exec(_of(workspace_id).where(Credential.id == credential_id)).first()
    if row is not None:
        row.last_used_at = uow.ports.clock.now()
        uow.session.add(row)
        told = {"workspace_id": workspace_id, "action": "credentials.use_credential", "actor_kind": "run", "note": f"by run {run_id}"}
        record(uow.trail, kind="credential", resource_id=row.id, name=row.name, **told)


def _of(workspace_id: uuid.UUID) -> SelectOfScalar[Credential]:
    return select(Credential).where(Credential.workspace_id == workspace_id)


def _open(uow: UnitOfWork, row: Credential) -> OpenedCredential:
    now = uow.ports.clock.now()
    if row.expires_at is not None and row.expires_at <= now:
        text = f"The credential '{row.name}' expired on {row.expires_at:%d %b %Y}. Replace its secret under Settings, Credentials."
        raise Permanent("credential_expired", text, field="credential")
    try:
        fields = open_secret(uow.ports.box, row)
    except SealBroken as error:
        text = f"The credential '{row.name}' cannot be opened: {error}. Enter its secret anew under Settings, Credentials."
        raise Permanent("credential_locked", text, field="credential") from error
    return OpenedCredential(row.id, row.name, tuple(row.hosts), fields)
