"""Works a wished fork out: which plan it runs on, what of the origin is kept, what a person wrote instead; nothing is stored here."""

import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from app.core.errors import Conflict, Invalid
from app.core.uow import UnitOfWork
from app.services.runs.claim import read_plans
from app.services.runs.fork_wish import Edit, ForkWish
from app.services.runs.history import read_until
from app.services.runs.inputs import read_answers
from app.services.runs.start import read_draft
from app.services.workflows import usable_pins
from engine.errors import NodeFailed, SpecError
from engine.json import JsonObject, JsonValue, as_object
from engine.nodes.registry import KINDS
from engine.run.fit import Fit, compare_definitions
from engine.run.fork import ForkPoint, Kept, Written, fork_history
from engine.run.frames import Key
from engine.run.plan import Plan, compile_plan
from engine.run.record import Record, read_record
from engine.run.written import blank_output, read_inputs, read_output
from engine.spec.setup import RunSetup, place_key
from engine.spec.upgrade import load_plan
from engine.spec.workflow import RunPlan
from models.base import utc_now
from models.run import Run, RunStatus
from models.workflow import Workflow


@dataclass(frozen=True, slots=True)
class PlannedFork:
    """Everything a fork will be made of. `fit` tells what of the origin the newer version has no use for."""

    source: RunPlan
    plan: Plan
    record: Record
    kept: Kept
    fit: Fit
    seq: int
    inputs: JsonObject
    revision: int | None


def plan_fork(uow: UnitOfWork, origin: Run, wish: ForkWish) -> PlannedFork:
    """Raises Conflict where the origin allows no such fork, Invalid with one message per step for values that do not fit."""
    if origin.kind == "chat":
        raise Conflict("A chat answer cannot be forked. Write it anew in its conversation.")
    seq = min(wish.seq or origin.next_seq - 1, origin.next_seq - 1)
    record = read_record(read_until(uow.session.connection(), origin.id, seq))
    before = read_plan(uow, origin.plan_id)
    after, revision = (before, origin.workflow_revision) if wish.version == "same" else _current(uow, origin, before.setup, wish)
    fit = compare_definitions(before.workflow, after.workflow, KINDS) if wish.version == "current" else Fit()
    plan = compile_known(after)
    change = _Change(record, plan, after)
    change.take_root(wish, origin)
    change.take_edits(wish.edits)
    if change.given:
        after = after.model_copy(update={"setup": after.setup.model_copy(update={"given": {**after.setup.given, **change.given}})})
        plan = compile_known(after)
    note = _note(origin.id, seq, wish, fit, record)
    point = ForkPoint(again=frozenset(change.again), written=change.written, unfit=frozenset(fit.unfit), inputs=change.inputs, note=note)
    try:
        kept = fork_history(plan, record, point, at=utc_now())
    except NodeFailed as error:
        raise Invalid(error.message, fields={error.field or "edits": error.message}, code=error.code) from error
    return PlannedFork(after, plan, record, kept, fit, seq, change.inputs or record.inputs, revision)


def blank_result(uow: UnitOfWork, plan_id: uuid.UUID, node: str) -> JsonValue:
    """A result of the shape that a step of a pinned plan gives, with nothing in it; None where that is not known."""
    source = read_plan(uow, plan_id)
    spec = next((one for one in source.workflow.nodes if one.id == node), None)
    try:
        return None if spec is None else blank_output(spec, kinds=KINDS, agents=source.agents)
    except NodeFailed:
        return None


def read_plan(uow: UnitOfWork, plan_id: uuid.UUID) -> RunPlan:
    """The plan a run was pinned to; Conflict for one that a newer version of the product made."""
    content = read_plans(uow.session.connection(), [plan_id])[plan_id]
    try:
        return load_plan(content)
    except SpecError as error:
        raise Conflict(error.findings[0].message) from error


def compile_known(source: RunPlan) -> Plan:
    """The runnable plan; Conflict for one that this version of the product cannot run any more."""
    try:
        return compile_plan(source, KINDS)
    except SpecError as error:
        raise Conflict("This version of the workflow cannot run any more. Use the current version instead.") from error


def _current(uow: UnitOfWork, origin: Run, setup: RunSetup, wish: ForkWish) -> tuple[RunPlan, int]:
    workflow = uow.load(Workflow, origin.workflow_id, what="This workflow")
    plan = read_draft(uow, workflow)
    pins = usable_pins(uow, workflow.id, plan.workflow, plan.agents) if wish.with_pins else {}
    own = RunSetup(pins=pins, is_dry=setup.is_dry, models=setup.models)
    return plan.model_copy(update={"setup": own}), workflow.revision


class _Change:
    """What the wish says, in the engine's terms."""

    def __init__(self, record: Record, plan: Plan, source: RunPlan) -> None:
        self.record = record
        self.plan = plan
        self.source = source
        self.again: set[Key] = set()
        self.written: dict[Key, Written] = {}
        self.given: dict[str, JsonObject] = {}
        self.inputs: JsonObject | None = None

    def take_root(self, wish: ForkWish, origin: Run) -> None:
        if wish.how == "from":
            self.again.update(self._places(wish.node, wish.iteration))
        elif wish.how == "failed":
            failed = failed_places(self.record, self.plan)
            if not failed and origin.status not in (RunStatus.FAILED, RunStatus.CANCELLED):
                raise Conflict("Nothing failed in this run.")
            self.again.update(failed)

    def _places(self, node: str, iteration: str) -> Iterable[Key]:
        """The step in one entry of its container, or in every entry that was reached."""
        planned = self.plan.nodes.get(node)
        if planned is None:
            raise _wrong(node, f"The step '{node}' is not in this version of the workflow.")
        if planned.scope.container is None:
            if iteration:
                raise _wrong(node, f"“{planned.name}” stands in no container, so it has no entry '{iteration}'.")
            return [(node, "")]
        reached = {key for key in (*self.record.ends, *self.record.starts) if key[0] == node and iteration in ("", key[1])}
        if not reached:
            where = f"for entry '{iteration}'" if iteration else "for any entry"
            raise _wrong(node, f"“{planned.name}” did not run {where} of “{planned.scope.container.name}” in that run.")
        return reached

    def take_edits(self, edits: Iterable[Edit]) -> None:
        for edit in edits:
            key = next(iter(self._places(edit.node, edit.iteration)))
            if key[1] != edit.iteration:
                raise _wrong(edit.node, f"Say for which entry of its container the value of '{edit.node}' is written, such as '0'.")
            try:
                self._take(edit, key)
            except NodeFailed as error:
                raise Invalid(error.message, fields=_fields_of(edit, error)) from error

    def _take(self, edit: Edit, key: Key) -> None:
        node = self.plan.nodes[edit.node]
        if node.kind.is_entry:
            given = as_object(edit.value)
            self.inputs = read_answers(self.source.workflow, {} if given is None else given)
            self.again.add(key)
        elif edit.field == "output":
            self.written[key] = read_output(node.spec, edit.value, edit.port, kinds=KINDS, agents=self.source.agents)
        else:
            self.given[place_key(*key)] = read_inputs(node.spec, edit.value, kinds=KINDS)
            self.again.add(key)


def failed_places(record: Record, plan: Plan) -> set[Key]:
    """Where failures began, not the containers they brought down; entries a list went on without only if nothing else failed."""
    failed = {key for key in record.failed() if key[0] in plan.nodes}
    causes = failed - {around for key in failed for around in _around(plan, key)}
    tolerated = {key for key in causes if any(record.result(around) is not None for around in _around(plan, key))}
    return causes - tolerated or causes


def _around(plan: Plan, key: Key) -> Iterator[Key]:
    """The containers around a step, innermost first, each in its own entry."""
    container, iteration = plan.nodes[key[0]].scope.container, key[1]
    while container is not None:
        iteration = iteration.rpartition("/")[0]
        yield container.id, iteration
        container = container.scope.container


def _note(origin: uuid.UUID, seq: int, wish: ForkWish, fit: Fit, record: Record) -> JsonObject:
    recorded = {node for node, _ in record.ends}
    note: JsonObject = {"run": str(origin), "seq": seq, "how": wish.how, "version": wish.version}
    if wish.node:
        note |= {"node": wish.node, "iteration": wish.iteration}
    if wish.edits:
        note["edits"] = [{"node": edit.node, "iteration": edit.iteration, "field": edit.field} for edit in wish.edits]
    dropped = [{"node": node, "reason": reason} for node, reason in fit.unfit.items() if node in recorded]
    return {**note, "dropped": dropped} if dropped else note


def _fields_of(edit: Edit, error: NodeFailed) -> dict[str, str]:
    if edit.field == "inputs" and error.details:
        return {f"{edit.node}.{name}": str(text) for name, text in error.details.items()}
    return {edit.node: error.message}


def _wrong(node: str, message: str) -> Invalid:
    return Invalid(message, fields={node: message})
