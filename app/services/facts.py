"""Writes facts in the same transaction as what happened, and only where a rule waits for them; rules.delivering reads them."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from models.base import utc_now
from models.event_rule import RUN_ENDED, EventRule, Fact, FactKind, RuleFire
from models.ids import new_id
from models.run import Run, RunStatus, RunTrigger

rule_table: sa.Table = EventRule.__table__  # type: ignore[attr-defined]
fact_table: sa.Table = Fact.__table__  # type: ignore[attr-defined]
fire_table: sa.Table = RuleFire.__table__  # type: ignore[attr-defined]
run_table: sa.Table = Run.__table__  # type: ignore[attr-defined]
KINDS = {
    RunStatus.SUCCEEDED: FactKind.RUN_SUCCEEDED,
    RunStatus.FAILED: FactKind.RUN_FAILED,
    RunStatus.CANCELLED: FactKind.RUN_CANCELLED,
}
_rule, _run, _fire = rule_table.c, run_table.c, fire_table.c
_LISTENS = sa.and_(_rule.deleted_at.is_(None), _rule.is_enabled)
_COLUMNS = (_rule.workspace_id, _rule.kind, _rule.source_id)
_OF_RUNS = sa.select(*_COLUMNS).where(
    _LISTENS, _rule.workspace_id.in_(sa.select(_run.workspace_id).where(_run.id.in_(sa.bindparam("run_ids", expanding=True))))
)
_RUNS = sa.select(
    _run.id,
    _run.workspace_id,
    _run.workflow_id,
    _run.status,
    sa.case(
        (_run.trigger == RunTrigger.EVENT, sa.select(sa.func.max(_fire.depth)).where(_fire.run_id == _run.id).scalar_subquery()),
        else_=0,
    ).label("rules_before"),
).where(
    _run.id.in_(sa.bindparam("run_ids", expanding=True)),
    _run.kind == "workflow",  # chats, single steps, dry runs and the runs of steps are nobody's event
    _run.parent_run_id.is_(None),
    sa.not_(_run.is_dry),
)


def matches(rule: Any, kind: str, workflow_id: uuid.UUID | None) -> bool:
    """Whether a rule waits for this fact."""
    kinds = KINDS.values() if rule.kind == RUN_ENDED else (rule.kind,)
    return kind in kinds and rule.source_id in (None, workflow_id)


def note_ends(connection: sa.Connection, run_ids: Sequence[uuid.UUID]) -> None:
    """Runs that have just become terminal; nearly always nobody waits for them, so that one look is all it costs."""
    rules = connection.execute(_OF_RUNS, {"run_ids": list(run_ids)}).all() if run_ids else ()
    if not rules:
        return
    runs = connection.execute(_RUNS, {"run_ids": list(run_ids)}).all()
    found = [(run, KINDS.get(RunStatus(run.status))) for run in runs]
    _insert(connection, [_of_run(run, kind) for run, kind in found if kind and _is_wanted(rules, kind, run.workspace_id, run.workflow_id)])


def note_decision(connection: sa.Connection, *, approval_id: uuid.UUID, run_id: uuid.UUID) -> None:
    """An approval that a person has just answered."""
    rules = connection.execute(_OF_RUNS, {"run_ids": [run_id]}).all()
    run = connection.execute(_RUNS, {"run_ids": [run_id]}).first() if rules else None
    if run is not None and _is_wanted(rules, FactKind.APPROVAL_DECIDED, run.workspace_id, run.workflow_id):
        _insert(connection, [{**_of_run(run, FactKind.APPROVAL_DECIDED), "approval_id": approval_id}])


def note_version(connection: sa.Connection, *, workspace_id: uuid.UUID, workflow_id: uuid.UUID, version_id: uuid.UUID) -> None:
    """A version that somebody has just given a name, which is how a workflow is published."""
    rules = connection.execute(sa.select(*_COLUMNS).where(_LISTENS, _rule.workspace_id == workspace_id)).all()
    if _is_wanted(rules, FactKind.VERSION_NAMED, workspace_id, workflow_id):
        made = {"workspace_id": workspace_id, "workflow_id": workflow_id, "kind": FactKind.VERSION_NAMED, "depth": 0}
        _insert(connection, [{**made, "run_id": None, "version_id": version_id}])


def _is_wanted(rules: Sequence[Any], kind: str, workspace_id: uuid.UUID, workflow_id: uuid.UUID | None) -> bool:
    return any(rule.workspace_id == workspace_id and matches(rule, kind, workflow_id) for rule in rules)


def _of_run(run: Any, kind: str) -> dict[str, Any]:
    return {
        "workspace_id": run.workspace_id,
        "workflow_id": run.workflow_id,
        "kind": kind,
        "run_id": run.id,
        "depth": run.rules_before or 0,
        "version_id": None,
    }


def _insert(connection: sa.Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    if rows:
        now = utc_now()
        fixed = {"created_at": now, "updated_at": now, "approval_id": None, "delivered_at": None}
        connection.execute(sa.insert(fact_table), [{**fixed, **row, "id": new_id()} for row in rows])
