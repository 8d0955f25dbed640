"""How the workflows of a workspace do in a period: runs that ended by how they ended, how long they took, and what they cost."""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import sqlalchemy as sa

from app.core.permissions import Permission, require
from app.core.uow import UnitOfWork
from app.services.usage import read_period
from app.views.performance import DayFigures, Figures, Performance, WorkflowFigures
from models.run import TERMINAL, Run, RunStatus

MOST_RUNS = 20_000
K = TypeVar("K")
_run: Any = Run.__table__.c  # type: ignore[attr-defined]


def get_performance(uow: UnitOfWork, *, since: object = "", until: object = "") -> Performance:
    """From one day to another, both included, in UTC; the last 30 days without. Runs of workflows that are shared with who asks."""
    require(uow, Permission.VIEW)
    first, last = read_period(since, until, today=uow.ports.clock.now().date())
    begin = datetime(first.year, first.month, first.day, tzinfo=UTC)
    end = datetime(last.year, last.month, last.day, tzinfo=UTC) + timedelta(days=1)
    columns = (_run.workflow_id, _run.title, _run.status, _run.created_at, _run.started_at, _run.finished_at, _run.waited_ms)
    cost = (_run.cost_micros + _run.below_cost_micros).label("cost")
    is_real = sa.and_(_run.kind == "workflow", _run.parent_run_id.is_(None), sa.not_(_run.is_dry))
    is_over = sa.and_(_run.status.in_([status.value for status in TERMINAL]), _run.created_at >= begin, _run.created_at < end)
    query = sa.select(*columns, cost).where(_run.workspace_id == uow.workspace_id, is_real, is_over, uow.within_reach(Run))
    rows = uow.session.connection().execute(query.order_by(_run.id.desc()).limit(MOST_RUNS + 1)).all()
    told = rows[:MOST_RUNS]
    workflows = sorted(_grouped(told, lambda row: row.workflow_id).items(), key=lambda pair: (-len(pair[1]), str(pair[0])))
    days = sorted(_grouped(told, lambda row: row.created_at.date()).items())
    return Performance(
        since=first,
        until=last,
        total=_figures(told),
        workflows=tuple(WorkflowFigures(str(key or ""), mine[0].title, _figures(mine)) for key, mine in workflows),
        days=tuple(DayFigures(day, _figures(mine)) for day, mine in days),
        is_partial=len(rows) > MOST_RUNS,
    )


def _grouped(rows: Iterable[Any], key: Callable[[Any], K]) -> dict[K, list[Any]]:
    groups: dict[K, list[Any]] = {}
    for row in rows:
        groups.setdefault(key(row), []).append(row)
    return groups


def _figures(rows: Sequence[Any]) -> Figures:
    ended = Counter(str(row.status) for row in rows)
    good = (row for row in rows if row.status == RunStatus.SUCCEEDED and row.started_at and row.finished_at)
    times = sorted(max(0.0, (row.finished_at - row.started_at).total_seconds() * 1000 - row.waited_ms) for row in good)
    return Figures(
        runs=len(rows),
        succeeded=ended[RunStatus.SUCCEEDED],
        failed=ended[RunStatus.FAILED],
        cancelled=ended[RunStatus.CANCELLED],
        median_ms=_share(times, 0.5),
        p95_ms=_share(times, 0.95),
        cost_micros=sum(row.cost for row in rows),
    )


def _share(times: Sequence[float], share: float) -> float | None:
    """The time within which that share of them was done (nearest rank)."""
    return times[max(0, math.ceil(share * len(times)) - 1)] if times else None
