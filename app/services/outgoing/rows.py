"""Endpoint rows: loaded, counted, and turned into views; the other modules of this package share it."""

import uuid
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import sqlalchemy as sa

from app.core.permissions import Permission, permissions_of
from app.core.uow import UnitOfWork
from app.services.announcements import message_table
from app.services.outgoing.settings import EndpointSettings
from app.services.signing import SecretPlace, secret_cards
from app.views.outgoing import EndpointDetail, EndpointRow
from models.endpoint import WebhookEndpoint
from models.ids import parse_id

WHAT = "This endpoint"
DAY = timedelta(hours=24)
_message = message_table.c


def load_endpoint(uow: UnitOfWork, endpoint_id: object) -> WebhookEndpoint:
    """The endpoint of the actor's workspace, or NotFound."""
    return uow.load(WebhookEndpoint, parse_id(endpoint_id), what=WHAT)


def place_of(workspace_id: uuid.UUID, endpoint_id: uuid.UUID) -> SecretPlace:
    """Where its secrets are sealed to."""
    return SecretPlace(workspace_id, endpoint_id)


def settings_of(endpoint: WebhookEndpoint) -> EndpointSettings:
    """The stored settings."""
    return EndpointSettings(endpoint.name, endpoint.url, tuple(endpoint.events), tuple(endpoint.workflow_ids))


def may(uow: UnitOfWork, permission: Permission) -> bool:
    """Whether the actor's role grants it."""
    return permission in permissions_of(uow.actor)


def row_view(uow: UnitOfWork, endpoint: WebhookEndpoint, figures: Any = None) -> EndpointRow:
    """One line of the list; who may not edit sees the host only, as paths and queries often hold a key."""
    parts = urlsplit(endpoint.url)
    return EndpointRow(
        id=endpoint.id,
        name=endpoint.name,
        url=endpoint.url if may(uow, Permission.EDIT) else f"{parts.scheme}://{parts.netloc}/…",
        events=tuple(endpoint.events),
        workflow_count=len(endpoint.workflow_ids),
        state=endpoint.state,
        reason=endpoint.reason,
        last_success_at=endpoint.last_success_at,
        failing_since=endpoint.failing_since,
        failures=endpoint.failures,
        pending=int(figures.pending or 0) if figures else 0,
        delivered_24h=int(figures.delivered or 0) if figures else 0,
        failed_24h=int(figures.failed or 0) if figures else 0,
    )


def detail_view(uow: UnitOfWork, endpoint: WebhookEndpoint) -> EndpointDetail:
    """The endpoint with its settings."""
    return EndpointDetail(
        row=row_view(uow, endpoint, figures_of(uow, [endpoint.id]).get(endpoint.id)),
        workflow_ids=tuple(endpoint.workflow_ids),
        secrets=secret_cards(endpoint.secrets, uow.ports.clock.now()),
        can_edit=may(uow, Permission.EDIT),
    )


def figures_of(uow: UnitOfWork, endpoint_ids: list[uuid.UUID]) -> dict[uuid.UUID, Any]:
    """What waits for each, and what was delivered or given up within a day."""
    if not endpoint_ids:
        return {}
    is_new = _message.created_at > uow.ports.clock.now() - DAY

    def count(status: str, *conditions: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
        return sa.func.sum(sa.case((sa.and_(_message.status == status, *conditions), 1), else_=0))

    columns = (
        count("pending").label("pending"),
        count("delivered", is_new).label("delivered"),
        count("failed", is_new).label("failed"),
    )
    is_theirs = sa.and_(_message.endpoint_id.in_(endpoint_ids), _message.workspace_id == uow.workspace_id)
    query = sa.select(_message.endpoint_id, *columns).where(is_theirs).group_by(_message.endpoint_id)
    return {row.endpoint_id: row for row in uow.session.connection().execute(query)}
