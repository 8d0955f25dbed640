"""Documents of money as pages to print or keep: invoices, receipts and credit notes are answered alike."""

from collections.abc import Callable
from urllib.parse import urlsplit

from fastapi.responses import HTMLResponse

from app.api.callers import Door
from app.api.invoice_markup import document_headers


def answer_document(door: Door, found: object, render: Callable[..., str], *, name: str, is_kept: bool) -> HTMLResponse:
    """`render(found, host=...)` as an answer; `is_kept`: as a file of that name."""
    host = urlsplit(door.wiring.settings.public_url).netloc
    return HTMLResponse(render(found, host=host), headers=document_headers(name, is_kept=is_kept))
