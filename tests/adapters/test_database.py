"""Connections: reading needs no transaction and may not write; one that went away while it rested is noticed before it is used."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from app.adapters.database import WritesWhileReadingError, open_database
from app.core.uow import UnitOfWork
from app.wiring import Wiring
from models.workspace import Workspace

workspace_table: sa.Table = Workspace.__table__  # type: ignore[attr-defined]


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


@pytest.mark.parametrize(
    "statement",
    [
        sa.insert(workspace_table).values(name="Left behind"),
        sa.update(workspace_table).values(name="Left behind"),
        sa.delete(workspace_table),
        sa.select(workspace_table).with_for_update(),
    ],
    ids=["insert", "update", "delete", "lock"],
)
def test_a_unit_that_reads_may_neither_write_nor_lock(wiring: Wiring, statement: sa.Executable) -> None:
    with wiring.unit(write=False) as uow, pytest.raises(WritesWhileReadingError, match="workspace"):
        uow.session.connection().execute(statement)


def test_what_was_added_to_a_unit_that_reads_is_refused_as_it_is_flushed(wiring: Wiring) -> None:
    def leave_behind(uow: UnitOfWork) -> None:
        uow.session.add(Workspace(name="Left behind"))
        uow.session.flush()

    with pytest.raises(WritesWhileReadingError), wiring.unit(write=False) as uow:
        leave_behind(uow)
    with wiring.database.connect() as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(workspace_table)).scalar_one() == 0
