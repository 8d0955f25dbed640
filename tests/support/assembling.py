"""The assembled application over a database and a Redis of tests; the fixtures of tests/conftest.py hand it out."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from app.adapters.passwords import Argon2Hasher
from app.core.config import Settings, read_settings
from app.wiring import Wiring, build_wiring
from engine.ports import Clock
from tests.support.engines import make_cheap
from tests.support.twice import delivering


def settings_of(folder: Path, *, database_url: str, redis_url: str) -> Settings:
    """Settings of a test installation."""
    return read_settings(
        {"AF_ENV": "test", "AF_DATA_DIR": str(folder), "DATABASE_URL": database_url, "REDIS_URL": redis_url, "AF_SECRET_KEY": "test " * 8}
    )


@contextmanager
def assembled(settings: Settings, clock: Clock) -> Generator[Wiring]:
    """Real adapters, with the given clock and cheap (but real) password hashing."""
    built = build_wiring(settings)
    make_cheap(built.database)
    ports = replace(built.ports, clock=clock, hasher=Argon2Hasher(time_cost=1, memory_kib=16))
    yield delivering(replace(built, ports=ports))
    built.database.dispose()
