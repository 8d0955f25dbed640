"""Starting a run again from a kept request, with the webhook's mapping and the workflow as they are now."""

from app.core.errors import Conflict
from app.core.permissions import Permission, require
from app.core.ports import SealBroken
from app.core.uow import UnitOfWork
from app.services.runs.start import StartedBy, start_run
from app.services.webhooks.inputs import build_inputs
from app.services.webhooks.receiving import open_content, seal_content
from app.services.webhooks.rows import fields_of, load_webhook, settings_of
from app.views.runs import RunRow
from models.ids import new_id, parse_id
from models.run import RunTrigger
from models.webhook import WebhookDelivery
from models.workflow import Workflow


def replay_delivery(uow: UnitOfWork, *, delivery_id: object) -> RunRow:
    """Run it once more, in the actor's name. Nobody waits for the answer."""
    require(uow, Permission.RUN)
    old = uow.load(WebhookDelivery, parse_id(delivery_id), what="This delivery")
    webhook = load_webhook(uow, old.webhook_id)
    workflow = uow.load(Workflow, webhook.workflow_id, what="The workflow of this webhook")
    try:
        content = open_content(uow, old)
    except SealBroken as error:
        raise Conflict("The whole request was not kept, so it cannot be replayed.") from error
    inputs = build_inputs(settings_of(webhook), fields_of(workflow), content)
    run = start_run(uow, workflow_id=workflow.id, inputs=inputs, started_by=StartedBy(RunTrigger.WEBHOOK, webhook.id))
    now = uow.ports.clock.now()
    again = WebhookDelivery(
        id=new_id(),
        created_at=now,
        updated_at=now,
        workspace_id=old.workspace_id,
        webhook_id=old.webhook_id,
        verdict="accepted",
        message="Replayed by hand.",
        method=old.method,
        query=old.query,
        headers=old.headers,
        content_type=old.content_type,
        size=old.size,
        excerpt=old.excerpt,
        run_id=run.id,
        reply_nodes=[],
        replay_of=old.id,
        is_test=old.is_test,
    )
    again.request_sealed = seal_content(uow, again, content)
    uow.session.add(again)
    return run
