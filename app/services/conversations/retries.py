"""What a person is told while a provider is asked again: read from the journal, so that a reload tells the same."""

from datetime import datetime

import sqlalchemy as sa

from app.core.uow import UnitOfWork
from app.services.conversations.rows import STREAMING
from app.services.runs.start import CHAT_NODE, CHAT_RETRY
from app.services.runs.tables import event_table, step_table
from app.views.conversations import RetryView
from engine.json import as_object
from engine.run.events import EventType
from models.conversation import ChatMessage
from models.run import StepStatus


def read_retry(uow: UnitOfWork, message: ChatMessage) -> RetryView:
    """The attempt that the answer waits for; an empty view while it is being written or is over."""
    if message.status != STREAMING or message.run_id is None:
        return RetryView()
    connection = uow.session.connection()
    is_waiting = sa.select(step_table.c.node).where(
        step_table.c.run_id == message.run_id,
        step_table.c.node == CHAT_NODE,
        step_table.c.status == StepStatus.WAITING,
        step_table.c.reason == "retry",
    )
    if connection.execute(is_waiting).first() is None:
        return RetryView()
    failures = sa.select(event_table.c.payload).where(
        event_table.c.run_id == message.run_id, event_table.c.type == EventType.NODE_FAILED, event_table.c.node == CHAT_NODE
    )
    failed = as_object(connection.execute(failures.order_by(event_table.c.seq.desc()).limit(1)).scalar()) or {}
    due = failed.get("retry_at")
    if not isinstance(due, str):
        return RetryView()
    reason = str((as_object(failed.get("error")) or {}).get("message", ""))
    wait_s = max(0.0, (datetime.fromisoformat(due) - uow.ports.clock.now()).total_seconds())
    return RetryView(wait_s, int(failed.get("attempt", 1)) + 1, CHAT_RETRY.attempts, _without_advice(reason))


def _without_advice(message: str) -> str:
    """What happened, without the advice to try again: that is what is being done."""
    return message.replace(" Try again in a while.", "").replace(" Try again, or raise the time limit.", "").replace(" Try again.", "")
