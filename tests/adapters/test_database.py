"""Connections to PostgreSQL: reading needs no transaction, and one that went away while it rested is noticed before it is used."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from app.adapters.database import open_database
from app.wiring import Wiring


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """One connection, looked at before each use."""
    if database_url.startswith("sqlite"):
        pytest.skip("SQLite has no connections that go away")
    opened = open_database(database_url, pool_size=1, ping_after_s=0.0)
    yield opened
    opened.dispose()


def test_a_connection_that_went_away_while_it_rested_is_replaced(engine: Engine, wiring: Wiring) -> None:
    with engine.connect() as connection:
        pid = connection.execute(sa.text("SELECT pg_backend_pid()")).scalar_one()
    with wiring.database.connect() as other:
        assert other.execute(sa.text("SELECT pg_terminate_backend(:pid, 10000)"), {"pid": pid}).scalar_one()
    with engine.connect() as connection:
        assert connection.execute(sa.text("SELECT pg_backend_pid()")).scalar_one() != pid


def test_a_unit_that_reads_opens_no_transaction_and_the_next_that_writes_does(engine: Engine) -> None:
    begun = sa.text("SELECT xact_start = query_start FROM pg_stat_activity WHERE pid = pg_backend_pid()")
    for is_write in (False, True, False):
        with engine.connect().execution_options(af_write=is_write) as connection:
            connection.execute(sa.text("SELECT 1"))
            assert connection.execute(begun).scalar_one() is not is_write
