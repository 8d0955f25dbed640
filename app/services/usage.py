"""What a workspace used in a period: tokens and cost of its model calls, by model and by workflow; runs by how they ended."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from app.core.days import read_day
from app.core.errors import Invalid
from app.core.permissions import Permission, require
from app.core.uow import UnitOfWork
from app.views.usage import UsageLine, UsageSummary
from models.run import Run, UsageRecord

DAYS = 30
MOST_DAYS = 366
MOST_LINES = 100
_used: Any = UsageRecord.__table__.c  # type: ignore[attr-defined]
_run: Any = Run.__table__.c  # type: ignore[attr-defined]
_SUMS = (
    sa.func.count(),
    sa.func.coalesce(sa.func.sum(_used.input_tokens), 0),
    sa.func.coalesce(sa.func.sum(_used.output_tokens), 0),
    sa.func.coalesce(sa.func.sum(_used.cost_micros), 0),
)


def list_usage(uow: UnitOfWork, *, since: object = "", until: object = "") -> UsageSummary:
    """From one day to another, both included, in UTC; the last 30 days without. The dearest 100 models and workflows are told."""
    require(uow, Permission.VIEW)
    first, last = read_period(since, until, today=uow.ports.clock.now().date())
    begin = datetime(first.year, first.month, first.day, tzinfo=UTC)
    end = datetime(last.year, last.month, last.day, tzinfo=UTC) + timedelta(days=1)
    mine = sa.and_(_used.workspace_id == uow.workspace_id, _used.at >= begin, _used.at < end)
    connection = uow.session.connection()
    total: Any = connection.execute(sa.select(*_SUMS).where(mine)).one()
    dearest = (_SUMS[3].desc(), _SUMS[0].desc())
    models = sa.select(_used.model, *_SUMS).where(mine).group_by(_used.model).order_by(*dearest).limit(MOST_LINES)
    by_model: Any = connection.execute(models)
    named = sa.select(_run.workflow_id, sa.func.max(_run.title), *_SUMS).select_from(UsageRecord).join(Run, _run.id == _used.run_id)
    told = named.where(mine, uow.within_reach(Run, figures=True)).group_by(_run.workflow_id)
    by_workflow: Any = connection.execute(told.order_by(*dearest).limit(MOST_LINES))
    ran = sa.and_(_run.workspace_id == uow.workspace_id, _run.created_at >= begin, _run.created_at < end)
    ended: Any = connection.execute(sa.select(_run.status, sa.func.count()).where(ran).group_by(_run.status))
    return UsageSummary(
        since=first,
        until=last,
        total=UsageLine("", "", *map(int, total)),
        models=tuple(UsageLine(row[0], row[0], *map(int, row[1:])) for row in by_model),
        workflows=tuple(UsageLine(str(row[0] or ""), row[1] or "", *map(int, row[2:])) for row in by_workflow),
        runs={str(status): int(count) for status, count in ended},
    )


def read_period(since: object, until: object, *, today: date) -> tuple[date, date]:
    """The two days that somebody asked for, or the last 30."""
    last = read_day(until, "until") or today
    first = read_day(since, "since") or last - timedelta(days=DAYS - 1)
    if not 0 <= (last - first).days < MOST_DAYS:
        told = "Choose a day before the last one, at most a year earlier."
        raise Invalid("Please mend the marked field.", fields={"since": told})
    return first, last
