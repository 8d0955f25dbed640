"""Whose run gets a free place of a worker: the doorbell's own, or, when its workspace holds its share, the oldest of another one."""

import uuid
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa

from app.services.runs.tables import run_table
from models.run import RunStatus

_run = run_table.c
_MAY_BEGIN = (RunStatus.QUEUED, RunStatus.WAITING)


@dataclass(frozen=True, slots=True)
class Turn:
    """Doorbells that give way, each with the queued run to take instead; `is_alone` when one workspace wants all and no other waits."""

    instead: Mapping[uuid.UUID, uuid.UUID] = field(default_factory=dict[uuid.UUID, uuid.UUID])
    is_alone: bool = False


def pick_fairly(
    connection: sa.Connection,
    rung: Sequence[uuid.UUID],
    *,
    held: Mapping[uuid.UUID, int],
    taken: Collection[uuid.UUID],
    share: int,
) -> Turn:
    """Which of the doorbells `rung` give way to which runs; no run is given twice.

    `held` counts the runs of each workspace that this worker holds; `taken` are runs it has decided to take and not claimed yet, which
    count as well. Doorbells that came together are decided together: one after the other, none would see what the others take.
    """
    rows = connection.execute(sa.select(_run.id, _run.workspace_id, _run.status).where(_run.id.in_([*rung, *taken])))
    found = {row.id: row for row in rows}
    counts = Counter(held)
    counts.update(found[run_id].workspace_id for run_id in taken if run_id in found)
    yielding: list[uuid.UUID] = []
    for run_id in rung:
        row = found.get(run_id)
        if row is None or row.status not in _MAY_BEGIN:
            continue  # an old doorbell: it takes nothing
        if counts[row.workspace_id] >= share:
            yielding.append(run_id)
        else:
            counts[row.workspace_id] += 1
    if not yielding:
        return Turn()
    full = [workspace_id for workspace_id, count in counts.items() if count >= share]
    waiting = sa.select(_run.id, _run.workspace_id).where(_run.status == RunStatus.QUEUED, _run.workspace_id.not_in(full))
    waiting = waiting.where(_run.id.not_in([*rung, *taken])).order_by(_run.id).limit(len(yielding))
    chosen: dict[uuid.UUID, uuid.UUID] = {}
    for row in connection.execute(waiting):
        if counts[row.workspace_id] < share:
            counts[row.workspace_id] += 1
            chosen[yielding[len(chosen)]] = row.id
    return Turn(chosen, is_alone=not chosen and len(full) == 1)
