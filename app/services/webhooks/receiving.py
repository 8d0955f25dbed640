"""The way of a request: found, examined, then written down with its run in one transaction. app.api.hooks calls these, without an actor."""

import json
import uuid
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa
from sqlmodel import col, select

from app.core.bulk import insert_into, is_inserted
from app.core.errors import AppError
from app.core.uow import UnitOfWork
from app.services.runs.start import StartedBy, start_run
from app.services.webhooks.editing import hash_token
from app.services.webhooks.errors import NoWebhook, Refused
from app.services.webhooks.inputs import build_inputs
from app.services.webhooks.proving import Target
from app.services.webhooks.request import Content, Examined, Incoming, keep, keep_raw
from app.services.webhooks.rows import actor_of, delivery_table, fields_of, settings_of
from engine.json import JsonObject
from engine.nodes.respond import Respond
from models.ids import new_id
from models.run import RunTrigger
from models.webhook import Webhook, WebhookDelivery
from models.workflow import Workflow

KEPT_BYTES = 256_000  # larger bodies are not kept for replay


@dataclass(frozen=True, slots=True)
class Reception:
    """What became of an accepted request. `is_first` is False for a message that was received before."""

    delivery_id: uuid.UUID
    run_id: uuid.UUID | None
    reply_nodes: tuple[str, ...] = ()
    is_first: bool = True


def find_target(uow: UnitOfWork, *, token: str, is_test: bool = False) -> Target:
    """The webhook at this address, if it takes requests now; in every other case the same NoWebhook."""
    webhook = uow.session.exec(select(Webhook).where(Webhook.token_hash == hash_token(token))).first()
    if webhook is None or not _takes_requests(uow, webhook, is_test=is_test):
        raise NoWebhook()
    return Target(webhook.id, webhook.workspace_id, settings_of(webhook), tuple(webhook.secrets), is_test)


def _takes_requests(uow: UnitOfWork, webhook: Webhook, *, is_test: bool) -> bool:
    now = uow.ports.clock.now()
    is_open = (webhook.listening_until is not None and webhook.listening_until > now) if is_test else not webhook.is_paused
    if webhook.deleted_at is not None or not is_open:
        return False
    workflow = uow.session.get(Workflow, webhook.workflow_id)
    return workflow is not None and workflow.deleted_at is None and actor_of(uow, webhook) is not None


def accept_request(uow: UnitOfWork, *, target: Target, examined: Examined) -> Reception:
    """Write delivery, run and doorbell together; a test request only becomes the sample, unless the listener starts runs too.

    Raises what `start_run` raises when the inputs do not fit, NoWebhook when the webhook has just been closed, and Refused for
    a replayed message.
    """
    webhook = uow.session.exec(select(Webhook).where(Webhook.id == target.webhook_id)).first()
    if webhook is None or not _takes_requests(uow, webhook, is_test=target.is_test):
        raise NoWebhook()
    delivery = _delivery(uow, target, examined)
    if not _insert(uow, delivery):
        return _second_time(uow, target, examined)
    if target.is_test:
        _catch(uow, webhook, delivery)
        if not webhook.listening_runs:
            return Reception(delivery.id, None)
    workflow = uow.session.get(Workflow, webhook.workflow_id)
    if workflow is None:
        raise NoWebhook()
    return _start(uow, webhook, workflow, delivery, examined.content)


def _start(uow: UnitOfWork, webhook: Webhook, workflow: Workflow, delivery: WebhookDelivery, content: Content) -> Reception:
    uow.actor = actor_of(uow, webhook)
    inputs = build_inputs(settings_of(webhook), fields_of(workflow), content)
    run = start_run(uow, workflow_id=workflow.id, inputs=inputs, started_by=StartedBy(RunTrigger.WEBHOOK, webhook.id))
    nodes = reply_nodes(workflow.draft) if webhook.reply == "result" else ()
    values: dict[str, Any] = {"run_id": run.id, "reply_nodes": list(nodes)}
    if not nodes and webhook.reply != "result":
        values |= {"response_status": 202}
    uow.session.connection().execute(sa.update(delivery_table).where(delivery_table.c.id == delivery.id).values(values))
    return Reception(delivery.id, run.id, nodes)


def reply_nodes(draft: JsonObject) -> tuple[str, ...]:
    """The respond steps of a definition."""
    return tuple(str(node["id"]) for node in draft.get("nodes", ()) if node.get("kind") == Respond.kind)


def _insert(uow: UnitOfWork, delivery: WebhookDelivery) -> bool:
    """Whether this is the first delivery under its key; two at once wait for each other here."""
    connection = uow.session.connection()
    values = {column.name: getattr(delivery, column.name) for column in delivery_table.columns}
    statement = insert_into(connection, delivery_table).values(values)
    return is_inserted(connection, statement.on_conflict_do_nothing(index_elements=["webhook_id", "dedupe_key"]))


def _second_time(uow: UnitOfWork, target: Target, examined: Examined) -> Reception:
    """A sender's second try gets the first one's run; the very same message again, or other content under its name, is refused."""
    first = uow.session.exec(
        select(WebhookDelivery).where(WebhookDelivery.webhook_id == target.webhook_id, WebhookDelivery.dedupe_key == examined.dedupe_key)
    ).one()
    if examined.proof and examined.proof == first.proof:
        raise Refused(409, "replayed", "This very message was received before. Nothing was started again.")
    if first.request_hash != examined.request_hash:
        raise Refused(409, "key_reused", "This message id or idempotency key was used for another request. Use a new one.")
    again = _delivery(uow, target, examined)
    again.verdict, again.dedupe_key, again.request_sealed = "duplicate", None, None
    again.run_id, again.reply_nodes, again.response_status = first.run_id, first.reply_nodes, 202
    again.message = "Received before; the first one's run is told again."
    uow.session.add(again)
    uow.session.flush()
    return Reception(again.id, first.run_id, tuple(first.reply_nodes), is_first=False)


def _catch(uow: UnitOfWork, webhook: Webhook, delivery: WebhookDelivery) -> None:
    """The listener has what it waited for."""
    webhook.listening_until = None
    uow.session.add(webhook)
    connection = uow.session.connection()
    if not webhook.listening_runs:
        caught = {"verdict": "captured", "response_status": 200}
        connection.execute(sa.update(delivery_table).where(delivery_table.c.id == delivery.id).values(caught))


def note_refusal(uow: UnitOfWork, *, target: Target, incoming: Incoming, examined: Examined | None, error: AppError) -> uuid.UUID:
    """Log why a request was refused. What proved its origin is kept whole, so that it can be replayed once the webhook is mended."""
    if examined is not None:
        delivery = _delivery(uow, target, replace(examined, dedupe_key=None))
    else:
        kept = keep_raw(incoming, hidden=target.hidden_header)
        delivery = _blank(uow, target, incoming)
        delivery.headers, delivery.query, delivery.excerpt = dict(kept.headers), kept.query, kept.excerpt
    fields = "; ".join(f"{name}: {text}" for name, text in error.fields.items() if text not in error.message)
    delivery.verdict, delivery.code = "refused", error.error_code[:40]
    delivery.message = f"{error.message} {fields}".strip()[:1000].replace("\x00", "")
    delivery.response_status = error.status
    uow.session.add(delivery)
    if target.is_test:
        listening = sa.and_(col(Webhook.id) == target.webhook_id, col(Webhook.workspace_id) == target.workspace_id)
        uow.session.connection().execute(sa.update(Webhook).where(listening).values(listening_until=None))
    uow.session.flush()
    return delivery.id


def _delivery(uow: UnitOfWork, target: Target, examined: Examined) -> WebhookDelivery:
    incoming, content = examined.incoming, examined.content
    kept = keep(content)
    delivery = _blank(uow, target, incoming)
    delivery.headers, delivery.query, delivery.excerpt = dict(kept.headers), kept.query, kept.excerpt
    delivery.content_type, delivery.dedupe_key = content.content_type[:120], examined.dedupe_key
    delivery.request_hash, delivery.proof = examined.request_hash, examined.proof
    if len(incoming.body) <= KEPT_BYTES:
        delivery.request_sealed = seal_content(uow, delivery, content)
    if target.is_test and kept.sample:
        uow.session.connection().execute(sa.update(Webhook).where(col(Webhook.id) == target.webhook_id).values(sample=kept.sample))
    return delivery


def _blank(uow: UnitOfWork, target: Target, incoming: Incoming) -> WebhookDelivery:
    now = uow.ports.clock.now()
    return WebhookDelivery(
        id=new_id(),
        created_at=now,
        updated_at=now,
        workspace_id=target.workspace_id,
        webhook_id=target.webhook_id,
        verdict="accepted",
        method=incoming.method[:10],
        query={},
        headers={},
        size=len(incoming.body),
        address=incoming.address[:64],
        reply_nodes=[],
        is_test=target.is_test,
        duration_ms=round((uow.ports.clock.monotonic() - incoming.began) * 1000, 1),
    )


def seal_content(uow: UnitOfWork, delivery: WebhookDelivery, content: Content) -> str:
    """The request as it may be replayed, readable to this installation alone."""
    whole = {
        "headers": content.headers,
        "query": content.query,
        "body": content.body,
        "content_type": content.content_type,
        "is_text_only": content.is_text_only,
        "raw_body": content.raw_body,
    }
    text = json.dumps(whole, ensure_ascii=True, separators=(",", ":"))
    return uow.ports.box.seal(text.encode(), context=content_context(delivery))


def open_content(uow: UnitOfWork, delivery: WebhookDelivery) -> Content:
    """What was sealed; raises SealBroken."""
    whole = json.loads(uow.ports.box.open(delivery.request_sealed or "", context=content_context(delivery)))
    return Content(method=delivery.method, **whole)


def content_context(delivery: WebhookDelivery) -> str:
    """What a kept request is sealed to."""
    return f"webhook delivery:{delivery.workspace_id}:{delivery.webhook_id}:{delivery.id}"
