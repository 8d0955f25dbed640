"""Budgets as accounts: which concern a call, what of them is used and reserved, when their period ends. Reserving and settling share it."""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from models.budget import Budget, BudgetHold, ModelPolicy
from models.run import Run

budget_table: sa.Table = Budget.__table__  # type: ignore[attr-defined]
hold_table: sa.Table = BudgetHold.__table__  # type: ignore[attr-defined]
policy_table: sa.Table = ModelPolicy.__table__  # type: ignore[attr-defined]
run_table: sa.Table = Run.__table__  # type: ignore[attr-defined]
_budget, _hold = budget_table.c, hold_table.c
WORKSPACE, AGENT, RUN = "workspace", "agent", "run"
DAY, MONTH, LIFE = "day", "month", "life"
CAPS = {"money": "micros", "tokens": "tokens", "time": "ms", "steps": "steps"}
"""What people call a cap -> its columns `cap_…` and `spent_…`."""


def period_start(period: str, now: datetime) -> str:
    """The first day of the period, in UTC; "" for a run's life."""
    today = now.astimezone(UTC).date()
    return {DAY: today.isoformat(), MONTH: today.replace(day=1).isoformat()}.get(period, "")


def period_end(period: str, now: datetime) -> datetime | None:
    """When the next period begins; None for a run's life."""
    today = now.astimezone(UTC).date()
    if period == LIFE:
        return None
    following = today + timedelta(days=1) if period == DAY else date(today.year + today.month // 12, today.month % 12 + 1, 1)
    return datetime(following.year, following.month, following.day, tzinfo=UTC)


@dataclass(slots=True)
class Account:
    """One budget under lock: its row in the current period, and what calls on their way have reserved."""

    row: Any
    spent: dict[str, int]
    held: dict[str, int]
    is_rolled: bool  # its figures were of an earlier period

    def concerns(self, workspace_id: uuid.UUID, agent: str, runs: Collection[uuid.UUID]) -> bool:
        """Whether a call of this agent in these runs (the run and those above it) counts here."""
        row = self.row
        if row.workspace_id != workspace_id:
            return False
        if row.scope == RUN:
            return row.run_id in runs
        return row.scope == WORKSPACE or (bool(agent) and row.subject == agent)

    def cap(self, name: str) -> int | None:
        """The cap in money, tokens, time or steps."""
        return getattr(self.row, f"cap_{CAPS[name]}")

    def share(self) -> int:
        """The use of the fullest cap, in percent."""
        shares = [self.spent[name] * 100 // cap for name in CAPS if (cap := self.cap(name))]
        return max(shares, default=0)


def lock_accounts(
    connection: sa.Connection,
    workspaces: Collection[uuid.UUID],
    agents: Collection[str],
    runs: Collection[uuid.UUID],
    *,
    now: datetime,
) -> list[Account]:
    """The budgets that may concern these, locked in the order of their ids until the transaction ends."""
    is_meant = sa.or_(
        _budget.scope == WORKSPACE,
        sa.and_(_budget.scope == AGENT, _budget.subject.in_(list(agents))),
        sa.and_(_budget.scope == RUN, _budget.run_id.in_(list(runs))),
    )
    query = sa.select(budget_table).where(_budget.workspace_id.in_(list(workspaces)), is_meant).order_by(_budget.id).with_for_update()
    rows = connection.execute(query).all()
    if not rows:
        return []
    held = _held(connection, [row.id for row in rows], now)
    return [_account(row, held.get(row.id), now) for row in rows]


def _account(row: Any, held: Any, now: datetime) -> Account:
    is_rolled = row.period_start != period_start(row.period, now)
    spent = {name: 0 if is_rolled else int(getattr(row, f"spent_{column}")) for name, column in CAPS.items()}
    reserved = {"money": int(held.micros), "tokens": int(held.tokens), "steps": int(held.calls)} if held is not None else {}
    return Account(row, spent, dict.fromkeys(CAPS, 0) | reserved, is_rolled)


def _held(connection: sa.Connection, budget_ids: Sequence[uuid.UUID], now: datetime) -> dict[uuid.UUID, Any]:
    sums = (sa.func.sum(_hold.micros).label("micros"), sa.func.sum(_hold.tokens).label("tokens"), sa.func.count().label("calls"))
    query = sa.select(_hold.budget_id, *sums).where(_hold.budget_id.in_(budget_ids), _hold.until > now).group_by(_hold.budget_id)
    return {row.budget_id: row for row in connection.execute(query)}


def runs_above(connection: sa.Connection, run_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, tuple[uuid.UUID, ...]]:
    """Each run with all those above it, itself first."""
    parents: dict[uuid.UUID, uuid.UUID | None] = {}
    wanted = set(run_ids)
    while wanted:
        rows = connection.execute(sa.select(run_table.c.id, run_table.c.parent_run_id).where(run_table.c.id.in_(wanted)))
        level = {row.id: row.parent_run_id for row in rows}
        parents |= level
        wanted = {parent for parent in level.values() if parent is not None} - parents.keys()
    return {run_id: tuple(_line(run_id, parents)) for run_id in run_ids}


def _line(run_id: uuid.UUID, parents: dict[uuid.UUID, uuid.UUID | None]) -> list[uuid.UUID]:
    line = [run_id]
    while (above := parents.get(line[-1])) is not None:
        line.append(above)
    return line
