"""What pages see of a workflow's history: its versions, and what differs between two of them."""

from dataclasses import dataclass, field
from datetime import datetime

from engine.json import JsonObject, JsonValue

Edge = tuple[str, str, str]  # source, port, target
DRAFT = "draft"  # stands for the draft where the id of a version is asked for


@dataclass(frozen=True, slots=True)
class VersionRow:
    """A version in the list, or the draft (`id` is DRAFT). `origin`: edit, run, name or restore; `restored_from` is 0 for none."""

    id: str
    number: int
    revision: int
    created_at: datetime
    created_by: str
    node_count: int
    is_current: bool
    name: str = ""
    note: str = ""
    origin: str = "edit"
    restored_from: int = 0


@dataclass(frozen=True, slots=True)
class VersionPage:
    """One page of the history, newest first."""

    draft: VersionRow
    rows: tuple[VersionRow, ...]
    has_more: bool
    can_edit: bool


@dataclass(frozen=True, slots=True)
class FieldDifference:
    """One field of one node (or of the workflow) that differs."""

    field: str
    before: JsonValue
    after: JsonValue
    is_config: bool = False


@dataclass(frozen=True, slots=True)
class NodeDifference:
    """A node that was added, removed or changed."""

    node: str
    label: str
    kind: str
    change: str  # added | removed | changed
    fields: tuple[FieldDifference, ...] = ()


@dataclass(frozen=True, slots=True)
class Differences:
    """What changed between two definitions; moves are counted, not listed."""

    nodes: tuple[NodeDifference, ...] = ()
    edges_added: tuple[Edge, ...] = ()
    edges_removed: tuple[Edge, ...] = ()
    own: tuple[FieldDifference, ...] = ()
    moved: int = 0

    @property
    def is_empty(self) -> bool:
        """Whether nothing but positions differs."""
        return not (self.nodes or self.edges_added or self.edges_removed or self.own)


@dataclass(frozen=True)
class DiffLine:
    """One line of a text that changed; `change` is same, added, removed or gap (lines left out)."""

    change: str
    text: str


@dataclass(frozen=True)
class FieldWords:
    """A change of one field as people read it: from one value to another, or line by line."""

    label: str
    before: str
    after: str
    lines: list[DiffLine] = field(default_factory=list[DiffLine])


@dataclass(frozen=True)
class StepWords:
    """A step that was added, removed or changed."""

    node: str
    label: str
    kind: str
    kind_title: str
    change: str  # added | removed | changed
    fields: list[FieldWords] = field(default_factory=list[FieldWords])


@dataclass(frozen=True)
class Comparison:
    """What changed from the older to the newer side, in words and as definitions to draw. `older` is None before the first version."""

    older: VersionRow | None
    newer: VersionRow
    steps: tuple[StepWords, ...]
    own: tuple[FieldWords, ...]
    edges_added: tuple[str, ...]
    edges_removed: tuple[str, ...]
    moved: int
    hidden: int  # changes that are not listed, for there are too many
    before: JsonObject
    after: JsonObject
