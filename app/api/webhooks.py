"""Incoming webhooks over the API: their settings and what was delivered to them. The webhooks themselves answer in app.api.hooks."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, Query
from pydantic import Field

from app.api.callers import Caller
from app.api.envelope import NEVER_KEPT, REFUSALS, Answer, Cursor, Id, Nothing, Page, Request, Search, Shape, done
from app.api.runs import RunSummary
from app.services import webhooks
from app.views.webhooks import DeliveryDetail, DeliveryRow, Listening, MadeWebhook, WebhookDetail, WebhookRow

router = APIRouter(prefix="/api/v1", tags=["webhooks"], responses=REFUSALS)
Settings = Annotated[
    dict[str, Any],
    Body(
        description="Any of name, methods, auth, auth_header, reply, wait_s, input_mode, mapping, ...",
        examples=[{"name": "Orders", "methods": ["POST"], "reply": "result", "wait_s": 20}],
    ),
]


class WebhookBody(Request):
    """A webhook that starts a workflow."""

    workflow_id: str = Field(max_length=64)
    settings: dict[str, Any] = Field(default_factory=dict[str, Any])


class ListeningBody(Request):
    """What the test address does with the request that it catches."""

    starts_run: bool = Field(default=False, description="Start a run with it, too.")


class Adopted(Shape):
    """Names of the fields that were added."""

    fields: list[str]


@router.get("/webhooks", operation_id="list_webhooks")
async def list_webhooks(
    door: Caller, *, search: Search = "", workflow_id: Annotated[str | None, Query(max_length=64)] = None
) -> Answer[Page[WebhookRow]]:
    """Webhooks of the workspace."""
    page = await door.read(webhooks.list_webhooks, search=search, workflow_id=workflow_id)
    return done(Page(items=list(page.rows), total=page.total))


@router.post("/webhooks", status_code=201, operation_id="create_webhook", dependencies=[NEVER_KEPT])
async def create_webhook(body: WebhookBody, door: Caller) -> Answer[MadeWebhook]:
    """Make a webhook; a signing secret is told this once."""
    made = await door.write(webhooks.create_webhook, workflow_id=body.workflow_id, settings=body.settings)
    return done(made, "Copy the secret now; it is not shown again." if made.secret else "Created.")


@router.get("/webhooks/{webhook_id}", operation_id="get_webhook")
async def get_webhook(webhook_id: Id, door: Caller) -> Answer[WebhookDetail]:
    """One webhook; its address only for who may edit."""
    return done(await door.read(webhooks.get_webhook, webhook_id=webhook_id))


@router.patch("/webhooks/{webhook_id}", operation_id="update_webhook", dependencies=[NEVER_KEPT])
async def update_webhook(webhook_id: Id, settings: Settings, door: Caller) -> Answer[MadeWebhook]:
    """Change settings; those left out stay."""
    return done(await door.write(webhooks.update_webhook, webhook_id=webhook_id, settings=settings), "Saved.")


@router.delete("/webhooks/{webhook_id}", operation_id="delete_webhook")
async def delete_webhook(webhook_id: Id, door: Caller) -> Answer[Nothing]:
    """Delete a webhook; its address answers nobody any more."""
    await door.write(webhooks.delete_webhook, webhook_id=webhook_id)
    return done(Nothing(), "Deleted.")


@router.post("/webhooks/{webhook_id}/pause", operation_id="pause_webhook")
async def pause_webhook(webhook_id: Id, door: Caller) -> Answer[WebhookDetail]:
    """Refuse requests until it is resumed."""
    return done(await door.write(webhooks.pause_webhook, webhook_id=webhook_id, is_paused=True), "Paused.")


@router.post("/webhooks/{webhook_id}/resume", operation_id="resume_webhook")
async def resume_webhook(webhook_id: Id, door: Caller) -> Answer[WebhookDetail]:
    """Take requests again."""
    return done(await door.write(webhooks.pause_webhook, webhook_id=webhook_id, is_paused=False), "Resumed.")


@router.post("/webhooks/{webhook_id}/rotate-secret", operation_id="rotate_webhook_secret", dependencies=[NEVER_KEPT])
async def rotate_secret(webhook_id: Id, door: Caller) -> Answer[MadeWebhook]:
    """Make another signing secret; the earlier one counts for a while."""
    return done(await door.write(webhooks.rotate_secret, webhook_id=webhook_id), "Copy the secret now; it is not shown again.")


@router.delete("/webhooks/{webhook_id}/secrets/{secret_id}", operation_id="revoke_webhook_secret")
async def revoke_secret(webhook_id: Id, secret_id: Id, door: Caller) -> Answer[WebhookDetail]:
    """End a replaced secret at once."""
    return done(await door.write(webhooks.revoke_secret, webhook_id=webhook_id, secret_id=secret_id), "The secret has ended.")


@router.post("/webhooks/{webhook_id}/rotate-address", operation_id="rotate_webhook_address", dependencies=[NEVER_KEPT])
async def rotate_address(webhook_id: Id, door: Caller) -> Answer[WebhookDetail]:
    """Make another address; the old one is gone at once."""
    return done(await door.write(webhooks.rotate_address, webhook_id=webhook_id), "The address has changed.")


@router.post("/webhooks/{webhook_id}/take-over", operation_id="take_over_webhook")
async def take_over(webhook_id: Id, door: Caller) -> Answer[WebhookDetail]:
    """From now on its runs are started in your name."""
    return done(await door.write(webhooks.take_over_webhook, webhook_id=webhook_id), "Its runs are yours now.")


@router.get("/webhooks/{webhook_id}/listening", operation_id="get_listening")
async def get_listening(webhook_id: Id, door: Caller) -> Answer[Listening]:
    """Whether the test address is open, and the newest request since it was opened."""
    return done(await door.read(webhooks.get_listening, webhook_id=webhook_id))


@router.post("/webhooks/{webhook_id}/listening", operation_id="start_listening")
async def start_listening(webhook_id: Id, body: ListeningBody, door: Caller) -> Answer[Listening]:
    """Open the test address for five minutes or one request."""
    return done(await door.write(webhooks.start_listening, webhook_id=webhook_id, starts_run=body.starts_run), "Listening.")


@router.delete("/webhooks/{webhook_id}/listening", operation_id="stop_listening")
async def stop_listening(webhook_id: Id, door: Caller) -> Answer[Listening]:
    """Close the test address."""
    return done(await door.write(webhooks.stop_listening, webhook_id=webhook_id), "Closed.")


@router.post("/webhooks/{webhook_id}/adopt-fields", operation_id="adopt_sample_fields")
async def adopt_fields(webhook_id: Id, door: Caller) -> Answer[Adopted]:
    """Add a field to the workflow's Start step for every name of the sample that it does not ask for yet."""
    return done(Adopted(fields=list(await door.write(webhooks.adopt_sample_fields, webhook_id=webhook_id))), "Added.")


@router.post("/deliveries/{delivery_id}/use-as-sample", operation_id="use_as_sample")
async def use_as_sample(delivery_id: Id, door: Caller) -> Answer[Nothing]:
    """Make a request the sample that mappings and references are built on."""
    await door.write(webhooks.use_as_sample, delivery_id=delivery_id)
    return done(Nothing(), "It is the sample now.")


@router.get("/webhooks/{webhook_id}/deliveries", operation_id="list_deliveries")
async def list_deliveries(
    webhook_id: Id, door: Caller, *, verdict: Annotated[str, Query(max_length=20)] = "", search: Search = "", cursor: Cursor = ""
) -> Answer[Page[DeliveryRow]]:
    """What came in, the newest first."""
    page = await door.read(webhooks.list_deliveries, webhook_id=webhook_id, verdict=verdict, search=search, cursor=cursor)
    return done(Page(items=list(page.rows), next_cursor=page.next_cursor or None))


@router.get("/deliveries/{delivery_id}", operation_id="get_delivery")
async def get_delivery(delivery_id: Id, door: Caller) -> Answer[DeliveryDetail]:
    """One request as it came in, without what proved it."""
    return done(await door.read(webhooks.get_delivery, delivery_id=delivery_id))


@router.post("/deliveries/{delivery_id}/replay", status_code=202, operation_id="replay_delivery")
async def replay_delivery(delivery_id: Id, door: Caller) -> Answer[RunSummary]:
    """Run the workflow again with what came in."""
    return done(RunSummary.model_validate(await door.write(webhooks.replay_delivery, delivery_id=delivery_id)), "The run is queued.")
