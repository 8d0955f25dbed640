"""Making and changing endpoints: settings, secrets, pause, deletion, and a test by hand."""

from dataclasses import asdict
from typing import Any

import sqlalchemy as sa
from sqlmodel import col, func, select

from app.core.errors import Conflict, Invalid, LimitReached
from app.core.permissions import Permission, require
from app.core.uow import UnitOfWork
from app.services.announcements import EVENTS, TEST, message_row, message_table, sample_payload
from app.services.outgoing.messages import message_view
from app.services.outgoing.rows import detail_view, load_endpoint, place_of, settings_of
from app.services.outgoing.settings import EndpointSettings, read_settings
from app.services.signing import add_secret, make_secret, without_secret
from app.views.outgoing import EndpointDetail, MadeEndpoint, MessageDetail
from models.endpoint import WebhookEndpoint, WebhookMessage
from models.ids import new_id

MOST_PER_WORKSPACE = 50


def create_endpoint(uow: UnitOfWork, *, settings: object) -> MadeEndpoint:
    """A new receiver of events. Its signing secret is told this once."""
    require(uow, Permission.EDIT)
    checked = read_settings(uow, settings, EndpointSettings())
    is_kept = sa.and_(col(WebhookEndpoint.workspace_id) == uow.workspace_id, col(WebhookEndpoint.deleted_at).is_(None))
    if uow.session.exec(select(func.count()).select_from(WebhookEndpoint).where(is_kept)).one() >= MOST_PER_WORKSPACE:
        raise LimitReached(f"This workspace has {MOST_PER_WORKSPACE} endpoints already. Delete one first.")
    endpoint = WebhookEndpoint(id=new_id(), workspace_id=uow.workspace_id, **_columns(checked))
    endpoint.secrets = []
    endpoint.created_by = uow.actor.user_id if uow.actor else None
    secret = _new_secret(uow, endpoint)
    return MadeEndpoint(_saved(uow, endpoint), secret)


def update_endpoint(uow: UnitOfWork, *, endpoint_id: object, settings: object) -> EndpointDetail:
    """Change what is given; what waits goes to the new address."""
    require(uow, Permission.EDIT)
    endpoint = load_endpoint(uow, endpoint_id)
    for name, value in _columns(read_settings(uow, settings, settings_of(endpoint))).items():
        setattr(endpoint, name, value)
    return _saved(uow, endpoint)


def rotate_endpoint_secret(uow: UnitOfWork, *, endpoint_id: object) -> MadeEndpoint:
    """A new secret; for another day messages are signed with the one before as well."""
    require(uow, Permission.EDIT)
    endpoint = load_endpoint(uow, endpoint_id)
    secret = _new_secret(uow, endpoint)
    return MadeEndpoint(_saved(uow, endpoint), secret)


def revoke_endpoint_secret(uow: UnitOfWork, *, endpoint_id: object, secret_id: object) -> EndpointDetail:
    """Stop signing with a replaced secret at once."""
    require(uow, Permission.EDIT)
    endpoint = load_endpoint(uow, endpoint_id)
    endpoint.secrets = without_secret(endpoint.secrets, secret_id, uow.ports.clock.now())
    return _saved(uow, endpoint)


def pause_endpoint(uow: UnitOfWork, *, endpoint_id: object) -> EndpointDetail:
    """Keep messages back; they go out when it resumes within their day."""
    require(uow, Permission.EDIT)
    endpoint = load_endpoint(uow, endpoint_id)
    if endpoint.state == "disabled":
        raise Conflict("This endpoint is disabled already, because it kept failing.")
    endpoint.state = "paused"
    return _saved(uow, endpoint)


def resume_endpoint(uow: UnitOfWork, *, endpoint_id: object) -> EndpointDetail:
    """Send again, after a pause or after it was disabled for failing; its record starts afresh."""
    require(uow, Permission.EDIT)
    endpoint = load_endpoint(uow, endpoint_id)
    endpoint.state, endpoint.reason, endpoint.failures, endpoint.failing_since = "active", "", 0, None
    return _saved(uow, endpoint)


def delete_endpoint(uow: UnitOfWork, *, endpoint_id: object) -> None:
    """It hears nothing more, what waits for it is given up, its secrets are forgotten."""
    require(uow, Permission.EDIT)
    endpoint = load_endpoint(uow, endpoint_id)
    now = uow.ports.clock.now()
    endpoint.deleted_at, endpoint.secrets = now, []
    uow.session.add(endpoint)
    waiting = sa.and_(message_table.c.endpoint_id == endpoint.id, message_table.c.status == "pending")
    given_up = {"status": "failed", "last_error": "The endpoint was deleted.", "finished_at": now}
    uow.session.connection().execute(sa.update(message_table).where(waiting).values(given_up))


def send_test(uow: UnitOfWork, *, endpoint_id: object, event: object = TEST) -> MessageDetail:
    """Send a made-up message of this event now, signed like real ones, whether or not the endpoint subscribed to it."""
    require(uow, Permission.EDIT)
    endpoint = load_endpoint(uow, endpoint_id)
    if not isinstance(event, str) or event not in (TEST, *EVENTS):
        raise Invalid("There is no such event.", fields={"event": f"Choose one of {', '.join((TEST, *EVENTS))}."})
    if endpoint.state != "active":
        raise Conflict("Nothing is sent while the endpoint is paused or disabled. Resume it first.")
    now = uow.ports.clock.now()
    row = message_row(endpoint.id, endpoint.workspace_id, event, sample_payload(event, now=now), now=now, is_test=True)
    uow.session.connection().execute(sa.insert(message_table).values(row))
    return message_view(uow, uow.load(WebhookMessage, row["id"]))


def _new_secret(uow: UnitOfWork, endpoint: WebhookEndpoint) -> str:
    plain = make_secret()
    place = place_of(endpoint.workspace_id, endpoint.id)
    endpoint.secrets = add_secret(endpoint.secrets, plain, box=uow.ports.box, place=place, now=uow.ports.clock.now())
    return plain


def _saved(uow: UnitOfWork, endpoint: WebhookEndpoint) -> EndpointDetail:
    uow.session.add(endpoint)
    uow.session.flush()
    return detail_view(uow, endpoint)


def _columns(settings: EndpointSettings) -> dict[str, Any]:
    return asdict(settings) | {"events": list(settings.events), "workflow_ids": list(settings.workflow_ids)}
