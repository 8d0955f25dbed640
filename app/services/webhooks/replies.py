"""What a caller is told about the run: the answer of a respond step or the result, and the progress behind a status address."""

import hmac
import json
import uuid
from typing import Any

import sqlalchemy as sa

from app.core.errors import NotFound
from app.core.uow import UnitOfWork
from app.services.webhooks.request import shorten_reply
from app.services.webhooks.rows import delivery_table
from app.views.webhooks import Reply, RunProgress
from engine.json import JsonObject
from models.ids import parse_id
from models.run import TERMINAL, Run, RunStatus, Step, StepStatus
from models.webhook import Webhook

run_table: sa.Table = Run.__table__  # type: ignore[attr-defined]
step_table: sa.Table = Step.__table__  # type: ignore[attr-defined]
webhook_table: sa.Table = Webhook.__table__  # type: ignore[attr-defined]
_delivery, _run, _step = delivery_table.c, run_table.c, step_table.c
_FAILURES = {RunStatus.FAILED: ("run_failed", "The workflow failed."), RunStatus.CANCELLED: ("run_cancelled", "The run was cancelled.")}


def read_reply(uow: UnitOfWork, *, delivery_id: uuid.UUID) -> Reply | None:
    """The answer, once a respond step was reached or the run is over; None while it is still awaited."""
    columns = (_delivery.reply_nodes, _run.id, _run.status, _run.output)
    joined = delivery_table.join(run_table, run_table.c.id == _delivery.run_id)
    row = uow.session.connection().execute(sa.select(*columns).select_from(joined).where(_delivery.id == delivery_id)).first()
    if row is None:
        return None
    answer = _answered(uow, row.id, row.reply_nodes) if row.reply_nodes else None
    if answer is not None:
        return Reply(int(answer["status"]), dict(answer["headers"]), str(answer["body"]))
    if RunStatus(row.status) not in TERMINAL:
        return None
    if row.status == RunStatus.SUCCEEDED:
        return _json(200, {"run_id": str(row.id), "status": row.status, "output": row.output})
    code, message = _FAILURES[RunStatus(row.status)]
    return _json(500, {"run_id": str(row.id), "status": row.status, "error": {"code": code, "message": message, "fields": {}}})


def _answered(uow: UnitOfWork, run_id: uuid.UUID, nodes: list[str]) -> JsonObject | None:
    is_answer = sa.and_(_step.run_id == run_id, _step.node.in_(nodes), _step.status == StepStatus.DONE)
    query = sa.select(_step.output).where(is_answer).order_by(_step.finished_at, _step.node, _step.iteration).limit(1)
    output: Any = uow.session.connection().execute(query).scalar()
    return output if isinstance(output, dict) and "status" in output else None


def _json(status: int, value: JsonObject) -> Reply:
    return Reply(status, {"content-type": "application/json"}, json.dumps(value, ensure_ascii=False))


def note_reply(uow: UnitOfWork, *, delivery_id: uuid.UUID, reply: Reply, duration_ms: float) -> None:
    """Log what the caller was answered."""
    values = {
        "response_status": reply.status,
        "response_excerpt": shorten_reply(reply.body),
        "duration_ms": round(duration_ms, 1),
        "updated_at": uow.ports.clock.now(),
    }
    uow.session.connection().execute(sa.update(delivery_table).where(_delivery.id == delivery_id).values(values))


def make_ticket(uow: UnitOfWork, delivery_id: uuid.UUID) -> str:
    """The unguessable end of a delivery's status address."""
    return f"{delivery_id.hex}.{uow.ports.box.mark(f'webhook ticket:{delivery_id.hex}')}"


def read_ticket(uow: UnitOfWork, *, ticket: str) -> RunProgress:
    """How the run behind a status address stands; whatever is wrong with the ticket, the same NotFound."""
    named, _, mark = ticket.partition(".")
    delivery_id = parse_id(named)
    if delivery_id is None or not hmac.compare_digest(mark.encode(), uow.ports.box.mark(f"webhook ticket:{delivery_id.hex}").encode()):
        raise NotFound("This run")
    columns = (_run.id, _run.status, _run.created_at, _run.finished_at, _run.output, webhook_table.c.reply)
    joined = delivery_table.join(run_table, _run.id == _delivery.run_id).join(webhook_table, webhook_table.c.id == _delivery.webhook_id)
    is_open = sa.and_(_delivery.id == delivery_id, webhook_table.c.deleted_at.is_(None))
    row = uow.session.connection().execute(sa.select(*columns).select_from(joined).where(is_open)).first()
    if row is None:
        raise NotFound("This run")
    tells_output = row.reply == "result" and row.status == RunStatus.SUCCEEDED
    code = _FAILURES[RunStatus(row.status)][0] if RunStatus(row.status) in _FAILURES else ""
    return RunProgress(row.id, row.status, row.created_at, row.finished_at, code, tells_output, row.output if tells_output else None)
