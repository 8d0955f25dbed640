"""Creating, opening, renaming, duplicating and deleting workflows."""

from sqlmodel import col

from app.core.errors import Invalid, NotFound
from app.core.permissions import Permission, may, require
from app.core.sharing import copied
from app.core.uow import UnitOfWork
from app.services.definitions import agent_names
from app.services.workflows.checking import find_problems
from app.services.workflows.edits import CHECKED_NODES, apply_own
from app.services.workflows.operations import AnyOperation, SetMeta, refuse
from app.services.workflows.rows import load_workflow
from app.views.workflows import Rights, WorkflowDetail
from engine.errors import SpecError
from engine.graph.placing import place
from engine.json import JsonObject
from engine.spec.upgrade import load_workflow as load_spec
from engine.spec.workflow import NodeSpec, Position, WorkflowSpec
from models.grant import Access, Sharing
from models.ids import new_id, parse_id
from models.workflow import Workflow

NAME_MAX = 120
FIRST_NODE = NodeSpec(id="start", kind="start", label="Start", position=Position(x=80, y=160))


def create_workflow(
    uow: UnitOfWork,
    *,
    name: object,
    description: object = "",
    spec: WorkflowSpec | JsonObject | None = None,
    template_key: str | None = None,
    origin: JsonObject | None = None,
    sharing: Sharing = Sharing.EDIT,
) -> WorkflowDetail:
    """Create a workflow: from a definition (template, import), or with a start node only. `origin` is the listing it came from."""
    require(uow, Permission.EDIT)
    assert uow.actor is not None
    shown, about = clean_name(name), clean_text(description)
    made = place(_checked(spec)) if spec is not None else WorkflowSpec(nodes=(FIRST_NODE,))
    draft = dump_spec(made.model_copy(update={"name": shown, "description": about or made.description}))
    now = uow.ports.clock.now()
    workflow = Workflow(
        workspace_id=uow.workspace_id,
        name=shown,
        description=draft["description"],
        draft=draft,
        template_key=template_key,
        origin=origin,
        created_by=uow.actor.user_id,
        owner_id=uow.actor.user_id,
        sharing=sharing,
        created_at=now,
        updated_at=now,
    )
    _count_errors(uow, workflow)
    uow.session.add(workflow)
    uow.session.flush()
    return _detail(uow, workflow)


def get_workflow(uow: UnitOfWork, *, workflow_id: object) -> WorkflowDetail:
    """The workflow as the editor opens it."""
    require(uow, Permission.VIEW)
    return _detail(uow, load_workflow(uow, workflow_id))


def get_rights(uow: UnitOfWork, *, workflow_id: object) -> Rights:
    """What the actor may do with it; an open editor asks, for what is shared is changed while it is looked at."""
    require(uow, Permission.VIEW)
    workflow = load_workflow(uow, workflow_id)
    return Rights(may(uow, Permission.EDIT, workflow), may(uow, Permission.RUN, workflow))


def find_workflow(uow: UnitOfWork, *, name: str) -> Workflow | None:
    """The newest workflow of that name; the command line and templates look workflows up by it."""
    require(uow, Permission.VIEW)
    named = uow.scoped(Workflow).where(Workflow.name == name, col(Workflow.deleted_at).is_(None))
    return uow.session.exec(named.order_by(col(Workflow.created_at).desc()).limit(1)).first()


def rename_workflow(uow: UnitOfWork, *, workflow_id: object, name: object, description: object | None = None) -> None:
    """Change the name, and the description if given; open editors hear of it like of any edit."""
    require(uow, Permission.EDIT)
    operations: list[AnyOperation] = [SetMeta(field="name", value=clean_name(name))]
    if description is not None:
        operations.append(SetMeta(field="description", value=clean_text(description)))
    apply_own(uow, load_workflow(uow, workflow_id, for_update=True), operations, client_key=f"rename:{new_id().hex}")


def duplicate_workflow(uow: UnitOfWork, *, workflow_id: object) -> WorkflowDetail:
    """A copy of the draft under the next free name; history and runs stay with the original."""
    require(uow, Permission.EDIT)
    original = load_workflow(uow, workflow_id, needed=Access.VIEW)
    copy, about = load_spec(original.draft), original.description
    name, sharing = _copy_name(uow, original.name), copied(original.sharing)
    return create_workflow(uow, name=name, description=about, spec=copy, origin=original.origin, sharing=sharing)


def delete_workflow(uow: UnitOfWork, *, workflow_id: object) -> None:
    """Put the workflow away. Its runs keep their own pinned copy and stay readable."""
    require(uow, Permission.EDIT)
    workflow = load_workflow(uow, workflow_id, for_update=True)
    workflow.deleted_at = uow.ports.clock.now()
    uow.session.add(workflow)


def restore_workflow(uow: UnitOfWork, *, workflow_id: object) -> None:
    """Take back a deletion: the Undo behind the message."""
    require(uow, Permission.EDIT)
    row_id = parse_id(workflow_id)
    row = uow.session.exec(uow.scoped(Workflow).where(col(Workflow.id) == row_id)).first() if row_id else None
    if row is None:
        raise NotFound("This workflow")
    uow.demand(row, what="This workflow")
    if row.deleted_at is not None:
        row.deleted_at = None
        uow.session.add(row)


def dump_spec(spec: WorkflowSpec) -> JsonObject:
    """A definition as drafts keep it: defaults of nodes left out, everything at the top present."""
    dumped = spec.model_dump(mode="json", exclude_defaults=True)
    head = {"schema_version": spec.schema_version, "name": spec.name, "description": spec.description}
    edges = [{"source": edge.source, "port": edge.port, "target": edge.target} for edge in spec.edges]
    return head | {"nodes": [], "limits": {}} | dumped | {"edges": edges}


def clean_name(name: object) -> str:
    """One printable line of 1 to 120 characters."""
    shown = " ".join(name.split()) if isinstance(name, str) else ""
    if not shown:
        raise refuse("name", "Give the workflow a name.")
    if len(shown) > NAME_MAX:
        raise refuse("name", f"Use at most {NAME_MAX} characters.")
    return clean_text(shown, field="name")


def clean_text(text: object, *, field: str = "description") -> str:
    """Text of at most 4,000 characters that every database can keep."""
    if not isinstance(text, str) or len(text) > 4000:
        raise refuse(field, "Use a text of at most 4,000 characters.")
    if "\x00" in text or any("\ud800" <= character <= "\udfff" for character in text):
        raise refuse(field, "The text holds a NUL or half of a character. Remove it and type it again.")
    return text


def _checked(spec: WorkflowSpec | JsonObject) -> WorkflowSpec:
    if isinstance(spec, WorkflowSpec):
        return spec
    try:
        return load_spec(spec)
    except SpecError as error:
        first = error.findings[0]
        raise Invalid(str(first), fields={first.field or "definition": first.message}) from error


def _copy_name(uow: UnitOfWork, name: str) -> str:
    stem = name.rsplit(" (copy", 1)[0][:100]
    wanted, number = f"{stem} (copy)", 1
    while find_workflow(uow, name=wanted) is not None:
        number += 1
        wanted = f"{stem} (copy {number})"
    return wanted


def _count_errors(uow: UnitOfWork, workflow: Workflow) -> None:
    if len(workflow.draft["nodes"]) <= CHECKED_NODES:
        workflow.error_count = sum(finding.severity == "error" for finding in find_problems(uow, workflow.draft))


def _detail(uow: UnitOfWork, workflow: Workflow) -> WorkflowDetail:
    is_small = len(workflow.draft.get("nodes", ())) <= CHECKED_NODES
    return WorkflowDetail(
        id=workflow.id,
        name=workflow.name,
        revision=workflow.revision,
        definition=workflow.draft,
        updated_at=workflow.updated_at,
        can_edit=may(uow, Permission.EDIT, workflow),
        can_run=may(uow, Permission.RUN, workflow),
        findings=tuple(find_problems(uow, workflow.draft)) if is_small else (),
        agents=agent_names(uow),
    )
