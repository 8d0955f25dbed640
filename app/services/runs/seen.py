"""What steps of a workflow gave the last time, pinned outputs first: the editor offers their fields as names."""

import uuid
from collections.abc import Sequence

import sqlalchemy as sa

from app.core.uow import UnitOfWork
from app.services.runs.tables import run_table, step_table
from engine.json import JsonValue
from models.run import Run, StepStatus
from models.workflow import NodePin

MOST_RUNS = 8
MOST_STEPS = 400
MOST_CHARS = 200_000  # of one output; longer ones are not even read
_run, _step = run_table.c, step_table.c
_pin: sa.Table = NodePin.__table__  # type: ignore[attr-defined]


def seen_outputs(uow: UnitOfWork, workflow_id: uuid.UUID, nodes: Sequence[str]) -> dict[str, JsonValue]:
    """Outputs by node id, each of the newest of the last few runs that has one and that the person may see."""
    connection, seen = uow.session.connection(), (_run.workflow_id == workflow_id, uow.within_reach(Run))
    last = sa.select(_run.id).where(*seen).order_by(_run.id.desc()).limit(MOST_RUNS)
    runs = connection.execute(last).scalars().all()
    steps = (
        sa.select(_step.node, _step.output)
        .where(_step.run_id.in_(runs), _step.node.in_(nodes), _step.status == StepStatus.DONE)
        .where(_step.output.is_not(None), sa.func.length(sa.cast(_step.output, sa.Text)) <= MOST_CHARS)
        .order_by(_step.run_id.desc(), _step.iteration)
        .limit(MOST_STEPS)
    )
    found: dict[str, JsonValue] = {}
    pins = sa.select(_pin.c.node, _pin.c.output).where(_pin.c.workflow_id == workflow_id, _pin.c.node.in_(nodes))
    for query in (pins, steps) if runs else (pins,):
        for row in connection.execute(query):
            found.setdefault(row.node, row.output)
    return found
