"""A workspace with a row in every table that can have one of it, each text in it the same rare word: for what destroys workspaces."""

import uuid
from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy as sa
from sqlmodel import SQLModel

from app.core.uow import Actor, UnitOfWork
from models.base import UtcDateTime, utc_now
from models.ids import new_id

RARE = "qz7kvx"
SOUND: Mapping[str, Mapping[str, Any]] = {
    "run": {"status": "succeeded"},
    "listing": {"fee_bps": 100, "state": "unlisted", "filed": "", "place": None},
    "listing_fee": {"fee_bps": 100},
    "review": {"stars": 3},
    "coupon": {"percent": 10, "amount_cents": 0, "use_count": 0},
    "purchase": {"paid_cents": 5, "refunded_cents": 0, "tax_cents": 0, "state": "paid"},
    "invoice": {"paid_cents": 5, "refunded_cents": 0, "fee_bps": 100},
    "receipt": {"total_cents": 5, "tax_cents": 0},
    "subscription": {"state": "ended"},
    "payout": {"state": "paid"},
    "membership": {"role": "owner"},
}
"""Values that the database checks, or that say that something is over."""


def fill(uow: UnitOfWork, owner: Actor, tables: Iterable[type[SQLModel]]) -> dict[str, Any]:
    """One row in each of the tables, of the owner's workspace; returns their ids by table."""
    known: dict[str, Any] = {"workspace": owner.workspace_id, "user": owner.user_id}
    ordered = {table.__table__ for table in tables}  # type: ignore[attr-defined]
    while ordered:
        ready = [table for table in ordered if not {key.column.table for key in _needed(table)} & (ordered - {table})]
        for table in ready:
            known[table.name] = _insert(uow, table, known)
            ordered.discard(table)
    return known


def _needed(table: sa.Table) -> list[sa.ForeignKey]:
    return [key for key in table.foreign_keys if key.column.table is not table]


def _insert(uow: UnitOfWork, table: sa.Table, known: Mapping[str, Any]) -> Any:
    values = {column.name: _value(table, column, known) for column in table.columns}
    values |= SOUND.get(table.name, {})
    uow.session.connection().execute(sa.insert(table).values(values))
    return values.get("id")


def _value(table: sa.Table, column: sa.Column[Any], known: Mapping[str, Any]) -> Any:
    keys = list(column.foreign_keys)
    if keys:
        return known.get(keys[0].column.table.name)
    if isinstance(column.type, sa.Uuid):
        return known["workspace"] if column.name == "seller_id" else new_id()
    if isinstance(column.type, sa.JSON):
        return {"text": RARE}
    if isinstance(column.type, sa.LargeBinary):
        return RARE.encode()
    if isinstance(column.type, sa.Boolean):
        return False
    if isinstance(column.type, sa.Integer | sa.Float):
        return 1
    if isinstance(column.type, UtcDateTime):
        return utc_now()
    return utc_now().date() if isinstance(column.type, sa.Date) else _text(column)


def _text(column: sa.Column[Any]) -> str:
    room = getattr(column.type, "length", None) or 80
    return RARE[:room] if room < 30 else f"{RARE}{uuid.uuid4().hex[: room - len(RARE)]}"


def tables_with_the_word(uow: UnitOfWork) -> set[str]:
    """The tables of the whole database in which the rare word stands somewhere."""
    found: set[str] = set()
    for table in SQLModel.metadata.tables.values():
        rows = uow.session.connection().execute(sa.select(table)).mappings()
        if any(
            RARE in (value.decode(errors="replace") if isinstance(value, bytes) else str(value)) for row in rows for value in row.values()
        ):
            found.add(table.name)
    return found
