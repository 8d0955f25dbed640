"""Comparing two runs of a workspace step by step: the path, the values, the money and the time."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from app.core.errors import Invalid
from app.core.permissions import Permission, require
from app.core.uow import UnitOfWork
from app.services.runs.journal import run_table, step_table
from app.services.runs.queries import get_run
from app.views.comparing import Comparison, StepPair
from app.views.runs import RunDetail, StepRow
from engine.json import JsonObject
from engine.nodes.registry import step_name
from models.ids import parse_id
from models.run import Run

_SHOWN = 20
_WORST = ("failed", "running", "waiting", "unknown", "cancelled", "done", "skipped")


def compare_runs(uow: UnitOfWork, *, a: object, b: object) -> Comparison:
    """Both runs with every step paired by its id; without an a, the run of the same workflow before b.

    Raises NotFound for a run that is not there, Invalid for one beside itself or the first of its workflow.
    """
    a = a or _before(uow, b)
    if parse_id(a) is not None and parse_id(a) == parse_id(b):
        message = "Choose two different runs."
        raise Invalid(message, fields={"b": message})
    first, second = get_run(uow, run_id=a), get_run(uow, run_id=b)
    differing = _differing_outputs(uow, first.row.id, second.row.id)
    plans = _plans(uow, (first.row.id, second.row.id))
    labels = {**_labels(first.workflow), **_labels(second.workflow)}
    sides = _Side.of(first.steps), _Side.of(second.steps)
    order = [*_labels(second.workflow), *(node for node in _labels(first.workflow) if node not in _labels(second.workflow))]
    pairs = [_pair(node, labels[node], sides, differing) for node in order if node in sides[0] or node in sides[1]]
    return Comparison(
        a=first,
        b=second,
        steps=tuple(pairs),
        is_same_version=len(set(plans)) == 1,
        has_same_inputs=first.inputs == second.inputs,
        has_same_output=_same_output(first, second),
    )


def _before(uow: UnitOfWork, b: object) -> uuid.UUID:
    require(uow, Permission.VIEW)
    run = uow.load(Run, parse_id(b), what="This run")
    columns = run_table.c
    is_of_same = sa.and_(columns.workflow_id == run.workflow_id, columns.kind == run.kind, columns.parent_run_id.is_(None))
    is_earlier = sa.and_(columns.workspace_id == uow.workspace_id, columns.id < run.id, uow.within_reach(Run))
    query = sa.select(columns.id).where(is_of_same, is_earlier).order_by(columns.id.desc()).limit(1)
    found = uow.session.connection().execute(query).scalar()
    if found is None:
        message = "This is the first run of its workflow, so there is none before it to compare with."
        raise Invalid(message, fields={"a": message})
    return found


@dataclass(slots=True)
class _Side:
    statuses: dict[str, str] = field(default_factory=dict[str, str])
    ms: float = 0.0
    tokens: int = 0
    cost_micros: int = 0
    ports: set[str] = field(default_factory=set[str])

    @staticmethod
    def of(steps: Iterable[StepRow]) -> "dict[str, _Side]":
        """By node, over all iterations."""
        found: dict[str, _Side] = {}
        for step in steps:
            side = found.setdefault(step.node, _Side())
            side.statuses[step.iteration] = step.status
            side.ms += step.duration_ms or 0.0
            side.tokens += step.input_tokens + step.output_tokens
            side.cost_micros += step.cost_micros
            if step.port:
                side.ports.add(step.port)
        return found

    @property
    def status(self) -> str:
        """The most telling one."""
        present = set(self.statuses.values())
        return next((status for status in _WORST if status in present), "")


def _pair(node: str, label: str, sides: "tuple[dict[str, _Side], dict[str, _Side]]", differing: dict[str, list[str]]) -> StepPair:
    a, b = (side.get(node, _Side()) for side in sides)
    changed = differing.get(node, [])
    return StepPair(
        node=node,
        label=label,
        difference=_difference(a, b, changed),
        status_a=a.status,
        status_b=b.status,
        ms_a=a.ms,
        ms_b=b.ms,
        tokens_a=a.tokens,
        tokens_b=b.tokens,
        cost_micros_a=a.cost_micros,
        cost_micros_b=b.cost_micros,
        ports_a=tuple(sorted(a.ports)),
        ports_b=tuple(sorted(b.ports)),
        count_a=len(a.statuses),
        count_b=len(b.statuses),
        changed=tuple(changed[:_SHOWN]),
    )


def _difference(a: _Side, b: _Side, changed: Sequence[str]) -> str:
    ran = [side.status not in ("", "skipped") for side in (a, b)]
    if ran[0] != ran[1]:
        return "only_a" if ran[0] else "only_b"
    if a.status != b.status:
        return "status"
    return "output" if changed or a.statuses.keys() != b.statuses.keys() else "same"


def _differing_outputs(uow: UnitOfWork, a: uuid.UUID, b: uuid.UUID) -> dict[str, list[str]]:
    """Iterations by node whose outputs differ; compared in the database, so that no large value leaves it."""
    one, two = step_table.alias("one"), step_table.alias("two")
    together = sa.and_(one.c.node == two.c.node, one.c.iteration == two.c.iteration, one.c.run_id == a, two.c.run_id == b)
    texts = [sa.func.coalesce(sa.cast(side.c.output, sa.Text), "") for side in (one, two)]
    query = sa.select(one.c.node, one.c.iteration).select_from(one.join(two, together)).where(texts[0] != texts[1])
    found: dict[str, list[str]] = {}
    for row in uow.session.connection().execute(query.order_by(one.c.node, one.c.iteration)):
        found.setdefault(row.node, []).append(row.iteration)
    return found


def _plans(uow: UnitOfWork, run_ids: Sequence[uuid.UUID]) -> list[Any]:
    query = sa.select(run_table.c.plan_id).where(run_table.c.id.in_(run_ids))
    return list(uow.session.connection().execute(query).scalars())


def _labels(workflow: JsonObject) -> dict[str, str]:
    nodes: list[JsonObject] = workflow.get("nodes") or []
    return {node["id"]: step_name(node["id"], node.get("kind", ""), node.get("label") or "") for node in nodes}


def _same_output(a: RunDetail, b: RunDetail) -> bool:
    return a.row.status == b.row.status and a.output == b.output
