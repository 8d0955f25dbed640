"""The test listener: for a few minutes the test address answers, and the next request to the webhook is shown to who listens."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import col

from app.core.errors import Conflict
from app.core.permissions import Permission, require
from app.core.ports import SealBroken
from app.core.uow import UnitOfWork
from app.services.webhooks.reading import delivery_view
from app.services.webhooks.receiving import open_content
from app.services.webhooks.request import keep
from app.services.webhooks.rows import actor_of, load_webhook
from app.views.webhooks import Listening
from models.ids import parse_id
from models.webhook import Webhook, WebhookDelivery

LISTENS_FOR = timedelta(minutes=5)


def start_listening(uow: UnitOfWork, *, webhook_id: object, starts_run: object = False) -> Listening:
    """Open the test address for five minutes or one request. With `starts_run` that request also starts a run."""
    require(uow, Permission.EDIT)
    webhook = load_webhook(uow, webhook_id)
    if actor_of(uow, webhook) is None:
        raise Conflict("Whoever its runs belong to may not run workflows here any more. Take the webhook over first.")
    now = uow.ports.clock.now()
    webhook.listening_since, webhook.listening_until, webhook.listening_runs = now, now + LISTENS_FOR, starts_run is True
    uow.session.add(webhook)
    uow.session.flush()
    return _listening(uow, webhook)


def stop_listening(uow: UnitOfWork, *, webhook_id: object) -> Listening:
    """Close the test address."""
    require(uow, Permission.EDIT)
    webhook = load_webhook(uow, webhook_id)
    webhook.listening_until = None
    uow.session.add(webhook)
    uow.session.flush()
    return _listening(uow, webhook)


def get_listening(uow: UnitOfWork, *, webhook_id: object) -> Listening:
    """Whether it listens, and the newest request since it began, to the test address or the real one."""
    require(uow, Permission.VIEW)
    return _listening(uow, load_webhook(uow, webhook_id))


def use_as_sample(uow: UnitOfWork, *, delivery_id: object) -> None:
    """Make an earlier request the sample that mappings and references are built on."""
    require(uow, Permission.EDIT)
    delivery = uow.load(WebhookDelivery, parse_id(delivery_id), what="This delivery")
    webhook = load_webhook(uow, delivery.webhook_id)
    try:
        sample = keep(open_content(uow, delivery)).sample if delivery.request_sealed else None
    except SealBroken:
        sample = None
    if not sample:
        raise Conflict("The whole request was not kept, so it cannot become the sample.")
    webhook.sample = sample
    uow.session.add(webhook)


def _listening(uow: UnitOfWork, webhook: Webhook) -> Listening:
    now = uow.ports.clock.now()
    is_on = webhook.listening_until is not None and webhook.listening_until > now
    caught = _newest(uow, webhook, webhook.listening_since) if webhook.listening_since else None
    return Listening(
        is_on=is_on and caught is None,
        until=webhook.listening_until if is_on else None,
        caught=delivery_view(uow, caught) if caught else None,
        sample=webhook.sample,
    )


def _newest(uow: UnitOfWork, webhook: Webhook, since: datetime) -> WebhookDelivery | None:
    is_new = sa.and_(col(WebhookDelivery.webhook_id) == webhook.id, col(WebhookDelivery.created_at) >= since)
    query = uow.scoped(WebhookDelivery).where(is_new, col(WebhookDelivery.replay_of).is_(None))
    return uow.session.exec(query.order_by(col(WebhookDelivery.id).desc()).limit(1)).first()
