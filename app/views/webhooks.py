"""What pages and routes may see of incoming webhooks and what was delivered to them."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from engine.json import JsonObject, JsonValue


@dataclass(frozen=True, slots=True)
class SecretCard:
    """A signing secret; nobody sees it again. `until` is the end of one that was replaced."""

    id: str
    last_four: str
    created_at: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True)
class WebhookRow:
    """One line of the list. `state` is active, paused or stopped; `reason` says why it stopped."""

    id: uuid.UUID
    name: str
    workflow_id: uuid.UUID
    workflow_name: str
    auth: str
    reply: str
    state: str
    reason: str
    last_at: datetime | None
    accepted_24h: int
    refused_24h: int


@dataclass(frozen=True, slots=True)
class WebhookPage:
    """A page of the list, by name."""

    rows: tuple[WebhookRow, ...]
    total: int
    can_edit: bool


@dataclass(frozen=True, slots=True)
class InputField:
    """An input of the workflow that a mapping can fill."""

    name: str
    label: str
    type: str
    required: bool


@dataclass(frozen=True, slots=True)
class WebhookDetail:
    """One webhook with its settings; `url` and `test_url` are "" for who may not edit, as the address itself is a secret."""

    row: WebhookRow
    url: str
    test_url: str
    methods: tuple[str, ...]
    auth_header: str
    secrets: tuple[SecretCard, ...]
    wait_s: int
    input_mode: str
    mapping: dict[str, str]
    key_header: str
    max_bytes: int
    rate_per_minute: int
    runs_as: str
    fields: tuple[InputField, ...]
    sample: JsonObject | None
    listening_until: datetime | None
    can_edit: bool
    can_run: bool


@dataclass(frozen=True, slots=True)
class MadeWebhook:
    """A new or rotated secret, shown this once; "" where none was made."""

    detail: WebhookDetail
    secret: str = ""


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """One request; `verdict` is accepted, duplicate, refused or captured."""

    id: uuid.UUID
    created_at: datetime
    verdict: str
    code: str
    message: str
    method: str
    size: int
    run_id: uuid.UUID | None
    run_status: str
    response_status: int | None
    duration_ms: float | None
    is_test: bool
    is_replay: bool


@dataclass(frozen=True, slots=True)
class DeliveryPage:
    """A page of the log, newest first."""

    rows: tuple[DeliveryRow, ...]
    next_cursor: str = ""


@dataclass(frozen=True, slots=True)
class DeliveryDetail:
    """One request with what was kept of it; secrets are blanked."""

    row: DeliveryRow
    webhook_id: uuid.UUID
    address: str
    query: JsonObject
    headers: JsonObject
    content_type: str
    excerpt: str
    response_excerpt: str
    dedupe_key: str
    can_replay: bool
    replay_problem: str


@dataclass(frozen=True, slots=True)
class Listening:
    """The test listener: whether it is on, and the newest request since it was started."""

    is_on: bool
    until: datetime | None
    caught: DeliveryDetail | None
    sample: JsonObject | None


@dataclass(frozen=True, slots=True)
class Reply:
    """What the caller of a webhook is answered."""

    status: int
    headers: dict[str, str]
    body: str


@dataclass(frozen=True, slots=True)
class RunProgress:
    """What a status address tells about a run; `output` only where the webhook waits for results."""

    run_id: uuid.UUID
    status: str
    created_at: datetime
    finished_at: datetime | None
    error_code: str
    tells_output: bool
    output: JsonValue
