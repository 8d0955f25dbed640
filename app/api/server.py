"""The FastAPI application behind /api, /docs, /healthz, /readyz and /metrics; app.app hands it to Reflex. Routers are an explicit list."""

from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute

from app.api import (
    account,
    agents,
    approvals,
    audit,
    auth,
    billing,
    blueprints,
    budgets,
    chat,
    closing,
    coupons,
    credentials,
    drafting,
    editing,
    endpoints,
    external,
    health,
    hooks,
    joining,
    keys,
    looking,
    market,
    members,
    metrics,
    operating,
    orders,
    passwords,
    payments,
    payouts,
    people,
    public_pages,
    receipts,
    reference,
    reviews,
    rules,
    runs,
    schedules,
    selling,
    sharing,
    sign_ins,
    streams,
    tokens,
    trying,
    versions,
    webhooks,
    workflow_tests,
    workflows,
)
from app.api.callers import turn_away
from app.api.envelope import Refusal
from app.api.errors import add_error_handlers
from app.api.letters import router as letters_router
from app.api.limits import RequestLimits
from app.api.needs import Need, need_of
from app.api.pictures import router as pictures_router

ROUTERS: tuple[APIRouter, ...] = (
    health.router,
    metrics.router,
    reference.router,
    auth.router,
    passwords.router,
    sign_ins.doors,
    external.router,
    tokens.router,
    people.router,
    closing.router,
    account.router,
    keys.router,
    members.router,
    joining.router,
    sign_ins.router,
    drafting.router,
    agents.router,
    budgets.router,
    workflows.router,
    editing.router,
    trying.router,
    workflow_tests.router,
    sharing.router,
    versions.router,
    runs.router,
    looking.router,
    streams.router,
    chat.router,
    approvals.router,
    schedules.router,
    webhooks.router,
    rules.router,
    endpoints.router,
    blueprints.router,
    credentials.router,
    audit.router,
    letters_router,
    pictures_router,
    hooks.router,
    billing.router,
    orders.router,
    coupons.router,
    market.router,
    reviews.router,
    selling.router,
    payouts.router,
    operating.router,
    receipts.router,
    payments.router,
    public_pages.router,
)


# Their routes are posted to by the site's own pages; programs have others that do the same.
SITE_FORMS: tuple[APIRouter, ...] = (auth.router, passwords.router, sign_ins.doors, external.router, payments.router)


class Api(FastAPI):
    """FastAPI, with the one shape of refusals among the described shapes, and what each operation needs (`x-needs`)."""

    def openapi(self) -> dict[str, Any]:
        """The description of every route, written once."""
        if self.openapi_schema is None:
            whole = super().openapi()
            whole["components"]["schemas"]["Refusal"] = Refusal.model_json_schema(mode="serialization")
            _tell_needs(whole)
        assert self.openapi_schema is not None
        return self.openapi_schema


def _tell_needs(whole: dict[str, Any]) -> None:
    forms = {route.path for router in SITE_FORMS for route in router.routes if isinstance(route, APIRoute)}
    for route in (one for router in ROUTERS for one in router.routes):
        if not isinstance(route, APIRoute) or not route.include_in_schema:
            continue
        for method in route.methods or ():
            spec = whole["paths"][route.path_format][method.lower()]
            need = Need("page") if route.path in forms else need_of(route.endpoint, has_door="security" in spec)
            spec["x-needs"] = {"who": need.who, "scope": need.scope, "roles": list(need.roles)}


def build_api() -> FastAPI:
    """Assemble the API."""
    api = Api(title="Agent Factory", openapi_url="/api/v1/openapi.json", docs_url=None, redoc_url=None)
    for router in ROUTERS:
        api.include_router(router)
    api.state.routes = [route for router in ROUTERS for route in router.routes]
    add_error_handlers(api, turn_away)
    api.add_middleware(RequestLimits, turn_away=turn_away)
    return api
