"""The plan of a workspace and what it pays for it: orders, changes shown before they are made, invoices as documents."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, ConfigDict, Field

from app import subscribing
from app.api.callers import Caller
from app.api.documents import answer_document
from app.api.envelope import REFUSALS, Answer, Id, Page, Shape, done, whole
from app.api.invoice_markup import render_invoice
from app.services.plans import get_plan
from app.services.subscriptions import get_billing, get_invoice, list_invoices
from app.views.plans import BillingDetail, ChangePreview, InvoiceDetail, InvoiceRow, PlanDetail

router = APIRouter(prefix="/api/v1", tags=["billing"], responses=REFUSALS)
PLAN_PAGE = "/settings/plan"


class _Body(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True)  # forms send more, and texts


class OrderBody(_Body):
    """Which plan, and the price that the buyer saw: only compared, never charged."""

    plan: str = Field(default="", max_length=20)
    seen_cents: int = Field(default=0, ge=0, le=10**9, strict=False)


class ChangeBody(OrderBody):
    """As the preview told it: the plan, what is due at once, and the moment it was worked out for."""

    at: str = Field(default="", max_length=40)


class PlanAnswer(Shape):
    """What the workspace may do, and what it pays for that."""

    plan: PlanDetail
    billing: BillingDetail


class NextPage(Shape):
    """Where the order is paid."""

    next: str


@router.get("/plan", operation_id="get_plan")
async def read_plan(door: Caller) -> Answer[PlanAnswer]:
    """The plan, what of it is used, and what is paid for it."""
    return done(PlanAnswer(plan=await door.read(get_plan), billing=await door.read(get_billing)))


@router.post("/plan/order", operation_id="order_plan")
async def order_plan(body: OrderBody, door: Caller) -> Answer[NextPage]:
    """Order a plan; a second request gives the same order. It counts once its first month is paid."""
    url = await asyncio.to_thread(subscribing.order_plan, door.wiring, door.run, plan=body.plan, seen_cents=body.seen_cents)
    return done(NextPage(next=url), "Pay the first month on that page.")


@router.get("/plan/preview", operation_id="preview_plan_change")
async def preview_change(door: Caller, plan: Annotated[str, Query(max_length=20)]) -> Answer[ChangePreview]:
    """What going over to a plan costs at once and later; "free" ends the paid one. Changes nothing."""
    return done(await asyncio.to_thread(subscribing.preview, door.wiring, door.run, plan=plan))


@router.post("/plan/change", operation_id="change_plan")
async def change_plan(body: ChangeBody, door: Caller) -> Answer[NextPage]:
    """Change the plan as it was previewed; refused when it would cost anything else by now."""
    given = {"plan": body.plan, "at": body.at or None, "seen_cents": body.seen_cents}
    await asyncio.to_thread(subscribing.change_plan, door.wiring, door.run, **given)
    return done(NextPage(next=PLAN_PAGE), "Changed.")


@router.get("/invoices", operation_id="list_invoices")
async def read_invoices(door: Caller) -> Answer[Page[InvoiceRow]]:
    """Invoices of the workspace, the newest first."""
    return whole(await door.read(list_invoices))


@router.get("/invoices/{invoice_id}", operation_id="get_invoice")
async def read_invoice(invoice_id: Id, door: Caller) -> Answer[InvoiceDetail]:
    """One invoice with its lines."""
    return done(await door.read(get_invoice, invoice_id=invoice_id))


@router.get("/invoices/{invoice_id}/document", operation_id="get_invoice_document", response_class=HTMLResponse)
async def read_document(invoice_id: Id, door: Caller, *, download: bool = False) -> HTMLResponse:
    """One invoice as a page to print or keep."""
    invoice = await door.read(get_invoice, invoice_id=invoice_id)
    return answer_document(door, invoice, render_invoice, name=f"invoice-{invoice.row.number}", is_kept=download)
