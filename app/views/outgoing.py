"""What pages may see of outgoing webhooks: endpoints, the messages owed to them, and each attempt."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from app.views.webhooks import SecretCard
from engine.json import JsonObject


@dataclass(frozen=True, slots=True)
class EndpointRow:
    """One line of the list. `state` is active, paused or disabled; for who may not edit, `url` ends after the host."""

    id: uuid.UUID
    name: str
    url: str
    events: tuple[str, ...]
    workflow_count: int
    state: str
    reason: str
    last_success_at: datetime | None
    failing_since: datetime | None
    failures: int
    pending: int
    delivered_24h: int
    failed_24h: int


@dataclass(frozen=True, slots=True)
class EndpointPage:
    """The list, by name."""

    rows: tuple[EndpointRow, ...]
    total: int
    can_edit: bool


@dataclass(frozen=True, slots=True)
class EndpointDetail:
    """One endpoint with its settings."""

    row: EndpointRow
    workflow_ids: tuple[str, ...]
    secrets: tuple[SecretCard, ...]
    can_edit: bool


@dataclass(frozen=True, slots=True)
class MadeEndpoint:
    """With a secret that is told this once; "" where none was made."""

    detail: EndpointDetail
    secret: str = ""


@dataclass(frozen=True, slots=True)
class MessageRow:
    """One event for one endpoint; `status` is pending, sending, delivered or failed."""

    id: uuid.UUID
    created_at: datetime
    event: str
    status: str
    attempts: int
    last_status: int | None
    last_error: str
    due_at: datetime | None
    is_test: bool
    run_id: uuid.UUID | None


@dataclass(frozen=True, slots=True)
class MessagePage:
    """A page of the log, newest first."""

    rows: tuple[MessageRow, ...]
    next_cursor: str = ""


@dataclass(frozen=True, slots=True)
class AttemptRow:
    """One request that was sent."""

    number: int
    at: datetime
    url: str
    status: int | None
    error: str
    response_headers: JsonObject
    response_excerpt: str
    duration_ms: float | None


@dataclass(frozen=True, slots=True)
class MessageDetail:
    """A message with what was sent and every attempt, the newest first."""

    row: MessageRow
    endpoint_id: uuid.UUID
    message_id: str
    payload: JsonObject
    attempts: tuple[AttemptRow, ...]
    can_replay: bool
