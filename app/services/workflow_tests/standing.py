"""Whether the last run of a test was of the workflow as it stands now: its steps, its agents, and the workflows it calls."""

import uuid
from collections.abc import Collection
from typing import Any

import sqlalchemy as sa

from app.core.uow import UnitOfWork
from app.services.called import tree_of_workspace
from app.services.definitions import load_agents, named_agents
from app.services.runs.tables import plan_table
from engine.errors import SpecError
from engine.graph.calls import CallTree
from engine.json import JsonObject
from engine.spec.upgrade import load_workflow
from engine.spec.workflow import RunPlan, WorkflowSpec
from models.ids import parse_id
from models.workflow import Workflow


def changed_plans(uow: UnitOfWork, workflow_id: uuid.UUID, plan_ids: Collection[uuid.UUID]) -> frozenset[uuid.UUID]:
    """Those of the pinned plans that differ from what a run would take now, apart from where steps stand on the canvas."""
    if not plan_ids:
        return frozenset()
    draft = uow.session.exec(uow.scoped(Workflow).where(Workflow.id == workflow_id)).one().draft
    try:
        spec = load_workflow(draft)
    except SpecError:
        return frozenset(plan_ids)
    now = _Now(uow)
    contents = _contents(uow, plan_ids)
    return frozenset(one for one in plan_ids if not now.is_same(contents.get(one), spec))


class _Now:
    """The workspace as it stands, against which plans are held; what the actor may not run is not judged."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow
        self._tree: CallTree = tree_of_workspace(uow)
        self._agents: dict[frozenset[str], JsonObject] = {}
        self._same_below: dict[tuple[str, str], bool] = {}

    def is_same(self, plan: JsonObject | None, spec: WorkflowSpec) -> bool:
        if plan is None or _without_places(plan["workflow"]) != _dumped(RunPlan(workflow=spec))["workflow"]:
            return False
        pinned: dict[str, Any] = plan.get("agents") or {}
        if any(pinned.get(slug) != agent for slug, agent in self._agents_of(spec).items()):
            return False
        called: dict[str, Any] = plan.get("workflows") or {}
        return all(self._is_same_below(reference, str(one.get("plan", ""))) for reference, one in called.items())

    def _agents_of(self, spec: WorkflowSpec) -> JsonObject:
        named = frozenset(named_agents(spec))
        if named not in self._agents:
            plan = RunPlan(workflow=WorkflowSpec(), agents=load_agents(self._uow, set(named)))
            self._agents[named] = plan.model_dump(mode="json", exclude_defaults=True).get("agents") or {}
        return self._agents[named]

    def _is_same_below(self, reference: str, plan: str) -> bool:
        """Of a called workflow; one that is sealed or out of reach counts as unchanged."""
        if (reference, plan) not in self._same_below:
            stored, plan_id = self._tree.stored(reference), parse_id(plan)
            is_judged = stored is not None and not stored.is_sealed and plan_id is not None
            self._same_below[reference, plan] = (
                self.is_same(_contents(self._uow, [plan_id]).get(plan_id), stored.spec) if is_judged else True  # type: ignore[union-attr, list-item, arg-type]
            )
        return self._same_below[reference, plan]


def _contents(uow: UnitOfWork, plan_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, JsonObject]:
    own = sa.and_(plan_table.c.workspace_id == uow.workspace_id, plan_table.c.id.in_(plan_ids), plan_table.c.sealed_by.is_(None))
    rows = uow.session.connection().execute(sa.select(plan_table.c.id, plan_table.c.content).where(own))
    return {row.id: row.content for row in rows}


def _dumped(plan: RunPlan) -> JsonObject:
    content = plan.model_dump(mode="json", exclude_defaults=True)
    return content | {"workflow": _without_places(content["workflow"])}


def _without_places(workflow: Any) -> JsonObject:
    nodes = [{name: value for name, value in node.items() if name != "position"} for node in workflow.get("nodes") or ()]
    return {**workflow, "nodes": nodes}
