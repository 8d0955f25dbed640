"""Outputs pinned to steps of a draft: test runs from the editor use them instead of running the step; nothing else ever does."""

import json
import uuid
from collections.abc import Mapping, Sequence

import sqlalchemy as sa
from sqlmodel import col

from app.core.errors import Invalid, LimitReached, NotFound
from app.core.permissions import Permission, require
from app.core.uow import UnitOfWork
from app.services.definitions import load_agents, named_agents
from app.services.workflows.rows import load_workflow
from app.views.workflows import PinCard
from engine.errors import NodeFailed, SpecError
from engine.json import JsonObject, JsonValue
from engine.nodes.registry import KINDS
from engine.run.written import read_output
from engine.spec.agent import AgentSpec
from engine.spec.guard import JsonLimits, check_json
from engine.spec.setup import Pin
from engine.spec.upgrade import load_workflow as read_workflow
from engine.spec.workflow import NodeSpec, WorkflowSpec
from models.workflow import NodePin

MAX_PINS = 200
MAX_PIN_BYTES = 256_000
MAX_TOTAL_BYTES = 2_000_000
VALUE_LIMITS = JsonLimits(depth=40, values=100_000, string_chars=MAX_PIN_BYTES, total_chars=MAX_PIN_BYTES)
_pin: sa.Table = NodePin.__table__  # type: ignore[attr-defined]


def list_pins(uow: UnitOfWork, *, workflow_id: object) -> tuple[PinCard, ...]:
    """Every pin of the workflow, by node; `problem` says why one is not used at present."""
    require(uow, Permission.VIEW)
    workflow = load_workflow(uow, workflow_id)
    rows = _pins_of(uow, workflow.id)
    if not rows:
        return ()
    spec = _read(workflow.draft)
    agents = load_agents(uow, named_agents(spec))
    return tuple(_card(row, _problem(row, spec, agents)) for row in rows)


def pin_output(uow: UnitOfWork, *, workflow_id: object, node: object, output: object, port: object = None) -> PinCard:
    """Pin an output to a step, in place of an earlier one. Raises Invalid for what the step cannot give, LimitReached."""
    require(uow, Permission.EDIT)
    workflow = load_workflow(uow, workflow_id, for_update=True)
    spec = _read(workflow.draft)
    found = _find_node(spec, node)
    value, size = _read_value(output)
    others = [row for row in _pins_of(uow, workflow.id) if row.node != found.id]
    _require_room(others, size)
    try:
        written = read_output(
            found, value, port if isinstance(port, str) and port else None, kinds=KINDS, agents=load_agents(uow, named_agents(spec))
        )
    except NodeFailed as error:
        raise Invalid(error.message, fields={error.field or "output": error.message}) from error
    row = uow.session.exec(uow.scoped(NodePin).where(NodePin.workflow_id == workflow.id, NodePin.node == found.id)).first()
    if row is None:
        row = NodePin(workspace_id=workflow.workspace_id, workflow_id=workflow.id, node=found.id, kind=found.kind, size_bytes=size)
    row.kind, row.output, row.port, row.size_bytes = found.kind, written.output, written.port, size
    row.updated_at = uow.ports.clock.now()
    row.created_by = uow.actor.user_id if uow.actor else None
    uow.session.add(row)
    uow.session.flush()
    return _card(row, "")


def unpin_output(uow: UnitOfWork, *, workflow_id: object, node: object) -> None:
    """Let the step run again in test runs; one that is not pinned stays so."""
    require(uow, Permission.EDIT)
    workflow = load_workflow(uow, workflow_id)
    if isinstance(node, str):
        row = next((row for row in _pins_of(uow, workflow.id) if row.node == node), None)
        if row is not None:
            uow.session.delete(row)
            uow.session.flush()


def usable_pins(uow: UnitOfWork, workflow_id: uuid.UUID, spec: WorkflowSpec, agents: Mapping[str, AgentSpec]) -> dict[str, Pin]:
    """The pins that fit the definition, for a test run of it."""
    rows = _pins_of(uow, workflow_id)
    return {row.node: Pin(output=row.output, port=row.port) for row in rows if not _problem(row, spec, agents)}  # type: ignore[arg-type]


def move_pins(uow: UnitOfWork, workflow_id: uuid.UUID, renames: Sequence[tuple[str, str]]) -> None:
    """Keep pins with their steps when those get other ids, in order; a pin left behind by a step that is gone gives way."""
    for before, after in renames:
        rows = {row.node: row for row in _pins_of(uow, workflow_id)}
        if before in rows:
            if after in rows:
                uow.session.delete(rows[after])
                uow.session.flush()
            rows[before].node = after
            uow.session.add(rows[before])
            uow.session.flush()


def _pins_of(uow: UnitOfWork, workflow_id: uuid.UUID) -> list[NodePin]:
    return list(uow.session.exec(uow.scoped(NodePin).where(NodePin.workflow_id == workflow_id).order_by(col(NodePin.node))))


def _read(draft: JsonObject) -> WorkflowSpec:
    try:
        return read_workflow(draft)
    except SpecError as error:
        raise Invalid("This workflow cannot be read.") from error


def _find_node(spec: WorkflowSpec, node: object) -> NodeSpec:
    found = next((one for one in spec.nodes if one.id == node), None) if isinstance(node, str) else None
    if found is None:
        raise NotFound("This step")
    return found


def _read_value(output: object) -> tuple[JsonValue, int]:
    try:
        check_json(output, limits=VALUE_LIMITS)
    except SpecError as error:
        message = f"{error.findings[0].message} {error.findings[0].remedy}".strip()
        raise Invalid(message, fields={"output": message}) from error
    size = len(json.dumps(output, ensure_ascii=False).encode())
    if size > MAX_PIN_BYTES:
        message = f"A pinned output has at most {MAX_PIN_BYTES // 1000} kB; this one has {size // 1000} kB. Keep what the next steps need."
        raise LimitReached(message, fields={"output": message})
    return output, size  # type: ignore[return-value] - check_json has looked at all of it


def _require_room(others: list[NodePin], size: int) -> None:
    if len(others) >= MAX_PINS:
        raise LimitReached(f"A workflow has at most {MAX_PINS} pinned outputs. Unpin some first.")
    if size + sum(row.size_bytes for row in others) > MAX_TOTAL_BYTES:
        raise LimitReached(f"The pinned outputs of a workflow have at most {MAX_TOTAL_BYTES // 1_000_000} MB together. Unpin some first.")


def _problem(row: NodePin, spec: WorkflowSpec, agents: Mapping[str, AgentSpec]) -> str:
    node = next((one for one in spec.nodes if one.id == row.node), None)
    if node is None:
        return "The step is gone."
    if node.kind != row.kind:
        return "The step is of another kind now. Pin a new output."
    try:
        read_output(node, row.output, row.port, kinds=KINDS, agents=agents)  # type: ignore[arg-type] - came out of a JSON column
    except NodeFailed as error:
        return error.message
    return ""


def _card(row: NodePin, problem: str) -> PinCard:
    return PinCard(node=row.node, output=row.output, port=row.port, pinned_at=row.updated_at, problem=problem)  # type: ignore[arg-type]
