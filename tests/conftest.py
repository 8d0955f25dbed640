"""Fixtures of the whole suite: a fresh migrated database, a real Valkey, the assembled application parts, no outside network."""

import gc
import os
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest
import redis

from app.core.config import Settings
from app.core.uow import UnitOfWork
from app.supervisor.valkey import EmbeddedValkey
from app.wiring import Wiring
from tests.support.assembling import assembled, settings_of
from tests.support.clock import FrozenClock
from tests.support.databases import DatabaseTemplate, PostgresTemplate, SqliteTemplate, postgres_server
from tests.support.network import loopback_only

pytest_plugins = ["tests.support.results"]
hypothesis.settings.register_profile(  # examples are judged by what they find, never by how long a busy machine takes
    "suite", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("suite")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On PostgreSQL leave out what asks for no database: it would be the run on SQLite once more."""
    if os.environ.get("AF_TEST_DB", "sqlite") == "sqlite":
        return
    same = [item for item in items if "database_template" not in getattr(item, "fixturenames", ())]
    if same:
        config.hook.pytest_deselected(items=same)
        items[:] = [item for item in items if item not in set(same)]


def pytest_collection_finish() -> None:
    """What is loaded by now stays to the end; the garbage collector need not look through it again and again."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def no_outside_network() -> Iterator[None]:
    """Loopback only, for every test."""
    with loopback_only():
        yield


@pytest.fixture(scope="session")
def database_template(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DatabaseTemplate]:
    """AF_TEST_DB chooses sqlite (default) or postgres."""
    folder = tmp_path_factory.mktemp("database")
    kind = os.environ.get("AF_TEST_DB", "sqlite")
    if kind == "sqlite":
        yield SqliteTemplate(folder)
    elif kind == "postgres":
        with postgres_server() as url:
            yield PostgresTemplate(url)
    else:
        raise pytest.UsageError(f"AF_TEST_DB must be sqlite or postgres, not {kind!r}")


@pytest.fixture
def database_url(database_template: DatabaseTemplate, tmp_path: Path) -> Iterator[str]:
    """A fresh, migrated database of this test's own."""
    yield from database_template.fresh(tmp_path)


@pytest.fixture(scope="session")
def valkey_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedValkey]:
    """The product's own embedded server, one per session (and per xdist worker)."""
    folder = tmp_path_factory.mktemp("valkey")
    server = EmbeddedValkey(socket_path=folder / "valkey.sock", directory=folder / "data", log_path=folder / "valkey.log")
    server.start()
    yield server
    server.stop()


@pytest.fixture
def redis_url(valkey_server: EmbeddedValkey) -> str:
    """A real, empty Redis-compatible server."""
    with redis.Redis(unix_socket_path=str(valkey_server.socket_path)) as client:
        client.flushall()
    return f"unix://{valkey_server.socket_path}"


@pytest.fixture
def settings(database_url: str, redis_url: str, tmp_path: Path) -> Settings:
    """Settings of a test installation; use dataclasses.replace to vary them."""
    return settings_of(tmp_path, database_url=database_url, redis_url=redis_url)


@pytest.fixture
def clock() -> FrozenClock:
    """The clock of `wiring`; advance it by hand."""
    return FrozenClock()


@pytest.fixture
def wiring(settings: Settings, clock: FrozenClock) -> Iterator[Wiring]:
    """The assembled application on real adapters, with a frozen clock and cheap (but real) password hashing."""
    with assembled(settings, clock) as built:
        yield built


@pytest.fixture
def uow(wiring: Wiring) -> Iterator[UnitOfWork]:
    """One open unit of work without an actor; set `uow.actor` for services that need one."""
    with wiring.unit() as unit:
        yield unit
