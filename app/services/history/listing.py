"""The list of versions, newest first, with the draft at its head."""

from sqlalchemy.orm import defer
from sqlmodel import col, select

from app.core.errors import NotFound
from app.core.permissions import Permission, may, require
from app.core.uow import UnitOfWork
from app.services.workflows.miniature import count_steps
from app.services.workflows.rows import load_workflow
from app.services.workflows.versions import last_edit, newest_version
from app.views.history import DRAFT, VersionPage, VersionRow
from models.user import User
from models.workflow import Workflow, WorkflowVersion

PAGE_SIZE = 50


def list_versions(uow: UnitOfWork, *, workflow_id: object, named_only: object = False, before: object = None) -> VersionPage:
    """One page of the history, newest first; `before` is the number of the last version that is known already."""
    require(uow, Permission.VIEW)
    workflow = load_workflow(uow, workflow_id)
    wanted = [WorkflowVersion.workspace_id == uow.workspace_id, WorkflowVersion.workflow_id == workflow.id]
    if named_only is True:
        wanted.append(WorkflowVersion.name != "")
    if isinstance(before, int) and not isinstance(before, bool) and 0 < before < 2**31:
        wanted.append(WorkflowVersion.number < before)
    elif before is not None:
        raise NotFound("This page of the history")
    rows = uow.session.exec(
        select(WorkflowVersion, User.name)
        .join(User, col(User.id) == col(WorkflowVersion.created_by), isouter=True)
        .where(*wanted)
        .order_by(col(WorkflowVersion.number).desc())
        .limit(PAGE_SIZE + 1)
        .options(defer(WorkflowVersion.spec))  # type: ignore[arg-type] - a column as the mapper sees it
    ).all()
    assert uow.actor is not None
    return VersionPage(
        draft=draft_row(uow, workflow),
        rows=tuple(_row(version, author=author or "", current=workflow.revision) for version, author in rows[:PAGE_SIZE]),
        has_more=len(rows) > PAGE_SIZE,
        can_edit=may(uow, Permission.EDIT, workflow),
    )


def find_version(uow: UnitOfWork, *, workflow_id: object, revision: object) -> VersionRow:
    """The version that holds the definition as it was at a revision, such as a run's; NotFound if none was kept."""
    require(uow, Permission.VIEW)
    workflow = load_workflow(uow, workflow_id)
    kept = uow.scoped(WorkflowVersion).where(WorkflowVersion.workflow_id == workflow.id, WorkflowVersion.revision == revision)
    is_number = isinstance(revision, int) and not isinstance(revision, bool) and 0 <= revision < 2**31
    version = uow.session.exec(kept.limit(1)).first() if is_number else None
    if version is None:
        raise NotFound("A version of that moment")
    return version_row(uow, version, current=workflow.revision)


def version_row(uow: UnitOfWork, version: WorkflowVersion, *, current: int) -> VersionRow:
    """One version with the name of its author."""
    user = uow.session.get(User, version.created_by) if version.created_by else None
    return _row(version, author=user.name if user else "", current=current)


def _row(version: WorkflowVersion, *, author: str, current: int) -> VersionRow:
    return VersionRow(
        id=str(version.id),
        number=version.number,
        revision=version.revision,
        name=version.name,
        note=version.note,
        origin=version.origin,
        restored_from=version.restored_from or 0,
        created_at=version.created_at,
        created_by=author,
        node_count=version.node_count,
        is_current=version.revision == current,
    )


def draft_row(uow: UnitOfWork, workflow: Workflow) -> VersionRow:
    """The draft as the head of the list."""
    author, edited_at = last_edit(uow, workflow)
    user = uow.session.get(User, author) if author else None
    newest = newest_version(uow, workflow)
    return VersionRow(
        id=DRAFT,
        number=(newest.number if newest else 0) + 1,
        revision=workflow.revision,
        created_at=edited_at,
        created_by=user.name if user else "",
        node_count=count_steps(workflow.draft),
        is_current=True,
    )
