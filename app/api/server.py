"""The FastAPI application behind /api, /healthz and /readyz; app.app hands it to Reflex. Routers are an explicit list."""

from fastapi import APIRouter, FastAPI

from app.api import health

ROUTERS: tuple[APIRouter, ...] = (health.router,)


def build_api() -> FastAPI:
    """Assemble the API."""
    api = FastAPI(title="Agent Factory", openapi_url="/api/v1/openapi.json", docs_url="/api/docs", redoc_url=None)
    for router in ROUTERS:
        api.include_router(router)
    return api
