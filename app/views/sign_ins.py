"""What pages and the API may see of a workspace's own sign-in."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class DomainRow:
    """A domain, and the TXT record that proves it."""

    domain: str
    record_name: str
    record_value: str
    confirmed_at: datetime | None


@dataclass(frozen=True, slots=True)
class SignInDetail:
    """The provider as it is set up; the secret shows its last four characters at most."""

    id: UUID
    name: str
    issuer: str
    client_id: str
    last_four: str
    default_role: str
    believes_email: bool
    is_enabled: bool
    is_required: bool
    address: str  # where the people of the workspace sign in
    redirect_uri: str  # what the provider has to allow
    people: int  # who came in by it so far
    tested_at: datetime | None
    test_ok: bool | None
    test_message: str
    domains: tuple[DomainRow, ...]


@dataclass(frozen=True, slots=True)
class SignInDoor:
    """What a visitor sees of it."""

    key: str = ""
    name: str = ""
