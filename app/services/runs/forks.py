"""Forks: a new run that begins with what another one has done. The origin is never touched, and what is kept is not paid for again."""

from app.core.permissions import Permission, require
from app.core.uow import UnitOfWork
from app.services.runs.fork_plan import PlannedFork, blank_result, plan_fork
from app.services.runs.fork_wish import read_wish
from app.services.runs.pinning import digest_of, pin_plan
from app.services.runs.queries import get_run_row
from app.services.runs.start import NewRun, StartedBy, clean_key, insert_run, known_run
from app.services.workflows.versions import keep_what_runs
from app.views.forks import DroppedStep, ForkPreview
from app.views.runs import RunRow
from engine.json import JsonValue
from engine.nodes.registry import step_name
from engine.run.events import EventType
from models.ids import parse_id
from models.run import Run, RunTrigger
from models.workflow import Workflow

_ENDS = frozenset({EventType.NODE_FINISHED, EventType.NODE_FAILED})


def fork_run(
    uow: UnitOfWork,
    *,
    run_id: object,
    how: object = "from",
    node: object = "",
    iteration: object = "",
    seq: object = None,
    version: object = "same",
    edits: object = None,
    idempotency_key: object = None,
) -> RunRow:
    """Start a run that keeps what the origin had done and does the rest.

    `how`: `from` a step on (in one entry of its container, or in all), from what `failed` on, or as things stood at a `moment`, after
    journal entry `seq`. `version`: the `same` as the origin's or the `current` draft. `edits` are values written by hand in place of
    recorded ones, `[{node, iteration, field: output|inputs, value, port}]`; what follows them runs again.

    Raises Invalid with one message per step, Conflict where the origin allows no such fork.
    """
    require(uow, Permission.RUN)
    origin = uow.load(Run, parse_id(run_id), what="This run")
    wish = read_wish(how=how, node=node, iteration=iteration, seq=seq, version=version, edits=edits)
    key = clean_key(idempotency_key)
    request_hash = digest_of({"fork": str(origin.id), "wish": repr(wish)}) if key else ""
    known = known_run(uow, key, request_hash)
    if known is not None:
        return get_run_row(uow, run_id=known)
    if wish.version == "current":
        keep_what_runs(uow, uow.load(Workflow, origin.workflow_id, what="This workflow"))
    return insert_fork(uow, origin, plan_fork(uow, origin, wish), key=key, request_hash=request_hash)


def describe_fork(
    uow: UnitOfWork,
    *,
    run_id: object,
    how: object = "from",
    node: object = "",
    iteration: object = "",
    seq: object = None,
    version: object = "same",
    edits: object = None,
) -> ForkPreview:
    """What such a fork would keep, do again and drop, and why; it starts nothing. Refuses what `fork_run` refuses."""
    require(uow, Permission.VIEW)
    origin = uow.load(Run, parse_id(run_id), what="This run")
    wish = read_wish(how=how, node=node, iteration=iteration, seq=seq, version=version, edits=edits)
    return _preview(plan_fork(uow, origin, wish))


def get_blank_result(uow: UnitOfWork, *, run_id: object, node: object) -> JsonValue:
    """What a step that gave nothing would give, empty, to be filled in by hand; None where its shape is not known."""
    require(uow, Permission.VIEW)
    origin = uow.load(Run, parse_id(run_id), what="This run")
    return blank_result(uow, origin.plan_id, node) if isinstance(node, str) else None


def insert_fork(uow: UnitOfWork, origin: Run, fork: PlannedFork, *, key: str | None = None, request_hash: str = "") -> RunRow:
    """Write the new run with its history."""
    setup = fork.source.setup
    new = NewRun(
        kind=origin.kind if setup.only is not None else "workflow",
        title=origin.title,
        plan_id=pin_plan(uow, fork.source),
        inputs=fork.inputs,
        workflow_id=origin.workflow_id,
        workflow_revision=fork.revision,
        origin_run_id=origin.id,
        fork_seq=fork.seq,
        idempotency_key=key,
        request_hash=request_hash if key else None,
        started_by=StartedBy(RunTrigger.FORK),
        is_dry=setup.is_dry,
        history=fork.kept.history,
    )
    return get_run_row(uow, run_id=insert_run(uow, new))


def _preview(fork: PlannedFork) -> ForkPreview:
    labels = {node.id: step_name(node.id, node.kind, node.label) for node in fork.source.workflow.nodes}
    settled = {node for node, _ in fork.kept.settled}
    recorded = {node for node, _ in fork.record.ends}
    partly = {node for node, iteration in (fork.record.ends.keys() - fork.kept.settled) if iteration and node in settled}
    left_out = partly | _skipped(fork) | _only_written(fork)
    kept = [node for node in fork.plan.nodes if node in settled and node not in left_out]
    again = [node for node in fork.plan.nodes if node not in settled or node in partly]
    dropped = [DroppedStep(node, labels.get(node, node), reason) for node, reason in fork.fit.unfit.items() if node in recorded]
    return ForkPreview(
        kept=tuple(kept),
        again=tuple(again),
        dropped=tuple(dropped),
        changed=tuple(labels[node] for node in kept if node in fork.fit.changed),
        labels=labels,
        is_dry=fork.source.setup.is_dry,
    )


def _only_written(fork: PlannedFork) -> set[str]:
    """Steps of which nothing is kept: whatever they give was written by hand."""
    sources = [(event.node, event.data.get("source")) for event in fork.kept.history if event.type in _ENDS]
    return {node for node, source in sources if node and source == "edited"} - {node for node, source in sources if source == "kept"}


def _skipped(fork: PlannedFork) -> set[str]:
    """Steps that the fork knows not to be reached."""
    finished = {event.node for event in fork.kept.history if "output" in event.data or "error" in event.data}
    return {node for node, _ in fork.kept.settled if node not in finished}
