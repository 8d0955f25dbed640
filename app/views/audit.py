"""What pages and the API may see of the audit trail."""

from dataclasses import dataclass
from datetime import datetime

from engine.json import JsonObject


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One entry; `what` is the action in words, `changes` are field -> [before, after]."""

    seq: int
    at: datetime
    actor_id: str
    actor_name: str
    actor_kind: str
    via: str
    address: str
    action: str
    what: str
    outcome: str
    kind: str
    resource_id: str
    name: str
    note: str
    changes: JsonObject


@dataclass(frozen=True, slots=True)
class AuditPage:
    """Entries, newest first; `next_cursor` goes on below."""

    rows: tuple[AuditRow, ...]
    next_cursor: str
    total: int
    retention_days: int
    can_manage: bool


@dataclass(frozen=True, slots=True)
class AuditFilters:
    """What the filters offer: (value, label)."""

    people: tuple[tuple[str, str], ...]
    actions: tuple[tuple[str, str], ...]
    kinds: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class AuditProblem:
    """A place where the chain is broken, in plain words."""

    seq: int
    code: str  # edited | removed | truncated | head | pruned | key
    message: str


@dataclass(frozen=True, slots=True)
class AuditVerdict:
    """What a verification found; `head` identifies where the chain ends and is what to keep elsewhere."""

    workspace_id: str
    workspace_name: str
    entries: int
    first_seq: int
    last_seq: int
    head: str
    problems: tuple[AuditProblem, ...]


@dataclass(frozen=True, slots=True)
class AuditFile:
    """An export."""

    name: str
    media_type: str
    text: str
