"""What the sender in each worker asks SQL: which messages are due, and how an attempt ended. The database's clock counts.

A claim raises the message's fence and takes a lease; only its holder may record the outcome. A sender that dies leaves the lease
to run out, and the message is sent again under the same id.
"""

import random
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from app.core.sql_clock import sql_now
from app.services.announcements import endpoint_table, message_table
from app.services.webhooks.rows import delivery_table
from engine.json import JsonObject
from models.base import utc_now
from models.endpoint import WebhookAttempt
from models.ids import new_id
from models.workspace import Workspace

attempt_table: sa.Table = WebhookAttempt.__table__  # type: ignore[attr-defined]
_message, _endpoint = message_table.c, endpoint_table.c
RETRY_S = (5.0, 30.0, 120.0, 600.0, 1800.0, 3600.0, 7200.0, 14_400.0, 14_400.0, 14_400.0, 21_600.0)  # together about a day
LONGEST_ASKED_S = 6 * 3600.0
JITTER = 0.2
LEASE_S = 60.0
PER_ENDPOINT = 4
DISABLE_AFTER = timedelta(days=3)
DISABLE_AFTER_FAILURES = 20
KEPT_FOR = timedelta(days=30)
_IS_FREE = sa.or_(_message.lease_until.is_(None), _message.lease_until < sql_now())
_IS_DUE = sa.and_(_message.status == "pending", _message.due_at <= sql_now(), _IS_FREE)
_closed: sa.Table = Workspace.__table__  # type: ignore[attr-defined]
_IS_CLOSED = sa.exists(sa.select(_closed.c.id).where(_closed.c.id == _endpoint.workspace_id, _closed.c.closed_at.is_not(None)))
_IS_OPEN = sa.and_(_endpoint.state == "active", _endpoint.deleted_at.is_(None), ~_IS_CLOSED)


@dataclass(frozen=True, slots=True)
class Owed:
    """A claimed message with all that is needed to send it."""

    id: uuid.UUID
    workspace_id: uuid.UUID
    endpoint_id: uuid.UUID
    event: str
    payload: JsonObject
    fence: int
    number: int
    url: str
    secrets: Sequence[JsonObject]
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an attempt ended. `error` is "" for a status from 200 to 299; `retry_after_s` is what the receiver asked for."""

    status: int | None
    error: str
    headers: JsonObject
    excerpt: str
    duration_ms: float
    retry_after_s: float | None = None


def has_due(connection: sa.Connection) -> bool:
    """Whether a claim would find anything; reads only."""
    joined = message_table.join(endpoint_table, _endpoint.id == _message.endpoint_id)
    return bool(connection.execute(sa.select(sa.exists(sa.select(_message.id).select_from(joined).where(_IS_DUE, _IS_OPEN)))).scalar())


def claim_due(connection: sa.Connection, *, owner: str, limit: int, busy: Collection[uuid.UUID] = ()) -> list[Owed]:
    """Take messages to send now, a few per endpoint and none of those that are `busy`, so that one slow receiver holds up no other."""
    rank = sa.func.row_number().over(partition_by=_message.endpoint_id, order_by=(_message.due_at, _message.id)).label("rank")
    joined = message_table.join(endpoint_table, _endpoint.id == _message.endpoint_id)
    due = sa.select(_message.id, rank).select_from(joined).where(_IS_DUE, _IS_OPEN)
    if busy:
        due = due.where(_message.endpoint_id.notin_(list(busy)))
    ranked = due.subquery()
    chosen = sa.select(ranked.c.id).where(ranked.c.rank <= PER_ENDPOINT).order_by(ranked.c.rank).limit(limit)
    values = {"owner": owner, "fence": _message.fence + 1, "lease_until": sql_now(LEASE_S)}
    claim = sa.update(message_table).where(_message.id.in_(chosen), _IS_DUE).values(values).returning(_message.id)
    ids = list(connection.execute(claim).scalars())
    if not ids:
        return []
    query = sa.select(message_table, _endpoint.url, _endpoint.secrets).select_from(joined).where(_message.id.in_(ids))
    return [_owed(row) for row in connection.execute(query)]


def _owed(row: Any) -> Owed:
    return Owed(
        id=row.id,
        workspace_id=row.workspace_id,
        endpoint_id=row.endpoint_id,
        event=row.event,
        payload=row.payload,
        fence=row.fence,
        number=row.attempts + 1,
        url=row.url,
        secrets=row.secrets,
        expires_at=row.expires_at,
    )


def record_outcome(connection: sa.Connection, owed: Owed, outcome: Outcome) -> bool:
    """Write down an attempt and what follows from it; False when the message meanwhile belongs to another sender."""
    now = utc_now()
    is_mine = sa.and_(_message.id == owed.id, _message.fence == owed.fence, _message.status == "pending")
    values = _after(owed, outcome, now)
    if connection.execute(sa.update(message_table).where(is_mine).values(values)).rowcount != 1:
        return False
    connection.execute(
        sa.insert(attempt_table).values(
            id=new_id(),
            created_at=now,
            updated_at=now,
            workspace_id=owed.workspace_id,
            message_id=owed.id,
            number=owed.number,
            url=owed.url,
            status=outcome.status,
            error=outcome.error[:500],
            response_headers=outcome.headers,
            response_excerpt=outcome.excerpt,
            duration_ms=outcome.duration_ms,
        )
    )
    _judge(connection, owed, outcome, now)
    return True


def _after(owed: Owed, outcome: Outcome, now: datetime) -> dict[str, Any]:
    values: dict[str, Any] = {
        "attempts": owed.number,
        "owner": None,
        "lease_until": None,
        "last_status": outcome.status,
        "last_error": outcome.error[:500],
        "updated_at": now,
    }
    if not outcome.error:
        return values | {"status": "delivered", "finished_at": now}
    due_at = now + timedelta(seconds=delay_s(owed.number, outcome.retry_after_s))
    if owed.number > len(RETRY_S) or due_at > owed.expires_at or outcome.status == 410:
        return values | {"status": "failed", "finished_at": now}
    return values | {"due_at": due_at}


def delay_s(number: int, asked_s: float | None) -> float:
    """Seconds until the next attempt after the `number`th, spread a little; at least what the receiver asked for."""
    planned = RETRY_S[min(number, len(RETRY_S)) - 1] * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311 - spreads load, no secret
    return max(planned, min(asked_s or 0.0, LONGEST_ASKED_S))


def _judge(connection: sa.Connection, owed: Owed, outcome: Outcome, now: datetime) -> None:
    """Keep the endpoint's record, and disable one that has failed for days or says that it is gone."""
    is_it = _endpoint.id == owed.endpoint_id
    if not outcome.error:
        values = {"failures": 0, "failing_since": None, "last_success_at": now}
        connection.execute(sa.update(endpoint_table).where(is_it).values(values))
        return
    values = {"failures": _endpoint.failures + 1, "failing_since": sa.func.coalesce(_endpoint.failing_since, now)}
    connection.execute(sa.update(endpoint_table).where(is_it).values(values))
    row = connection.execute(sa.select(_endpoint.failures, _endpoint.failing_since).where(is_it)).one()
    is_hopeless = row.failures >= DISABLE_AFTER_FAILURES and row.failing_since <= now - DISABLE_AFTER
    if not is_hopeless and outcome.status != 410:
        return
    since = f"{row.failing_since:%d %b %Y %H:%M} UTC"
    reason = (
        "The receiver answered 410 Gone, which asks us to stop."
        if outcome.status == 410
        else f"All {row.failures} attempts since {since} failed. The last said: {outcome.error[:200]}"
    )
    disabled = sa.update(endpoint_table).where(is_it, _endpoint.state == "active").values(state="disabled", reason=reason)
    if connection.execute(disabled).rowcount:
        give_up = {"status": "failed", "last_error": "The endpoint was disabled.", "finished_at": now, "lease_until": None}
        is_owed = sa.and_(_message.endpoint_id == owed.endpoint_id, _message.status == "pending")
        connection.execute(sa.update(message_table).where(is_owed).values(give_up))


def release(connection: sa.Connection, owed: Sequence[Owed]) -> None:
    """Give messages back whose sending was cut short; they are due at once."""
    for item in owed:
        is_mine = sa.and_(_message.id == item.id, _message.fence == item.fence, _message.status == "pending")
        connection.execute(sa.update(message_table).where(is_mine).values(owner=None, lease_until=None))


def has_late(connection: sa.Connection) -> bool:
    """Whether something waits that is past its day; reads only."""
    is_late = sa.and_(_message.status == "pending", _message.expires_at < sql_now())
    return bool(connection.execute(sa.select(sa.exists(sa.select(_message.id).where(is_late)))).scalar())


def expire_old(connection: sa.Connection) -> int:
    """Give up what could not be delivered within its day, for instance while its endpoint was paused."""
    is_late = sa.and_(_message.status == "pending", _message.expires_at < sql_now(), _IS_FREE)
    values = {"status": "failed", "last_error": "It could not be delivered within a day.", "finished_at": utc_now()}
    page = sa.select(_message.id).where(is_late).limit(500)
    return connection.execute(sa.update(message_table).where(_message.id.in_(page)).values(values)).rowcount


def forget_old(connection: sa.Connection) -> int:
    """Delete a page of messages and deliveries that are older than we keep them."""
    before = utc_now() - KEPT_FOR
    old_messages = sa.select(_message.id).where(_message.created_at < before, _message.status != "pending").limit(500)
    old_deliveries = sa.select(delivery_table.c.id).where(delivery_table.c.created_at < before).limit(500)
    gone = connection.execute(sa.delete(message_table).where(_message.id.in_(old_messages))).rowcount
    return gone + connection.execute(sa.delete(delivery_table).where(delivery_table.c.id.in_(old_deliveries))).rowcount
