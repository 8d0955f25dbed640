"""Health: liveness needs nothing, readiness needs the database, its newest schema and Redis."""

from dataclasses import replace
from pathlib import Path

from fastapi.testclient import TestClient

from app.adapters.database import open_database
from app.api.server import build_api
from app.wiring import Wiring
from tests.support.api import api_over


def client_of(wiring: Wiring) -> TestClient:
    return TestClient(api_over(wiring))


def test_the_process_is_alive_even_without_its_neighbours() -> None:
    assert TestClient(build_api()).get("/healthz").json() == {"status": "ok"}


def test_it_is_ready_with_a_migrated_database_and_redis(wiring: Wiring) -> None:
    answer = client_of(wiring).get("/readyz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ready", "database": "ok", "redis": "ok"})
    assert answer.headers["cache-control"] == "no-store"


def test_it_is_not_ready_before_the_database_is_migrated(wiring: Wiring, tmp_path: Path) -> None:
    empty = open_database(f"sqlite:///{tmp_path / 'new.db'}")
    answer = client_of(replace(wiring, database=empty)).get("/readyz")
    assert (answer.status_code, answer.json()["database"]) == (503, "outdated")
    empty.dispose()


def test_it_is_not_ready_while_the_database_is_unreachable(wiring: Wiring) -> None:
    absent = open_database("postgresql+psycopg://nobody:secret@127.0.0.1:9/none")
    answer = client_of(replace(wiring, database=absent)).get("/readyz")
    assert (answer.status_code, answer.json()["database"]) == (503, "unreachable")
    assert "secret" not in answer.text
    absent.dispose()


def test_it_is_not_ready_while_redis_is_unreachable(wiring: Wiring, tmp_path: Path) -> None:
    settings = replace(wiring.settings, redis_url=f"unix://{tmp_path / 'nothing.sock'}")
    answer = client_of(replace(wiring, settings=settings)).get("/readyz")
    assert (answer.status_code, answer.json()["redis"]) == (503, "unreachable")
