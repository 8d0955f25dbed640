"""An invoice as a page of its own: no scripts, readable everywhere, made for paper."""

from html import escape

from app.views import words
from app.views.plans import INVOICE_STATES, DocumentLine, InvoiceDetail
from app.views.purchases import ReceiptDetail

_STYLE = """
:root { color-scheme: light dark; --line: #d9dce3; --soft: #5b6270; --test: #8a5a00; }
@media (prefers-color-scheme: dark) { :root { --line: #3a3f4a; --soft: #a3abba; --test: #f0b849; } }
* { box-sizing: border-box; }
body { font: 15px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 46rem; padding: 2.5rem 1.25rem; }
header { display: flex; flex-wrap: wrap; gap: 1rem; justify-content: space-between; align-items: baseline; }
h1 { font-size: 1.6rem; margin: 0; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1.5rem; margin: 1.75rem 0; }
dt { color: var(--soft); } dd { margin: 0; overflow-wrap: anywhere; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { border-bottom: 1px solid var(--line); padding: .6rem 0; text-align: left; vertical-align: top; }
td:last-child, th:last-child { text-align: right; white-space: nowrap; padding-left: 1rem; }
tfoot th { font-weight: 400; color: var(--soft); border: 0; padding: .35rem 0; }
tfoot td { border: 0; padding: .35rem 0; }
tfoot tr.total th, tfoot tr.total td { font-weight: 650; color: inherit; border-top: 1px solid; }
.test { border: 1px solid; border-radius: 6px; color: var(--test); margin: 1.5rem 0 0; padding: .6rem .8rem; }
.state { color: var(--soft); } footer { color: var(--soft); margin-top: 2.5rem; }
@media print { body { padding: 0; } }
"""


def render_invoice(invoice: InvoiceDetail, *, host: str) -> str:
    """The whole document."""
    row = invoice.row
    facts = {
        "Number": row.number,
        "Issued": words.long_day(row.issued_at),
        "Period": f"{words.long_day(invoice.period_start)} to {words.long_day(invoice.period_end)}",
        "Billed to": "\n".join(invoice.billed_to),
        "Issued by": f"Agent Factory at {host}",
        "Paid": words.long_day(row.paid_at) or "not yet",
    }
    sums = {"Net": invoice.net if invoice.tax else "", "Tax": invoice.tax, "Total": row.total, "Refunded": row.refunded}
    return _page(
        "Invoice", row.number, INVOICE_STATES.get(row.state, row.state), is_test=row.is_test, facts=facts, lines=invoice.lines, sums=sums
    )


def render_receipt(document: ReceiptDetail, *, host: str) -> str:
    """A receipt or credit note of a single order."""
    row, is_credit = document.row, document.row.kind == "credit_note"
    facts = {
        "Number": row.number,
        "Issued": words.long_day(row.issued_at),
        **({"Credits": row.about, "Reason": document.reason} if is_credit else {}),
        "Billed to": "\n".join(document.billed_to),
        "Issued by": f"Agent Factory at {host}",
        "Order": document.order_id,
    }
    sums = {"Net": document.net if document.tax else "", "Tax": document.tax, "Total": row.total}
    title, state = ("Credit note", "Refunded" if document.reason == "Refund" else "Charged back") if is_credit else ("Receipt", "Paid")
    return _page(title, row.number, state, is_test=row.is_test, facts=facts, lines=document.lines, sums=sums)


def _page(
    title: str, number: str, state: str, *, is_test: bool, facts: dict[str, str], lines: tuple[DocumentLine, ...], sums: dict[str, str]
) -> str:
    told = f"Test mode: no money moved. This is no {title.lower()} in the sense of any law."
    test = f'<p class="test">{told}</p>' if is_test else ""
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{title} {escape(number)}</title><style>{_STYLE}</style></head><body>"
        f'<header><h1>{title}</h1><span class="state">{state}</span></header>{test}'
        f"<dl>{''.join(f'<dt>{name}</dt><dd>{_lines(value)}</dd>' for name, value in facts.items() if value)}</dl>"
        f"<table><thead><tr><th>What</th><th>Amount</th></tr></thead><tbody>"
        f"{''.join(f'<tr><td>{escape(line.text)}</td><td>{escape(line.amount)}</td></tr>' for line in lines)}</tbody>"
        f"<tfoot>{''.join(_sum(name, value) for name, value in sums.items() if value)}</tfoot></table>"
        f"<footer>All amounts in US dollars. Payments are made through the payment service of this installation.</footer></body></html>"
    )


def _lines(value: str) -> str:
    return "<br>".join(escape(line) for line in value.split("\n"))


def _sum(name: str, value: str) -> str:
    mark = ' class="total"' if name == "Total" else ""
    return f"<tr{mark}><th>{name}</th><td>{escape(value)}</td></tr>"


def document_headers(name: str, *, is_kept: bool) -> dict[str, str]:
    """Of a document's answer: no script, no frame, nothing kept on the way; shown, or kept as a file."""
    safe = "".join(sign if sign.isalnum() or sign in "-_" else "-" for sign in name)
    return {
        "Content-Disposition": f'{"attachment" if is_kept else "inline"}; filename="{safe}.html"',
        "Cache-Control": "no-store",
        "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    }
