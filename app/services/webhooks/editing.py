"""Making and changing webhooks: settings, address, secrets, pause, owner, deletion."""

import hashlib
import secrets as randomness
from dataclasses import asdict
from typing import Any

from sqlmodel import col, func, select

from app.core.errors import Conflict, LimitReached
from app.core.permissions import Permission, require
from app.core.uow import UnitOfWork
from app.services.signing import active_secrets, add_secret, make_secret, without_secret
from app.services.webhooks.rows import detail_view, load_webhook, place_of, settings_of, token_context
from app.services.webhooks.settings import WebhookSettings, read_settings
from app.views.webhooks import MadeWebhook, WebhookDetail
from models.ids import new_id, parse_id
from models.webhook import Webhook
from models.workflow import Workflow

MOST_PER_WORKSPACE = 500


def create_webhook(uow: UnitOfWork, *, workflow_id: object, settings: object = None) -> MadeWebhook:
    """A new address for the workflow. Its runs belong to whoever made it. The secret is told this once."""
    require(uow, Permission.EDIT)
    workflow = uow.load(Workflow, parse_id(workflow_id), what="This workflow")
    checked = read_settings(settings if settings is not None else {}, WebhookSettings(name=workflow.name))
    count = select(func.count()).select_from(Webhook).where(Webhook.workspace_id == uow.workspace_id, col(Webhook.deleted_at).is_(None))
    if uow.session.exec(count).one() >= MOST_PER_WORKSPACE:
        raise LimitReached(f"This workspace has {MOST_PER_WORKSPACE} webhooks already. Delete one first.")
    webhook = Webhook(id=new_id(), workspace_id=uow.workspace_id, workflow_id=workflow.id, **_columns(checked))
    webhook.token_hash, webhook.token_sealed = _make_token(uow, webhook)
    webhook.secrets = []
    webhook.runs_as = webhook.created_by = uow.actor.user_id if uow.actor else None
    secret = _new_secret(uow, webhook) if checked.auth != "none" else ""
    uow.session.add(webhook)
    uow.session.flush()
    return MadeWebhook(detail_view(uow, webhook), secret)


def update_webhook(uow: UnitOfWork, *, webhook_id: object, settings: object) -> MadeWebhook:
    """Change what is given. A secret is made, and told, when the new way of proof is the first to need one."""
    require(uow, Permission.EDIT)
    webhook = load_webhook(uow, webhook_id)
    checked = read_settings(settings, settings_of(webhook))
    for name, value in _columns(checked).items():
        setattr(webhook, name, value)
    needs_secret = checked.auth != "none" and not active_secrets(webhook.secrets, uow.ports.clock.now())
    secret = _new_secret(uow, webhook) if needs_secret else ""
    return MadeWebhook(_saved(uow, webhook), secret)


def rotate_secret(uow: UnitOfWork, *, webhook_id: object) -> MadeWebhook:
    """A new secret; the one before counts for another day, so that senders can change over."""
    require(uow, Permission.EDIT)
    webhook = load_webhook(uow, webhook_id)
    if webhook.auth == "none":
        raise Conflict("This webhook asks for no secret. Choose a way of proof first.")
    secret = _new_secret(uow, webhook)
    return MadeWebhook(_saved(uow, webhook), secret)


def revoke_secret(uow: UnitOfWork, *, webhook_id: object, secret_id: object) -> WebhookDetail:
    """End a replaced secret at once."""
    require(uow, Permission.EDIT)
    webhook = load_webhook(uow, webhook_id)
    webhook.secrets = without_secret(webhook.secrets, secret_id, uow.ports.clock.now())
    return _saved(uow, webhook)


def rotate_address(uow: UnitOfWork, *, webhook_id: object) -> WebhookDetail:
    """A new address; the old one is gone at once."""
    require(uow, Permission.EDIT)
    webhook = load_webhook(uow, webhook_id)
    webhook.token_hash, webhook.token_sealed = _make_token(uow, webhook)
    return _saved(uow, webhook)


def pause_webhook(uow: UnitOfWork, *, webhook_id: object, is_paused: object) -> WebhookDetail:
    """Stop taking requests, or take them again."""
    require(uow, Permission.EDIT)
    webhook = load_webhook(uow, webhook_id)
    webhook.is_paused = is_paused is True
    return _saved(uow, webhook)


def take_over_webhook(uow: UnitOfWork, *, webhook_id: object) -> WebhookDetail:
    """From now on its runs belong to the actor."""
    require(uow, Permission.EDIT)
    webhook = load_webhook(uow, webhook_id)
    webhook.runs_as = uow.actor.user_id if uow.actor else None
    return _saved(uow, webhook)


def delete_webhook(uow: UnitOfWork, *, webhook_id: object) -> None:
    """Its address is gone at once; its runs stay."""
    require(uow, Permission.EDIT)
    webhook = load_webhook(uow, webhook_id)
    webhook.deleted_at = uow.ports.clock.now()
    webhook.secrets = []
    uow.session.add(webhook)


def hash_token(token: str) -> str:
    """What a token is found by; comparing hashes tells nothing about how much of a guess was right."""
    return hashlib.sha256(f"webhook:{token}".encode()).hexdigest()


def _make_token(uow: UnitOfWork, webhook: Webhook) -> tuple[str, str]:
    token = randomness.token_urlsafe(32)
    sealed = uow.ports.box.seal(token.encode(), context=token_context(webhook.workspace_id, webhook.id))
    return hash_token(token), sealed


def _new_secret(uow: UnitOfWork, webhook: Webhook) -> str:
    plain = make_secret()
    webhook.secrets = add_secret(webhook.secrets, plain, box=uow.ports.box, place=place_of(webhook), now=uow.ports.clock.now())
    return plain


def _saved(uow: UnitOfWork, webhook: Webhook) -> WebhookDetail:
    uow.session.add(webhook)
    uow.session.flush()
    return detail_view(uow, webhook)


def _columns(settings: WebhookSettings) -> dict[str, Any]:
    return asdict(settings) | {"methods": list(settings.methods)}
