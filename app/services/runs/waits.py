"""How long each step of a run only waited, for a person, a time, another run or a limit; read off the journal."""

import uuid
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from app.services.runs.tables import event_table
from engine.run.events import EventType

_event = event_table.c
_MOMENTS = (
    sa.select(_event.type, _event.node, _event.iteration, _event.at)
    .where(_event.type.in_((EventType.NODE_WAITING, EventType.NODE_RESUMED)))
    .order_by(_event.seq)
)


@dataclass(slots=True)
class Waits:
    """Milliseconds of all waits that are over, and since when it waits now."""

    over_ms: float = 0.0
    since: datetime | None = None

    def until(self, moment: datetime) -> float:
        """Milliseconds altogether, if it waits no longer than that."""
        return self.over_ms + (0.0 if self.since is None else _between(self.since, moment))


def waits_of(connection: sa.Connection, run_id: uuid.UUID, *, node: str | None = None) -> dict[tuple[str, str], Waits]:
    """By node and iteration; steps that never waited are not in it."""
    query = _MOMENTS.where(_event.run_id == run_id)
    found: dict[tuple[str, str], Waits] = {}
    for row in connection.execute(query if node is None else query.where(_event.node == node)):
        waits = found.setdefault((row.node, row.iteration), Waits())
        if row.type == EventType.NODE_WAITING:
            waits.since = waits.since or row.at
        elif waits.since is not None:
            waits.over_ms, waits.since = waits.over_ms + _between(waits.since, row.at), None
    return found


def _between(start: datetime, end: datetime) -> float:
    return max(0.0, (end - start).total_seconds() * 1000)
