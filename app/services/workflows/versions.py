"""Snapshots of a draft: taken by edits, runs, restores and people; app.services.history shows, names and restores them."""

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import col, func, select

from app.core.errors import NotFound
from app.core.uow import UnitOfWork
from app.services.workflows.miniature import count_steps
from app.services.workflows.rows import load_workflow
from models.ids import parse_id
from models.workflow import Workflow, WorkflowEdit, WorkflowVersion

AUTOMATIC_KEPT = 100
WHAT = "This version"


def load_version(uow: UnitOfWork, *, workflow_id: object, version_id: object) -> WorkflowVersion:
    """The version, if it belongs to this workflow of this workspace."""
    workflow = load_workflow(uow, workflow_id)
    version = uow.load(WorkflowVersion, parse_id(version_id), what=WHAT)
    if version.workflow_id != workflow.id:
        raise NotFound(WHAT)
    return version


def keep_version(uow: UnitOfWork, workflow: Workflow, *, origin: str = "edit", restored_from: int | None = None) -> WorkflowVersion:
    """Snapshot the draft, dated and signed by its last edit. A draft that is kept already is not kept twice."""
    newest = newest_version(uow, workflow)
    if newest is not None and newest.revision == workflow.revision:
        return newest
    author, edited_at = last_edit(uow, workflow)
    version = WorkflowVersion(
        workspace_id=workflow.workspace_id,
        workflow_id=workflow.id,
        number=newest.number + 1 if newest else 1,
        revision=workflow.revision,
        origin=origin,
        restored_from=restored_from,
        spec=workflow.draft,
        node_count=count_steps(workflow.draft),
        created_by=author,
        created_at=edited_at,
    )
    uow.session.add(version)
    uow.session.flush()
    _thin_out(uow, workflow)
    return version


_KEPT = sa.select(col(WorkflowVersion.revision)).where(col(WorkflowVersion.workflow_id) == sa.bindparam("workflow_id"))
_LAST_KEPT = _KEPT.order_by(col(WorkflowVersion.number).desc()).limit(1)


def keep_what_runs(uow: UnitOfWork, workflow: Workflow) -> None:
    """Snapshot a draft that has changed since the last one, so that what a run did can be brought back."""
    of_it = {"workflow_id": workflow.id}
    if uow.session.connection().execute(_LAST_KEPT, of_it).scalar() == workflow.revision:
        return
    # The numbers of versions are given under the lock of the workflow; its draft is read anew there.
    uow.session.refresh(workflow, with_for_update={"key_share": True})
    if workflow.deleted_at is not None:
        raise NotFound("This workflow")
    keep_version(uow, workflow, origin="run")


def newest_version(uow: UnitOfWork, workflow: Workflow) -> WorkflowVersion | None:
    """The snapshot with the highest number."""
    return uow.session.exec(
        uow.scoped(WorkflowVersion).where(WorkflowVersion.workflow_id == workflow.id).order_by(col(WorkflowVersion.number).desc()).limit(1)
    ).first()


def last_edit(uow: UnitOfWork, workflow: Workflow) -> tuple[uuid.UUID | None, datetime]:
    """Who made the draft what it is now, and when."""
    same = uow.scoped(WorkflowEdit).where(WorkflowEdit.workflow_id == workflow.id, WorkflowEdit.revision == workflow.revision)
    edit = uow.session.exec(same).first()
    return (edit.created_by, edit.created_at) if edit else (workflow.created_by, workflow.created_at)


def _thin_out(uow: UnitOfWork, workflow: Workflow) -> None:
    """Named versions stay for ever; of the automatic ones the newest hundred."""
    automatic = (WorkflowVersion.workflow_id == workflow.id, WorkflowVersion.name == "")
    count = uow.session.exec(select(func.count()).select_from(WorkflowVersion).where(*automatic)).one()
    if count > AUTOMATIC_KEPT:
        oldest = uow.scoped(WorkflowVersion).where(*automatic).order_by(col(WorkflowVersion.number)).limit(count - AUTOMATIC_KEPT)
        for version in uow.session.exec(oldest).all():
            uow.session.delete(version)
