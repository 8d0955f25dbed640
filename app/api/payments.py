"""Paying out over HTTP, the gateway's webhook, and the test gateway's Pay button."""

import asyncio
import logging
from collections.abc import Callable
from typing import Annotated, Any
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from app import checkout
from app.api.callers import OwnSession
from app.api.envelope import REFUSALS
from app.api.hook_bodies import read_body
from app.api.visitor import Visitor, same_origin_visitor
from app.core.errors import Invalid, Unavailable
from app.core.payments import Buyer, EventRefused, PaymentRefused
from app.services.accounts import resolve_actor
from app.wiring import Wiring, get_wiring

log = logging.getLogger(__name__)
router = APIRouter(tags=["payments"], responses=REFUSALS)
From = Annotated[Visitor, Depends(same_origin_visitor)]
Parts = Annotated[Wiring, Depends(get_wiring)]
MOST_BYTES = 1024**2


class _Body(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True)


class TestCardBody(_Body):
    """The number of one of the test cards, and whom the receipt or the invoices are made out to, where that is asked for."""

    card: str = Field(max_length=40)
    billing_name: str = Field(default="", max_length=120)
    billing_address: str = Field(default="", max_length=300)
    tax_id: str = Field(default="", max_length=40)


class Landing(BaseModel):
    """Where the page goes next."""

    next: str


@router.post("/api/v1/payout-account")
async def set_up_payouts(visitor: From, wiring: Parts, token: OwnSession) -> Landing:
    """Say where the workspace's earnings go; the gateway's own pages ask for the rest."""
    url = await asyncio.to_thread(checkout.set_up_payouts, wiring, _runner(token, visitor, wiring))
    return Landing(next=url.removeprefix(wiring.settings.public_url))


@router.post("/api/v1/payouts")
async def pay_out(visitor: From, wiring: Parts, token: OwnSession) -> Landing:
    """Pay the workspace's available earnings out."""
    await asyncio.to_thread(checkout.pay_out, wiring, _runner(token, visitor, wiring))
    return Landing(next="/marketplace/sell")


@router.post("/api/v1/payouts/{payout_id}/send-again")
async def send_again(payout_id: str, visitor: From, wiring: Parts, token: OwnSession) -> Landing:
    """Send what a bank refused once more."""
    await asyncio.to_thread(checkout.send_again, wiring, _runner(token, visitor, wiring), payout_id=payout_id)
    return Landing(next="/marketplace/sell")


@router.post("/api/v1/test-payments/{checkout_id}")
async def pay_with_test_card(checkout_id: str, body: TestCardBody, visitor: From, wiring: Parts) -> Landing:  # noqa: ARG001 - its origin is checked
    """The Pay button of the test gateway's page; no real card is ever accepted."""
    buyer = Buyer(body.billing_name, body.billing_address, body.tax_id)
    back = await asyncio.to_thread(checkout.pay_with_test_card, wiring, checkout_id=checkout_id, card=body.card, buyer=buyer)
    return Landing(next=urlsplit(back).path)


@router.post("/api/payments/events")
async def take_event(request: Request, wiring: Parts) -> Response:
    """The gateway's webhook: the signature over the raw body is what counts. 200 only once everything is written."""
    body = await read_body(request, max_bytes=MOST_BYTES)
    signature = request.headers.get("stripe-signature", "")
    try:
        await asyncio.to_thread(checkout.deliver, wiring, body=body, signature=signature)
    except EventRefused as refused:
        raise Invalid(str(refused), code="event_refused") from refused
    except PaymentRefused as refused:  # which repeats it
        log.error("the gateway tells news and will not say more: %s", refused)
        raise Unavailable("The payment service refuses to tell more of this event.", code="payments_away") from refused
    return Response(status_code=200)


def _runner(token: str, visitor: Visitor, wiring: Wiring) -> Callable[..., Any]:
    def run(service: Callable[..., Any], **arguments: Any) -> Any:
        with wiring.unit() as uow:
            uow.actor = resolve_actor(uow, token=token, via="browser", address=visitor.address)
            return service(uow, **arguments)

    return run
