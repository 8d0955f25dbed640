"""The log of an endpoint: what was and will be sent, each attempt, and sending again."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import col

from app.core.errors import Conflict
from app.core.permissions import Permission, require
from app.core.text import search_words
from app.core.uow import UnitOfWork
from app.services.announcements import EVENTS, TEST, message_table
from app.services.announcements.writing import LIVES_FOR
from app.services.outgoing.rows import load_endpoint, may
from app.views.outgoing import AttemptRow, MessageDetail, MessagePage, MessageRow
from models.endpoint import WebhookAttempt, WebhookEndpoint, WebhookMessage
from models.ids import parse_id

PAGE = 30
STATUSES = ("pending", "delivered", "failed")
MOST_REPLAYED = 1000
WHAT = "This message"
_message = message_table.c


def list_messages(uow: UnitOfWork, *, endpoint_id: object, status: object = "", search: object = "", cursor: object = "") -> MessagePage:
    """The log, newest first. `search` looks in events, errors, payloads and exact ids; the cursor is the last row's id."""
    require(uow, Permission.VIEW)
    endpoint = load_endpoint(uow, endpoint_id)
    query = uow.scoped(WebhookMessage).where(WebhookMessage.endpoint_id == endpoint.id)
    if isinstance(status, str) and status in STATUSES:
        query = query.where(WebhookMessage.status == status)
    words = search_words(search)
    if words:
        query = query.where(_matches(words))
    before = parse_id(cursor)
    if before is not None:
        query = query.where(col(WebhookMessage.id) < before)
    rows = uow.session.exec(query.order_by(col(WebhookMessage.id).desc()).limit(PAGE + 1)).all()
    now = uow.ports.clock.now()
    shown = tuple(_row_view(row, now) for row in rows[:PAGE])
    return MessagePage(shown, str(shown[-1].id) if len(rows) > PAGE else "")


def get_message(uow: UnitOfWork, *, message_id: object) -> MessageDetail:
    """One message with its payload and attempts."""
    require(uow, Permission.VIEW)
    return message_view(uow, uow.load(WebhookMessage, parse_id(message_id), what=WHAT))


def replay_message(uow: UnitOfWork, *, message_id: object) -> MessageDetail:
    """Send it once more under the same id, so that a receiver that has it can tell."""
    require(uow, Permission.EDIT)
    message = uow.load(WebhookMessage, parse_id(message_id), what=WHAT)
    endpoint = load_endpoint(uow, message.endpoint_id)
    _require_open(endpoint)
    if message.status == "pending":
        raise Conflict("This message is on its way already.")
    is_over = sa.and_(_message.id == message.id, _message.status != "pending")
    uow.session.connection().execute(sa.update(message_table).where(is_over).values(_due_again(uow)))
    uow.session.refresh(message)
    return message_view(uow, message)


def replay_failed(uow: UnitOfWork, *, endpoint_id: object) -> int:
    """Send everything again that was given up, the oldest first; returns how many."""
    require(uow, Permission.EDIT)
    endpoint = load_endpoint(uow, endpoint_id)
    _require_open(endpoint)
    failed = sa.and_(_message.endpoint_id == endpoint.id, _message.workspace_id == endpoint.workspace_id, _message.status == "failed")
    page = sa.select(_message.id).where(failed).order_by(_message.id).limit(MOST_REPLAYED)
    statement = sa.update(message_table).where(_message.id.in_(page)).values(_due_again(uow))
    return uow.session.connection().execute(statement).rowcount


def message_view(uow: UnitOfWork, message: WebhookMessage) -> MessageDetail:
    """The view of a loaded message."""
    attempts = uow.session.exec(
        uow.scoped(WebhookAttempt).where(WebhookAttempt.message_id == message.id).order_by(col(WebhookAttempt.number).desc())
    ).all()
    return MessageDetail(
        row=_row_view(message, uow.ports.clock.now()),
        endpoint_id=message.endpoint_id,
        message_id=str(message.id),
        payload=message.payload,
        attempts=tuple(_attempt_view(uow, item) for item in attempts),
        can_replay=may(uow, Permission.EDIT) and message.status != "pending",
    )


def _require_open(endpoint: WebhookEndpoint) -> None:
    if endpoint.state != "active":
        raise Conflict("Nothing is sent while the endpoint is paused or disabled. Resume it first.")


def _due_again(uow: UnitOfWork) -> dict[str, Any]:
    now = uow.ports.clock.now()
    return {"status": "pending", "due_at": now, "expires_at": now + LIVES_FOR, "finished_at": None, "lease_until": None}


def _matches(words: str) -> sa.ColumnElement[bool]:
    exact = parse_id(words)
    if exact is not None:
        return sa.or_(_message.id == exact, _message.run_id == exact)
    named = [event for event, title in (EVENTS | {TEST: "Test"}).items() if words.lower() in title.lower()]
    payload = sa.cast(_message.payload, sa.Text)
    texts = [column.icontains(words, autoescape=True) for column in (_message.event, _message.last_error, payload)]
    return sa.or_(_message.event.in_(named), *texts)


def _row_view(message: WebhookMessage, now: datetime) -> MessageRow:
    is_sending = message.status == "pending" and message.lease_until is not None and message.lease_until > now
    return MessageRow(
        id=message.id,
        created_at=message.created_at,
        event=message.event,
        status="sending" if is_sending else message.status,
        attempts=message.attempts,
        last_status=message.last_status,
        last_error=message.last_error,
        due_at=message.due_at if message.status == "pending" else None,
        is_test=message.is_test,
        run_id=message.run_id,
    )


def _attempt_view(uow: UnitOfWork, attempt: WebhookAttempt) -> AttemptRow:
    return AttemptRow(
        number=attempt.number,
        at=attempt.created_at,
        url=attempt.url if may(uow, Permission.EDIT) else "",
        status=attempt.status,
        error=attempt.error,
        response_headers=attempt.response_headers,
        response_excerpt=attempt.response_excerpt,
        duration_ms=attempt.duration_ms,
    )
