"""Looking at webhooks: the list, one with its settings, the delivery log, and one delivery."""

import uuid
from typing import Any

import sqlalchemy as sa
from sqlmodel import col, func, select

from app.core.errors import NotFound
from app.core.permissions import Permission, permissions_of, require
from app.core.text import search_words
from app.core.uow import UnitOfWork
from app.services.webhooks.rows import delivery_table, detail_view, figures_of, load_webhook, row_view
from app.views.webhooks import DeliveryDetail, DeliveryPage, DeliveryRow, WebhookDetail, WebhookPage
from models.ids import parse_id
from models.run import Run
from models.webhook import Webhook, WebhookDelivery
from models.workflow import Workflow

MOST = 200
PAGE = 30
VERDICTS = ("accepted", "duplicate", "refused", "captured")
_delivery = delivery_table.c
run_table: sa.Table = Run.__table__  # type: ignore[attr-defined]
_ROW = (
    _delivery.id,
    _delivery.created_at,
    _delivery.verdict,
    _delivery.code,
    _delivery.message,
    _delivery.method,
    _delivery.size,
    _delivery.run_id,
    _delivery.response_status,
    _delivery.duration_ms,
    _delivery.is_test,
    _delivery.replay_of,
    run_table.c.status.label("run_status"),
)


def list_webhooks(uow: UnitOfWork, *, search: object = "", workflow_id: object = None) -> WebhookPage:
    """The webhooks by name; `search` looks in their names and those of their workflows."""
    require(uow, Permission.VIEW)
    is_kept = [Webhook.workspace_id == uow.workspace_id, col(Webhook.deleted_at).is_(None), uow.within_reach(Webhook)]
    if workflow_id is not None:
        wanted = parse_id(workflow_id)
        is_kept.append(Webhook.workflow_id == wanted if wanted else sa.false())
    query = select(Webhook, Workflow).join(Workflow, col(Workflow.id) == col(Webhook.workflow_id)).where(*is_kept)
    words = search_words(search).lower()
    if words:
        in_name = func.lower(col(Webhook.name)).contains(words, autoescape=True)
        query = query.where(sa.or_(in_name, func.lower(col(Workflow.name)).contains(words, autoescape=True)))
    rows = uow.session.exec(query.order_by(func.lower(col(Webhook.name)), col(Webhook.id)).limit(MOST)).all()
    figures = figures_of(uow, [webhook.id for webhook, _ in rows])
    everything = select(func.count()).select_from(Webhook).where(*is_kept)
    can_edit = Permission.EDIT in permissions_of(uow.actor)
    shown = tuple(row_view(uow, webhook, workflow, figures.get(webhook.id)) for webhook, workflow in rows)
    return WebhookPage(shown, uow.session.exec(everything).one(), can_edit)


def get_webhook(uow: UnitOfWork, *, webhook_id: object) -> WebhookDetail:
    """One webhook with its settings."""
    require(uow, Permission.VIEW)
    return detail_view(uow, load_webhook(uow, webhook_id))


def list_deliveries(uow: UnitOfWork, *, webhook_id: object, verdict: object = "", search: object = "", cursor: object = "") -> DeliveryPage:
    """The log, newest first. `search` looks in the body, the reason and the beginning of ids; the cursor is the last row's id."""
    require(uow, Permission.VIEW)
    webhook = load_webhook(uow, webhook_id)
    query = _rows(uow, webhook.id).order_by(_delivery.id.desc()).limit(PAGE + 1)
    if isinstance(verdict, str) and verdict in VERDICTS:
        query = query.where(_delivery.verdict == verdict)
    words = search_words(search)
    if words:
        query = query.where(_matches(words))
    before = parse_id(cursor)
    if before is not None:
        query = query.where(_delivery.id < before)
    rows = uow.session.connection().execute(query).all()
    shown = tuple(_row_view(row) for row in rows[:PAGE])
    return DeliveryPage(shown, str(shown[-1].id) if len(rows) > PAGE else "")


def get_delivery(uow: UnitOfWork, *, delivery_id: object) -> DeliveryDetail:
    """One delivery with what was kept of it."""
    require(uow, Permission.VIEW)
    return delivery_view(uow, uow.load(WebhookDelivery, parse_id(delivery_id), what="This delivery"))


def delivery_view(uow: UnitOfWork, delivery: WebhookDelivery) -> DeliveryDetail:
    """The view of a loaded delivery."""
    row = uow.session.connection().execute(_rows(uow, delivery.webhook_id).where(_delivery.id == delivery.id)).first()
    if row is None:
        raise NotFound("This delivery")
    problem = "" if delivery.request_sealed else "The whole request was not kept, because it was too large, too old or not proved."
    can_run = Permission.RUN in permissions_of(uow.actor)
    return DeliveryDetail(
        row=_row_view(row),
        webhook_id=delivery.webhook_id,
        address=delivery.address,
        query=delivery.query,
        headers=delivery.headers,
        content_type=delivery.content_type,
        excerpt=delivery.excerpt,
        response_excerpt=delivery.response_excerpt,
        dedupe_key=(delivery.dedupe_key or "").partition(":")[2],
        can_replay=can_run and not problem,
        replay_problem=problem,
    )


def _rows(uow: UnitOfWork, webhook_id: uuid.UUID) -> Any:
    joined = delivery_table.outerjoin(run_table, run_table.c.id == _delivery.run_id)
    return sa.select(*_ROW).select_from(joined).where(_delivery.workspace_id == uow.workspace_id, _delivery.webhook_id == webhook_id)


def _matches(words: str) -> sa.ColumnElement[bool]:
    exact = parse_id(words)
    if exact is not None:
        return sa.or_(_delivery.id == exact, _delivery.run_id == exact)
    return sa.or_(*[column.icontains(words, autoescape=True) for column in (_delivery.excerpt, _delivery.message, _delivery.dedupe_key)])


def _row_view(row: Any) -> DeliveryRow:
    return DeliveryRow(
        id=row.id,
        created_at=row.created_at,
        verdict=row.verdict,
        code=row.code,
        message=row.message,
        method=row.method,
        size=row.size,
        run_id=row.run_id,
        run_status=row.run_status or "",
        response_status=row.response_status,
        duration_ms=row.duration_ms,
        is_test=row.is_test,
        is_replay=row.replay_of is not None,
    )
