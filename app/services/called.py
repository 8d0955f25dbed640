"""Workflows that are called as steps by others: finding them in the workspace, and naming them otherwise when they move to another one."""

from dataclasses import dataclass

from sqlmodel import col

from app.core.uow import UnitOfWork
from app.services.definitions import load_agents
from app.services.sealed import stored_face
from engine.blueprint.bundle import slug_of
from engine.blueprint.callees import rename_called
from engine.errors import SpecError
from engine.graph.calls import CallTree, Stored, calls_of
from engine.nodes.registry import KINDS
from engine.nodes.workflow import is_listing
from engine.spec.agent import AgentSpec
from engine.spec.upgrade import load_workflow
from engine.spec.workflow import WorkflowSpec
from models.grant import Access
from models.ids import parse_id
from models.workflow import Workflow, WorkflowVersion


def tree_of_workspace(uow: UnitOfWork) -> CallTree:
    """The workspace's workflows by id (the draft as it is) or id@number (a version); foreign, deleted and unshared ones are not there."""
    agents: dict[str, AgentSpec] = {}

    def load(reference: str) -> Stored | None:
        if is_listing(reference):
            return stored_face(uow, reference)
        row, definition = _find(uow, reference)
        if row is None or definition is None:
            return None
        if not agents:
            agents.update(load_agents(uow))
        try:
            spec = load_workflow(definition)
        except SpecError:
            return None
        return Stored(row.name, spec, agents, row.error_count if "@" not in reference else 0, row.revision, str(row.id))

    return CallTree(KINDS, load)


def _find(uow: UnitOfWork, reference: str) -> tuple[Workflow | None, dict[str, object] | None]:
    identity, _, number = reference.partition("@")
    workflow_id = parse_id(identity)
    if workflow_id is None:
        return None, None
    is_usable = uow.within_reach(Workflow, Access.RUN)
    wanted = uow.scoped(Workflow).where(col(Workflow.id) == workflow_id, col(Workflow.deleted_at).is_(None), is_usable)
    row = uow.session.exec(wanted).first()
    if row is None or not number:
        return row, row.draft if row else None
    kept = uow.scoped(WorkflowVersion).where(WorkflowVersion.workflow_id == row.id, WorkflowVersion.number == int(number))
    version = uow.session.exec(kept).first()
    return row, version.spec if version else None


@dataclass(frozen=True, slots=True)
class Gathered:
    """Workflows by short names, calling each other by these, and the id of the row that each comes from."""

    specs: dict[str, WorkflowSpec]
    ids: dict[str, str]


def gather_called(uow: UnitOfWork, spec: WorkflowSpec, *, slug: str, reference: str) -> Gathered:
    """A workflow and everything below it; what cannot be found stays as it is."""
    tree = tree_of_workspace(uow)
    names, specs = {reference: slug}, {reference: spec}
    queue = [spec]
    while queue:
        for one in calls_of(queue.pop(0), KINDS):
            stored = tree.stored(one)
            if stored is not None and not stored.is_sealed and one not in specs:
                names[one] = slug_of(stored.name, names.values())
                specs[one] = stored.spec
                queue.append(stored.spec)
    renamed = {names[one]: rename_called(found, names, KINDS) for one, found in specs.items()}
    return Gathered(renamed, {names[one]: one.partition("@")[0] for one in specs})
