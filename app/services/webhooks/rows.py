"""Webhook rows: loaded, told what state they are in, and turned into views; the other modules of this package share it."""

import uuid
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import col, select

from app.core.permissions import GRANTS, Permission, permissions_of
from app.core.ports import SealBroken
from app.core.uow import Actor, UnitOfWork
from app.services.runs.inputs import form_fields
from app.services.signing import SecretPlace, secret_cards
from app.services.webhooks.settings import WebhookSettings
from app.views.webhooks import InputField, WebhookDetail, WebhookRow
from engine.errors import SpecError
from engine.nodes.fields import FormField
from engine.spec.upgrade import load_workflow
from models.ids import parse_id
from models.user import User
from models.webhook import Webhook, WebhookDelivery
from models.workflow import Workflow
from models.workspace import Membership, Role

WHAT = "This webhook"
delivery_table: sa.Table = WebhookDelivery.__table__  # type: ignore[attr-defined]
DAY = timedelta(hours=24)


def load_webhook(uow: UnitOfWork, webhook_id: object) -> Webhook:
    """The webhook of the actor's workspace, or NotFound."""
    return uow.load(Webhook, parse_id(webhook_id), what=WHAT)


def place_of(webhook: Webhook) -> SecretPlace:
    """Where its secrets are sealed to."""
    return SecretPlace(webhook.workspace_id, webhook.id)


def token_context(workspace_id: uuid.UUID, webhook_id: uuid.UUID) -> str:
    """What the token of the address is sealed to."""
    return f"webhook token:{workspace_id}:{webhook_id}"


def settings_of(webhook: Webhook) -> WebhookSettings:
    """The stored settings."""
    return WebhookSettings(
        name=webhook.name,
        methods=tuple(webhook.methods),
        auth=webhook.auth,
        auth_header=webhook.auth_header,
        reply=webhook.reply,
        wait_s=webhook.wait_s,
        input_mode=webhook.input_mode,
        mapping=webhook.mapping,
        key_header=webhook.key_header,
        max_bytes=webhook.max_bytes,
        rate_per_minute=webhook.rate_per_minute,
    )


def actor_of(uow: UnitOfWork, webhook: Webhook) -> Actor | None:
    """Whom its runs belong to: a person who is still a member and may still run workflows."""
    if webhook.runs_as is None:
        return None
    row = uow.session.exec(
        select(Membership, User)
        .join(User, col(User.id) == col(Membership.user_id))
        .where(Membership.workspace_id == webhook.workspace_id, Membership.user_id == webhook.runs_as)
    ).first()
    if row is None or row[1].disabled_at is not None or (row[1].is_demo and not uow.ports.demo_account_allowed):
        return None
    role = Role(row[0].role)
    return Actor(user_id=webhook.runs_as, workspace_id=webhook.workspace_id, role=role) if Permission.RUN in GRANTS[role] else None


def stop_reason(uow: UnitOfWork, webhook: Webhook, workflow: Workflow | None) -> str:
    """Why it takes nothing although nobody paused it, or ""."""
    if workflow is None or workflow.deleted_at is not None:
        return "Its workflow was deleted. Restore the workflow, or delete this webhook."
    if actor_of(uow, webhook) is None:
        return "Whoever its runs belong to may not run workflows here any more. Take it over to go on."
    return ""


def fields_of(workflow: Workflow) -> tuple[FormField, ...]:
    """The inputs its workflow asks for; none when it takes anything, or when its definition cannot be read just now."""
    try:
        return form_fields(load_workflow(workflow.draft))
    except SpecError:
        return ()


def row_view(uow: UnitOfWork, webhook: Webhook, workflow: Workflow, figures: Any = None) -> WebhookRow:
    """One line of the list."""
    reason = stop_reason(uow, webhook, workflow)
    state = "paused" if webhook.is_paused else "stopped" if reason else "active"
    return WebhookRow(
        id=webhook.id,
        name=webhook.name,
        workflow_id=webhook.workflow_id,
        workflow_name=workflow.name,
        auth=webhook.auth,
        reply=webhook.reply,
        state=state,
        reason=reason,
        last_at=figures.last_at if figures else None,
        accepted_24h=int(figures.accepted or 0) if figures else 0,
        refused_24h=int(figures.refused or 0) if figures else 0,
    )


def detail_view(uow: UnitOfWork, webhook: Webhook) -> WebhookDetail:
    """The webhook with its settings, and its address for who may edit."""
    grants = permissions_of(uow.actor)
    workflow = uow.session.get(Workflow, webhook.workflow_id)
    assert workflow is not None  # the foreign key cascades
    owner = uow.session.get(User, webhook.runs_as) if webhook.runs_as else None
    url = address_of(uow, webhook) if Permission.EDIT in grants else ""
    now = uow.ports.clock.now()
    is_listening = webhook.listening_until is not None and webhook.listening_until > now
    return WebhookDetail(
        row=row_view(uow, webhook, workflow, figures_of(uow, [webhook.id]).get(webhook.id)),
        url=url,
        test_url=f"{url}/test" if url else "",
        methods=tuple(webhook.methods),
        auth_header=webhook.auth_header,
        secrets=secret_cards(webhook.secrets, now),
        wait_s=webhook.wait_s,
        input_mode=webhook.input_mode,
        mapping=dict(webhook.mapping),
        key_header=webhook.key_header,
        max_bytes=webhook.max_bytes,
        rate_per_minute=webhook.rate_per_minute,
        runs_as=owner.name if owner else "",
        fields=tuple(InputField(field.name, field.label, field.type, field.required) for field in fields_of(workflow)),
        sample=webhook.sample,
        listening_until=webhook.listening_until if is_listening else None,
        can_edit=Permission.EDIT in grants,
        can_run=Permission.RUN in grants,
    )


def address_of(uow: UnitOfWork, webhook: Webhook) -> str:
    """The full address, or "" when the installation's secret key has changed: then a new address has to be made."""
    try:
        token = uow.ports.box.open(webhook.token_sealed, context=token_context(webhook.workspace_id, webhook.id)).decode()
    except SealBroken:
        return ""
    return f"{uow.ports.public_url}/api/hooks/{token}"


def figures_of(uow: UnitOfWork, webhook_ids: list[uuid.UUID]) -> dict[uuid.UUID, Any]:
    """When each was called last, and what it took and refused within a day."""
    if not webhook_ids:
        return {}
    columns = delivery_table.c
    since = uow.ports.clock.now() - DAY
    is_new = columns.created_at > since
    query = (
        sa.select(
            columns.webhook_id,
            sa.func.max(columns.created_at).label("last_at"),
            sa.func.sum(sa.case((sa.and_(is_new, columns.verdict == "accepted"), 1), else_=0)).label("accepted"),
            sa.func.sum(sa.case((sa.and_(is_new, columns.verdict == "refused"), 1), else_=0)).label("refused"),
        )
        .where(columns.webhook_id.in_(webhook_ids), columns.workspace_id == uow.workspace_id)
        .group_by(columns.webhook_id)
    )
    return {row.webhook_id: row for row in uow.session.connection().execute(query)}
