"""The journal's bulk statements write exactly what SQLAlchemy itself would write, on the suite's database."""

import uuid
from datetime import UTC, datetime, timedelta, timezone

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import StatementError

from app.core.bulk import BulkStatement, insert_of
from app.wiring import Wiring
from models.base import JsonColumn, UtcDateTime

STAMPS = [
    datetime(2026, 3, 29, 1, 30, tzinfo=UTC),
    datetime(2026, 3, 29, 3, 30, 0, 7, tzinfo=timezone(timedelta(hours=2))),
    datetime(1, 1, 1, tzinfo=UTC),
    None,
]
DOCUMENTS = [{"b": 1, "a": [None, True, 1.5, "ä\U0001f600"]}, None, [], "text"]


@pytest.fixture
def table(wiring: Wiring) -> sa.Table:
    table = sa.Table(
        "bulk_sample",
        sa.MetaData(),
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("at", UtcDateTime()),
        sa.Column("document", JsonColumn),
        sa.Column("count", sa.Integer()),
    )
    table.create(wiring.database)
    return table


def _rows() -> list[dict[str, object]]:
    return [
        {"id": uuid.UUID(int=index + 1), "at": at, "document": document, "count": index}
        for index, (at, document) in enumerate(zip(STAMPS, DOCUMENTS, strict=True))
    ]


def test_bulk_rows_equal_rows_written_by_sqlalchemy(wiring: Wiring, table: sa.Table) -> None:
    bulk = BulkStatement(lambda dialect: insert_of(dialect, table), ["id", "at", "document", "count"])
    with wiring.database.begin() as connection:
        connection.execute(sa.insert(table), _rows())
        plain = connection.execute(sa.select(table, sa.cast(table.c.at, sa.String())).order_by(table.c.id)).all()
        connection.execute(sa.delete(table))
        bulk.write(connection, _rows())
        written = connection.execute(sa.select(table, sa.cast(table.c.at, sa.String())).order_by(table.c.id)).all()
    assert written == plain
    assert [row.at for row in written] == STAMPS
    assert [row.document for row in written] == DOCUMENTS


def test_a_naive_stamp_is_refused(wiring: Wiring, table: sa.Table) -> None:
    bulk = BulkStatement(lambda dialect: insert_of(dialect, table), ["id", "at", "document", "count"])
    row = _rows()[0] | {"at": datetime(2026, 1, 1)}  # noqa: DTZ001 - the point of this test
    with wiring.database.connect() as connection, connection.begin(), pytest.raises((ValueError, StatementError), match="naive"):
        bulk.write(connection, [row])


def test_no_rows_write_nothing(wiring: Wiring, table: sa.Table) -> None:
    bulk = BulkStatement(lambda dialect: insert_of(dialect, table), ["id", "at", "document", "count"])
    with wiring.database.begin() as connection:
        bulk.write(connection, [])
        assert connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one() == 0


def test_what_repeats_itself_is_written_as_what_does_not(wiring: Wiring, table: sa.Table) -> None:
    bulk = BulkStatement(lambda dialect: insert_of(dialect, table), ["id", "at", "document", "count"])
    at, document = datetime(2026, 3, 29, 1, 30, tzinfo=UTC), {"same": [1]}
    values = [(at, document), (at, document), (None, None), (at, {"same": [1]}), (None, []), (at, [])]
    rows = [{"id": uuid.UUID(int=index + 1), "at": at, "document": document, "count": 7} for index, (at, document) in enumerate(values)]
    with wiring.database.begin() as connection:
        bulk.write(connection, rows)
        written = connection.execute(sa.select(table.c.at, table.c.document, table.c.count).order_by(table.c.id)).all()
    assert [tuple(row) for row in written] == [(at, document, 7) for at, document in values]
