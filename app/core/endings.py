"""Who else must know, in the same transaction, that a run came to its end; app.wiring lists the hooks, the journal calls them."""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from engine.json import JsonObject, JsonValue


@dataclass(frozen=True, slots=True)
class RunEnded:
    """A run that has just become terminal; totals include everything it used. `status` is succeeded, failed or cancelled."""

    run_id: uuid.UUID
    workspace_id: uuid.UUID
    kind: str
    conversation_id: uuid.UUID | None
    status: str
    output: JsonValue
    error: JsonObject | None
    input_tokens: int
    output_tokens: int
    cost_micros: int
    started_at: datetime | None
    finished_at: datetime


EndHook = Callable[[sa.Connection, RunEnded], None]
EndHooks = Mapping[str, tuple[EndHook, ...]]
"""Run kind -> hooks. A hook only writes to the connection it is given; it never commits, calls out or raises on purpose."""
