"""Receipts and credit notes of single orders over HTTP, for the workspace that bought."""

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from app.api.callers import Caller
from app.api.documents import answer_document
from app.api.envelope import REFUSALS, Answer, Id, Page, done, whole
from app.api.invoice_markup import render_receipt
from app.services.payments import get_receipt, list_receipts
from app.views.purchases import ReceiptDetail, ReceiptRow

router = APIRouter(prefix="/api/v1/receipts", tags=["purchases"], responses=REFUSALS)


@router.get("", operation_id="list_receipts")
async def read_receipts(door: Caller) -> Answer[Page[ReceiptRow]]:
    """Receipts and credit notes, the newest first."""
    return whole(await door.read(list_receipts))


@router.get("/{receipt_id}", operation_id="get_receipt")
async def read_receipt(receipt_id: Id, door: Caller) -> Answer[ReceiptDetail]:
    """One with its lines."""
    return done(await door.read(get_receipt, receipt_id=receipt_id))


@router.get("/{receipt_id}/document", operation_id="get_receipt_document", response_class=HTMLResponse)
async def read_document(receipt_id: Id, door: Caller, *, download: bool = False) -> HTMLResponse:
    """One as a page to print or keep."""
    found = await door.read(get_receipt, receipt_id=receipt_id)
    name = f"{found.row.kind.replace('_', '-')}-{found.row.number}"
    return answer_document(door, found, render_receipt, name=name, is_kept=download)
