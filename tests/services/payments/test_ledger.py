"""The ledger keeps what was booked, once, in balanced pairs; the database refuses anything else."""

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DatabaseError
from sqlmodel import select

from app.core.uow import UnitOfWork
from app.services.payments.ledger import GATEWAY, PLATFORM, Pair, Source, balance, book
from app.wiring import Wiring
from models.ledger import LedgerEntry

COLUMNS = "id, created_at, updated_at, source_event, kind, debit_account, credit_account, amount_cents, currency, mode"
REST = "currency, mode FROM ledger_entry"
SALE = Source("purchase:1", "usd", "test")


def test_a_fact_is_booked_once_per_kind(uow: UnitOfWork) -> None:
    pairs = [Pair("sale_creator", GATEWAY, "creator:x", 80), Pair("sale_platform", GATEWAY, PLATFORM, 20), Pair("nothing", "a", "b", 0)]
    assert book(uow, SALE, pairs)
    assert not book(uow, SALE, pairs)
    assert len(uow.session.exec(select(LedgerEntry)).all()) == 2
    assert [balance(uow, account, mode="test") for account in ("creator:x", PLATFORM, GATEWAY)] == [80, 20, -100]
    assert balance(uow, "creator:x", mode="live") == 0


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_entry SET amount_cents = 1",
        "DELETE FROM ledger_entry",
        "INSERT INTO ledger_entry SELECT * FROM ledger_entry",
        f"INSERT INTO ledger_entry ({COLUMNS}) SELECT :id, created_at, updated_at, 'x', kind, debit_account, debit_account, 5, {REST}",
        f"INSERT INTO ledger_entry ({COLUMNS}) SELECT :id, created_at, updated_at, 'x', kind, debit_account, credit_account, -5, {REST}",
    ],
    ids=["change", "delete", "repeat", "one account", "negative"],
)
def test_the_database_refuses_to_bend_the_books(wiring: Wiring, statement: str) -> None:
    with wiring.unit() as uow:
        book(uow, SALE, [Pair("sale_creator", GATEWAY, "creator:x", 80)])
    with wiring.database.connect() as connection, pytest.raises(DatabaseError):
        connection.execute(sa.text(statement.replace(":id", _an_id(connection))))
    with wiring.unit(write=False) as uow:
        assert balance(uow, "creator:x", mode="test") == 80


def _an_id(connection: sa.Connection) -> str:
    return "CAST('00000000-0000-0000-0000-000000000001' AS uuid)" if connection.dialect.name == "postgresql" else "'" + "0" * 31 + "1'"
