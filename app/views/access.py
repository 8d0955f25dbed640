"""What pages and the API see of API keys and programmatic sign-ins."""

import uuid
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class ApiKeyRow:
    """A key in the list. `status`: active | expired | revoked; `owner` is its person's name; `prefix` is how the key begins."""

    id: uuid.UUID
    name: str
    prefix: str
    scopes: tuple[str, ...]
    owner: str
    is_mine: bool
    status: str
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None = None
    last_address: str = ""


@dataclass(frozen=True, slots=True)
class MadeApiKey:
    """A key just made; `secret` is shown this once."""

    row: ApiKeyRow
    secret: str


@dataclass(frozen=True, slots=True)
class ScopeOption:
    """A scope that a person may give to a key."""

    id: str
    description: str


@dataclass(frozen=True, slots=True)
class TokenPair:
    """A programmatic sign-in: the access token for calls, and the refresh token, which works once, for the next pair."""

    access_token: str
    refresh_token: str
    expires_in_s: int
    user_id: uuid.UUID
    session_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class CallerView:
    """Who calls, where, and what the call may do."""

    user_id: uuid.UUID
    name: str
    email: str
    workspace_id: uuid.UUID
    workspace: str
    role: str
    permissions: tuple[str, ...]
    key_id: uuid.UUID | None
