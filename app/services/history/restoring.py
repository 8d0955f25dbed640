"""Going back to a version: worked out as edits, so that open editors follow, conflicts are seen, and it can be undone."""

from dataclasses import replace

from app.core.permissions import Permission, require
from app.core.uow import UnitOfWork
from app.services.workflows.edits import apply_own, changes_since
from app.services.workflows.operations import (
    AddNode,
    AnyOperation,
    Connect,
    Disconnect,
    Move,
    NodeMove,
    PolicyName,
    RemoveNode,
    SetConfig,
    SetLabel,
    SetLimit,
    SetMeta,
    SetPolicy,
)
from app.services.workflows.rows import load_workflow
from app.services.workflows.versions import keep_version, load_version
from app.views.workflows import EditResult
from engine.json import JsonObject
from engine.spec.upgrade import load_workflow as load_spec
from engine.spec.workflow import NodeSpec, WorkflowSpec
from models.ids import new_id

_POLICIES: tuple[PolicyName, ...] = ("join", "retry", "on_error", "timeout_s")


def restore_version(uow: UnitOfWork, *, workflow_id: object, version_id: object, base_revision: object) -> EditResult:
    """Make the draft what the version was; the workflow keeps its name. The draft is kept first, so nothing is lost.

    Returns what the editor that knows `base_revision` has not heard of; the restore itself carries the new revision.
    """
    require(uow, Permission.EDIT)
    version = load_version(uow, workflow_id=workflow_id, version_id=version_id)
    workflow = load_workflow(uow, workflow_id, for_update=True)
    keep_version(uow, workflow)
    operations = operations_between(load_spec(workflow.draft), load_spec(version.spec))
    if operations:
        apply_own(uow, workflow, operations, client_key=f"restore:{new_id().hex}")
        keep_version(uow, workflow, origin="restore", restored_from=version.number)
    return replace(changes_since(uow, workflow_id=workflow_id, revision=base_revision, tab=""), revision=workflow.revision)


def operations_between(before: WorkflowSpec, after: WorkflowSpec) -> list[AnyOperation]:
    """The edits that turn one definition into another, in an order in which each of them can be made."""
    old = {node.id: node for node in before.nodes}
    # A step that became another kind is another step under the same id.
    kept = [node for node in after.nodes if node.id in old and old[node.id].kind == node.kind]
    stays = {node.id for node in kept}
    gone = [node.id for node in before.nodes if node.id not in stays]
    wanted = {edge.id for edge in after.edges}
    # Whatever touches a step that goes or moves to another container is cut, and connected again at the end.
    loose = set(gone) | {node.id for node in kept if node.parent != old[node.id].parent}
    cut = [edge for edge in before.edges if edge.id not in wanted or {edge.source, edge.target} & loose]
    left = {edge.id for edge in before.edges} - {edge.id for edge in cut}
    return [
        *(Disconnect(source=edge.source, port=edge.port, target=edge.target) for edge in cut),
        *(_parent(node.id, None) for node in kept if old[node.id].parent is not None and node.id in loose),
        *(RemoveNode(id=node_id) for node_id in gone),
        *(AddNode(node=node) for node in outer_first([node for node in after.nodes if node.id not in stays])),
        *(_parent(node.id, node.parent) for node in kept if node.parent is not None and node.id in loose),
        *(edit for node in kept for edit in _settings(old[node.id], node)),
        *_moves(old, kept),
        *(Connect(source=edge.source, port=edge.port, target=edge.target) for edge in after.edges if edge.id not in left),
        *_own(before, after),
    ]


def outer_first(nodes: list[NodeSpec]) -> list[NodeSpec]:
    """Containers before what lives in them."""
    waiting = {node.id: node for node in nodes}
    found: list[NodeSpec] = []
    while waiting:
        ready = [node for node in waiting.values() if node.parent not in waiting]
        if not ready:
            break  # containers inside each other in a circle: no loader lets that in
        found += [waiting.pop(node.id) for node in ready]
    return found


def _parent(node_id: str, parent: str | None) -> SetPolicy:
    return SetPolicy(id=node_id, field="parent", value=parent)


def _settings(old: NodeSpec, new: NodeSpec) -> list[AnyOperation]:
    found: list[AnyOperation] = []
    if old.label != new.label:
        found.append(SetLabel(id=new.id, label=new.label))
    for name in (*old.config, *(name for name in new.config if name not in old.config)):
        if name not in new.config:
            found.append(SetConfig(id=new.id, path=(name,), unset=True))
        elif name not in old.config or old.config[name] != new.config[name]:
            found.append(SetConfig(id=new.id, path=(name,), value=new.config[name]))
    was, wished = _policies(old), _policies(new)
    found += [SetPolicy(id=new.id, field=name, value=wished[name]) for name in _POLICIES if was[name] != wished[name]]
    return found


def _policies(node: NodeSpec) -> JsonObject:
    return node.model_dump(mode="json", include=set(_POLICIES))


def _moves(old: dict[str, NodeSpec], kept: list[NodeSpec]) -> list[AnyOperation]:
    moves = [NodeMove(id=node.id, **node.position.model_dump(exclude_none=True)) for node in kept if node.position != old[node.id].position]
    return [Move(moves=tuple(moves))] if moves else []


def _own(before: WorkflowSpec, after: WorkflowSpec) -> list[AnyOperation]:
    found: list[AnyOperation] = []
    if before.description != after.description:
        found.append(SetMeta(field="description", value=after.description))
    was, wished = before.limits.model_dump(), after.limits.model_dump()
    names = ("max_parallel", "timeout_s", "max_steps")
    found += [SetLimit(field=name, value=wished[name]) for name in names if was[name] != wished[name]]
    return found
