"""Buying on the marketplace over HTTP: orders once or by the month, the workspace's list of them, and taking them back."""

import asyncio
from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from app import checkout, subscribing
from app.api.callers import Caller
from app.api.envelope import REFUSALS, Answer, Id, Page, Shape, done, whole
from app.services.coupons import get_quote
from app.services.orders import get_order, list_orders
from app.views.coupons import Quote
from app.views.purchases import PurchaseRow

router = APIRouter(prefix="/api/v1/purchases", tags=["purchases"], responses=REFUSALS)


class BuyBody(BaseModel):
    """Which listing, and the price that the buyer saw: only compared, never charged."""

    model_config = ConfigDict(extra="ignore", strict=True)  # forms send more, and texts

    slug: str = Field(default="", max_length=80)
    seen_cents: int = Field(default=0, ge=0, le=10**9, strict=False)
    seen_billing: Literal["once", "month"] = "once"
    coupon: str = Field(default="", max_length=80)


class QuoteBody(BaseModel):
    """Which listing, and with which code."""

    model_config = ConfigDict(extra="forbid", strict=True)

    slug: str = Field(max_length=80)
    coupon: str = Field(default="", max_length=80)


class Landing(Shape):
    """Where the buyer goes next: to pay, or back to the order."""

    next: str


@router.get("", operation_id="list_purchases")
async def read_purchases(door: Caller) -> Answer[Page[PurchaseRow]]:
    """Orders of the workspace, single and monthly ones, the newest first."""
    return whole(await door.read(list_orders))


@router.get("/{order_id}", operation_id="get_purchase")
async def read_purchase(order_id: Id, door: Caller) -> Answer[PurchaseRow]:
    """One order; a monthly one with its invoices."""
    return done(await door.read(get_order, order_id=order_id))


@router.post("", operation_id="buy_listing")
async def buy(body: BuyBody, door: Caller) -> Answer[Landing]:
    """Place an order, and say where it is paid. A second request gives the same order and page."""
    act = subscribing.order_listing if body.seen_billing == "month" else checkout.buy
    url = await asyncio.to_thread(act, door.wiring, door.run, slug=body.slug, seen_cents=body.seen_cents, coupon=body.coupon)
    return done(Landing(next=url), "It costs nothing and is yours." if "/purchases/" in url else "Pay on that page.")


@router.post("/quote", operation_id="quote_listing")
async def quote(body: QuoteBody, door: Caller) -> Answer[Quote]:
    """What a listing costs with a coupon, before anything is ordered; asking holds nothing."""
    return done(await door.read(get_quote, slug=body.slug, coupon=body.coupon))


@router.post("/{order_id}/refund", operation_id="refund_purchase")
async def take_back(order_id: Id, door: Caller) -> Answer[Landing]:
    """Take an order back within the window; of a monthly one its newest month, which ends it."""
    is_monthly = (await door.read(get_order, order_id=order_id)).is_monthly
    if is_monthly:
        await asyncio.to_thread(subscribing.take_month_back, door.wiring, door.run, order_id=order_id)
    else:
        await asyncio.to_thread(checkout.take_back, door.wiring, door.run, purchase_id=order_id)
    return _seen(order_id, "Taken back.")


@router.post("/{order_id}/cancel", operation_id="cancel_purchase")
async def cancel(order_id: Id, door: Caller) -> Answer[Landing]:
    """Let a monthly order end with the month that is paid."""
    await asyncio.to_thread(subscribing.end_listing, door.wiring, door.run, order_id=order_id)
    return _seen(order_id, "It ends with the month that is paid.")


@router.post("/{order_id}/keep", operation_id="keep_purchase")
async def keep(order_id: Id, door: Caller) -> Answer[Landing]:
    """Take that back while the month lasts."""
    await asyncio.to_thread(subscribing.keep_listing, door.wiring, door.run, order_id=order_id)
    return _seen(order_id, "It goes on.")


def _seen(order_id: str, told: str) -> Answer[Landing]:
    return done(Landing(next=f"/purchases/{order_id}"), told)
