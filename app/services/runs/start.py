"""Starting runs: of a workflow as it stands, of a chat turn, and again with what an earlier run was given."""

import uuid
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from itertools import pairwise
from typing import Any

import sqlalchemy as sa

from app.core.bulk import insert_of
from app.core.errors import Conflict, Invalid
from app.core.permissions import Permission, require
from app.core.sql_clock import sql_now
from app.core.uow import UnitOfWork
from app.services.plans import count_task
from app.services.rented import refuse_lapsed
from app.services.runs.excerpt import excerpt_of
from app.services.runs.families import ring_later
from app.services.runs.history import read_opening
from app.services.runs.inputs import check_inputs, read_answers
from app.services.runs.journal import append_events, open_journal
from app.services.runs.pinning import digest_of, pin_plan, plan_runnable
from app.services.runs.queries import get_run_row
from app.services.runs.ringing import ring_after_commit
from app.services.runs.tables import run_table
from app.services.runs.waiting import FOR_WORKER
from app.services.workflows.versions import keep_what_runs
from app.views.runs import RunRow
from engine.errors import SpecError
from engine.json import JsonObject
from engine.run.events import EventType, JournalEvent
from engine.spec.agent import AgentSpec
from engine.spec.upgrade import load_workflow
from engine.spec.workflow import EdgeSpec, NodeSpec, Retry, RunPlan, WorkflowSpec
from models.base import utc_now
from models.ids import new_id, parse_id
from models.run import TERMINAL, Run, RunStatus, RunTrigger
from models.workflow import Workflow

MAX_KEY = 200
CHAT_SLUG = "agent"
CHAT_NODE = "answer"
CHAT_VARIABLES = "chat_variables"
CHAT_RETRY = Retry(attempts=3, delay_s=2.0, max_delay_s=30.0)  # providers are overloaded for seconds all the time
_AT_FIRST = {
    "status": RunStatus.QUEUED,
    "waiting_for": FOR_WORKER,
    "waited_ms": 0.0,
    "rung_at": sql_now(),
    "fence": 0,
    "recoveries": 0,
    "parent_iteration": "",
    "parent_attempt": 1,
    "depth": 0,
    "input_tokens": 0,
    "output_tokens": 0,
    "cost_micros": 0,
    "below_input_tokens": 0,
    "below_output_tokens": 0,
    "below_cost_micros": 0,
}


@dataclass(frozen=True, slots=True)
class StartedBy:
    """What started a run; `id` names the schedule, webhook or event rule."""

    trigger: RunTrigger
    id: uuid.UUID | None = None


BY_HAND = StartedBy(RunTrigger.MANUAL)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRun:
    """What a run row is made of. `is_several`: of kind step, and yet more than a single one."""

    kind: str
    title: str
    plan_id: uuid.UUID
    inputs: JsonObject
    workflow_id: uuid.UUID | None = None
    workflow_revision: int | None = None
    conversation_id: uuid.UUID | None = None
    origin_run_id: uuid.UUID | None = None
    idempotency_key: str | None = None
    request_hash: str | None = None
    started_by: StartedBy = BY_HAND
    is_dry: bool = False
    is_several: bool = False
    sealed_by: uuid.UUID | None = None  # nobody reads the run, and nobody has started it
    fork_seq: int | None = None
    history: Sequence[JournalEvent] = ()  # RUN_STARTED and what a fork keeps


def start_run(
    uow: UnitOfWork, *, workflow_id: object, inputs: object, idempotency_key: object = None, started_by: StartedBy = BY_HAND
) -> RunRow:
    """Start the workflow's draft as it stands now. The same key with the same request gives the same run, with another one Conflict.

    `started_by` comes from the edge or the trigger, never from a client.

    Raises Invalid with one message per input field, or, when the workflow has errors, per finding.
    """
    require(uow, Permission.RUN)
    workflow = uow.load(Workflow, parse_id(workflow_id), what="This workflow")
    given = check_inputs(inputs)
    key = clean_key(idempotency_key)
    request_hash = digest_of({"workflow": str(workflow.id), "inputs": given})
    known = known_run(uow, key, request_hash)
    if known is not None:
        return get_run_row(uow, run_id=known)
    plan = take_draft(uow, workflow)
    new = NewRun(
        kind="workflow",
        title=workflow.name,
        plan_id=pin_plan(uow, plan),
        inputs=read_answers(plan.workflow, given),
        workflow_id=workflow.id,
        workflow_revision=workflow.revision,
        idempotency_key=key,
        request_hash=request_hash if key else None,
        started_by=started_by,
    )
    return get_run_row(uow, run_id=insert_run(uow, new))


def take_draft(uow: UnitOfWork, workflow: Workflow) -> RunPlan:
    """What `read_draft` gives, kept as a version first, for a run of all of it."""
    keep_what_runs(uow, workflow)
    return read_draft(uow, workflow)


def read_draft(uow: UnitOfWork, workflow: Workflow, *, only: Callable[[WorkflowSpec], Collection[str]] | None = None) -> RunPlan:
    """The draft with all it names and calls, or Invalid with what keeps it, or the steps that `only` chooses, from running."""
    try:
        spec = load_workflow(workflow.draft)
    except SpecError as error:
        raise Invalid(
            "This workflow cannot be read.", fields={str(index): str(item) for index, item in enumerate(error.findings)}
        ) from error
    return plan_runnable(uow, spec, reference=str(workflow.id), name=workflow.name, only=None if only is None else only(spec))


def start_chat_run(
    uow: UnitOfWork,
    *,
    conversation_id: uuid.UUID,
    spec: AgentSpec,
    messages: Sequence[JsonObject],
    title: str,
    inputs: JsonObject | None = None,
    variables: JsonObject | None = None,
    slug: str = CHAT_SLUG,
) -> uuid.UUID:
    """Start the run behind a chat answer: start -> agent -> end. Returns the run's id; the run's output is the answer.

    `messages` are {role, content}, the last one the person's; `inputs` and `variables` are what the instructions call so. The caller
    has checked the conversation and the definition; its hook in app.wiring hears of the end.
    """
    require(uow, Permission.RUN)
    refuse_lapsed(uow, agents=[slug])
    is_question = bool(messages) and messages[-1].get("role") == "user"
    history, question = (messages[:-1], messages[-1]["content"]) if is_question else (messages, "")
    given = check_inputs({**(inputs or {}), "history": list(history), "message": question})
    if variables:
        given[CHAT_VARIABLES] = variables
    plan_id = pin_plan(uow, RunPlan(workflow=_chat_workflow(slug, spec, list(variables or {})), agents={slug: spec}))
    return insert_run(
        uow,
        NewRun(
            kind="chat", title=title, plan_id=plan_id, inputs=given, conversation_id=conversation_id, started_by=StartedBy(RunTrigger.CHAT)
        ),
    )


def _chat_workflow(slug: str, spec: AgentSpec, variables: Sequence[str]) -> WorkflowSpec:
    """A chat has no earlier steps, so one that sets the variables stands in for them."""
    config = {"agent": slug, "message": "{{ inputs.message }}", "history": "{{ inputs.history }}"}
    answer = f"{{{{ {CHAT_NODE}.data }}}}" if spec.output_schema is not None else f"{{{{ {CHAT_NODE}.text }}}}"
    setting: JsonObject = {"values": {name: f"{{{{ inputs.{CHAT_VARIABLES}.{name} }}}}" for name in variables}}
    setters = (NodeSpec(id="variables", kind="set_variables", config=setting),) if variables else ()
    nodes = (
        NodeSpec(id="start", kind="start"),
        *setters,
        NodeSpec(id=CHAT_NODE, kind="agent", label=spec.name, config=config, retry=CHAT_RETRY),
        NodeSpec(id="end", kind="end", config={"output": answer}),
    )
    edges = tuple(EdgeSpec(source=before.id, target=after.id) for before, after in pairwise(nodes))
    return WorkflowSpec(name=spec.name, nodes=nodes, edges=edges)


def retry_run(uow: UnitOfWork, *, run_id: object) -> RunRow:
    """Start anew what an ended run was given: the same pinned workflow, agents and inputs, and what a fork was given beside them."""
    require(uow, Permission.RUN)
    old = uow.load(Run, parse_id(run_id), what="This run")
    if old.kind == "chat":
        raise Conflict("A chat answer is written anew in its conversation.")
    if RunStatus(old.status) not in TERMINAL:
        raise Conflict("This run is not over yet. Cancel it first, or wait for it.")
    new = NewRun(
        kind=old.kind,
        title=old.title,
        plan_id=old.plan_id,
        inputs=old.inputs,
        workflow_id=old.workflow_id,
        workflow_revision=old.workflow_revision,
        origin_run_id=old.id,
        started_by=StartedBy(RunTrigger.RETRY),
        is_dry=old.is_dry,
        fork_seq=old.fork_seq,
        history=read_opening(uow.session.connection(), old.id, at=utc_now()) if old.fork_seq is not None or old.kind == "step" else (),
    )
    return get_run_row(uow, run_id=insert_run(uow, new))


def clean_key(key: object) -> str | None:
    """An idempotency key as a client sent it, or None without one."""
    if key is None or key == "":
        return None
    if not isinstance(key, str) or len(key) > MAX_KEY or not key.isprintable():
        message = f"The idempotency key must be printable text of at most {MAX_KEY} characters."
        raise Invalid(message, fields={"idempotency_key": message})
    return key


def known_run(uow: UnitOfWork, key: str | None, request_hash: str) -> uuid.UUID | None:
    """The run that this key started; Conflict when that was asked for otherwise."""
    if key is None:
        return None
    columns = run_table.c
    query = sa.select(columns.id, columns.request_hash).where(columns.workspace_id == uow.workspace_id, columns.idempotency_key == key)
    row = uow.session.connection().execute(query).first()
    if row is None:
        return None
    if row.request_hash != request_hash:
        raise Conflict("This idempotency key was used for another request. Use a new key, or repeat the first request unchanged.")
    return row.id


def is_task(new: NewRun) -> bool:
    """Whether plans count it. Trying out is free, and so is doing once more what was counted; runs below a run belong to it."""
    is_run = new.kind != "step" or new.is_several
    return is_run and not new.is_dry and new.started_by.trigger not in (RunTrigger.TEST, RunTrigger.RETRY)


def _admit(uow: UnitOfWork, new: NewRun) -> None:
    """What the month paid for a copy and the plan's tasks allow, or what they say against it."""
    refuse_lapsed(uow, workflows=[new.workflow_id] if new.workflow_id else ())
    if is_task(new):
        count_task(uow)


@lru_cache(maxsize=2)
def _insert_statement(dialect: str) -> Any:
    return insert_of(dialect, run_table).values(_AT_FIRST).on_conflict_do_nothing(index_elements=["workspace_id", "idempotency_key"])


def insert_run(uow: UnitOfWork, new: NewRun) -> uuid.UUID:
    """Write run, first event and doorbell; when somebody else just used the same key, answer with their run."""
    uow.session.flush()
    connection = uow.session.connection()
    run_id, now = new_id(), utc_now()
    row = {
        "id": run_id,
        "created_at": now,
        "updated_at": now,
        "workspace_id": uow.workspace_id,
        "kind": new.kind,
        "title": new.title[:160],
        "excerpt": "" if new.kind == "chat" else excerpt_of(new.inputs),
        "workflow_id": new.workflow_id,
        "workflow_revision": new.workflow_revision,
        "conversation_id": new.conversation_id,
        "origin_run_id": new.origin_run_id,
        "fork_seq": new.fork_seq,
        **{"is_dry": new.is_dry, "sealed_by": new.sealed_by},
        "trigger": new.started_by.trigger,
        "trigger_id": new.started_by.id,
        "plan_id": new.plan_id,
        "inputs": new.inputs,
        "idempotency_key": new.idempotency_key,
        "request_hash": new.request_hash,
        "created_by": uow.actor.user_id if uow.actor and new.sealed_by is None else None,
        "next_seq": 1 if new.history else 2,
    }
    inserted = connection.execute(_insert_statement(connection.dialect.name), row).rowcount
    if not inserted:
        known = known_run(uow, new.idempotency_key, new.request_hash or "")
        if known is None:
            raise Conflict("The run could not be started because of a change at the same moment. Try again.")
        return known
    _admit(uow, new)
    _begin(uow, run_id, new, now)
    return run_id


def _begin(uow: UnitOfWork, run_id: uuid.UUID, new: NewRun, now: datetime) -> None:
    connection = uow.session.connection()
    if new.history:
        append_events(connection, run_id, uow.workspace_id, new.history, hooks=uow.ports.end_hooks)
    else:
        open_journal(connection, run_id, JournalEvent(EventType.RUN_STARTED, now, data={"inputs": new.inputs}))
    ring_later(connection, [run_id])
    ring_after_commit(uow, run_id)
