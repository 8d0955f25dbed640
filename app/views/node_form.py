"""The inspector's view of one node: every field ready to draw, the names its templates may use, and what is wrong with it."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Choice:
    """One option of a select."""

    value: str
    label: str


@dataclass(frozen=True)
class Cell:
    """One field of one entry of a list (a case, a button, a header); `name` is its key in the entry.

    `error` has a line per finding, `spots` are their places in the text as [line, column].
    """

    name: str
    label: str
    help: str
    widget: str
    text: str
    is_on: bool = False
    choices: list[Choice] = field(default_factory=list[Choice])
    error: str = ""
    spots: list[list[int]] = field(default_factory=list[list[int]])


@dataclass(frozen=True)
class Entry:
    """One entry of a list field; `hint` says what it is when it is closed, `error` the first thing that is wrong with it."""

    index: int
    title: str
    cells: list[Cell]
    hint: str = ""
    error: str = ""


@dataclass(frozen=True)
class FixRow:
    """A way to mend a finding with one click; `edits` is what the browser changes."""

    label: str
    edits: list[dict[str, Any]]


@dataclass(frozen=True)
class FieldRow:
    """One field of the form. `text` is its value as typed; `error` has a line per finding, `spots` are their places as [line, column]."""

    name: str
    label: str
    help: str
    widget: str
    text: str
    placeholder: str = ""
    is_on: bool = False
    is_advanced: bool = False
    is_required: bool = False
    error: str = ""
    severity: str = ""  # of the error, as the checker has it
    fixes: list[FixRow] = field(default_factory=list[FixRow])
    line: int = 0
    spots: list[list[int]] = field(default_factory=list[list[int]])
    entry_word: str = ""
    choices: list[Choice] = field(default_factory=list[Choice])
    listed: list[Entry] = field(default_factory=list[Entry])
    href: str = ""
    picked: list[Choice] = field(default_factory=list[Choice])
    is_open: bool = False  # inputs of a called workflow that takes values under any name


@dataclass(frozen=True)
class Problem:
    """One finding of the checker about this node."""

    severity: str
    field: str
    message: str
    remedy: str


@dataclass(frozen=True)
class PolicyForm:
    """How the node joins, retries, times out and fails."""

    join: str = "all"
    join_count: str = "2"
    others: str = "finish"
    lock: str = ""
    attempts: str = "1"
    delay_s: str = "1"
    max_delay_s: str = "60"
    timeout_s: str = ""
    on_error: str = "fail"
    default_text: str = ""
    can_fail: bool = True
    can_retry: bool = True
    has_join: bool = False
    words: str = ""
    has_lock: bool = True


@dataclass(frozen=True)
class NodeForm:
    """Everything the inspector shows for one node; an empty `id` means that nothing is selected."""

    id: str = ""
    kind: str = ""
    kind_title: str = ""
    summary: str = ""
    category: str = ""
    icon: str = ""
    label: str = ""
    rows: list[FieldRow] = field(default_factory=list[FieldRow])
    policy: PolicyForm = field(default_factory=PolicyForm)
    problems: list[Problem] = field(default_factory=list[Problem])
    variables: list[dict[str, str]] = field(default_factory=list[dict[str, str]])
    can_edit: bool = True
    has_advanced: bool = False
