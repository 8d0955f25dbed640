"""The journal's vocabulary: a run is the fold of these events; app/services/runs persists them, the UI reads them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Literal, Protocol

from engine.json import JsonObject, JsonValue


class EventType(StrEnum):
    """Every kind of journal event; the comment gives the keys of `data`."""

    RUN_STARTED = "run_started"  # inputs
    RUN_WAITING = "run_waiting"  # wake_at (iso or null), reasons [{node, iteration, reason}]
    RUN_SUCCEEDED = "run_succeeded"  # output
    RUN_FAILED = "run_failed"  # code, message, node
    RUN_CANCELLED = "run_cancelled"  # by (user id or null)
    NODE_STARTED = "node_started"  # attempt, inputs (resolved config); written before a call that has effects: it is the intent
    NODE_FINISHED = "node_finished"  # attempt, inputs, output, port, usage, ms, started_at
    NODE_FAILED = "node_failed"  # attempt, inputs, code, message, field, ms, usage, retry_at (iso or null), handled (fail|branch|default)
    NODE_SKIPPED = "node_skipped"  # no keys
    NODE_WAITING = "node_waiting"  # reason (approval|delay|unknown_effect|retry), until (iso or null), request (e.g. the approval form)
    NODE_RESUMED = "node_resumed"  # reason, decision (e.g. {button, note, values, by}); written by services, read by the driver
    NODE_PROGRESS = "node_progress"  # facts kept within a node across a crash: model call usage, tool results, map item count


@dataclass(frozen=True, slots=True)
class JournalEvent:
    """One fact of a run. `iteration` is "" at top level, "3" for the fourth item of a map, "3/0" for a nested one."""

    type: EventType
    at: datetime
    node: str | None = None
    iteration: str = ""
    data: JsonObject = field(default_factory=dict[str, object])


class Journal(Protocol):
    """Durable, gapless, append-only; one call is one short transaction."""

    async def commit(self, events: Sequence[JournalEvent]) -> None:
        """Persist the events in order, or raise LeaseLost when the run belongs to someone else or is already over."""
        ...


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a drive ended. `waiting` parks the run until `wake_at` (None: until somebody acts); `released` is a graceful stop."""

    status: Literal["succeeded", "failed", "cancelled", "waiting", "released"]
    output: JsonValue = None
    error: JsonObject | None = None
    wake_at: datetime | None = None
