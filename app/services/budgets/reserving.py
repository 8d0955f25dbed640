"""Reserving budget before a model is asked. Workers call it in their writer's transaction; nothing may use what others have reserved."""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from app.core.bulk import insert_into
from app.core.sql_clock import sql_now
from app.services.budgets.accounts import LIFE, RUN, Account, budget_table, hold_table, lock_accounts, period_end, run_table, runs_above
from engine.json import JsonObject
from models.base import utc_now
from models.ids import new_id

_hold, _run = hold_table.c, run_table.c


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """One model call: what it may use at most, for how long, and the caps that the run's definition gives it."""

    hold_id: uuid.UUID
    workspace_id: uuid.UUID
    run_id: uuid.UUID
    agent: str
    micros: int
    tokens: int
    lasts_s: float
    cap_micros: int | None = None
    cap_tokens: int | None = None
    has_parent: bool = False


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a call may not be made: the budget, its cap and figures. With `is_crowded` only other calls' reservations stand in the way."""

    facts: JsonObject
    until: datetime | None
    is_crowded: bool


def reserve_all(connection: sa.Connection, wishes: Sequence[Wish]) -> list[Refusal | int]:
    """Grant each wish, with the number of budgets it counts against, or refuse it; in order."""
    now = utc_now()
    lines = runs_above(connection, {wish.run_id for wish in wishes if wish.has_parent})
    lines |= {wish.run_id: (wish.run_id,) for wish in wishes if not wish.has_parent}
    for wish in wishes:
        _open_run_budget(connection, wish)
    runs = {run_id for line in lines.values() for run_id in line}
    accounts = lock_accounts(connection, {wish.workspace_id for wish in wishes}, {wish.agent for wish in wishes}, runs, now=now)
    rows: list[dict[str, Any]] = []
    answers: list[Refusal | int] = []
    for wish in wishes:
        mine = [account for account in accounts if account.concerns(wish.workspace_id, wish.agent, lines[wish.run_id])]
        refusal = next((found for account in mine if (found := _refuse(account, wish, now)) is not None), None)
        answers.append(len(mine) if refusal is None else refusal)
        if refusal is None:
            rows.extend(_take(account, wish, now) for account in mine)
    if rows:
        connection.execute(insert_into(connection, hold_table).on_conflict_do_nothing(), rows)
    return answers


def _open_run_budget(connection: sa.Connection, wish: Wish) -> None:
    """The caps of the run's definition become a budget of its own when it first asks a model; what it used before counts."""
    if wish.cap_micros is None and wish.cap_tokens is None:
        return
    if connection.execute(sa.select(budget_table.c.id).where(budget_table.c.run_id == wish.run_id)).first() is not None:
        return
    used = connection.execute(sa.select(run_table).where(_run.id == wish.run_id)).one()
    now = utc_now()
    row = {
        "id": new_id(),
        "created_at": now,
        "updated_at": now,
        "workspace_id": wish.workspace_id,
        "scope": RUN,
        "subject": wish.run_id.hex,
        "period": LIFE,
        "period_start": "",
        "run_id": wish.run_id,
        "cap_micros": wish.cap_micros,
        "cap_tokens": wish.cap_tokens,
        "spent_micros": used.cost_micros + used.below_cost_micros,
        "spent_tokens": used.input_tokens + used.output_tokens + used.below_input_tokens + used.below_output_tokens,
    }
    key = ["workspace_id", "scope", "subject", "period"]
    connection.execute(insert_into(connection, budget_table).on_conflict_do_nothing(index_elements=key), row)


def _refuse(account: Account, wish: Wish, now: datetime) -> Refusal | None:
    wanted = {"money": wish.micros, "tokens": wish.tokens, "time": 1, "steps": 1}
    for name, amount in wanted.items():
        cap = account.cap(name)
        if cap is None or not amount or account.spent[name] + account.held[name] + amount <= cap:
            continue
        facts: JsonObject = {
            "budget": str(account.row.id),
            "scope": account.row.scope,
            "subject": account.row.subject,
            "period": account.row.period,
            "cap": name,
            "limit": cap,
            "used": account.spent[name],
            "reserved": account.held[name],
            "wanted": amount,
        }
        is_crowded = account.held[name] > 0 and account.spent[name] + amount <= cap
        return Refusal(facts, period_end(account.row.period, now), is_crowded)
    return None


def _take(account: Account, wish: Wish, now: datetime) -> dict[str, Any]:
    account.held["money"] += wish.micros
    account.held["tokens"] += wish.tokens
    account.held["steps"] += 1
    until = now + timedelta(seconds=wish.lasts_s)
    row = {"budget_id": account.row.id, "hold_id": wish.hold_id, "run_id": wish.run_id, "until": until}
    return row | {"micros": wish.micros, "tokens": wish.tokens}


def release_holds(connection: sa.Connection, hold_ids: Collection[uuid.UUID]) -> None:
    """Calls that failed or were stopped need what they reserved no more."""
    connection.execute(sa.delete(hold_table).where(_hold.hold_id.in_(list(hold_ids))))


def release_runs_holds(connection: sa.Connection, run_ids: Collection[uuid.UUID]) -> None:
    """Runs that another worker takes up: whatever they had on its way is lost."""
    connection.execute(sa.delete(hold_table).where(_hold.run_id.in_(list(run_ids))))


def has_stale_holds(connection: sa.Connection) -> bool:
    """Whether a worker died with reservations that nobody needs; reads only."""
    return connection.execute(sa.select(_hold.hold_id).where(_hold.until < sql_now()).limit(1)).first() is not None


def reap_holds(connection: sa.Connection) -> int:
    """Release what should have been settled long ago; returns how many reservations that were."""
    return connection.execute(sa.delete(hold_table).where(_hold.until < sql_now())).rowcount
