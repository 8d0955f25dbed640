"""The measured label: how runs of a listing really end, how long they take and what they cost, over all workspaces, as figures only."""

import math
import uuid
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlmodel import col, select

from app.core.uow import UnitOfWork
from app.views.market import Measured, SampleRun
from models.agent import Agent, AgentVersion
from models.ids import parse_id
from models.listing import Install, ListingVersion
from models.run import Run, RunStatus, RunTrigger, Step
from models.workflow import WorkflowEdit

MOST_INSTALLS, MOST_RUNS = 200, 500
CHANGING = ("add_node", "remove_node", "rename_node", "set_config", "set_policy", "set_limit", "connect", "disconnect")


def is_whole() -> sa.ColumnElement[bool]:
    """Which runs were runs of the whole workflow and not of a part, with nothing put in the place of what it does."""
    replaced = sa.exists().where(col(Step.run_id) == col(Run.id), col(Step.reason).in_(("pinned", "edited")))
    tried = (RunTrigger.TEST, RunTrigger.FORK, RunTrigger.TRIAL)
    return sa.and_(col(Run.kind) == "workflow", col(Run.is_dry).is_(False), col(Run.trigger).not_in(tried), ~replaced)


def is_as_published(parts: Sequence[uuid.UUID], agents: Sequence[str]) -> sa.ColumnElement[bool]:
    """Which runs, joined with their install, were of copies that did what the version does: nobody had changed workflow or agent.

    `parts` are the workflows that installed ones call, `agents` the short names of what they brought. To move or name a step changes
    nothing of what a copy does, nor does an update. Versions of agents never change, so the stamp of a change is that of their writing.
    """
    changes = sa.and_(
        sa.or_(*(sa.cast(col(WorkflowEdit.operations), sa.Text).like(f'%"{name}"%') for name in CHANGING)),
        col(WorkflowEdit.client_key).not_like("update:%"),
    )
    edited = sa.exists().where(
        col(WorkflowEdit.workflow_id) == col(Run.workflow_id), col(WorkflowEdit.revision) <= col(Run.workflow_revision), changes
    )
    within = sa.exists().where(
        col(WorkflowEdit.workflow_id).in_(parts),
        col(WorkflowEdit.workspace_id) == col(Run.workspace_id),
        col(WorkflowEdit.created_at) <= col(Run.created_at),
        changes,
    )
    taught = sa.exists().where(
        col(Agent.workspace_id) == col(Run.workspace_id),
        col(Agent.slug).in_(agents),
        col(AgentVersion.agent_id) == col(Agent.id),
        col(AgentVersion.updated_at) > col(Install.updated_at),
        col(AgentVersion.updated_at) <= col(Run.created_at),
    )
    return sa.and_(~edited, *([~within] if parts else []), *([~taught] if agents else []))


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
    newest = select(Install.workflow_ids, Install.updated_at, Install.agents).where(*others)
    installs = uow.session.exec(newest.order_by(col(Install.id).desc()).limit(MOST_INSTALLS)).all()
    since = {parsed: changed for workflow_ids, changed, _ in installs for one in workflow_ids if (parsed := parse_id(one))}
    parts = [parsed for workflow_ids, _, _ in installs for one in workflow_ids[1:] if (parsed := parse_id(one))]
    agents = sorted({str(one["slug"]) for _, _, called in installs for one in (called or {}).values()})
    if not since:
        return []
    ended = (RunStatus.SUCCEEDED, RunStatus.FAILED)
    times = (col(Run.created_at), col(Run.started_at), col(Run.finished_at))
    of_it = sa.and_(col(Install.workspace_id) == col(Run.workspace_id), col(Install.version_id) == version.id)
    query = sa.select(col(Run.workflow_id), col(Run.status), col(Run.cost_micros), *times).join(Install, of_it)
    query = query.where(col(Run.workflow_id).in_(since), col(Run.sealed_by).is_(None), is_whole(), is_as_published(parts, agents))
    chosen = query.where(col(Run.status).in_(ended), col(Run.created_at) >= min(since.values())).order_by(col(Run.id).desc())
    rows = uow.session.connection().execute(chosen.limit(MOST_RUNS))
    return [row for row in rows if row.created_at >= since[row.workflow_id]]


def _percentile(ordered: list[float], percent: int) -> float:
    return ordered[max(0, math.ceil(len(ordered) * percent / 100) - 1)] if ordered else 0.0
