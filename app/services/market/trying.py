"""Trying a listing before it is installed or paid: one dry run with the demo model, in a workspace where nobody is.

No credential is there, nothing leaves the machine, and nobody reads how it works; the visitor gets the result. Where a person
would be asked, the trial ends with the question, and another one goes on with the button that the visitor presses.
"""

import uuid
from collections.abc import Generator
from contextlib import contextmanager
from datetime import timedelta

import sqlalchemy as sa
from sqlmodel import col, select

from app.core.bulk import insert_into
from app.core.errors import Conflict, LimitReached, NotFound
from app.core.permissions import Permission, require_or_visitor
from app.core.uow import Actor, UnitOfWork
from app.services.market.access import load_listing, version_for
from app.services.market.trial_answers import pressed, question_of
from app.services.runs.inputs import check_inputs, read_answers
from app.services.runs.pinning import pin_plan
from app.services.runs.sealing import told_outside
from app.services.runs.start import NewRun, StartedBy, insert_run
from app.services.sealed import open_package
from app.views.trials import TrialResult
from engine.blueprint.bundle import Bundle
from engine.nodes.registry import KINDS
from engine.spec.setup import RunSetup
from engine.spec.workflow import CalledWorkflow, RunLimits, RunPlan
from models.ids import parse_id
from models.listing import Listing
from models.run import TERMINAL, Run, RunStatus, RunTrigger
from models.workspace import Role, Workspace

SANDBOX = uuid.UUID("00000000-0000-7000-8000-0000000071a1")
NOBODY = uuid.UUID(int=0)
LIMITS = RunLimits(max_parallel=4, timeout_s=60, max_steps=300, max_tokens=60_000)
EACH_HOUR = 20  # for one visitor, and for one workspace
EACH_LISTING = 300
HOUR_S = 3600
KEPT_FOR = timedelta(days=1)
MOST_FORGOTTEN = 50
FAILED = "A step failed in this trial. It may need what a trial has not: real models, other systems, or your own data."


def start_trial(uow: UnitOfWork, *, slug: object, inputs: object, answers: object = None, network: str = "") -> str:
    """Begin one and return what names it. `answers` presses buttons where trials before it stopped: {question id: button id}.

    `network` is where a visitor comes from, as the edge knows it.

    Raises Invalid with one message per input field, LimitReached after too many.
    """
    require_or_visitor(uow, Permission.RUN)
    listing = load_listing(uow, slug)
    version = version_for(uow, listing)
    bundle = open_package(version)
    main = next(iter(bundle.workflows.values()))
    given = read_answers(main, check_inputs(inputs))
    presses = pressed(main, {} if answers is None else answers)
    _throttle(uow, listing, str(uow.workspace_id) if uow.actor else network)
    connection = uow.session.connection()
    with _sandbox(uow):
        _open_sandbox(uow)
        _forget(uow)
        plan_id = pin_plan(uow, _plan(bundle, presses), sealed_by=version.id)
        new = NewRun(
            kind="workflow", title=listing.name, plan_id=plan_id, inputs=given, started_by=StartedBy(RunTrigger.TRIAL),
            is_dry=True, sealed_by=version.id,
        )  # fmt: skip
        run_id = insert_run(uow, new)
    counted = {"trial_count": Listing.trial_count + 1, "updated_at": Listing.updated_at}
    connection.execute(sa.update(Listing).where(col(Listing.id) == listing.id).values(counted))
    uow.session.expire(listing)
    return str(run_id)


def get_trial(uow: UnitOfWork, *, trial_id: object) -> TrialResult:
    """How it stands, for whoever knows its name. Why it failed is told without what is inside."""
    require_or_visitor(uow, Permission.VIEW)
    with _sandbox(uow):
        wanted = select(Run).where(Run.workspace_id == SANDBOX, Run.id == parse_id(trial_id), uow.within_reach(Run, figures=True))
        run = uow.session.exec(wanted).first()
        question = question_of(uow, run) if run and run.status == RunStatus.WAITING else None
    if run is None:
        raise NotFound("This trial")
    is_over = RunStatus(run.status) in TERMINAL or question is not None
    took = (run.finished_at - run.started_at).total_seconds() if run.finished_at and run.started_at else 0.0
    error = told_outside(run.error, otherwise=FAILED) or {}
    output = run.output if isinstance(run.output, dict) else {"result": run.output}
    return TrialResult(
        id=str(run.id),
        status=run.status,
        is_over=is_over,
        output=output if run.status == RunStatus.SUCCEEDED else {},
        problem=str(error.get("message", "")) if is_over else "",
        seconds=took,
        question=question,
    )


def _plan(bundle: Bundle, presses: dict[str, str]) -> RunPlan:
    """The main workflow as a trial runs it. What it calls is stood in for, as are calls to the outside."""
    spec = next(iter(bundle.workflows.values()))
    setup = RunSetup(is_dry=True, models="demo", reach="nothing", unknown="fail", people="ask", presses=presses)
    if any(node.kind not in KINDS for node in spec.nodes):
        raise Conflict("This listing needs a newer version of the product, so it cannot be tried here.")
    called = {one: CalledWorkflow(name=found.name) for one, found in bundle.workflows.items()}
    return RunPlan(workflow=spec.model_copy(update={"limits": LIMITS}), agents=bundle.agents, workflows=called, setup=setup)


@contextmanager
def _sandbox(uow: UnitOfWork) -> Generator[None]:
    """As somebody of the sandbox, where nobody is, while it lasts."""
    asked_by, uow.actor = uow.actor, Actor(user_id=NOBODY, workspace_id=SANDBOX, role=Role.MEMBER)
    try:
        yield
    finally:
        uow.actor = asked_by


def _open_sandbox(uow: UnitOfWork) -> None:
    connection, now = uow.session.connection(), uow.ports.clock.now()
    row = {"id": SANDBOX, "name": "Trials", "created_at": now, "updated_at": now}
    table: sa.Table = Workspace.__table__  # type: ignore[attr-defined]
    connection.execute(insert_into(connection, table).values(row).on_conflict_do_nothing(index_elements=["id"]))


def _throttle(uow: UnitOfWork, listing: Listing, who: str) -> None:
    hit = uow.ports.limiter.hit
    if hit(f"trial:{who}", allowed=EACH_HOUR, window_s=HOUR_S) > 0:
        raise LimitReached(f"You have tried {EACH_HOUR} times within an hour. Try again later, or install it.")
    if hit(f"trial-of:{listing.id}", allowed=EACH_LISTING, window_s=HOUR_S) > 0:
        raise LimitReached("This listing is tried very often just now. Try again in an hour.")


def _forget(uow: UnitOfWork) -> None:
    """Trials are forgotten after a day, with all that hangs on them."""
    columns = Run.__table__.c  # type: ignore[attr-defined]
    old = sa.select(columns.id).where(columns.workspace_id == SANDBOX, columns.created_at < uow.ports.clock.now() - KEPT_FOR)
    ids = [row[0] for row in uow.session.connection().execute(old.limit(MOST_FORGOTTEN))]
    if ids:
        uow.session.connection().execute(sa.delete(Run.__table__).where(columns.id.in_(ids)))  # type: ignore[attr-defined]
