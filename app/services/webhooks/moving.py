"""Webhooks in blueprints: their settings go out with the workflow, and come in paused with an address and a secret of their own."""

from collections.abc import Sequence
from dataclasses import asdict

from sqlmodel import col

from app.core.errors import Invalid
from app.core.uow import UnitOfWork
from app.services.webhooks.editing import create_webhook, pause_webhook
from app.services.webhooks.rows import settings_of
from engine.blueprint.triggers import BundleWebhook
from models.webhook import Webhook
from models.workflow import Workflow


def read_webhooks(uow: UnitOfWork, *, workflow: Workflow, slug: str) -> list[BundleWebhook]:
    """Those of a workflow, oldest first, without addresses and secrets."""
    is_its = (col(Webhook.workflow_id) == workflow.id, col(Webhook.deleted_at).is_(None))
    rows = uow.session.exec(uow.scoped(Webhook).where(*is_its).order_by(col(Webhook.id)))
    return [BundleWebhook(workflow=slug, **asdict(settings_of(row))) for row in rows]


def bring_webhooks(uow: UnitOfWork, *, workflow: Workflow, slug: str, webhooks: Sequence[BundleWebhook]) -> int:
    """Create those of one workflow, paused; a wrong field is named by its place in the blueprint. Returns how many."""
    brought = 0
    for index, webhook in enumerate(webhooks):
        if webhook.workflow != slug:
            continue
        try:
            made = create_webhook(uow, workflow_id=str(workflow.id), settings=webhook.model_dump(mode="json", exclude={"workflow"}))
        except Invalid as wrong:
            fields = {f"webhooks.{index}.{name}": words for name, words in wrong.fields.items()}
            said = next(iter(wrong.fields.values()), wrong.message)
            raise Invalid(f"The webhook '{webhook.name}' cannot be imported: {said}", fields=fields) from wrong
        pause_webhook(uow, webhook_id=made.detail.row.id, is_paused=True)
        brought += 1
    return brought
