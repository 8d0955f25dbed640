"""Starting runs over HTTP: with a session of this site only, once per key, with errors that name the field."""

import uuid

import pytest
from fastapi.testclient import TestClient

from app.api.server import build_api
from app.services.accounts import resolve_actor
from app.services.runs import get_run_row
from app.session import COOKIE
from app.wiring import Wiring, get_wiring
from tests.support.people import make_member
from tests.support.workflows import make_workflow


@pytest.fixture
def client(wiring: Wiring) -> TestClient:
    api = build_api()
    api.dependency_overrides[get_wiring] = lambda: wiring
    opened = TestClient(api, headers={"Origin": wiring.settings.public_url})
    opened.post("/api/v1/auth/sign-up", json={"name": "Ada", "email": "ada@example.com", "password": "engine of analysis 9"})
    return opened


@pytest.fixture
def path(client: TestClient, wiring: Wiring) -> str:
    with wiring.unit() as uow:
        uow.actor = resolve_actor(uow, token=client.cookies[COOKIE])
        return f"/api/v1/workflows/{make_workflow(uow).id}/runs"


def test_a_run_is_started_and_read(client: TestClient, path: str, wiring: Wiring) -> None:
    answer = client.post(path, json={"inputs": {"name": "Ada"}})
    assert (answer.status_code, answer.json()["status"]) == (202, "queued")
    assert client.get(answer.headers["location"]).json()["run_id"] == answer.json()["run_id"]
    with wiring.unit(write=False) as uow:
        uow.actor = resolve_actor(uow, token=client.cookies[COOKIE])
        assert get_run_row(uow, run_id=answer.json()["run_id"]).trigger == "api"


def test_the_same_key_starts_one_run(client: TestClient, path: str) -> None:
    answers = [client.post(path, json={"inputs": {"name": name}}, headers={"Idempotency-Key": "k1"}) for name in ("Ada", "Ada", "Eve")]
    assert [answer.status_code for answer in answers] == [202, 202, 409]
    assert answers[0].json()["run_id"] == answers[1].json()["run_id"]


def test_wrong_inputs_name_the_field(client: TestClient, path: str) -> None:
    answer = client.post(path, json={"inputs": {"name": 3}})
    assert answer.status_code == 422
    assert "name" in answer.json()["error"]["fields"]
    assert client.post(path, json={"input": {}}).status_code == 422


def test_a_foreign_page_or_nobody_starts_nothing(client: TestClient, path: str, wiring: Wiring) -> None:
    assert client.post(path, json={"inputs": {"name": "Ada"}}, headers={"Origin": "https://evil.example"}).status_code == 403
    client.cookies.clear()
    assert client.post(path, json={"inputs": {"name": "Ada"}}).status_code == 401


def test_foreign_things_are_not_found(client: TestClient, wiring: Wiring) -> None:
    with wiring.unit() as uow:
        uow.actor = make_member(uow)
        foreign = make_workflow(uow).id
    assert client.post(f"/api/v1/workflows/{foreign}/runs", json={"inputs": {"name": "Ada"}}).status_code == 404
    assert client.get(f"/api/v1/runs/{uuid.uuid4()}").status_code == 404
