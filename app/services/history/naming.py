"""Naming a version: a name and a note say why it matters, and keep it for ever."""

from app.core.permissions import Permission, require
from app.core.uow import UnitOfWork
from app.services.announcements import VERSION_NAMED, announce_workflow
from app.services.facts import note_version
from app.services.history.listing import version_row
from app.services.workflows.lifecycle import clean_text
from app.services.workflows.operations import refuse
from app.services.workflows.rows import load_workflow
from app.services.workflows.versions import keep_version, load_version
from app.views.history import DRAFT, VersionRow
from models.workflow import Workflow, WorkflowVersion

NAME_MAX, NOTE_MAX = 120, 2_000


def name_version(uow: UnitOfWork, *, workflow_id: object, version_id: object, name: object, note: object = "") -> VersionRow:
    """Name a version, or the draft as it is now (`version_id` "draft"). An empty name takes the name of a version away."""
    require(uow, Permission.EDIT)
    shown = " ".join(name.split()) if isinstance(name, str) and name.isprintable() else None
    if shown is None or len(shown) > NAME_MAX:
        raise refuse("name", f"Use one line of at most {NAME_MAX} characters.")
    about = clean_text(note, field="note").strip()
    if len(about) > NOTE_MAX:
        raise refuse("note", f"Use at most {NOTE_MAX:,} characters.")
    workflow = load_workflow(uow, workflow_id, for_update=True)
    if version_id == DRAFT:
        if not shown:
            raise refuse("name", "Give the version a name.")
        version = keep_version(uow, workflow, origin="name")
    else:
        version = load_version(uow, workflow_id=workflow_id, version_id=version_id)
    is_news = bool(shown) and version.name != shown
    version.name, version.note = shown, about
    uow.session.add(version)
    uow.session.flush()
    if is_news:
        _announce(uow, workflow, version)
        note_version(uow.session.connection(), workspace_id=workflow.workspace_id, workflow_id=workflow.id, version_id=version.id)
    return version_row(uow, version, current=workflow.revision)


def _announce(uow: UnitOfWork, workflow: Workflow, version: WorkflowVersion) -> None:
    """Receivers of outgoing webhooks hear of a version that somebody found worth a name."""
    announce_workflow(
        uow.session.connection(),
        event=VERSION_NAMED,
        workspace_id=workflow.workspace_id,
        workflow_id=workflow.id,
        data={"name": workflow.name, "version": version.number, "version_name": version.name},
    )
