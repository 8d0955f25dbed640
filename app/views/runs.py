"""What the run list, the run page, the canvas overlay and the approvals page may see of a run."""

import uuid
from dataclasses import dataclass, field
from datetime import datetime

from app.views.forks import ForkOrigin
from engine.json import JsonObject, JsonValue


@dataclass(frozen=True, slots=True)
class RunRow:
    """One line of the run list. `duration_ms` is the time from its start to its end or until now; `waited_ms` is the part of it in
    which it only waited. `excerpt` is the beginning of what it was given.
    """

    id: uuid.UUID
    kind: str
    title: str
    status: str
    waiting_for: str
    workflow_id: uuid.UUID | None
    conversation_id: uuid.UUID | None
    origin_run_id: uuid.UUID | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    duration_ms: float | None
    input_tokens: int
    output_tokens: int
    cost_micros: int
    started_by: str
    error_message: str = ""
    trigger: str = "manual"
    is_dry: bool = False  # effects were stubbed
    wake_at: datetime | None = None  # of a waiting run: when it goes on by itself
    waiting_since: datetime | None = None  # of a queued or waiting run
    ahead: int | None = None  # of a queued run that is asked for alone: runs that were queued before it
    parent_run_id: uuid.UUID | None = None
    below_tokens: int = 0  # of ended runs below this one
    below_cost_micros: int = 0
    excerpt: str = ""
    waited_ms: float = 0.0
    title_then: str = ""  # what its workflow was called when it ran, where that is another name than today's

    @property
    def worked_ms(self) -> float | None:
        """The time in which it did not only wait."""
        return None if self.duration_ms is None else max(0.0, self.duration_ms - self.waited_ms)


@dataclass(frozen=True, slots=True)
class RunLink:
    """Another run of the family: one above, or the one a step started. The figures include everything below it."""

    id: uuid.UUID
    title: str
    status: str
    tokens: int = 0
    cost_micros: int = 0


@dataclass(frozen=True, slots=True)
class RunPage:
    """A page of runs, newest first; `next_cursor` is "" when there is nothing older. A filtered page that is not full and has a cursor
    looked through `WINDOW` runs; asking on looks further back.
    """

    rows: tuple[RunRow, ...]
    next_cursor: str = ""


@dataclass(frozen=True, slots=True)
class StepRow:
    """One node in one iteration; `error` has code, message and perhaps field, line and column. `duration_ms` is the time of work of its
    last attempt, so far if it runs, `waited_ms` the time in which it only waited.
    """

    node: str
    iteration: str
    status: str
    attempt: int
    port: str | None
    started_at: datetime | None
    finished_at: datetime | None
    duration_ms: float | None
    input_tokens: int
    output_tokens: int
    cost_micros: int
    error: JsonObject | None = None
    # of a waiting step: approval | delay | child | retry | unknown_effect; of one not run: kept | edited | pinned | stubbed
    reason: str = ""
    wake_at: datetime | None = None
    child: RunLink | None = None  # the run it started last
    waited_ms: float = 0.0


@dataclass(frozen=True, slots=True)
class Said:
    """What one agent told another inside a step; `sender` and `receiver` are slugs, or "user"."""

    sender: str
    receiver: str
    text: str


@dataclass(frozen=True, slots=True)
class StepDetail:
    """A step with what went in, what came out, and what its agents told one another. `inputs` are its settings as it used them, with
    every reference filled in; `written` is what it had written when it was stopped or failed.
    """

    row: StepRow
    inputs: JsonValue
    output: JsonValue
    transcript: tuple[Said, ...] = ()
    people: dict[str, str] = field(default_factory=dict[str, str])  # names of the people whose ids stand in it
    written: str = ""
    agents: dict[str, str] = field(default_factory=dict[str, str])  # names of the agents whose keys stand in `inputs`


@dataclass(frozen=True, slots=True)
class ApprovalCard:
    """A decision asked of a person. `request` has message (Markdown), buttons [{id, label, style}], fields and values shown."""

    id: uuid.UUID
    run_id: uuid.UUID
    run_title: str
    node: str
    iteration: str
    title: str
    request: JsonObject
    status: str
    created_at: datetime
    expires_at: datetime | None
    button: str | None = None
    note: str = ""
    decided_by: str = ""
    decided_at: datetime | None = None
    can_decide: bool = True
    assignee: str = ""  # the address of the only member who is asked
    is_mine: bool = False  # the actor may decide it, or has
    overdue_at: datetime | None = None  # from then on, people with the role `escalate_to` may decide too
    escalate_to: str = ""
    values: JsonObject = field(default_factory=dict[str, JsonValue])  # what was filled in, by field name


@dataclass(frozen=True, slots=True)
class RunDetail:
    """Everything to draw a run exactly as it was: the pinned workflow definition, its steps and totals."""

    row: RunRow
    workflow: JsonObject
    inputs: JsonObject
    output: JsonValue
    error: JsonObject | None
    steps: tuple[StepRow, ...]
    approvals: tuple[ApprovalCard, ...]
    last_seq: int
    step_count: int = 0  # of all steps, also those beyond the ones given here
    can_run: bool = True
    fork: ForkOrigin | None = None
    above: tuple[RunLink, ...] = ()  # the runs above this one, the outermost first
    revision: int | None = None  # of the workflow whose definition it runs


@dataclass(frozen=True, slots=True)
class SignalWaitRow:
    """A step that waits for a signal; `until` is when it goes on without."""

    node: str
    iteration: str
    key: str
    since: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True)
class SentSignal:
    """A signal; `run_id` is the run that it let go on, None while it is kept for the first that waits for it."""

    id: uuid.UUID
    key: str
    run_id: uuid.UUID | None


@dataclass(frozen=True, slots=True)
class EventRow:
    """One journal event as pages and the API see it."""

    seq: int
    type: str
    node: str | None
    iteration: str
    at: datetime
    payload: JsonObject = field(default_factory=dict[str, object])
