"""What pages and the API may see of credentials: everything but the secret, of which the last four characters at most are told."""

import uuid
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class CredentialRow:
    """One line of the list. `state` is ok, untested, failing, expired or locked (sealed with a key this installation lost)."""

    id: uuid.UUID
    name: str
    kind: str
    kind_label: str
    provider: str
    description: str
    hosts: tuple[str, ...]
    public_name: str  # user name, header or parameter, as the kind wants it
    last_four: str
    version: int
    state: str
    created_at: datetime
    changed_at: datetime | None
    expires_at: datetime | None
    last_used_at: datetime | None
    tested_at: datetime | None
    test_ok: bool | None
    test_message: str
    test_url: str
    created_by: str


@dataclass(frozen=True, slots=True)
class CredentialPage:
    """The list, by name."""

    rows: tuple[CredentialRow, ...]
    total: int
    can_manage: bool


@dataclass(frozen=True, slots=True)
class CredentialUser:
    """What names a credential: `kind` is workflow or agent, `place` the step or field."""

    kind: str
    id: uuid.UUID
    name: str
    place: str


@dataclass(frozen=True, slots=True)
class CredentialDetail:
    """One credential with what depends on it."""

    row: CredentialRow
    users: tuple[CredentialUser, ...]
    can_manage: bool


@dataclass(frozen=True, slots=True)
class CredentialKind:
    """A kind as the form offers it; a label that is "" means that the kind has no such field."""

    id: str
    label: str
    help: str
    public_label: str
    secret_label: str
    has_hosts: bool
    providers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class CredentialChoice:
    """A credential as a picker shows it."""

    name: str
    detail: str
