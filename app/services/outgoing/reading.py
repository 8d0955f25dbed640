"""Looking at endpoints: the list, and one with its settings."""

from sqlmodel import col, func, select

from app.core.permissions import Permission, require
from app.core.text import search_words
from app.core.uow import UnitOfWork
from app.services.outgoing.rows import detail_view, figures_of, load_endpoint, may, row_view
from app.views.outgoing import EndpointDetail, EndpointPage
from models.endpoint import WebhookEndpoint

MOST = 200


def list_endpoints(uow: UnitOfWork, *, search: object = "") -> EndpointPage:
    """The endpoints by name; `search` looks in their names and, for who may see them, addresses."""
    require(uow, Permission.VIEW)
    is_kept = col(WebhookEndpoint.deleted_at).is_(None)
    query = uow.scoped(WebhookEndpoint).where(is_kept)
    words = search_words(search).lower()
    if words:
        found = func.lower(col(WebhookEndpoint.name)).contains(words, autoescape=True)
        if may(uow, Permission.EDIT):
            found |= func.lower(col(WebhookEndpoint.url)).contains(words, autoescape=True)
        query = query.where(found)
    rows = uow.session.exec(query.order_by(func.lower(col(WebhookEndpoint.name)), col(WebhookEndpoint.id)).limit(MOST)).all()
    figures = figures_of(uow, [row.id for row in rows])
    total = select(func.count()).select_from(WebhookEndpoint).where(WebhookEndpoint.workspace_id == uow.workspace_id, is_kept)
    shown = tuple(row_view(uow, row, figures.get(row.id)) for row in rows)
    return EndpointPage(shown, uow.session.exec(total).one(), may(uow, Permission.EDIT))


def get_endpoint(uow: UnitOfWork, *, endpoint_id: object) -> EndpointDetail:
    """One endpoint with its settings."""
    require(uow, Permission.VIEW)
    return detail_view(uow, load_endpoint(uow, endpoint_id))
