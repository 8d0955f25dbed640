"""Settling: what was used counts against the budgets in the very transaction that makes it durable. The journal calls it."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from app.services.announcements import announce_budget
from app.services.budgets.accounts import CAPS, Account, budget_table, lock_accounts, period_start, runs_above
from app.services.budgets.reserving import release_holds
from models.base import utc_now

ALERTS = (100, 80)  # percent of a cap
_ANY_BUDGET = sa.select(budget_table.c.id).where(budget_table.c.workspace_id.in_(sa.bindparam("workspaces", expanding=True))).limit(1)


@dataclass(slots=True, kw_only=True)
class Used:
    """What one commit of a run used: a model call with its agent and reservation, or steps and their time."""

    workspace_id: uuid.UUID
    run_id: uuid.UUID
    has_parent: bool
    agent: str = ""
    micros: int = 0
    tokens: int = 0
    ms: int = 0
    steps: int = 0
    hold_id: uuid.UUID | None = None


def settle(connection: sa.Connection, used: Sequence[Used]) -> list[Any]:
    """Add to every budget that is concerned and end the reservations; returns the rows of budgets that just passed 80 or 100 %."""
    if not used:
        return []
    workspaces = {one.workspace_id for one in used}
    if connection.execute(_ANY_BUDGET, {"workspaces": list(workspaces)}).first() is None:
        return []
    lines = runs_above(connection, {one.run_id for one in used if one.has_parent})
    lines |= {one.run_id: (one.run_id,) for one in used if not one.has_parent}
    runs = {run_id for line in lines.values() for run_id in line}
    now = utc_now()
    accounts = lock_accounts(connection, workspaces, {one.agent for one in used if one.agent}, runs, now=now)
    passed = [account for account in accounts if _add_all(connection, account, used, lines, period_start(account.row.period, now))]
    holds = [one.hold_id for one in used if one.hold_id is not None]
    if holds:
        release_holds(connection, holds)
    for account in passed:
        spent = {f"spent_{CAPS[name]}": account.spent[name] for name in CAPS}
        start = period_start(account.row.period, now)
        announce_budget(connection, account.row, {**spent, "period_start": start, "percent": min(account.share(), ALERTS[0])})
    return [account.row for account in passed]


def _add_all(
    connection: sa.Connection, account: Account, used: Sequence[Used], lines: dict[uuid.UUID, tuple[uuid.UUID, ...]], start: str
) -> bool:
    """Write the new figures of one budget; True when it passed a level that calls for an alert."""
    mine = [one for one in used if account.concerns(one.workspace_id, one.agent, lines[one.run_id])]
    if not mine:
        return False
    added = {"money": sum(one.micros for one in mine), "tokens": sum(one.tokens for one in mine)}
    added |= {"time": sum(one.ms for one in mine), "steps": sum(one.steps for one in mine)}
    if not any(added.values()):
        return False
    for name, amount in added.items():
        account.spent[name] += amount
    before = 0 if account.is_rolled else account.row.alerted
    level = next((level for level in ALERTS if account.share() >= level), 0)
    values = {f"spent_{CAPS[name]}": amount for name, amount in account.spent.items()}
    values |= {"period_start": start, "alerted": max(before, level), "updated_at": utc_now()}
    connection.execute(sa.update(budget_table).where(budget_table.c.id == account.row.id).values(values))
    return level > before
