"""What pages, the command line and the API may see of event rules."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from engine.json import JsonObject


@dataclass(frozen=True, slots=True)
class RuleFireRow:
    """What became of one fact under a rule. `run_status` is of the run it started, `source_run_id` the run the fact is about."""

    id: uuid.UUID
    at: datetime
    kind: str
    outcome: str  # started | skipped | failed | refused
    reason: str = ""
    run_id: uuid.UUID | None = None
    run_status: str = ""
    source_run_id: uuid.UUID | None = None
    source_title: str = ""


@dataclass(frozen=True, slots=True)
class RuleRow:
    """One line of the list: when `kind` happens to `source`, `workflow` starts. An empty `source` means any workflow."""

    id: uuid.UUID
    name: str
    kind: str
    source_id: uuid.UUID | None
    source: str
    workflow_id: uuid.UUID
    workflow: str
    is_workflow_deleted: bool
    is_enabled: bool
    disabled_reason: str
    owner: str
    last: RuleFireRow | None = None


@dataclass(frozen=True, slots=True)
class RuleList:
    """The rules of a workspace."""

    rows: tuple[RuleRow, ...]
    total: int
    can_edit: bool


@dataclass(frozen=True, slots=True)
class RuleDetail:
    """A rule as its page edits it, with what became of the newest facts."""

    row: RuleRow
    button: str
    condition: str
    mapping: JsonObject
    can_edit: bool
    fires: tuple[RuleFireRow, ...] = ()
