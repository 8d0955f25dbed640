"""History: automatic and named snapshots of a workflow, restoring one as an edit, and what differs between two."""

from sqlmodel import col, func, select

from app.core.errors import NotFound
from app.core.permissions import Permission, require
from app.core.uow import UnitOfWork
from app.services.workflows.comparing import compare
from app.services.workflows.operations import refuse
from app.services.workflows.rows import load_workflow
from app.views.workflows import Differences, VersionRow
from engine.json import JsonObject
from models.ids import parse_id
from models.user import User
from models.workflow import Workflow, WorkflowVersion

AUTOMATIC_KEPT = 100
WHAT = "This version"


def name_version(uow: UnitOfWork, *, workflow_id: object, name: object) -> VersionRow:
    """Keep the draft as it is now under a name."""
    require(uow, Permission.EDIT)
    shown = " ".join(name.split()) if isinstance(name, str) and name.isprintable() else ""
    if not 0 < len(shown) <= 120:
        raise refuse("name", "Give the version a name of 1 to 120 characters.")
    workflow = load_workflow(uow, workflow_id, for_update=True)
    kept = keep_version(uow, workflow, name=shown)
    return _row(kept, author=_author(uow, kept), current=workflow.revision)


def list_versions(uow: UnitOfWork, *, workflow_id: object, limit: int = 200) -> list[VersionRow]:
    """Newest first."""
    require(uow, Permission.VIEW)
    workflow = load_workflow(uow, workflow_id)
    rows = uow.session.exec(
        select(WorkflowVersion, User.name)
        .join(User, col(User.id) == col(WorkflowVersion.created_by), isouter=True)
        .where(WorkflowVersion.workspace_id == uow.workspace_id, WorkflowVersion.workflow_id == workflow.id)
        .order_by(col(WorkflowVersion.number).desc())
        .limit(min(limit, 500))
    ).all()
    return [_row(version, author=author or "", current=workflow.revision) for version, author in rows]


def version_definition(uow: UnitOfWork, *, workflow_id: object, version_id: object) -> JsonObject:
    """The definition as it was; the editor turns it into undoable edits to restore it."""
    require(uow, Permission.VIEW)
    return load_version(uow, workflow_id=workflow_id, version_id=version_id).spec


def compare_version(uow: UnitOfWork, *, workflow_id: object, version_id: object) -> Differences:
    """What changed from the version to the draft as it is now."""
    require(uow, Permission.VIEW)
    version = load_version(uow, workflow_id=workflow_id, version_id=version_id)
    return compare(version.spec, load_workflow(uow, workflow_id).draft)


def load_version(uow: UnitOfWork, *, workflow_id: object, version_id: object) -> WorkflowVersion:
    """The version, if it belongs to this workflow of this workspace."""
    workflow = load_workflow(uow, workflow_id)
    version = uow.load(WorkflowVersion, parse_id(version_id), what=WHAT)
    if version.workflow_id != workflow.id:
        raise NotFound(WHAT)
    return version


def keep_version(uow: UnitOfWork, workflow: Workflow, *, name: str = "") -> WorkflowVersion:
    """Snapshot the draft; runs and edits call it without a name. An unchanged draft is not kept twice automatically."""
    newest = newest_version(uow, workflow)
    if newest is not None and newest.revision == workflow.revision and (not name or newest.name == name):
        return newest
    version = WorkflowVersion(
        workspace_id=workflow.workspace_id,
        workflow_id=workflow.id,
        number=newest.number + 1 if newest else 1,
        revision=workflow.revision,
        name=name,
        spec=workflow.draft,
        created_by=uow.actor.user_id if uow.actor else None,
        created_at=uow.ports.clock.now(),
    )
    uow.session.add(version)
    uow.session.flush()
    _thin_out(uow, workflow)
    return version


def newest_version(uow: UnitOfWork, workflow: Workflow) -> WorkflowVersion | None:
    """The snapshot with the highest number."""
    return uow.session.exec(
        uow.scoped(WorkflowVersion).where(WorkflowVersion.workflow_id == workflow.id).order_by(col(WorkflowVersion.number).desc()).limit(1)
    ).first()


def _thin_out(uow: UnitOfWork, workflow: Workflow) -> None:
    """Named versions stay for ever; of the automatic ones the newest hundred."""
    automatic = (WorkflowVersion.workflow_id == workflow.id, WorkflowVersion.name == "")
    count = uow.session.exec(select(func.count()).select_from(WorkflowVersion).where(*automatic)).one()
    if count > AUTOMATIC_KEPT:
        oldest = uow.scoped(WorkflowVersion).where(*automatic).order_by(col(WorkflowVersion.number)).limit(count - AUTOMATIC_KEPT)
        for version in uow.session.exec(oldest).all():
            uow.session.delete(version)


def _author(uow: UnitOfWork, version: WorkflowVersion) -> str:
    user = uow.session.get(User, version.created_by) if version.created_by else None
    return user.name if user else ""


def _row(version: WorkflowVersion, *, author: str, current: int) -> VersionRow:
    return VersionRow(
        id=version.id,
        number=version.number,
        revision=version.revision,
        name=version.name,
        created_at=version.created_at,
        created_by=author,
        node_count=len(version.spec.get("nodes", ())),
        is_current=version.revision == current,
    )
