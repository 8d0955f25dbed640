"""Pins what a run executes: the workflow as it stands with the agents its nodes name and the workflows they call, kept once per content."""

import hashlib
import json
import uuid
from collections.abc import Collection, Mapping

import sqlalchemy as sa

from app.core.bulk import insert_into
from app.core.errors import NotFound
from app.core.uow import UnitOfWork
from app.services.budgets.policies import fallbacks_of
from app.services.called import tree_of_workspace
from app.services.definitions import load_agents, named_agents
from app.services.rented import refuse_lapsed
from app.services.runs.judging import require_runnable
from app.services.runs.tables import plan_table
from app.services.sealed import open_installed, require_usable
from engine.graph.calls import CallTree, calls_of
from engine.json import JsonObject, JsonValue
from engine.nodes.registry import KINDS
from engine.nodes.workflow import LISTING
from engine.spec.setup import RunSetup
from engine.spec.workflow import CalledWorkflow, RunPlan, WorkflowSpec
from models.base import utc_now
from models.ids import new_id

_IS_SAME = sa.and_(plan_table.c.workspace_id == sa.bindparam("of"), plan_table.c.digest == sa.bindparam("content"))
_SAME_PLAN = sa.select(plan_table.c.id).where(_IS_SAME)


def digest_of(value: JsonValue) -> str:
    """SHA-256 of the canonical JSON text."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()


def pin_plan(uow: UnitOfWork, plan: RunPlan, *, sealed_by: uuid.UUID | None = None) -> uuid.UUID:
    """Keep the plan with the workspace's fallback models, or find the same one kept before; a sealed one is never the same as an open."""
    fallbacks = fallbacks_of(uow.session.connection(), uow.workspace_id)
    plan = plan.model_copy(update={"fallback_models": fallbacks}) if fallbacks else plan
    content: JsonObject = plan.model_dump(mode="json", exclude_defaults=True)
    digest = digest_of(content if sealed_by is None else {"sealed_by": str(sealed_by), "plan": content})
    connection = uow.session.connection()
    same = {"of": uow.workspace_id, "content": digest}
    known = connection.execute(_SAME_PLAN, same).scalar()
    if known is not None:
        return known
    now = utc_now()
    made = {"id": new_id(), "created_at": now, "updated_at": now, "workspace_id": uow.workspace_id}
    row = {**made, "digest": digest, "content": content, "sealed_by": sealed_by}
    connection.execute(insert_into(connection, plan_table).on_conflict_do_nothing(index_elements=["workspace_id", "digest"]), row)
    return connection.execute(_SAME_PLAN, same).scalar_one()


def plan_runnable(uow: UnitOfWork, spec: WorkflowSpec, *, reference: str, name: str, only: Collection[str] | None = None) -> RunPlan:
    """A workflow with the plans of everything it calls, pinned as they stand now; raises Invalid with what keeps one from running.

    With `only`, of the workflow itself just these steps have to be right.
    """
    tree, pinned = tree_of_workspace(uow), dict[str, CalledWorkflow]()
    agents = load_agents(uow, named_agents(spec))
    called = tree.called_by(spec, reference=reference, name=name)
    require_runnable(uow, spec, agents, called=called, only=only)
    refuse_lapsed(uow, agents=agents)
    if only is not None:
        needed = calls_of(spec.model_copy(update={"nodes": tuple(node for node in spec.nodes if node.id in only)}), KINDS)
        called = {one: called[one] for one in needed if one in called}
    return RunPlan(workflow=spec, agents=agents, workflows=_pin_called(uow, tree, called, pinned))


def _pin_called(
    uow: UnitOfWork, tree: CallTree, called: Mapping[str, CalledWorkflow], pinned: dict[str, CalledWorkflow]
) -> dict[str, CalledWorkflow]:
    """The called workflows with the ids of their own plans. The checker has refused circles and depth, so this ends."""
    for reference in called:
        stored = tree.stored(reference)
        if stored is None or reference in pinned:
            continue
        if stored.is_sealed:
            pinned[reference] = _pin_sealed(uow, reference)
            continue
        inner = tree.called_by(stored.spec)
        agents = load_agents(uow, named_agents(stored.spec))
        require_runnable(uow, stored.spec, agents, called=inner, what=f"The sub-workflow “{stored.name}”")
        refuse_lapsed(uow, workflows=[uuid.UUID(stored.workflow)] if stored.workflow else (), agents=agents)
        plan_id = pin_plan(uow, RunPlan(workflow=stored.spec, agents=agents, workflows=_pin_called(uow, tree, inner, pinned)))
        pinned[reference] = CalledWorkflow(
            name=stored.name, plan=str(plan_id), workflow=stored.workflow, revision=stored.revision if "@" not in reference else None
        )
    return {reference: pinned[reference] for reference in called if reference in pinned}


def _pin_sealed(uow: UnitOfWork, reference: str) -> CalledWorkflow:
    """The plans of a sealed listing, under a mark that keeps the runs of them from everybody's sight."""
    sealed = open_installed(uow, reference)
    if sealed is None:
        raise NotFound("This listing")
    refuse_lapsed(uow, listings=[reference.removeprefix(LISTING)])
    require_usable(sealed)

    def pin(slug: str) -> CalledWorkflow:
        spec = sealed.bundle.workflows[slug]
        agents = {one: sealed.bundle.agents[one] for one in named_agents(spec) if one in sealed.bundle.agents}
        below = {one: pin(one) for one in calls_of(spec, KINDS) if one in sealed.bundle.workflows}
        plan = RunPlan(workflow=spec, agents=agents, workflows=below, setup=RunSetup(unknown="fail"))
        return CalledWorkflow(name=sealed.name, plan=str(pin_plan(uow, plan, sealed_by=sealed.version_id)))

    return pin(next(iter(sealed.bundle.workflows)))
