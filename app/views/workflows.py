"""What pages see of workflows: cards with a miniature, the definition in the editor, results of edits, versions and differences."""

import uuid
from dataclasses import dataclass, field
from datetime import datetime

from engine.errors import Finding
from engine.json import JsonObject, JsonValue


@dataclass(frozen=True, slots=True)
class MiniNode:
    """One node of a miniature, in a box of 200 by 96."""

    x: float
    y: float
    width: float
    height: float
    category: str


@dataclass(frozen=True, slots=True)
class Miniature:
    """A workflow at the size of a card; `lines` is the path data of all its edges."""

    nodes: tuple[MiniNode, ...] = ()
    lines: str = ""


@dataclass(frozen=True, slots=True)
class CameFrom:
    """The listing and version that a workflow came from; `slug` is "" where no page of it can be seen here."""

    title: str
    version: str
    slug: str = ""
    newer: str = ""  # the version that it may be updated to, "" when there is none


@dataclass(frozen=True, slots=True)
class WorkflowCard:
    """A workflow in a list. `last_run_status` is "" when it never ran."""

    id: uuid.UUID
    name: str
    description: str
    updated_at: datetime
    node_count: int
    error_count: int
    miniature: Miniature
    last_run_status: str = ""
    last_run_at: datetime | None = None
    last_run_id: uuid.UUID | None = None
    is_private: bool = False
    came_from: CameFrom | None = None


@dataclass(frozen=True, slots=True)
class WorkflowPage:
    """One page of a list; `next_cursor` is "" on the last one, `total` counts every workflow that fits the search."""

    items: tuple[WorkflowCard, ...]
    next_cursor: str
    total: int


@dataclass(frozen=True, slots=True)
class WorkflowDetail:
    """A workflow as the editor opens it; `definition` is its WorkflowSpec as JSON, with defaults left out."""

    id: uuid.UUID
    name: str
    revision: int
    definition: JsonObject
    updated_at: datetime
    can_edit: bool
    can_run: bool
    findings: tuple[Finding, ...] = ()
    agents: dict[str, str] = field(default_factory=dict[str, str])  # names of the workspace's agents by slug


@dataclass(frozen=True, slots=True)
class Rights:
    """What a person may do with a workflow that they see."""

    can_edit: bool
    can_run: bool


@dataclass(frozen=True, slots=True)
class EditConflict:
    """One edit that was not made because somebody else changed the same thing, or made it impossible.

    `reason` is changed, removed or refused; `index` is the place of the edit in the client's batch; `by` names who made the other one.
    """

    index: int
    reason: str
    message: str
    node: str | None
    label: str
    field: str
    mine: JsonValue
    theirs: JsonValue
    operation: JsonObject
    by: str = ""


@dataclass(frozen=True, slots=True)
class EditResult:
    """What became of a save: the revision now, other people's edits since the client's base, and what must be asked.

    `renamed` maps ids of added nodes that were taken to the ids they got; `findings` is None when the checker was not run;
    `by` names whose edits they are.
    """

    revision: int
    operations: tuple[JsonObject, ...] = ()
    conflicts: tuple[EditConflict, ...] = ()
    renamed: dict[str, str] = field(default_factory=dict[str, str])
    findings: tuple[Finding, ...] | None = None
    by: str = ""


@dataclass(frozen=True, slots=True)
class PinCard:
    """An output pinned to a step; `problem` says why test runs do not use it at present, "" when they do."""

    node: str
    output: JsonValue
    port: str
    pinned_at: datetime
    problem: str = ""
