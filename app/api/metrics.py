"""/metrics: what Prometheus scrapes of this web process; a bearer token guards it, which production insists on."""

from functools import lru_cache
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from app.adapters.metrics import CONTENT_TYPE, WebMetrics, may_scrape
from app.core.errors import NotFound
from app.wiring import Wiring, get_wiring

router = APIRouter(tags=["health"])


@lru_cache(maxsize=1)
def get_metrics() -> WebMetrics:
    """This process's instruments."""
    wiring = get_wiring()
    return WebMetrics(wiring.database, wiring.ports.queue.waiting_messages)


def observe(method: str, route: str, status: int, seconds: float) -> None:
    """Count one answer of the site."""
    get_metrics().observe(method, route, status, seconds)


@router.get("/metrics")
def metrics(
    request: Request, wiring: Annotated[Wiring, Depends(get_wiring)], shown: Annotated[WebMetrics, Depends(get_metrics)]
) -> Response:
    """Prometheus text. 404 without the token, as where there is no such page."""
    settings = wiring.settings
    if not may_scrape(settings.metrics_token, request.headers.get("authorization", ""), is_production=settings.is_production):
        raise NotFound("This page")
    return Response(shown.page(), media_type=CONTENT_TYPE, headers={"Cache-Control": "no-store"})
