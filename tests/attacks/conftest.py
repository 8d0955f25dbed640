"""One installation for all attacks of a file: what is refused is taken back, so the next finds the same."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.supervisor.valkey import EmbeddedValkey
from app.wiring import Wiring
from tests.support.assembling import assembled, settings_of
from tests.support.backend import backend
from tests.support.clock import FrozenClock
from tests.support.databases import DatabaseTemplate


@pytest.fixture(scope="module")
def attacked(
    database_template: DatabaseTemplate, valkey_server: EmbeddedValkey, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Wiring]:
    """The application over a database of this file's own."""
    folder = tmp_path_factory.mktemp("attacked")
    for url in database_template.fresh(folder):
        settings = settings_of(folder, database_url=url, redis_url=f"unix://{valkey_server.socket_path}")
        with assembled(settings, FrozenClock()) as built:
            yield built


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory, valkey_server: EmbeddedValkey) -> Iterator[tuple[str, Path]]:
    """The real web process with everything seeded: its address and its log."""
    with backend(tmp_path_factory.mktemp("site"), redis_url=f"unix://{valkey_server.socket_path}?db=5") as running:
        yield running
