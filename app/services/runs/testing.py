"""Runs of a workflow's tests: started with what stands in for people and systems, read back to be judged; the test services call it."""

import uuid
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from app.core.permissions import Permission, require
from app.core.uow import UnitOfWork
from app.services.runs.inputs import check_inputs, read_answers
from app.services.runs.journal import run_table
from app.services.runs.pinning import pin_plan
from app.services.runs.start import NewRun, StartedBy, insert_run, take_draft
from engine.json import JsonObject
from engine.spec.setup import RunSetup
from models.run import RunTrigger
from models.workflow import Workflow

_run = run_table.c
_JUDGED = (_run.id, _run.status, _run.output, _run.error, _run.created_at, _run.started_at, _run.finished_at, _run.plan_id)


def start_case(uow: UnitOfWork, *, workflow: Workflow, inputs: JsonObject, setup: RunSetup, title: str) -> uuid.UUID:
    """Start the draft as it stands with these stand-ins; stand-ins for steps that are gone are left out."""
    require(uow, Permission.RUN)
    plan = take_draft(uow, workflow)
    present = {node.id for node in plan.workflow.nodes}
    fitting = setup.model_copy(update={"pins": {node: pin for node, pin in setup.pins.items() if node in present}})
    new = NewRun(
        kind="workflow",
        title=title[:160],
        plan_id=pin_plan(uow, plan.model_copy(update={"setup": fitting})),
        inputs=read_answers(plan.workflow, check_inputs(inputs)),
        workflow_id=workflow.id,
        workflow_revision=workflow.revision,
        started_by=StartedBy(RunTrigger.TEST),
    )
    return insert_run(uow, new)


def read_ended(uow: UnitOfWork, run_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, Any]:
    """Status, result and times of runs of the workspace, by id."""
    if not run_ids:
        return {}
    query = sa.select(*_JUDGED).where(_run.workspace_id == uow.workspace_id, _run.id.in_(run_ids))
    return {row.id: row for row in uow.session.connection().execute(query)}
