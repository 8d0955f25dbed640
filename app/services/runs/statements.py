"""The journal's prepared statements: what one transaction writes for many runs at once, table by table."""

import uuid
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from app.core.bulk import BulkStatement, insert_into, insert_of
from app.core.sql_clock import sql_now
from app.services.budgets.question import KIND
from app.services.runs.projection import StepChange
from app.services.runs.tables import approval_table, effect_table, event_table, run_table, step_table, usage_table


def step_row(run_id: uuid.UUID, key: tuple[str, str], change: StepChange) -> dict[str, Any]:
    return {
        "run_id": run_id,
        "node": key[0],
        "iteration": key[1],
        "status": change.status,
        "reason": change.reason,
        "wake_at": change.wake_at,
        "attempt": change.attempt,
        "inputs": change.inputs,
        "output": change.output,
        "port": change.port,
        "error": change.error,
        "started_at": change.started_at,
        "finished_at": change.finished_at,
        "duration_ms": change.duration_ms,
        "input_tokens": change.input_tokens,
        "output_tokens": change.output_tokens,
        "cost_micros": change.cost_micros,
    }


def used_row(run_id: uuid.UUID, key: tuple[str, str], change: StepChange) -> dict[str, Any]:
    return {"b_run": run_id, "b_node": key[0], "b_iteration": key[1], **{f"d_{name}": getattr(change, name) for name in _ADDED}}


_KEPT = ("inputs", "started_at")
_ADDED = ("input_tokens", "output_tokens", "cost_micros")
_REPLACED = ("status", "reason", "wake_at", "output", "port", "error", "finished_at", "duration_ms")


def _step_upsert(dialect: str) -> Any:
    statement = insert_of(dialect, step_table)
    values = {name: statement.excluded[name] for name in _REPLACED}
    values |= {name: sa.func.coalesce(statement.excluded[name], step_table.c[name]) for name in _KEPT}
    values |= {name: step_table.c[name] + statement.excluded[name] for name in _ADDED}
    attempt, proposed = step_table.c.attempt, statement.excluded.attempt
    values["attempt"] = sa.case((proposed > attempt, proposed), else_=attempt)
    return statement.on_conflict_do_update(index_elements=["run_id", "node", "iteration"], set_=values)


def _effect_upsert(dialect: str) -> Any:
    statement = insert_of(dialect, effect_table)
    values = {"state": statement.excluded.state, "finished_at": statement.excluded.finished_at}
    return statement.on_conflict_do_update(index_elements=["key"], set_=values)


def _columns(table: sa.Table) -> list[str]:
    return [column.name for column in table.columns]


INSERT_EVENTS = BulkStatement(lambda dialect: insert_of(dialect, event_table), _columns(event_table))
UPSERT_STEPS = BulkStatement(_step_upsert, _columns(step_table))
UPSERT_EFFECTS = BulkStatement(_effect_upsert, _columns(effect_table))
INSERT_USAGE = BulkStatement(lambda dialect: insert_of(dialect, usage_table).on_conflict_do_nothing(), _columns(usage_table))
LOCK_RUNS = (
    sa.select(run_table.c.id, run_table.c.fence, run_table.c.status, run_table.c.next_seq, run_table.c.cancel_requested_at)
    .where(run_table.c.id.in_(sa.bindparam("ids", expanding=True)))
    .order_by(run_table.c.id)
    .with_for_update()
)
ADD_USED = (
    sa.update(step_table)
    .where(
        step_table.c.run_id == sa.bindparam("b_run"),
        step_table.c.node == sa.bindparam("b_node"),
        step_table.c.iteration == sa.bindparam("b_iteration"),
    )
    .values({name: step_table.c[name] + sa.bindparam(f"d_{name}") for name in _ADDED})
)
ADVANCE = (
    sa.update(run_table)
    .where(run_table.c.id == sa.bindparam("b_id"))
    .values(
        next_seq=sa.bindparam("next_seq"),
        input_tokens=run_table.c.input_tokens + sa.bindparam("d_input"),
        output_tokens=run_table.c.output_tokens + sa.bindparam("d_output"),
        cost_micros=run_table.c.cost_micros + sa.bindparam("d_cost"),
        recoveries=sa.case((sa.bindparam("progressed", type_=sa.Boolean()), 0), else_=run_table.c.recoveries),
    )
)
PARK = (
    sa.update(run_table)
    .where(run_table.c.id == sa.bindparam("b_id"))
    .values(
        status=sa.bindparam("b_status"),
        wake_at=sa.bindparam("b_wake_at"),
        waiting_for=sa.bindparam("b_waiting_for"),
        parked_at=sql_now(),
        rung_at=None,
        owner=None,
        lease_until=None,
    )
)
END = (
    sa.update(run_table)
    .where(run_table.c.id == sa.bindparam("b_id"))
    .values(
        status=sa.bindparam("b_status"),
        output=sa.bindparam("b_output"),
        error=sa.bindparam("b_error"),
        finished_at=sa.bindparam("b_finished_at"),
        wake_at=None,
        waiting_for="",
        owner=None,
        lease_until=None,
    )
)
CLOSE_APPROVAL = (
    sa.update(approval_table)
    .where(
        approval_table.c.run_id == sa.bindparam("b_run"),
        approval_table.c.node == sa.bindparam("b_node"),
        approval_table.c.iteration == sa.bindparam("b_iteration"),
        approval_table.c.status == "pending",
    )
    .values(status=sa.bindparam("b_status"))
)


def ask(connection: sa.Connection, approvals: Sequence[dict[str, Any]]) -> None:
    """Write questions to people. A step asks once, save about budgets: those it may reach again after its question was answered."""
    statement = insert_into(connection, approval_table)
    key = ["run_id", "node", "iteration"]
    once = [row for row in approvals if row["request"].get("kind") != KIND]
    again = [row for row in approvals if row["request"].get("kind") == KIND]
    if once:
        connection.execute(statement.on_conflict_do_nothing(index_elements=key), once)
    if again:
        anew = {name: statement.excluded[name] for name in ("created_at", "updated_at", "title", "request", "status", "note", "expires_at")}
        anew |= dict.fromkeys(("button", "values", "decided_by", "decided_at"))
        connection.execute(statement.on_conflict_do_update(index_elements=key, set_=anew), again)
