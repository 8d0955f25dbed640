"""Compiled plans by id: a plan never changes, so the runs of one workflow share what its nodes were compiled to."""

import asyncio
import uuid
from collections import OrderedDict
from dataclasses import dataclass

from sqlalchemy.engine import Engine

from app.services.runs.claim import read_plans
from engine.json import JsonObject
from engine.nodes.base import Effect
from engine.nodes.registry import KINDS, step_name
from engine.run.plan import Plan, compile_plan
from engine.spec.upgrade import load_plan
from engine.spec.workflow import RunPlan

_MOST = 200


@dataclass(frozen=True, slots=True)
class LoadedPlan:
    """A plan ready to drive, with what the journal wants to know of it."""

    plan: Plan
    labels: dict[str, str]
    effectful: frozenset[str]
    kinds: dict[str, str]

    def label(self, node: str) -> str:
        """What people call the node."""
        return self.labels.get(node) or node


class PlanCache:
    """The last few hundred plans of this process; used from one event loop."""

    def __init__(self, database: Engine) -> None:
        self._database = database
        self._plans: OrderedDict[uuid.UUID, asyncio.Future[LoadedPlan]] = OrderedDict()

    async def get(self, plan_id: uuid.UUID) -> LoadedPlan:
        """Load and compile, once for all who ask at the same time; raises SpecError for a plan this version cannot run."""
        future = self._plans.get(plan_id)
        if future is None:
            future = self._plans[plan_id] = asyncio.ensure_future(self._load(plan_id))
            while len(self._plans) > _MOST:
                self._plans.popitem(last=False)
        self._plans.move_to_end(plan_id)
        try:
            return await asyncio.shield(future)
        except BaseException:
            if future.done():
                self._plans.pop(plan_id, None)
            raise

    async def _load(self, plan_id: uuid.UUID) -> LoadedPlan:
        content = await asyncio.to_thread(self._read, plan_id)
        return compiled(load_plan(content))

    def _read(self, plan_id: uuid.UUID) -> JsonObject:
        with self._database.connect().execution_options(af_write=False) as connection:
            return read_plans(connection, [plan_id])[plan_id]


def compiled(source: RunPlan) -> LoadedPlan:
    """Compile a plan."""
    plan = compile_plan(source, KINDS)
    labels = {node.id: step_name(node.id, node.kind, node.label) for node in source.workflow.nodes}
    effectful = frozenset(node.id for node in plan.nodes.values() if node.effect is Effect.EFFECT)
    return LoadedPlan(plan, labels, effectful, {node.id: node.spec.kind for node in plan.nodes.values()})
