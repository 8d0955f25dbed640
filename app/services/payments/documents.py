"""Receipts of single orders and credit notes for what went back: written with the money, numbered without gaps for each year."""

import uuid
from collections.abc import Collection

import sqlalchemy as sa
from sqlmodel import col, select

from app.core.bulk import insert_into
from app.core.money import Parts, format_cents
from app.core.permissions import Permission, require
from app.core.uow import UnitOfWork
from app.views.plans import DocumentLine
from app.views.purchases import ReceiptDetail, ReceiptRow
from models.ids import new_id, parse_id
from models.purchase import Purchase
from models.receipt import DocumentSeries, Receipt
from models.user import User
from models.workspace import Workspace

LETTERS = {"receipt": "R", "credit_note": "C"}
MOST = 500


def issue_receipt(uow: UnitOfWork, purchase: Purchase) -> str:
    """For an order that was settled in this transaction; returns its number."""
    price = purchase.amount_cents + purchase.discount_cents
    lines = [{"text": f"{purchase.title} {purchase.version}", "amount_cents": price}]
    if purchase.discount_cents:
        lines.append({"text": f"Coupon {purchase.coupon_code}", "amount_cents": -purchase.discount_cents})
    row = _document(uow, purchase, "receipt", f"purchase:{purchase.id}")
    row.lines, row.total_cents, row.tax_cents = lines, purchase.paid_cents, purchase.tax_cents
    return _write(uow, row)


def issue_credit_note(uow: UnitOfWork, purchase: Purchase, parts: Parts, *, event: str, reason: str) -> str:
    """For what went back, once for each fact, and never over more than the receipt: a bank may take what was refunded already.

    Returns its number, "" when none was due.
    """
    if uow.session.exec(select(Receipt.id).where(Receipt.source_event == event)).first() is not None:
        return ""
    about = uow.session.exec(select(Receipt.number).where(Receipt.source_event == f"purchase:{purchase.id}")).first()
    total, tax = _left(uow, purchase)
    total, tax = min(parts.total, total), min(parts.tax, tax)
    if total == 0:
        return ""
    row = _document(uow, purchase, "credit_note", event)
    row.about, row.reason = about or "", reason
    row.total_cents, row.tax_cents = total, tax
    row.lines = [{"text": f"{reason}: {purchase.title} {purchase.version}", "amount_cents": row.total_cents}]
    return _write(uow, row)


def take_credit_note_back(uow: UnitOfWork, purchase: Purchase, *, event: str) -> None:
    """What a credit note was about did not arrive: a receipt over the same."""
    note = uow.session.exec(select(Receipt).where(Receipt.source_event == event)).first()
    if note is None:
        return
    row = _document(uow, purchase, "receipt", f"{event}:failed")
    row.about, row.reason = note.number, "The refund did not arrive"
    row.total_cents, row.tax_cents = note.total_cents, note.tax_cents
    row.lines = [{"text": f"Refund that did not arrive: {purchase.title} {purchase.version}", "amount_cents": note.total_cents}]
    _write(uow, row)


def _left(uow: UnitOfWork, purchase: Purchase) -> tuple[int, int]:
    """What no credit note is about yet: in all, and of the tax."""
    sign = sa.case((col(Receipt.kind) == "receipt", 1), else_=-1)
    total, tax = (sa.func.coalesce(sa.func.sum(sign * col(one)), 0) for one in (Receipt.total_cents, Receipt.tax_cents))
    total, tax = uow.session.connection().execute(sa.select(total, tax).where(col(Receipt.purchase_id) == purchase.id)).one()
    return int(total), int(tax)


def _document(uow: UnitOfWork, purchase: Purchase, kind: str, event: str) -> Receipt:
    now = uow.ports.clock.now()
    given = purchase.billed_to or buyer_now(uow, purchase.workspace_id, purchase.buyer_id)
    return Receipt(
        workspace_id=purchase.workspace_id, purchase_id=purchase.id, kind=kind, number="", series=f"{purchase.mode}-{kind}-{now.year}",
        sequence=0, source_event=event, lines=[], total_cents=0, tax_cents=0, currency=purchase.currency, mode=purchase.mode,
        billed_to=given[:800], issued_at=now, created_at=now, updated_at=now,
    )  # fmt: skip


def buyer_now(uow: UnitOfWork, workspace_id: uuid.UUID, buyer_id: uuid.UUID | None) -> str:
    """Whom a document is made out to where the payment page asked for nothing: the workspace and who ordered, one a line."""
    space = uow.session.get(Workspace, workspace_id)
    email = uow.session.exec(select(User.email).where(User.id == buyer_id)).first() if buyer_id else None
    return "\n".join(part for part in (space.name if space else "", email or "") if part)


def _write(uow: UnitOfWork, row: Receipt) -> str:
    """Under the lock of its series: who comes at the same moment waits, and a transaction that fails gives its number back."""
    connection, now = uow.session.connection(), uow.ports.clock.now()
    table: sa.Table = DocumentSeries.__table__  # type: ignore[attr-defined]
    first = {"id": new_id(), "created_at": now, "updated_at": now, "series": row.series, "last": 0}
    connection.execute(insert_into(connection, table).values(first).on_conflict_do_nothing(index_elements=["series"]))
    connection.execute(sa.update(table).where(table.c.series == row.series).values(last=table.c.last + 1))
    row.sequence = int(connection.execute(sa.select(table.c.last).where(table.c.series == row.series)).scalar_one())
    mark = "" if row.mode == "live" else "TEST-"
    row.number = f"{mark}{LETTERS[row.kind]}-{row.issued_at.year}-{row.sequence:06d}"
    uow.session.add(row)
    uow.session.flush()
    return row.number


def list_receipts(uow: UnitOfWork) -> tuple[ReceiptRow, ...]:
    """Receipts and credit notes of the workspace, the newest first."""
    require(uow, Permission.VIEW)
    found = uow.session.exec(uow.scoped(Receipt).order_by(col(Receipt.id).desc()).limit(MOST))
    return tuple(receipt_row(row) for row in found)


def receipts_of(uow: UnitOfWork, purchases: Collection[uuid.UUID]) -> dict[uuid.UUID, tuple[ReceiptRow, ...]]:
    """By order, the oldest first; orders without any are left out."""
    found: dict[uuid.UUID, tuple[ReceiptRow, ...]] = {}
    for row in uow.session.exec(uow.scoped(Receipt).where(col(Receipt.purchase_id).in_(purchases)).order_by(col(Receipt.id))):
        found[row.purchase_id] = (*found.get(row.purchase_id, ()), receipt_row(row))
    return found


def get_receipt(uow: UnitOfWork, *, receipt_id: object) -> ReceiptDetail:
    """One with its lines, to be read and printed."""
    require(uow, Permission.VIEW)
    row = uow.load(Receipt, parse_id(receipt_id), what="This document")
    sign = -1 if row.kind == "credit_note" else 1
    return ReceiptDetail(
        row=receipt_row(row),
        lines=tuple(DocumentLine(str(line["text"]), format_cents(sign * int(line["amount_cents"]), row.currency)) for line in row.lines),
        net=format_cents(sign * (row.total_cents - row.tax_cents), row.currency),
        tax=format_cents(sign * row.tax_cents, row.currency) if row.tax_cents else "",
        billed_to=tuple(row.billed_to.split("\n")) if row.billed_to else (),
        order_id=str(row.purchase_id),
        reason=row.reason,
    )


def receipt_row(row: Receipt) -> ReceiptRow:
    """A document in a list."""
    total = format_cents(row.total_cents if row.kind == "receipt" else -row.total_cents, row.currency)
    return ReceiptRow(str(row.id), row.kind, row.number, row.about, total, row.mode == "test", row.issued_at)
