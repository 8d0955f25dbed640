"""Test runs from the editor: of the draft with its pinned outputs, dry, only as far as a step, from a step on, or of one step alone."""

from collections.abc import Sequence

from sqlmodel import col

from app.core.errors import Conflict, Invalid, NotFound
from app.core.permissions import Permission, require
from app.core.uow import UnitOfWork
from app.services.runs.fork_plan import compile_known, plan_fork
from app.services.runs.fork_wish import ForkWish, check_value, read_place
from app.services.runs.forks import insert_fork
from app.services.runs.history import read_until
from app.services.runs.inputs import check_inputs, read_answers
from app.services.runs.pinning import pin_plan
from app.services.runs.queries import get_run_row
from app.services.runs.start import NewRun, StartedBy, insert_run, read_draft, take_draft
from app.services.workflows import usable_pins
from app.views.runs import RunRow
from engine.errors import NodeFailed
from engine.json import JsonObject, JsonValue, as_object
from engine.nodes.registry import KINDS
from engine.run.cut import containers_around, needed_for
from engine.run.events import EventType, JournalEvent
from engine.run.record import Record, read_record
from engine.run.single import SingleStep, single_history
from engine.run.written import read_output
from engine.spec.setup import Pin, RunSetup
from engine.spec.workflow import NodeSpec, RunPlan, WorkflowSpec
from models.base import utc_now
from models.ids import parse_id
from models.run import Run, RunTrigger
from models.workflow import Workflow


def start_test_run(uow: UnitOfWork, *, workflow_id: object, inputs: object, is_dry: bool = False, models: object = "as_set") -> RunRow:
    """Run the draft with its pinned outputs. Dry: nothing is changed outside and nobody is asked; `models` demo: the demo model answers."""
    require(uow, Permission.RUN)
    workflow = uow.load(Workflow, parse_id(workflow_id), what="This workflow")
    given = check_inputs(inputs)
    plan = take_draft(uow, workflow)
    setup = _setup(is_dry=is_dry, models=models, pins=usable_pins(uow, workflow.id, plan.workflow, plan.agents))
    return _insert(uow, workflow, _with(plan, setup), _opening(read_answers(plan.workflow, given)), kind="workflow")


def run_until(
    uow: UnitOfWork, *, workflow_id: object, node: object, inputs: object = None, is_dry: bool = False, models: object = "as_set"
) -> RunRow:
    """Run the draft, with its pinned outputs, only as far as a step; without inputs, with those of the last run."""
    require(uow, Permission.RUN)
    workflow = uow.load(Workflow, parse_id(workflow_id), what="This workflow")
    target, _ = read_place(node, "")
    plan = read_draft(uow, workflow, only=lambda found: needed_for(found, target))
    spec, agents = plan.workflow, plan.agents
    only = _require_step(spec, target)
    setup = _setup(is_dry=is_dry, models=models, pins=usable_pins(uow, workflow.id, spec, agents), only=only)
    base = _last_run(uow, workflow) if inputs is None else None
    given = check_inputs(inputs) if inputs is not None else {} if base is None else base.inputs
    history = _opening(read_answers(spec, given), {"how": "until", "node": target, "iteration": ""})
    return _insert(uow, workflow, _with(plan, setup), history, kind="step", is_several=True)


def run_from(uow: UnitOfWork, *, workflow_id: object, node: object, iteration: object = "", base_run_id: object = None) -> RunRow:
    """Run the draft, with its pinned outputs, from a step on; what stands before it is kept of a run, by default the last."""
    require(uow, Permission.RUN)
    workflow = uow.load(Workflow, parse_id(workflow_id), what="This workflow")
    base = _base_run(uow, workflow, base_run_id)
    if base is None:
        raise Conflict("This workflow has not run yet, so there is nothing to keep. Run it once, or run until here.")
    place = read_place(node, iteration)
    wish = ForkWish(how="from", node=place[0], iteration=place[1], version="current", with_pins=True)
    return insert_fork(uow, base, plan_fork(uow, base, wish))


def run_step(
    uow: UnitOfWork,
    *,
    workflow_id: object,
    node: object,
    iteration: object = "",
    base_run_id: object = None,
    results: object = None,
    inputs: object = None,
    is_dry: bool = False,
    models: object = "as_set",
) -> RunRow:
    """Run one step of the draft alone, on what stands before it: `results` by step id, else pinned outputs, else a run's (the last one's).

    Raises Invalid naming the steps whose results are missing or do not fit.
    """
    require(uow, Permission.RUN)
    workflow = uow.load(Workflow, parse_id(workflow_id), what="This workflow")
    target, entry = read_place(node, iteration)
    plan = read_draft(uow, workflow, only=lambda found: [target, *containers_around(_by_id(found), target)])
    spec, agents = plan.workflow, plan.agents
    only = _require_step(spec, target)
    base = _base_run(uow, workflow, base_run_id)
    setup = _setup(is_dry=is_dry or (base is not None and base.is_dry), models=models, only=only)
    source = _with(plan, setup)
    pins = {name: pin.output for name, pin in usable_pins(uow, workflow.id, spec, agents).items() if name != target}
    seq = 0 if base is None else base.next_seq - 1
    record = Record() if base is None else read_record(read_until(uow.session.connection(), base.id, seq))
    note: JsonObject = {"how": "step", "node": target, "iteration": entry, "version": "current"}
    step = SingleStep(
        node=target,
        iteration=entry or _first_entry(record, spec, target),
        results={**pins, **_read_results(results, source)},
        inputs=None if inputs is None else read_answers(spec, check_inputs(inputs)),
        note=note if base is None else {**note, "run": str(base.id), "seq": seq},
    )
    return _insert(uow, workflow, source, _history(source, record, step), kind="step", base=base, is_several=_runs_others(spec, target))


def _history(source: RunPlan, record: Record, step: SingleStep) -> list[JournalEvent]:
    try:
        return single_history(compile_known(source), record, step, at=utc_now())
    except NodeFailed as error:
        fields = {name: str(text) for name, text in error.details.items()} or {error.field or step.node: error.message}
        raise Invalid(error.message, fields=fields, code=error.code) from error


def _insert(
    uow: UnitOfWork,
    workflow: Workflow,
    source: RunPlan,
    history: Sequence[JournalEvent],
    *,
    kind: str,
    base: Run | None = None,
    is_several: bool = False,
) -> RunRow:
    new = NewRun(
        kind=kind,
        title=workflow.name,
        plan_id=pin_plan(uow, source),
        inputs=history[0].data["inputs"],
        workflow_id=workflow.id,
        workflow_revision=workflow.revision,
        origin_run_id=None if base is None else base.id,
        fork_seq=None if base is None else base.next_seq - 1,
        started_by=StartedBy(RunTrigger.MANUAL if base is None else RunTrigger.FORK),
        is_dry=source.setup.is_dry,
        is_several=is_several,
        history=history,
    )
    return get_run_row(uow, run_id=insert_run(uow, new))


def _runs_others(spec: WorkflowSpec, target: str) -> bool:
    """Whether the step is a whole workflow of its own, or holds steps."""
    kind = next((KINDS[one.kind] for one in spec.nodes if one.id == target), None)
    return kind is not None and (kind.is_container or kind.kind == "workflow")


def _opening(inputs: JsonObject, note: JsonObject | None = None) -> list[JournalEvent]:
    data: JsonObject = {"inputs": inputs}
    return [JournalEvent(EventType.RUN_STARTED, utc_now(), data=data if note is None else {**data, "fork": note})]


def _setup(*, is_dry: bool, models: object, pins: dict[str, Pin] | None = None, only: tuple[str, ...] | None = None) -> RunSetup:
    if models not in ("as_set", "demo"):
        message = "Choose as_set (the models of the steps) or demo (the demo model)."
        raise Invalid(message, fields={"models": message})
    return RunSetup(only=only, pins=pins or {}, is_dry=is_dry is True, models="demo" if models == "demo" else "as_set")


def _with(plan: RunPlan, setup: RunSetup) -> RunPlan:
    return plan.model_copy(update={"setup": setup})


def _require_step(spec: WorkflowSpec, node: str) -> tuple[str, ...]:
    only = needed_for(spec, node)
    kind = next((KINDS.get(one.kind) for one in spec.nodes if one.id == node), None)
    if not only or kind is None or kind.is_drawing:
        raise NotFound("This step")
    return only


def _base_run(uow: UnitOfWork, workflow: Workflow, run_id: object) -> Run | None:
    """The run to build on: a given one of this workflow, or the last one."""
    if run_id is None or run_id == "":
        return _last_run(uow, workflow)
    run = uow.load(Run, parse_id(run_id), what="This run")
    if run.workflow_id != workflow.id:
        raise NotFound("This run")
    return run


def _last_run(uow: UnitOfWork, workflow: Workflow) -> Run | None:
    newest = uow.scoped(Run).where(Run.workflow_id == workflow.id, Run.kind == "workflow").order_by(col(Run.id).desc()).limit(1)
    return uow.session.exec(newest).first()


def _read_results(results: object, source: RunPlan) -> dict[str, JsonValue]:
    """Results by step id, each one that the step could have given."""
    if results is None:
        return {}
    given = as_object(results)
    if given is None:
        message = "Give an object with one value per step id."
        raise Invalid(message, fields={"results": message})
    nodes, problems, read = _by_id(source.workflow), dict[str, str](), dict[str, JsonValue]()
    for name, value in given.items():
        node, _ = read_place(name, "")
        if node not in nodes:
            problems[node] = f"There is no step '{node}'."
            continue
        try:
            read[node] = read_output(nodes[node], check_value({"value": value}, node), None, kinds=KINDS, agents=source.agents).output
        except NodeFailed as error:
            problems[node] = error.message
    if problems:
        raise Invalid("Check the results.", fields=problems)
    return read


def _by_id(spec: WorkflowSpec) -> dict[str, NodeSpec]:
    return {node.id: node for node in spec.nodes}


def _first_entry(record: Record, spec: WorkflowSpec, node: str) -> str:
    """The first recorded entry of the containers around a step; "" where there is none, or where it stands in none."""
    depth = len(containers_around(_by_id(spec), node))
    reached = [key[1] for key in (*record.ends, *record.starts) if key[0] == node]
    return min(reached, key=_order, default="/".join("0" * depth)) if depth else ""


def _order(iteration: str) -> list[int]:
    return [int(part) for part in iteration.split("/") if part.isdecimal()]
