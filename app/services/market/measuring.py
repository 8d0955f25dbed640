"""The measured label: how runs of a listing really end, how long they take and what they cost, over all workspaces, as figures only."""

import math
from typing import Any

import sqlalchemy as sa
from sqlmodel import col, select

from app.core.uow import UnitOfWork
from app.views.market import Measured, SampleRun
from models.ids import parse_id
from models.listing import Install, ListingVersion
from models.run import Run, RunStatus, RunTrigger, Step

MOST_INSTALLS, MOST_RUNS = 200, 500


def is_whole() -> sa.ColumnElement[bool]:
    """Which runs were runs of the whole workflow and not of a part, with nothing put in the place of what it does."""
    replaced = sa.exists().where(col(Step.run_id) == col(Run.id), col(Step.reason).in_(("pinned", "edited")))
    tried = (RunTrigger.TEST, RunTrigger.FORK, RunTrigger.TRIAL)
    return sa.and_(col(Run.kind) == "workflow", col(Run.is_dry).is_(False), col(Run.trigger).not_in(tried), ~replaced)


def measure(uow: UnitOfWork, version: ListingVersion) -> Measured:
    """Over the newest ended runs of others' installs that are at this version; tests are those of the version, run by its seller."""
    samples = samples_of(version)
    tests, passed = len(samples), sum(sample.has_passed for sample in samples)
    runs = _ended_runs(uow, version)
    if not runs:
        return Measured(tests=tests, tests_passed=passed)
    times = sorted((run.finished_at - run.started_at).total_seconds() for run in runs if run.started_at and run.finished_at)
    good = sum(run.status == RunStatus.SUCCEEDED for run in runs)
    return Measured(
        runs=len(runs),
        success_percent=good * 100 // len(runs),
        p50_s=_percentile(times, 50),
        p95_s=_percentile(times, 95),
        cost_micros=sum(run.cost_micros for run in runs) // len(runs),
        tests=tests,
        tests_passed=passed,
        since=min((run.finished_at for run in runs if run.finished_at), default=None),
        until=max((run.finished_at for run in runs if run.finished_at), default=None),
    )


def samples_of(version: ListingVersion) -> tuple[SampleRun, ...]:
    """What the seller's tests gave when the version was published."""
    return tuple(SampleRun(**sample) for sample in version.samples)


def _ended_runs(uow: UnitOfWork, version: ListingVersion) -> list[Any]:
    """Only those that began after the copy became what it is: what it did as an earlier version tells nothing of this one."""
    others = (Install.version_id == version.id, Install.workspace_id != version.workspace_id)
    newest = select(Install.workflow_ids, Install.updated_at).where(*others)
    installs = uow.session.exec(newest.order_by(col(Install.id).desc()).limit(MOST_INSTALLS)).all()
    since = {parsed: changed for workflow_ids, changed in installs for one in workflow_ids if (parsed := parse_id(one))}
    if not since:
        return []
    ended = (RunStatus.SUCCEEDED, RunStatus.FAILED)
    times = (col(Run.created_at), col(Run.started_at), col(Run.finished_at))
    query = sa.select(col(Run.workflow_id), col(Run.status), col(Run.cost_micros), *times).where(
        col(Run.workflow_id).in_(since), col(Run.sealed_by).is_(None), is_whole()
    )
    chosen = query.where(col(Run.status).in_(ended), col(Run.created_at) >= min(since.values())).order_by(col(Run.id).desc())
    rows = uow.session.connection().execute(chosen.limit(MOST_RUNS))
    return [row for row in rows if row.created_at >= since[row.workflow_id]]


def _percentile(ordered: list[float], percent: int) -> float:
    return ordered[max(0, math.ceil(len(ordered) * percent / 100) - 1)] if ordered else 0.0
